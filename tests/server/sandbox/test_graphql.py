"""The sandbox over GraphQL: runs in processes of their own, owned, followed, cancelled, taken up after a restart."""

import asyncio
from pathlib import Path
from typing import Any

import orjson

from domain.sandbox.eventlog.header import Header
from domain.sandbox.eventlog.reading import End
from domain.sandbox.reading import changed, read_scenario
from domain.sandbox.scenario import standard_settings
from domain.sandbox.standard.run import run
from server.app import open_services
from server.sandbox.asking import SHIPPED
from server.sandbox.logfile import replay
from server.settings import Settings
from tests.server.sandbox.worlds import MIXED
from tests.server.test_main_job import hosted
from tests.servers import Chorus, Json, Socket, chorus, socket
from tests.worlds import agent

VALIDATE = """query ($y: String, $o: [SandboxSetting!]) { sandboxValidate(yaml: $y, overrides: $o) {
  scenario { name agents epochs } problem { code message path line } cost { turns seconds } } }"""
START = """mutation ($s: String, $y: String, $o: [SandboxSetting!], $d: String) {
  sandboxStartRun(scenario: $s, yaml: $y, overrides: $o, seed: $d) { id state scenario { name seed } } }"""
RUN = """query ($r: String!, $a: Int) { sandboxRun(id: $r) {
  state settled problem results(after: $a) { epoch metrics } } }"""
RUNS = "query { sandboxRuns(first: 1) { totalCount edges { node { id state } } pageInfo { hasNextPage } } }"
CANCEL = "mutation ($r: String!) { sandboxCancelRun(id: $r) { state } }"
EPOCHS = "subscription ($r: String!, $a: Int) { sandboxEpochs(run: $r, after: $a) { epoch metrics } }"
PROGRESS = "subscription ($r: String!, $a: Int) { sandboxProgress(run: $r, after: $a) { state settled } }"
EVENTS = """query ($r: String!, $f: Int, $a: Int) {
  sandboxRunEvents(id: $r, first: $f, after: $a) { line event fields } }"""
COMPARE = """query ($r: [String!]!, $f: [String!]!, $b: Int! = 0) {
  sandboxCompare(runs: $r, figures: $f, baseline: $b) {
  condition figure found { runs mean } difference { runs mean low high } size p paired } }"""
WHAT_IF = """mutation ($r: String!, $e: Int!, $o: [SandboxSetting!]!) {
  sandboxWhatIf(id: $r, epoch: $e, overrides: $o) { id } }"""
LONG = [{"name": "simulation.n_epochs", "value": 100_000}]


async def started(server: Chorus, token: str, **changes: Json) -> str:
    found = await server.ask(START, {"y": MIXED, **changes}, token)
    return str(found["sandboxStartRun"]["id"])


async def until_over(client: Socket, name: str) -> list[Json]:
    """Everything that the subscription brings until it ends."""
    found = []
    while (message := await client.receive())["type"] == "next":
        assert "errors" not in message["payload"], message
        found.append(message["payload"]["data"])
    assert message == {"id": name, "type": "complete"}
    return found


async def test_a_run_is_started_followed_and_kept(tmp_path: Path, on_store: dict[str, Any]) -> None:
    async with chorus(tmp_path, **on_store) as server:
        _, token = await hosted(server, "ada")
        run_id = await started(server, token, d="8")
        async with socket(server, token) as client:
            progress = await until_over(client, await client.subscribe(PROGRESS, {"r": run_id}))
            epochs = await until_over(client, await client.subscribe(EPOCHS, {"r": run_id}))
            rest = await until_over(client, await client.subscribe(EPOCHS, {"r": run_id, "a": 3}))
        found = (await server.ask(RUN, {"r": run_id}, token))["sandboxRun"]

    scenario = changed(read_scenario(MIXED), {"simulation.seed": 8})
    expected = run(standard_settings(scenario), [8])[0]
    assert progress[-1]["sandboxProgress"] == {"state": "COMPLETE", "settled": 6}
    told = [each["sandboxEpochs"] for each in epochs]
    assert told == found["results"]
    assert [each["metrics"] for each in told] == orjson.loads(orjson.dumps(expected, option=orjson.OPT_NON_STR_KEYS))
    assert [each["sandboxEpochs"]["epoch"] for each in rest] == [4, 5]
    assert (found["state"], found["problem"]) == ("COMPLETE", None)
    log = replay(tmp_path / "runs" / f"{run_id}.jsonl")
    assert (log.end, log.metrics) == (End.COMPLETE, expected)


