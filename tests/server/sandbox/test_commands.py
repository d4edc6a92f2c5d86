"""`chorus sandbox`, as a person types it."""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from server.__main__ import app
from server.sandbox.asking import SHIPPED
from server.sandbox.folder import OutsideFolder, fresh, inside
from server.sandbox.logfile import checkpoint_of, record, replay
from server.sandbox.tabular import shown
from tests.server.sandbox.worlds import MIXED, standard

Chorus = Callable[..., Any]  # Any: what the runner of typer's own click gives


@pytest.fixture
def chorus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Chorus:
    (tmp_path / "mixed.yaml").write_text(MIXED)
    monkeypatch.chdir(tmp_path)
    return lambda *words: CliRunner().invoke(app, ["sandbox", *map(str, words)])


def test_list_names_every_scenario_that_comes_along(chorus: Chorus) -> None:
    listed = chorus("list").stdout

    assert all(path.stem in listed for path in SHIPPED.glob("*.yaml"))


def test_validate_tells_the_cost(chorus: Chorus) -> None:
    found = chorus("validate", "mixed.yaml", "--set", "simulation.n_epochs=100000")

    assert found.exit_code == 0
    assert "14,400,000 turns: about " in found.stdout


def test_a_run_prints_epochs_types_and_verdicts(chorus: Chorus) -> None:
    found = chorus("run", "mixed.yaml", "--epochs", 3, "--set", "success_criteria.toxicity_threshold=0.9")

    assert found.exit_code == 0, found.output
    assert "3 epochs of 6 steps, seed 7" in found.stdout
    assert "12 honest" in found.stdout
    assert "PASS toxicity at most 0.9" in found.stdout


@pytest.mark.parametrize("seeds", [1, 3])
def test_a_run_that_fails_its_criteria_ends_with_2(chorus: Chorus, seeds: int) -> None:
    found = chorus("run", "mixed.yaml", "--seeds", seeds, "--set", "success_criteria.toxicity_threshold=0.01")

    assert found.exit_code == 2
    assert "FAIL toxicity at most 0.01" in found.stdout


def test_legacy_runs_too(chorus: Chorus) -> None:
    found = chorus("run", "strict_governance", "--seeds", 2)

    assert found.exit_code == 2
    assert "in 0 of 2 runs" in found.stdout


def test_the_log_of_a_run_is_that_of_its_seed(chorus: Chorus, tmp_path: Path) -> None:
    assert chorus("run", "mixed.yaml", "--seed", 9, "--log", "logs/nine.jsonl").exit_code == 0

    record(tmp_path / "alone.jsonl", standard(simulation__seed=9), lambda chapter: None)
    assert (tmp_path / "logs/nine.jsonl").read_bytes() == (tmp_path / "alone.jsonl").read_bytes()


def test_several_seeds_take_a_log_each_and_are_those_of_the_batch(chorus: Chorus, tmp_path: Path) -> None:
    assert "{seed}" in chorus("run", "mixed.yaml", "--seeds", 2, "--log", "run.jsonl").stderr

    logged = chorus("run", "mixed.yaml", "--seeds", 2, "--log", "run-{seed}.jsonl")

    assert logged.stdout.splitlines()[3:] == chorus("run", "mixed.yaml", "--seeds", 2).stdout.splitlines()[3:]
    assert sorted(path.name for path in tmp_path.glob("*.jsonl")) == ["run-7.jsonl", "run-8.jsonl"]


def test_the_figures_of_every_epoch_are_written(chorus: Chorus, tmp_path: Path) -> None:
    assert chorus("run", "mixed.yaml", "--log", "a.jsonl", "--table", "a.csv").exit_code == 0

    rows = list(csv.DictReader((tmp_path / "a.csv").read_text().splitlines()))

    told = replay(tmp_path / "a.jsonl").metrics
    assert [row["soft_toxicity"] for row in rows] == [shown(one.soft_toxicity) for one in told]  # type: ignore[union-attr]
    assert [float(row["honest.real_payoff"]) for row in rows] == [
        next(iter(one.types.values())).real_payoff  # type: ignore[union-attr]
        for one in told
    ]


