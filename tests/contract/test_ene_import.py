"""An Ene workspace becomes what an observer knows, on every store."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from domain.identity import Did
from domain.people.ene_workspace import read_workspace
from domain.people.interaction import Kind
from domain.people.person import parse_platform_id
from domain.people.workspace import Handling
from graphdb.errors import StoreUnavailable
from graphdb.store import Store
from resolvers.context import Observatory
from resolvers.people.importing import Imported, Importer
from server.__main__ import app
from tests.domain.people.test_ene_workspace import NOW, WHEN, person

ME = Did("did:key:z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp")
BOB = {"telegram:7": {"display_name": "Bob", "first_seen": WHEN, "last_seen": WHEN}}


def files(*people: dict[str, object]) -> dict[str, bytes]:
    return {f"{each['id']}.json": json.dumps(each).encode() for each in people}


def ann_and_bob() -> dict[str, bytes]:
    both = {**person()["platform_ids"], "telegram:1": {"display_name": "Ann T.", "first_seen": WHEN, "last_seen": WHEN}}
    return files(
        person(platform_ids=both),
        person(
            id="p_bob", display_name="Bob", aliases=[], platform_ids=BOB, notes=[], trust={}, summary="", connections=[]
        ),
    )


async def imported(store: Store, content: dict[str, bytes]) -> Imported:
    return await Importer(Observatory(store, lambda: NOW), ME).take(read_workspace(None, content, NOW))


@pytest.mark.parametrize(
    ("part", "call"), [("people", "meet"), ("interactions", "record"), ("social_graph", "connect")]
)
async def test_a_store_that_goes_away_ends_the_import_and_it_can_be_repeated(
    store: Store, monkeypatch: pytest.MonkeyPatch, part: str, call: str
) -> None:
    async def away(*_: object, **__: object) -> None:
        raise StoreUnavailable("it did not answer")

    with monkeypatch.context() as patched:
        patched.setattr(getattr(store, part), call, away)
        with pytest.raises(StoreUnavailable):
            await imported(store, ann_and_bob())
    done = await imported(store, ann_and_bob())

    assert Handling.REFUSED not in {each.handling for each in done.findings}
    (ann,) = await store.people.by_platform_ids([parse_platform_id("telegram:1")])
    assert ann is not None
    assert [str(each.id) for each in ann.person.identities] == ["discord:1", "telegram:1"]
    assert len((await store.social_graph.connections(ME, ann.person.id, 10, None)).items) == 1


async def test_people_arrive_with_all_that_has_a_date(store: Store) -> None:
    done = await imported(store, ann_and_bob())

    assert (done.people, done.accounts, done.interactions, done.notes) == (2, 3, 3, 1)
    assert (done.connections, done.snapshots) == (1, 1)
    (ann,) = await store.people.by_platform_ids([parse_platform_id("telegram:1")])
    assert ann is not None
    assert [str(each.id) for each in ann.person.identities] == ["discord:1", "telegram:1"]
    (kept,) = await store.people.kept(ME, [ann.person.id])
    assert (kept.summary, [note.content for note in kept.notes]) == ("Likes maps.", ["Met at the fair"])
    ((_, history),) = await store.interactions.histories(ME, [ann.person.id])
    assert sorted((each.kind, each.severity) for each in history) == [
        (Kind.MESSAGE, None),
        (Kind.MESSAGE, None),
        (Kind.VIOLATION, 0.3),
    ]
    (bob,) = await store.people.by_platform_ids([parse_platform_id("telegram:7")])
    assert bob is not None
    connection = await store.social_graph.connection(ME, ann.person.id, bob.person.id)
    assert connection is not None
    assert connection.label(ann.person.id) == "friend"


async def test_the_same_again_adds_nothing(store: Store) -> None:
    await imported(store, ann_and_bob())

    again = await imported(store, ann_and_bob())

    assert (again.people, again.accounts, again.interactions, again.notes) == (2, 0, 0, 0)
    assert (again.connections, again.snapshots) == (0, 0)


async def test_accounts_of_different_people_here_are_not_joined(store: Store) -> None:
    await imported(store, ann_and_bob())

    joined = await imported(store, files(person(id="p_both", platform_ids={**BOB, **person()["platform_ids"]})))

    assert joined.people == 0
    refused = [each for each in joined.findings if each.handling is Handling.REFUSED]
    assert "different people" in refused[0].what


def test_the_command_tells_what_was_repaired(tmp_path: Path) -> None:
    folder = tmp_path / "social"
    (folder / "people").mkdir(parents=True)
    (folder / "index.json").write_text('{"platform_to_per')
    (folder / "people" / "p_ann123.json").write_text(json.dumps(person(connections=[])))
    environment = {"CHORUS_DATA": str(tmp_path / "data")}

    done = CliRunner().invoke(app, ["people", "import-ene", str(folder), "--observer", ME], env=environment)
    wrong = CliRunner().invoke(app, ["people", "import-ene", str(folder), "--observer", "me"], env=environment)

    assert done.exit_code == 0, done.output
    assert "1 people; new: 1 accounts, 3 interactions, 1 notes" in done.stdout
    assert "repaired index.json" in done.stderr
    assert (wrong.exit_code, "INVALID_DID" in wrong.stderr) == (2, True)
