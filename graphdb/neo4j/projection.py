"""Writing accepted events: the log entries, and what they change in the graph.

Every statement takes a list of rows and writes all of them, so a batch costs as many statements as it
has kinds of change; a batch of verdicts costs one. Rows are lists, read by position.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from domain.canonical import canonical
from domain.organisms.events import (
    DnaChanged,
    Event,
    ExpressionRetracted,
    Founded,
    JoinRequested,
    MemberRemoved,
    NewExpression,
    NewMember,
    ProfileChanged,
    ProposalClosed,
    ProposalOpened,
    VerdictGiven,
    VoteCast,
)
from domain.organisms.organism import VoteKind
from domain.organisms.statement import ChangeKind
from domain.timestamp import format_millis
from graphdb.neo4j.changes import (
    ABOUT,
    AGENTS,
    APPEND,
    CLOSED,
    DECLINED,
    EXPRESSIONS,
    FACTS,
    FOLLOWED,
    FOLLOWS,
    FORMER_MEMBERS,
    INVITATIONS,
    JOINED,
    MEMBERS,
    ORDER,
    ORGANISMS,
    PROFILES,
    PROGRAMS,
    PROPOSALS,
    REMOVED,
    RESIGNED,
    RETRACTED,
    SPOKEN,
    UNINVITED,
    UNVOTED,
    VOUCHED,
)
from graphdb.neo4j.connection import LOCK_ORGANISMS, Transaction, run
from graphdb.neo4j.rows import idempotency_id, key
from graphdb.plan import Accepted, LogHead, Plan

Columns = list[object]


@dataclass(slots=True)
class Changes:
    """Rows to write: those that every batch has, and `other` ones by their statements."""

    entries: list[Columns] = field(default_factory=list)
    keys: list[Columns] = field(default_factory=list)
    signed: list[Columns] = field(default_factory=list)
    resigned: list[Columns] = field(default_factory=list)
    concurring: Counter[str] = field(default_factory=Counter)
    other: dict[str, list[Columns]] = field(default_factory=dict)

    def add(self, statement: str, *columns: object) -> None:
        self.other.setdefault(statement, []).append(list(columns))


async def write(transaction: Transaction, plan: Plan) -> None:
    """Appends the entries of a plan and projects their events; the caller holds the log's lock."""
    changes = Changes()
    await _lock(transaction, plan)
    for wave in _waves(plan.accepted):
        await _write_wave(transaction, wave, changes)
    await run(transaction, APPEND, **_appended(changes, plan))
    if changes.resigned:
        await run(transaction, RESIGNED, rows=changes.resigned)


def first_verdicts(plan: Plan) -> dict[str, object]:
    """What `APPEND_AT` takes for a plan of first verdicts, which need nothing else."""
    changes = Changes()
    for accepted in plan.accepted:
        _project(changes, accepted)
    return _appended(changes, plan)


def _appended(changes: Changes, plan: Plan) -> dict[str, object]:
    return {
        "keys": changes.keys,
        "entries": changes.entries,
        "signed": changes.signed,
        "counts": [list(item) for item in changes.concurring.items()],
        "heads": _heads(plan),
        "position": plan.position,
    }


async def _lock(transaction: Transaction, plan: Plan) -> None:
    """Takes the organisms' locks in the order in which readers of a snapshot take them.

    Relationships that end at organisms would lock them in the order of the rows. Verdicts have none,
    so for them `APPEND` locks early enough, and readers wait less.
    """
    if any(not isinstance(accepted.event, VerdictGiven) for accepted in plan.accepted):
        await run(transaction, LOCK_ORGANISMS, uris=sorted(plan.heads))


async def _write_wave(transaction: Transaction, wave: Sequence[Accepted], changes: Changes) -> None:
    changes.other.clear()
    for accepted in wave:
        _project(changes, accepted)
    for statement in ORDER:
        if statement in changes.other:
            await run(transaction, statement, rows=changes.other[statement])


def _project(changes: Changes, accepted: Accepted) -> None:
    _append(changes, accepted)
    _PROJECTIONS[type(accepted.event)](changes, accepted)
    if accepted.commit.facts is not None and accepted.event is accepted.commit.events[0]:
        facts_hash, facts = accepted.commit.facts
        uri, position = accepted.commit.organism, accepted.entry.position
        changes.add(FACTS, uri, facts_hash, position, facts)
    if accepted.delta:
        changes.concurring[key(accepted.event.signed.expression)] += accepted.delta


