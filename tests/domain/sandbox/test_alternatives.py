"""What would be otherwise in an organism: paired draws over every mix, and an answer that says where it holds."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import pytest

from domain.organisms.dna import MEMBRANE, Case, Fact
from domain.sandbox.errors import InvalidScenario
from domain.sandbox.living.alternatives import Alternative, Finding, Reading, Trial, other_dna, readings
from domain.sandbox.living.organism import Course
from domain.sandbox.living.prior import Mix
from domain.sandbox.standard.membership import TOLD
from domain.sandbox.statistics import Effect, Interval, holm, paired_effect
from domain.sandbox.study.design import InvalidSweep, Unit
from domain.sandbox.study.work import Row, run_unit, scenario_of_unit
from tests.domain.sandbox.test_living import club

OPEN, SHUT = "% open", "% shut"
GOOD, BAD = Mix("good", (0.9, 0.1, 0.0, 0.0)), Mix("bad", (0.3, 0.1, 0.1, 0.5))
AUDITS = Alternative("audits", {"governance.audit_enabled": True, "governance.audit_probability": 1.0})


@dataclass
class Door:
    """Lets everybody in or nobody, and removes nobody; remembers which facts it was told."""

    open: bool
    told: set[str] = field(default_factory=set)
    handle: str = "o"

    def judge(self, cases: Sequence[Case], common: Sequence[Fact]) -> list[bool]:
        self.told |= {str(fact[0]) for facts in (common, *(case.facts for case in cases)) for fact in facts}
        return [self.open and case.predicate == MEMBRANE for case in cases]


def trial(*alternatives: Alternative, **fields: object) -> Trial:
    given = {"facts": club(*[None] * 8, dna=OPEN), "mixes": (GOOD, BAD), "course": Course(epochs=5, steps=8)}
    return Trial(**(given | {"alternatives": alternatives, "draws": 4, "runs": 2} | fields))  # type: ignore[arg-type]


def run_all(asked: Trial) -> list[Row]:
    def rows() -> Iterator[Row]:
        for unit in asked.units():
            yield from run_unit(unit, lambda program: Door(program == OPEN))

    return list(rows())


def shut() -> Alternative:
    return other_dna("shut", SHUT, club(None))


def test_an_alternative_has_the_members_types_and_seeds_of_the_organism_as_it_is() -> None:
    units = list(trial(shut(), AUDITS).units())

    assert len(units) == 2 * 3 * 4
    by_draw: dict[tuple[int, ...], list[Unit]] = {}
    for unit in units:
        by_draw.setdefault((unit.condition // 12, *unit.seeds), []).append(unit)
    assert {seeds[1:] for seeds in by_draw} == {(0, 1), (2, 3), (4, 5), (6, 7)}
    for group in by_draw.values():
        as_it_is, *others = (scenario_of_unit(unit) for unit in group)
        assert len(others) == 2
        assert all(each.agents == as_it_is.agents and each != as_it_is for each in others)


def test_a_shut_door_keeps_every_newcomer_out_whatever_the_mix() -> None:
    asked = trial(shut())

    findings = asked.findings(run_all(asked), ["outside"])

    assert [(each.mix, each.before.mean, each.after.mean, each.direction) for each in findings] == [
        ("good", 0, 2, 1),
        ("bad", 0, 2, 1),
    ]
    assert readings(findings) == [Reading("shut", "outside", raised=("good", "bad"), lowered=(), unmoved=())]
    assert readings(findings)[0].holds


def test_findings_are_paired_by_draw_and_corrected_for_all_questions() -> None:
    asked, figures = trial(AUDITS), ["honest.real_payoff", "adversarial.real_payoff", "true_toxicity"]
    rows = run_all(asked)

    findings = asked.findings(rows, figures)

    by_place = {(int(row["condition"] or 0), int(row["seed"] or 0)): row for row in rows}
    for place, mix in enumerate(("good", "bad")):

        def mean(number: int, draw: int, place: int = place) -> float:
            condition = (2 * place + number) * 4 + draw
            one, other = (by_place[condition, seed]["honest.real_payoff"] for seed in (2 * draw, 2 * draw + 1))
            return (float(one or 0) + float(other or 0)) / 2

        columns = [[mean(number, draw) for draw in range(4)] for number in (0, 1)]
        (found,) = (each for each in findings if (each.figure, each.mix) == (figures[0], mix))
        assert found.effect == paired_effect(columns[1], columns[0])
    assert [each.corrected_p for each in findings] == holm([each.effect.p for each in findings])
    assert [(each.figure, each.mix) for each in findings] == [
        (name, mix) for name in figures for mix in ("good", "bad")
    ]


def test_nothing_changes_nothing() -> None:
    asked = trial(Alternative("the same", {"governance.membrane.program": OPEN}))

    findings = asked.findings(run_all(asked), ["real_welfare"])

    assert [(each.effect.difference.mean, each.direction) for each in findings] == [(0, 0), (0, 0)]
    assert readings(findings) == [Reading("the same", "real_welfare", raised=(), lowered=(), unmoved=("good", "bad"))]


def test_an_answer_that_depends_on_the_mix_does_not_hold() -> None:
    def finding(mix: str, mean: float, p: float) -> Finding:
        found = Interval(5, mean, 1.0, mean - 1, mean + 1)
        return Finding("welfare", mix, "x", found, found, Effect(found, mean, p, True), p)

    (told,) = readings([finding("a", 2.0, 0.01), finding("b", -2.0, 0.01), finding("c", 2.0, 0.2)])

    assert told == Reading("x", "welfare", raised=("a",), lowered=("b",), unmoved=("c",))
    assert not told.holds


def test_only_rules_are_alternatives() -> None:
    for place in ("agents.0.type", "simulation.n_epochs", "network.topology", "scenario_id"):
        with pytest.raises(InvalidScenario):
            Alternative("x", {place: 1})
    with pytest.raises(InvalidScenario):
        list(trial(Alternative("x", {"governance.audit": True})).units())


@pytest.mark.parametrize(
    "wrong", [{"draws": 1}, {"runs": 0}, {"draws": 10_000}, {"alternatives": (AUDITS, AUDITS)}], ids=str
)
def test_a_comparison_that_says_nothing_or_never_ends_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(InvalidSweep):
        trial(AUDITS, **wrong)


def test_social_dna_is_told_the_facts_that_are_promised() -> None:
    door, (unit, *_) = Door(True), trial().units()

    run_unit(unit, lambda program: door)

    assert door.told
    assert door.told <= TOLD
