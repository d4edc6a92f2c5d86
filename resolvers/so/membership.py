"""Founding, proposing, voting, joining, leaving, and settling what was proposed."""

import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace

import structlog

from domain.canonical import Json
from domain.capabilities import Domain
from domain.errors import DomainError
from domain.identity import Did, parse_did
from domain.organisms import membership
from domain.organisms.acceptance import check_arguments
from domain.organisms.dna import dna_hash
from domain.organisms.errors import StatementMismatch, UnknownProposal
from domain.organisms.events import Event, ProposalOpened
from domain.organisms.gathering import Gathering
from domain.organisms.organism import Organism, Proposal
from domain.organisms.profile import Profile
from domain.organisms.statement import ChangeKind, Statement, StatementType
from domain.organisms.templates import DEFAULT, template
from graphdb.store import FOUNDING, Commit, Expected
from resolvers.context import Context, Services
from resolvers.errors import InvalidArgument
from resolvers.so.decide import (
    UPDATE,
    Act,
    Request,
    Signed,
    acceptance,
    act,
    append,
    carry_out,
    commit,
    first_outcome,
    gathering,
)
from resolvers.so.evaluate import compiled, evaluate_change

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Founding:
    """What a new organism shall be; without program and template it gets the default one."""

    name: str
    description: str | None = None
    members: tuple[str, ...] = ()
    dna: str | None = None
    template: str | None = None
    parameters: Mapping[str, Json] | None = None
    meta: Mapping[str, Json] | None = None
    addresses: Mapping[str, str | None] = field(default_factory=dict)


async def create(
    context: Context, founding: Founding, *, signed: Signed | None = None, idempotency_key: str | None = None
) -> str:
    """Founds an organism and gives its URI. The invited become members when they join."""
    program = _program(founding, context.me)
    fields = _founding_fields(founding, program)
    asked = await act(context, Request(StatementType.FOUND, "", fields, None, signed, idempotency_key))
    repeat = await first_outcome(asked)
    if repeat is not None:
        return repeat.result
    await context.services.engine.compile(program)
    now = acceptance(context.services)
    statement = asked.statement(now.now, {"nonce": secrets.token_hex(16)})
    (event,) = membership.found(statement, now)
    uri = event.organism
    decided = Commit(uri, (event,), FOUNDING, now.now, uri, program=program, idempotency=asked.key)
    return (await append(context.services, decided)).result


def _program(founding: Founding, founder: str) -> str:
    if founding.dna is None:
        chosen = DEFAULT if founding.template is None else template(founding.template)
        return chosen.write(founding.parameters, founder).program
    if founding.template is not None:
        raise InvalidArgument("socialOrganism.template", "either dna or template, not both", founding.template)
    if founding.parameters is not None:
        raise InvalidArgument("socialOrganism.parameters", "nothing beside dna: they are a template's", "parameters")
    return founding.dna


def _founding_fields(founding: Founding, program: str) -> dict[str, Json]:
    return {
        "name": founding.name,
        "description": founding.description,
        "invited": list(founding.members),
        "dna": dna_hash(program),
        "meta": None if founding.meta is None else dict(founding.meta),
        **founding.addresses,
    }


Decide = Callable[[Act, Gathering, Statement | None], Awaitable[tuple[Event, ...]]]


async def suggest(
    context: Context,
    uri: str,
    did: str,
    change: ChangeKind,
    *,
    note: str | None = None,
    signed: Signed | None = None,
    idempotency_key: str | None = None,
) -> Proposal:
    """Proposes to add or remove somebody; where that is proposed already, vouches for it."""
    fields = {"change": str(change), "subject": did, "note": note}
    asked = await act(context, Request(StatementType.PROPOSE, uri, fields, None, signed, idempotency_key))
    return await put_forward(asked)


async def put_forward(asked: Act, *, program: str | None = None, profile: Profile | None = None) -> Proposal:
    """Opens the proposal that a `propose` asks for, with what its subject is the hash of, or vouches for it."""

    async def decide() -> Commit:
        services = asked.services
        gathered = await gathering(services, asked.organism)
        now = acceptance(services)
        statement = asked.statement(now.now, {"epoch": gathered.organism.epoch})
        dna = await compiled(services, gathered.organism.dna)
        limit = services.limits.open_proposals
        events = membership.propose(statement, gathered, dna, now, limit=limit, profile=profile)
        standing = gathered.open_on(statement.change, statement.subject)
        decided = _commit(asked, gathered, events, now.now, statement.id if standing is None else standing.id)
        return replace(decided, program=program)

    return await _proposal_after(asked, decide)


