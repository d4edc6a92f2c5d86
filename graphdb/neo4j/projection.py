"""Writing accepted events: the log entries, and what they change in the graph.

Every statement takes a list of rows and writes all of them, so a batch costs as many statements as it
has kinds of change. Rows are lists, read by position.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from domain.canonical import canonical
from domain.organisms.events import (
    Event,
    ExpressionRetracted,
    Founded,
    JoinRequested,
    MemberRemoved,
    NewExpression,
    NewMember,
    ProposalClosed,
    ProposalOpened,
    VerdictGiven,
    VoteCast,
)
from domain.organisms.organism import VoteKind
from domain.organisms.statement import ChangeKind
from domain.timestamp import format_millis
from graphdb.neo4j import changes
from graphdb.neo4j.connection import LOCK_ORGANISMS, Transaction, run
from graphdb.neo4j.rows import idempotency_id, key
from graphdb.plan import Accepted, LogHead, Plan

Columns = list[object]


@dataclass(slots=True)
class Changes:
    """Rows to write, by statement."""

    rows: dict[str, list[Columns]] = field(default_factory=dict)
    concurring: Counter[str] = field(default_factory=Counter)

    def add(self, statement: str, *columns: object) -> None:
        self.rows.setdefault(statement, []).append(list(columns))


async def write(transaction: Transaction, plan: Plan) -> None:
    """Appends the entries of a plan and projects their events; the caller holds the log's lock."""
    for wave in _waves(plan.accepted):
        await _write_wave(transaction, wave)
    heads = [_head(uri, plan.heads[uri]) for uri in sorted(plan.heads)]
    await run(transaction, changes.MOVE, heads=heads, position=plan.position)


async def _write_wave(transaction: Transaction, wave: Sequence[Accepted]) -> None:
    await _lock(transaction, wave)
    collected = Changes()
    for accepted in wave:
        _append(collected, accepted)
        _PROJECTIONS[type(accepted.event)](collected, accepted)
        if accepted.delta:
            collected.concurring[key(accepted.event.signed.expression)] += accepted.delta
    for statement in changes.ORDER:
        if statement in collected.rows:
            await run(transaction, statement, rows=collected.rows[statement])
    if collected.concurring:
        await run(transaction, changes.COUNT, rows=[list(item) for item in collected.concurring.items()])


async def _lock(transaction: Transaction, wave: Sequence[Accepted]) -> None:
    """Relationships lock the organism they end at, in any order; whoever reads a snapshot locks them sorted."""
    uris = {accepted.commit.organism for accepted in wave if not isinstance(accepted.event, VerdictGiven)}
    if uris:
        await run(transaction, LOCK_ORGANISMS, uris=sorted(uris))


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


def _head(uri: str, head: LogHead) -> Columns:
    return [
        uri,
        head.epoch,
        head.size,
        head.facts_size,
        head.frontier.to_bytes(),
        head.root,
        head.roster,
        head.members,
    ]


def _append(collected: Changes, accepted: Accepted) -> None:
    entry, commit, event = accepted.entry, accepted.commit, accepted.event
    statement = event.statement
    collected.add(
        changes.ENTRIES,
        entry.organism,
        entry.seq,
        entry.position,
        event.name,
        format_millis(commit.received_at),
        entry.text,
        None if statement is None else statement.id,
        None if statement is None else commit.result,
        _member(event),
    )
    if commit.idempotency is not None and event is commit.events[0]:
        used = commit.idempotency
        found = idempotency_id(used.agent, used.key)
        collected.add(changes.KEYS, found, used.agent, used.key, used.fingerprint, commit.result)


def _member(event: Event) -> str | None:
    """Whose stay in the organism begins or ends with this event."""
    if isinstance(event, Founded):
        return event.signed.author
    return event.did if isinstance(event, NewMember | MemberRemoved) else None


