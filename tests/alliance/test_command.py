"""`chorus people import-alliance`: the history of the module that the alliance comes from."""

import asyncio
import json
from pathlib import Path

from click.testing import Result
from typer.testing import CliRunner

from domain.people.interaction import Kind
from server.__main__ import app
from server.app import open_store
from server.settings import Settings
from tests.servers import Json
from tests.worlds import agent

ME = agent("importer").did
ROWS: list[Json] = [
    {"user": "ann", "type": "upvote_given", "timestamp": "2026-01-01T10:00:00.123456", "context": "post-1"},
    {"user": "ann", "type": "reply_positive", "timestamp": "2026-01-02T10:00:00", "context": ""},
    {"user": "ben", "type": "upvote_received", "timestamp": "2026-01-02T10:00:00+02:00", "context": None},
]
BAD: list[Json] = [
    {"user": "ann", "type": "waved", "timestamp": "2026-01-01T10:00:00"},
    {"user": "ann", "type": "upvote_given", "timestamp": "garbage"},
    {"user": "two words", "type": "upvote_given", "timestamp": "2026-01-01T10:00:00"},
    {"user": "ann", "type": "upvote_given", "timestamp": "2999-01-01T10:00:00"},
    "not a row",
]


async def bring(folder: Path, text: str, *more: str) -> Result:
    file = folder / "alliance_state.json"
    file.write_text(text, encoding="utf8")
    command = ["people", "import-alliance", str(file), "--observer", ME, *more]
    return await asyncio.to_thread(CliRunner().invoke, app, command, env={"CHORUS_DATA": str(folder)})


def state(rows: list[Json]) -> str:
    return json.dumps({"interactions": rows, "profiles": {"ann": {"relationship": "ally"}}})


async def test_a_state_file_is_read_and_reading_it_again_adds_nothing(tmp_path: Path) -> None:
    first, again = [await bring(tmp_path, state(ROWS)) for _ in range(2)]

    assert first.stdout == "3 interactions with 2 people recorded, 0 were there\n"
    assert again.stdout == "0 interactions with 2 people recorded, 3 were there\n"
    store = await open_store(Settings(data=tmp_path))
    people = await store.people.people(10, None)
    ((_, recorded),) = await store.interactions.histories(ME, [people.items[0].person.id])
    await store.close()
    assert [str(each.person.identities[0].id) for each in people.items] == ["moltbook:ann", "moltbook:ben"]
    assert {each.kind for each in recorded} == {Kind.UPVOTE_GIVEN, Kind.REPLY_POSITIVE}


async def test_every_row_that_is_passed_over_is_told(tmp_path: Path) -> None:
    done = await bring(tmp_path, state([*ROWS, *BAD]))

    lines = done.stdout.splitlines()
    assert lines[0] == "3 interactions with 2 people recorded, 0 were there"
    assert len([line for line in lines if line.startswith("refused: ")]) == len(BAD)


async def test_a_file_that_was_cut_short_gives_what_is_whole(tmp_path: Path) -> None:
    whole = state(ROWS)

    done = await bring(tmp_path, whole[: whole.index('{"user": "ben"') + 20])

    assert done.stdout.splitlines() == [
        "2 interactions with 1 people recorded, 0 were there",
        "repaired: The file is damaged: 2 rows before that were read",
    ]


async def test_the_zone_and_the_platform_are_given(tmp_path: Path) -> None:
    await bring(tmp_path, state(ROWS[:1]), "--offset", "+01:00", "--channel", "discord")

    store = await open_store(Settings(data=tmp_path))
    (person,) = (await store.people.people(10, None)).items
    ((_, (recorded,)),) = await store.interactions.histories(ME, [person.person.id])
    await store.close()
    assert str(person.person.identities[0].id) == "discord:ann"
    assert recorded.at == 1_767_258_000_123


async def test_what_is_no_state_file_is_refused(tmp_path: Path) -> None:
    for text in ("", "{}", "[]", "\x00\x01", '{"interactions": 3}'):
        done = await bring(tmp_path, text)

        assert done.exit_code == 2
        assert done.stderr.startswith("INVALID_ALLIANCE_DATA: ")


async def test_a_platform_or_zone_that_is_none_is_refused_before_any_row(tmp_path: Path) -> None:
    platform = await bring(tmp_path, state(ROWS), "--channel", "Bad Channel")
    zone = await bring(tmp_path, state(ROWS), "--offset", "+25:99")

    assert [each.exit_code for each in (platform, zone)] == [2, 2]
    assert platform.stderr.startswith("INVALID_PLATFORM_ID: ")
    assert zone.stderr.startswith("INVALID_ARGUMENT: offset: expected Z or +hh:mm")
