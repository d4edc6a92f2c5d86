"""Batches: the answers of fresh evaluations, many at a time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.organisms import dna
from domain.organisms.dna import Case, DnaVerdict
from server.dna import Batch, Engine, Fact, InvalidFact, judge_all
from server.dna.judge import SLICE, Judge
from tests.dna.world import MAJORITY, REGISTER, O, majority_facts

CANDIDATE = "did:key:zCandidate"


def majority_case(vouches: int) -> Case:
    return Case("membrane", CANDIDATE, tuple(majority_facts(vouches)))


@given(st.lists(st.integers(0, 9), max_size=80))
def test_a_batch_gives_the_answers_of_fresh_evaluations(engine: Engine, vouches: list[int]) -> None:
    program = engine.compile(MAJORITY)

    answers = judge_all(engine, program, [majority_case(count) for count in vouches])

    fresh = [program.evaluate("membrane", CANDIDATE, majority_facts(count)) for count in vouches]
    assert [(one.verdict, one.reason) for one in answers] == [(one.verdict, one.reason) for one in fresh]


def test_common_facts_are_loaded_once_for_all(engine: Engine) -> None:
    members = [fact for fact in majority_facts(0) if fact[0] == "so_member"]
    cases = [
        Case("membrane", CANDIDATE, tuple(fact for fact in majority_facts(count) if fact[0] == "so_vouch"))
        for count in range(10)
    ]

    answers = judge_all(engine, engine.compile(MAJORITY), cases, members)

    assert [one.verdict for one in answers] == [DnaVerdict.FALSE] * 5 + [DnaVerdict.TRUE] * 5


def test_a_case_cannot_add_to_the_common_facts(engine: Engine) -> None:
    members = [fact for fact in majority_facts(0) if fact[0] == "so_member"]

    with pytest.raises(ValueError, match="same name"):
        judge_all(engine, engine.compile(MAJORITY), [majority_case(1)], members)


def test_a_fact_of_another_arity_is_refused(engine: Engine) -> None:
    with pytest.raises(InvalidFact):
        judge_all(engine, engine.compile(MAJORITY), [Case("membrane", CANDIDATE, (("so_member", "a"),))])


HOSTILE = {
    "repeat, fail": "fuel limit",
    "q, q": "memory limit",
    "halt": "the program ended the engine",
    "throw(oops)": "uncaught oops",
    "nosuch": "there is no predicate nosuch/0",
    "abolish(so_driver:reply/2), assertz(so_driver:reply(_, \"[1]\"))": "engine fault",
}  # fmt: skip


@pytest.mark.parametrize("body", HOSTILE)
def test_a_hostile_case_spoils_no_other(engine: Engine, body: str) -> None:
    clauses = f'p("bad", _) :- {body}.\np("good", _).\nq :- q, q.\n'
    program = engine.compile(REGISTER + clauses)

    with Batch(engine, program) as batch:
        found = list(batch.judge(Case("p", subject) for subject in ["good", "bad", "other", "good"]))

    expected = [DnaVerdict.TRUE, DnaVerdict.UNDECIDED, DnaVerdict.FALSE, DnaVerdict.TRUE]
    assert [one.verdict for one in found][:2] == expected[:2]
    assert found[1].reason == HOSTILE[body]
    if "so_driver" not in body:  # whoever spoils the driver spoils its own batch
        assert [one.verdict for one in found] == expected


def test_facts_and_clauses_of_a_case_are_taken_back(engine: Engine) -> None:
    program = engine.compile(
        REGISTER + ":- dynamic kept/1.\np(S, _) :- so_member(S, _), \\+ kept(_), assertz(kept(S)).\n"
    )
    alice: tuple[Fact, ...] = (("so_member", "alice", O),)

    answers = judge_all(engine, program, [Case("p", "alice", alice), Case("p", "alice", alice), Case("p", "alice")])

    assert [one.verdict for one in answers] == [DnaVerdict.TRUE, DnaVerdict.TRUE, DnaVerdict.FALSE]


def test_tables_are_taken_back(engine: Engine) -> None:
    program = engine.compile(REGISTER + 'p(_, _) :- reachable("a", "c").\n')
    path: tuple[Fact, ...] = (("triple", "a", "", "b"), ("triple", "b", "", "c"))

    answers = judge_all(engine, program, [Case("p", ""), Case("p", "", path), Case("p", "", path[:1])])

    assert [one.verdict for one in answers] == [DnaVerdict.FALSE, DnaVerdict.TRUE, DnaVerdict.FALSE]


async def test_the_domain_asks_many_cases_at_once(engine: Engine) -> None:
    cases = [dna.Case("membrane", CANDIDATE, tuple(majority_facts(count % 10))) for count in range(SLICE + 5)]

    answers = await Judge(engine).evaluate_all(MAJORITY, cases)

    assert [one.verdict is dna.DnaVerdict.TRUE for one in answers] == [count % 10 > 4 for count in range(SLICE + 5)]
