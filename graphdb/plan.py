"""Deciding what a batch of commits writes: pure, shared by both stores.

A store reads what the batch touches under its write lock (`Known`), asks `plan`, writes the
accepted entries with their projections, and only then answers. At most one commit of an organism
in a batch is not a verdict, because each of those moves the facts the next one was decided from.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from domain.errors import DomainError
from domain.identity import Did
from domain.organisms.errors import IdempotencyKeyReused
from domain.organisms.events import (
    DnaChanged,
    Event,
    Founded,
    MemberRemoved,
    NewExpression,
    NewMember,
    VerdictGiven,
    entry_text,
)
from domain.organisms.log import Frontier, leaf_hash
from domain.organisms.statement import Verdict
from graphdb.store import Commit, Committed, Entry, Moved, Repeat


@dataclass(frozen=True, slots=True)
class LogHead:
    """Where an organism's log stands: all that a commit compares and moves."""

    epoch: int
    size: int
    facts_size: int
    frontier: Frontier
    roster: str
    members: int
    dna: str

    @property
    def root(self) -> str:
        return self.frontier.root().hex()


@dataclass(frozen=True, slots=True)
class LiveVerdict:
    """The verdict that a new one of the same agent on the same expression replaces."""

    statement_id: str
    verdict: Verdict
    as_spoken: bool


@dataclass(slots=True)
class Known:
    """What the database says, under the write lock, about everything a batch touches."""

    position: int
    heads: dict[str, LogHead] = field(default_factory=dict)
    statements: dict[str, str] = field(default_factory=dict)
    keys: dict[tuple[Did, str], Repeat] = field(default_factory=dict)
    verdicts: dict[tuple[str, Did], LiveVerdict] = field(default_factory=dict)
    urls: set[str] = field(default_factory=set)
    concurring: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Accepted:
    """One event to be written: its entry, its leaf, and by how much it moves the concurrences as spoken.

    `replaces` tells a verdict that takes the place of a live one.
    """

    commit: Commit
    event: Event
    entry: Entry
    leaf: bytes
    delta: int = 0
    replaces: bool = False


Outcome = Committed | Moved | DomainError


@dataclass(frozen=True, slots=True)
class Plan:
    """`outcomes[i]` answers `commits[i]`; `heads` are the organisms as they stand afterwards."""

    outcomes: tuple[Outcome, ...]
    accepted: tuple[Accepted, ...]
    heads: dict[str, LogHead]
    position: int


def statement_ids(commits: Iterable[Commit]) -> list[str]:
    return [event.statement.id for commit in commits for event in commit.events if event.statement is not None]


def verdict_places(commits: Iterable[Commit]) -> list[tuple[str, Did]]:
    """The (URL, DID) pairs whose live verdicts a batch replaces."""
    return [
        (str(event.signed.fields["expression"]), event.signed.author)
        for commit in commits
        for event in commit.events
        if isinstance(event, VerdictGiven)
    ]


def new_urls(commits: Iterable[Commit]) -> list[str]:
    """The URLs that a batch speaks: a URL is spoken for one organism only."""
    return [
        event.signed.expression for commit in commits for event in commit.events if isinstance(event, NewExpression)
    ]


def plan(commits: Sequence[Commit], known: Known) -> Plan:
    """Takes the commits in order; `known` is moved along with what is accepted."""
    outcomes: list[Outcome] = []
    accepted: list[Accepted] = []
    touched: set[str] = set()
    for commit in commits:
        outcome = _refused(commit, known) or _append(commit, known, accepted)
        outcomes.append(outcome)
        if isinstance(outcome, Committed) and not outcome.repeated:
            touched.add(commit.organism)
    heads = {uri: known.heads[uri] for uri in touched}
    return Plan(tuple(outcomes), tuple(accepted), heads, known.position)


