"""The event log: defects D5, D6 and D24, and acceptance "identical event log bytes" of the sandbox."""

import hashlib
import random
import subprocess
import sys
from itertools import zip_longest
from pathlib import Path

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.sandbox.errors import DamagedLog, InvalidScenario, LogDiffers
from domain.sandbox.eventlog import endings
from domain.sandbox.eventlog.course import course_of, whole_log
from domain.sandbox.eventlog.header import Branch, Header, canonical
from domain.sandbox.eventlog.reading import End, replayed
from domain.sandbox.legacy.run import run as run_legacy
from domain.sandbox.reading import changed, read_scenario
from domain.sandbox.scenario import Profile, legacy_settings, standard_settings
from domain.sandbox.standard.run import run
from domain.sandbox.yaml_text import Data
from tests.server.sandbox.worlds import MIXED, SCENARIOS, legacy, standard

ROOT = Path(__file__).parents[3]
BOTH = pytest.mark.parametrize("header", [standard(), legacy()], ids=["standard", "legacy"])


WITHOUT_ENGINE = [
    path for path in sorted(SCENARIOS.glob("*.yaml")) if not read_scenario(path.read_text()).governance.membrane.on
]
"""Those with a membrane run where there is an engine: tests/server/sandbox/test_membranes.py."""


def parsed(lines: list[bytes]) -> list[dict[str, object]]:
    return [orjson.loads(line) for line in lines]


@pytest.mark.parametrize("path", WITHOUT_ENGINE, ids=lambda path: path.stem)
def test_replay_gives_the_metrics_of_the_run_to_the_bit(path: Path) -> None:
    header = Header(changed(read_scenario(path.read_text()), {"simulation.n_epochs": 5}))

    told = replayed(whole_log(header))

    scenario = header.scenario
    if scenario.profile is Profile.LEGACY:
        assert repr(told.metrics) == repr(run_legacy(legacy_settings(scenario), header.seed).epochs)
    else:
        assert repr(told.metrics) == repr(run(standard_settings(scenario), [header.seed])[0])


@settings(max_examples=15)
@given(
    st.integers(0, 2**64 - 1),
    st.booleans(),
    st.sampled_from(["ema", "mean", "reputation"]),
    st.integers(0, 8),
)
def test_replay_is_exact_for_any_seed_and_rules(seed: int, settled: bool, trust: str, inbox: int) -> None:
    header = standard(
        simulation__seed=seed, rules__settlement=settled, rules__trust=trust, rate_limits__interactions_per_step=inbox
    )

    assert repr(replayed(whole_log(header)).metrics) == repr(run(standard_settings(header.scenario), [seed])[0])


@BOTH
def test_two_processes_write_the_same_bytes(header: Header, tmp_path: Path) -> None:
    (tmp_path / "header").write_bytes(header.line())
    program = (
        "import sys, hashlib, pathlib; from domain.sandbox.eventlog.reading import *; "
        "from domain.sandbox.eventlog.course import whole_log; "
        "header = read_header(next(entries([pathlib.Path(sys.argv[1]).read_bytes()]))); "
        "sys.stdout.buffer.write(b''.join(whole_log(header)))"
    )

    command = [sys.executable, "-c", program, str(tmp_path / "header")]
    other = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout

    assert other == b"".join(whole_log(header))


def test_runs_in_one_process_do_not_touch_each_other() -> None:
    headers = [standard(), legacy(), standard(simulation__seed=8), legacy("status_game")]
    alone = [list(whole_log(header)) for header in headers]

    random.seed(1)
    woven = list(zip_longest(*(whole_log(header) for header in reversed(headers))))

    together = [[line for line in column if line is not None] for column in zip(*woven, strict=True)]
    assert together == alone[::-1]


