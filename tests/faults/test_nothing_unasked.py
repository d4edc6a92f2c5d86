"""Nothing is signed in an agent's name in an organism that it did not found or join itself (property 8)."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.faults import documents
from tests.faults.audit import read_log
from tests.faults.faulty import Inside, inside
from tests.faults.line import Asks, Json
from tests.faults.recount import recount

SWITCH = "mutation ($u: String, $on: Boolean!) { soSetAutoConcur(soURI: $u, on: $on) }"
SIGNED = "query { soSignedInMyName { totalCount } }"


@pytest.fixture
async def here(tmp_path: Path, on_store: dict[str, Any]) -> AsyncIterator[Inside]:  # Any: arguments of Settings
    async with inside(tmp_path, on_store) as opened:
        yield opened


async def hosted(here: Inside, name: str) -> tuple[str, Asks]:
    """Its key is unlocked and its automatic concurrence is on: the server could sign for it."""
    async with here.connect() as direct:
        made = (await direct.ask(documents.HOST, {"n": name}))["agentCreateHosted"]
    async with here.connect(made["token"]) as own:
        return made["did"], own


async def speak(here: Inside, direct: Asks, uri: str, said: str) -> None:
    await direct.ask(documents.SPEAK, {"u": uri, "content": f'"{said}"', "languageAddress": "literal"})
    await here.quiet()


async def signed_for(direct: Asks) -> int:
    return int((await direct.ask(SIGNED))["soSignedInMyName"]["totalCount"])


async def authors(here: Inside, uri: str) -> set[str]:
    """Everybody in whose name the log holds a statement; the recount checks every automatic one on its own."""
    async with here.connect() as direct:
        counted = recount(await read_log(direct, uri))
    return {did for said in counted.said.values() for did in said.verdicts}


async def test_nobody_concurs_automatically_where_it_was_only_invited_or_proposed(here: Inside) -> None:
    founder, first = await hosted(here, "founder")
    invited, second = await hosted(here, "invited")
    proposed, third = await hosted(here, "proposed")
    given: Json = {"o": {"name": "Group", "members": [invited]}}
    uri = str((await first.ask(documents.CREATE, given))["soCreate"])
    await first.ask(documents.ADD, {"u": uri, "did": proposed})  # one of one vouches: approved, but for its own join

    await speak(here, first, uri, "before anybody joined")

    assert await authors(here, uri) == {founder}
    assert [await signed_for(direct) for direct in (second, third)] == [0, 0]


async def test_a_member_concurs_automatically_from_its_own_join_to_its_leaving(here: Inside) -> None:
    _, first = await hosted(here, "founder")
    did, second = await hosted(here, "member")
    uri = str((await first.ask(documents.CREATE, {"o": {"name": "Group", "members": [did]}}))["soCreate"])
    counts = []
    for act, said in ((None, "invited"), (documents.JOIN, "joined"), (documents.LEAVE, "left")):
        if act is not None:
            await second.ask(act, {"u": uri})
        await speak(here, first, uri, said)
        counts.append(await signed_for(second))

    assert counts == [0, 1, 1]


async def test_one_switch_stops_it_all(here: Inside) -> None:
    _, first = await hosted(here, "founder")
    did, second = await hosted(here, "member")
    uris = []
    for name in ("One", "Two"):
        uris.append(str((await first.ask(documents.CREATE, {"o": {"name": name, "members": [did]}}))["soCreate"]))
        await second.ask(documents.JOIN, {"u": uris[-1]})
    await second.ask(SWITCH, {"u": None, "on": False})

    for uri in uris:
        await speak(here, first, uri, "switched off")

    assert await signed_for(second) == 0
