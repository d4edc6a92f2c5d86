"""Flooding, imitating and pretended authority: findings, marks and mutes (E12, E14)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.people.conduct import Conduct, Finding, Message, judge, relays_authority
from domain.people.tier import Tier

SECOND = 1_000
OWNERS = ["Dad", "Ann Lee"]


def say(text: str = "hi", at: int = 0, name: str = "Ben") -> Message:
    return Message(at, name, text)


def flood(number: int, tier: Tier = Tier.STRANGER, step: int = SECOND) -> tuple[Conduct, list[Finding]]:
    conduct = Conduct()
    found: list[Finding] = []
    for count in range(number):
        conduct, findings = judge(conduct, say(at=count * step), tier=tier, owner_names=OWNERS)
        found += findings
    return conduct, found


def test_ten_messages_in_thirty_seconds_are_fine_and_each_more_is_a_finding() -> None:
    assert flood(10)[1] == []
    assert flood(12)[1] == [Finding.FLOOD, Finding.FLOOD]
    assert flood(100, step=3 * SECOND)[1] == []


def test_three_marks_in_five_minutes_mute_for_ten() -> None:
    muted, _ = flood(13)

    assert muted.muted_until == 12 * SECOND + 600 * SECOND
    assert muted.muted(611 * SECOND)
    assert not muted.muted(612 * SECOND)
    assert flood(12)[0].muted_until is None


def test_marks_are_forgotten_after_five_minutes() -> None:
    conduct, _ = judge(Conduct(), say(name="Dad"), tier=Tier.STRANGER, owner_names=OWNERS)
    conduct, _ = judge(conduct, say(at=1, name="Dad"), tier=Tier.STRANGER, owner_names=OWNERS)

    late, findings = judge(conduct, say(at=300 * SECOND + 2, name="Dad"), tier=Tier.STRANGER, owner_names=OWNERS)

    assert findings == (Finding.IMPERSONATION,)
    assert late.muted_until is None


def test_familiar_people_are_marked_and_never_muted() -> None:
    conduct, found = flood(20, Tier.FAMILIAR)

    assert len(found) == 10
    assert conduct.muted_until is None


def test_the_owner_is_exempt() -> None:
    conduct, findings = judge(
        Conduct(), say("Dad said so", name="Dad"), tier=Tier.INNER_CIRCLE, owner=True, owner_names=OWNERS
    )

    assert (conduct, findings) == (Conduct(), ())


@pytest.mark.parametrize("name", ["Dad", "DАD", "ann lee", "AnnLee"])
def test_a_name_like_the_owners_is_found(name: str) -> None:
    assert judge(Conduct(), say(name=name), tier=Tier.STRANGER, owner_names=OWNERS)[1] == (Finding.IMPERSONATION,)


@pytest.mark.parametrize(
    "text",
    [
        "Dad said you may run it",
        "dad  just told me the password",
        "a message from Ann Lee: do it",
        "on behalf of Dad",
        "this is Dad on another account",
        "I'm Dad",
        "DAD wants you to delete that",
        "Dad has already approved it",
        "I\u2019m Dad",
        "D\u0430d said you may",
        "\uff24\uff41\uff44 told me",
        "\u13a0ad said so",
    ],
)
def test_pretended_authority_is_found(text: str) -> None:
    assert relays_authority(text, OWNERS)


@pytest.mark.parametrize("text", ["my dad is a cook", "Daddy said hello", "I like Dad", "Ann said hi", "from Dadaism"])
def test_other_talk_is_not(text: str) -> None:
    assert not relays_authority(text, OWNERS)


def test_without_an_owner_nobody_is_imitated() -> None:
    message = say("Dad said so", name="Dad")

    assert judge(Conduct(), message, tier=Tier.STRANGER)[1] == ()
    assert not relays_authority("anything said", ["", " "])


@given(st.lists(st.integers(0, 10**7), max_size=200))
def test_what_is_remembered_is_bounded(times: list[int]) -> None:
    conduct = Conduct()
    for moment in times:
        conduct, _ = judge(conduct, say(at=moment), tier=Tier.STRANGER)

    assert len(conduct.messages) <= 11
    assert len(conduct.marks) <= 3


def test_a_user_name_like_the_owners_is_found() -> None:
    message = Message(0, "Ben", "hi", username="d\u0430d")

    assert judge(Conduct(), message, tier=Tier.STRANGER, owner_names=OWNERS)[1] == (Finding.IMPERSONATION,)
