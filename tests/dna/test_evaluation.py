"""Evaluations: facts in, a verdict and its record out."""

import asyncio
import hashlib
import itertools
import threading
from contextlib import ExitStack
from pathlib import Path

import pytest

from domain.organisms.dna import DnaVerdict
from server.dna import Atom, Engine, EngineBusy, EngineClosed, Fact, InvalidFact, Limits
from tests.dna.world import MAJORITY, REGISTER, O, judge, majority_facts

CANDIDATE = "did:key:zCandidate"


@pytest.mark.parametrize(
    ("vouches", "verdict"), [(0, DnaVerdict.FALSE), (4, DnaVerdict.FALSE), (5, DnaVerdict.TRUE), (9, DnaVerdict.TRUE)]
)
def test_a_majority_is_more_than_half(engine: Engine, vouches: int, verdict: DnaVerdict) -> None:
    evaluation = engine.compile(MAJORITY).evaluate("membrane", CANDIDATE, majority_facts(vouches))

    assert evaluation.verdict is verdict
    assert evaluation.reason is None


def test_an_evaluation_records_what_it_was_made_of(engine: Engine) -> None:
    facts: list[Fact] = [("so_vouch", "a", "b", 2), ("so_member", "é", O), ("so_member", "b", O), ("now", 7)]
    canonical = r"""so_member("\u00E9",'o').
so_member("b",'o').
so_vouch("a","b",2).
"""

    evaluation = engine.compile(MAJORITY).evaluate("membrane", "a", facts)

    assert evaluation.engine_hash == engine.hash
    assert evaluation.dna_hash == hashlib.sha256(MAJORITY.encode()).hexdigest()
    assert evaluation.facts_hash == hashlib.sha256(canonical.encode()).hexdigest()
    assert 0 < evaluation.fuel < 1_000_000
    assert evaluation.milliseconds > 0


@pytest.mark.parametrize("name", ["so_member", "so_vouch", "trust", "link", "reachable", "now", "agent_did"])
def test_a_missing_fact_is_no_solution(engine: Engine, name: str) -> None:
    arity = {"so_member": 2, "so_vouch": 3, "trust": 3, "link": 5, "reachable": 2}.get(name, 1)

    assert judge(engine, f"p(_, _) :- \\+ {name}({', '.join('_' * arity)}).").verdict is DnaVerdict.TRUE


def test_the_predicate_of_the_goal_must_exist(engine: Engine) -> None:
    evaluation = engine.compile(REGISTER).evaluate("membrane_exit", "x")

    assert evaluation.verdict is DnaVerdict.UNDECIDED
    assert evaluation.reason == "there is no predicate membrane_exit/2"


def test_errors_are_undecided_and_explained(engine: Engine) -> None:
    evaluation = judge(engine, "p(_, _) :- X is foo + 1, X > 0.")

    assert evaluation.verdict is DnaVerdict.UNDECIDED
    assert evaluation.reason == "is/2: Arithmetic: `foo/0' is not a function"


def test_the_subject_is_a_string_and_the_handle_what_was_registered(engine: Engine) -> None:
    program = engine.compile(
        'register_social_organism("T", 42).\np(S, O) :- string(S), S == "it\'s \\"x\\"", O =:= 42.'
    )

    assert program.evaluate("p", 'it\'s "x"').verdict is DnaVerdict.TRUE


def test_the_order_and_repetition_of_facts_do_not_matter(engine: Engine) -> None:
    program = engine.compile(REGISTER + 'p(_, _) :- findall(M, so_member(M, _), Ms), Ms == ["a", "b", "c"].')
    facts: list[Fact] = [("so_member", name, O) for name in "abc"]

    seen = [program.evaluate("p", "x", order) for order in itertools.permutations([*facts, facts[0]])]

    assert {(one.verdict, one.fuel, one.facts_hash) for one in seen} == {
        (DnaVerdict.TRUE, seen[0].fuel, seen[0].facts_hash)
    }


def test_facts_that_the_program_does_not_mention_are_not_loaded(engine: Engine) -> None:
    program = engine.compile(REGISTER + "p(_, _) :- atom_concat(so_, member, F), catch(call(F, _, _), _, fail).")

    with_facts = program.evaluate("p", "x", [("so_member", "a", O)])

    assert with_facts.verdict is DnaVerdict.FALSE
    assert with_facts.facts_hash == hashlib.sha256(b"").hexdigest()


@pytest.mark.parametrize(
    "fact", [("so_vouch", "a", "b"), ("reachable", "a", "b"), ("nonsense", "a"), ("so_member", "a", None), (), (1, 2)]
)
def test_unknown_facts_are_refused(engine: Engine, fact: Fact) -> None:
    program = engine.compile(REGISTER + "p(_, _) :- so_member(_, _), so_vouch(_, _, _).")

    with pytest.raises(InvalidFact):
        program.evaluate("p", "x", [fact])


def test_reachable_follows_triples_round_cycles(engine: Engine) -> None:
    triples = tuple(("triple", a, "knows", b) for a, b in zip("abccx", "bcady", strict=True))
    program = """
p(_, _) :-
    reachable("a", "d"), reachable("a", "a"), \\+ reachable("d", _), \\+ reachable("a", "y"),
    findall(T, reachable("b", T), Ts), msort(Ts, ["a", "b", "c", "d"]),
    findall(F, reachable(F, "d"), Fs), msort(Fs, ["a", "b", "c"]).
"""

    assert judge(engine, program, facts=triples).verdict is DnaVerdict.TRUE


