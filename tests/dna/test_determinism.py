"""The same engine, program, facts and limits give the same verdict and fuel (property 5): again, in
parallel, in any process.
"""

import gc
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.organisms.dna import DnaVerdict, Shared
from server.dna import Engine, Fact, Limits, Value, snapshot
from tests.dna.world import MAJORITY, REGISTER, judge, majority_facts

CANDIDATE = "did:key:zCandidate"
PROGRAMS = {
    "majority": MAJORITY + "p(_, O) :- membrane('did:key:zCandidate', O).\n",
    "true": REGISTER + "p(_, _) :- numlist(1, 2000, L), foldl([X, A, B]>>(B is A + X), L, 0, 2001000).\n",
    "memory": REGISTER + "p(_, _) :- catch(q, _, true).\nq :- q, q.\n",
    "stack": REGISTER + 'p(_, _) :- catch(format(atom(_), "~@", [p(_, _)]), _, true).\n',
    "fuel": REGISTER + "p(_, _) :- repeat, fail.\n",
    "error": REGISTER + "p(_, _) :- get_time(T), gensym(x, G), throw(T-G).\n",
    "collected": REGISTER + "p(_, _) :- forall(between(1, 30000, X), atom_concat(kept_, X, _)), garbage_collect.\n",
    "tabled": REGISTER
    + ":- table f/2.\nf(0, 0).\nf(1, 1).\nf(N, F) :- N > 1, A is N - 1, B is N - 2, f(A, X), f(B, Y), "
    "F is X + Y.\np(_, _) :- f(60, F), F > 0.\n",
}
LIMITS = Limits(fuel=300_000_000, memory=48 << 20, wall_seconds=120)
SCRIPT = """
import json, sys
from pathlib import Path
from server.dna import Engine
from tests.dna.test_determinism import judged
with Engine(cache=Path(sys.argv[1])) as engine:
    print(json.dumps(judged(engine)))
"""


def judged(engine: Engine) -> dict[str, list[object]]:
    """Evaluate all programs; return verdict, reason, fuel and hashes of each."""
    found: dict[str, list[object]] = {}
    for name, text in PROGRAMS.items():
        one = engine.compile(text).evaluate("p", "x", majority_facts(5), LIMITS)
        found[name] = [one.verdict.value, one.reason, one.fuel, one.engine_hash, one.dna_hash, one.facts_hash]
    return found


def test_other_processes_agree(engine: Engine, cache: Path) -> None:
    command = [sys.executable, "-c", SCRIPT, str(cache)]
    root = Path(__file__).parents[2]

    answers = [json.loads(subprocess.run(command, cwd=root, check=True, capture_output=True).stdout) for _ in range(2)]

    assert answers == [judged(engine), judged(engine)]


def test_repetition_and_parallel_threads_agree(engine: Engine) -> None:
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: judged(engine), range(6)))

    assert all(answer == answers[0] for answer in answers)


def test_facts_just_loaded_and_kept_facts_agree(cache: Path) -> None:
    with Engine(cache=cache) as keeping, Engine(cache=cache, remembered=0) as forgetful:
        first, second, third = judged(keeping), judged(keeping), judged(keeping)

        assert len(keeping._facts) > 0
        assert len(forgetful._facts) == 0
        assert first == second == third == judged(forgetful) == judged(forgetful)


def test_systems_without_shared_mappings_agree(cache: Path, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "memfd_create", raising=False)
    with Engine(cache=cache) as with_files:
        from_files = [judged(with_files) for _ in range(3)]
        monkeypatch.setattr(snapshot, "_map", None)
        copied = judged(with_files)

    assert [*from_files, copied] == [judged(engine)] * 4


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.text(max_size=8), st.integers(-9, 9)), max_size=60), st.integers(1, 40))
def test_any_facts_just_loaded_and_kept_agree(engine: Engine, pairs: list[tuple[str, int]], depth: int) -> None:
    usable = [("so_member", text, number) for text, number in pairs if text.isprintable()]
    program = engine.compile(
        REGISTER
        + f"""
p(_, _) :- get_time(T), findall(M-N, so_member(M, N), L), msort(L, S), atom_to_term('f(X, X)', F, _), assertz(F),
    length(B, {depth}), statistics(cputime, C), gensym(g, G), T > 0, throw(S-B-C-G).
"""
    )

    answers = [program.evaluate("p", "x", usable) for _ in range(3)]

    assert len({(one.verdict, one.reason, one.fuel) for one in answers}) == 1


