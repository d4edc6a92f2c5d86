"""Many interactions as columns: what metrics are computed from."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from domain.sandbox.errors import OutOfRange, UnequalColumns
from domain.sandbox.interaction import SoftInteraction
from domain.sandbox.payoff import PayoffConfig, counterparty_payoff, initiator_payoff

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Truths = NDArray[np.int8]

_COLUMNS = ("p", "tau", "c_a", "c_b", "r_a", "r_b")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Batch:
    """One row per interaction, in the order they happened; `truth` is +1, -1, or 0 for unknown."""

    accepted: Bools
    p: Floats
    tau: Floats
    c_a: Floats
    c_b: Floats
    r_a: Floats
    r_b: Floats
    truth: Truths

    def __post_init__(self) -> None:
        lengths = {name: len(getattr(self, name)) for name in ("accepted", *_COLUMNS, "truth")}
        if len(set(lengths.values())) > 1:
            raise UnequalColumns(lengths)
        for name in _COLUMNS:
            _check(name, getattr(self, name), np.isfinite(getattr(self, name)), "finite numbers")
        _check("p", self.p, (self.p >= 0) & (self.p <= 1), "probabilities")
        _check("truth", self.truth, np.isin(self.truth, (-1, 0, 1)), "1, -1 or 0")

    def __len__(self) -> int:
        return len(self.p)

    @property
    def rejected(self) -> Bools:
        return ~self.accepted

    @property
    def labelled(self) -> Bools:
        known: Bools = self.truth != 0
        return known

    def payoffs(self, config: PayoffConfig) -> tuple[Floats, Floats]:
        """(pi_a, pi_b), those of rejected interactions as if they had happened."""
        return (
            initiator_payoff(config, self.p, self.tau, self.c_a, self.r_a),
            counterparty_payoff(config, self.p, self.tau, self.c_b, self.r_b),
        )


def batch_of(interactions: Sequence[SoftInteraction]) -> Batch:
    columns = {name: np.array([getattr(it, name) for it in interactions], dtype=np.float64) for name in _COLUMNS}
    return Batch(
        accepted=np.array([it.accepted for it in interactions], dtype=np.bool_),
        truth=np.array([it.ground_truth or 0 for it in interactions], dtype=np.int8),
        **columns,
    )


def _check(name: str, values: Floats | Truths, allowed: Bools, expected: str) -> None:
    if not allowed.all():
        row = int(np.argmin(allowed))
        raise OutOfRange(f"{name}[{row}]", expected, values[row].item())
