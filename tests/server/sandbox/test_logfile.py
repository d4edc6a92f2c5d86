"""Logs as files: one run each, resumed from the last complete epoch, kept up to a failure."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import orjson
import pytest

from domain.sandbox.errors import DamagedLog, LogDiffers, RunComplete
from domain.sandbox.eventlog.header import Branch, Header
from domain.sandbox.eventlog.reading import End
from domain.sandbox.eventlog.records import Chapter
from domain.sandbox.eventlog.standard import StandardCourse
from domain.sandbox.reading import read_scenario
from domain.sandbox.scenario import Profile
from server.sandbox.logfile import checkpoint_of, record, replay, resume, verify
from tests.server.sandbox.worlds import SCENARIOS, legacy, standard

ROOT = Path(__file__).parents[3]
BRANCHED = Header(standard().scenario, Branch(2, {"governance.audit_probability": 0.9}))
ALL = pytest.mark.parametrize("header", [standard(), legacy(), BRANCHED], ids=["standard", "legacy", "what-if"])


class Stop(BaseException):
    """As an interrupt: no Exception."""


def unwatched(chapter: Chapter) -> None:
    """Nobody looks."""


def interrupted(log: Path, header: Header, epochs: int) -> None:
    def watch(chapter: Chapter) -> None:
        if chapter.epoch + 1 == epochs:
            raise Stop

    with pytest.raises(Stop):
        record(log, header, watch)


@pytest.fixture
def whole(tmp_path: Path, header: Header) -> bytes:
    record(tmp_path / "whole.jsonl", header, unwatched)
    return (tmp_path / "whole.jsonl").read_bytes()


@ALL
def test_a_finished_log_stands_alone_and_replays(header: Header, whole: bytes, tmp_path: Path) -> None:
    told = replay(tmp_path / "whole.jsonl")

    assert (told.end, len(told.metrics)) == (End.COMPLETE, header.scenario.simulation.n_epochs)
    assert os.listdir(tmp_path) == ["whole.jsonl"]


@ALL
@pytest.mark.parametrize("epochs", [1, 4])
@pytest.mark.parametrize("checkpoint", [True, False], ids=["with checkpoint", "without"])
def test_an_interrupted_run_is_resumed_to_the_same_bytes(
    header: Header, whole: bytes, tmp_path: Path, epochs: int, checkpoint: bool
) -> None:
    log = tmp_path / "run.jsonl"
    interrupted(log, header, epochs)
    if not checkpoint:
        checkpoint_of(log).unlink(missing_ok=True)
    assert replay(log).end is End.INTERRUPTED

    spared = resume(log, unwatched)

    assert log.read_bytes() == whole
    assert spared == (epochs if checkpoint and header.scenario.profile is Profile.STANDARD else 0)


@pytest.mark.parametrize("header", [standard()])
@pytest.mark.parametrize("place", [0.15, 0.5, 0.83, 0.999])
def test_a_log_cut_anywhere_after_its_first_line_is_resumed(whole: bytes, tmp_path: Path, place: float) -> None:
    log = tmp_path / "run.jsonl"
    log.write_bytes(whole[: int(len(whole) * place)])

    assert resume(log, unwatched) == 0

    assert log.read_bytes() == whole


def test_a_checkpoint_of_other_bytes_is_not_used(tmp_path: Path) -> None:
    log, other = tmp_path / "run.jsonl", tmp_path / "other.jsonl"
    interrupted(log, standard(), 3)
    interrupted(other, standard(simulation__seed=8), 3)
    checkpoint_of(other).rename(checkpoint_of(log))

    assert resume(log, unwatched) == 0
    assert replay(log).end is End.COMPLETE


def test_a_log_that_the_run_does_not_give_is_not_continued(tmp_path: Path) -> None:
    log = tmp_path / "run.jsonl"
    interrupted(log, standard(), 3)
    checkpoint_of(log).unlink()
    lines = log.read_bytes().splitlines(keepends=True)
    changed = [*lines[:4], lines[4].replace(b'"progress":', b'"progress":1'), *lines[5:]]
    log.write_bytes(b"".join(changed))

    with pytest.raises(LogDiffers) as caught:
        resume(log, unwatched)

    assert caught.value.facts["line"] == 5
    assert log.read_bytes() == b"".join(changed)


def test_a_failed_run_keeps_its_log_and_says_where(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log, header = tmp_path / "run.jsonl", standard()
    record(tmp_path / "whole.jsonl", header, unwatched)
    snapshot = StandardCourse.snapshot

    def full_disk(course: StandardCourse) -> bytes:
        if course.settled == 4:
            raise OSError(28, "No space left on device")
        return snapshot(course)

    with monkeypatch.context() as patched:
        patched.setattr(StandardCourse, "snapshot", full_disk)
        with pytest.raises(OSError, match="No space"):
            record(log, header, unwatched)

    told = replay(log)
    assert (told.end, len(told.metrics)) == (End.FAILED, 4)
    assert "No space left" in str(told.failure)
    assert orjson.loads(log.read_bytes().splitlines()[-1])["epoch"] == 4

    resume(log, unwatched)
    assert log.read_bytes() == (tmp_path / "whole.jsonl").read_bytes()


def test_a_log_is_never_written_twice(tmp_path: Path) -> None:
    log = tmp_path / "run.jsonl"
    record(log, standard(), unwatched)

    with pytest.raises(FileExistsError):
        record(log, standard(), unwatched)
    with pytest.raises(RunComplete):
        resume(log, unwatched)


@pytest.mark.parametrize("text", [b"", b'{"event":"run_sta'])
def test_a_log_without_a_whole_first_line_cannot_be_resumed(tmp_path: Path, text: bytes) -> None:
    (tmp_path / "run.jsonl").write_bytes(text)

    with pytest.raises(DamagedLog):
        resume(tmp_path / "run.jsonl", unwatched)


def test_a_killed_process_leaves_a_log_that_is_resumed(tmp_path: Path) -> None:
    log, header = tmp_path / "run.jsonl", standard()
    (tmp_path / "header").write_bytes(header.line())
    program = (
        "import sys, os; from pathlib import Path; from server.sandbox.logfile import *; "
        "header = read_log_header(Path(sys.argv[1])); "
        "record(Path(sys.argv[2]), header, lambda one: one.epoch == 2 and os.kill(os.getpid(), 9))"
    )

    died = subprocess.run([sys.executable, "-c", program, str(tmp_path / "header"), str(log)], cwd=ROOT, check=False)

    assert died.returncode == -signal.SIGKILL
    assert resume(log, unwatched) == 3
    record(tmp_path / "whole.jsonl", header, unwatched)
    assert log.read_bytes() == (tmp_path / "whole.jsonl").read_bytes()


def test_a_scenario_with_a_membrane_is_recorded_and_resumed(tmp_path: Path) -> None:
    header, log = Header(read_scenario((SCENARIOS / "captured_organism.yaml").read_text())), tmp_path / "run.jsonl"
    record(tmp_path / "whole.jsonl", header, unwatched)
    interrupted(log, header, 3)

    assert resume(log, unwatched) == 3

    assert log.read_bytes() == (tmp_path / "whole.jsonl").read_bytes()
    assert verify(log) == log.read_bytes().count(b"\n") - 1
    assert replay(log).metrics[-1].outside > 0  # type: ignore[union-attr]