def test_the_files_that_a_scenario_asks_for_are_written(chorus: Chorus, tmp_path: Path) -> None:
    (tmp_path / "asks.yaml").write_text(MIXED + "outputs: {event_log: out/run.jsonl, metrics_csv: out/run.csv}\n")

    assert chorus("run", "asks.yaml").exit_code == 0

    assert len(replay(tmp_path / "out/run.jsonl").metrics) == 6
    assert len((tmp_path / "out/run.csv").read_text().splitlines()) == 7


def test_tables_are_parquet_where_the_name_says_so(chorus: Chorus, tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    chorus("run", "mixed.yaml", "--log", "a.jsonl", "--table", "a.parquet")

    assert chorus("export", "a.jsonl", "--to", "rows.parquet").exit_code == 0
    assert chorus("export", "a.jsonl", "--to", "rows.csv").exit_code == 0

    told = [json.loads(line) for line in (tmp_path / "a.jsonl").read_text().splitlines()]
    interactions = [{k: v for k, v in one.items() if k != "event"} for one in told if one["event"] == "interaction"]
    assert parquet.read_table(tmp_path / "rows.parquet").to_pylist() == interactions
    assert parquet.read_table(tmp_path / "a.parquet").num_rows == 6
    assert len((tmp_path / "rows.csv").read_text().splitlines()) == len(interactions) + 1


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("run", "nowhere"), "There is no scenario nowhere; those that come with Chorus are "),
        (("run", "nowhere.yaml"), "There is no scenario nowhere.yaml"),
        (("run", "typo.yaml"), "typo.yaml: Invalid scenario at governance.audit (line 4): unknown key 'audit'"),
        (("run", "mixed.yaml", "--set", "governance.audits=true"), "did you mean 'audit_enabled'"),
        (("run", "mixed.yaml", "--set", "goverment.audit_enabled=true"), "did you mean 'governance'"),
        (("run", "mixed.yaml", "--set", "agents.9.count=1"), "there are 4 entries"),
        (("run", "mixed.yaml", "--set", "agents.one.count=1"), "there are 4 entries"),
        (("run", "mixed.yaml", "--set", "simulation.seed.x=1"), "seed is a single value"),
        (("run", "mixed.yaml", "--set", "payoff.h=.nan"), "Invalid scenario at payoff.h"),
        (("run", "mixed.yaml", "--set", "payoff.h=[1"), "Invalid scenario at $"),
        (("run", "mixed.yaml", "--epochs", "0"), "Invalid scenario at simulation.n_epochs"),
        (("run", "mixed.yaml", "--seed", str(2**64 - 1), "--seeds", "2"), "would pass the largest seed"),
        (("run", "mixed.yaml", "--set", "agents.0.count=1000000000"), "Invalid scenario at agents.0.count"),
        (("run", "mixed.yaml", "--log", "../a.jsonl"), "would leave the output folder"),
        (("run", "mixed.yaml", "--log", "/a.jsonl"), "would leave the output folder"),
        (("run", "mixed.yaml", "--table", "link/a.csv"), "would leave the output folder"),
        (("run", "mixed.yaml", "--table", "mixed.yaml"), "exists already"),
        (("run", "mixed.yaml", "--set", "payoff.a\x1b[31m\nb=1"), "at payoff.a\\x1b[31m\\nb: "),
        (("validate", "mixed.yaml", "--set", "governance.membrane.program=membrane("), "The Social DNA cannot be used"),
        (("replay", "mixed.yaml"), "damaged at line 1: it is not JSON"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(
    chorus: Chorus, tmp_path: Path, words: tuple[str, ...], told: str
) -> None:
    (tmp_path / "typo.yaml").write_text("agents:\n  - {type: honest}\ngovernance:\n  audit: true\n")
    (tmp_path / "link").symlink_to(tmp_path.parent)

    found = chorus(*words)

    assert found.exit_code == 1
    assert told in found.stderr
    assert len(found.stderr.strip().splitlines()) == 1


def test_a_setting_without_a_value_is_a_mistake_of_usage(chorus: Chorus) -> None:
    assert chorus("run", "mixed.yaml", "--set", "governance.audit_enabled").exit_code == 2


@pytest.mark.parametrize("path", ["..", ".", "", "a/../../b", "/etc/passwd"])
def test_no_file_leaves_the_folder(tmp_path: Path, path: str) -> None:
    with pytest.raises(OutsideFolder):
        inside(tmp_path, path)


def test_folders_on_the_way_are_made(tmp_path: Path) -> None:
    assert fresh(tmp_path, "a/b/c.txt").parent.is_dir()


def test_replay_again_and_resume(chorus: Chorus, tmp_path: Path) -> None:
    chorus("run", "mixed.yaml", "--log", "a.jsonl")
    whole = (tmp_path / "a.jsonl").read_bytes()

    replayed = chorus("replay", "a.jsonl", "--again")
    (tmp_path / "a.jsonl").write_bytes(whole[: len(whole) * 2 // 3])
    resumed = chorus("resume", "a.jsonl")

    assert "6 epochs replayed; every metric is equal to the bit." in replayed.stdout
    lines = whole.count(b"\n") - 1
    assert f"{lines:,} lines are the same to the byte" in replayed.stdout
    assert resumed.exit_code == 0
    assert (tmp_path / "a.jsonl").read_bytes() == whole
    assert not checkpoint_of(tmp_path / "a.jsonl").exists()
    assert "nothing to resume" in chorus("resume", "a.jsonl").stderr


def test_replay_of_an_interrupted_run_says_so(chorus: Chorus, tmp_path: Path) -> None:
    chorus("run", "mixed.yaml", "--log", "a.jsonl")
    lines = (tmp_path / "a.jsonl").read_bytes().splitlines(keepends=True)
    (tmp_path / "a.jsonl").write_bytes(b"".join(lines[:-1]))

    assert "interrupted after 6 epochs" in chorus("replay", "a.jsonl").stdout


def test_replay_again_finds_another_course(chorus: Chorus, tmp_path: Path) -> None:
    chorus("run", "mixed.yaml", "--log", "a.jsonl")
    lines = (tmp_path / "a.jsonl").read_bytes().splitlines(keepends=True)
    lines[2] = lines[2].replace(b'"step":0', b'"step":1')
    (tmp_path / "a.jsonl").write_bytes(b"".join(lines[:-1]))

    assert chorus("replay", "a.jsonl").exit_code == 0
    assert "Line 3 " in chorus("replay", "a.jsonl", "--again").stderr


def test_what_if_compares_the_rest_of_the_two_courses(chorus: Chorus, tmp_path: Path) -> None:
    chorus("run", "mixed.yaml", "--seeds", 3, "--log", "a-{seed}.jsonl")
    change = ("--from", 2, "--set", "governance.audit_probability=1.0")

    found = chorus("what-if", "a-7.jsonl", "a-8.jsonl", "a-9.jsonl", *change, "--log", "b-{seed}.jsonl")

    assert "adversarial.real_payoff" in found.stdout
    assert "Over epochs 2 to 5." in found.stdout
    told = replay(tmp_path / "b-8.jsonl")
    assert told.header.branch is not None
    assert told.metrics[:2] == replay(tmp_path / "a-8.jsonl").metrics[:2] != told.metrics[2:4]
    assert "what-if starts at an epoch from 1 to 5" in chorus("what-if", "a-7.jsonl", "--from", 9, *change[2:]).stderr
    assert "a what-if itself" in chorus("what-if", "b-7.jsonl", *change).stderr


def test_what_if_takes_one_scenario_and_every_seed_once(chorus: Chorus) -> None:
    chorus("run", "mixed.yaml", "--seeds", 2, "--log", "a-{seed}.jsonl")
    chorus("run", "mixed.yaml", "--seed", 9, "--epochs", 3, "--log", "short.jsonl")
    chorus("run", "mixed.yaml", "--seed", 9, "--set", "payoff.h=1", "--log", "other.jsonl")

    for second in ("a-7.jsonl", "short.jsonl", "other.jsonl"):
        found = chorus("what-if", "a-7.jsonl", second, "--from", 2, "--set", "governance.audit_probability=1.0")
        assert (found.exit_code, found.stdout) == (1, "")
        assert "not runs of one scenario with a seed each" in found.stderr
