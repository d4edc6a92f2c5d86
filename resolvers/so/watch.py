"""What subscriptions of the organisms section deliver: the log's entries, told apart by their events."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial
from typing import cast

import orjson

from domain.canonical import Json
from domain.capabilities import Domain
from domain.organisms.errors import UnknownExpression, UnknownOrganism
from domain.organisms.events import (
    DnaChanged,
    JoinRequested,
    MemberRemoved,
    NewExpression,
    NewMember,
    ProposalClosed,
    ProposalOpened,
    VerdictGiven,
    VoteCast,
)
from domain.organisms.statement import statement_id
from graphdb.store import Entry
from resolvers.context import Context
from resolvers.paging import encode, event_position
from resolvers.streams import guarded
from subscriptions.follow import follow


@dataclass(frozen=True, slots=True)
class Happened:
    """One entry with its parsed fields and its cursor."""

    entry: Entry
    fields: Mapping[str, Json]

    @property
    def cursor(self) -> str:
        return encode(str(self.entry.position))

    @property
    def event(self) -> str:
        return str(self.fields["event"])

    @property
    def data(self) -> Mapping[str, Json]:
        return cast("Mapping[str, Json]", self.fields["data"])

    @property
    def statement(self) -> Mapping[str, Json]:
        """The fields of the signed statement, empty for a derived event."""
        text = self.fields.get("statement")
        return {} if text is None else cast("Mapping[str, Json]", orjson.loads(str(text)))


def happened(entry: Entry) -> Happened:
    return Happened(entry, cast("Mapping[str, Json]", orjson.loads(entry.text)))


async def events(context: Context, uri: str | None, after: str | None) -> AsyncGenerator[Happened, None]:
    """Every event of one organism, or of all of mine, from just after `after` on."""
    _require(context, uri)
    organisms = context.services.store.organisms
    if uri is not None and await organisms.organism(uri) is None:
        raise UnknownOrganism(uri)
    position = event_position(after, await organisms.position())
    member = context.me if uri is None else None
    read = partial(organisms.entries_since, uri=uri, member=member)
    entries = follow(read, context.services.bus, position)
    async with aclosing(guarded(context, entries, lambda: _require(context, uri))) as checked:
        async for entry in checked:
            yield happened(entry)


def _require(context: Context, uri: str | None) -> None:
    """Subscribing takes no READ: what an event carries was granted with it."""
    context.require(Domain.SOCIAL_ORGANISM, "SUBSCRIBE", [uri or "*"])


async def expression_events(context: Context, uri: str | None, after: str | None) -> AsyncGenerator[Happened, None]:
    async with aclosing(events(context, uri, after)) as every:
        async for each in every:
            if each.event == NewExpression.name:
                yield each


async def member_events(
    context: Context, uri: str | None, after: str | None, *, removed: bool
) -> AsyncGenerator[Happened, None]:
    wanted = MemberRemoved.name if removed else NewMember.name
    async with aclosing(events(context, uri, after)) as every:
        async for each in every:
            if each.event == wanted:
                yield each


async def dna_events(context: Context, uri: str | None, after: str | None) -> AsyncGenerator[Happened, None]:
    async with aclosing(events(context, uri, after)) as every:
        async for each in every:
            if each.event == DnaChanged.name:
                yield each


@dataclass(frozen=True, slots=True)
class ProposalChange:
    """Something happened to a proposal."""

    happened: Happened
    proposal: str


async def proposal_events(context: Context, uri: str | None, after: str | None) -> AsyncGenerator[ProposalChange, None]:
    """Opened, voted on, joined, closed: every entry that names a proposal, once."""
    async with aclosing(events(context, uri, after)) as every:
        async for each in every:
            proposal = _proposal_in(each)
            if proposal is not None:
                yield ProposalChange(each, proposal)


def _proposal_in(each: Happened) -> str | None:
    if each.event == ProposalOpened.name:
        return statement_id(str(each.fields["statement"]))
    if each.event in {VoteCast.name, JoinRequested.name, ProposalClosed.name}:
        named = each.data["proposal"]
        return None if named is None else str(named)
    return None


@dataclass(frozen=True, slots=True)
class CoherenceChange:
    """A verdict moved one expression's coherence, or the roster changed and moved all of them (`url` is None)."""

    happened: Happened
    url: str | None


async def coherence_events(
    context: Context, uri: str | None, url: str | None, after: str | None
) -> AsyncGenerator[CoherenceChange, None]:
    """With `url`, what moves that expression of the organism, or of whichever of mine spoke it."""
    _require(context, uri)
    speaker = None if url is None else await _speaking_organism(context, uri, url)
    async with aclosing(events(context, uri, after)) as every:
        async for each in every:
            if speaker is not None and each.entry.organism != speaker:
                continue
            moved = _moved_in(each)
            if moved is None and each.event in {NewMember.name, MemberRemoved.name}:
                yield CoherenceChange(each, url)
            elif moved is not None and url in (None, moved):
                yield CoherenceChange(each, moved)


async def _speaking_organism(context: Context, uri: str | None, url: str) -> str:
    (spoken,) = await context.services.store.organisms.spoken([url])
    if spoken is None or uri not in (None, spoken.organism):
        raise UnknownExpression(url, uri)
    return spoken.organism


def _moved_in(each: Happened) -> str | None:
    """The expression that an entry speaks or judges."""
    judged = each.event in {NewExpression.name, VerdictGiven.name}
    return str(each.statement["expression"]) if judged else None