def test_listing_order_of_agents_changes_no_byte() -> None:
    head, _, tail = MIXED.partition("agents:\n")
    specs, rest = tail.split("governance:")[0].splitlines(), "governance:" + tail.split("governance:")[1]
    split = ["  - {type: honest, count: 5}", "  - {type: honest, count: 7}", *specs[1:]]

    texts = [f"{head}agents:\n" + "\n".join(listed) + f"\n{rest}" for listed in (specs, specs[::-1], split)]

    logs = {b"".join(whole_log(Header(read_scenario(text)))) for text in texts}
    assert len(logs) == 1


def test_another_seed_scenario_or_branch_is_another_run() -> None:
    headers = [
        standard(),
        standard(simulation__seed=8),
        standard(governance__audit_probability=0.2),
        Header(standard().scenario, Branch(2, {"governance.audit_enabled": False})),
        legacy(),
    ]

    assert len({header.run_id for header in headers}) == len(headers)
    assert standard().run_id == standard().run_id


@BOTH
def test_every_interaction_is_told_once_with_all_that_it_was(header: Header) -> None:
    entries = parsed(list(whole_log(header)))
    told = [one for one in entries if one["event"] == "interaction"]
    counted = sum(
        one["metrics"].get("accepted", one["metrics"].get("accepted_interactions"))  # type: ignore[attr-defined]
        for one in entries
        if one["event"] == "epoch"
    )

    assert sum(bool(one["accepted"]) for one in told) == counted
    assert {one["run"] for one in entries} == {header.run_id}
    assert all({"initiator", "counterparty", "p", "v_hat", "tau", "c_a", "c_b", "r_a"} <= set(one) for one in told)


def test_freezes_and_releases_are_told_in_turn() -> None:
    frozen: set[object] = set()
    told = 0
    for one in parsed(list(whole_log(standard(simulation__n_epochs=12)))):
        if one["event"] == "released":
            frozen.remove(one["agent"])
        if one["event"] == "frozen":
            frozen.add(one["agent"])
            told += 1
        if one["event"] == "epoch":
            assert len(frozen) == one["metrics"]["frozen"]  # type: ignore[index]
    assert told > 1


def test_comings_and_goings_are_told() -> None:
    plan: dict[str, Data] = {"agents__0__arrives": 2, "agents__0__leaves": 4, "agents__3__begins_again": [3]}
    header = standard(**plan)

    told = [
        (one["event"], one["epoch"], str(one["agent"])[:6]) for one in parsed(list(whole_log(header))) if "agent" in one
    ]

    assert {one for one in told if one[0] in ("arrived", "left", "renamed")} == {
        ("arrived", 2, "honest"),
        ("left", 4, "honest"),
        ("renamed", 3, "advers"),
    }
    replayed(whole_log(header))


def test_a_restored_run_writes_the_rest_of_the_bytes() -> None:
    header = standard()
    whole = [list(chapter.lines) for chapter in course_of(header).chapters()]
    for stop in range(1, len(whole)):
        first, second = course_of(header), course_of(header)
        chapters = first.chapters()
        for _ in range(stop):
            list(next(chapters).lines)

        snapshot = first.snapshot()
        assert snapshot is not None
        second.restore(stop, snapshot)

        assert [list(chapter.lines) for chapter in second.chapters()] == whole[stop:]


def test_the_snapshot_of_another_run_is_refused() -> None:
    other = course_of(standard(agents__0__count=3)).snapshot()
    assert other is not None

    for snapshot in (other, other[:100], b""):
        with pytest.raises(ValueError, match="snapshot"):
            course_of(standard()).restore(1, snapshot)


def test_a_what_if_is_the_run_until_its_epoch_and_follows_the_change_from_there() -> None:
    header, audits = standard(), {"governance.audit_probability": 1.0, "governance.audit_threshold_p": 0.9}
    base = replayed(whole_log(header)).metrics

    changed_ = replayed(whole_log(Header(header.scenario, Branch(3, dict(audits))))).metrics

    assert changed_[:3] == base[:3]
    assert changed_[3].treasury > base[3].treasury  # type: ignore[union-attr]
    assert repr(changed_) != repr(replayed(whole_log(standard(**{k.replace(".", "__"): v for k, v in audits.items()}))))


