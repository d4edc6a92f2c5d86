"""Scenarios from a living organism: over GraphQL on both stores, and on the command line."""

import asyncio
import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from domain.canonical import canonical
from domain.organisms.templates import template
from domain.sandbox.agent import AgentType
from domain.sandbox.reading import read_scenario
from domain.timestamp import format_millis
from server.__main__ import app
from server.app import now_millis
from tests.people.village import RECORD_ALL
from tests.server.sandbox.test_graphql import COMPARE, PROGRESS, START, until_over
from tests.server.test_main_job import JOIN, hosted
from tests.servers import Chorus, Json, chorus, socket

CREATE = "mutation ($o: SocialOrganismInput!) { soCreate(socialOrganism: $o) }"
LEAVE = "mutation ($u: String!) { soLeave(soURI: $u) { memberCount } }"
FROM = """query ($u: String!, $m: [SandboxMixInput!], $d: String! = "0", $h: Boolean! = true, $n: Int) {
  sandboxScenarioFromOrganism(soURI: $u, mixes: $m, epochs: 4, steps: 4, seed: $d, history: $h, newcomers: $n) {
  scenarios { mix { name honest opportunistic deceptive adversarial } cost { turns }
    scenario { name description agents epochs seed yaml } }
  assumptions members { did name } } }"""
DAY = 86_400_000
EVEN = {"name": "even", "honest": 0.25, "opportunistic": 0.25, "deceptive": 0.25, "adversarial": 0.25}


@dataclass(frozen=True)
class Club:
    """An organism: its members with their tokens, the founder first."""

    uri: str
    dids: tuple[str, ...]
    tokens: tuple[str, ...]


async def found_club(server: Chorus, dna: str | None = None, size: int = 3) -> Club:
    people = [await hosted(server, f"agent {number}") for number in range(size)]
    given = {"name": "Garden club", "members": [did for did, _ in people[1:]]} | ({"dna": dna} if dna else {})
    uri = (await server.ask(CREATE, {"o": given}, people[0][1]))["soCreate"]
    for _, token in people[1:]:
        await server.ask(JOIN, {"u": uri}, token)
    return Club(uri, tuple(did for did, _ in people), tuple(token for _, token in people))


async def record(server: Chorus, token: str, about: str, kind: str, days: int) -> None:
    """One on each of the last days."""
    now = now_millis()
    events = [{"did": about, "kind": kind, "at": format_millis(now - day * DAY)} for day in range(days)]
    await server.ask(RECORD_ALL, {"i": events, "w": True}, token)


async def ask(server: Chorus, club: Club, token: str, **given: Json) -> Json:
    return (await server.ask(FROM, {"u": club.uri, **given}, token))["sandboxScenarioFromOrganism"]


async def run_all(server: Chorus, token: str, given: Sequence[Json]) -> list[str]:
    runs = [str((await server.ask(START, each, token))["sandboxStartRun"]["id"]) for each in given]
    async with socket(server, token) as client:
        for run_id in runs:
            last = (await until_over(client, await client.subscribe(PROGRESS, {"r": run_id})))[-1]
            assert last["sandboxProgress"]["state"] == "COMPLETE"
    return runs


async def test_an_organism_is_made_a_scenario_run_and_compared(tmp_path: Path, on_store: dict[str, Any]) -> None:
    async with chorus(tmp_path, sandbox_workers=2, **on_store) as server:
        club = await found_club(server)
        ada = club.tokens[0]
        await record(server, ada, club.dids[1], "MESSAGE", 20)
        await record(server, ada, club.dids[2], "NEGATIVE", 6)
        told = await ask(server, club, ada, m=[EVEN])
        yaml = told["scenarios"][0]["scenario"]["yaml"]
        open_door = [{"name": "governance.membrane.program", "value": template("open").program}]
        runs = await run_all(server, ada, [{"y": yaml, "o": change} for change in ([], open_door)])
        compared = (await server.ask(COMPARE, {"r": runs, "f": ["outside"]}, ada))["sandboxCompare"]

    names = {each["did"]: each["name"] for each in told["members"]}
    assert sorted(names) == sorted(club.dids)
    assert names[club.dids[0]] == "member_01"
    scenario = read_scenario(yaml)
    agents = {spec.id: spec for spec in scenario.agents}
    assert agents["member_01"].type is AgentType.HONEST
    assert agents[names[club.dids[2]]].type is AgentType.ADVERSARIAL
    assert set(agents["member_01"].knows) == {names[did] for did in club.dids[1:]}
    assert set(agents) == {*names.values(), "newcomer_01"}
    assert (scenario.simulation.n_epochs, told["scenarios"][0]["cost"]["turns"]) == (4, 4 * 4 * 4)
    assert [each["found"]["mean"] for each in compared] == [1, 0]
    assert (compared[1]["paired"], compared[1]["difference"]["mean"]) == (True, -1)


