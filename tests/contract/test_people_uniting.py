"""Merging unites, splitting takes the bad along, forgetting does not whitewash, exporting tells everything."""

import pytest

from domain.alliance.history import IgnoreMark
from domain.identity import Did
from domain.people.errors import UnknownPerson
from domain.people.history import Snapshot
from domain.people.interaction import Interaction, Kind
from domain.people.opinion import Opinion
from domain.people.registry import Sighting, link_identity, merge, unlink_identity
from domain.people.report import Override, Profile
from domain.people.signals import count
from domain.people.tier import Tier
from graphdb.interactions import Moment, Recorded, Recording, RecordingBatch
from graphdb.people import Appeal, Kept, Note, Sharing
from graphdb.store import Store
from tests.domain.people.histories import START, at, interaction, varied, violation
from tests.populace import ANN, BOB, CAT, ME, NOW, OTHER, Populace, account, act, encounter, spoken, with_person


def flood() -> Interaction:
    return violation(at(1), 0.5, person=ANN, observer=ME, context="in a talk", source="bot", code="flood")


@pytest.fixture
async def populace(store: Store) -> Populace:
    made = Populace(store)
    await made.meet(ANN, BOB)
    return made


async def united(populace: Populace) -> None:
    ann, bob = await populace.known(ANN), await populace.known(BOB)
    await populace.commit(merge(ann.person, bob.person, act()), ann, bob)


def without(person: Interaction) -> Interaction:
    return person._replace(person=ANN)


async def test_merged_histories_are_one(store: Store, populace: Populace) -> None:
    mine = with_person(varied(range(5)), ANN)
    theirs = [*with_person(varied(range(3, 9)), BOB), spoken(BOB, at(2, 1), id="twice")]
    await populace.record(*mine, spoken(ANN, at(1, 1), id="twice"))
    await populace.record(*theirs)
    await populace.record(spoken(BOB, 1, OTHER))

    await united(populace)

    whole = count([*mine, spoken(ANN, at(1, 1), id="twice"), *map(without, theirs)])
    (grounds,) = await store.interactions.grounds(ME, [ANN])
    assert grounds.signals == whole
    assert await store.interactions.due_of_all_observers(NOW) == tuple(sorted((ME, OTHER)))
    changes = [change for who in (ME, OTHER) for change in await store.interactions.refresh(who, Moment(NOW))]
    assert [each.after.person for each in changes] == [ANN, ANN]
    listed = await store.interactions.trusted(ME, 9, None)
    assert ([each.person for each in listed.items], listed.total) == ([ANN], 1)
    assert listed.items[0].interactions == len({each.id for each in (*mine, *theirs)})
    assert (await store.interactions.page(ME, BOB, 9, None)).total == 0


async def test_what_is_recorded_with_a_merged_person_goes_to_the_one_who_was_kept(
    store: Store, populace: Populace
) -> None:
    await united(populace)

    done = await populace.record(spoken(BOB, 1), spoken(ANN, 2))

    assert [each.person for each in done.outcomes if isinstance(each, Recorded)] == [ANN, ANN]
    assert [each.after.interactions for each in done.changes] == [2]


async def test_what_was_kept_about_both_is_kept(store: Store, populace: Populace) -> None:
    for person, score in ((ANN, 0.9), (BOB, 0.2)):
        await store.people.add_note(ME, person, Note(f"n_{person}", person, ME, NOW))
        await store.people.ignore(ME, person, NOW, NOW + int(score * 10))
        await store.people.remember(ME, [(person, Snapshot(7, score, Tier.STRANGER, Profile.STANDARD, 1))])
        await store.people.appeal(ME, Appeal(person, person, OTHER, NOW, "why?"))
        await store.interactions.set_override(ME, person, Override(score, ME, "so"), act(), Moment(NOW))
    await store.people.summarise(ME, BOB, "Bob it was")
    await store.people.share_opinion(ME, BOB, Opinion(1, 1), NOW)

    await united(populace)

    (kept,) = await store.people.kept(ME, [ANN])
    assert {each.content for each in kept.notes} == {ANN, BOB}
    assert set(kept.marks) == {IgnoreMark(NOW, NOW + 9), IgnoreMark(NOW, NOW + 2)}
    assert (kept.summary, kept.sharing) == ("Bob it was", Sharing())
    assert [each.score for each in await store.people.snapshots(ME, ANN)] == [0.9]
    assert {each.person for each in (await store.people.appeals(ME, 9, None)).items} == {ANN}
    (grounds,) = await store.interactions.grounds(ME, [ANN])
    assert grounds.override is not None
    assert grounds.override.score == 0.2
    assert [each.person for each in await store.people.opinions_of_observers([ME], 1_000)] == [ANN]
    assert await store.people.kept(ME, [BOB]) == (Kept(BOB),)