@pytest.mark.parametrize(
    ("scenario", "branch"),
    [
        (standard().scenario, Branch(0, {})),
        (standard().scenario, Branch(6, {})),
        (standard().scenario, Branch(2, {"agents.0.count": 3})),
        (standard().scenario, Branch(2, {"simulation.seed": 3})),
        (standard().scenario, Branch(2, {"governance.audits": True})),
        (legacy().scenario, Branch(2, {"governance.audit_enabled": True})),
    ],
)
def test_a_what_if_that_cannot_be_is_refused(scenario: object, branch: Branch) -> None:
    with pytest.raises(InvalidScenario):
        course_of(Header(scenario, branch))  # type: ignore[arg-type]


def test_a_header_says_the_whole_scenario() -> None:
    (first, *_) = whole_log(standard())

    told = orjson.loads(first)

    assert told["scenario"] == canonical(standard().scenario)
    assert told["scenario"]["payoff"]["h"] == 2.0


def complete(header: Header) -> list[bytes]:
    lines = list(whole_log(header))
    digest = hashlib.sha256(b"".join(lines)).hexdigest()
    return [*lines, endings.ended(header.run_id, header.scenario.simulation.n_epochs, digest)]


def test_a_log_says_how_it_ended() -> None:
    header = standard()
    lines = complete(header)

    assert replayed(lines).end is End.COMPLETE
    assert replayed(lines[:-1]).end is End.INTERRUPTED
    told = replayed([*lines[:-1], endings.failed(header.run_id, 6, MemoryError("too much"))])
    assert (told.end, told.failure) == (End.FAILED, "too much")


LOG = complete(standard())
EPOCH = next(number for number, line in enumerate(LOG) if b'"event":"epoch"' in line)


def cut(line: bytes) -> bytes:
    return line[: len(line) // 2]


@pytest.mark.parametrize(
    ("lines", "number"),
    [
        ([], 1),
        ([b"\n"], 1),
        ([b"[]\n"], 1),
        (LOG[1:], 1),
        ([*LOG[:5], cut(LOG[5])], 6),
        ([*LOG[:5], cut(LOG[5]) + b"\n", *LOG[6:]], 6),
        ([*LOG[:5], b'{"event":"party"}\n'], 6),
        ([*LOG[:5], b'{"event":["epoch"]}\n'], 6),
        ([*LOG[:5], LOG[5].replace(b'"honest_', b'"nobody_').replace(b'"adversarial_', b'"nobody_')], 6),
        ([*LOG[:5], LOG[5].replace(b'"p":', b'"q":')], 6),
        ([*LOG[:EPOCH], LOG[EPOCH].replace(b'"proposed":', b'"q":')], EPOCH + 1),
        ([*LOG[:5], *list(whole_log(legacy()))[3:]], 6),
        ([*LOG[:5], LOG[0]], 6),
        ([*LOG[: EPOCH + 1], LOG[5]], EPOCH + 2),
        ([*LOG, LOG[5]], len(LOG) + 1),
        ([*LOG[:5], *LOG[6:]], None),
        ([LOG[0].replace(b'"format":1', b'"format":9'), *LOG[1:]], 1),
        ([LOG[0].replace(b'"seed":7', b'"seed":8'), *LOG[1:]], 1),
        ([LOG[0].replace(b'"seed":7', b'"seed":-8'), *LOG[1:]], 1),
    ],
)
def test_a_damaged_log_is_refused_with_its_line(lines: list[bytes], number: int | None) -> None:
    with pytest.raises(DamagedLog if number else LogDiffers) as caught:
        replayed(lines)

    assert number is None or caught.value.facts["line"] == number


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_any_changed_byte_is_noticed(data: st.DataObject) -> None:
    text = bytearray(b"".join(LOG))
    place = data.draw(st.integers(0, len(text) - 1))
    text[place] ^= data.draw(st.integers(1, 127))

    with pytest.raises((DamagedLog, LogDiffers)):
        replayed(bytes(text).splitlines(keepends=True))