async def vote(
    context: Context,
    uri: str,
    proposal_id: str,
    kind: StatementType,
    *,
    reason: str | None = None,
    signed: Signed | None = None,
    idempotency_key: str | None = None,
) -> Proposal:
    """Vouches for or declines any open proposal of the organism."""
    fields = {"proposal": proposal_id, "reason": reason}
    asked = await act(context, Request(kind, uri, fields, None, signed, idempotency_key))

    return await _vote(asked, proposal_id)


async def _vote(asked: Act, proposal_id: str) -> Proposal:
    async def decide() -> Commit:
        services = asked.services
        gathered = await gathering(services, asked.organism)
        known = await proposal(services, proposal_id)
        now = acceptance(services)
        statement = asked.statement(_later(now.now, known, asked.agent), {"proposal": proposal_id})
        events = membership.vote(statement, known, gathered, now)
        return _commit(asked, gathered, events, now.now, proposal_id)

    return await _proposal_after(asked, decide)


def _later(now: int, proposal: Proposal, did: Did) -> int:
    """A vote that the server signs is later than the one it replaces, even within one millisecond."""
    previous = proposal.vote_of(did)
    return now if previous is None else max(now, previous.timestamp + 1)


async def vote_on_newcomer(
    context: Context,
    uri: str,
    did: str,
    kind: StatementType,
    *,
    reason: str | None = None,
    signed: Signed | None = None,
    idempotency_key: str | None = None,
) -> Proposal:
    """The seed's vouchForNewMember and rejectNewMember: a vote on the open proposal to add that DID."""
    subject = parse_did(did)
    asked = await act(context, Request(kind, uri, {"reason": reason}, {"did": did}, signed, idempotency_key))
    repeat = await first_outcome(asked)
    if repeat is not None:
        return await _on(asked, await proposal(context.services, repeat.result), subject)
    standing = (await gathering(context.services, uri)).open_on(ChangeKind.ADD, subject)
    if standing is None:
        raise UnknownProposal(did)
    if asked.signed is not None:
        check_arguments(asked.signed, {"proposal": standing.id})
    return await _vote(asked, standing.id)


async def _on(asked: Act, voted: Proposal, subject: Did) -> Proposal:
    """The proposal of a vote sent again, closed by now perhaps, but still the one on this candidate."""
    if voted.subject != subject:
        raise StatementMismatch("proposal", voted.id, subject)
    return voted


async def withdraw(
    context: Context,
    uri: str,
    proposal_id: str,
    *,
    signed: Signed | None = None,
    idempotency_key: str | None = None,
) -> Proposal:
    """Whoever opened a proposal closes it."""
    fields = {"proposal": proposal_id}
    asked = await act(context, Request(StatementType.WITHDRAW, uri, fields, None, signed, idempotency_key))

    async def decide() -> Commit:
        gathered = await gathering(asked.services, asked.organism)
        known = await proposal(asked.services, proposal_id)
        now = acceptance(asked.services)
        events = membership.withdraw(asked.statement(now.now, {}), known, gathered, now)
        return _commit(asked, gathered, events, now.now, proposal_id)

    return await _proposal_after(asked, decide)


async def join(
    context: Context,
    uri: str,
    *,
    proposal_id: str | None = None,
    signed: Signed | None = None,
    idempotency_key: str | None = None,
) -> Organism:
    """Accepts an invitation or an approved proposal, or asks to be let in."""
    fields = {"proposal": proposal_id}
    asked = await act(context, Request(StatementType.JOIN, uri, fields, None, signed, idempotency_key))

    async def decide() -> Commit:
        services = asked.services
        gathered = await gathering(services, uri)
        now = acceptance(services)
        statement = asked.statement(now.now, {"epoch": gathered.organism.epoch})
        named = None if statement.proposal is None else await services.store.organisms.proposal(statement.proposal)
        program = await compiled(services, gathered.organism.dna)
        limit = services.limits.open_proposals
        events = membership.join(statement, named, gathered, program, now, limit=limit)
        membership.check_size(events, services.limits.members)
        if isinstance(events[0], ProposalOpened):
            services.allow(asked.agent)
        return _commit(asked, gathered, events, now.now, uri)

    await _organism_after(asked, decide)
    return (await gathering(context.services, uri)).organism


