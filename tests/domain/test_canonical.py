import json

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from domain.canonical import LARGEST_INTEGER, Json, canonical, parse, parse_canonical, sha256_hex
from domain.errors import InvalidJson
from tests.domain.json_values import texts, values, values_with_floats

# RFC 8785 section 3.2.3: keys in the order of their UTF-16 units, which is not that of their code points.
RFC_KEYS: dict[str, Json] = {"\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "\U0001f600": 5, "\u0080": 6, "\u00f6": 7}
RFC_TEXT = '{"\\r":2,"1":4,"\u0080":6,"ö":7,"€":1,"😀":5,"\ufb33":3}'

# RFC 8785 appendix B, as far as the numbers are safe.
RFC_NUMBERS = [
    (0.0, "0"),
    (-0.0, "0"),
    (5e-324, "5e-324"),
    (-5e-324, "-5e-324"),
    (9007199254740991, "9007199254740991"),
    (333333333.3333332, "333333333.3333332"),
    (0.000001, "0.000001"),
    (0.0000001, "1e-7"),
    (-0.0000033333333333333333, "-0.0000033333333333333333"),
    (1424953923781206.2, "1424953923781206.2"),
]


def path_of(text: str, *, floats: bool = False, max_length: int = 1_000_000, max_depth: int = 64) -> str:
    with pytest.raises(InvalidJson) as refusal:
        parse(text, floats=floats, max_length=max_length, max_depth=max_depth)
    return refusal.value.path


@given(values)
def test_canonical_is_the_library_s_for_every_value_without_floats(value: Json) -> None:
    assert canonical(value) == rfc8785.dumps(value).decode()


@given(values_with_floats)
def test_canonical_is_the_library_s_for_every_value_with_floats(value: Json) -> None:
    assert canonical(value) == rfc8785.dumps(value).decode()


@given(st.dictionaries(texts, st.integers(0, 9), min_size=2))
def test_keys_are_in_the_order_of_utf_16(value: dict[str, Json]) -> None:
    again = json.loads(canonical(value))

    assert list(again) == sorted(value, key=lambda key: key.encode("utf-16-be"))


def test_the_keys_of_the_rfc() -> None:
    assert canonical(RFC_KEYS) == RFC_TEXT
    assert parse_canonical(RFC_TEXT) == RFC_KEYS


@pytest.mark.parametrize(("number", "text"), RFC_NUMBERS)
def test_the_numbers_of_the_rfc(number: float, text: str) -> None:
    assert canonical(number) == text


@given(values)
def test_what_is_written_is_read_back(value: Json) -> None:
    assert parse(canonical(value)) == value
    assert parse_canonical(canonical(value)) == value


@given(values_with_floats)
def test_what_is_written_with_floats_is_read_back(value: Json) -> None:
    assert parse(canonical(value), floats=True) == value


@given(values)
def test_every_other_spelling_is_read_but_is_not_canonical(value: Json) -> None:
    text = canonical(value)
    for other in (f" {text}", f"{text}\n", json.dumps(value), json.dumps(value, indent=1)):
        assert parse(other) == value
        if other != text:
            with pytest.raises(InvalidJson, match="canonical"):
                parse_canonical(other)


@pytest.mark.parametrize(
    "text",
    [
        '{"b":1,"a":2}',
        '{"a":"\\u0041"}',
        '{"a":"\\/"}',
        '{"a":"\\u00E9"}',
        '{"a":"\\u001F"}',
        "-0",
        '{"😀":1,"\ufb33":2 }',
    ],
)
def test_a_value_has_one_canonical_spelling(text: str) -> None:
    parse(text)

    with pytest.raises(InvalidJson):
        parse_canonical(text)


def test_the_order_of_code_points_is_not_canonical() -> None:
    by_code_point = '{"\ufb33":3,"😀":5}'

    with pytest.raises(InvalidJson):
        parse_canonical(by_code_point)


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ('{"a":1,"a":1}', "$.a"),
        ('{"a":[0,{"b":1,"b":2}]}', "$.a[1].b"),
        ('{"a":1,"\\u0061":2}', "$.a"),
        ('{"odd key":1,"odd key":2}', '$["odd key"]'),
        ('{"a":NaN}', "$.a"),
        ("[Infinity]", "$[0]"),
        ("[0,-Infinity]", "$[1]"),
        ('{"a":9.0}', "$.a"),
        ('{"a":[1e3]}', "$.a[0]"),
        ("1.5", "$"),
        ("[9007199254740992]", "$[0]"),
        ("[-9007199254740992]", "$[0]"),
        ("[" + "9" * 100_000 + "]", "$[0]"),
        ('{"a":"\\ud800"}', "$.a"),
        ('{"a":["\\uDC00\\ud800"]}', "$.a[0]"),
        ('["\\uDC00"]', "$[0]"),
        ('["\\uDfFf"]', "$[0]"),
        ('{"a":"\ud800"}', "$.a"),
        ('{"\\ud800":1}', '$["\\ud800"]'),
    ],
)
def test_what_strict_json_refuses_is_told_with_its_path(text: str, path: str) -> None:
    assert path_of(text) == path


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "\ufeff{}",
        "{} {}",
        "{}x",
        "{",
        "[1,]",
        '{"a":1,}',
        "{a:1}",
        "'a'",
        "// no\n1",
        "01",
        "+1",
        "1.",
        ".5",
        "0x1",
        "١",
        "tru",
        "True",
        '"\n"',
        '"\\x41"',
        '"\\u00g0"',
        "\u00a01",
    ],
)
def test_what_is_not_json_is_refused(text: str) -> None:
    assert path_of(text, floats=True) == "$"


