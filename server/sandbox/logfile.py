"""One run, one log file: written while the run goes on, taken up again where it was interrupted.

Beside the log stands a checkpoint, replaced at the end of every epoch: the state of the run, and of which bytes of the
log it is the state. Without one that fits, a resumed run starts over and has to give the bytes that are there.
"""

import hashlib
import os
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Final

import orjson

from domain.sandbox.errors import DamagedLog, LogDiffers, RunComplete
from domain.sandbox.eventlog import endings
from domain.sandbox.eventlog.course import Course, course_of, whole_log
from domain.sandbox.eventlog.header import Fields, Header, encoded
from domain.sandbox.eventlog.reading import Replay, entries, played, read_header, replayed, taken
from domain.sandbox.eventlog.records import Chapter
from domain.sandbox.seats.play import Play, Taken, nobody, repeated
from server.sandbox.engines import judges_for

Watch = Callable[[Chapter], None]
BLOCK: Final = 1 << 20
ENDINGS = (b'{"event":"run_ended"', b'{"event":"run_failed"')


@dataclass(frozen=True, slots=True)
class Kept:
    """The whole epochs of an interrupted log, and how many bytes they take, the first line included."""

    header: Header
    epochs: int
    size: int
    digest: str
    taken: tuple[Taken, ...] = ()
    """What seats did in them."""


def record(log: Path, header: Header, watch: Watch, play: Play = nobody) -> None:
    """Runs it and writes its log; `watch` sees every epoch once it is written. Raises `FileExistsError`."""
    course = course_of(header, judges_for(header.scenario), play)
    with log.open("xb+", buffering=BLOCK) as file:
        _Writer(log, file, header).run(course, watch)


def resume(log: Path, watch: Watch, play: Play = nobody) -> int:
    """Goes on with an interrupted or failed run; gives the epoch that it went on from without running it again.

    Seats do again what the log says; then `play` decides for them. Raises `RunComplete`, `DamagedLog`, or `LogDiffers`
    where the run no longer gives what the log says.
    """
    kept = surviving(log)
    course = course_of(kept.header, judges_for(kept.header.scenario), repeated(kept.taken, kept.epochs, play))
    with log.open("rb+", buffering=BLOCK) as file:
        writer = _Writer(log, file, kept.header, kept.size)
        first = writer.skip(kept, course)
        writer.run(course, watch)
    return first


def replay(log: Path) -> Replay:
    with log.open("rb", buffering=BLOCK) as file:
        return replayed(file)


def verify(log: Path) -> int:
    """Runs it again and compares every byte that the log has; gives the number of lines. Raises `LogDiffers`."""
    header, number = read_log_header(log), 0
    again = whole_log(header, judges_for(header.scenario), repeated(_taken(log, header)))
    with log.open("rb", buffering=BLOCK) as file:
        for number, (text, line) in enumerate(zip(file, again, strict=False), 1):
            if text != line and not text.startswith(ENDINGS):
                raise LogDiffers(number)
    return number


def interactions(log: Path) -> Generator[Fields, None, None]:
    """Every interaction of a log, one after the other; raises `DamagedLog`."""
    with log.open("rb", buffering=BLOCK) as file:
        for entry in entries(file):
            if entry.event == "interaction":
                yield {name: value for name, value in entry.fields.items() if name != "event"}


def _taken(log: Path, header: Header) -> list[Taken]:
    """What seats did; nothing is read where there are none."""
    if header.seating is None:
        return []
    with log.open("rb", buffering=BLOCK) as file:
        return list(played(entries(Lines(file))))


def read_log_header(log: Path) -> Header:
    with log.open("rb") as file:
        return read_header(next(entries(file)))


def checkpoint_of(log: Path) -> Path:
    return log.with_name(log.name + ".state")


class Lines:
    """The whole lines of a file; a last one that was cut off is left out."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.size = 0
        self.digest = hashlib.sha256()

    def __iter__(self) -> Iterator[bytes]:
        for text in self._file:
            if not text.endswith(b"\n"):
                return
            self.size += len(text)
            self.digest.update(text)
            yield text


def surviving(log: Path) -> Kept:
    """Up to the last complete epoch; what follows it is lost. Raises `RunComplete` or `DamagedLog`."""
    kept, epochs, done = None, 0, list[Taken]()
    with log.open("rb", buffering=BLOCK) as file:
        lines = Lines(file)
        for entry in entries(lines):
            if entry.event == "run_ended":
                raise RunComplete
            if entry.event == "run_started":
                header = read_header(entry)
            if entry.event == "seat":
                done.append(taken(entry))
            epochs += entry.event == "epoch"
            if entry.event in ("run_started", "epoch"):
                kept = Kept(header, epochs, lines.size, lines.digest.hexdigest())
    if kept is None:
        raise DamagedLog(1, "not even the first line is whole")
    return replace(kept, taken=tuple(done))


class _Writer:
    """Puts the lines of one run into its file. Up to `written` they are there already and have to be the same."""

    def __init__(self, log: Path, file: IO[bytes], header: Header, written: int = 0) -> None:
        self._log, self._file, self._header, self._written = log, file, header, written
        self._size, self._line, self._digest = 0, 0, hashlib.sha256()

    def skip(self, kept: Kept, course: Course) -> int:
        """Restores the checkpoint if it is of these very bytes; gives how many epochs that spares."""
        try:
            head, _, state = checkpoint_of(self._log).read_bytes().partition(b"\n")
            course.restore(kept.epochs, _fitting(kept, head, state))
        except (OSError, ValueError):
            return 0
        while text := self._file.read(min(BLOCK, kept.size - self._size)):
            self._digest.update(text)
            self._size += len(text)
            self._line += text.count(b"\n")
        return kept.epochs

    def run(self, course: Course, watch: Watch) -> None:
        if not self._size:
            self._put(self._header.line())
        try:
            for chapter in course.chapters():
                for line in chapter.lines:
                    self._put(line)
                self._checkpoint(course)
                watch(chapter)
        except LogDiffers:
            raise
        except Exception as exc:  # whatever it was: the log says how far the run came and why it ended there
            self._put(endings.failed(self._header.run_id, course.settled, exc))
            raise
        self._put(endings.ended(self._header.run_id, course.settled, self._digest.hexdigest()))
        checkpoint_of(self._log).unlink(missing_ok=True)

    def _put(self, line: bytes) -> None:
        self._line += 1
        if self._size < self._written:
            if self._file.read(len(line)) != line:
                raise LogDiffers(self._line)
        else:
            if self._size == self._written:
                self._file.seek(self._size)
                self._file.truncate()
            self._file.write(line)
        self._size += len(line)
        self._digest.update(line)

    def _checkpoint(self, course: Course) -> None:
        if self._size < self._written:
            return
        self._file.flush()
        state = course.snapshot()
        if state is not None:
            facts = {"run": self._header.run_id, "size": self._size, "sha256": self._digest.hexdigest()}
            partial = self._log.with_name(self._log.name + ".state.part")
            partial.write_bytes(encoded(facts) + state)
            os.replace(partial, checkpoint_of(self._log))


def _fitting(kept: Kept, head: bytes, state: bytes) -> bytes:
    """The state, if it is the one at the end of the kept bytes; raises `ValueError`."""
    if orjson.loads(head) != {"run": kept.header.run_id, "size": kept.size, "sha256": kept.digest}:
        raise ValueError("the checkpoint of other bytes")
    return state
