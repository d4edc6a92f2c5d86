"""Asking an organism's Social DNA: which program, which facts."""

from domain.expressions import Expression
from domain.identity import Did
from domain.organisms.dna import OUTPUT_EXPRESSION, Evaluation, Program, Said, Situation, facts, said
from domain.organisms.membership import PREDICATES, Gathering
from domain.organisms.organism import Proposal
from resolvers.context import Services

_EXPRESSION_FACTS = {"so_expression", "so_expression_data", "so_link"}


async def program_text(services: Services, dna: str) -> str:
    """The program with this hash; every hash that an accepted statement names is stored with it."""
    program = await services.store.organisms.program(dna)
    assert program is not None, f"the program {dna} is missing from the store"
    return program


async def compiled(services: Services, dna: str) -> Program:
    return await services.engine.compile(await program_text(services, dna))


async def evaluate_output(
    services: Services, dna: str, gathering: Gathering, url: str, language: str, expression: Expression, me: Did
) -> Evaluation:
    """Whether the organism may say the expression, in the eyes of `me`."""
    text = await program_text(services, dna)
    program = await services.engine.compile(text)
    known = (Said(url, language, expression), *await _earlier(services, gathering, program, url))
    situation = Situation(gathering.organism.epoch, services.clock(), gathering.members, known, me=me)
    return await services.engine.evaluate(text, OUTPUT_EXPRESSION, url, facts(situation, program))


async def _earlier(services: Services, gathering: Gathering, program: Program, url: str) -> tuple[Said, ...]:
    """The newest expressions said before, where the program looks at expressions at all."""
    if not program.mentions & _EXPRESSION_FACTS:
        return ()
    organisms, count = services.store.organisms, services.limits.facts_expressions
    newest = await organisms.newest_expressions(gathering.organism.uri, count)
    return tuple(said(spoken, expression) for spoken, expression in newest if spoken.url != url)


async def evaluate_membrane(services: Services, gathering: Gathering, proposal: Proposal) -> Evaluation:
    """Whether the change of the roster that a proposal wants shall happen now."""
    text = await program_text(services, gathering.organism.dna)
    program = await services.engine.compile(text)
    situation = Situation(gathering.organism.epoch, services.clock(), gathering.members, proposal=proposal)
    predicate = PREDICATES[proposal.change]
    return await services.engine.evaluate(text, predicate, proposal.subject, facts(situation, program))
