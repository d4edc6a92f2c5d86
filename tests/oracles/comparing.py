"""How close a computed value must be to an oracle's."""

from collections.abc import Mapping, Sequence

RELATIVE = 1e-12
ABSOLUTE = 1e-13
"""Differences of nearly equal means lose digits that both sides never had."""


def close(actual: float | None, expected: float | None) -> bool:
    """The originals of the sandbox write 0 where a metric is undefined; ours say None there."""
    if actual is None or expected is None:
        return actual is None and not expected
    return abs(actual - expected) <= max(RELATIVE * abs(expected), ABSOLUTE)


def assert_alike(actual: object, expected: object, path: str = "$") -> None:
    """The same shape, the same texts and flags, numbers close to each other."""
    if isinstance(expected, Mapping):
        assert isinstance(actual, Mapping), path
        assert actual.keys() == expected.keys(), path
        for key in expected:
            assert_alike(actual[key], expected[key], f"{path}.{key}")
    elif isinstance(expected, list):
        assert isinstance(actual, Sequence), path
        assert len(actual) == len(expected), path
        for number, (one, other) in enumerate(zip(actual, expected, strict=True)):
            assert_alike(one, other, f"{path}[{number}]")
    elif isinstance(expected, bool | str):
        assert (actual or False) == expected if isinstance(expected, bool) else actual == expected, path
    else:
        assert actual is None or isinstance(actual, int | float), path
        assert expected is None or isinstance(expected, int | float), path
        assert close(actual, expected), f"{path}: {actual} for {expected}"
