"""Reading organisms: each one graphdb call."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from domain.canonical import sha256_hex
from domain.capabilities import Domain
from domain.errors import DomainError, InvalidUrl
from domain.expressions import Expression, from_json, literal_from_url
from domain.identity import Did, parse_did
from domain.organisms.automatic import Automatic, NotAutomatic, why_not
from domain.organisms.coherence import Coherence
from domain.organisms.errors import UnknownExpression, UnknownOrganism
from domain.organisms.log import Head, sign_head
from domain.organisms.organism import Membership, Organism, Proposal, SignedVerdict, SpokenExpression
from domain.timestamp import format_millis
from graphdb.store import Entry, ExpressionFilter, Page, StoredExpression
from resolvers.context import Context, Services
from resolvers.errors import InvalidArgument
from resolvers.paging import Place, decode, page_size
from resolvers.so.evaluate import program_text

Item = TypeVar("Item")

SEARCH_LENGTH = 200
URLS = 100


def require_read(context: Context, uri: str = "*") -> None:
    context.require(Domain.SOCIAL_ORGANISM, "READ", [uri])


async def organism(context: Context, uri: str) -> Organism | None:
    require_read(context, uri)
    return await context.services.store.organisms.organism(uri)


async def known_organism(context: Context, uri: str) -> Organism:
    found = await organism(context, uri)
    if found is None:
        raise UnknownOrganism(uri)
    return found


async def organisms(
    context: Context, first: int | None, after: str | None, member: str | None, search: str | None
) -> Page[Organism]:
    require_read(context)
    if search is not None and not 0 < len(search) <= SEARCH_LENGTH:
        raise InvalidArgument("search", f"1 to {SEARCH_LENGTH} characters", search)
    did = None if member is None else parse_did(member)
    size = page_size(first, context.services.limits.page)
    return await context.services.store.organisms.organisms(size, decode(after), member=did, search=search)


async def members(
    context: Context, uri: str, first: int | None, after: str | None, epoch: int | None
) -> Page[Membership]:
    require_read(context, uri)
    if epoch is not None:
        known = await known_organism(context, uri)
        if not 0 <= epoch <= known.epoch:
            raise InvalidArgument("epoch", f"0 to {known.epoch}", epoch)
    size = page_size(first, context.services.limits.page)
    after = decode(after, place=Place.DID)
    page = await context.services.store.organisms.members(uri, size, after, epoch=epoch)
    return await _of_known(context, uri, page)


async def _of_known(context: Context, uri: str, page: Page[Item]) -> Page[Item]:
    """An empty list may be that of an unknown organism; asked only then, so that most lists cost one call."""
    if not page.total:
        await known_organism(context, uri)
    return page


async def all_members(context: Context, uri: str) -> list[str]:
    """Every member's DID: the seed's `members`. One call, unless the limit on members was higher once."""
    require_read(context, uri)
    organisms, most = context.services.store.organisms, context.services.limits.members
    page = await _of_known(context, uri, await organisms.members(uri, most, None))
    dids: list[str] = [member.did for member in page.items]
    while page.more:
        page = await organisms.members(uri, most, dids[-1])
        dids += [member.did for member in page.items]
    return dids


async def invited(context: Context, uri: str) -> tuple[Did, ...]:
    await known_organism(context, uri)
    return await context.services.store.organisms.invited(uri)


async def expressions(
    context: Context, uri: str, first: int | None, after: str | None, wanted: ExpressionFilter
) -> Page[SpokenExpression]:
    require_read(context, uri)
    if wanted.min_coherence is not None and not 0 <= wanted.min_coherence <= 1:
        raise InvalidArgument("minCoherence", "0 to 1", wanted.min_coherence)
    if wanted.author is not None:
        parse_did(wanted.author)
    size = page_size(first, context.services.limits.page)
    page = await context.services.store.organisms.expressions(uri, size, decode(after), wanted)
    return await _of_known(context, uri, page)


async def expression(context: Context, uri: str, url: str) -> SpokenExpression | None:
    await known_organism(context, uri)
    (found,) = await context.services.store.organisms.spoken([url])
    return found if found is not None and found.organism == uri else None


async def known_expression(context: Context, uri: str, url: str) -> SpokenExpression:
    found = await expression(context, uri, url)
    if found is None:
        raise UnknownExpression(url, uri)
    return found


async def coherence(services: Services, url: str) -> Coherence:
    found = await services.store.organisms.coherence(url)
    if found is None:
        raise UnknownExpression(url)
    return found


async def signatures(services: Services, url: str, first: int | None, after: str | None) -> Page[SignedVerdict]:
    return await services.store.organisms.verdicts(url, page_size(first, services.limits.page), decode(after))


async def proposals(
    context: Context, uri: str, first: int | None, after: str | None, open_only: bool | None
) -> Page[Proposal]:
    require_read(context, uri)
    size = page_size(first, context.services.limits.page)
    page = await context.services.store.organisms.proposals(uri, size, decode(after), open_only=open_only)
    return await _of_known(context, uri, page)


async def log_entries(context: Context, uri: str, first: int | None, after_seq: int) -> tuple[Entry, ...]:
    await known_organism(context, uri)
    if after_seq < 0:
        raise InvalidArgument("after", "0 or the seq of an entry", after_seq)
    size = page_size(first, context.services.limits.page)
    return await context.services.store.organisms.entries(uri, after_seq, size)


def head(services: Services, of: Organism) -> Head:
    """The organism's newest head, signed now."""
    now = format_millis(services.clock())
    return sign_head(services.server, of.uri, of.size, of.root, of.epoch, now)