async def test_only_what_the_asker_recorded_itself_is_used(tmp_path: Path, on_store: dict[str, Any]) -> None:
    async with chorus(tmp_path, **on_store) as server:
        club = await found_club(server)
        ada, bob = club.tokens[:2]
        _, eve = await hosted(server, "eve")
        before = [await ask(server, club, token, m=[EVEN]) for token in (bob, eve)]
        await record(server, ada, club.dids[1], "NEGATIVE", 6)
        await record(server, ada, club.dids[2], "MESSAGE", 20)
        after = [await ask(server, club, token, m=[EVEN]) for token in (bob, eve)]
        mine, without = [await ask(server, club, ada, m=[EVEN], h=history) for history in (True, False)]

    assert after == before
    assert mine["scenarios"] != without["scenarios"]
    assert without["scenarios"] == after[1]["scenarios"]
    assert "Nothing recorded with any member is used." in without["assumptions"]


async def test_no_text_of_a_scenario_names_anybody(tmp_path: Path) -> None:
    async with chorus(tmp_path) as server:
        ada, _ = await hosted(server, "founder")
        dna = f'register_social_organism("Named", o).\nmembrane(Did, o) :- so_vouch(Did, "{ada}", _), trust(_, _, _).\n'
        club = await found_club(server, dna)
        await record(server, club.tokens[0], club.dids[1], "MESSAGE", 3)
        told = await ask(server, club, club.tokens[0])

    texts = [each["scenario"]["yaml"] + each["scenario"]["description"] for each in told["scenarios"]]
    assert len(texts) == 3
    assert not [text for text in (*texts, *told["assumptions"]) if "did:" in text or "Garden" in text]
    assert all('so_vouch(Did, "outsider_01", _)' in text for text in texts)


async def test_each_seed_draws_types_anew_and_the_same_seed_the_same(tmp_path: Path) -> None:
    async with chorus(tmp_path) as server:
        club = await found_club(server)
        one, again, *others = [
            await ask(server, club, club.tokens[0], m=[EVEN], d=seed, n=12) for seed in ("7", "7", "8", str(2**64 - 1))
        ]

    kinds = [[spec.type for spec in read_scenario(each["scenarios"][0]["scenario"]["yaml"]).agents] for each in others]
    assert one == again
    assert kinds[0] != kinds[1]
    assert others[1]["scenarios"][0]["scenario"]["seed"] == str(2**64 - 1)


async def test_what_cannot_be_made_a_scenario_has_a_code(tmp_path: Path) -> None:
    async with chorus(tmp_path) as server:
        club = await found_club(server)
        ada = club.tokens[0]
        codes = [
            await server.refusal(FROM, {"u": club.uri} | given, ada)
            for given in (
                {"u": "so://nowhere"},
                {"m": [EVEN, EVEN]},
                {"m": [EVEN | {"honest": 0.5}]},
                {"m": [EVEN | {"name": "a b"}]},
                {"m": [EVEN | {"honest": -0.25, "deceptive": 0.75}]},
                {"d": "-1"},
                {"d": str(2**64)},
                {"n": -1},
                {"n": 1_001},
            )
        ]
        stranger = await server.refusal(FROM, {"u": club.uri}, "")
        for token in club.tokens:
            await server.ask(LEAVE, {"u": club.uri}, token)
        dormant = await server.refusal(FROM, {"u": club.uri}, ada)

    assert codes == [
        "UNKNOWN_ORGANISM",
        *["INVALID_MIX"] * 4,
        "INVALID_ARGUMENT",
        *["OUT_OF_RANGE"] * 3,
    ]
    assert (stranger, dormant) == ("NO_AGENT", "NO_MEMBERS")


GRANT = "mutation ($a: AuthInfoInput!) { agentRequestCapability(authInfo: $a) }"
PERMIT = "mutation ($a: String!) { agentPermitCapability(auth: $a) }"
FETCH = "mutation ($r: String!, $d: String!) { agentGenerateJwt(requestId: $r, rand: $d) }"


async def granted(server: Chorus, token: str, *domains: str) -> str:
    """A token that may read in these domains."""
    given = [{"with": {"domain": each, "pointers": ["*"]}, "can": ["READ"]} for each in domains]
    auth = {"appName": "App", "appDesc": "", "appDomain": "", "appUrl": "", "capabilities": given}
    request = (await server.ask(GRANT, {"a": auth}))["agentRequestCapability"]
    permit = canonical({"requestId": request, "auth": auth})
    rand = (await server.ask(PERMIT, {"a": permit}, token))["agentPermitCapability"]
    return str((await server.ask(FETCH, {"r": request, "d": rand}))["agentGenerateJwt"])


async def test_each_kind_of_fact_takes_its_own_right(tmp_path: Path) -> None:
    async with chorus(tmp_path) as server:
        club = await found_club(server)
        whole, roster, sandbox, organisms = [
            await granted(server, club.tokens[0], *domains)
            for domains in (
                ("sandbox", "social-organism", "people"),
                ("sandbox", "social-organism"),
                ("sandbox", "people"),
                ("social-organism", "people"),
            )
        ]
        refused = [await server.refusal(FROM, {"u": club.uri}, token) for token in (roster, sandbox, organisms)]
        without = await ask(server, club, roster, h=False)

        assert await ask(server, club, whole) == await ask(server, club, club.tokens[0])

    assert refused == ["CAPABILITY_NOT_MATCHED"] * 3
    assert len(without["scenarios"]) == 3