def _waves(accepted: Sequence[Accepted]) -> Iterator[Sequence[Accepted]]:
    """Splits a batch so that kinds of change can be written in one fixed order.

    Verdicts commute with everything; other commits of one organism follow each other, so a wave has at
    most one of them for each organism. Only a replay sends more in one batch.
    """
    start, touched = 0, dict[str, int]()
    for index, each in enumerate(accepted):
        if isinstance(each.event, VerdictGiven):
            continue
        uri = each.commit.organism
        if touched.get(uri, id(each.commit)) != id(each.commit):
            yield accepted[start:index]
            start, touched = index, {}
        touched[uri] = id(each.commit)
    if accepted:
        yield accepted[start:]


def _heads(plan: Plan) -> list[Columns]:
    newest = {accepted.commit.organism: accepted.entry.position for accepted in plan.accepted}
    return [_head(uri, plan.heads[uri], newest[uri]) for uri in sorted(plan.heads)]


def _head(uri: str, head: LogHead, position: int) -> Columns:
    root = head.root
    columns = [head.epoch, head.size, head.facts_size, head.members, root, head.roster]
    moving = " ".join(map(str, [*columns, position, head.dna]))
    return [uri, moving, *columns, head.dna, head.frontier.to_bytes()]


def _append(changes: Changes, accepted: Accepted) -> None:
    entry, commit, event = accepted.entry, accepted.commit, accepted.event
    statement = event.statement
    columns = [
        entry.organism,
        entry.seq,
        entry.position,
        event.name,
        format_millis(commit.received_at),
        entry.text,
        None if statement is None else statement.id,
        None if statement is None else commit.result,
        _member(event),
    ]
    changes.entries.append(columns)
    used = commit.idempotency
    if used is not None and event is commit.events[0]:
        found = idempotency_id(used.agent, used.key)
        changes.keys.append([found, used.agent, used.key, used.fingerprint, commit.result])


def _member(event: Event) -> str | None:
    """Whose stay in the organism begins or ends with this event."""
    if isinstance(event, Founded):
        return event.signed.author
    return event.did if isinstance(event, NewMember | MemberRemoved) else None


def _founded(changes: Changes, accepted: Accepted) -> None:
    statement, commit = accepted.event.signed, accepted.commit
    fields = statement.fields
    changes.add(
        ORGANISMS,
        commit.organism,
        accepted.entry.position,
        statement.name,
        statement.description,
        statement.author,
        statement.millis,
        statement.timestamp,
        statement.dna,
        None if statement.meta is None else canonical(statement.meta),
        fields.get("nucleusNeighbourhood"),
        fields.get("outputsNeighbourhood"),
        fields.get("inputsDMLanguage"),
    )
    _keep_program(changes, accepted, statement.dna)
    _follow(changes, accepted, 0, statement.dna, None)
    changes.add(AGENTS, statement.author)
    _admit(changes, accepted, statement.author, epoch=0)
    for did in statement.invited:
        if did != statement.author:
            changes.add(AGENTS, did)
            changes.add(INVITATIONS, commit.organism, did, statement.timestamp)


def _keep_program(changes: Changes, accepted: Accepted, dna: str) -> None:
    if accepted.commit.program is not None:
        changes.add(PROGRAMS, dna, accepted.commit.program)


def _follow(changes: Changes, accepted: Accepted, epoch: int, dna: str, proposal: str | None) -> None:
    uri, at = accepted.commit.organism, accepted.commit.received_at
    changes.add(FOLLOWS, uri, dna, epoch, proposal, at, format_millis(at))


def _admit(changes: Changes, accepted: Accepted, did: str, *, epoch: int) -> None:
    uri, position, at = accepted.commit.organism, accepted.entry.position, accepted.commit.received_at
    changes.add(MEMBERS, uri, did, epoch, at, format_millis(at), position)


def _new_expression(changes: Changes, accepted: Accepted) -> None:
    event, commit = accepted.event, accepted.commit
    assert isinstance(event, NewExpression)
    statement, url = event.signed, event.signed.expression
    text = None if commit.expression is None else canonical(commit.expression[1].as_json())
    changes.add(EXPRESSIONS, key(url), url, event.language, text, text is not None)
    changes.add(
        SPOKEN,
        commit.organism,
        key(url),
        accepted.entry.position,
        statement.content,
        statement.author,
        event.language,
        statement.epoch,
        statement.roster,
        statement.dna,
        statement.millis,
        statement.timestamp,
        commit.received_at,
        event.members,
    )
    _sign(changes, accepted, "concur", automatic=False, as_spoken=True)


def _sign(changes: Changes, accepted: Accepted, verdict: str, *, automatic: bool, as_spoken: bool) -> None:
    statement = accepted.event.signed
    columns = [
        key(statement.expression),
        statement.author,
        verdict,
        accepted.entry.position,
        statement.id,
        statement.signature,
        statement.timestamp,
        True if automatic else None,
        as_spoken,
    ]
    (changes.resigned if accepted.replaces else changes.signed).append(columns)


