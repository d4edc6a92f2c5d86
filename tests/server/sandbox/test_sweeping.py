"""Sweeps on processes and on a Dask cluster: no result lost or doubled, whoever dies."""

import csv
import os
import re
import signal
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from domain.sandbox.ablation import WORLDS, ablate
from domain.sandbox.errors import DamagedLog
from domain.sandbox.study.design import InvalidSweep, Sweep, Unit, sweep_of
from domain.sandbox.study.work import Row, run_unit
from domain.sandbox.yaml_text import Data
from server.__main__ import app
from server.sandbox import sweeping
from server.sandbox.sweeping import Found, WorkersDied, on_dask, on_processes, read_rows, run_sweep
from tests.server.sandbox.worlds import MIXED, deadly, legacy, standard

ROOT = Path(__file__).parents[3]
SMALL = standard(simulation__n_epochs=2, simulation__steps_per_epoch=3).scenario
AUDITS: list[dict[str, Data]] = [{"governance.audit_probability": value} for value in (0.0, 0.3, 0.6)]


def swept(runs: int = 40) -> Sweep:
    return sweep_of(SMALL, AUDITS, runs)


def expected(planned: Sweep) -> list[Row]:
    return [row for unit in planned.units() for row in run_unit(unit)]


def here(units: Iterable[Unit]) -> Found:
    yield from map(run_unit, units)


def quietly(done: int) -> None:
    """Nobody looks."""


def test_processes_give_what_one_process_gives(tmp_path: Path) -> None:
    done: list[int] = []

    rows = run_sweep(swept(), tmp_path / "runs", on_processes(2), done.append)

    assert rows == expected(swept())
    assert done[0] == 0
    assert done[-1] == 120


def test_a_worker_that_is_killed_loses_and_doubles_nothing(tmp_path: Path) -> None:
    (tmp_path / "marks").mkdir()
    work = partial(deadly, tmp_path / "marks", 1)

    rows = run_sweep(swept(), tmp_path / "runs", on_processes(2, work), quietly)

    assert len(list((tmp_path / "marks").iterdir())) >= 1
    assert rows == expected(swept())
    assert len((tmp_path / "runs").read_bytes().splitlines()) == 121


def test_workers_that_always_die_end_the_sweep(tmp_path: Path) -> None:
    (tmp_path / "marks").mkdir()
    planned = sweep_of(SMALL, [{}, {}], 1)

    with pytest.raises(WorkersDied):
        run_sweep(planned, tmp_path / "runs", on_processes(1, partial(deadly, tmp_path / "marks", 99)), quietly)

    assert len(read_rows(tmp_path / "runs", planned)) == 1


def test_a_stopped_sweep_goes_on_with_what_is_missing(tmp_path: Path) -> None:
    planned, kept, ran = swept(), tmp_path / "runs", list[Unit]()

    def stopping(units: Iterable[Unit]) -> Found:
        for number, unit in enumerate(units):
            if number == 3:
                raise KeyboardInterrupt
            yield run_unit(unit)

    def noting(units: Iterable[Unit]) -> Found:
        ran.extend(units)
        yield from map(run_unit, ran)

    with pytest.raises(KeyboardInterrupt):
        run_sweep(planned, kept, stopping, quietly)
    kept.write_bytes(kept.read_bytes()[:-20])

    rows = run_sweep(planned, kept, noting, quietly)

    assert rows == expected(planned)
    assert sum(len(unit.seeds) for unit in ran) == 120 - 72 + 1


def test_processes_that_read_the_script_again_do_not_import_the_server() -> None:
    (script,) = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"].values()
    code = f"import sys, {script.partition(':')[0]}, server.sandbox.engines; print('server.app' in sys.modules)"

    found = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)

    assert found.stdout == "False\n"


def test_the_results_of_another_sweep_are_not_mixed_in(tmp_path: Path) -> None:
    run_sweep(swept(2), tmp_path / "runs", here, quietly)

    with pytest.raises(InvalidSweep):
        run_sweep(swept(3), tmp_path / "runs", here, quietly)
    (tmp_path / "runs").write_text("condition,seed\n")
    with pytest.raises(DamagedLog):
        run_sweep(swept(3), tmp_path / "runs", here, quietly)