async def test_progress_after_an_epoch_is_told_once_more_is_over(tmp_path: Path) -> None:
    """A run that waits for its turn is told to whoever knows nothing of it, and later to whoever knows four epochs."""
    async with chorus(tmp_path, sandbox_workers=1) as server:
        _, token = await hosted(server, "ada")
        ahead = await started(server, token, o=LONG)
        run_id = await started(server, token)
        async with socket(server, token) as client, socket(server, token) as knowing:
            await client.subscribe(PROGRESS, {"r": run_id})
            first = (await client.event())["sandboxProgress"]
            name = await knowing.subscribe(PROGRESS, {"r": run_id, "a": 3})
            await server.ask(CANCEL, {"r": ahead}, token)
            told = [each["sandboxProgress"] for each in await until_over(knowing, name)]
            over = await until_over(knowing, await knowing.subscribe(PROGRESS, {"r": run_id, "a": 5}))
            await knowing.subscribe(PROGRESS, {"r": run_id, "a": -1})
            refused = (await knowing.receive())["payload"]["errors"][0]["extensions"]

    complete = {"state": "COMPLETE", "settled": 6}
    assert first == {"state": "QUEUED", "settled": 0}
    assert told[-1] == complete
    assert all(each["settled"] > 4 for each in told)
    assert over == [{"sandboxProgress": complete}]
    assert (refused["code"], refused["argument"]) == ("INVALID_CURSOR", "after")


async def finished(server: Chorus, token: str, **changes: Json) -> str:
    run_id = await started(server, token, **changes)
    async with socket(server, token) as client:
        await until_over(client, await client.subscribe(PROGRESS, {"r": run_id}))
    return run_id


async def test_events_are_read_by_line_and_runs_compared_by_what_differs(tmp_path: Path) -> None:
    tax = [{"name": "governance.transaction_tax_rate", "value": 0.9}]
    async with chorus(tmp_path, sandbox_workers=2) as server:
        _, token = await hosted(server, "ada")
        runs = [await finished(server, token, d=seed, o=change) for change in ([], tax) for seed in ("1", "2")]
        first = (await server.ask(EVENTS, {"r": runs[0], "f": 3}, token))["sandboxRunEvents"]
        rest = (await server.ask(EVENTS, {"r": runs[0], "a": 3, "f": 2}, token))["sandboxRunEvents"]
        base, taxed = (await server.ask(COMPARE, {"r": runs, "f": ["treasury"]}, token))["sandboxCompare"]
        refused = [
            await server.refusal(COMPARE, {"r": given, "f": figures, "b": baseline}, token)
            for given, figures, baseline in (
                ([], ["treasury"], 0),
                (runs, ["happiness"], 0),
                (runs, ["treasury"], 2),
                ([*runs, "none"], ["treasury"], 0),
            )
        ]

    assert [each["line"] for each in (*first, *rest)] == [1, 2, 3, 4, 5]
    assert (first[0]["event"], first[1]["event"]) == ("run_started", "interaction")
    lines = (tmp_path / "runs" / f"{runs[0]}.jsonl").read_bytes().splitlines()
    assert [each["fields"] for each in (*first, *rest)] == [orjson.loads(line) for line in lines[:5]]
    assert (base["condition"], taxed["condition"]) == (["transaction_tax_rate=0.1"], ["transaction_tax_rate=0.9"])
    assert (base["difference"], taxed["paired"], taxed["difference"]["runs"]) == (None, True, 2)
    assert taxed["difference"]["mean"] > 0
    assert refused == ["INVALID_ARGUMENT"] * 3 + ["UNKNOWN_RUN"]


async def test_a_what_if_is_the_run_until_its_epoch(tmp_path: Path) -> None:
    tax = [{"name": "governance.transaction_tax_rate", "value": 0.9}]
    async with chorus(tmp_path) as server:
        _, token = await hosted(server, "ada")
        base = await finished(server, token)
        other = (await server.ask(WHAT_IF, {"r": base, "e": 3, "o": tax}, token))["sandboxWhatIf"]["id"]
        async with socket(server, token) as client:
            await until_over(client, await client.subscribe(PROGRESS, {"r": other}))
        old, new = [(await server.ask(RUN, {"r": each}, token))["sandboxRun"]["results"] for each in (base, other)]
        compared = (await server.ask(COMPARE, {"r": [base, other], "f": ["treasury"]}, token))["sandboxCompare"]
        refused = [
            await server.refusal(WHAT_IF, {"r": each, "e": epoch, "o": change}, token)
            for each, epoch, change in (
                (base, 0, tax),
                (base, 6, tax),
                (base, 3, LONG),
                (base, 3, [{"name": "governance.tax", "value": 1}]),
                (other, 3, tax),
                ("none", 3, tax),
            )
        ]

    assert new[:3] == old[:3]
    assert new[3]["metrics"]["treasury"] > old[3]["metrics"]["treasury"]
    assert compared[1]["condition"] == ["transaction_tax_rate from 3=0.9"]
    assert refused == ["INVALID_SCENARIO"] * 3 + ["UNKNOWN_KEY", "INVALID_ARGUMENT", "UNKNOWN_RUN"]


