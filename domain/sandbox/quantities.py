"""The numbers that formulas take, and the check that they are numbers in range.

NaN passes every comparison that refuses values outside a range, and one NaN in an interaction makes every average of a
run NaN; so whatever enters a formula is checked where it enters, once.
"""

import math
import sys
from collections.abc import Hashable, Iterable
from functools import cache
from typing import Annotated, Any, Final, cast, get_args, get_origin, get_type_hints

from annotated_types import Ge, Gt, Interval

from domain.sandbox.errors import OutOfRange

Real = Annotated[float, Interval()]
Share = Annotated[float, Interval(ge=0, le=1)]
NonNegative = Annotated[float, Ge(0)]
Positive = Annotated[float, Gt(0)]
Signed = Annotated[float, Interval(ge=-1, le=1)]
Count = Annotated[int, Ge(0)]
Counted = Annotated[int, Ge(1)]

STRICT: Final = {"extra": "forbid", "strict": True, "use_attribute_docstrings": True, "allow_inf_nan": False}
"""How the scenario reader takes a dataclass with `__pydantic_config__` = this: only its own keys, only finite numbers,
and the texts below the fields as their descriptions."""


def check_real(name: str, value: float) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise OutOfRange(name, "a finite number", value)


def check_fields(instance: object) -> None:
    """Every field annotated with a quantity of this module is one; raises `OutOfRange`."""
    for name, whole, low, high, bounds in _quantities(cast("Hashable", type(instance))):
        value = getattr(instance, name)
        kind = type(value)
        # Nearly every value of every interaction: NaN and infinities are never in between.
        if (kind is int or (kind is float and not whole)) and low <= value <= high:
            continue
        _check(name, whole, bounds, value)


def _check(name: str, whole: bool, bounds: tuple[Any, ...], value: float) -> None:  # Any: annotated_types' constraints
    if whole and (isinstance(value, bool) or not isinstance(value, int)):
        raise OutOfRange(name, "a whole number", value)
    check_real(name, value)
    for bound in bounds:
        if not _holds(bound, value):
            raise OutOfRange(name, _told(bound), value)


@cache
def _quantities(kind: Hashable) -> tuple[tuple[str, bool, float, float, tuple[Any, ...]], ...]:  # Any: as above
    """Name, whether whole, the least and the greatest of one interval that is allowed, and the constraints."""
    hints = get_type_hints(cast("type", kind), include_extras=True).items()
    annotated = [(name, *get_args(hint)) for name, hint in hints if get_origin(hint) is Annotated]
    return tuple(
        (name, base is int, *_allowed(bounds), tuple(bounds))
        for name, base, *bounds in annotated
        if base in (int, float)
    )


def _allowed(bounds: Iterable[object]) -> tuple[float, float]:
    low, high = -sys.float_info.max, sys.float_info.max
    for ge, gt, le in map(_limits, bounds):
        low = max(low, low if ge is None else ge, low if gt is None else math.nextafter(gt, math.inf))
        high = min(high, high if le is None else le)
    return low, high


def _limits(bound: object) -> tuple[float | None, float | None, float | None]:
    """(ge, gt, le) of a constraint."""
    if isinstance(bound, Ge):
        return bound.ge, None, None  # type: ignore[return-value]  # ours are numbers
    if isinstance(bound, Gt):
        return None, bound.gt, None  # type: ignore[return-value]
    return (bound.ge, None, bound.le) if isinstance(bound, Interval) else (None, None, None)  # type: ignore[return-value]


def _holds(bound: object, value: float) -> bool:
    ge, gt, le = _limits(bound)
    return (ge is None or value >= ge) and (gt is None or value > gt) and (le is None or value <= le)


def _told(bound: object) -> str:
    ge, gt, le = _limits(bound)
    told = {"at least": ge, "more than": gt, "at most": le}
    return " and ".join(f"{words} {limit:g}" for words, limit in told.items() if limit is not None)
