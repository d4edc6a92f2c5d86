"""Random Social DNA from a grammar: rules that cut, negate, loop, fail and raise errors, over random facts."""

from dataclasses import dataclass
from random import Random

from server.dna import Atom, Fact
from tests.dna.world import REGISTER

CONSTANTS = ("1", "2", "3", "x", '"a"', "f(1)", "[]", "[1, 2]")
NAMES = ("q", "r", "s", "t")
MEMBERS = ("a", "b", "c")


@dataclass(frozen=True)
class Sample:
    """A program with p/2, and facts for it."""

    program: str
    facts: tuple[Fact, ...]


def sample(seed: int) -> Sample:
    """The same seed is the same sample, everywhere."""
    random = Random(seed)
    clauses = [f"p(S, O) :- {_body(random, 3)}."]
    for name in NAMES:
        clauses += [_clause(random, name) for _ in range(random.randint(1, 3))]
    if random.random() < 0.2:
        clauses.insert(0, f":- table {random.choice(NAMES)}/1.")
    return Sample(REGISTER + "\n".join(clauses) + "\n", _facts(random))


def _facts(random: Random) -> tuple[Fact, ...]:
    members: list[Fact] = [("so_member", did, Atom("o")) for did in MEMBERS if random.random() < 0.7]
    votes: list[Fact] = [("so_vouch", "x", did, random.randint(0, 3)) for did in MEMBERS if random.random() < 0.5]
    return (*members, *votes, ("now", random.randint(0, 5)))


def _clause(random: Random, name: str) -> str:
    head = f"{name}({random.choice(('X', 'X', '_', *CONSTANTS))})"
    return f"{head}." if random.random() < 0.35 else f"{head} :- {_body(random, 2)}."


def _body(random: Random, depth: int) -> str:
    return ", ".join(_goal(random, depth) for _ in range(random.randint(1, 3)))


def _term(random: Random) -> str:
    return random.choice(("X", "X", "Y", "S", *CONSTANTS))


def _goal(random: Random, depth: int) -> str:
    if depth and random.random() < 0.4:
        return _control(random, depth - 1)
    return random.choice(
        (
            f"{random.choice(NAMES)}({_term(random)})",
            f"{random.choice(NAMES)}({_term(random)})",
            f"{_term(random)} = {_term(random)}",
            f"{_term(random)} == {_term(random)}",
            f"X is {random.randint(0, 3)} + {random.choice(('1', 'Y', 'x'))}",
            f"{random.choice(('X', '2', 'Y'))} < {random.randint(0, 4)}",
            f"member(X, [{_term(random)}, {_term(random)}])",
            "so_member(X, O)",
            "so_vouch(S, X, Y)",
            "now(Y)",
            "aggregate_all(count, so_vouch(S, _, _), Y)",
            f"between(1, {random.randint(1, 4)}, Y)",
            "atom_length(X, Y)",
            "throw(X)",
            "!",
            "true",
            "fail",
            "nosuch(X)",
        )
    )


def _control(random: Random, depth: int) -> str:
    a, b, c = (_body(random, depth) for _ in range(3))
    return random.choice(
        (
            f"( {a} ; {b} )",
            f"( {a} -> {b} ; {c} )",
            f"( {a} *-> {b} ; {c} )",
            f"( {a} -> {b} )",
            f"\\+ ( {a} )",
            f"findall(X, ( {a} ), Y)",
            f"forall(( {a} ), ( {b} ))",
            f"catch(( {a} ), _, ( {b} ))",
            f"once(( {a} ))",
            f"call(( {a} ))",
        )
    )
