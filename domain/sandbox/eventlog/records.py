"""What a run tells of one epoch, and what a log says of it."""

from collections.abc import Iterator
from dataclasses import dataclass

from domain.sandbox.legacy.records import LegacyEpoch
from domain.sandbox.standard.records import EpochMetrics

Metrics = EpochMetrics | LegacyEpoch


@dataclass(frozen=True, slots=True, eq=False)
class Chapter:
    """One epoch. `lines` are made when they are read, and only until the run goes on."""

    epoch: int
    metrics: Metrics
    lines: Iterator[bytes]
