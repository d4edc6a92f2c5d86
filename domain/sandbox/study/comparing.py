"""What conditions did, compared with one of them."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from domain.sandbox.eventlog.header import Header, canonical
from domain.sandbox.figures import Figures
from domain.sandbox.statistics import Effect, Interval, holm, independent_effect, interval, paired_effect
from domain.sandbox.study.work import NAMED, Row

Label = tuple[str, ...]
"""The values of what was varied, as text."""
LONGEST_WORDS = 60
USUAL = (
    "soft_toxicity",
    "true_toxicity",
    "toxicity_rate",
    "real_welfare",
    "total_welfare",
    "honest.real_payoff",
    "adversarial.real_payoff",
    "frozen_honest",
)
"""What is compared unless something is asked for, as far as it is there."""


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


def usual(there: Collection[str]) -> list[str]:
    return [name for name in USUAL if name in there]


def labels_of(changes: Sequence[Mapping[str, object]]) -> list[Label]:
    """What each condition sets, as far as the conditions differ in it."""
    names = dict.fromkeys(name for one in changes for name in one)
    differing = [name for name in names if len({str(one.get(name)) for one in changes}) > 1]
    called = called_by(differing)
    return [tuple(_worded(called[name], one[name]) for name in differing if name in one) for one in changes]


def called_by(names: Collection[str]) -> dict[str, str]:
    """By its last word, unless another one ends in the same: `agents.0.count` beside `agents.1.count`."""
    ends = Counter(name.rpartition(".")[2] for name in names)
    return {name: end if ends[end := name.rpartition(".")[2]] == 1 else name for name in names}


def _worded(name: str, value: object) -> str:
    """A long value, such as a Social DNA, by how it begins and by a part of its hash."""
    text = str(value)
    if len(text) > LONGEST_WORDS or "\n" in text:
        text = f"{' '.join(text.split())[:LONGEST_WORDS]}… ({sha256(text.encode()).hexdigest()[:8]})"
    return f"{name}={text}"


def runs_of(labels: Sequence[Label], rows: Iterable[Row]) -> list[Runs]:
    """The rows of a sweep by condition, in the order of conditions; a condition without rows has no runs."""
    found: list[list[Row]] = [[] for _ in labels]
    for row in rows:
        found[int(row["condition"] or 0)].append(row)
    return [
        Runs(label, tuple(int(row["seed"] or 0) for row in rows), tuple(_figures(row) for row in rows))
        for label, rows in zip(labels, found, strict=True)
    ]


def _figures(row: Row) -> Figures:
    return {name: value for name, value in row.items() if name not in NAMED}  # type: ignore[misc]  # the text is named


def conditions_of(runs: Sequence[tuple[Header, Figures]]) -> list[Runs]:
    """A condition is a scenario whatever its seed; its name says how it differs from the others."""
    settings = [_settings(header) for header, _ in runs]
    differing = sorted(name for name in set().union(*settings) if len({str(one.get(name)) for one in settings}) > 1)
    called, found = called_by(differing), dict[Label, list[tuple[int, Figures]]]()
    for (header, figures), setting in zip(runs, settings, strict=True):
        label = tuple(_worded(called[name], setting[name]) for name in differing if name in setting)
        found.setdefault(label, []).append((header.seed, figures))
    return [
        Runs(label, tuple(seed for seed, _ in rows), tuple(figures for _, figures in rows))
        for label, rows in found.items()
    ]


def _settings(header: Header) -> dict[str, object]:
    facts, branch = _flat(canonical(header.scenario), ""), header.branch
    del facts["simulation.seed"]
    later = {} if branch is None else {f"{name} from {branch.epoch}": new for name, new in branch.changes.items()}
    played = {} if header.seating is None else {f"seats.{agent}": "played" for agent in header.seating.agents}
    return {**facts, **later, **played}


def _flat(part: object, prefix: str) -> dict[str, object]:
    items = part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else None
    if items is None:
        return {prefix.removesuffix("."): part}
    return {name: value for key, inner in items for name, value in _flat(inner, f"{prefix}{key}.").items()}


def compared(conditions: Sequence[Runs], figures: Sequence[str], baseline: int = 0) -> list[Outcome]:
    """By condition, then by figure. Paired where the conditions share all their seeds."""
    base = conditions[baseline]
    found = [
        (runs, name, None if runs is base else effect_of(runs, base, name)) for runs in conditions for name in figures
    ]
    corrected = holm([None if effect is None else effect.p for _, _, effect in found])
    return [
        Outcome(runs.condition, name, interval(list(runs.column(name).values())), effect, p)
        for (runs, name, effect), p in zip(found, corrected, strict=True)
    ]


def effect_of(runs: Runs, base: Runs, name: str) -> Effect:
    """Paired where they share all their seeds."""
    one, other = runs.column(name), base.column(name)
    if set(runs.seeds) != set(base.seeds):
        return independent_effect(list(one.values()), list(other.values()))
    both = [seed for seed in one if seed in other]
    return paired_effect([one[seed] for seed in both], [other[seed] for seed in both])
