"""Sweeps over GraphQL: kept like runs, followed, taken up after a restart, compared when they are complete."""

from pathlib import Path
from typing import Any

import orjson

from domain.sandbox.ablation import WORLDS, findings
from domain.sandbox.reading import changed, read_scenario
from domain.sandbox.study.comparing import compared, runs_of
from domain.sandbox.study.plan import Plan, ablating, designed
from domain.sandbox.study.work import NAMED, Row, run_unit
from server.app import open_services
from server.settings import Settings
from tests.server.sandbox.test_graphql import CANCEL as CANCEL_RUN
from tests.server.sandbox.test_graphql import RUN, RUNS, until_over
from tests.server.sandbox.worlds import MIXED
from tests.server.test_main_job import hosted
from tests.servers import Chorus, Json, chorus, socket
from tests.worlds import agent

SMALL = MIXED.replace("n_epochs: 6, steps_per_epoch: 6", "n_epochs: 2, steps_per_epoch: 3")
AUDITS = [{"name": "governance.audit_probability", "values": [0, 0.5]}]
PLANNED = designed(read_scenario(SMALL), {"governance.audit_probability": (0, 0.5)}, None, 3)
START = """mutation ($s: String, $y: String, $o: [SandboxSetting!], $v: [SandboxAxis!]!, $c: Int, $r: Int!) {
  sandboxStartSweep(scenario: $s, yaml: $y, overrides: $o, vary: $v, conditions: $c, runs: $r) {
    id state runs conditions scenario { name } } }"""
ABLATE = """mutation ($y: String, $o: [SandboxSetting!], $r: Int!, $w: Int!) {
  sandboxStartAblation(yaml: $y, overrides: $o, runs: $r, worlds: $w) { id runs } }"""
SWEEP = """query ($i: String!, $f: [String!], $b: Int! = 0) { sandboxSweep(id: $i) {
  state settled problem
  outcomes(figures: $f, baseline: $b) { condition figure found { mean } difference { mean } p paired } } }"""
ROWS = """query ($i: String!, $n: Int, $a: Int) { sandboxSweep(id: $i) {
  rows(first: $n, after: $a) { number condition seed met figures } } }"""
FINDINGS = """query ($i: String!) { sandboxSweep(id: $i) {
  findings { lever contrast figure difference { mean low } p direction holds worlds } } }"""
SWEEPS = "query { sandboxSweeps(first: 1) { totalCount edges { node { id state outcomes { p } } } } }"
CANCEL = "mutation ($i: String!) { sandboxCancelSweep(id: $i) { state } }"
PROGRESS = """subscription ($i: String!, $a: Int) {
  sandboxSweepProgress(sweep: $i, after: $a) { state settled runs } }"""
LONG = [{"name": "simulation.n_epochs", "value": 40}]


def rows_of(plan: Plan) -> list[Row]:
    return [row for unit in plan.sweep().units() for row in run_unit(unit)]


def shown(number: int, row: Row) -> Json:
    """As GraphQL gives it."""
    figures = {name: value for name, value in row.items() if name not in NAMED}
    told = {"number": number, "condition": row["condition"], "seed": str(row["seed"]), "met": row["met"]}
    return orjson.loads(orjson.dumps({**told, "figures": figures}))


async def rows_told(server: Chorus, token: str, sweep: str) -> list[Json]:
    """Page by page."""
    found: list[Json] = []
    while page := await page_of_rows(server, token, sweep, a=found[-1]["number"] if found else None):
        found += page
    return found


async def page_of_rows(server: Chorus, token: str, sweep: str, **place: int | None) -> list[Json]:
    return list((await server.ask(ROWS, {"i": sweep, **place}, token))["sandboxSweep"]["rows"])


async def started(server: Chorus, token: str, **changes: Json) -> str:
    found = await server.ask(START, {"y": SMALL, "v": AUDITS, "r": 3, **changes}, token)
    return str(found["sandboxStartSweep"]["id"])


async def finished(server: Chorus, token: str, sweep: str, after: int | None = None) -> list[Json]:
    """How it stood, until it was over."""
    async with socket(server, token) as client:
        told = await until_over(client, await client.subscribe(PROGRESS, {"i": sweep, "a": after}))
    return [each["sandboxSweepProgress"] for each in told]


async def test_a_sweep_is_run_followed_and_read(tmp_path: Path, on_store: dict[str, Any]) -> None:
    async with chorus(tmp_path, **on_store) as server:
        _, token = await hosted(server, "ada")
        sweep = await started(server, token)
        told = await finished(server, token, sweep, after=2)
        again = await finished(server, token, sweep, after=5)
        rows = await rows_told(server, token, sweep)
        page = await page_of_rows(server, token, sweep, n=2, a=1)

    complete = {"state": "COMPLETE", "settled": 6, "runs": 6}
    assert told[-1] == complete
    assert all(each["settled"] > 3 for each in told)
    assert again == [complete]
    assert rows == [shown(number, row) for number, row in enumerate(rows_of(PLANNED))]
    assert page == rows[2:4]