async def test_whoever_is_split_off_takes_everything_bad_along(store: Store, populace: Populace) -> None:
    ann = await populace.known(ANN)
    (ann,) = await populace.commit(link_identity(ann.person, Sighting(account("c"), "Cat", START), act()), ann)
    good = with_person(varied(range(3)), ANN)
    bad = [
        violation(at(1), 0.5, person=ANN, observer=ME),
        interaction(at(2), Kind.NEGATIVE, person=ANN, observer=ME, context="c"),
    ]
    await populace.record(*good, *bad)
    await populace.commit(unlink_identity(ann.person, account("c"), act(), split=CAT), ann, cat=0)

    left, split_off = await store.interactions.grounds(ME, [ANN, CAT])

    assert left.signals == count([*good, *bad])
    assert split_off.signals == count(each._replace(person=CAT) for each in bad)
    ann, cat = await populace.known(ANN), await populace.known(CAT)
    await populace.commit(merge(ann.person, cat.person, act()), ann, cat)
    assert (await store.interactions.grounds(ME, [ANN]))[0].signals == left.signals


async def test_whoever_is_split_off_stays_ignored(store: Store, populace: Populace) -> None:
    ann = await populace.known(ANN)
    (ann,) = await populace.commit(link_identity(ann.person, Sighting(account("c"), "Cat", START), act()), ann)
    await populace.record(spoken(ANN, 1))
    await store.people.ignore(ME, ANN, NOW)
    await store.people.ignore(OTHER, ANN, NOW, NOW + 9)
    await populace.commit(unlink_identity(ann.person, account("c"), act(), split=CAT), ann, cat=0)

    for who, until in ((ME, None), (OTHER, NOW + 9)):
        kept = await store.people.kept(who, [ANN, CAT])
        assert [each.marks for each in kept] == [(IgnoreMark(NOW, until),)] * 2
        assert [each.person for each in await store.alliances.circle(who)] == [ANN, CAT]
        assert await store.interactions.refresh(who, Moment(NOW)) == ()


async def test_forgetting_does_not_whitewash(store: Store, populace: Populace) -> None:
    bad = flood()
    await populace.record(*with_person(varied(range(3)), ANN), bad, whole=True)
    await store.people.add_note(ME, ANN, Note("n", "secret", ME, NOW))

    assert await store.people.forget(ANN, act("asked for it"))

    assert await store.people.persons([ANN]) == (None,)
    assert await store.people.unresolved([ANN]) == (None,)
    assert await store.people.by_platform_ids([account(ANN)]) == (None,)
    assert (await store.people.alike([ANN]), (await store.people.trail(ANN, 9, None)).total) == (((),), 0)
    assert (await store.interactions.page(ME, ANN, 9, None)).total == 0
    assert isinstance((await populace.record(spoken(ANN, 1))).outcomes[0], UnknownPerson)
    assert not await store.people.forget(ANN, act())
    (entry,) = (await store.people.audit(None, 9, None)).items
    assert (entry.deed, entry.person, entry.observer) == ("forgotten", ANN, None)
    for whose, reason in ((Did(act().actor), "asked for it"), (ME, "")):
        (told,) = (await store.people.audit(whose, 9, None)).items
        assert (told.deed, told.person, told.actor, told.reason) == ("forgotten", ANN, act().actor, reason)

    back = await store.people.meet(encounter(CAT, "Somebody new", NOW, platform_id=account(ANN)))
    (grounds,) = await store.interactions.grounds(ME, [CAT])
    bare = bad._replace(person=CAT, context=None, source=None)
    assert (back.registered, grounds.signals) == (True, count([bare]))
    assert [each.interaction for each in (await store.interactions.page(ME, CAT, 9, None)).items] == [bare]
    assert await store.interactions.due_of_all_observers(NOW) == (ME,)


