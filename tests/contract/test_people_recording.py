"""Recording: repeats are harmless, arrival order is irrelevant (P18), counters equal a recount, observers are apart."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.identity import Did
from domain.organisms.errors import IdempotencyKeyReused
from domain.people.constants import DAY
from domain.people.errors import UnknownPerson
from domain.people.interaction import Interaction, Kind, PersonId
from domain.people.report import Override, Profile
from domain.people.signals import count
from domain.people.tier import Tier
from domain.people.trust import signals_at, trust
from graphdb.interactions import Head, Moment, Recorded, Recording, RecordingBatch
from graphdb.ledger import SNAPSHOT_EVERY
from graphdb.sqlite.store import SqliteStore
from graphdb.store import Store
from tests.contract.conftest import STORES, Open, opened
from tests.contract.pages import all_pages, items, totals
from tests.domain.people.histories import START, at, histories, interaction, varied, violation
from tests.populace import ANN, BOB, ME, NOW, OTHER, Populace, act, spoken, with_person

KINDS = [Kind.MESSAGE, Kind.NEGATIVE, Kind.UPVOTE_RECEIVED]


ASIDE = "sqlite_aside"


@pytest.fixture(params=[*STORES, ASIDE])
def opening(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Open:
    """Every store, and the embedded one with the process that records, which gets everything as soon as it is there."""
    if request.param == ASIDE:
        monkeypatch.setattr("graphdb.sqlite.recorder.FEW", 0)
        return lambda: SqliteStore.open(str(tmp_path / "chorus.db"), record_aside=True)
    return opened(request, tmp_path)


@pytest.fixture
async def populace(store: Store) -> Populace:
    made = Populace(store)
    await made.meet(ANN, BOB)
    return made


async def signals(store: Store, person: PersonId = ANN) -> Any:  # Any: compared with other signals
    (grounds,) = await store.interactions.grounds(ME, [person])
    return grounds.signals


async def test_an_interaction_is_recorded_and_trust_follows(store: Store, populace: Populace) -> None:
    history = with_person(varied(range(20)), ANN)

    done = await populace.record(*history)

    now = max(NOW, *(each.at for each in history))
    report = trust(count(history), now)
    (change,) = done.changes
    assert [each.sequence for each in done.outcomes if isinstance(each, Recorded)] == list(range(1, 61))
    assert (change.before, change.after.score, change.after.tier) == (None, report.score, report.tier)
    assert (change.after.interactions, change.position) == (60, 1)
    (grounds,) = await store.interactions.grounds(ME, [ANN])
    assert (grounds.signals, grounds.head, grounds.trusted) == (count(history), Head(60, 0), change.after)


async def test_the_trust_of_everybody_touched_is_told_once(populace: Populace) -> None:
    mixed = [
        spoken(person, at(day), n=0) if False else spoken(person, at(day)) for day in range(5) for person in (BOB, ANN)
    ]

    done = await populace.record(*mixed)

    assert [(each.after.person, each.after.interactions) for each in done.changes] == [(ANN, 5), (BOB, 5)]


async def test_a_client_key_makes_a_retry_harmless(store: Store, populace: Populace) -> None:
    moment = Moment(NOW)
    first = Recording(spoken(ANN, 1), "key", "message")
    again = replace(first, interaction=spoken(ANN, 2))
    other = replace(first, fingerprint="something else")
    one = await store.interactions.record(RecordingBatch(ME, (first, again), moment))
    two = await store.interactions.record(RecordingBatch(ME, (again, other), moment))

    (recorded, repeated), (retried, refused) = one.outcomes, two.outcomes
    assert recorded == Recorded(first.interaction.id, ANN, 1)
    assert repeated == retried == Recorded(first.interaction.id, ANN, 1, repeated=True)
    assert isinstance(refused, IdempotencyKeyReused)
    assert two.changes == ()
    theirs = RecordingBatch(OTHER, (replace(first, interaction=spoken(ANN, 1, OTHER)),), moment)
    assert (await store.interactions.record(theirs)).outcomes == (Recorded(spoken(ANN, 1, OTHER).id, ANN, 1),)


async def test_a_whole_batch_is_all_or_nothing(store: Store, populace: Populace) -> None:
    good, bad = spoken(ANN, 1), spoken(PersonId("p_nobody"), 1)

    refused = await populace.record(good, bad, whole=True)
    part = await populace.record(good, bad)

    assert (refused.outcomes[0], type(refused.outcomes[1]), refused.changes) == (None, UnknownPerson, ())
    assert (part.outcomes[0], type(part.outcomes[1])) == (Recorded(good.id, ANN, 1), UnknownPerson)


async def test_sixty_four_at_once_are_numbered_without_gaps(store: Store, populace: Populace) -> None:
    each_alone = [spoken(ANN, at(day)) for day in range(64)]

    answers = await asyncio.gather(*(populace.record(each) for each in each_alone))

    numbers = [each.sequence for answer in answers for each in answer.outcomes if isinstance(each, Recorded)]
    assert sorted(numbers) == list(range(1, 65))
    assert await signals(store) == count(each_alone)


def parts(history: Sequence[Interaction], size: int) -> list[Sequence[Interaction]]:
    return [history[start : start + size] for start in range(0, len(history), size)]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=5)
@given(st.data())
async def test_p18_any_order_and_repetition_gives_the_counters_of_a_recount(store: Store, data: st.DataObject) -> None:
    await any_order(store, data)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.data())
async def test_p18_in_many_more_histories(tmp_path: Path, data: st.DataObject) -> None:
    store = await SqliteStore.open(str(tmp_path / "chorus.db"))
    await any_order(store, data)
    await store.close()


async def any_order(store: Store, data: st.DataObject) -> None:
    """Two observers record at once with one person, in any order and with repeats: each has its own alone."""
    person = PersonId(f"p_{uuid4().hex}")  # the store is the same for all examples
    populace = Populace(store)
    await populace.meet(person)
    told = {observer: with_person(data.draw(histories), person, observer) for observer in (ME, OTHER)}

    async def arrive(observer: Did) -> None:
        for part in parts(orders[observer], size):
            await populace.record(*part)

    size = data.draw(st.integers(1, 10))
    orders = {
        observer: data.draw(st.permutations([*history, *history[: len(history) // 3]]))
        for observer, history in told.items()
    }
    await asyncio.gather(*map(arrive, told))

    for observer, history in told.items():
        (grounds,) = await store.interactions.grounds(observer, [person])
        ((head, recorded),) = await store.interactions.histories(observer, [person])
        assert grounds.signals == count(history) == count(recorded)
        assert len({each.id for each in recorded}) == len(recorded) == head.sequence == grounds.head.sequence


async def test_counters_survive_being_opened_again(opening: Open) -> None:
    """From what is stored, and what came after it."""
    history = [spoken(ANN, at(day, hour), context=f"{day % 50}") for day in range(100) for hour in (1, 3, 20)]
    opened = await opening()
    await Populace(opened).meet(ANN)
    for part in parts(history, SNAPSHOT_EVERY - 10):
        await Populace(opened).record(*part)
    await opened.close()

    opened = await opening()
    assert await signals(opened) == count(history)
    late = spoken(ANN, 1, context="7")
    await Populace(opened).record(late)
    assert await signals(opened) == count([*history, late])
    await opened.close()


async def test_counters_of_another_process_are_caught_up_with(opening: Open) -> None:
    one, other = await opening(), await opening()
    await Populace(one).meet(ANN)
    stores = [one, other] * 20
    history = [spoken(ANN, at(40 - day), context=f"{day % 9}" if day % 3 else None) for day in range(40)]
    for store, each in zip(stores, history, strict=True):
        await Populace(store).record(each)

    assert await signals(one) == await signals(other) == count(history)
    await one.close()
    await other.close()


async def test_observers_hold_nothing_of_each_other(store: Store, populace: Populace) -> None:
    mine, theirs = spoken(ANN, 1), spoken(ANN, 2, OTHER, id=spoken(ANN, 1).id)
    await populace.record(mine)
    await populace.record(theirs)
    await store.interactions.set_override(OTHER, ANN, Override(1.0, "them", "friends"), act(), Moment(NOW))

    (grounds,) = await store.interactions.grounds(ME, [ANN])
    assert (grounds.signals, grounds.override) == (count([mine]), None)
    assert [each.interaction for each in (await store.interactions.page(ME, ANN, 9, None)).items] == [mine]
    assert [each.interaction for each in (await store.interactions.page(OTHER, ANN, 9, None)).items] == [theirs]
    assert [each.observer for each in (await store.interactions.trusted(ME, 9, None)).items] == [ME]
    assert await store.interactions.interactions(OTHER, BOB, [mine.id]) == (None,)
    assert [each.position for each in await store.interactions.tier_changes(OTHER, 0, 9)] == [1, 2]
    everybody = await store.interactions.histories_of_all_observers(ANN, 9, None)
    assert {each.interaction.observer for each in everybody.items} == {ME, OTHER}
    assert await store.interactions.observers() == tuple(sorted((ME, OTHER)))


async def test_the_history_is_read_in_both_orders_page_by_page(store: Store, populace: Populace) -> None:
    history = [spoken(ANN, at(day % 4), context=str(day)) for day in (3, 1, 0, 2, 5, 7, 6, 4)]
    await populace.record(*history)
    await store.interactions.retract(ME, ANN, history[2].id, act(), Moment(NOW))

    standing = sorted((each for each in history if each is not history[2]), key=lambda each: each.key)
    for newest_first in (False, True):
        pages = await all_pages(
            lambda after, newest=newest_first: store.interactions.page(ME, ANN, 3, after, newest_first=newest)  # type: ignore[misc]
        )
        assert [each.interaction for each in items(pages)] == (standing[::-1] if newest_first else standing)
        assert totals(pages) == {7}
    since = await store.interactions.since(ME, ANN, 2, 3)
    assert [(each.sequence, each.retracted_at) for each in since] == [(3, NOW), (4, None), (5, None)]
    everything = await all_pages(lambda after: store.interactions.histories_of_all_observers(ANN, 3, after))
    assert [each.interaction for each in items(everything)] == history


async def test_a_pardon_weighs_at_once_and_is_audited(store: Store, populace: Populace) -> None:
    bad = violation(at(1), 0.5, person=ANN, observer=ME)
    history = with_person(varied(range(60)), ANN)
    moment = Moment(START + 60 * DAY)
    (before,) = (await populace.record(*history, bad, now=moment.now)).changes

    change = await store.interactions.pardon(ME, ANN, bad.id, act("a mistake", at=moment.now), moment)
    again = await store.interactions.pardon(ME, ANN, bad.id, act(), moment)

    assert before.after.tier is Tier.ACQUAINTANCE
    assert change is not None
    assert change.before == before.after
    assert (change.after.tier, again) == (trust(count(history), moment.now).tier, None)
    assert (await signals(store)).violations[0].pardoned_at == moment.now
    (entry,) = (await store.people.audit(ME, 9, None)).items
    assert (entry.deed, entry.about, entry.reason) == ("pardoned", bad.id, "a mistake")


async def test_a_retracted_event_counts_no_more_and_stays_in_the_audit(store: Store, populace: Populace) -> None:
    history = [interaction(at(1), kind, person=ANN, observer=ME, context="c") for kind in KINDS]
    repeat = interaction(at(2), Kind.NEGATIVE, person=ANN, observer=ME, context="c")
    await populace.record(*history, repeat)

    change = await store.interactions.retract(ME, ANN, history[1].id, act("was not them"), Moment(NOW))

    assert change is not None
    assert change.after.interactions == 3
    assert await signals(store) == count([history[0], history[2], repeat])
    assert await store.interactions.retract(ME, ANN, history[1].id, act(), Moment(NOW)) is None
    (kept,) = await store.interactions.interactions(ME, ANN, [history[1].id])
    assert kept is not None
    assert (kept.interaction, kept.retracted_at) == (history[1], NOW)
    await populace.record(history[1]._replace(at=history[1].at - 5))
    assert await signals(store) == count([history[0], history[2], repeat])


async def test_an_override_and_an_owner_are_projected(store: Store, populace: Populace) -> None:
    await populace.record(spoken(ANN, 1))
    override = Override(0.7, "did:key:me", "met in person", until=NOW + 10)

    set_by_hand = await store.interactions.set_override(ME, ANN, override, act(), Moment(NOW))
    owner = await populace.record(spoken(BOB, 1), owners=["discord:p_bob"])
    (lapsed,) = await store.interactions.refresh(ME, Moment(NOW + 10, frozenset(["discord:p_bob"])))
    lifted = await store.interactions.set_override(ME, ANN, None, act(), Moment(NOW))

    assert (set_by_hand.after.score, set_by_hand.after.valid_until) == (0.7, NOW + 10)
    assert owner.changes[0].after.score == 1.0
    assert (lapsed.after.person, lapsed.after.tier, lapsed.before) == (ANN, Tier.STRANGER, set_by_hand.after)
    assert lifted.after.tier is Tier.STRANGER
    (grounds,) = await store.interactions.grounds(ME, [ANN])
    assert grounds.override is None
    with pytest.raises(UnknownPerson):
        await store.interactions.set_override(ME, PersonId("p_nobody"), override, act(), Moment(NOW))


async def test_the_past_is_counted_as_it_was_known(store: Store, populace: Populace) -> None:
    history = with_person(varied(range(10)), ANN)
    early = spoken(ANN, at(2, 1))
    await populace.record(*history)
    await populace.record(early)
    then = START + 5 * DAY

    known_now = await store.interactions.signals_at(ME, ANN, then)
    known_then = await store.interactions.signals_at(ME, ANN, then, sequence=len(history), profile=Profile.ENE)

    assert known_now == signals_at([*history, early], then)
    assert known_then == signals_at(history, then, Profile.ENE)


async def test_people_are_listed_by_trust_and_filtered_by_tier(store: Store, populace: Populace) -> None:
    persons = [PersonId(f"p_{number}") for number in range(6)]
    await populace.meet(*persons)
    for number, person in enumerate(persons):
        await populace.record(*with_person(varied(range(number * 8 + 1)), person), now=START + 60 * DAY)
    await populace.record(*with_person(varied(range(1)), BOB), now=START + 60 * DAY)

    pages = await all_pages(lambda after: store.interactions.trusted(ME, 2, after))
    strangers = await all_pages(lambda after: store.interactions.trusted(ME, 1, after, tiers=[Tier.STRANGER]))

    found = items(pages)
    assert [(each.score, each.person) for each in found] == sorted(
        ((each.score, each.person) for each in found), key=lambda pair: (-pair[0], pair[1])
    )
    assert ({each.person for each in found}, totals(pages)) == ({*persons, BOB}, {7})
    expected = [each.person for each in found if each.tier is Tier.STRANGER]
    assert ([each.person for each in items(strangers)], totals(strangers)) == (expected, {len(expected)})
    assert 1 < len(expected) < 7


async def test_what_is_no_longer_true_is_due_and_refreshed(store: Store, populace: Populace) -> None:
    history = with_person(varied(range(40)), ANN)
    done = await populace.record(*history, now=START + 40 * DAY)
    due = done.changes[0].after.valid_until
    assert due is not None

    assert await store.interactions.due_of_all_observers(due - 1) == ()
    assert await store.interactions.refresh(ME, Moment(due - 1)) == ()
    assert await store.interactions.due_of_all_observers(due) == (ME,)
    (change,) = await store.interactions.refresh(ME, Moment(due))

    report = trust(count(history), due)
    assert (change.after.score, change.after.tier, change.after.at) == (report.score, report.tier, due)
    assert await store.interactions.refresh(ME, Moment(due)) == ()


async def test_the_log_of_tiers_can_be_followed(store: Store, populace: Populace) -> None:
    for day in range(16):
        daily = with_person(varied(range(day, day + 1)), ANN)
        await populace.record(*daily, now=START + (day + 1) * DAY)

    changes = await store.interactions.tier_changes(ME, 0, 9)

    assert [(each.position, each.before, each.after) for each in changes] == [
        (1, None, Tier.STRANGER),
        (2, Tier.STRANGER, Tier.ACQUAINTANCE),
        (3, Tier.ACQUAINTANCE, Tier.FAMILIAR),
    ]
    assert await store.interactions.tier_changes(ME, 1, 1) == changes[1:2]


async def test_histories_of_several_people_are_read_together(store: Store, populace: Populace) -> None:
    await populace.record(*(spoken(ANN, at(day)) for day in range(5)), spoken(BOB, 1))

    whole = await store.interactions.histories(ME, [BOB, ANN, PersonId("p_nobody")])
    later = await store.interactions.histories(ME, [ANN], after=[3])

    assert [(head.sequence, len(recorded)) for head, recorded in whole] == [(1, 1), (5, 5), (0, 0)]
    assert later[0][1] == whole[1][1][3:]
    assert await store.interactions.heads(ME, [ANN, BOB]) == (whole[1][0], whole[0][0])
