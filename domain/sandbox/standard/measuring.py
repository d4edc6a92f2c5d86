"""The metrics of an epoch, for all seeds at once.

Every sum is a `bincount`, which adds row by row in order, so a seed's metrics have the same bits whatever other seeds
are in the batch.
"""

from dataclasses import dataclass, fields
from math import isnan
from typing import Any

import numpy as np

from domain.sandbox.agent import AgentType
from domain.sandbox.standard.population import KINDS, MICRO, Bools, Floats, Ints, Population
from domain.sandbox.standard.records import EpochMetrics, Interactions, TypeMetrics
from domain.sandbox.standard.state import State

BINS = 10


@dataclass(frozen=True, slots=True, eq=False)
class Tally:
    """(seeds,): what an epoch's interactions do not show."""

    proposed: Ints
    unanswered: Ints
    posts: Ints
    votes: Ints
    tasks_offered: Ints
    tasks_claimed: Ints
    tasks_completed: Ints
    tasks_failed: Ints
    tasks_expired: Ints
    disputes: Ints

    @staticmethod
    def empty(seeds: int) -> "Tally":
        return Tally(*(np.zeros(seeds, np.int64) for _ in fields(Tally)))


def measure(people: Population, state: State, epoch: int, rows: Interactions, tally: Tally) -> tuple[EpochMetrics, ...]:
    types = _types(people, state, rows)
    columns = {**_counts(people, rows, tally), **_quality(people, rows), **_standing(people, state)}
    listed = {name: values.tolist() for name, values in columns.items()}
    each = [{name: _defined(values[seed]) for name, values in listed.items()} for seed in range(people.seeds)]
    return tuple(EpochMetrics(epoch=epoch, types=kinds, **found) for kinds, found in zip(types, each, strict=True))


def _defined(value: Any) -> Any:  # Any: a number of the column's type
    return None if isinstance(value, float) and isnan(value) else value


def _counts(people: Population, rows: Interactions, tally: Tally) -> dict[str, Ints]:
    answered = np.bincount(rows.seed, minlength=people.seeds)
    accepted = np.bincount(rows.seed[rows.accepted], minlength=people.seeds)
    return {
        "accepted": accepted,
        "rejected": answered - accepted,
        **{field.name: getattr(tally, field.name) for field in fields(Tally)},
    }


def _quality(people: Population, rows: Interactions) -> dict[str, Floats]:
    """NaN where undefined."""
    done = rows.accepted
    seed, p, good = rows.seed[done], rows.p[done], rows.good[done].astype(np.float64)
    accepted = _sums(people, seed)
    refused = _means(people, rows.seed[~done], rows.p[~done])
    return {
        "soft_toxicity": _means(people, seed, 1 - p),
        "true_toxicity": _means(people, seed, 1 - good),
        "quality_gap": _means(people, seed, p) - refused,
        "soft_welfare": _sums(people, seed, rows.soft_a[done] + rows.soft_b[done]),
        "real_welfare": _sums(people, seed, rows.real_a[done] + rows.real_b[done]),
        "ece": _calibration_errors(people, seed, p, good, accepted),
        "brier": _means(people, seed, (p - good) ** 2),
    }


def _calibration_errors(people: Population, seed: Ints, p: Floats, good: Floats, accepted: Floats) -> Floats:
    """The sum over ten bins of |sum of p - number of good ones|, per accepted interaction."""
    bins = np.clip(np.searchsorted(np.arange(BINS + 1) * 0.1, p, side="right") - 1, 0, BINS - 1)
    gaps = np.bincount(seed * BINS + bins, p - good, people.seeds * BINS).reshape(people.seeds, BINS)
    total = np.zeros(people.seeds)
    for column in np.abs(gaps).T:
        total += column
    return _divided(total, accepted)


def _standing(people: Population, state: State) -> dict[str, Ints | Floats]:
    frozen, outside, accounts = state.frozen, state.outside & ~state.away, state.accounts
    honest = people.is_kind(AgentType.HONEST)
    return {
        "frozen": _by_seed(people, frozen),
        "frozen_honest": _by_seed(people, frozen & honest),
        "outside": _by_seed(people, outside),
        "outside_honest": _by_seed(people, outside & honest),
        "treasury": accounts.treasury / MICRO,
        "world": accounts.world / MICRO,
        "escrow": accounts.escrow / MICRO,
        "bad_debt": accounts.bad_debt / MICRO,
    }


def _types(people: Population, state: State, rows: Interactions) -> list[dict[AgentType, TypeMetrics]]:
    """Only those of whom somebody is there."""
    found: list[dict[AgentType, TypeMetrics]] = [{} for _ in range(people.seeds)]
    for number in np.unique(people.kind).tolist():
        for seed, metrics in enumerate(_type(people, state, rows, number)):
            if metrics.agents:
                found[seed][KINDS[number]] = metrics
    return found


def _type(people: Population, state: State, rows: Interactions, number: int) -> list[TypeMetrics]:
    """Of one type, seed by seed."""
    theirs = people.kind[rows.initiator] == number
    initiated = np.bincount(rows.seed[theirs], minlength=people.seeds)
    accepted = np.bincount(rows.seed[theirs & rows.accepted], minlength=people.seeds)
    exploits = np.bincount(rows.seed[theirs & rows.accepted & rows.exploiting], minlength=people.seeds)
    members = np.flatnonzero((people.kind == number) & ~state.away)
    seed = people.seed_of(members)
    agents = np.bincount(seed, minlength=people.seeds)
    means = [
        _sums(people, seed, values[members]) / np.maximum(agents, 1)
        for values in (state.reputation, state.soft_payoff, state.real_payoff / MICRO)
    ]
    flagged = np.bincount(seed, state.flagged[members], people.seeds).astype(np.int64)
    counts = (agents, initiated, accepted, exploits, flagged)
    table = zip(*(column.tolist() for column in (*counts, *means)), strict=True)
    return [
        TypeMetrics(
            agents=there,
            initiated=made,
            acceptance=taken / made if made else None,
            reputation=reputation,
            soft_payoff=soft,
            real_payoff=real,
            flagged=found,
            exploits=exploited,
        )
        for there, made, taken, exploited, found, reputation, soft, real in table
    ]


def _sums(people: Population, seed: Ints, values: Floats | None = None) -> Floats:
    return np.bincount(seed, values, people.seeds).astype(np.float64)


def _means(people: Population, seed: Ints, values: Floats) -> Floats:
    return _divided(_sums(people, seed, values), _sums(people, seed))


def _divided(totals: Floats, counts: Floats) -> Floats:
    return np.where(counts > 0, totals / np.maximum(counts, 1), np.nan)


def _by_seed(people: Population, flags: Bools) -> Ints:
    found: Ints = flags.reshape(people.seeds, people.size).sum(axis=1)
    return found