async def test_an_observer_forgets_for_itself(store: Store, populace: Populace) -> None:
    bad = flood()
    theirs = spoken(ANN, 1, OTHER)
    await populace.record(*with_person(varied(range(3)), ANN), bad)
    await populace.record(theirs)
    await store.people.add_note(ME, ANN, Note("n", "secret", ME, NOW))
    await store.interactions.set_override(ME, ANN, Override(0.5, ME, "secret"), act("secret"), Moment(NOW))

    assert await store.people.forget(ANN, act(), ME)

    mine, others = [(await store.interactions.grounds(who, [ANN]))[0] for who in (ME, OTHER)]
    assert mine.signals == count([bad._replace(context=None, source=None)])
    assert (mine.override, mine.trusted, others.signals) == (None, None, count([theirs]))
    assert await store.people.kept(ME, [ANN]) == (Kept(ANN),)
    audit = await store.people.audit(ME, 9, None, person=ANN)
    assert [(each.deed, each.reason) for each in audit.items] == [("override_set", ""), ("forgotten", "because")]
    (change,) = await store.interactions.refresh(ME, Moment(NOW))
    assert (change.before, change.after.interactions) == (None, 1)
    assert not await store.people.forget(BOB, act(), ME)


async def test_nothing_is_told_of_somebody_who_was_forgotten_whole(store: Store, populace: Populace) -> None:
    await populace.record(*with_person(varied(range(3)), ANN))

    assert await store.people.forget(ANN, act(), ME)

    assert await store.interactions.due_of_all_observers(NOW) == ()
    assert await store.interactions.refresh(ME, Moment(NOW)) == ()
    assert await store.interactions.tier_changes(ME, 0, 9) == ()
    assert (await store.interactions.trusted(ME, 9, None)).total == 0


async def test_a_client_key_outlives_a_merge(store: Store, populace: Populace) -> None:
    recording = Recording(spoken(BOB, 1), "key")
    await store.interactions.record(RecordingBatch(ME, (recording,), Moment(NOW)))
    await united(populace)

    again = await store.interactions.record(RecordingBatch(ME, (recording,), Moment(NOW)))

    assert again.outcomes == (Recorded(recording.interaction.id, BOB, 1, repeated=True),)


async def test_an_export_has_everything_and_is_audited(store: Store, populace: Populace) -> None:
    history = [*with_person(varied(range(2)), ANN), violation(at(1), person=ANN, observer=ME)]
    await populace.record(*history)
    await populace.record(spoken(ANN, 1, OTHER))
    await store.people.add_note(ME, ANN, Note("n", "friendly", ME, NOW))
    await store.people.appeal(ME, Appeal("a", ANN, OTHER, NOW, "why?"))
    await store.interactions.retract(ME, ANN, history[0].id, act(), Moment(NOW))

    export = await store.interactions.export(ME, ANN, act("asked for it"))

    assert [each.interaction for each in export.history] == history
    assert (export.record, export.history[0].retracted_at) == (await populace.known(ANN), NOW)
    assert ([each.content for each in export.kept.notes], [each.id for each in export.appeals]) == (["friendly"], ["a"])
    assert export.trusted is not None
    assert export.trusted.interactions == len(history) - 1
    assert [(each.deed, each.reason) for each in export.audit][-1] == ("exported", "asked for it")
    with pytest.raises(UnknownPerson):
        await store.interactions.export(ME, CAT, act())
