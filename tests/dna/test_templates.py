"""Every template's truth table, by running the engine."""

from collections.abc import Mapping

import pytest

from domain.canonical import Json
from domain.organisms.dna import DnaVerdict
from domain.organisms.parameters import InvalidParameter, Whole
from domain.organisms.templates import MAJORITY, TEMPLATES, TIERS, UnknownTemplate, recognised, template
from server.dna import Engine, Fact
from server.dna.terms import digest
from tests.dna.world import O

CANDIDATE, FOUNDER = "did:key:zCandidate", "did:key:z6MkpTHR8VNsBxYAAWHut2Geadd9jSwuBV8xRoAnwWsdvktH"
HOUR = 3_600_000
MEMBERS = [f"did:key:z6Mk{number:04}" for number in range(9)]
DEFAULT_DIGEST = "ca3038cdd7b218951018a2c2c803ac8384b9784c17ef8970d857eb1b354af723"


def judged(engine: Engine, predicate: str, name: str, given: Mapping[str, Json], facts: list[Fact]) -> bool:
    program = engine.compile(template(name).write(given, FOUNDER).program)
    evaluation = program.evaluate(predicate, CANDIDATE, facts)
    assert evaluation.verdict is not DnaVerdict.UNDECIDED, evaluation.reason
    return evaluation.verdict is DnaVerdict.TRUE


def members(count: int) -> list[Fact]:
    return [("so_member", did, O) for did in MEMBERS[:count]]


def vouches(*dids: str, at: int = 0) -> list[Fact]:
    return [("so_vouch", CANDIDATE, did, at) for did in dids]


def decline(did: str) -> Fact:
    return ("so_decline", CANDIDATE, did, 0)


VOTES = [
    ("majority", {}, lambda vouching, of: 2 * vouching > of),
    ("unanimous", {}, lambda vouching, of: vouching == of),
    ("n_of_m", {}, lambda vouching, of: 3 * vouching >= 2 * of),
    ("n_of_m", {"n": 1, "m": 100}, lambda vouching, of: vouching >= 1),
    ("n_of_m", {"n": 7, "m": 7}, lambda vouching, of: vouching == of),
    ("n_of_m", {"n": 3, "m": 4}, lambda vouching, of: vouching / of >= 0.75),
    ("open", {}, lambda vouching, of: False),
    ("founder_led", {}, lambda vouching, of: False),
]


@pytest.mark.parametrize("predicate", ["membrane", "membrane_exit"])
@pytest.mark.parametrize(("name", "given", "expected"), VOTES)
def test_votes_count(engine: Engine, predicate: str, name: str, given: dict[str, Json], expected: object) -> None:
    assert callable(expected)
    if predicate == "membrane_exit" and name == "open":
        return
    for of in (1, 2, 3, 4, 8, 9):
        for vouching in range(of + 1):
            facts = [*members(of), *vouches(*MEMBERS[:vouching])]

            assert judged(engine, predicate, name, given, facts) is expected(vouching, of), (vouching, of)


def test_unanimous_needs_the_members_themselves(engine: Engine) -> None:
    facts = [*members(3), *vouches(*MEMBERS[:2], "did:key:zStranger")]

    assert not judged(engine, "membrane", "unanimous", {}, facts)


def test_open_admits_who_asks(engine: Engine) -> None:
    assert judged(engine, "membrane", "open", {}, [*members(3), ("so_join", CANDIDATE, 5)])
    assert not judged(engine, "membrane", "open", {}, [*members(3), ("so_join", "did:key:zOther", 5)])
    assert not engine.compile(template("open").program).defines("membrane_exit", 2)


@pytest.mark.parametrize(
    ("votes", "waited", "expected"),
    [
        ([], 100, False),
        (vouches(MEMBERS[0]), 100, False),
        (vouches(*MEMBERS[:2]), 0, False),
        (vouches(*MEMBERS[:2]), 47, False),
        (vouches(*MEMBERS[:2]), 48, True),
        ([*vouches(MEMBERS[0]), *vouches(MEMBERS[1], at=10 * HOUR)], 57, False),
        ([*vouches(MEMBERS[0]), *vouches(MEMBERS[1], at=10 * HOUR)], 58, True),
        ([*vouches(*MEMBERS[:2]), *vouches(MEMBERS[2], at=40 * HOUR)], 48, True),
        ([*vouches(*MEMBERS[:9]), decline(MEMBERS[3])], 500, False),
        ([*vouches(*MEMBERS[:2]), ("so_decline", "did:key:zOther", MEMBERS[3], 0)], 48, True),
    ],
)
def test_sponsors_wait_until_nobody_declines(engine: Engine, votes: list[Fact], waited: int, expected: bool) -> None:
    facts = [*members(9), *votes, ("now", waited * HOUR)]

    assert judged(engine, "membrane", "sponsors", {"k": 2, "hours": 48}, facts) is expected


@pytest.mark.parametrize("least", TIERS)
@pytest.mark.parametrize("tier", TIERS)
def test_trusted_asks_for_a_tier(engine: Engine, least: str, tier: str) -> None:
    facts: list[Fact] = [*members(3), *(("trust_tier", did, CANDIDATE, tier) for did in MEMBERS[:2])]

    assert judged(engine, "membrane", "trusted", {"tier": least}, facts) is (TIERS.index(tier) >= TIERS.index(least))


