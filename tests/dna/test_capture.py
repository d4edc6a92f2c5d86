"""Capture cost: what the search finds, and that it holds."""

import math
import time

import pytest

from domain.organisms.dna import DnaVerdict
from domain.organisms.templates import TEMPLATES, template
from server.dna import Engine, Limits
from server.dna import capture as searching
from server.dna.batch import Batch
from server.dna.capture import FEWEST, MOST, Search, Stage, Way, capture_cost, case
from tests.dna.world import REGISTER

FOUNDER = "did:key:z6MkpTHR8VNsBxYAAWHut2Geadd9jSwuBV8xRoAnwWsdvktH"
OTHER = "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"
ROSTERS = range(FEWEST, MOST + 1)
EXPECTED = [
    ("majority", {}, lambda members: members // 2 + 1),
    ("open", {}, lambda members: 0),
    ("unanimous", {}, lambda members: members),
    ("n_of_m", {}, lambda members: math.ceil(2 * members / 3)),
    ("n_of_m", {"n": 1, "m": 100}, lambda members: 1),
    ("n_of_m", {"n": 9, "m": 10}, lambda members: math.ceil(9 * members / 10)),
    ("sponsors", {}, lambda members: 2),
    ("sponsors", {"k": 3, "hours": 672}, lambda members: 3),
    ("sponsors", {"k": 1, "hours": 0}, lambda members: 1),
    ("founder_led", {}, lambda members: 1),
    ("trusted", {}, lambda members: None),
    ("sponsors", {"k": 100}, lambda members: None),
]


@pytest.mark.parametrize("members", ROSTERS)
@pytest.mark.parametrize(("name", "given", "expected"), EXPECTED)
def test_templates_are_exact(engine: Engine, name: str, given: dict[str, int], expected: object, members: int) -> None:
    assert callable(expected)
    program = template(name).write(given, FOUNDER).program

    found = capture_cost(engine, program, members, exact=True)

    assert found.cost == expected(members)
    assert found.exact
    assert not found.exhausted
    assert found.impossible is (expected(members) is None)


@pytest.mark.parametrize("name", [name for name in TEMPLATES if name != "trusted"])
def test_other_programs_get_bounds_that_hold(engine: Engine, name: str) -> None:
    """The same programs without the knowledge that they are templates'."""
    program = template(name).write(asker=FOUNDER).program

    exact, bounded = (capture_cost(engine, program, 5, exact=known) for known in (True, False))

    assert bounded.lower <= (exact.cost or 0) <= (bounded.upper or 0)
    assert not bounded.exact


def test_nine_members_take_seconds_at_most(engine: Engine) -> None:
    started = time.monotonic()

    found = capture_cost(engine, template("majority").program, 9, exact=True)

    assert found.cost == 5
    assert time.monotonic() - started < 10


def test_the_moves_are_told_and_end_in_a_majority(engine: Engine) -> None:
    found = capture_cost(engine, template("sponsors").write({"k": 2, "hours": 24}).program, 3, exact=True)

    assert found.moves == (
        "2 of 3 members collude: did:key:zMember01, did:key:zMember02",
        "outsider 1 asks to join; 2 vouch; after 1 day it is in",
        "outsider 2 asks to join; 3 vouch; after 1 day it is in",
        "outsider 3 asks to join; 4 vouch; after 1 day it is in",
        "outsider 4 asks to join; 5 vouch; after 1 day it is in",
        "4 outsiders outnumber the 3 members",
    )


RULES = {
    "two declines admit": ("aggregate_all(count, so_decline(Did, _, _), 2)", 2, 2),
    "old members only": (
        "aggregate_all(count, ( so_vouch(Did, M, _), so_member_since(M, T), now(N), N - T > 31536000000 ), C), C >= 3",
        3,
        3,
    ),
    "named together": (
        f'so_vouch(Did, "{FOUNDER}", _), aggregate_all(count, so_vouch(Did, _, _), C), C >= 3',
        3,
        3,
    ),
    "at once only": ("so_vouch(Did, _, T), now(T)", 1, 1),
    "never": ("so_vouch(Did, _, _), fail", 5, None),
    "always undecided": ("so_vouch(Did, _, _), X is foo, X > 1", 5, None),
    "on two days": ("so_vouch(Did, _, A), so_vouch(Did, _, B), B - A > 86400000", 5, None),
    "closed": (None, 6, None),
}  # fmt: skip


@pytest.mark.parametrize("name", RULES)
def test_a_program_of_ones_own_gets_bounds(engine: Engine, name: str) -> None:
    body, lower, upper = RULES[name]
    program = REGISTER + ("" if body is None else f"membrane(Did, o) :- {body}.\n")

    found = capture_cost(engine, program, 5, exact=False)

    assert (found.lower, found.upper) == (lower, upper)
    assert found.impossible is (body is None)


def test_who_proposes_counts_where_the_program_looks_at_it(engine: Engine) -> None:
    program = REGISTER + "membrane(Did, o) :- so_proposed(Did, M, _), so_member(M, o).\n"

    assert capture_cost(engine, program, 4, exact=False).upper == 1


def test_any_of_those_who_vouch_may_have_proposed(engine: Engine) -> None:
    rule = f'membrane(Did, o) :- so_vouch(Did, "{OTHER}", _), so_proposed(Did, "{FOUNDER}", _).\n'

    found = capture_cost(engine, REGISTER + rule, 4, exact=False)

    assert (found.lower, found.upper) == (2, 2)


def test_members_that_are_not_interchangeable_keep_the_lower_bound_honest(engine: Engine) -> None:
    """One member alone decides, but not one that the search would try first."""
    body = 'membrane(Did, o) :- so_vouch(Did, M, _), so_member(M, o), sub_string(M, _, _, 0, "Member03").\n'

    found = capture_cost(engine, REGISTER + body, 5, exact=False)

    assert (found.lower, found.upper) == (1, 3)


def test_a_budget_that_runs_out_is_said(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "EVALUATIONS", 40)

    searched = capture_cost(engine, template("unanimous").program, 12, exact=True)
    bounded = capture_cost(engine, template("unanimous").program, 9, exact=False)

    assert searched.exhausted or searched.cost == 12
    assert bounded.exhausted
    assert bounded.lower < 9 == bounded.upper


HOSTILE = ["repeat, fail", "membrane(Did, o), true", "length(L, 1000000000), L = [x|_]", "halt"]


@pytest.mark.parametrize("body", HOSTILE)
def test_a_hostile_membrane_ends_the_search_in_time(engine: Engine, body: str) -> None:
    started = time.monotonic()

    found = capture_cost(engine, f"{REGISTER}membrane(Did, o) :- so_vouch(Did, _, _), {body}.\n", 9, exact=False)

    assert found.upper is None
    assert found.exhausted
    assert time.monotonic() - started < 60


def test_a_program_that_tells_batches_apart_gets_no_way_in(engine: Engine) -> None:
    """It keeps a count in a global variable, so that it says true to whom nobody vouched, but in batches only."""
    body = "( catch(nb_getval(n, N), _, N = 0) ), M is N + 1, nb_setval(n, M), M > 1"

    found = capture_cost(engine, f"{REGISTER}membrane(Did, o) :- so_join(Did, _), {body}.\n", 5, exact=False)

    assert found.upper is None


def test_what_is_asked_is_what_an_organism_would_ask(engine: Engine) -> None:
    program = engine.compile(template("sponsors").program)
    stage = Stage(("did:key:zMember01", "did:key:zMember02"), 1, 10)

    asked = case(program, stage, Way(("did:key:zMember02",), ("did:key:zOutsider01",), None, 5))

    newcomer = "did:key:zOutsider02"
    assert asked.subject == newcomer
    assert ("so_vouch", newcomer, "did:key:zMember02", 10) in asked.facts
    assert ("so_decline", newcomer, "did:key:zOutsider01", 10) in asked.facts
    assert ("now", 15) in asked.facts
    assert sorted(fact[1] for fact in asked.facts if fact[0] == "so_member") == sorted(stage.roster)


def test_nothing_is_asked_twice(engine: Engine) -> None:
    program = engine.compile(template("majority").program)
    stage = Stage(("did:key:zMember01", "did:key:zMember02", "did:key:zMember03"), 0, 0)
    ways = [Way(("did:key:zMember01",), (), None, 0)] * 3

    with Batch(engine, program, limits=Limits()) as batch:
        search = Search(batch, program)
        first, again = search.admits(stage, ways), search.admits(stage, ways)

    assert first is again is None
    assert search.evaluations == 1


@pytest.mark.parametrize("members", [2, 13])
def test_rosters_are_small(engine: Engine, members: int) -> None:
    with pytest.raises(ValueError, match="3 to 12"):
        capture_cost(engine, template("majority").program, members, exact=True)


def test_the_membrane_of_a_witness_is_true_in_fresh_evaluations(engine: Engine) -> None:
    """The last move of majority with five of nine: ten outsiders in a roster of nineteen."""
    program = engine.compile(template("majority").program)
    members = tuple(f"did:key:zMember{number + 1:02}" for number in range(9))
    stage = Stage(members, 9, 0)

    asked = case(program, stage, Way((*members[:5], *stage.roster[9:]), (), None, 0))

    assert program.evaluate(asked.predicate, asked.subject, asked.facts).verdict is DnaVerdict.TRUE
