"""Relationships as stores keep them: settled, logged in order, marked."""

from collections.abc import Iterable

from domain.alliance.history import IgnoreMark
from domain.alliance.policy import SEED, STANDARD, Relationship
from domain.identity import Did
from domain.people.interaction import By, Interaction, Kind, PersonId
from domain.people.person import parse_platform_id
from domain.people.registry import Act, Sighting
from domain.people.registry import merge as merged
from graphdb.alliances import Regard, Settlement, Stance
from graphdb.interactions import Moment, Recording, RecordingBatch
from graphdb.people import Encounter, PersonCommit
from graphdb.store import Store
from tests.worlds import START, agent

ME, OTHER = agent("me").did, agent("other").did
DAY = 86_400_000


async def person(store: Store, name: str) -> PersonId:
    sighting = Sighting(parse_platform_id(f"discord:{name}"), name, START)
    return (await store.people.meet(Encounter(sighting, PersonId(f"p_{name}")))).record.person.id


async def upvotes(store: Store, observer: Did, whom: PersonId, ids: Iterable[str]) -> None:
    recordings = [
        Recording(
            Interaction(id=each, observer=observer, person=whom, kind=Kind.UPVOTE_RECEIVED, by=By.PERSON, at=START)
        )
        for each in ids
    ]
    await store.interactions.record(RecordingBatch(observer, tuple(recordings), Moment(START)))


def found(stance: Stance, relationship: Relationship, at: int = START, until: int | None = None) -> Settlement:
    regard = Regard(relationship, 6_000, at, until, stance.basis(STANDARD))
    return Settlement(stance.person, stance.regard, regard)


async def stance(store: Store, whom: PersonId, observer: Did = ME) -> Stance:
    (known,) = await store.alliances.stances(observer, [whom])
    return known


async def test_whoever_was_never_met_has_an_empty_stance(store: Store) -> None:
    ann = await person(store, "ann")

    assert await stance(store, ann) == Stance(ann)
    assert await store.alliances.circle(ME) == ()
    assert await store.alliances.relationship_changes(ME, 0, 10) == ()


async def test_a_relationship_that_was_found_is_there_until_something_is_recorded(store: Store) -> None:
    ann = await person(store, "ann")
    await upvotes(store, ME, ann, ["i1"])
    before = await stance(store, ann)

    await store.alliances.settle(ME, [found(before, Relationship.ALLY, until=START + DAY)])
    settled = await stance(store, ann)
    await upvotes(store, ME, ann, ["i2"])
    moved = await stance(store, ann)

    assert not before.settled(STANDARD, START)
    assert settled.regard is not None
    assert settled.settled(STANDARD, START)
    assert not settled.settled(STANDARD, START + DAY)
    assert not settled.settled(SEED, START)
    assert not moved.settled(STANDARD, START)
    assert moved.regard == settled.regard


async def test_changes_are_logged_in_order_and_only_where_something_changed(store: Store) -> None:
    ann, ben = await person(store, "ann"), await person(store, "ben")
    for whom in (ann, ben):
        await upvotes(store, ME, whom, ["i1"])

    first = await store.alliances.settle(
        ME, [found(await stance(store, ann), Relationship.ALLY), found(await stance(store, ben), Relationship.UNKNOWN)]
    )
    again = await store.alliances.settle(ME, [found(await stance(store, ann), Relationship.ALLY, START + 1)])
    second = await store.alliances.settle(ME, [found(await stance(store, ann), Relationship.NEUTRAL, START + 2)])

    assert [(each.before, each.after, each.at) for each in (*first, *again, *second)] == [
        (Relationship.UNKNOWN, Relationship.ALLY, START),
        (Relationship.ALLY, Relationship.NEUTRAL, START + 2),
    ]
    assert await store.alliances.relationship_changes(ME, 0, 10) == (*first, *second)
    assert await store.alliances.relationship_changes(ME, first[0].position, 10) == second
    assert await store.alliances.relationship_changes(ME, 0, 1) == first
    assert await store.alliances.position() == second[0].position


async def test_a_settlement_that_comes_too_late_is_passed_over(store: Store) -> None:
    ann = await person(store, "ann")
    await upvotes(store, ME, ann, ["i1"])
    read = await stance(store, ann)

    await store.alliances.settle(ME, [found(read, Relationship.ALLY)])
    late = await store.alliances.settle(ME, [found(read, Relationship.RIVAL, START + 1)])

    assert late == ()
    assert (await stance(store, ann)).regard == found(read, Relationship.ALLY).after


async def test_observers_have_relationships_and_logs_of_their_own(store: Store) -> None:
    ann = await person(store, "ann")
    for observer in (ME, OTHER):
        await upvotes(store, observer, ann, ["i1"])

    await store.alliances.settle(ME, [found(await stance(store, ann), Relationship.ALLY)])

    assert (await stance(store, ann, OTHER)).regard is None
    assert await store.alliances.relationship_changes(OTHER, 0, 10) == ()


async def test_marks_are_added_once_and_belong_to_the_circle(store: Store) -> None:
    ann = await person(store, "ann")
    old, new = IgnoreMark(START - DAY, None, START), IgnoreMark(START)

    added = [await store.alliances.mark(ME, ann, marks) for marks in ([old], [old, new], [new])]

    assert added == [1, 1, 0]
    assert (await stance(store, ann)).marks == (old, new)
    assert [each.person for each in await store.alliances.circle(ME)] == [ann]
    assert (await store.people.kept(ME, [ann]))[0].marks == (old, new)


async def test_a_mark_makes_a_relationship_look_again(store: Store) -> None:
    ann = await person(store, "ann")
    await upvotes(store, ME, ann, ["i1"])
    await store.alliances.settle(ME, [found(await stance(store, ann), Relationship.ALLY)])

    await store.people.ignore(ME, ann, START)

    assert not (await stance(store, ann)).settled(STANDARD, START)


async def test_a_merge_takes_the_log_along(store: Store) -> None:
    ann, ben = await person(store, "ann"), await person(store, "ben")
    for whom, ids in ((ann, ["i1"]), (ben, ["i2"])):
        await upvotes(store, ME, whom, ids)
    await store.alliances.settle(ME, [found(await stance(store, ben), Relationship.ALLY)])
    kept, gone = await store.people.persons([ann, ben])
    assert kept is not None
    assert gone is not None

    events = merged(kept.person, gone.person, Act(ME, START))
    await store.people.commit(PersonCommit(events, ((ann, kept.version), (ben, gone.version))))

    assert [each.person for each in await store.alliances.relationship_changes(ME, 0, 10)] == [ann]
    assert [each.person for each in await store.alliances.circle(ME)] == [ann]
    assert not (await stance(store, ann)).settled(STANDARD, START)


async def test_what_is_forgotten_leaves_no_relationship_and_no_position_twice(store: Store) -> None:
    ann, ben = await person(store, "ann"), await person(store, "ben")
    for whom in (ann, ben):
        await upvotes(store, ME, whom, ["i1"])
    (change,) = await store.alliances.settle(ME, [found(await stance(store, ann), Relationship.ALLY)])

    await store.people.forget(ann, Act(ME, START))
    (later,) = await store.alliances.settle(ME, [found(await stance(store, ben), Relationship.ALLY)])

    assert await store.alliances.relationship_changes(ME, 0, 10) == (later,)
    assert later.position > change.position
    assert (await stance(store, ann)).regard is None