@contextmanager
def process(*words: str) -> Iterator["subprocess.Popen[str]"]:
    """A part of a cluster, gone at the end."""
    env = {**os.environ, "PYTHONPATH": str(ROOT), "DASK_DISTRIBUTED__ADMIN__LOW_LEVEL_LOG_LENGTH": "0"}
    command = [sys.executable, "-m", *words]
    with subprocess.Popen(command, env=env, stderr=subprocess.PIPE, text=True, cwd="/") as started:
        try:
            yield started
        finally:
            started.kill()


def said(started: "subprocess.Popen[str]", pattern: str) -> str:
    assert started.stderr is not None
    for line in started.stderr:
        if found := re.search(pattern, line):
            return found[1]
    raise AssertionError(f"it ended without saying {pattern}")


@contextmanager
def cluster(folder: Path) -> Iterator[tuple[str, list["subprocess.Popen[str]"]]]:
    """A scheduler and two workers, as processes."""
    quiet = ("--no-dashboard",)
    with ExitStack() as stack:
        scheduler = stack.enter_context(
            process("distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0", *quiet)
        )
        address = said(scheduler, r"Scheduler at:\s+(tcp://\S+)")
        options = ("--nthreads", "1", "--no-nanny", "--local-directory", str(folder), *quiet)
        workers = [stack.enter_context(process("distributed.cli.dask_worker", address, *options)) for _ in range(2)]
        for worker in workers:
            said(worker, r"(Registered to)")
        yield address, workers


def test_a_dask_cluster_loses_and_doubles_nothing_when_a_worker_is_killed(tmp_path: Path) -> None:
    pytest.importorskip("distributed")
    planned = sweep_of(SMALL, [{"governance.audit_probability": n / 20} for n in range(20)], 64)

    with cluster(tmp_path) as (address, workers):

        def kill_one(done: int) -> None:
            if done >= 200 and workers[0].poll() is None:
                workers[0].kill()

        rows = run_sweep(planned, tmp_path / "runs", on_dask(address), kill_one)
        assert workers[0].wait() == -signal.SIGKILL

    assert rows == expected(planned)
    assert len((tmp_path / "runs").read_bytes().splitlines()) == 1 + 20 * 64


def words(text: str) -> list[list[str]]:
    return [line.split() for line in text.splitlines()]


Chorus = Callable[..., Any]  # Any: what the runner of typer's own click gives


@pytest.fixture
def chorus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Chorus:
    (tmp_path / "mixed.yaml").write_text(MIXED)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("server.sandbox.sweep_commands.on_processes", lambda workers: here)
    return lambda *words: CliRunner().invoke(app, ["sandbox", *map(str, words)])


SWEEP = ("sweep", "mixed.yaml", "--epochs", 2, "--vary", "governance.audit_probability=0,0.5")


@pytest.mark.parametrize("name", ["results.csv", "results.parquet"])
def test_a_sweep_writes_its_results_and_compares_them(chorus: Chorus, tmp_path: Path, name: str) -> None:
    found = chorus(*SWEEP, "--runs", 6, "--results", name)
    compared = chorus("compare", name, "--figure", "honest.real_payoff", "--table", "compared.csv")

    assert found.exit_code == 0, found.output
    assert "2 conditions with 6 runs each, the same seeds: 12 runs" in found.stdout
    assert "audit_probability=0.5" in found.stdout
    assert compared.exit_code == 0, compared.output
    assert "baseline" in compared.stdout
    assert sorted(path.name for path in tmp_path.iterdir()) == ["compared.csv", "mixed.yaml", name]
    assert len((tmp_path / "compared.csv").read_text().splitlines()) == 3


def test_the_results_do_not_depend_on_who_ran_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mixed.yaml").write_text(MIXED)
    monkeypatch.chdir(tmp_path)
    words = [*map(str, SWEEP), "--runs", "33"]
    processes = CliRunner().invoke(app, ["sandbox", *words, "--results", "a.csv", "--workers", "2"])
    monkeypatch.setattr(sweeping, "on_processes", None)
    monkeypatch.setattr("server.sandbox.sweep_commands.on_processes", lambda workers: here)

    alone = CliRunner().invoke(app, ["sandbox", *words, "--results", "b.csv"])

    assert (processes.exit_code, alone.exit_code) == (0, 0)
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()


def test_random_designs_take_spans(chorus: Chorus) -> None:
    found = chorus(
        *("sweep", "mixed.yaml", "--epochs", 1, "--vary", "payoff.h=0.5..3.0", "--vary", "rules.trust=ema,mean"),
        *("--design", "random", "--conditions", 5, "--runs", 2, "--results", "r.csv", "--independent"),
    )

    assert "5 conditions with 2 runs each, seeds of its own: 10 runs" in found.stdout
    assert found.exit_code == 0


