"""`chorus replay`: the log rebuilds the same graph, on both stores (protocol property 4)."""

import asyncio
import os
import stat
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from domain.canonical import canonical
from graphdb.replay import NotEmpty, replay
from graphdb.sqlite.store import SqliteStore
from server.__main__ import app
from server.app import open_store
from server.settings import Settings
from tests.server.test_main_job import JOIN, SPEAK, SUGGEST, VOUCH, hosted
from tests.servers import Chorus, chorus

CREATE = "mutation ($o: SocialOrganismInput!) { soCreate(socialOrganism: $o) }"
REJECT = "mutation ($u: String!, $l: String!) { soReject(soURI: $u, url: $l) { url } }"
CONCUR = "mutation ($u: String!, $l: String!) { soConcur(soURI: $u, url: $l) { url } }"
LEAVE = "mutation ($u: String!) { soLeave(soURI: $u) { epoch } }"
RETRACT = "mutation ($u: String!, $l: String!) { soRetract(soURI: $u, url: $l) { url } }"


async def a_bit_of_everything(server: Chorus) -> None:
    """Two organisms: changed verdicts, an admission by vote, a departure, a retraction, open proposals."""
    _, founder = await hosted(server, "founder")
    friend_did, friend = await hosted(server, "friend")
    third_did, third = await hosted(server, "third")
    for name in ("Garden club", "Choir"):
        uri = (await server.ask(CREATE, {"o": {"name": name, "members": [friend_did]}}, founder))["soCreate"]
        await server.ask(JOIN, {"u": uri}, friend)
        await server.ask(SUGGEST, {"u": uri, "d": third_did}, founder)
        await server.ask(JOIN, {"u": uri}, third)
        await server.ask(VOUCH, {"u": uri, "d": third_did}, friend)
        for number in range(3):
            link = canonical({"source": f"{name} {number}", "predicate": None, "target": "t"})
            url = (await server.ask(SPEAK, {"u": uri, "c": link, "l": "link"}, founder))["soSpeak"]["url"]
            await server.ask(REJECT, {"u": uri, "l": url}, friend)
            await server.ask(CONCUR, {"u": uri, "l": url}, friend)
        await server.ask(RETRACT, {"u": uri, "l": url}, founder)
        await server.ask(LEAVE, {"u": uri}, third)
        await server.ask(SUGGEST, {"u": uri, "d": third_did}, founder)


async def test_the_log_rebuilds_the_same_graph(tmp_path: Path, on_store: dict[str, Any]) -> None:
    async with chorus(tmp_path / "first", **on_store) as server:
        await a_bit_of_everything(server)
    source = await open_store(Settings(data=tmp_path / "first", **on_store))
    target = await SqliteStore.open(str(tmp_path / "rebuilt.db"))
    try:
        report = await replay(source, target)

        assert report.differences == []
        assert report.organisms == 2
        assert report.entries == await source.organisms.position()
        with pytest.raises(NotEmpty):
            await replay(source, target)
    finally:
        await target.close()
        await source.close()


async def test_the_command_says_what_it_rebuilt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with chorus(tmp_path / "first") as server:
        await a_bit_of_everything(server)
    monkeypatch.setenv("CHORUS_DATA", str(tmp_path / "first"))

    shown = await asyncio.to_thread(CliRunner().invoke, app, ["replay", f"sqlite:///{tmp_path / 'rebuilt.db'}"])

    assert shown.exit_code == 0, shown.output
    assert "of 2 organisms" in shown.output
    assert "The rebuilt graph is the same." in shown.output

    again = await asyncio.to_thread(CliRunner().invoke, app, ["replay", f"sqlite:///{tmp_path / 'rebuilt.db'}"])
    assert again.exit_code == 2
    assert "replay needs an empty store" in again.output


@pytest.mark.skipif(os.name != "posix", reason="other systems have other rights")
async def test_others_on_the_machine_cannot_read_a_new_store(tmp_path: Path) -> None:
    before = os.umask(0o022)
    store = await SqliteStore.open(str(tmp_path / "new.db"))
    try:
        await store.ready()
        rights = _rights(tmp_path)
    finally:
        await store.close()
        os.umask(before)

    assert rights == dict.fromkeys(("new.db", "new.db-wal", "new.db-shm"), 0o600)


def _rights(folder: Path) -> dict[str, int]:
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
