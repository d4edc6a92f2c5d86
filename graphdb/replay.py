"""Rebuilding the graph from the log alone, and comparing: the log is the truth, the graph its projection.

Programs and expressions are taken along by their hashes, which the log names. Not in the log, and so not rebuilt, are
accounts, idempotency keys, switches of automatic concurrence, and expressions that no organism spoke.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeVar, cast

import orjson

from domain.canonical import Json
from domain.expressions import Expression
from domain.organisms.events import Event, Founded, NewExpression, ProposalOpened, VerdictGiven, event_from
from domain.organisms.organism import Membership, Organism
from domain.organisms.statement import ChangeKind, StatementType
from domain.timestamp import parse_millis
from graphdb.store import Commit, Entry, Expected, ExpressionFilter, Page, Store

PAGE = 500

Item = TypeVar("Item")


class NotEmpty(Exception):
    """The graph is rebuilt into an empty store only."""

    def __init__(self) -> None:
        super().__init__("the target holds log entries already; replay needs an empty store")


@dataclass(slots=True)
class Report:
    """How much was rebuilt, and where the rebuilt graph differs: nowhere, if all is well."""

    entries: int = 0
    organisms: int = 0
    differences: list[str] = field(default_factory=list)

    @property
    def same(self) -> bool:
        return not self.differences


async def replay(source: Store, target: Store, progress: Callable[[int], None] = lambda done: None) -> Report:
    """Writes the source's log into the empty target, then compares both graphs. Raises `NotEmpty`."""
    if await target.organisms.position():
        raise NotEmpty
    report, uris = Report(), list[str]()
    async for entry in _entries(source):
        await _again(entry, source, target)
        report.entries += 1
        if entry.seq == 1:
            uris.append(entry.organism)
        progress(report.entries)
    report.organisms = len(uris)
    for uri in uris:
        report.differences += [difference async for difference in compare(uri, source, target)]
    return report


async def _entries(store: Store) -> AsyncIterator[Entry]:
    position = 0
    while page := await store.organisms.entries_since(position, PAGE):
        for entry in page:
            yield entry
        position = page[-1].position


async def _again(entry: Entry, source: Store, target: Store) -> None:
    fields = cast("dict[str, Json]", orjson.loads(entry.text))
    event = event_from(fields)
    commit = Commit(
        organism=entry.organism,
        events=(event,),
        expected=await _expected(entry, event, target),
        received_at=parse_millis(str(fields["receivedAt"])),
        result=_result(entry, event),
        program=await _program(event, source),
        expression=await _expression(event, source),
    )
    await target.organisms.commit(commit)


async def _program(event: Event, source: Store) -> str | None:
    """The program whose hash an organism was founded with, or that a proposal would adopt."""
    if isinstance(event, Founded):
        return await source.organisms.program(event.signed.dna)
    if isinstance(event, ProposalOpened) and event.change is ChangeKind.DNA:
        return await source.organisms.program(event.subject)
    return None


async def _expected(entry: Entry, event: Event, target: Store) -> Expected:
    """What the target holds now: nobody else writes to it."""
    if isinstance(event, VerdictGiven):
        statement = event.signed
        standing = await target.organisms.standing(entry.organism, statement.expression, statement.author)
        epoch = -1 if standing.organism is None else standing.organism.epoch
        return Expected(epoch, verdict=standing.verdict.statement_id if standing.verdict else None)
    organism = await target.organisms.organism(entry.organism)
    return Expected(-1 if organism is None else organism.epoch)


def _result(entry: Entry, event: Event) -> str:
    """What a repeat of the statement was answered with: the expression's URL, the proposal, or the organism."""
    if event.statement is None:
        return entry.organism
    statement = event.statement
    if statement.type in (StatementType.SPEAK, StatementType.VERDICT, StatementType.RETRACT):
        return statement.expression
    if statement.type in (StatementType.VOUCH, StatementType.DECLINE, StatementType.WITHDRAW):
        return str(statement.proposal)
    if statement.type is StatementType.PROPOSE:
        return str(event.data().get("proposal", statement.id))
    return entry.organism


async def _expression(event: Event, source: Store) -> tuple[str, Expression] | None:
    if not isinstance(event, NewExpression):
        return None
    (stored,) = await source.expressions.get([event.signed.expression])
    return None if stored is None or stored.expression is None else (stored.url, stored.expression)


async def compare(uri: str, source: Store, target: Store) -> AsyncIterator[str]:
    """Where two stores say different things about one organism, a line each."""
    ours, theirs = source.organisms, target.organisms
    first: Organism | None = await ours.organism(uri)
    if first != await theirs.organism(uri):
        yield f"{uri}: the organism's row"
    if await ours.invited(uri) != await theirs.invited(uri):
        yield f"{uri}: the invited"
    adoptions = await ours.adoptions(uri)
    if adoptions != await theirs.adoptions(uri):
        yield f"{uri}: the adoptions of Social DNA"
    for adoption in adoptions:
        if await ours.program(adoption.dna) != await theirs.program(adoption.dna):
            yield f"{uri}: the program {adoption.dna}"
    for epoch in range(0 if first is None else first.epoch + 1):
        if await _roster(source, uri, epoch) != await _roster(target, uri, epoch):
            yield f"{uri}: the roster of epoch {epoch}"
    if await _all(lambda after: ours.proposals(uri, PAGE, after)) != await _all(
        lambda after: theirs.proposals(uri, PAGE, after)
    ):
        yield f"{uri}: the proposals"
    wanted = ExpressionFilter()
    spoken = await _all(lambda after: ours.expressions(uri, PAGE, after, wanted))
    if spoken != await _all(lambda after: theirs.expressions(uri, PAGE, after, wanted)):
        yield f"{uri}: the expressions"
    for each in spoken:
        async for difference in _verdicts(each.url, source, target):
            yield difference


async def _roster(store: Store, uri: str, epoch: int) -> list[Membership]:
    return await _all(lambda after: store.organisms.members(uri, PAGE, after, epoch=epoch))


async def _verdicts(url: str, source: Store, target: Store) -> AsyncIterator[str]:
    ours, theirs = source.organisms, target.organisms
    if await _all(lambda after: ours.verdicts(url, PAGE, after)) != await _all(
        lambda after: theirs.verdicts(url, PAGE, after)
    ):
        yield f"{url}: the verdicts"
    if await ours.coherence(url) != await theirs.coherence(url):
        yield f"{url}: the coherence"
    if await source.expressions.get([url]) != await target.expressions.get([url]):
        yield f"{url}: the content"


async def _all(page: Callable[[str | None], Awaitable[Page[Item]]]) -> list[Item]:
    items: list[Item] = []
    after: str | None = None
    while True:
        found = await page(after)
        items += found.items
        if not found.more:
            return items
        after = found.cursors[-1]
