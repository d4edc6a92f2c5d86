"""Names that can be taken for one another (E12, P20). skeletons.json holds what ICU 78 (Unicode 17) makes of some."""

import json
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.people.errors import InvalidPersonName
from domain.people.names import check_name, clean_name, confusable, imitates, name_keys, skeleton

SAMPLES: list[tuple[str, str]] = json.loads(Path(__file__).with_name("skeletons.json").read_text())

LOOK_ALIKES = [
    "DAD", "dad", " Dad ", "D a d", "D.a.d", "Dаd", "DАD", "ԁаԁ", "Ďád", "Đad", "D\u200bad", "Da\u00add", "Ｄａｄ",
    "𝕯𝖆𝖉", "ᗪad", "ⅾaⅾ", "ᴅᴀᴅ", "🅓🅐🅓", "🇩🇦🇩", "D\u0301ad", "D\ufe0fad",
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), SAMPLES)
def test_skeletons_are_those_of_unicode(text: str, expected: str) -> None:
    assert skeleton(text) == expected


@pytest.mark.parametrize("name", LOOK_ALIKES, ids=ascii)
def test_p20_case_spacing_and_look_alikes_are_the_same_name(name: str) -> None:
    assert imitates(name, ["Mum", "Dad"])


@pytest.mark.parametrize(
    ("one", "other"), [("Ivan", "lvan"), ("Bob", "B0b"), ("modern", "rnodern"), ("HELEN", "НЕLЕN")]
)
def test_other_pairs_that_look_alike(one: str, other: str) -> None:
    assert confusable(one, other)


@pytest.mark.parametrize(
    ("one", "other"), [("Dad", "Mum"), ("Ann", "Anna"), ("Dad", "Dada"), ("李", "王"), ("!!", "??")]
)
def test_different_names_are_not_confusable(one: str, other: str) -> None:
    assert not confusable(one, other)


@given(st.text(max_size=20), st.text(max_size=20))
def test_likeness_is_mutual_and_every_visible_name_is_like_itself(one: str, other: str) -> None:
    assert confusable(one, other) == confusable(other, one)
    assert confusable(one, one) == bool(name_keys(one))
    assert confusable(one, one.casefold()) == bool(name_keys(one))


@pytest.mark.parametrize(
    "name", ["", " ", "\u200b", "a\nb", "a\u202eb", "a\u0000", "\ud800", "x" * 101, "\u3164"], ids=ascii
)
def test_a_name_must_be_seen_and_must_not_reorder_text(name: str) -> None:
    with pytest.raises(InvalidPersonName):
        check_name(name)


def test_a_checked_name_is_tidy() -> None:
    assert check_name("  Ann \u00a0 Lee ") == "Ann Lee"
    assert check_name("Ame\u0301lie") == "Amélie"


@given(st.text(max_size=300))
def test_whatever_a_platform_shows_can_be_cleaned(text: str) -> None:
    name = clean_name(text, "discord:1")

    assert check_name(name) == name
    assert unicodedata.normalize("NFC", name) == name
