"""The worker process of a run: what it tells, what it takes up, and what it may not take."""

import fcntl
import os
import select
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import orjson
import pytest

from domain.sandbox.eventlog.header import Header
from domain.sandbox.eventlog.reading import End
from domain.sandbox.seats.reading import read_observations
from domain.sandbox.seats.seating import Seat, Seating
from server.sandbox.logfile import replay
from tests.server.sandbox.worlds import legacy, standard
from tests.worlds import agent

ROOT = Path(__file__).parents[3]
PLENTY = 10**9


def worker(log: Path, header: Header, memory: int = PLENTY, seconds: int = 60) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "server.sandbox.worker", str(log), str(memory), str(seconds)]
    env = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
    started = subprocess.Popen(command, cwd=ROOT, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert started.stdin is not None
    started.stdin.write(header.line())
    started.stdin.close()
    started.stdin = None
    return started


def told(started: "subprocess.Popen[bytes]") -> tuple[int, list[dict[str, object]]]:
    """How it ended, and what it said."""
    text, _ = started.communicate(timeout=120)
    return started.returncode, [orjson.loads(line) for line in text.splitlines()]


@pytest.mark.parametrize("header", [standard(), legacy()], ids=["standard", "legacy"])
def test_it_tells_every_epoch_once_and_again_what_is_there(tmp_path: Path, header: Header) -> None:
    log = tmp_path / "run.jsonl"

    code, epochs = told(worker(log, header))
    whole = log.read_bytes()
    log.write_bytes(whole[: len(whole) // 2])
    resumed = told(worker(log, header))
    complete = told(worker(log, header))

    assert (code, [each["first"] for each in epochs]) == (0, list(range(header.scenario.simulation.n_epochs)))
    assert resumed == complete == (0, epochs)
    assert log.read_bytes() == whole


def test_a_worker_that_nobody_plays_with_any_more_ends_and_leaves_the_run_open(tmp_path: Path) -> None:
    log = tmp_path / "run.jsonl"
    header = replace(standard(), seating=Seating((Seat("honest_2", agent("ada").did),), "salt"))

    code, said = told(worker(log, header))

    (asked,) = said
    (seen,) = read_observations(asked["seats"])
    assert (code, seen.agent, asked["seconds"]) == (1, "honest_2", 2.0)
    assert replay(log).end is End.INTERRUPTED


@pytest.mark.parametrize("text", [b"", b'{"event":"run_st'])
def test_a_log_without_a_whole_first_line_is_begun_anew(tmp_path: Path, text: bytes) -> None:
    (tmp_path / "run.jsonl").write_bytes(text)

    assert told(worker(tmp_path / "run.jsonl", standard()))[0] == 0
    assert replay(tmp_path / "run.jsonl").end is End.COMPLETE


def test_a_damaged_log_is_left_alone_and_told(tmp_path: Path) -> None:
    told(worker(tmp_path / "run.jsonl", standard()))
    lines = (tmp_path / "run.jsonl").read_bytes().splitlines(keepends=True)
    damaged = b"".join([*lines[:5], b"?\n", *lines[6:]])
    (tmp_path / "run.jsonl").write_bytes(damaged)

    code, (problem,) = told(worker(tmp_path / "run.jsonl", standard()))

    assert code == 1
    assert "damaged at line 6" in str(problem["problem"])
    assert (tmp_path / "run.jsonl").read_bytes() == damaged


def test_too_much_memory_is_refused_by_the_machine_and_told(tmp_path: Path) -> None:
    crowd = standard(agents__0__count=100_000, simulation__n_epochs=1)

    code, said = told(worker(tmp_path / "run.jsonl", crowd, memory=110_000_000))

    assert code != 0
    assert all("memory" in str(each["problem"]) or "allocate" in str(each["problem"]) for each in said)


def test_two_workers_of_one_log_take_turns(tmp_path: Path) -> None:
    with (tmp_path / "run.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        started = worker(tmp_path / "run.jsonl", standard())
        assert started.stdout is not None
        waiting = not select.select([started.stdout], [], [], 3)[0]
        fcntl.flock(lock, fcntl.LOCK_UN)
        code, epochs = told(started)

    assert waiting
    assert (code, len(epochs)) == (0, 6)