async def leave(
    context: Context, uri: str, *, signed: Signed | None = None, idempotency_key: str | None = None
) -> Organism:
    """Leaves at once; nobody can prevent it."""
    asked = await act(context, Request(StatementType.LEAVE, uri, {}, None, signed, idempotency_key))

    async def decide() -> Commit:
        gathered = await gathering(asked.services, uri)
        now = acceptance(asked.services)
        statement = asked.statement(now.now, {"epoch": gathered.organism.epoch})
        events = membership.leave(statement, gathered, now)
        return _commit(asked, gathered, events, now.now, uri)

    await _organism_after(asked, decide)
    return (await gathering(context.services, uri)).organism


def _commit(asked: Act, gathered: Gathering, events: tuple[Event, ...], now: int, result: str) -> Commit:
    organism = gathered.organism
    expected = Expected(organism.epoch, organism.facts_size)
    return Commit(organism.uri, events, expected, now, result, idempotency=asked.key)


async def _proposal_after(asked: Act, decide: Callable[[], Awaitable[Commit | None]]) -> Proposal:
    """Commits, evaluates what follows, and answers with the proposal as it stands then."""
    result = await _result(asked, decide)
    await _settle_or_postpone(asked.services, asked.organism, result)
    return await proposal(asked.services, result)


async def _organism_after(asked: Act, decide: Callable[[], Awaitable[Commit | None]]) -> None:
    await _result(asked, decide)
    await settle_all(asked.services, asked.organism)


async def _result(asked: Act, decide: Callable[[], Awaitable[Commit | None]]) -> str:
    repeat = await first_outcome(asked)
    if repeat is not None:
        return repeat.result
    committed = await carry_out(asked, decide)
    assert committed is not None
    return committed.result


async def proposal(services: Services, proposal_id: str) -> Proposal:
    found = await services.store.organisms.proposal(proposal_id)
    if found is None:
        raise UnknownProposal(proposal_id)
    return found


async def settle_now(context: Context, uri: str, proposal_id: str) -> Proposal:
    """Evaluates an open proposal at once, for rules that depend on time."""
    context.require(Domain.SOCIAL_ORGANISM, UPDATE, [uri])
    context.allow()
    known = await proposal(context.services, proposal_id)
    if known.organism != uri:
        raise UnknownProposal(proposal_id)
    membership.require_open(known, proposal_id, (await gathering(context.services, uri)).organism)
    await settle(context.services, uri, proposal_id)
    return await proposal(context.services, proposal_id)


async def settle(services: Services, uri: str, proposal_id: str) -> None:
    """Carries out an open proposal if the Social DNA says so now; a new epoch asks all the others again."""
    async with services.guard(uri):
        committed = await commit(services, uri, lambda: _settle(services, uri, proposal_id))
    if committed is not None and len(committed.entries) > 1:
        await settle_all(services, uri)


async def settle_all(services: Services, uri: str) -> None:
    """Every open proposal of the organism, after its epoch changed."""
    for each in (await gathering(services, uri)).proposals:
        await _settle_or_postpone(services, uri, each.id)


async def settle_everything(services: Services) -> None:
    """Every open proposal of the server: on start and on the timer, for expiry and rules that depend on time."""
    for uri, proposal_id in await services.store.organisms.open_proposals():
        await _settle_or_postpone(services, uri, proposal_id)


async def _settle_or_postpone(services: Services, uri: str, proposal_id: str) -> None:
    """Where it cannot be decided now, the timer asks again: neither what led to it nor other proposals fail by that."""
    try:
        await settle(services, uri, proposal_id)
    except DomainError as exc:
        log.warning("settling_postponed", organism=uri, proposal=proposal_id, code=exc.code)


async def _settle(services: Services, uri: str, proposal_id: str) -> Commit | None:
    gathered = await gathering(services, uri)
    known = next((each for each in gathered.proposals if each.id == proposal_id), None)
    if known is None:
        return None
    now, kept = services.clock(), None
    expected = Expected(gathered.organism.epoch, gathered.organism.facts_size)
    if now - known.opened_at >= services.limits.proposal_lifetime:
        events = membership.expire(known)
    elif known.change is ChangeKind.ADD and known.joined_at is None:
        return None
    else:
        judged = await evaluate_change(services, gathered, known, now)
        if judged is None:
            return None
        events, expected, kept = membership.settle(known, gathered, judged.decision), judged.expected, judged.kept
        membership.check_size(events, services.limits.members)
    return Commit(uri, events, expected, now, proposal_id, facts=kept) if events else None