ABLATE = ("ablate", "mixed.yaml", "--epochs", 2, "--runs", 4)


def test_an_ablation_says_what_moved_and_who_pays(chorus: Chorus, tmp_path: Path) -> None:
    found = chorus(*ABLATE, "--worlds", 1, "--table", "levers.csv")

    assert found.exit_code == 0, found.output
    expected_ = ablate(standard(simulation__n_epochs=2).scenario, 4, WORLDS[:1])
    assert "24 conditions with 4 runs each, the same seeds: 96 runs" in found.stdout
    moved = [each for each in expected_ if each.direction]
    told = words(found.stdout)
    assert all([each.lever or "all", each.contrast, each.figure] in [line[:3] for line in told] for each in moved)
    assert ["lever", "honest.real_payoff", "frozen_honest_epochs", "honest.flagged", "outside_honest_epochs"] in told
    rows = list(csv.DictReader((tmp_path / "levers.csv").read_text().splitlines()))
    assert [(row["lever"], row["figure"], float(row["difference"])) for row in rows] == [
        (each.lever or "", each.figure, each.effect.difference.mean) for each in expected_
    ]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["levers.csv", "mixed.yaml"]


def test_an_ablation_without_a_table_leaves_nothing(chorus: Chorus, tmp_path: Path) -> None:
    found = chorus(*ABLATE, "--worlds", 0, "--set", "governance={transaction_tax_rate: 0.5}")

    assert found.exit_code == 0, found.output
    assert "who pays" in found.stdout
    assert [path.name for path in tmp_path.iterdir()] == ["mixed.yaml"]


def test_logs_are_compared_by_what_differs_between_them(chorus: Chorus) -> None:
    for tax in (0.0, 0.5):
        tax_set = f"governance.transaction_tax_rate={tax}"
        chorus("run", "mixed.yaml", "--seeds", 2, "--epochs", 2, "--set", tax_set, "--log", f"t{tax}-{{seed}}.jsonl")

    found = chorus("compare", "t0.0-7.jsonl", "t0.0-8.jsonl", "t0.5-7.jsonl", "t0.5-8.jsonl")

    assert "transaction_tax_rate=0.5" in found.stdout, found.output
    assert "baseline" in found.stdout


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((*SWEEP, "--results", "../r.csv"), "would leave the output folder"),
        ((*SWEEP, "--results", "mixed.yaml"), "exists already"),
        ((*SWEEP, "--vary", "payoff.h=1..2", "--results", "r.csv"), "not a span"),
        ((*SWEEP, "--vary", "payoff.h=1..x", "--results", "r.csv"), "not a span of numbers"),
        (
            (*SWEEP, "--vary", "payoff.h=2..1", "--design", "random", "--results", "r.csv"),
            "from one number up to another",
        ),
        ((*SWEEP, "--vary", "payoff.h=1", "--vary", "payoff.h=2", "--results", "r.csv"), "payoff.h varies once"),
        ((*SWEEP, "--vary", "payoff.hh=1,2", "--results", "r.csv"), "did you mean 'h'"),
        ((*SWEEP, "--runs", 2, "--results", "r.csv", "--figure", "happiness"), "There is no figure happiness"),
        ((*SWEEP, "--runs", 2, "--results", "r.csv", "--baseline", "7"), "There is no condition 7"),
        ((*ABLATE, "--table", "../r.csv"), "would leave the output folder"),
        ((*ABLATE, "--set", "governance={}"), "pulls no lever"),
        ((*ABLATE, "--runs", 400), "at most 10,000 runs"),
        (("ablate", "baseline"), "taken apart in the standard profile"),
        (("compare", "mixed.yaml"), "does not hold the results of a sweep"),
        (("compare", "mixed.yaml", "mixed.yaml"), "Give one results file"),
    ],
)
def test_what_cannot_be_done_is_said(chorus: Chorus, words: tuple[object, ...], told: str) -> None:
    found = chorus(*words)

    assert found.exit_code == 1, found.output
    assert told in found.stderr


def test_legacy_scenarios_are_swept_too(tmp_path: Path) -> None:
    planned = sweep_of(legacy("baseline").scenario, [{"simulation.n_epochs": 2}, {"simulation.n_epochs": 3}], 5)

    assert run_sweep(planned, tmp_path / "runs", here, quietly) == expected(planned)