def _founded(collected: Changes, accepted: Accepted) -> None:
    statement, commit = accepted.event.signed, accepted.commit
    fields = statement.fields
    collected.add(
        changes.ORGANISMS,
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
    if commit.program is not None:
        collected.add(changes.PROGRAMS, statement.dna, commit.program)
        collected.add(changes.FOLLOWS, commit.organism, statement.dna)
    collected.add(changes.AGENTS, statement.author)
    _admit(collected, accepted, statement.author, epoch=0)
    for did in statement.invited:
        if did != statement.author:
            collected.add(changes.AGENTS, did)
            collected.add(changes.INVITATIONS, commit.organism, did, statement.timestamp)


def _admit(collected: Changes, accepted: Accepted, did: str, *, epoch: int) -> None:
    uri, position, at = accepted.commit.organism, accepted.entry.position, accepted.commit.received_at
    collected.add(changes.MEMBERS, uri, did, epoch, at, format_millis(at), position)


def _new_expression(collected: Changes, accepted: Accepted) -> None:
    event, commit = accepted.event, accepted.commit
    assert isinstance(event, NewExpression)
    statement, url = event.signed, event.signed.expression
    text = None if commit.expression is None else canonical(commit.expression[1].as_json())
    collected.add(changes.EXPRESSIONS, key(url), url, event.language, text, text is not None)
    collected.add(
        changes.SPOKEN,
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
    _sign(collected, accepted, "concur", automatic=False, as_spoken=True)


def _sign(collected: Changes, accepted: Accepted, verdict: str, *, automatic: bool, as_spoken: bool) -> None:
    statement = accepted.event.signed
    collected.add(
        changes.RESIGNED if accepted.replaces else changes.SIGNED,
        key(statement.expression),
        statement.author,
        verdict,
        accepted.entry.position,
        statement.id,
        statement.signature,
        statement.timestamp,
        True if automatic else None,
        as_spoken,
    )


def _verdict_given(collected: Changes, accepted: Accepted) -> None:
    event = accepted.event
    assert isinstance(event, VerdictGiven)
    _sign(collected, accepted, str(event.verdict), automatic=event.automatic, as_spoken=event.as_spoken)


def _retracted(collected: Changes, accepted: Accepted) -> None:
    statement = accepted.event.signed
    collected.add(changes.RETRACTED, key(statement.expression), statement.millis, statement.timestamp)


def _opened(collected: Changes, accepted: Accepted) -> None:
    event, commit = accepted.event, accepted.commit
    assert isinstance(event, ProposalOpened)
    statement = event.signed
    collected.add(
        changes.PROPOSALS,
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
    )
    if event.change in (ChangeKind.ADD, ChangeKind.REMOVE):
        collected.add(changes.AGENTS, event.subject)
        collected.add(changes.ABOUT, statement.id, event.subject)
    if not event.joined:
        _vote(collected, accepted, statement.id, VoteKind.VOUCH)


def _vote(collected: Changes, accepted: Accepted, proposal: str, vote: VoteKind) -> None:
    statement, received_at = accepted.event.signed, accepted.commit.received_at
    collected.add(changes.UNVOTED, proposal, statement.author)
    collected.add(
        changes.VOUCHED if vote is VoteKind.VOUCH else changes.DECLINED,
        proposal,
        statement.author,
        statement.reason,
        statement.millis,
        statement.timestamp,
        received_at,
    )


def _vote_cast(collected: Changes, accepted: Accepted) -> None:
    event = accepted.event
    assert isinstance(event, VoteCast)
    _vote(collected, accepted, event.proposal, event.vote)


def _join_requested(collected: Changes, accepted: Accepted) -> None:
    event, received_at = accepted.event, accepted.commit.received_at
    assert isinstance(event, JoinRequested)
    if event.proposal is not None:
        collected.add(changes.JOINED, event.proposal, received_at, format_millis(received_at))


def _new_member(collected: Changes, accepted: Accepted) -> None:
    event = accepted.event
    assert isinstance(event, NewMember)
    collected.add(changes.AGENTS, event.did)
    collected.add(changes.UNINVITED, accepted.commit.organism, event.did)
    _admit(collected, accepted, event.did, epoch=event.epoch)


def _member_removed(collected: Changes, accepted: Accepted) -> None:
    event, commit = accepted.event, accepted.commit
    assert isinstance(event, MemberRemoved)
    until = format_millis(commit.received_at)
    collected.add(changes.FORMER_MEMBERS, commit.organism, event.did, event.epoch, until, accepted.entry.position)
    collected.add(changes.REMOVED, commit.organism, event.did)


def _closed(collected: Changes, accepted: Accepted) -> None:
    event, received_at = accepted.event, accepted.commit.received_at
    assert isinstance(event, ProposalClosed)
    evaluation = None if event.evaluation is None else canonical(dict(event.evaluation))
    collected.add(changes.CLOSED, event.proposal, str(event.state), received_at, format_millis(received_at), evaluation)


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
    ProposalClosed: _closed,
}