def test_earlier_limits_leave_no_trace(cache: Path) -> None:
    facts = majority_facts(5)
    answers = []
    for first in (Limits(fuel=1, memory=19 << 20), Limits(memory=1 << 30), Limits()):
        with Engine(cache=cache) as fresh:
            program = fresh.compile(MAJORITY)
            program.evaluate("membrane", CANDIDATE, facts, first)
            answers.append(program.evaluate("membrane", CANDIDATE, facts).fuel)

    assert len(set(answers)) == 1


def test_memory_does_not_grow_with_evaluations(engine: Engine) -> None:
    """Nor does it wait for the garbage collector: stopped instances hold much memory and few objects."""
    program, hostile = engine.compile(MAJORITY), engine.compile(PROGRAMS["memory"])
    process = psutil.Process()

    def rounds(count: int) -> int:
        for _ in range(count):
            program.evaluate("membrane", CANDIDATE, majority_facts(5))
            hostile.evaluate("p", "x", (), LIMITS)
        return int(process.memory_info().rss)

    gc.collect()
    gc.disable()
    try:
        before = rounds(5)
        grown = rounds(30) - before
    finally:
        gc.enable()

    assert grown < 20 << 20


def test_kept_snapshots_are_bounded(cache: Path) -> None:
    descriptors = psutil.Process().num_fds
    with Engine(cache=cache, remembered=40 << 20) as small:
        for number in range(60):
            for _ in range(2):
                judge(small, f"p(_, _) :- so_member({number}, _).", facts=(("so_member", str(number), 1),))
            if number == 20:
                open_files = descriptors()

        assert descriptors() <= open_files
        assert 0 < small._programs.weight <= 20 << 20
        assert 0 < small._facts.weight <= 20 << 20


def test_what_evaluations_share_is_loaded_once_and_changes_nothing(cache: Path) -> None:
    """The members stay while the votes differ: the first layer is kept, and whoever starts from it agrees."""
    with Engine(cache=cache) as warm:
        program = warm.compile(MAJORITY)
        for vouches in (1, 2, 3, 4):
            program.evaluate("membrane", CANDIDATE, majority_facts(vouches))
        kept = len(warm._facts)
        found = program.evaluate("membrane", CANDIDATE, majority_facts(7))

    with Engine(cache=cache) as cold:
        again = cold.compile(MAJORITY).evaluate("membrane", CANDIDATE, majority_facts(7))

    assert kept == 1
    assert (found.verdict, found.fuel, found.facts_hash) == (again.verdict, again.fuel, again.facts_hash)


def test_nothing_carries_over_to_the_next_evaluation_of_the_same_warm_facts(cache: Path) -> None:
    """Whatever a program leaves behind, asserted, tabled or in a global variable, the next one does not find."""
    program = (
        REGISTER
        + """
:- dynamic seen/1.
:- table squared/2.
squared(X, Y) :- Y is X * X.
membrane(Did, o) :-
    \\+ seen(_), \\+ nb_current(seen, _), \\+ so_join(_, _),
    so_member(_, o), squared(3, 9),
    assertz(seen(Did)), nb_setval(seen, Did), catch(assertz(so_join(Did, 1)), _, true).
"""
    )
    facts = [fact for fact in majority_facts(5) if fact[0] == "so_member"]
    with Engine(cache=cache) as engine:
        compiled = engine.compile(program)
        found = [compiled.evaluate("membrane", CANDIDATE, facts) for _ in range(5)]
        assert len(engine._facts) == 1

    assert {(one.verdict, one.reason, one.fuel) for one in found} == {(DnaVerdict.TRUE, None, found[0].fuel)}


def test_shared_facts_are_the_same_from_whatever_they_are_read(cache: Path) -> None:
    """Under one name they are written down once, for each program and handle; the evaluation does not know."""
    asked: list[str] = []
    facts = majority_facts(5)
    members, votes = [[fact for fact in facts if fact[0] == name] for name in ("so_member", "so_vouch")]
    handles = ("o", '"o"')

    def shared(handle: Value) -> Shared:
        def make() -> list[Fact]:
            asked.append(repr(handle))
            return [(*fact[:2], handle) for fact in members]

        return Shared("the choir at epoch 3", make)

    with Engine(cache=cache) as engine:
        for handle in handles:
            program = engine.compile(MAJORITY.replace('Test", o)', f'Test", {handle})'))
            plain = program.evaluate("membrane", CANDIDATE, [*shared(program.handle).make(), *votes])
            found = [program.evaluate("membrane", CANDIDATE, votes, shared=shared(program.handle)) for _ in range(3)]
            assert {(one.verdict, one.fuel, one.facts_hash) for one in [*found, plain]} == {
                (DnaVerdict.TRUE, plain.fuel, plain.facts_hash)
            }

    assert len(asked) == 2 * len(handles)