async def test_a_complete_sweep_has_its_outcome(tmp_path: Path) -> None:
    figures = ["honest.real_payoff", "soft_toxicity"]
    async with chorus(tmp_path) as server:
        _, token = await hosted(server, "ada")
        sweep = await started(server, token)
        await finished(server, token, sweep)
        found = (await server.ask(SWEEP, {"i": sweep, "f": figures, "b": 1}, token))["sandboxSweep"]["outcomes"]
        usual = (await server.ask(SWEEP, {"i": sweep}, token))["sandboxSweep"]["outcomes"]

    expected = compared(runs_of(PLANNED.labels, rows_of(PLANNED)), figures, 1)
    assert [(each["condition"], each["figure"], each["found"]["mean"], each["p"]) for each in found] == [
        (list(each.condition), each.figure, each.found.mean, each.corrected_p) for each in expected
    ]
    assert [each["condition"] for each in found[::2]] == [["audit_probability=0"], ["audit_probability=0.5"]]
    assert [each["paired"] for each in found] == [True, True, None, None]
    assert {"soft_toxicity", "real_welfare"} < {each["figure"] for each in usual}


async def test_an_ablation_tells_what_each_lever_does(tmp_path: Path, on_store: dict[str, Any]) -> None:
    few: list[Json] = [{"name": "governance", "value": {"transaction_tax_rate": 0.3, "audit_enabled": True}}]
    async with chorus(tmp_path, **on_store) as server:
        _, token = await hosted(server, "ada")
        answer = (await server.ask(ABLATE, {"y": SMALL, "o": few, "r": 3, "w": 1}, token))["sandboxStartAblation"]
        early = await server.ask(FINDINGS, {"i": answer["id"]}, token)
        await finished(server, token, answer["id"])
        found = (await server.ask(FINDINGS, {"i": answer["id"]}, token))["sandboxSweep"]["findings"]

    scenario = changed(read_scenario(SMALL), {each["name"]: each["value"] for each in few})
    plan = ablating(scenario, 3, 1)
    told = findings(scenario, WORLDS[:1], runs_of(plan.labels, rows_of(plan)))
    assert answer["runs"] == 6 * 2 * 3
    assert early["sandboxSweep"]["findings"] is None or early["sandboxSweep"]["findings"] == found
    assert [(each["lever"], each["contrast"].lower(), each["figure"]) for each in found] == [
        (each.lever, each.contrast.value, each.figure) for each in told
    ]
    assert [(each["difference"]["mean"], each["p"], each["holds"]) for each in found] == [
        (each.effect.difference.mean, each.corrected_p, each.holds) for each in told
    ]


async def test_a_sweep_goes_on_after_a_restart(tmp_path: Path) -> None:
    longer = [{"name": "simulation.n_epochs", "value": 20}]
    async with chorus(tmp_path) as server:
        _, token = await hosted(server, "ada")
        sweep = await started(server, token, o=longer, r=70)
        async with socket(server, token) as client:
            await client.subscribe(PROGRESS, {"i": sweep})
            while (await client.event())["sandboxSweepProgress"]["settled"] == 0:
                pass
    async with chorus(tmp_path) as server:
        told = await finished(server, token, sweep)
        rows = await rows_told(server, token, sweep)

    scenario = changed(read_scenario(SMALL), {"simulation.n_epochs": 20})
    whole = designed(scenario, {"governance.audit_probability": (0, 0.5)}, None, 70)
    assert 0 < told[0]["settled"] < told[-1]["settled"] == 140
    assert told[-1]["state"] == "COMPLETE"
    assert rows == [shown(number, row) for number, row in enumerate(rows_of(whole))]


async def test_a_sweep_is_its_owners_alone_and_no_run(tmp_path: Path) -> None:
    async with chorus(tmp_path) as server:
        _, ada = await hosted(server, "ada")
        _, bob = await hosted(server, "bob")
        sweep = await started(server, ada)

        theirs = [await server.refusal(document, {"i": sweep}, bob) for document in (SWEEP, ROWS, CANCEL)]
        as_run = [await server.refusal(document, {"r": sweep}, ada) for document in (RUN, CANCEL_RUN)]
        mine = (await server.ask(SWEEPS, None, ada))["sandboxSweeps"]
        runs = (await server.ask(RUNS, None, ada))["sandboxRuns"]
        other = (await server.ask(SWEEPS, None, bob))["sandboxSweeps"]

    assert theirs == ["UNKNOWN_SWEEP"] * 3
    assert as_run == ["UNKNOWN_RUN"] * 2
    assert ([each["node"]["id"] for each in mine["edges"]], mine["totalCount"]) == ([sweep], 1)
    assert (runs["totalCount"], other["totalCount"]) == (0, 0)


