"""Checks of the published formulas: Beta, discounting, fusion, forgetting and EigenTrust."""

from typing import Any

import pytest

from domain.people import beta
from domain.people.generosity import break_even_generosity
from domain.people.interaction import PersonId
from domain.people.opinion import Opinion, discount, forgetting, fuse
from domain.people.transitive import eigentrust

Row = dict[str, Any]  # Any: rows as the file documents them
Content = dict[str, Any]  # Any: as above


def near(value: Any) -> Any:  # Any: what pytest compares
    return pytest.approx(value, rel=1e-9, abs=1e-12)


def _parts(opinion: Opinion) -> Row:
    return {
        "b": opinion.belief,
        "d": opinion.disbelief,
        "u": opinion.uncertainty,
        "r": opinion.r,
        "s": opinion.s,
        "E": opinion.expectation,
    }


def _check(ours: Row, row: Row) -> None:
    shared = ours.keys() & row.keys()
    assert {"b", "d", "u"} <= shared or {"r", "s", "E"} <= shared
    assert {name: ours[name] for name in shared} == near({name: row[name] for name in shared})


def check_beta(rows: list[Row], _content: Content) -> None:
    for row in rows:
        r, s = row["r"], row["s"]
        ours = _parts(Opinion(r, s)) | {"rating": beta.rating(r, s), "var": beta.variance(r, s)}
        _check(ours, row)
        assert beta.interval(r, s) == near(tuple(row["ci90"]))


def check_discount(rows: list[Row], _content: Content) -> None:
    for row in rows:
        told = discount(Opinion(*row["trust_in_recommender"]), Opinion(*row["recommendation"]))
        _check(_parts(told), row)


def check_fusion(rows: list[Row], _content: Content) -> None:
    for row in rows:
        _check(_parts(fuse([Opinion(*row["x"]), Opinion(*row["y"])])), row)


def check_forgetting(rows: list[Row], _content: Content) -> None:
    for row in rows:
        outcomes = [1.0 if good else -1.0 for good in row["outcomes"]]
        _check(_parts(forgetting(outcomes, row["lambda"])), row)
        if row["limit_all_good"] is not None:
            assert forgetting([1.0] * 20_000, row["lambda"]).r == near(row["limit_all_good"])


def check_eigentrust(rows: list[Row], _content: Content) -> None:
    for row in rows:
        names = [PersonId(f"{number:04}") for number in range(len(row["local_trust"]))]
        local = {names[n]: dict(zip(names, line, strict=True)) for n, line in enumerate(row["local_trust"])}
        trust = eigentrust(local, [names[number] for number in row["pretrusted"]], restart=row["a"])
        assert [trust[name] for name in names] == near(row["t"])


def check_sybil_mass(rows: list[Row], _content: Content) -> None:
    """The graph is not in the file; what k >= 10 sybils get is the whole inflow over a: (1 - a) t c / a, c = 0.2."""
    bounds = [(1 - row["a"]) * row["attacked_honest_node"] * 0.2 / row["a"] for row in rows]
    for row, bound in zip(rows, bounds, strict=True):
        assert bound == near(row["bound_flow_in_over_a"])
        assert row["total_sybil_trust"] <= bound + 1e-12
        if row["sybils"] >= 10:
            assert row["total_sybil_trust"] == near(bound)
            assert _our_sybil_mass(row["sybils"], row["a"]) == near(_our_sybil_mass(10, row["a"]))


def _our_sybil_mass(sybils: int, a: float) -> float:
    """A ring of 50 honest people, of whom one is deceived into the first of a clique of sybils."""
    honest = [PersonId(f"h{number:02}") for number in range(50)]
    clique = [PersonId(f"s{number:04}") for number in range(sybils)]
    local: dict[PersonId, dict[PersonId, float]] = {
        person: {honest[(n + step) % 50]: 1.0 for step in (1, 3, 7, 11)} for n, person in enumerate(honest)
    }
    local[honest[9]][clique[0]] = 1.0
    local |= {person: {clique[(n + 1) % sybils]: 1.0} for n, person in enumerate(clique)}
    trust = eigentrust(local, honest[:3], restart=a)
    mass = sum(trust[person] for person in clique)
    assert mass == near((1 - a) * trust[honest[9]] * 0.2 / a)
    return mass


def check_generosity(rows: list[Row], _content: Content) -> None:
    for row in rows:
        assert break_even_generosity(row["T"], row["R"], row["P"], row["S"]) == near(row["q"])


CHECKS = {
    "beta": check_beta,
    "discount": check_discount,
    "fusion": check_fusion,
    "forgetting": check_forgetting,
    "eigentrust": check_eigentrust,
    "sybil_mass_under_eigentrust": check_sybil_mass,
    "gtft": check_generosity,
}
