"""What an observer keeps about people: notes, marks, what is shared, snapshots and appeals, all its own."""

import pytest

from domain.alliance.history import IgnoreMark
from domain.people.history import KEPT, Snapshot
from domain.people.opinion import Opinion
from domain.people.report import Profile
from domain.people.tier import Tier
from graphdb.people import NOTES, Appeal, Kept, Note, SharedOpinion, Sharing
from graphdb.store import Store
from tests.contract.pages import all_pages, items, totals
from tests.populace import ANN, BOB, CAT, ME, NOW, OTHER, Populace, act


@pytest.fixture(autouse=True)
async def populace(store: Store) -> Populace:
    made = Populace(store)
    await made.meet(ANN, BOB)
    return made


def note(number: int) -> Note:
    return Note(f"n{number:03}", f"note {number}", "did:key:author", NOW + number, "a talk")


async def test_the_newest_fifty_notes_are_kept(store: Store) -> None:
    for number in range(NOTES + 2):
        kept = await store.people.add_note(ME, ANN, note(number))
    again = await store.people.add_note(ME, ANN, note(NOTES))

    assert kept == again == tuple(note(number) for number in range(2, NOTES + 2))
    assert (await store.people.kept(ME, [BOB, ANN]))[1].notes == kept


async def test_notes_are_removed_and_nobody_elses(store: Store) -> None:
    await store.people.add_note(ME, ANN, note(1))
    await store.people.add_note(OTHER, ANN, note(1))

    assert [await store.people.remove_note(ME, ANN, "n001") for _ in range(2)] == [True, False]
    mine, theirs = [(await store.people.kept(each, [ANN]))[0] for each in (ME, OTHER)]
    assert (mine.notes, theirs.notes) == ((), (note(1),))


async def test_everything_kept_is_read_at_once(store: Store) -> None:
    await store.people.summarise(ME, ANN, "a friend of a friend")
    await store.people.share(ME, ANN, Sharing(with_subject=True), act("asked for it"))
    await store.people.ignore(ME, ANN, NOW, NOW + 5)

    mark = IgnoreMark(NOW, NOW + 5)
    expected = Kept(ANN, "a friend of a friend", (), (mark,), Sharing(with_subject=True))
    assert await store.people.kept(ME, [ANN, BOB, CAT]) == (expected, Kept(BOB), Kept(CAT))
    assert await store.people.kept(OTHER, [ANN]) == (Kept(ANN),)
    assert [each.deed for each in (await store.people.audit(ME, 5, None)).items] == ["shared"]


async def test_marks_hold_until_they_are_lifted(store: Store) -> None:
    assert await store.people.ignore(ME, ANN, 10) == (IgnoreMark(10),)
    assert await store.people.ignore(ME, ANN, 11) == (IgnoreMark(10),)
    assert await store.people.ignore(ME, ANN, 12, 20) == (IgnoreMark(10), IgnoreMark(12, 20))
    assert await store.people.ignore(ME, BOB, 1, 2) == (IgnoreMark(1, 2),)

    lifted = await store.people.unignore(ME, ANN, 30)

    assert lifted == (IgnoreMark(10, None, 30), IgnoreMark(12, 20))
    assert await store.people.unignore(ME, CAT, 30) == ()
    assert await store.people.ignored(ME) == ((ANN, lifted), (BOB, (IgnoreMark(1, 2),)))
    assert await store.people.ignored(OTHER) == ()


async def test_opinions_are_heard_as_long_as_they_are_shared(store: Store) -> None:
    for observer, person, r in ((ME, ANN, 1.0), (ME, BOB, 2.0), (OTHER, ANN, 3.0), (ME, ANN, 4.5)):
        await store.people.share_opinion(observer, person, Opinion(r, 0.25), NOW)
    await store.people.share_opinion(ME, BOB, None, NOW)
    await store.people.share_opinion(ME, CAT, None, NOW)

    mine, theirs = (SharedOpinion(who, ANN, Opinion(r, 0.25), NOW) for who, r in ((ME, 4.5), (OTHER, 3.0)))
    assert await store.people.opinions_of_observers([ME], 1_000) == (mine,)
    about = await store.people.opinions_shared_by_all_observers_about(ANN)
    assert set(about) == {mine, theirs}
    assert await store.people.opinions_of_observers([OTHER, ME, OTHER], 1_000) == tuple(
        sorted(about, key=lambda each: each.observer)
    )


def taken(date: int, score: float = 0.5) -> Snapshot:
    return Snapshot(date, score, Tier.FAMILIAR, Profile.STANDARD, 1)


async def test_p16_one_snapshot_per_date_and_the_newest_365(store: Store) -> None:
    first = await store.people.remember(ME, [(ANN, taken(date)) for date in range(300)])
    again = await store.people.remember(ME, [(ANN, taken(5, 0.9)), (BOB, taken(5)), (BOB, taken(5, 0.7))])
    more = await store.people.remember(ME, [(ANN, taken(date)) for date in range(200, 400)])

    assert (first, again, more) == (300, 1, 100)
    assert await store.people.snapshots(ME, ANN) == tuple(taken(date) for date in range(400 - KEPT, 400))
    assert await store.people.snapshots(ME, BOB) == (taken(5),)
    assert await store.people.snapshots(OTHER, ANN) == ()


async def test_an_appeal_is_answered_once(store: Store) -> None:
    appeals = [Appeal(f"a{number}", (ANN, BOB)[number % 2], OTHER, NOW + number, f"{number}?") for number in range(5)]
    for each in (*appeals, appeals[0]):
        await store.people.appeal(ME, each)

    answered = await store.people.answer_appeal(ME, "a2", act("you are right"))
    again = await store.people.answer_appeal(ME, "a2", act("you are not"))

    assert answered == again == Appeal("a2", ANN, OTHER, NOW + 2, "2?", None, "you are right", act().actor, NOW)
    assert await store.people.answer_appeal(OTHER, "a1", act()) is None
    pages = await all_pages(lambda after: store.people.appeals(ME, 2, after))
    assert ([each.id for each in items(pages)], totals(pages)) == ([each.id for each in appeals], {5})
    of_ann = await store.people.appeals(ME, 9, None, person=ANN, open_only=True)
    assert ([each.id for each in of_ann.items], of_ann.total) == (["a0", "a4"], 2)
    assert (await store.people.appeals(OTHER, 9, None)).total == 0
