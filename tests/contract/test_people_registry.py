"""The registry of people: who stands behind which account, by whatever means they are looked for."""

import asyncio

import pytest

from domain.people.errors import IdentityTaken, UnknownPerson
from domain.people.interaction import PersonId
from domain.people.person import AliasAdded, NameAlike, NameRefused, PersonRegistered, replay
from domain.people.registry import Sighting, link_did, link_identity, merge, rename, unlink_identity
from graphdb.people import PersonCommit
from graphdb.store import Moved, Store
from tests.contract.pages import all_pages, items, totals
from tests.domain.agents import agent
from tests.domain.people.histories import START
from tests.populace import ANN, BOB, CAT, Populace, account, act, encounter

DID = agent(7).did


@pytest.fixture
def populace(store: Store) -> Populace:
    return Populace(store)


async def test_a_stranger_is_registered_at_first_contact_and_known_from_then_on(store: Store) -> None:
    first = await store.people.meet(encounter(ANN, "Ann", START))
    again = await store.people.meet(encounter(BOB, "Ann", START + 5, platform_id=account(ANN)))

    assert (first.registered, first.record.version) == (True, 1)
    assert [type(each) for each in first.events] == [PersonRegistered]
    assert (again.registered, again.record.person.id, again.events) == (False, ANN, ())
    assert again.record.person.identities[0].last_seen == START + 5
    assert await store.people.persons([ANN, BOB]) == (again.record, None)


async def test_many_who_meet_one_account_at_once_meet_one_person(store: Store) -> None:
    fresh = [PersonId(f"p_{number}") for number in range(20)]

    met = await asyncio.gather(*(store.people.meet(encounter(each, platform_id=account("x"))) for each in fresh))

    assert len({each.record.person.id for each in met}) == 1
    assert sum(each.registered for each in met) == 1
    assert (await store.people.people(5, None)).total == 1


async def test_a_new_name_is_an_event_and_the_time_alone_is_none(store: Store, populace: Populace) -> None:
    await populace.meet(ANN, name="Ann")
    met = await store.people.meet(encounter(ANN, "Annie", START + 9))
    await store.people.meet(encounter(ANN, "Annie", START + 10))

    trail = await store.people.trail(ANN, 10, None)

    assert met.record.person.aliases == ("Ann", "Annie")
    assert [entry.number for entry in trail.items] == [1, 2, 3]
    assert AliasAdded in {type(entry.event) for entry in trail.items}
    assert (await populace.known(ANN)).version == 3


async def test_a_reserved_name_is_refused_and_told(store: Store) -> None:
    met = await store.people.meet(encounter(ANN, "D\u0430d", reserved=("Dad",)))  # a Cyrillic a

    assert met.record.person.display_name == str(account(ANN))
    assert [type(each) for each in met.events] == [PersonRegistered, NameRefused]
    assert await store.people.alike(["dad"]) == ((),)


async def test_confusable_names_are_told_at_first_contact(store: Store, populace: Populace) -> None:
    await populace.meet(ANN, name="Paul")
    met = await store.people.meet(encounter(BOB, "P\u0430ul"))

    (told,) = [each for each in met.events if isinstance(each, NameAlike)]
    assert told.others == (ANN,)
    assert await store.people.alike(["P-aul", "Paula"]) == ((ANN, BOB), ())


async def test_people_are_found_by_account_and_did(store: Store, populace: Populace) -> None:
    ann = (await populace.meet(ANN)).record
    (linked,) = await populace.commit(link_did(ann.person, DID, act()), ann)

    assert await store.people.by_platform_ids([account(ANN), account(BOB)]) == (linked, None)
    assert await store.people.by_dids([agent(8).did, DID]) == (None, linked)
    assert linked.person.dids == (DID,)


async def test_an_identity_belongs_to_one_person(store: Store, populace: Populace) -> None:
    ann, bob = (await populace.meet(ANN)).record, (await populace.meet(BOB)).record
    events = link_identity(bob.person, Sighting(account(ANN), "Ann", START), act())

    with pytest.raises(IdentityTaken):
        await populace.commit(events, bob)

    assert await store.people.by_platform_ids([account(ANN)]) == (ann,)
    assert (await populace.known(BOB)).version == bob.version


