"""The numbers of a run as one flat row: per epoch, and over the whole run."""

from collections.abc import Sequence
from dataclasses import fields, is_dataclass

from domain.sandbox.eventlog.records import Metrics

Figures = dict[str, float | None]

LATEST = frozenset(
    (
        *("frozen", "frozen_honest", "outside", "outside_honest", "treasury", "world", "escrow", "bad_debt"),
        *("reputation", "agents", "total_posts", "total_votes"),
    )
)
"""What stands at the end of an epoch: a run's is that of its last epoch."""
COUNTED = ("frozen", "frozen_honest", "outside", "outside_honest")
"""How many agents: over a run also added up, in epochs of an agent, as `frozen_epochs` and so on."""
SUMMED = frozenset(("soft_welfare", "real_welfare", "total_welfare", "soft_payoff", "real_payoff"))
"""What an epoch adds up, besides whole numbers: a run's is the sum. Of everything else it is the mean."""


def figures(metrics: Metrics) -> Figures:
    """Of one epoch; those of a type of agents are called `honest.real_payoff`."""
    return {name: value for name, value in _flat(metrics, "").items() if name != "epoch"}


def run_figures(epochs: Sequence[Metrics]) -> Figures:
    """Over the run; the mean is over the epochs in which the number is defined."""
    columns: dict[str, list[float | None]] = {}
    for epoch in epochs:
        for name, value in figures(epoch).items():
            columns.setdefault(name, []).append(value)
    over = {name: _over(name.rpartition(".")[2], column) for name, column in columns.items()}
    return over | {f"{name}_epochs": sum(filter(None, columns[name])) for name in COUNTED if name in columns}


def _over(name: str, column: list[float | None]) -> float | None:
    known = [value for value in column if value is not None]
    if not known or name in LATEST:
        return column[-1]
    total = sum(known)
    whole = all(isinstance(value, int) for value in known)
    return total if whole or name in SUMMED else total / len(known)


def _flat(part: object, prefix: str) -> Figures:
    found: Figures = {}
    for field in fields(part):  # type: ignore[arg-type]  # a dataclass of metrics
        value = getattr(part, field.name)
        if isinstance(value, dict):
            for key, inner in value.items():
                found |= _flat(inner, f"{prefix}{key}.")
        elif is_dataclass(value):
            found |= _flat(value, f"{prefix}{field.name}.")
        elif value is None or isinstance(value, int | float):
            found[prefix + field.name] = value
    return found