async def test_a_run_is_its_owners_alone(tmp_path: Path) -> None:
    async with chorus(tmp_path) as server:
        _, ada = await hosted(server, "ada")
        _, bob = await hosted(server, "bob")
        run_id = await started(server, ada)

        refused = [await server.refusal(document, {"r": run_id}, bob) for document in (RUN, CANCEL, EVENTS)]
        mine = (await server.ask(RUNS, None, ada))["sandboxRuns"]
        theirs = (await server.ask(RUNS, None, bob))["sandboxRuns"]

    assert refused == ["UNKNOWN_RUN"] * 3
    assert [each["node"]["id"] for each in mine["edges"]] == [run_id]
    assert theirs["totalCount"] == 0


async def test_a_cancelled_run_ends_and_makes_room(tmp_path: Path) -> None:
    async with chorus(tmp_path, sandbox_runs=2) as server:
        _, token = await hosted(server, "ada")
        first, second = [await started(server, token, o=LONG) for _ in range(2)]
        full = await server.refusal(START, {"y": MIXED}, token)
        async with socket(server, token) as client:
            watched = await client.subscribe(EPOCHS, {"r": first})
            await client.event()
            cancelled = [await server.ask(CANCEL, {"r": each}, token) for each in (first, second)]
            told = await until_over(client, watched)
        found = (await server.ask(RUN, {"r": first}, token))["sandboxRun"]
        again = await server.ask(CANCEL, {"r": first}, token)

    assert full == "TOO_MANY_RUNS"
    assert [each["sandboxCancelRun"]["state"] for each in (*cancelled, again)] == ["CANCELLED"] * 3
    assert found["settled"] >= len(told) + 1 > 0


async def test_requests_at_once_start_no_more_runs_than_one_agent_may_have(tmp_path: Path) -> None:
    async with chorus(tmp_path, sandbox_runs=2) as server:
        _, token = await hosted(server, "ada")
        answers = await asyncio.gather(*(server.post(START, {"y": MIXED, "o": LONG}, token) for _ in range(8)))
        codes = [answer["errors"][0]["extensions"]["code"] for answer in answers if "errors" in answer]
        for answer in answers:
            if "errors" not in answer:
                await server.ask(CANCEL, {"r": answer["data"]["sandboxStartRun"]["id"]}, token)

    assert codes == ["TOO_MANY_RUNS"] * 6


async def test_a_run_goes_on_after_a_restart(tmp_path: Path) -> None:
    async with chorus(tmp_path) as server:
        _, token = await hosted(server, "ada")
        run_id = await started(server, token, o=[{"name": "simulation.n_epochs", "value": 60}])
        async with socket(server, token) as client:
            await client.subscribe(EPOCHS, {"r": run_id})
            await client.event()
    async with chorus(tmp_path) as server, socket(server, token) as client:
        told = await until_over(client, await client.subscribe(EPOCHS, {"r": run_id}))
        found = (await server.ask(RUN, {"r": run_id}, token))["sandboxRun"]

    assert [each["sandboxEpochs"]["epoch"] for each in told] == list(range(60))
    assert found["state"] == "COMPLETE"
    assert replay(tmp_path / "runs" / f"{run_id}.jsonl").end is End.COMPLETE


async def test_a_run_that_takes_too_long_fails_and_says_so(tmp_path: Path) -> None:
    async with open_services(Settings(data=tmp_path, sandbox_seconds=3)) as services:
        runner: Any = services.sandbox
        scenario = changed(read_scenario(MIXED), {"simulation.n_epochs": 5_000})
        stored = await runner.start(agent("ada").did, Header(scenario))
        await runner.finished(stored.id)
        found = await services.store.runs.run(stored.id)

    assert found is not None
    assert (found.state, found.problem) == ("failed", "The run took longer than 3 s")
    assert replay(tmp_path / "runs" / f"{stored.id}.jsonl").end is End.INTERRUPTED


async def test_what_would_not_fit_is_not_begun(tmp_path: Path) -> None:
    async with chorus(tmp_path) as server:
        _, token = await hosted(server, "ada")
        huge = [{"name": "agents.0.count", "value": 900_000}]

        assert await server.refusal(START, {"y": MIXED, "o": huge}, token) == "SCENARIO_TOO_LARGE"