def test_fuel_counts_the_goal_alone(engine: Engine) -> None:
    program = engine.compile(REGISTER + "p(S, _) :- so_member(S, _).")
    few = program.evaluate("p", "did:3", [("so_member", f"did:{n}", O) for n in range(20)])
    many = program.evaluate("p", "did:3", [("so_member", f"did:{n}", O) for n in range(20_000)])

    assert few.verdict is many.verdict is DnaVerdict.TRUE
    assert many.fuel < 2 * few.fuel


def test_a_large_fact_is_loaded(engine: Engine) -> None:
    program = engine.compile(REGISTER + "p(U, _) :- so_expression_data(U, Json), string_length(Json, 300000).")

    assert program.evaluate("p", "u", [("so_expression_data", "u", "x" * 300_000)]).verdict is DnaVerdict.TRUE


def test_too_many_facts_are_undecided(engine: Engine) -> None:
    program = engine.compile(REGISTER + "p(U, _) :- so_expression_data(U, _).")

    evaluation = program.evaluate("p", "u", [("so_expression_data", "u", "x" * (17 << 20))])

    assert evaluation.verdict is DnaVerdict.UNDECIDED
    assert evaluation.reason == "more than 16777216 bytes of facts"


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        (Limits(fuel=1_000_000), "fuel limit"),
        (Limits(memory=30 << 20), "memory limit"),
        (Limits(memory=1 << 20), "memory limit (before the evaluation)"),
        (Limits(output=100), "output limit"),
        (Limits(fuel=10**15, memory=1 << 30, wall_seconds=0.05), "wall-clock limit"),
    ],
)
def test_each_limit_is_undecided_and_named(engine: Engine, limits: Limits, reason: str) -> None:
    program = {
        "fuel limit": "p(_, _) :- numlist(1, 100000, L), sum_list(L, _).",
        "output limit": "p(_, _) :- forall(between(1, 21, _), (write(hello), flush_output)).",
        "wall-clock limit": "p(_, _) :- repeat, fail.",
    }.get(reason, "p(_, _) :- numlist(1, 500000, L), sum_list(L, _).")

    evaluation = judge(engine, program, limits)

    assert evaluation.verdict is DnaVerdict.UNDECIDED
    assert evaluation.reason == reason
    assert evaluation.fuel <= limits.fuel


@pytest.mark.parametrize("name", ["fuel", "memory", "output", "wall_seconds"])
def test_limits_are_positive(name: str) -> None:
    with pytest.raises(ValueError, match="positive"):
        Limits(**{name: 0})


async def test_evaluations_run_off_the_event_loop(engine: Engine) -> None:
    slow = await engine.compiled(REGISTER + "p(_, _) :- repeat, fail.")
    turns = 0
    running = asyncio.ensure_future(engine.evaluate(slow, "p", "x", (), Limits(fuel=500_000_000)))

    while not running.done():
        await asyncio.sleep(0)
        turns += 1

    assert running.result().reason == "fuel limit"
    assert turns > 10


async def test_a_full_queue_is_refused(cache: object, engine: Engine) -> None:
    slow = engine.compile(REGISTER + "p(_, _) :- repeat, fail.")
    limits, places = Limits(fuel=100_000_000), engine._places

    # What runs must not be over before all have asked, however slowly this thread gets its turn.
    longer = Limits(fuel=1_000_000_000)
    asked = [asyncio.ensure_future(engine.evaluate(slow, "p", "x", (), longer)) for _ in range(places + 3)]
    await asyncio.sleep(0)
    refused = [task for task in asked if task.done() and isinstance(task.exception(), EngineBusy)]
    for task in asked:
        task.cancel()
    await asyncio.gather(*asked, return_exceptions=True)
    await engine._pool.do(int)  # its turn comes after all of theirs

    assert len(refused) == 3
    assert (await engine.evaluate(slow, "p", "x", (), limits)).reason == "fuel limit"


async def test_a_place_is_free_when_the_work_is_over_not_when_nobody_waits_for_it(cache: Path) -> None:
    entered, gate = threading.Event(), threading.Event()
    with Engine(cache=cache, workers=1, waiting=1) as narrow, ExitStack() as stack:
        stack.callback(gate.set)
        works = (lambda: entered.set() or gate.wait(), gate.wait)
        asked = [asyncio.ensure_future(narrow.soon(work)) for work in works]
        await asyncio.to_thread(entered.wait)
        for task in asked:
            task.cancel()
        await asyncio.gather(*asked, return_exceptions=True)

        with pytest.raises(EngineBusy):
            await narrow.soon(int)

        gate.set()
        await narrow._pool.do(int)  # its turn comes after theirs
        assert await narrow.soon(int) == 0


async def test_a_closed_engine_evaluates_nothing(cache: object) -> None:
    with Engine(cache=cache) as short:  # type: ignore[arg-type]  # a Path
        program = short.compile(MAJORITY)

    with pytest.raises(EngineClosed):
        program.evaluate("membrane", "x")
    with pytest.raises(EngineClosed):
        await short.evaluate(program, "membrane", "x")


async def test_parallel_evaluations_agree(engine: Engine) -> None:
    program = engine.compile(MAJORITY)
    cases = [majority_facts(vouches) for vouches in range(10)] * 4

    found = await asyncio.gather(*(engine.evaluate(program, "membrane", CANDIDATE, facts) for facts in cases))

    alone = [program.evaluate("membrane", CANDIDATE, facts) for facts in cases]
    assert [(one.verdict, one.fuel) for one in found] == [(one.verdict, one.fuel) for one in alone]


def test_a_handle_with_quotes_is_quoted(engine: Engine) -> None:
    program = engine.compile("register_social_organism(_, 'o\\'), halt. %').\np(_, O) :- O == 'o\\'), halt. %'.")

    assert program.handle == Atom("o'), halt. %")
    assert program.evaluate("p", "x").verdict is DnaVerdict.TRUE