def _refused(commit: Commit, known: Known) -> Outcome | None:
    if commit.idempotency is not None:
        first = known.keys.get((commit.idempotency.agent, commit.idempotency.key))
        if first is not None and first.fingerprint != commit.idempotency.fingerprint:
            return IdempotencyKeyReused(commit.idempotency.key)
        if first is not None:
            return Committed((), first.result, repeated=True)
    for event in commit.events:
        if event.statement is not None and event.statement.id in known.statements:
            return Committed((), known.statements[event.statement.id], repeated=True)
    return None if _holds(commit, known) else Moved()


def _holds(commit: Commit, known: Known) -> bool:
    head, expected = known.heads.get(commit.organism), commit.expected
    if isinstance(commit.events[0], Founded):
        return head is None
    if head is None or head.epoch != expected.epoch:
        return False
    if expected.facts_size is not None and head.facts_size != expected.facts_size:
        return False
    if expected.size is not None and head.size != expected.size:
        return False
    if any(url in known.urls for url in new_urls([commit])):
        return False
    for place in verdict_places([commit]):
        live = known.verdicts.get(place)
        if (live.statement_id if live else None) != expected.verdict:
            return False
    return True


def _append(commit: Commit, known: Known, accepted: list[Accepted]) -> Committed:
    entries: list[Entry] = []
    concurring = None
    for event in commit.events:
        entry, leaf = _entry(commit, event, known)
        delta, replaces = _weigh(event, known)
        accepted.append(Accepted(commit, event, entry, leaf, delta, replaces))
        entries.append(entry)
        if isinstance(event, NewExpression):
            known.urls.add(event.signed.expression)
            known.concurring[event.signed.expression] = 1
        if isinstance(event, VerdictGiven):
            known.concurring[event.signed.expression] += delta
            concurring = known.concurring[event.signed.expression]
        if event.statement is not None:
            known.statements[event.statement.id] = commit.result
    if commit.idempotency is not None:
        key = commit.idempotency
        known.keys[(key.agent, key.key)] = Repeat(commit.result, key.fingerprint)
    return Committed(tuple(entries), commit.result, concurring=concurring)


def _entry(commit: Commit, event: Event, known: Known) -> tuple[Entry, bytes]:
    head = known.heads.get(commit.organism)
    seq = 1 if head is None else head.size + 1
    text = entry_text(event, seq=seq, received_at=commit.received_at)
    leaf = leaf_hash(text)
    known.position += 1
    known.heads[commit.organism] = _moved(head, event, seq, leaf)
    return Entry(known.position, commit.organism, seq, text), leaf


def _moved(head: LogHead | None, event: Event, seq: int, leaf: bytes) -> LogHead:
    if isinstance(event, Founded):
        return LogHead(0, 1, 1, Frontier().append(leaf), event.roster, 1, event.signed.dna)
    assert head is not None
    facts_size = seq if event.affects_facts else head.facts_size
    frontier = head.frontier.append(leaf)
    grown = LogHead(head.epoch, seq, facts_size, frontier, head.roster, head.members, head.dna)
    if isinstance(event, NewMember | MemberRemoved):
        return replace(grown, epoch=event.epoch, roster=event.roster, members=event.members)
    if isinstance(event, DnaChanged):
        return replace(grown, epoch=event.epoch, dna=event.dna)
    return grown


def _weigh(event: Event, known: Known) -> tuple[int, bool]:
    """By how much a verdict moves the concurrences as spoken, and whether it replaces a live one."""
    if isinstance(event, NewExpression):
        place = (event.signed.expression, event.signed.author)
        known.verdicts[place] = LiveVerdict(event.signed.id, Verdict.CONCUR, as_spoken=True)
    if not isinstance(event, VerdictGiven):
        return 0, False
    statement = event.signed
    place = (statement.expression, statement.author)
    before = known.verdicts.get(place)
    known.verdicts[place] = LiveVerdict(statement.id, event.verdict, event.as_spoken)
    counted = before is not None and before.as_spoken and before.verdict is Verdict.CONCUR
    return int(event.as_spoken and event.verdict is Verdict.CONCUR) - int(counted), before is not None
