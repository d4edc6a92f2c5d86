"""How an organism changes its Social DNA and its profile, and what that would change."""

import asyncio

from domain.capabilities import Domain
from domain.expressions import Expression, sign_expression
from domain.organisms.difference import Difference, difference
from domain.organisms.dna import dna_hash
from domain.organisms.errors import DnaMismatch, UnknownOrganism
from domain.organisms.organism import Organism, Proposal
from domain.organisms.profile import Profile
from domain.organisms.sdna import sdna_links
from domain.organisms.statement import ChangeKind, StatementType
from domain.timestamp import format_millis
from resolvers.context import Context, Services
from resolvers.so.automatic import catch_up
from resolvers.so.decide import UPDATE, Request, Signed, act, first_outcome, gathering
from resolvers.so.evaluate import program_text
from resolvers.so.membership import put_forward
from resolvers.so.read import require_read


async def propose_dna(
    context: Context,
    uri: str,
    dna: str,
    *,
    note: str | None = None,
    signed: Signed | None = None,
    idempotency_key: str | None = None,
) -> Proposal:
    """Proposes another program, which must compile; where it is proposed already, vouches for it."""
    fields = {"change": str(ChangeKind.DNA), "subject": dna_hash(dna), "note": note}
    asked = await act(context, Request(StatementType.PROPOSE, uri, fields, None, signed, idempotency_key))
    if await first_outcome(asked) is None:
        await _check_program(context, uri, dna)
    return await put_forward(asked, program=dna)


async def _check_program(context: Context, uri: str, dna: str) -> None:
    """Members only: compiling takes the engine a while."""
    gathered = await gathering(context.services, uri)
    gathered.require_member(context.me)
    await context.services.engine.compile(dna)


async def propose_profile(
    context: Context,
    uri: str,
    profile: Profile,
    *,
    note: str | None = None,
    signed: Signed | None = None,
    idempotency_key: str | None = None,
) -> Proposal:
    """Proposes another name, description and meta, all three at once."""
    profile.check()
    fields = {"change": str(ChangeKind.PROFILE), "subject": profile.hash, "note": note}
    asked = await act(context, Request(StatementType.PROPOSE, uri, fields, None, signed, idempotency_key))
    return await put_forward(asked, profile=profile)


async def proposed_program(services: Services, proposal: Proposal) -> str | None:
    """The program that a proposal would put in force; None where it is about something else."""
    return None if proposal.change is not ChangeKind.DNA else await program_text(services, proposal.subject)


async def proposed_difference(services: Services, proposal: Proposal) -> Difference | None:
    """Between the program in force when it was proposed and the proposed one."""
    if proposal.base is None:
        return None
    before, after = await program_text(services, proposal.base), await program_text(services, proposal.subject)
    old, new = await services.engine.compile(before), await services.engine.compile(after)
    return await asyncio.to_thread(difference, before, after, old.predicates, new.predicates)


async def dna_links(context: Context, uri: str) -> tuple[Expression, ...]:
    """The Social DNA in force as ad4m's links, signed by the server at the moment when it was adopted.

    They follow from the organism's log: nobody adds, changes or removes them.
    """
    require_read(context, uri)
    services = context.services
    adoptions = await services.store.organisms.adoptions(uri)
    if not adoptions:
        raise UnknownOrganism(uri)
    newest = adoptions[-1]
    links = sdna_links(await program_text(services, newest.dna))
    return tuple(sign_expression(services.server, link.as_data(), format_millis(newest.at)) for link in links)


async def confirm_dna(context: Context, uri: str, dna: str) -> Organism:
    """The agent accepts a Social DNA of its organism that it did not vouch for: the server may sign under it again."""
    context.require(Domain.SOCIAL_ORGANISM, UPDATE, [uri])
    services = context.services
    gathered = await gathering(services, uri)
    gathered.require_member(context.me)
    if dna not in {adoption.dna for adoption in await services.store.organisms.adoptions(uri)}:
        raise DnaMismatch(dna, gathered.organism.dna)
    await services.store.organisms.confirm_dna(context.me, uri, dna)
    services.spawn(catch_up(services, context.me))
    return gathered.organism
