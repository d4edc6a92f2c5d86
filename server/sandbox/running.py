"""Runs of one scenario for several seeds, with or without logs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from domain.sandbox.errors import InvalidScenario
from domain.sandbox.eventlog.course import course_of
from domain.sandbox.eventlog.header import Header
from domain.sandbox.eventlog.records import Chapter, Metrics
from domain.sandbox.reading import changed
from domain.sandbox.scenario import LARGEST_SEED, Profile, Scenario, standard_settings
from domain.sandbox.standard.run import Run
from server.sandbox.engines import judges_for
from server.sandbox.folder import fresh
from server.sandbox.logfile import record

Progress = Callable[[int, Sequence[Metrics]], None]
"""Called with an epoch and its metrics, of one seed or of all at once."""
SEED = "{seed}"


@dataclass(frozen=True, slots=True)
class Result:
    """One seed's run."""

    header: Header
    epochs: tuple[Metrics, ...]

    @property
    def seed(self) -> int:
        return self.header.seed


def seeds_of(scenario: Scenario, count: int) -> range:
    """The scenario's and those after it; raises `InvalidScenario` beyond the last one."""
    first = scenario.simulation.seed
    if first + count - 1 > LARGEST_SEED:
        raise InvalidScenario("simulation.seed", f"{count} seeds from {first} would pass the largest seed")
    return range(first, first + count)


def run_seeds(scenario: Scenario, count: int, logs: Sequence[Path | None], progress: Progress) -> list[Result]:
    """In the order of the seeds. Standard runs without logs advance as one batch."""
    headers = [Header(changed(scenario, {"simulation.seed": seed})) for seed in seeds_of(scenario, count)]
    if scenario.profile is Profile.STANDARD and not any(logs):
        return _batch(scenario, headers, progress)
    return [run_header(header, log, progress) for header, log in zip(headers, logs, strict=True)]


def log_files(folder: Path, name: str | None, seeds: Sequence[int]) -> list[Path | None]:
    """One per seed; several take a name with {seed} in it. Raises `FileExists` or `OutsideFolder`."""
    if name is None:
        return [None] * len(seeds)
    if len(seeds) > 1 and SEED not in name:
        raise InvalidScenario("outputs.event_log", f"several runs take a log each: put {SEED} into its name")
    return [fresh(folder, name.replace(SEED, str(seed))) for seed in seeds]


def _batch(scenario: Scenario, headers: list[Header], progress: Progress) -> list[Result]:
    epochs: list[tuple[Metrics, ...]] = []
    for epoch in Run(standard_settings(scenario, judges_for(scenario)), [header.seed for header in headers]).epochs():
        epochs.append(epoch.metrics)
        progress(len(epochs) - 1, epoch.metrics)
    return [Result(header, tuple(column)) for header, column in zip(headers, zip(*epochs, strict=True), strict=True)]


def run_header(header: Header, log: Path | None, progress: Progress) -> Result:
    """One run, with its log if it takes one."""
    told: list[Metrics] = []

    def watch(chapter: Chapter) -> None:
        told.append(chapter.metrics)
        progress(chapter.epoch, [chapter.metrics])

    if log is not None:
        record(log, header, watch)
    else:
        for chapter in course_of(header, judges_for(header.scenario)).chapters():
            watch(chapter)
    return Result(header, tuple(told))
