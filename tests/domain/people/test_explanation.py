"""A report in words: why, and what would help."""

import re

from hypothesis import given
from hypothesis import strategies as st

from domain.people.explanation import next_steps, reasons
from domain.people.interaction import Interaction, Kind
from domain.people.report import Override, Profile
from domain.people.trust import signals_at, trust
from tests.domain.people.histories import START, at, histories, interaction, present, varied, violation


def test_an_owner_and_an_override_need_no_other_reason() -> None:
    nothing = signals_at([], 0)
    owner = trust(nothing, 0, owner=True)
    override = trust(nothing, 0, override=Override(0.7, "Ann", "we have met", until=1000))

    assert "owner" in reasons(owner)[0]
    assert reasons(override) == ("Set to 0.700 by Ann until 1970-01-01T00:00:01.000Z: we have met",)
    assert next_steps(owner) == next_steps(override) == ()


def test_penalties_absence_and_gates_are_told() -> None:
    history = [
        *varied(range(10)),
        violation(at(10), 0.15),
        violation(at(10, 13), 0.5),
        interaction(at(10, 14), Kind.RESTRICTED_TOOL_ATTEMPT),
    ]

    words = " ".join(reasons(trust(signals_at(history, START + at(60)), START + at(60))))

    for expected in ("2 violations take 0.50, until they are pardoned", "1 attempts", "idle for 5", "at most until"):
        assert expected in words


def test_the_time_gate_says_how_many_days_are_left() -> None:
    report = trust(signals_at(varied(range(58)), START + at(58, 1)), START + at(58, 1))

    assert report.earned.rank > report.gate.rank
    assert any("days known allow familiar at most" in reason for reason in reasons(report))
    assert [step.text for step in next_steps(report) if step.what == "time"] == [
        "In 2 days the time gate lets trusted through."
    ]


def test_the_weakest_factor_promises_the_greatest_gain() -> None:
    mornings = present(range(200), [9, 12, 15])

    report = trust(
        signals_at([each for each in mornings if each.at % 86_400_000 == 32_400_000], START + at(200)), START + at(200)
    )

    assert next_steps(report)[0].what == "timing"


@given(histories, st.integers(0, 2_000), st.sampled_from(Profile))
def test_every_report_has_reasons_with_its_numbers(history: list[Interaction], day: int, profile: Profile) -> None:
    report = trust(signals_at(history, START + at(day), profile), START + at(day), profile=profile)

    words = reasons(report)

    assert re.search(rf"Conduct {report.factors.beta:.3f}", words[0])
    assert f"Presence {report.factors.modulator:.3f}" in words[1]
    assert all(step.gain >= 0 and step.text.endswith(".") for step in next_steps(report))
    assert [step.gain for step in next_steps(report)] == sorted(
        (step.gain for step in next_steps(report)), reverse=True
    )
