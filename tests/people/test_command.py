"""`chorus people maintain` on the command line, and the settings about people."""

import asyncio
from pathlib import Path

import pytest
from pydantic import ValidationError
from typer.testing import CliRunner

from domain.people.gate import REFUSAL
from server.__main__ import app
from server.app import open_store
from server.settings import Settings
from tests.people.village import RECORD
from tests.servers import Json, chorus


async def maintain(data: Path) -> str:
    """What the command says."""
    done = await asyncio.to_thread(CliRunner().invoke, app, ["people", "maintain"], env={"CHORUS_DATA": str(data)})
    assert done.exit_code == 0, done.output
    return done.stdout


async def test_the_round_can_be_done_by_hand_and_again(tmp_path: Path) -> None:
    async with chorus(tmp_path) as server:
        did = (await server.ask('mutation { agentGenerate(passphrase: "main") { did } }'))["agentGenerate"]["did"]
        recorded = await server.ask(RECORD, {"i": {"platformId": "discord:123", "kind": "MESSAGE"}})

    first, again = await maintain(tmp_path), await maintain(tmp_path)

    assert first.startswith("1 people of 1 observers: ")
    assert again == "1 people of 1 observers: 0 scores remembered, 0 had lapsed\n"
    store = await open_store(Settings(data=tmp_path))
    kept = await store.people.snapshots(did, recorded["personRecordInteraction"]["person"])
    await store.close()
    assert [each.tier for each in kept] == ["stranger"]


async def test_the_settings_reach_the_gate_and_the_owner(tmp_path: Path) -> None:
    gate = "query ($a: String!) { directMessageGate(platformId: $a) { open reply } }"
    settings: Json = {"owners": {"*": ("discord:dad",)}, "direct_message_refusal": "Later."}
    async with chorus(tmp_path, **settings) as server:
        await server.ask('mutation { agentGenerate(passphrase: "main") { did } }')
        await server.ask(RECORD, {"i": {"platformId": "discord:dad", "kind": "MESSAGE"}})
        owner = await server.ask(gate, {"a": "discord:dad"})
        stranger = await server.ask(gate, {"a": "discord:1"})

    assert owner["directMessageGate"] == {"open": True, "reply": None}
    assert stranger["directMessageGate"] == {"open": False, "reply": "Later."}


def test_the_settings_about_people_are_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHORUS_OWNERS", '{"*": ["discord:1"]}')
    monkeypatch.setenv("CHORUS_RESERVED_NAMES", '["Dad"]')
    rules = Settings().people
    assert rules.owners.named("discord:1")
    assert (rules.reserved_names, rules.refusal) == (("Dad",), REFUSAL)

    for wrong in ('{"me": []}', '{"*": ["discord"]}', '{"*": ["did:key:x"]}', "[]"):
        monkeypatch.setenv("CHORUS_OWNERS", wrong)
        with pytest.raises(ValidationError):
            Settings()


def test_a_did_is_told_as_it_was_given(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["people", "import-ene", str(tmp_path), "--observer", "did:key:nobody"])

    assert done.exit_code == 2
    assert "INVALID_DID: Invalid DID did:key:nobody" in done.stderr
