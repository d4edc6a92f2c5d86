"""Which violations weigh on a person now, and until when (spec section 10b)."""

import math
from collections.abc import Iterable, Sequence

from domain.people.constants import DAY, STANDARD, StandardConstants
from domain.people.signals import Violation
from domain.people.tier import Tier


def counting_violations(
    violations: Sequence[Violation], now: int, constants: StandardConstants = STANDARD
) -> tuple[Violation, ...]:
    """The violations that weigh now: not pardoned, the worst per code and date, not outlived.

    A violation's life starts again with every later one, so that it takes quiet to outlive them.
    """
    if not violations:
        return ()
    standing = unpardoned(violations, now)
    quiet = now - max((each.at for each in standing), default=now)
    return tuple(each for each in _worst_per_code(standing) if quiet < _life(each, constants))


def unpardoned(violations: Iterable[Violation], now: int) -> tuple[Violation, ...]:
    return tuple(each for each in violations if each.pardoned_at is None or each.pardoned_at > now)


def _worst_per_code(violations: Iterable[Violation]) -> list[Violation]:
    """A burst of one automatic finding is one violation."""
    kept: dict[object, Violation] = {}
    for each in violations:
        key = (each.code, each.at // DAY) if each.code else each.id
        if key not in kept or each.severity > kept[key].severity:
            kept[key] = each
    return sorted(kept.values())


def _life(violation: Violation, constants: StandardConstants) -> float:
    """In milliseconds; infinite for a critical one."""
    return next((days * DAY for below, days in constants.severity_lives if violation.severity < below), math.inf)


def violations_until(
    active: Sequence[Violation], violations: Iterable[Violation], now: int, constants: StandardConstants = STANDARD
) -> int | None:
    """When the last of those that weigh now will be outlived (ms), if nothing is added; None without, or if never."""
    if not active:
        return None
    return _outlived(max(_life(each, constants) for each in active), violations, now)


def capped_until(
    active: Sequence[Violation], violations: Iterable[Violation], now: int, constants: StandardConstants = STANDARD
) -> int | None:
    """When those that weigh now will cap the tier no more (ms), if nothing is added; None if they do not, or always.

    That can be before the last of them is outlived.
    """
    if violation_cap(active, constants) is Tier.INNER_CIRCLE:
        return None
    lives = sorted({_life(each, constants) for each in active})
    left = ((life, [each for each in active if _life(each, constants) > life]) for life in lives)
    enough = next(life for life, those in left if violation_cap(those, constants) is Tier.INNER_CIRCLE)
    return _outlived(enough, violations, now)


def _outlived(life: float, violations: Iterable[Violation], now: int) -> int | None:
    """All lives are counted from the latest violation."""
    return None if math.isinf(life) else max(each.at for each in unpardoned(violations, now)) + int(life)


def violations_change(violations: Sequence[Violation], now: int, constants: StandardConstants = STANDARD) -> int | None:
    """When next (ms) a violation that weighs now will not, if nothing is added; None if that is never."""
    if not violations:
        return None
    standing = unpardoned(violations, now)
    pardons = [each.pardoned_at for each in standing if each.pardoned_at is not None]
    latest = max((each.at for each in standing), default=now)
    lives = [_life(each, constants) for each in counting_violations(standing, now, constants)]
    return min([*pardons, *(latest + int(life) for life in lives if life < math.inf)], default=None)


def violation_cap(active: Sequence[Violation], constants: StandardConstants) -> Tier:
    total = sum(each.severity for each in active)
    return Tier.ACQUAINTANCE if total >= constants.capping_violations else Tier.INNER_CIRCLE
