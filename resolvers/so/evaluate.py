"""Asking an organism's Social DNA: which program, which facts."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from domain.identity import Did
from domain.organisms.changing import two_thirds
from domain.organisms.dna import DNA_CHANGE, OUTPUT_EXPRESSION, Decision, Evaluation, Program
from domain.organisms.explanation import Explanation
from domain.organisms.facts import (
    EXPRESSIONS,
    MOVED_BY_VERDICTS,
    NUCLEUS,
    RELATIONS,
    VERDICTS,
    Given,
    NucleusLink,
    Relation,
    Said,
    Situation,
    facts,
    moving_facts,
    said,
    shared_roster,
)
from domain.organisms.gathering import Gathering
from domain.organisms.kept import keep
from domain.organisms.membership import PREDICATES
from domain.organisms.organism import Proposal
from domain.organisms.statement import ChangeKind
from graphdb.store import Expected
from resolvers.context import Services


@dataclass(frozen=True, slots=True)
class Judged:
    """An evaluation with what it was made from, and what must not have moved when its decision is written."""

    evaluation: Evaluation
    text: str
    predicate: str
    subject: str
    situation: Situation
    program: Program
    expected: Expected
    kept: tuple[str, bytes] | None

    @property
    def decision(self) -> Decision:
        return self.evaluation


@dataclass(frozen=True, slots=True)
class Counted:
    """A decision without an evaluation, by the rule for programs that say nothing of it."""

    decision: Decision
    expected: Expected
    kept: tuple[str, bytes] | None = None


async def program_text(services: Services, dna: str) -> str:
    """The program with this hash; every hash that an accepted statement names is stored with it."""
    program = await services.store.organisms.program(dna)
    assert program is not None, f"the program {dna} is missing from the store"
    return program


async def compiled(services: Services, dna: str) -> Program:
    return await services.engine.compile(await program_text(services, dna))


@dataclass(frozen=True, slots=True)
class Question:
    """Whether the organism may say an expression, to be asked in the eyes of one member or of many."""

    gathering: Gathering
    text: str
    program: Program
    url: str
    situation: Situation


async def output_question(services: Services, dna: str, gathering: Gathering, subject: Said, now: int) -> Question:
    text = await program_text(services, dna)
    program = await services.engine.compile(text)
    situation = await _situation(services, gathering, program, now, subject=subject)
    return Question(gathering, text, program, subject.url, situation)


async def answer(services: Services, question: Question, me: Did) -> Judged:
    situation = replace(question.situation, me=me)
    return await _judge(
        services, question.text, question.program, OUTPUT_EXPRESSION, question.url, situation, question.gathering
    )


async def evaluate_change(
    services: Services, gathering: Gathering, proposal: Proposal, now: int
) -> Judged | Counted | None:
    """Whether the change that a proposal wants shall happen now; None where the Social DNA has no say in it."""
    organism = gathering.organism
    text = await program_text(services, organism.dna)
    program = await services.engine.compile(text)
    predicate = PREDICATES[proposal.change]
    if proposal.change is ChangeKind.DNA:
        await compiled(services, proposal.subject)  # nothing is adopted that the engine would not take
    if program.defines(predicate, 2):
        situation = await _situation(services, gathering, program, now, proposal=proposal)
        return await _judge(services, text, program, predicate, proposal.subject, situation, gathering)
    if predicate != DNA_CHANGE:
        return None
    votes = Situation(organism.epoch, now, gathering.members, proposal=proposal)
    return Counted(two_thirds(organism.dna, votes), expected(gathering, program))


async def explained(services: Services, judged: Judged) -> Explanation:
    read = facts(judged.situation, judged.program)
    return await services.engine.explain(judged.text, judged.predicate, judged.subject, read)


async def _judge(
    services: Services,
    text: str,
    program: Program,
    predicate: str,
    subject: str,
    situation: Situation,
    gathering: Gathering,
) -> Judged:
    shared = shared_roster(gathering.organism, situation, program)
    evaluation = await services.engine.evaluate(text, predicate, subject, moving_facts(situation, program), shared)
    kept = _kept(evaluation, situation, program)
    return Judged(evaluation, text, predicate, subject, situation, program, expected(gathering, program), kept)


def _kept(evaluation: Evaluation, situation: Situation, program: Program) -> tuple[str, bytes] | None:
    """What a decision that changes something leaves for those who ask what another program would have decided."""
    packed = keep(situation, program) if evaluation.true else None
    return None if packed is None else (evaluation.facts_hash, packed)


def expected(gathering: Gathering, program: Program) -> Expected:
    """Verdicts move the whole log; they matter only to a program that looks at them."""
    organism = gathering.organism
    size = organism.size if program.mentions & MOVED_BY_VERDICTS else None
    return Expected(organism.epoch, organism.facts_size, size=size)


async def _situation(
    services: Services,
    gathering: Gathering,
    program: Program,
    now: int,
    *,
    subject: Said | None = None,
    proposal: Proposal | None = None,
) -> Situation:
    """What is read besides the gathering is what the program looks at."""
    known = await _said(services, gathering, program, subject)
    urls = [each.url for each in known]
    return Situation(
        epoch=gathering.organism.epoch,
        now=now,
        members=gathering.members,
        said=known,
        verdicts=await _verdicts(services, program, urls),
        links=await _links(services, gathering, program),
        relations=await _relations(services, gathering, program, proposal),
        proposal=proposal,
    )


async def _said(services: Services, gathering: Gathering, program: Program, subject: Said | None) -> tuple[Said, ...]:
    """The expression in question, and the newest ones said before."""
    if not program.mentions & EXPRESSIONS:
        return ()
    organisms, count = services.store.organisms, services.limits.facts_expressions
    newest = await organisms.newest_expressions(gathering.organism.uri, count)
    own = () if subject is None else (subject,)
    urls = {each.url for each in own}
    return (*own, *(said(spoken, expression) for spoken, expression in newest if spoken.url not in urls))


async def _verdicts(services: Services, program: Program, urls: Sequence[str]) -> tuple[Given, ...]:
    """More of them than the engine takes at once leave it undecided, so no more need to be read."""
    if not program.mentions & VERDICTS or not urls:
        return ()
    return await services.store.organisms.given(urls, services.limits.facts_verdicts)


async def _links(services: Services, gathering: Gathering, program: Program) -> tuple[NucleusLink, ...]:
    if not program.mentions & NUCLEUS:
        return ()
    return tuple(await services.nucleus.links(gathering.organism.uri))


async def _relations(
    services: Services, gathering: Gathering, program: Program, proposal: Proposal | None
) -> tuple[Relation, ...]:
    """What the members think of each other and of the candidate."""
    if not program.mentions & RELATIONS:
        return ()
    members = [member.did for member in gathering.members]
    about: list[str] = [*members]
    if proposal is not None and proposal.change is ChangeKind.ADD:
        about.append(proposal.subject)
    return tuple(await services.relations.between(members, about))
