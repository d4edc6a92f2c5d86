"""Asking an organism's Social DNA without acting on the answer: what it says, and why."""

import re
from dataclasses import dataclass

from domain.errors import DomainError
from domain.identity import Did, parse_did
from domain.organisms.changing import TwoThirds
from domain.organisms.dna import DNA_CHANGE, MEMBRANE, MEMBRANE_EXIT, OUTPUT_EXPRESSION, DnaVerdict, Evaluation
from domain.organisms.errors import DnaNoMembrane, UnknownExpression, UnknownProposal
from domain.organisms.explanation import Explanation
from domain.organisms.facts import NUCLEUS, RELATIONS, Said, said
from domain.organisms.gathering import Gathering
from domain.organisms.organism import Proposal, ProposalState
from domain.organisms.statement import ChangeKind
from resolvers.context import Context, Services
from resolvers.errors import InvalidArgument
from resolvers.so import read
from resolvers.so.decide import gathering
from resolvers.so.evaluate import Counted, Judged, answer, evaluate_change, explained, output_question

PREDICATES = (OUTPUT_EXPRESSION, MEMBRANE, MEMBRANE_EXIT, DNA_CHANGE)
CHANGES = {
    MEMBRANE: (ChangeKind.ADD,),
    MEMBRANE_EXIT: (ChangeKind.REMOVE,),
    DNA_CHANGE: (ChangeKind.DNA, ChangeKind.PROFILE),
}
HASH = re.compile(r"[0-9a-f]{64}")
SUBJECT_LENGTH = 10_000
MEMBERS_ONLY = NUCLEUS | RELATIONS
"""Facts of what only members see: their perspective, and what they think of others."""
TWO_THIRDS = "Without `dna_change/2`, two thirds of the members decide: {vouches} of {members} vouch"


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked and what the Social DNA says. `rule` is the one that held where there is no program to ask."""

    predicate: str
    subject: str
    me: Did | None
    verdict: DnaVerdict
    dna: str
    evaluation: Evaluation | None
    rule: str | None = None


async def evaluate(context: Context, uri: str, predicate: str, subject: str, me: str | None) -> Asked:
    asked, _ = await _asked(context, uri, predicate, subject, me)
    return asked


async def explain(
    context: Context, uri: str, predicate: str | None, subject: str, me: str | None
) -> tuple[Asked, Explanation]:
    """The same evaluation with its reasons; without a predicate, the one that the subject is about.

    Raises `NotAMember` where the Social DNA looks at what only members see.
    """
    asked, judged = await _asked(context, uri, predicate, subject, me)
    if judged is None:
        return asked, Explanation(None, asked.rule, truncated=False)
    await _require_sight(context, uri, judged)
    async with context.services.guard(f"by hand {uri}"):
        return asked, await explained(context.services, judged)


async def _require_sight(context: Context, uri: str, judged: Judged) -> None:
    """Reasons show the values of facts; some of these are the members' own, and nobody else may read them."""
    if judged.program.mentions & MEMBERS_ONLY:
        gathered = await gathering(context.services, uri)
        gathered.require_member(context.me)


async def _asked(
    context: Context, uri: str, predicate: str | None, subject: str, me: str | None
) -> tuple[Asked, Judged | None]:
    """One evaluation by hand at a time in an organism, so that its Social DNA keeps no more than one thread busy."""
    read.require_read(context, uri)
    if not 0 < len(subject) <= SUBJECT_LENGTH:
        raise InvalidArgument("subject", f"1 to {SUBJECT_LENGTH} characters", subject)
    if predicate not in (None, *PREDICATES):
        raise InvalidArgument("predicate", " or ".join(PREDICATES), predicate)
    agent = None if me is None else parse_did(me)
    context.allow()
    gathered = await gathering(context.services, uri)
    chosen = predicate or _predicate(subject, gathered)
    async with context.services.guard(f"by hand {uri}"):
        if chosen == OUTPUT_EXPRESSION:
            return await _output(context, gathered, subject, agent or context.me)
        return await _change(context.services, gathered, chosen, subject)


def _predicate(subject: str, gathered: Gathering) -> str:
    if HASH.fullmatch(subject):
        return DNA_CHANGE
    try:
        did = parse_did(subject)
    except DomainError:
        return OUTPUT_EXPRESSION
    return MEMBRANE if gathered.member(did) is None else MEMBRANE_EXIT


async def _output(context: Context, gathered: Gathering, url: str, me: Did) -> tuple[Asked, Judged]:
    """What the organism said is judged by the program it was said under, anything else by the one in force."""
    subject, dna = await _subject(context.services, gathered, url)
    services = context.services
    question = await output_question(services, dna, gathered, subject, services.clock())
    judged = await answer(services, question, me)
    evaluation = judged.evaluation
    return Asked(OUTPUT_EXPRESSION, url, me, evaluation.verdict, dna, evaluation), judged


async def _subject(services: Services, gathered: Gathering, url: str) -> tuple[Said, str]:
    (found,) = await read.rendered(services, [url])
    if found is None:
        raise UnknownExpression(url, gathered.organism.uri)
    if found.spoken is not None and found.spoken.organism == gathered.organism.uri:
        return said(found.spoken, found.expression), found.spoken.dna
    return Said(url, found.language, found.expression), gathered.organism.dna


async def _change(services: Services, gathered: Gathering, predicate: str, subject: str) -> tuple[Asked, Judged | None]:
    now, dna = services.clock(), gathered.organism.dna
    proposal = _proposal(gathered, predicate, subject, now)
    decided = await evaluate_change(services, gathered, proposal, now)
    if decided is None:
        raise DnaNoMembrane(predicate, gathered.organism.uri)
    if isinstance(decided, Counted):
        assert isinstance(decided.decision, TwoThirds)
        counts = decided.decision
        verdict = DnaVerdict.TRUE if counts.true else DnaVerdict.FALSE
        rule = TWO_THIRDS.format(vouches=counts.vouches, members=counts.members)
        return Asked(predicate, subject, None, verdict, dna, None, rule), None
    return Asked(predicate, subject, None, decided.evaluation.verdict, dna, decided.evaluation), decided


def _proposal(gathered: Gathering, predicate: str, subject: str, now: int) -> Proposal:
    """The open proposal on this subject, or one about a DID that nobody has made yet: without votes."""
    for change in CHANGES[predicate]:
        standing = gathered.open_on(change, subject)
        if standing is not None:
            return standing
    if predicate == DNA_CHANGE:
        raise UnknownProposal(subject)
    did = parse_did(subject)
    uri = gathered.organism.uri
    return Proposal("", uri, CHANGES[predicate][0], did, did, ProposalState.OPEN, now)