def test_escaped_pairs_of_surrogates_are_one_character() -> None:
    assert parse('"\\ud83d\\ude00"') == "😀"
    assert parse('"\\\\ud800"') == "\\ud800"


def test_integers_reach_to_the_last_safe_one() -> None:
    assert parse(f"[{LARGEST_INTEGER},-{LARGEST_INTEGER}]") == [LARGEST_INTEGER, -LARGEST_INTEGER]


def test_with_floats_one_number_has_one_type() -> None:
    numbers = parse("[9.0,1e3,-0.0,1.5]", floats=True)

    assert repr(numbers) == "[9, 1000, 0, 1.5]"


@pytest.mark.parametrize("text", ["[1e400]", "[-1e400]", "[1e16]", "[9007199254740992.0]", "[NaN]"])
def test_floats_have_the_same_range_as_integers(text: str) -> None:
    assert path_of(text, floats=True) == "$[0]"


@given(st.integers(1, 30))
def test_depth_is_limited(levels: int) -> None:
    deeper = levels + 1

    assert canonical(parse("[" * levels + "]" * levels, max_depth=levels)) == "[" * levels + "]" * levels
    assert path_of("[" * deeper + "]" * deeper, max_depth=levels) == "$" + "[0]" * levels


@pytest.mark.parametrize("opening", ["[", '{"a":'])
def test_a_bottomless_text_is_refused(opening: str) -> None:
    assert path_of(opening * 100_000) == "$"


def test_width_is_not_depth() -> None:
    text = "[" + ",".join(["[]"] * 1_000) + "]"

    assert parse(text, max_depth=2) == [[]] * 1_000


def test_length_is_limited() -> None:
    assert parse('"aaa"', max_length=5) == "aaa"
    assert path_of('"aaaa"', max_length=5) == "$"


@pytest.mark.parametrize("value", [float("nan"), float("inf"), LARGEST_INTEGER + 1, "\ud800", {"\ud800": 1}])
def test_what_has_no_canonical_form_is_refused(value: Json) -> None:
    with pytest.raises(InvalidJson):
        canonical([value])


def test_hashes_are_lower_case_hex() -> None:
    assert sha256_hex(b"abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