async def test_scenarios_are_told_and_checked(tmp_path: Path) -> None:
    async with chorus(tmp_path) as server:
        _, token = await hosted(server, "ada")
        shipped = (await server.ask("{ sandboxScenarios { name yaml profile agents } }"))["sandboxScenarios"]
        one = (await server.ask('{ sandboxScenario(name: "baseline") { name profile } }'))["sandboxScenario"]
        good = (await server.ask(VALIDATE, {"y": MIXED}, token))["sandboxValidate"]
        bad = (await server.ask(VALIDATE, {"y": MIXED + "payof: {}\n"}, token))["sandboxValidate"]
        override = [{"name": "governance.audits", "value": True}]
        odd = (await server.ask(VALIDATE, {"y": MIXED, "o": override}, token))["sandboxValidate"]

    assert {each["name"] for each in shipped} == {path.stem for path in SHIPPED.glob("*.yaml")}
    assert one == {"name": "baseline", "profile": "LEGACY"}
    assert good["scenario"] == {"name": "mixed", "agents": 24, "epochs": 6}
    assert good["problem"] is None
    assert good["cost"]["turns"] == 24 * 6 * 6
    line = MIXED.count("\n") + 1
    assert (bad["problem"]["code"], bad["problem"]["line"]) == ("UNKNOWN_KEY", line)
    assert "did you mean 'payoff'" in bad["problem"]["message"]
    assert (odd["problem"]["path"], odd["problem"]["line"]) == ("governance.audits", None)


BAD: list[tuple[Json, str]] = [
    ({"s": "nowhere"}, "UNKNOWN_SCENARIO"),
    ({"s": "baseline", "y": MIXED}, "INVALID_ARGUMENT"),
    ({}, "INVALID_ARGUMENT"),
    ({"y": MIXED, "d": "-1"}, "INVALID_ARGUMENT"),
    ({"y": MIXED, "d": str(2**64)}, "INVALID_SCENARIO"),
    ({"y": "a: &x [*x]"}, "INVALID_YAML"),
    ({"y": "agents:\n  - {tpye: honest}"}, "UNKNOWN_KEY"),
    ({"y": MIXED, "o": [{"name": "payoff.h", "value": "NaN"}]}, "INVALID_SCENARIO"),
    ({"y": MIXED, "o": [{"name": "", "value": 1}]}, "UNKNOWN_KEY"),
    ({"y": MIXED, "o": [{"name": "agents", "value": []}]}, "INVALID_SCENARIO"),
    ({"y": MIXED, "o": [{"name": f"agents.{'9' * 5_000}", "value": 1}]}, "INVALID_SCENARIO"),
    ({"y": MIXED, "o": [{"name": "governance.membrane.program", "value": "membrane("}]}, "INVALID_SCENARIO"),
    ({"y": MIXED, "o": [{"name": "governance.membrane.program", "value": "membrane(_, o)."}]}, "INVALID_SCENARIO"),
    ({"y": MIXED, "o": [{"name": "outputs.event_log", "value": "../x"}]}, "INVALID_SCENARIO"),
    ({"y": "#" * 300_000}, "SCENARIO_TOO_LARGE"),
]


async def test_a_membrane_that_no_engine_takes_is_told_before_anything_runs(tmp_path: Path) -> None:
    broken = [{"name": "governance.membrane.program", "value": "membrane("}]
    async with chorus(tmp_path) as server:
        _, token = await hosted(server, "ada")
        found = (await server.ask(VALIDATE, {"y": MIXED, "o": broken}, token))["sandboxValidate"]
        base = await finished(server, token)
        what_if = await server.refusal(WHAT_IF, {"r": base, "e": 3, "o": broken}, token)

    assert (found["scenario"], found["cost"]) == (None, None)
    assert found["problem"]["path"] == "governance.membrane.program"
    assert "line 1, column" in found["problem"]["message"]
    assert what_if == "INVALID_SCENARIO"


async def test_bad_input_has_its_own_code_and_leaves_nothing(tmp_path: Path) -> None:
    async with chorus(tmp_path) as server:
        _, token = await hosted(server, "ada")

        codes = [await server.refusal(START, variables, token) for variables, _ in BAD]
        strangers = {await server.refusal(START, variables, "") for variables, _ in BAD}
        runs = (await server.ask(RUNS, None, token))["sandboxRuns"]

    assert codes == [code for _, code in BAD]
    assert strangers == {"NO_AGENT"}
    assert runs["totalCount"] == 0


async def test_the_event_loop_stays_free_while_runs_go_on(tmp_path: Path) -> None:
    async with chorus(tmp_path) as server:
        _, token = await hosted(server, "ada")
        run_id = await started(server, token, o=LONG)
        loop, longest = asyncio.get_running_loop(), 0.0
        async with socket(server, token) as client:
            await client.subscribe(EPOCHS, {"r": run_id})
            for _ in range(20):
                await client.event()
                begun = loop.time()
                await asyncio.sleep(0)
                longest = max(longest, loop.time() - begun)
        await server.ask(CANCEL, {"r": run_id}, token)

    assert longest < 1.0
