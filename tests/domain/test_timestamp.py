from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidTimestamp
from domain.timestamp import format_millis, normalise, parse_millis

FIRST = -62_135_596_800_000
LAST = 253_402_300_799_999

millis = st.integers(FIRST, LAST)


@given(millis)
def test_every_moment_is_read_back(ms: int) -> None:
    assert parse_millis(format_millis(ms)) == ms
    assert normalise(format_millis(ms)) == format_millis(ms)


@given(st.datetimes(timezones=st.just(UTC)))
def test_millis_count_from_1970(moment: datetime) -> None:
    text = moment.strftime("%Y").zfill(4) + moment.strftime("-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03}Z"

    assert parse_millis(text) == (moment - datetime(1970, 1, 1, tzinfo=UTC)) // (datetime.resolution * 1000)


def test_known_moments() -> None:
    assert parse_millis("1970-01-01T00:00:00.000Z") == 0
    assert parse_millis("2023-02-06T12:34:56.789Z") == 1675686896789
    assert parse_millis("2024-02-29T23:59:59.999Z") == 1709251199999
    assert format_millis(1675686896789) == "2023-02-06T12:34:56.789Z"


@pytest.mark.parametrize(
    "text",
    [
        "2026-02-30T00:00:00.000Z",
        "2025-02-29T00:00:00.000Z",
        "1900-02-29T00:00:00.000Z",
        "2026-13-01T00:00:00.000Z",
        "2026-00-01T00:00:00.000Z",
        "0000-01-01T00:00:00.000Z",
        "2026-01-01T24:00:00.000Z",
        "2026-01-01T23:60:00.000Z",
        "2026-06-30T23:59:60.000Z",
        "2026-01-01T00:00:00Z",
        "2026-01-01T00:00:00.00Z",
        "2026-01-01T00:00:00.0000Z",
        "2026-01-01T00:00:00,000Z",
        "2026-01-01T00:00:00.000",
        "2026-01-01T00:00:00.000+00:00",
        "2026-01-01t00:00:00.000z",
        "2026-01-01 00:00:00.000Z",
        "2026-01-01T00:00:00.000Z\n",
        " 2026-01-01T00:00:00.000Z",
        "20260101T000000.000Z",
        "٢٠٢٦-01-01T00:00:00.000Z",
        "-2026-01-01T00:00:00.000Z",
        "+12026-01-01T00:00:00.000Z",
        "",
        "now",
        None,
        5,
    ],
)
def test_other_notations_and_dates_outside_the_calendar_are_refused(text: str) -> None:
    with pytest.raises(InvalidTimestamp):
        parse_millis(text)


@pytest.mark.parametrize("ms", [FIRST - 1, LAST + 1, 10**30])
def test_moments_without_a_four_digit_year_have_no_notation(ms: int) -> None:
    with pytest.raises(InvalidTimestamp):
        format_millis(ms)


@pytest.mark.parametrize(
    ("text", "strict"),
    [
        ("2023-02-06T12:34:56.789Z", "2023-02-06T12:34:56.789Z"),
        ("2023-02-06T12:34:56Z", "2023-02-06T12:34:56.000Z"),
        ("2023-02-06t12:34:56.7z", "2023-02-06T12:34:56.700Z"),
        ("2023-02-06 12:34:56.7899999Z", "2023-02-06T12:34:56.789Z"),
        ("2023-02-06T13:34:56.789+01:00", "2023-02-06T12:34:56.789Z"),
        ("2023-02-06T07:04:56.789-05:30", "2023-02-06T12:34:56.789Z"),
        ("2023-02-06T00:30:00+01:00", "2023-02-05T23:30:00.000Z"),
    ],
)
def test_equal_instants_have_one_strict_notation(text: str, strict: str) -> None:
    assert normalise(text) == strict


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "2023-02-30T00:00:00Z",
        "2023-02-06T12:34:56",
        "2023-02-06",
        "0001-01-01T00:00:00+01:00",
        "2023-02-06T12:34:56+24:00",
        "2023-02-06T12:34:56.Z",
        "2023-02-06T12:34:56.789ZZ",
    ],
)
def test_what_is_not_rfc_3339_is_not_normalised(text: str) -> None:
    with pytest.raises(InvalidTimestamp):
        normalise(text)
