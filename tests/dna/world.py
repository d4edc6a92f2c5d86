"""Short programs and facts for the tests."""

from domain.organisms.dna import Evaluation
from server.dna import Atom, Engine, Fact, Limits

REGISTER = 'register_social_organism("Test", o).\n'
O = Atom("o")  # noqa: E741  (the name of the handle in the protocol)
MAJORITY = (
    REGISTER
    + """
output_expression(Url, O) :- so_expression(Url, Author, _, _), so_member(Author, O).
membrane(Did, O) :-
    aggregate_all(count, so_member(_, O), Members),
    aggregate_all(count, so_vouch(Did, _, _), Vouches),
    2 * Vouches > Members.
"""
)


def majority_facts(vouches: int, members: int = 9, candidate: str = "did:key:zCandidate") -> list[Fact]:
    dids = [f"did:key:z6Mk{number:04}" for number in range(members)]
    return [
        *(("so_member", did, O) for did in dids),
        *(("so_vouch", candidate, did, 1_700_000_000_000 + at) for at, did in enumerate(dids[:vouches])),
    ]


PATIENT = Limits(wall_seconds=120)  # on a busy machine the deterministic limits still come first


def judge(engine: Engine, clauses: str, limits: Limits = PATIENT, facts: tuple[Fact, ...] = ()) -> Evaluation:
    """Evaluate p/2 of a program with these clauses."""
    return engine.compile(REGISTER + clauses).evaluate("p", "subject", facts, limits)