@pytest.fixture
async def club(tmp_path: Path) -> Club:
    """In the embedded store below `data`; the main agent knows the others."""
    async with chorus(tmp_path / "data") as server:
        found = await found_club(server)
        await record(server, found.tokens[0], found.dids[1], "MESSAGE", 20)
        await record(server, found.tokens[1], found.dids[0], "NEGATIVE", 8)
    return found


Command = Callable[..., Any]  # Any: what the runner of typer's own click gives


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CHORUS_DATA", str(tmp_path / "data"))
    return lambda *words: asyncio.to_thread(
        CliRunner().invoke, app, ["sandbox", "from-organism", *map(str, words), "--epochs", "4", "--steps", "4"]
    )


async def test_the_command_writes_scenarios_and_tells_who_is_who(club: Club, command: Command, tmp_path: Path) -> None:
    found = await command(club.uri, "--write", "garden", "--mix", "cautious=0.7,0.1,0.1,0.1")

    assert found.exit_code == 0, found.output
    (file,) = (tmp_path / "garden").iterdir()
    scenario = read_scenario(file.read_text())
    assert file.stem == scenario.scenario_id == f"organism-{club.uri[-8:]}-cautious"
    assert "did:" not in file.read_text()
    assert all(did in found.stdout for did in club.dids)
    assert "- member_01 asks, and is honest." in found.stdout
    assert "exists already" in (await command(club.uri, "--write", "garden", "--mix", "cautious=1,0,0,0")).stderr


async def test_the_command_uses_the_history_of_one_observer(club: Club, command: Command, tmp_path: Path) -> None:
    for name, words in (("main", ()), ("bob", ("--observer", club.dids[1])), ("nobody", ("--public",))):
        assert (await command(club.uri, "--write", name, "--mix", "even=0.25,0.25,0.25,0.25", *words)).exit_code == 0

    files = [file for name in ("main", "bob", "nobody") for file in tmp_path.joinpath(name).iterdir()]
    told = {file.parent.name: read_scenario(file.read_text()) for file in files}
    knowing = {name: {spec.id: set(spec.knows) for spec in each.agents if spec.knows} for name, each in told.items()}
    assert knowing == {"main": {"member_01": {"member_02"}}, "bob": {"member_02": {"member_01"}}, "nobody": {}}


async def test_the_command_compares_alternatives_over_every_mix(club: Club, command: Command, tmp_path: Path) -> None:
    (tmp_path / "shut.pl").write_text('register_social_organism("shut", o).\n')
    words = ("--set", "governance.audit_enabled=true", "--set", "governance.audit_probability=0.5", "--workers", 2)

    found = await command(
        *(club.uri, "--dna", "shut.pl", "--dna", "open", *words, "--draws", 2, "--seeds", 2),
        *("--mix", "calm=1,0,0,0", "--mix", "even=0.25,0.25,0.25,0.25", "--newcomers", 2, "--table", "told.csv"),
    )

    assert found.exit_code == 0, found.output
    rows = list(csv.DictReader((tmp_path / "told.csv").read_text().splitlines()))
    outside = {(row["mix"], row["alternative"]): row["after"] for row in rows if row["figure"] == "outside"}
    audits = "audit_enabled=true, audit_probability=0.5"
    assert {name for _, name in outside} == {"dna=shut", "dna=open", audits}
    assert {outside[mix, "dna=shut"] for mix in ("calm", "even")} == {"2.0"}
    assert {outside[mix, "dna=open"] for mix in ("calm", "even")} == {"0.0"}
    assert "Over 2 draws of types for each mix, with 2 runs of each." in found.stdout


REFUSED: list[tuple[tuple[str, ...], str]] = [
    (("--mix", "half=0.5,0,0,0"), "add up to 0.5, not to 1"),
    (("--mix", "odd=1,2"), "is not NAME=H,O,D,A"),
    (("--dna", "nowhere.pl"), "There is no file nowhere.pl; the templates are open, majority"),
    (("--dna", "broken.pl"), "The Social DNA cannot be used"),
    (("--set", "agents.0.type=honest"), "an alternative changes governance"),
    (("--set", "governance.audits=true"), "did you mean 'audit_enabled'"),
    (("--observer", "ada"), "did:key"),
    (("--write", "../garden"), "would leave the output folder"),
    (("--newcomers", "-1"), "Invalid newcomers"),
]


async def test_the_command_says_in_one_line_what_cannot_be_done(club: Club, command: Command, tmp_path: Path) -> None:
    (tmp_path / "broken.pl").write_text("membrane(")

    found = [await command(club.uri, *words) for words, _ in REFUSED]
    unknown = await command("so://nowhere")

    assert [each.exit_code for each in (*found, unknown)] == [1] * (len(REFUSED) + 1)
    assert [told for (_, told), each in zip(REFUSED, found, strict=True) if told not in each.stderr] == []
    assert [each.stderr for each in (*found, unknown) if len(each.stderr.strip().splitlines()) != 1] == []
