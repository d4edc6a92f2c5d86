"""Cards and scenes: what a prompt is told of people, and what strangers cannot do to it (E18, E23)."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from domain.people.card import (
    APPROACH,
    PersonCard,
    Relation,
    card,
    card_markdown,
    connections_line,
    inline,
    percent,
    scene,
    scene_markdown,
    unknown_card,
)
from domain.people.interaction import PersonId
from domain.people.person import PlatformId, parse_platform_id, replay
from domain.people.registry import Sighting, register
from domain.people.tier import Tier
from domain.people.trust import signals_at, trust
from tests.domain.people.histories import START, at, varied

DISCORD = parse_platform_id("discord:1")


def known(
    number: int = 1, name: str = "CCC", username: str = "ccc_art", summary: str = ""
) -> tuple[PlatformId, PersonCard]:
    account = PlatformId("discord", str(number))
    person = replay(register(Sighting(account, name, 0, username), PersonId(f"p_{number}")))
    report = trust(signals_at(varied(range(20)), START + at(19, 23.9)), START + at(19, 23.9))
    return account, card(person, report, platform_id=account, summary=summary)


def test_a_card_shows_whom_the_agent_talks_to() -> None:
    ours = replace(
        known(summary="Artist and Dad's close friend.")[1],
        aliases=("Cee",),
        connections=(Relation("Dad", "friend"), Relation("Ann", "colleague")),
    )

    assert card_markdown(ours).splitlines() == [
        "## Current speaker",
        "**CCC** @ccc\\_art (familiar, 41%, 60 messages, 20 active days)",
        "Artist and Dad's close friend.",
        "Also known as: Cee",
        "Connected to: Dad (friend), Ann (colleague)",
        "Approach: Be friendly and warm. Share opinions. Remember their interests.",
    ]


def test_a_username_that_is_the_name_is_not_repeated() -> None:
    assert known(username="ccc")[1].username is None


def test_a_card_of_somebody_unknown() -> None:
    assert card_markdown(unknown_card(parse_platform_id("discord:987654321"))).splitlines() == [
        "## Current speaker",
        "**Unknown** (stranger, 0%, first contact)",
        "New person: discord:987654321. No prior interactions.",
        f"Approach: {APPROACH[Tier.STRANGER]}",
    ]


def test_a_scene_has_one_full_card_and_six_lines_of_others_once_each() -> None:
    others = [known(number, f"Guest {number}", summary="s" * 500) for number in range(2, 12)]

    text = scene_markdown(scene(known(), [known(), *others, *others])).splitlines()

    assert text.count("## Current speaker") == 1
    lines = text[text.index("## Also present") + 1 :]
    assert [line.split(" (")[0] for line in lines[:-1]] == [f"- Guest {number}" for number in range(2, 8)]
    assert lines[-1] == "- and 4 more"
    assert all(len(line) < 170 for line in lines)


def test_somebody_unknown_in_a_scene_is_eight_characters_of_their_account() -> None:
    account = parse_platform_id("discord:987654321")

    text = scene_markdown(scene(known(), [(account, unknown_card(account))]))

    assert text.splitlines()[-1] == "- 98765432 (unknown, stranger)"


def test_a_scene_of_one_is_their_card() -> None:
    assert scene_markdown(scene(known(), [])) == card_markdown(known()[1])


def test_e23_long_lists_are_cut_by_characters() -> None:
    ours = replace(known()[1], aliases=tuple("a" * 90 + str(number) for number in range(40)))

    assert max(map(len, card_markdown(ours).splitlines())) <= 200


def test_e18_percents_are_floors_of_the_decimal_number() -> None:
    assert [percent(score) for score in (0.29, 0.57, 0.58, 0.999, 1.0, 0.0)] == [29, 57, 58, 99, 100, 0]
    assert [percent(number / 1000) for number in range(1001)] == [number // 10 for number in range(1001)]
    assert [percent(by_hand) for by_hand in (0.3496, 0.9999)] == [34, 99]


@given(st.text(max_size=300))
def test_a_strangers_text_stays_on_its_line_and_starts_no_markdown(text: str) -> None:
    line = inline(text)

    assert len(line.splitlines()) <= 1
    for character in "*_`#[]<>|":
        assert f"\\{character}" * line.count(character) == "".join(
            line[place - 1 : place + 1] for place in range(1, len(line)) if line[place] == character
        )


def test_connections_on_a_line() -> None:
    assert connections_line([]) == ""
    assert connections_line([Relation("Dad", "friend")]) == "Connected to: Dad (friend)"
