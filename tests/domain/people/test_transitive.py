"""Hearsay and EigenTrust: nobody becomes trusted by vouching for each other (P23)."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.people.errors import InvalidOpinion
from domain.people.interaction import PersonId
from domain.people.opinion import NOTHING, Opinion, discount, forgetting, fuse
from domain.people.transitive import Hearsay, Opinions, eigentrust, hearsay

ROOT, SUBJECT = PersonId("root"), PersonId("subject")
GOOD = Opinion(20, 1)

opinions = st.builds(Opinion, st.floats(0, 500), st.floats(0, 500))


def graph(**edges: str) -> dict[PersonId, dict[PersonId, Opinion]]:
    """Each person with the names of those it thinks well of."""
    return {
        PersonId(source): {PersonId(target): GOOD for target in targets.split()} for source, targets in edges.items()
    }


def heard(told: Opinions, *recommenders: str) -> Hearsay:
    return hearsay(ROOT, SUBJECT, told, frozenset(map(PersonId, recommenders)))


@given(opinions, opinions)
def test_discounting_is_the_same_in_evidence_and_in_opinion_space(trust: Opinion, told: Opinion) -> None:
    passed = discount(trust, told)

    assert passed.belief == pytest.approx(trust.belief * told.belief, abs=1e-12)
    assert passed.disbelief == pytest.approx(trust.belief * told.disbelief, abs=1e-12)
    assert passed.uncertainty >= told.uncertainty - 1e-12


@given(opinions, opinions)
def test_fusing_adds_evidence_and_never_uncertainty(one: Opinion, other: Opinion) -> None:
    both = fuse([one, other])
    k = one.uncertainty + other.uncertainty - one.uncertainty * other.uncertainty

    assert both.uncertainty == pytest.approx(one.uncertainty * other.uncertainty / k, rel=1e-9)
    assert both.uncertainty <= min(one.uncertainty, other.uncertainty) + 1e-12


@given(opinions)
def test_a_stranger_passes_nothing_on(told: Opinion) -> None:
    assert discount(NOTHING, told) == NOTHING


@given(st.floats(0, 0.999))
def test_constant_good_with_forgetting_has_a_limit(factor: float) -> None:
    assert forgetting([1.0] * 60, factor).r <= 1 / (1 - factor) + 1e-9


def test_paths_are_the_shortest_first_then_by_id_and_share_no_edge() -> None:
    told = graph(root="b a c", a="b subject", b="subject", c="d", d="subject")

    result = heard(told, "a", "b", "c", "d")

    assert result.paths == (("root", "a", "subject"), ("root", "b", "subject"), ("root", "c", "d", "subject"))
    assert result.opinion.r == pytest.approx(sum(each.r for each in _by_hand(told)))


def _by_hand(told: Opinions) -> list[Opinion]:
    short = discount(GOOD, GOOD)
    return [short, short, discount(short, GOOD)]


def test_more_than_three_hops_are_not_heard() -> None:
    assert heard(graph(root="a", a="b", b="c", c="subject"), "a", "b", "c") == Hearsay(NOTHING, ())
    assert len(heard(graph(root="a", a="b", b="subject"), "a", "b").paths) == 1


def test_at_most_eight_paths_are_heard() -> None:
    names = [f"n{number:02}" for number in range(20)]
    told = graph(root=" ".join(names), **dict.fromkeys(names, "subject"))

    assert [path[1] for path in heard(told, *names).paths] == names[:8]


def test_only_those_whom_the_root_holds_familiar_are_heard() -> None:
    told = graph(root="a b", a="subject", b="subject")

    assert [path[1] for path in heard(told, "b").paths] == ["b"]
    assert heard(told) == Hearsay(NOTHING, ())


def test_the_own_opinion_is_no_hearsay() -> None:
    assert heard(graph(root="subject a", a="subject"), "a").paths == (("root", "a", "subject"),)


@given(st.integers(0, 60))
def test_p23_fresh_accounts_that_vouch_for_each_other_add_nothing(sybils: int) -> None:
    names = [f"s{number:02}" for number in range(sybils)]
    ring = {name: " ".join([*names, "subject"]) for name in names}

    result = heard(graph(root="a", a="b", **ring), "a", "b")

    assert result == Hearsay(NOTHING, ())


@given(st.integers(1, 60))
def test_p23_a_deceived_recommender_is_heard_once_whatever_the_number_of_sybils(sybils: int) -> None:
    names = [f"s{number:02}" for number in range(sybils)]
    ring = {name: " ".join([*names, "subject"]) for name in names}

    result = heard(graph(root="a", a=" ".join([*names, "subject"]), **ring), "a")

    assert result == heard(graph(root="a", a="subject"), "a")


@given(st.integers(1, 40), st.floats(0.05, 0.5))
def test_the_trust_of_sybils_is_bounded_whatever_their_number(sybils: int, restart: float) -> None:
    """Everything that k sybils get comes in over the one attack edge: (1 - a) t_victim c / a."""
    honest = [PersonId(f"h{number}") for number in range(10)]
    names = [PersonId(f"s{number:02}") for number in range(sybils)]
    rows = {person: {honest[(n + 1) % 10]: 3.0, honest[(n + 4) % 10]: 1.0} for n, person in enumerate(honest)}
    rows[honest[5]][names[0]] = 1.0
    rows |= {name: {names[(n + 1) % sybils]: 1.0} for n, name in enumerate(names)}

    trust = eigentrust(rows, honest[:2], restart=restart)

    mass = sum(trust[name] for name in names)
    assert mass <= (1 - restart) * trust[honest[5]] * 0.2 / restart + 1e-9
    assert sum(trust.values()) == pytest.approx(1)


def test_negatives_vanish_and_whoever_trusts_nobody_trusts_the_pretrusted() -> None:
    a, b = PersonId("a"), PersonId("b")

    trust = eigentrust({a: {b: -5.0}, b: {}}, [a])

    assert trust == {a: pytest.approx(1), b: pytest.approx(0)}


@pytest.mark.parametrize("number", [math.nan, math.inf, -1.0, True, "1"])
def test_unsound_evidence_is_no_opinion(number: Any) -> None:
    with pytest.raises(InvalidOpinion):
        Opinion(number, 0)
    with pytest.raises(InvalidOpinion):
        Opinion(0, number)


@pytest.mark.parametrize(
    ("rows", "pretrusted", "restart"),
    [({}, [], 0.15), ({"a": {"b": math.nan}}, ["a"], 0.15), ({}, ["a"], 0.0), ({}, ["a"], math.nan)],
)
def test_eigentrust_refuses_what_it_cannot_count(rows: Any, pretrusted: Any, restart: float) -> None:
    with pytest.raises(InvalidOpinion):
        eigentrust(rows, pretrusted, restart=restart)


@pytest.mark.parametrize("factor", [math.nan, -0.1, 1.1])
def test_a_forgetting_factor_outside_0_to_1_is_refused(factor: float) -> None:
    with pytest.raises(InvalidOpinion):
        forgetting([1.0], factor)
