"""A run epoch by epoch, with the lines that its log takes, whatever its profile."""

from collections.abc import Iterator
from typing import Protocol

from domain.sandbox.errors import InvalidScenario
from domain.sandbox.eventlog.header import Branch, Header
from domain.sandbox.eventlog.legacy import LegacyCourse
from domain.sandbox.eventlog.records import Chapter
from domain.sandbox.eventlog.standard import StandardCourse
from domain.sandbox.levers.membrane import Judges
from domain.sandbox.scenario import Profile
from domain.sandbox.seats.play import Play, nobody
from domain.sandbox.seats.seating import check_seating

BRANCHING = ("governance", "payoff", "rules", "rate_limits", "labels")
"""What may change in the middle of a run; the population and its history stay."""


class Course(Protocol):
    """`chapters` is read once; the lines of a chapter before the next one."""

    @property
    def settled(self) -> int:
        """How many epochs are over."""

    def chapters(self) -> Iterator[Chapter]: ...

    def snapshot(self) -> bytes | None:
        """Everything that the next epoch depends on; None in a profile that cannot tell."""

    def restore(self, epochs: int, snapshot: bytes) -> None:
        """Stand where the snapshot was taken, after that many epochs; raises `ValueError` for another run's."""


def course_of(header: Header, judges: Judges | None = None, play: Play = nobody) -> Course:
    """`judges` evaluates a membrane, `play` decides for the seats. Raises as `check_header`."""
    check_header(header)
    if header.scenario.profile is Profile.LEGACY:
        return LegacyCourse(header)
    return StandardCourse(header, judges, play)


def check_header(header: Header) -> None:
    """Raises `InvalidScenario` for a what-if that changes more than rules, `InvalidSeats` for impossible seats."""
    if header.seating is not None:
        check_seating(header.seating, header.scenario)
    if header.branch is not None:
        _check_branch(header, header.branch)


def _check_branch(header: Header, branch: Branch) -> None:
    scenario = header.scenario
    if header.seating is not None:
        raise InvalidScenario("seating", "a what-if has no seats: nobody has played it")
    if scenario.profile is Profile.LEGACY:
        raise InvalidScenario("profile", "a what-if needs the standard profile")
    if not 0 < branch.epoch < scenario.simulation.n_epochs:
        last = scenario.simulation.n_epochs - 1
        raise InvalidScenario("simulation.n_epochs", f"a what-if starts at an epoch from 1 to {last}")
    for place in branch.changes:
        if place.partition(".")[0] not in BRANCHING:
            raise InvalidScenario(place, f"a what-if changes {', '.join(BRANCHING)} only")
    _ = header.branched


def whole_log(header: Header, judges: Judges | None = None, play: Play = nobody) -> Iterator[bytes]:
    """Every line of the run's log, from first to last."""
    yield header.line()
    for chapter in course_of(header, judges, play).chapters():
        yield from chapter.lines
