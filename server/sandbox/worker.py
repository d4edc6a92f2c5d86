"""One run in a process of its own: `python -m server.sandbox.worker LOG BYTES SECONDS`, its header on standard input.

Every epoch is a line on the standard output once it is in the log; a log that is there already is gone on with. Where
the run has seats, a line says what they see, and a line on the standard input what they do; whoever started it counts
the time.
"""

import fcntl
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import orjson

from domain.sandbox.errors import DamagedLog, RunComplete
from domain.sandbox.eventlog.header import Header
from domain.sandbox.eventlog.reading import entries, read_header
from domain.sandbox.eventlog.records import Chapter
from domain.sandbox.scenario import Scenario
from domain.sandbox.seats.action import Action
from domain.sandbox.seats.masks import Masks
from domain.sandbox.seats.observation import Observation
from domain.sandbox.seats.play import Play, nobody
from domain.sandbox.seats.reading import read_action
from domain.sandbox.seats.seating import Seating
from server.sandbox import logfile
from server.sandbox.process import ask_seats, limited, tell


def main(log: Path, memory: int, seconds: int) -> int:
    header = read_header(next(entries([sys.stdin.buffer.readline()])))
    return limited(lambda: _run(log, header), memory, seconds)


def _run(log: Path, header: Header) -> None:
    with _alone(log):
        known = _known(log)
        play = nobody if header.seating is None else _player(header.seating, header.scenario)
        if known is None:
            log.unlink(missing_ok=True)
            logfile.record(log, header, _tell, play)
            return
        try:
            logfile.resume(log, lambda chapter: _tell(chapter) if chapter.epoch >= known else None, play)
        except RunComplete:
            return


@contextmanager
def _alone(log: Path) -> Iterator[None]:
    """Waits for a worker of a server that died, which notices at its next epoch."""
    with log.with_suffix(".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _player(seating: Seating, scenario: Scenario) -> Play:
    """Asks whoever started this process, who knows other agents by their masks."""

    def ask(seen: tuple[Observation, ...]) -> Mapping[str, Action]:
        ask_seats(seen, seating.seconds)
        answer = sys.stdin.buffer.readline()
        if not answer:
            # Nobody is left to play with. The run is not over: the next server takes it up.
            raise SystemExit(1)
        return {agent: read_action(said) for agent, said in orjson.loads(answer).items()}

    return Masks(seating.salt, scenario).worn(ask)


def _known(log: Path) -> int | None:
    """Tells the epochs that the log has, and how many; None if not even its first line is whole."""
    count = 0
    try:
        with log.open("rb") as file:
            for entry in entries(logfile.Lines(file)):
                if entry.event == "epoch":
                    tell(entry.fields["epoch"], [entry.fields["metrics"]])
                    count += 1
    except FileNotFoundError:
        return None
    except DamagedLog as exc:
        if exc.facts["line"] == 1:
            return None
        raise
    return count


def _tell(chapter: Chapter) -> None:
    tell(chapter.epoch, [chapter.metrics])


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])))
