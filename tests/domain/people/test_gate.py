"""The gate for direct messages: code decides, and says why, what helps and until when (P22; E14, E20)."""

from typing import Any

import pytest

from domain.people.constants import DAY
from domain.people.gate import REFUSAL, GateReason, GateVerdict, Place, direct_message_gate, place
from domain.people.interaction import Interaction
from domain.people.report import Override
from domain.people.tier import Tier
from domain.people.trust import signals_at, trust
from tests.domain.people.histories import START, at, varied, violation


def gate(history: list[Interaction], day: float, muted_until: int | None = None, **options: Any) -> GateVerdict:
    now = START + int(day * DAY)
    return direct_message_gate(trust(signals_at(history, now), now, **options), muted_until=muted_until)


@pytest.mark.parametrize(
    ("days", "tier", "open"),
    [(1, Tier.STRANGER, False), (10, Tier.ACQUAINTANCE, False), (16, Tier.FAMILIAR, True), (70, Tier.TRUSTED, True)],
)
def test_p22_the_gate_opens_from_familiar(days: int, tier: Tier, open: bool) -> None:
    verdict = gate(varied(range(days)), days)

    assert (verdict.tier, verdict.open) == (tier, open)
    assert (verdict.reply is None) == open


def test_p22_somebody_unknown_is_refused_with_a_configured_line() -> None:
    verdict = direct_message_gate(None, refusal="Not here.")

    assert (verdict.open, verdict.reason, verdict.reply) == (False, GateReason.UNKNOWN_PERSON, "Not here.")
    assert verdict.helps


def test_p22_the_owner_passes_even_muted() -> None:
    assert gate([], 0, muted_until=START + DAY, owner=True) == GateVerdict(True, GateReason.OWNER, Tier.INNER_CIRCLE)


def test_p22_a_mute_is_code_and_ends() -> None:
    friend = varied(range(20))

    during, afterwards = (gate(friend, day, muted_until=START + at(20)) for day in (20.4, 20.6))

    assert (during.open, during.reason, during.until, during.reply) == (False, GateReason.MUTED, START + at(20), None)
    assert afterwards.open


def test_a_low_score_says_what_would_help_most() -> None:
    verdict = gate(varied(range(5)), 5)

    assert (verdict.reason, verdict.reply, verdict.until) == (GateReason.SCORE, REFUSAL, None)
    assert verdict.helps[0] == "Be present in 25 more weeks."
    assert len(verdict.helps) == 3


def test_an_override_below_familiar_refuses_until_it_ends() -> None:
    verdict = gate(varied(range(30)), 30, override=Override(0.2, "Ann", "not in private", until=START + at(40)))

    assert (verdict.open, verdict.reason, verdict.until) == (False, GateReason.OVERRIDE, START + at(40))


def test_enough_score_too_early_waits_for_the_date() -> None:
    now = START + at(15, 1)
    report = trust(signals_at(varied(range(15)), now), now)
    early = report.evidence._replace(days_known=12)
    young = report._replace(tier=Tier.ACQUAINTANCE, gate=Tier.ACQUAINTANCE, evidence=early)

    verdict = direct_message_gate(young)

    assert (verdict.reason, verdict.until) == (GateReason.TIME_GATE, now + 2 * DAY)


def test_violations_beyond_the_cap_close_the_gate_until_they_are_outlived() -> None:
    bad = [*varied(range(200)), violation(at(198), 0.3), violation(at(199), 0.3)]

    verdict = gate(bad, 199.9)

    assert (verdict.reason, verdict.tier) == (GateReason.VIOLATIONS, Tier.ACQUAINTANCE)
    assert verdict.until == START + at(199) + 365 * DAY


def test_e20_the_gate_looks_at_the_trust_of_now() -> None:
    friend = varied(range(20))

    assert gate(friend, 20).open
    assert not gate(friend, 120).open


@pytest.mark.parametrize(
    ("channel", "options", "expected"),
    [
        ("discord", {}, Place.DIRECT),
        ("discord", {"guild_id": "9"}, Place.SHARED),
        ("telegram", {}, Place.DIRECT),
        ("telegram", {"is_group": True}, Place.SHARED),
        ("irc", {}, Place.SHARED),
    ],
)
def test_what_counts_as_a_direct_message(channel: str, options: dict[str, Any], expected: Place) -> None:
    assert place(channel, **options) is expected


def test_violations_stand_in_the_way_until_too_few_are_left() -> None:
    friend = [*varied(range(700)), *(violation(at(200), severity, id=f"v{severity}") for severity in (0.2, 0.21, 0.1))]

    during, afterwards = gate(friend, 289), gate(friend, 291)

    assert (during.reason, during.until) == (GateReason.VIOLATIONS, START + at(200) + 90 * DAY)
    assert afterwards.open