async def test_a_cancelled_sweep_keeps_its_rows_and_has_no_outcome(tmp_path: Path) -> None:
    async with chorus(tmp_path, sandbox_runs=1) as server:
        _, token = await hosted(server, "ada")
        sweep = await started(server, token, o=LONG, r=1_000)
        full = await server.refusal(START, {"y": SMALL, "v": AUDITS, "r": 3}, token)
        async with socket(server, token) as client:
            watched = await client.subscribe(PROGRESS, {"i": sweep})
            while (await client.event())["sandboxSweepProgress"]["settled"] == 0:
                pass
            cancelled = await server.ask(CANCEL, {"i": sweep}, token)
            await until_over(client, watched)
        found = (await server.ask(SWEEP, {"i": sweep}, token))["sandboxSweep"]
        rows = (await server.ask(ROWS, {"i": sweep, "n": 1}, token))["sandboxSweep"]["rows"]

    assert full == "TOO_MANY_RUNS"
    assert cancelled["sandboxCancelSweep"]["state"] == found["state"] == "CANCELLED"
    assert (found["outcomes"], [each["number"] for each in rows]) == (None, [0])
    assert 0 < found["settled"] < 2_000


async def test_a_sweep_that_takes_too_long_fails_and_says_so(tmp_path: Path) -> None:
    async with open_services(Settings(data=tmp_path, sandbox_seconds=2)) as services:
        runner: Any = services.sandbox
        plan = designed(read_scenario(MIXED), {"payoff.h": tuple(range(10))}, None, 400)
        stored = await runner.start_sweep(agent("ada").did, plan)
        await runner.finished(stored.id)
        found = await services.store.runs.run(stored.id)

    assert found is not None
    assert (found.state, found.problem) == ("failed", "The sweep took longer than 2 s")


def varied(**given: Json) -> list[Json]:
    return [{"name": "payoff.h", **given}]


BAD: list[tuple[Json, str]] = [
    ({"s": "nowhere"}, "INVALID_ARGUMENT"),
    ({"s": "nowhere", "y": None}, "UNKNOWN_SCENARIO"),
    ({"y": "a: &x [*x]"}, "INVALID_YAML"),
    ({"v": [{"name": "payoff.hh", "values": [1]}]}, "UNKNOWN_KEY"),
    ({"v": varied(values=["much"])}, "INVALID_SCENARIO"),
    ({"v": varied(values=[])}, "INVALID_SWEEP"),
    ({"v": varied(low=0, high=1)}, "INVALID_SWEEP"),
    ({"v": varied(low=1, high=0), "c": 3}, "INVALID_SWEEP"),
    ({"v": varied(low=-(2**53), high=2**53 + 1), "c": 3}, "INVALID_SWEEP"),
    ({"v": varied(values=[1], low=0), "c": 3}, "INVALID_SWEEP"),
    ({"v": varied(values=[1]) * 2}, "INVALID_ARGUMENT"),
    ({"r": 0}, "INVALID_SWEEP"),
    ({"c": 0}, "INVALID_SWEEP"),
    ({"r": 1_000_000}, "SWEEP_TOO_LARGE"),
    ({"v": varied(values=list(range(1_001)))}, "SWEEP_TOO_LARGE"),
    ({"o": [{"name": "agents.0.count", "value": 900_000}]}, "SWEEP_TOO_LARGE"),
    ({"o": [{"name": "simulation.seed", "value": 2**64 - 2}]}, "INVALID_SWEEP"),
]
BAD_ABLATIONS: list[tuple[Json, str]] = [
    ({"w": 7}, "INVALID_SWEEP"),
    ({"r": 0}, "INVALID_SWEEP"),
    ({"r": 1_000}, "SWEEP_TOO_LARGE"),
    ({"y": "agents: [{type: honest}]"}, "INVALID_SWEEP"),
    ({"y": "profile: legacy\nagents: [{type: honest}]"}, "INVALID_SCENARIO"),
]


async def test_bad_input_has_its_own_code_and_leaves_nothing(tmp_path: Path) -> None:
    sweeps = [{"y": SMALL, "v": AUDITS, "r": 3, **given} for given, _ in BAD]
    ablations = [{"y": SMALL, "r": 2, "w": 0, **given} for given, _ in BAD_ABLATIONS]
    async with chorus(tmp_path) as server:
        _, token = await hosted(server, "ada")

        codes = [await server.refusal(START, given, token) for given in sweeps]
        ablated = [await server.refusal(ABLATE, given, token) for given in ablations]
        strangers = {await server.refusal(START, given, "") for given in sweeps}
        found = (await server.ask(SWEEPS, None, token))["sandboxSweeps"]

    assert codes == [code for _, code in BAD]
    assert ablated == [code for _, code in BAD_ABLATIONS]
    assert strangers == {"NO_AGENT"}
    assert found["totalCount"] == 0


async def test_an_outcome_of_what_is_not_there_is_refused(tmp_path: Path) -> None:
    async with chorus(tmp_path) as server:
        _, token = await hosted(server, "ada")
        sweep = await started(server, token)
        await finished(server, token, sweep)

        codes = [
            await server.refusal(SWEEP, {"i": sweep, **given}, token)
            for given in ({"f": ["happiness"]}, {"b": 2}, {"b": -1}, {"f": [f"f{number}" for number in range(2_000)]})
        ]
        cursor = await server.refusal(ROWS, {"i": sweep, "a": -1}, token)

    assert codes == ["INVALID_ARGUMENT"] * 4
    assert cursor == "INVALID_CURSOR"