def _verdict_given(changes: Changes, accepted: Accepted) -> None:
    event = accepted.event
    assert isinstance(event, VerdictGiven)
    _sign(changes, accepted, str(event.verdict), automatic=event.automatic, as_spoken=event.as_spoken)


def _retracted(changes: Changes, accepted: Accepted) -> None:
    statement = accepted.event.signed
    changes.add(RETRACTED, key(statement.expression), statement.millis, statement.timestamp)


def _opened(changes: Changes, accepted: Accepted) -> None:
    event, commit = accepted.event, accepted.commit
    assert isinstance(event, ProposalOpened)
    statement = event.signed
    changes.add(
        PROPOSALS,
        statement.id,
        commit.organism,
        accepted.entry.position,
        str(event.change),
        event.subject,
        statement.author,
        commit.received_at,
        format_millis(commit.received_at),
        statement.note,
        commit.received_at if event.joined else None,
        event.base,
        None if event.profile is None else canonical(dict(event.profile)),
    )
    if event.change is ChangeKind.DNA:
        _keep_program(changes, accepted, event.subject)
    if event.change in (ChangeKind.ADD, ChangeKind.REMOVE):
        changes.add(AGENTS, event.subject)
        changes.add(ABOUT, statement.id, event.subject)
    if not event.joined:
        _vote(changes, accepted, statement.id, VoteKind.VOUCH)


def _vote(changes: Changes, accepted: Accepted, proposal: str, vote: VoteKind) -> None:
    statement, received_at = accepted.event.signed, accepted.commit.received_at
    changes.add(UNVOTED, proposal, statement.author)
    changes.add(
        VOUCHED if vote is VoteKind.VOUCH else DECLINED,
        proposal,
        statement.author,
        statement.reason,
        statement.millis,
        statement.timestamp,
        received_at,
    )


def _vote_cast(changes: Changes, accepted: Accepted) -> None:
    event = accepted.event
    assert isinstance(event, VoteCast)
    _vote(changes, accepted, event.proposal, event.vote)


def _join_requested(changes: Changes, accepted: Accepted) -> None:
    event, received_at = accepted.event, accepted.commit.received_at
    assert isinstance(event, JoinRequested)
    if event.proposal is not None:
        changes.add(JOINED, event.proposal, received_at, format_millis(received_at))


def _new_member(changes: Changes, accepted: Accepted) -> None:
    event = accepted.event
    assert isinstance(event, NewMember)
    changes.add(AGENTS, event.did)
    changes.add(UNINVITED, accepted.commit.organism, event.did)
    _admit(changes, accepted, event.did, epoch=event.epoch)


def _member_removed(changes: Changes, accepted: Accepted) -> None:
    event, commit = accepted.event, accepted.commit
    assert isinstance(event, MemberRemoved)
    until = format_millis(commit.received_at)
    changes.add(FORMER_MEMBERS, commit.organism, event.did, event.epoch, until, accepted.entry.position)
    changes.add(REMOVED, commit.organism, event.did)


def _dna_changed(changes: Changes, accepted: Accepted) -> None:
    event, commit = accepted.event, accepted.commit
    assert isinstance(event, DnaChanged)
    changes.add(FOLLOWED, commit.organism, event.epoch, format_millis(commit.received_at))
    _follow(changes, accepted, event.epoch, event.dna, event.proposal)


def _profile_changed(changes: Changes, accepted: Accepted) -> None:
    event = accepted.event
    assert isinstance(event, ProfileChanged)
    profile = event.profile
    meta = canonical(profile["meta"]) if "meta" in profile else None
    changes.add(PROFILES, accepted.commit.organism, profile["name"], profile.get("description"), meta)


def _closed(changes: Changes, accepted: Accepted) -> None:
    event, received_at = accepted.event, accepted.commit.received_at
    assert isinstance(event, ProposalClosed)
    evaluation = None if event.evaluation is None else canonical(dict(event.evaluation))
    changes.add(CLOSED, event.proposal, str(event.state), received_at, format_millis(received_at), evaluation)


_PROJECTIONS: dict[type[Event], Callable[[Changes, Accepted], None]] = {
    Founded: _founded,
    NewExpression: _new_expression,
    VerdictGiven: _verdict_given,
    ExpressionRetracted: _retracted,
    ProposalOpened: _opened,
    VoteCast: _vote_cast,
    JoinRequested: _join_requested,
    NewMember: _new_member,
    MemberRemoved: _member_removed,
    DnaChanged: _dna_changed,
    ProfileChanged: _profile_changed,
    ProposalClosed: _closed,
}