async def dna(services: Services, of: Organism) -> str:
    return await program_text(services, of.dna)


@dataclass(frozen=True, slots=True)
class Rendered:
    """An expression as ad4m serves it, with what the organisms make of it."""

    url: str
    language: str
    expression: Expression
    spoken: SpokenExpression | None


async def rendered(services: Services, urls: Sequence[str]) -> list[Rendered | None]:
    """Expressions by URL, in order; None for the unknown, the unreadable and the erased ones."""
    stored = dict(zip(urls, await services.store.expressions.get(urls), strict=True))
    spoken = dict(zip(urls, await services.store.organisms.spoken(urls), strict=True))
    return [_rendered(url, stored[url], spoken[url]) for url in urls]


def _rendered(url: str, stored: StoredExpression | None, spoken: SpokenExpression | None) -> Rendered | None:
    if stored is not None:
        return None if stored.expression is None else Rendered(url, stored.language, stored.expression, spoken)
    literal = _literal(url)
    return None if literal is None else Rendered(url, "literal", literal, spoken)


def _literal(url: str) -> Expression | None:
    """A literal carries its expression in its URL; a bare value has no author, as in ad4m. None for what is none."""
    try:
        value = literal_from_url(url)
    except InvalidUrl:
        return None
    try:
        return from_json(value)
    except DomainError:
        return Expression("<unknown>", "<unknown>", value, "", "")


async def expressions_by_url(context: Context, urls: Sequence[str]) -> list[Rendered | None]:
    context.require(Domain.EXPRESSION, "READ")
    if len(urls) > URLS:
        raise InvalidArgument("urls", f"at most {URLS} URLs", len(urls))
    return await rendered(context.services, urls)


async def awaiting_verdict(context: Context, first: int | None, after: str | None) -> Page[SpokenExpression]:
    size = _mine(context, first)
    return await context.services.store.organisms.awaiting_verdict(context.me, size, decode(after))


async def awaiting_reason(
    context: Context, first: int | None, after: str | None
) -> Page[tuple[SpokenExpression, NotAutomatic]]:
    """Of each expression that awaits a verdict, why the server did not sign by itself."""
    page = await awaiting_verdict(context, first, after)
    reasons = await _reasons(context.services, context.me, page.items)
    return Page(tuple(zip(page.items, reasons, strict=True)), page.cursors, page.total, page.more)


async def awaiting_vote(context: Context, first: int | None, after: str | None) -> Page[Proposal]:
    size = _mine(context, first)
    return await context.services.store.organisms.awaiting_vote(context.me, size, decode(after))


async def awaiting_join(
    context: Context, first: int | None, after: str | None
) -> Page[tuple[Organism, Proposal | None]]:
    """Anybody may invite and propose anybody: there may be many."""
    size = _mine(context, first)
    return await context.services.store.organisms.awaiting_join(context.me, size, decode(after))


def _mine(context: Context, first: int | None) -> int:
    require_read(context)
    return page_size(first, context.services.limits.page)


async def _reasons(services: Services, me: Did, waiting: Sequence[SpokenExpression]) -> tuple[NotAutomatic, ...]:
    hosted, unlocked = await services.keyring.hosts(me), services.keyring.open_key(me) is not None
    found = await services.store.organisms.unsigned(me, [each.url for each in waiting])
    allowed: dict[tuple[str, int], Automatic] = {}
    for uri, epoch in {(each.organism, each.epoch) for each in waiting}:
        (allowed[uri, epoch],) = await services.store.organisms.automatic(uri, [me], epoch)
    return tuple(
        why_not(hosted=hosted, unlocked=unlocked, allowed=allowed[each.organism, each.epoch], found=found.get(each.url))
        for each in waiting
    )


async def signed_in_my_name(context: Context, first: int | None, after: str | None) -> Page[SignedVerdict]:
    size = _mine(context, first)
    return await context.services.store.organisms.automatic_verdicts(context.me, size, decode(after))


async def set_auto_concur(context: Context, uri: str | None, on: bool) -> bool:
    context.require(Domain.SOCIAL_ORGANISM, "UPDATE", [uri or "*"])
    if uri is not None:
        await known_organism(context, uri)
    await context.services.store.organisms.set_auto_concur(context.me, uri, on)
    return on


def entry_hash(text: str) -> str:
    """The leaf hash of an entry, in hex (RFC 6962)."""
    return sha256_hex(b"\x00" + text.encode())