def test_trusted_counts_members_once_and_strangers_never(engine: Engine) -> None:
    one: list[Fact] = [*members(3), ("trust_tier", MEMBERS[0], CANDIDATE, "trusted")]

    assert not judged(engine, "membrane", "trusted", {}, members(3))
    assert not judged(engine, "membrane", "trusted", {}, one)
    assert not judged(engine, "membrane", "trusted", {}, [*one, ("trust_tier", MEMBERS[0], CANDIDATE, "familiar")])
    assert not judged(engine, "membrane", "trusted", {}, [*one, ("trust_tier", "did:key:z", CANDIDATE, "trusted")])
    assert judged(engine, "membrane", "trusted", {}, [*one, ("trust_tier", MEMBERS[1], CANDIDATE, "familiar")])


@pytest.mark.parametrize("predicate", ["membrane", "membrane_exit"])
def test_the_founder_decides_alone(engine: Engine, predicate: str) -> None:
    everybody_else = [*members(9), ("so_member", FOUNDER, O), *vouches(*MEMBERS)]

    assert not judged(engine, predicate, "founder_led", {}, everybody_else)
    assert judged(engine, predicate, "founder_led", {}, [*everybody_else, *vouches(FOUNDER)])


@pytest.mark.parametrize("name", [name for name in TEMPLATES if name in ("sponsors", "trusted")])
@pytest.mark.parametrize("vouching", range(5))
def test_a_majority_removes(engine: Engine, name: str, vouching: int) -> None:
    facts = [*members(4), *vouches(*MEMBERS[:vouching])]

    assert judged(engine, "membrane_exit", name, {}, facts) is (vouching > 2)


@pytest.mark.parametrize("name", TEMPLATES)
def test_members_say_what_they_wrote(engine: Engine, name: str) -> None:
    program = engine.compile(template(name).write(asker=FOUNDER).program)
    facts: list[Fact] = [("so_member", MEMBERS[0], O)]

    own = program.evaluate("output_expression", "u", [*facts, ("so_expression", "u", MEMBERS[0], 1, "json")])
    foreign = program.evaluate("output_expression", "u", [*facts, ("so_expression", "u", MEMBERS[1], 1, "json")])

    assert (own.verdict, foreign.verdict) == (DnaVerdict.TRUE, DnaVerdict.FALSE)


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_program_says_what_it_does(engine: Engine, name: str) -> None:
    written = template(name).write(asker=FOUNDER)

    assert written.program.startswith(f"%! {written.sentence}\n")
    assert written.sentence.endswith(".")
    for predicate in ("output_expression", "membrane"):
        above = written.program.split(f"\n{predicate}(")[0].splitlines()[-1]
        assert above.startswith("%! ")


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_end_of_a_range_compiles(engine: Engine, name: str) -> None:
    family = template(name)
    for parameter in family.parameters:
        ends = (parameter.least, parameter.most) if isinstance(parameter, Whole) else ()
        for value in ends:
            others = {"m": 100} if parameter.name == "n" else {"n": 1} if parameter.name == "m" else {}
            assert engine.compile(family.write({**others, parameter.name: value}, FOUNDER).program).handle == O


BAD: list[tuple[str, dict[str, Json], str, str]] = [
    ("n_of_m", {"n": 0}, "n", "a whole number from 1 to 100"),
    ("n_of_m", {"n": 101}, "n", "a whole number from 1 to 100"),
    ("n_of_m", {"n": 4, "m": 3}, "n", "a whole number from 1 to 3, the value of m"),
    ("n_of_m", {"n": "2"}, "n", "a whole number from 1 to 100"),
    ("n_of_m", {"n": True}, "n", "a whole number from 1 to 100"),
    ("n_of_m", {"n": 1.5}, "n", "a whole number from 1 to 100"),
    ("n_of_m", {"k": 1}, "k", "one of n, m"),
    ("sponsors", {"hours": 673}, "hours", "a whole number from 0 to 672"),
    ("trusted", {"tier": "friend"}, "tier", "one of stranger, acquaintance, familiar, trusted, inner_circle"),
    ("trusted", {"tier": ["familiar"]}, "tier", "one of stranger, acquaintance, familiar, trusted, inner_circle"),
    ("founder_led", {"founder": 'x"), halt. founder("y'}, "founder", "a DID, did:key:z6Mk…"),
    ("founder_led", {"founder": 7}, "founder", "a DID, did:key:z6Mk…"),
    ("majority", {"k": 1}, "k", "no parameters"),
]


@pytest.mark.parametrize(("name", "given", "parameter", "expected"), BAD)
def test_a_bad_parameter_is_refused_with_its_range(
    name: str, given: dict[str, Json], parameter: str, expected: str
) -> None:
    with pytest.raises(InvalidParameter) as refused:
        template(name).write(given, FOUNDER)

    assert refused.value.facts["parameter"] == parameter
    assert refused.value.facts["expected"] == expected
    assert expected in str(refused.value)


def test_founder_led_needs_a_founder() -> None:
    with pytest.raises(InvalidParameter, match="founder"):
        _ = template("founder_led").program


def test_an_unknown_template_is_refused() -> None:
    with pytest.raises(UnknownTemplate, match="majority"):
        template("anarchy")


def test_the_default_program_stays_as_it_is() -> None:
    assert digest(MAJORITY.program) == DEFAULT_DIGEST


@pytest.mark.parametrize(
    ("name", "given"),
    [
        *((name, {}) for name in TEMPLATES),
        ("n_of_m", {"n": 3, "m": 100}),
        ("sponsors", {"k": 7, "hours": 0}),
        *(("trusted", {"tier": tier, "k": 9}) for tier in TIERS),
    ],
)
def test_what_a_template_wrote_is_recognised(name: str, given: dict[str, Json]) -> None:
    written = template(name).write(given, FOUNDER)

    assert recognised(written.program) == written
    assert recognised(written.program + "% changed") is None
    assert recognised(written.program.replace("so_vouch", "so_decline").replace("so_join", "now")) is None