async def test_what_was_decided_from_an_older_record_is_refused(store: Store, populace: Populace) -> None:
    ann = (await populace.meet(ANN)).record
    renamings = [rename(ann.person, name, act()) for name in ("Anna", "Hannah")]

    answers = await asyncio.gather(*(populace.commit(each, ann) for each in renamings), return_exceptions=True)

    assert [isinstance(each, Moved) for each in answers] == [False, True]
    assert (await populace.known(ANN)).person.display_name == "Anna"
    assert (await store.people.trail(ANN, 5, None)).total == 2


async def test_nothing_is_written_for_a_person_who_is_unknown(store: Store, populace: Populace) -> None:
    ann = (await populace.meet(ANN)).record
    events = (*rename(ann.person, "Anna", act()), *rename(ann.person.__class__(BOB, "", (), 0, 0), "Bob", act()))

    with pytest.raises(UnknownPerson):
        await store.people.commit(PersonCommit(events, ((ANN, ann.version), (BOB, 0))))

    assert (await populace.known(ANN)).person.display_name == ANN


async def test_a_merged_id_leads_to_the_person_who_was_kept(store: Store, populace: Populace) -> None:
    ann, bob, cat = [(await populace.meet(each)).record for each in (ANN, BOB, CAT)]
    bob_now, _ = await populace.commit(merge(bob.person, cat.person, act()), bob, cat)
    ann_now, gone = await populace.commit(merge(ann.person, bob_now.person, act()), ann, bob_now)

    assert await store.people.persons([CAT, BOB, ANN]) == (ann_now, ann_now, ann_now)
    assert await store.people.unresolved([BOB]) == (gone,)
    assert gone.person.merged_into == ANN
    assert await store.people.by_platform_ids([account(CAT), account(BOB)]) == (ann_now, ann_now)
    assert (await store.people.people(5, None)).items == (ann_now,)
    assert (await store.people.people(5, None, search=CAT)).items == (ann_now,)


async def test_an_unlinked_account_is_a_person_of_its_own(store: Store, populace: Populace) -> None:
    ann = (await populace.meet(ANN)).record
    (ann,) = await populace.commit(link_identity(ann.person, Sighting(account("b"), "Bob", START), act()), ann)
    events = unlink_identity(ann.person, account("b"), act(), split=BOB)
    left, bob = await populace.commit(events, ann, bob=0)

    assert (bob.person.split_from, bob.version) == (ANN, 1)
    assert await store.people.by_platform_ids([account("b"), account(ANN)]) == (bob, left)


async def test_the_trail_makes_the_record(store: Store, populace: Populace) -> None:
    await populace.meet(ANN, name="Ann")
    await store.people.meet(encounter(ANN, "Annie", START + 9, username="ann1"))
    ann = await populace.known(ANN)
    await populace.commit((*rename(ann.person, "Anna", act()), *link_did(ann.person, DID, act())), ann)

    pages = await all_pages(lambda after: store.people.trail(ANN, 2, after))

    assert replay(entry.event for entry in items(pages)) == (await populace.known(ANN)).person
    assert totals(pages) == {5}
    assert [entry.number for entry in items(pages)] == [1, 2, 3, 4, 5]


async def test_people_are_listed_in_the_order_of_their_registration(store: Store, populace: Populace) -> None:
    persons = [PersonId(f"p_{number}") for number in (3, 1, 4, 0, 2)]
    await populace.meet(*persons)

    pages = await all_pages(lambda after: store.people.people(2, after))

    assert [each.person.id for each in items(pages)] == persons
    assert ([len(page.items) for page in pages], totals(pages)) == ([2, 2, 1], {5})


@pytest.mark.parametrize(("words", "found"), [("ann", 2), ("ANN-S", 1), ("\u0430nn", 2), ("bob", 1), ("%", 0), ("", 0)])
async def test_people_are_found_by_how_their_names_begin(
    store: Store, populace: Populace, words: str, found: int
) -> None:
    for person, name in ((ANN, "Ann Smith"), (BOB, "Bob"), (CAT, "Änne")):
        await populace.meet(person, name=name)

    pages = await all_pages(lambda after: store.people.people(1, after, search=words))

    assert (len(items(pages)), totals(pages)) == (found, {found})
