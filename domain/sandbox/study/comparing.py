"""What conditions did, compared with one of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from domain.sandbox.statistics import Effect, Interval, holm, independent_effect, interval, paired_effect

Label = tuple[str, ...]
"""The values of what was varied, as text."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One figure under one condition. `effect` is against the baseline; None for the baseline itself."""

    condition: Label
    figure: str
    found: Interval
    effect: Effect | None
    corrected_p: float | None
    """For all the comparisons that were made at once (Holm)."""


@dataclass(frozen=True, slots=True)
class Runs:
    """The runs of one condition: seed and figures."""

    condition: Label
    seeds: tuple[int, ...]
    figures: tuple[Mapping[str, float | None], ...]

    def column(self, name: str) -> dict[int, float]:
        """By seed, where it is defined."""
        rows = zip(self.seeds, self.figures, strict=True)
        return {seed: value for seed, row in rows if (value := row.get(name)) is not None}


def compared(conditions: Sequence[Runs], figures: Sequence[str], baseline: int = 0) -> list[Outcome]:
    """By condition, then by figure. Paired where the conditions share all their seeds."""
    base = conditions[baseline]
    found = [(runs, name, _effect(runs, base, name)) for runs in conditions for name in figures]
    corrected = holm([None if effect is None else effect.p for _, _, effect in found])
    return [
        Outcome(runs.condition, name, interval(list(runs.column(name).values())), effect, p)
        for (runs, name, effect), p in zip(found, corrected, strict=True)
    ]


def _effect(runs: Runs, base: Runs, name: str) -> Effect | None:
    if runs is base:
        return None
    one, other = runs.column(name), base.column(name)
    if set(runs.seeds) != set(base.seeds):
        return independent_effect(list(one.values()), list(other.values()))
    both = [seed for seed in one if seed in other]
    return paired_effect([one[seed] for seed in both], [other[seed] for seed in both])
