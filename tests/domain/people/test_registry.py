"""Who a person is: met, seen again, renamed, linked, split and merged (E6, E12, E13, E23; P20)."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import DomainError
from domain.people.errors import (
    AlreadyMerged,
    IdentityTaken,
    InvalidPlatformIdentity,
    LastIdentity,
    NameReserved,
    OwnerProtected,
    SamePerson,
    UnknownIdentity,
)
from domain.people.interaction import Kind, PersonId
from domain.people.person import (
    ALIASES,
    NameAlike,
    NameRefused,
    Person,
    PersonEvent,
    PlatformId,
    evolve,
    parse_platform_id,
    replay,
)
from domain.people.registry import (
    Act,
    Sighting,
    kept_by_split,
    link_did,
    link_identity,
    merge,
    register,
    rename,
    see,
    unlink_did,
    unlink_identity,
)
from tests.domain.agents import agent
from tests.domain.people.histories import interaction, violation

ANN, BEN, OWNER = PersonId("p_ann"), PersonId("p_ben"), PersonId("p_owner")
ACT = Act(agent(1).did, 1_000, "they told me")


def sighting(name: str = "Ann", at: int = 0, platform: str = "discord:1", username: str | None = None) -> Sighting:
    return Sighting(parse_platform_id(platform), name, at, username)


def person(id: PersonId = ANN, platform: str = "discord:1", **options: Any) -> Person:
    return replay(register(sighting(str(id).removeprefix("p_").title(), platform=platform), id, **options))


def after(record: Person, events: tuple[PersonEvent, ...]) -> Person:
    for event in events:
        if event.person == record.id:
            record = evolve(record, event)
    return record


def accounts(record: Person) -> list[str]:
    return [str(each.id) for each in record.identities]


@pytest.mark.parametrize(
    "text",
    ["", ":", "discord", "discord:", ":1", "Discord:1", "dis cord:1", "discord:1 2", "discord:a\u0000", "d:\u202e1",
     "x" * 33 + ":1", "discord:" + "1" * 201, "_:1", "ｄ:1", "discord:1\n"],
    ids=ascii,
)  # fmt: skip
def test_an_unsound_platform_id_is_refused(text: str) -> None:
    with pytest.raises(InvalidPlatformIdentity):
        parse_platform_id(text)


@pytest.mark.parametrize(
    "text", ["discord:987654321", "matrix:@ann:example.org", "e-mail:ann@example.org", "irc_2:Änn"]
)
def test_a_platform_id_reads_as_it_was_written(text: str) -> None:
    assert str(parse_platform_id(text)) == text


def test_a_stranger_is_shown_as_the_platform_shows_them() -> None:
    ann = replay(register(sighting("  Ann  Lee ", at=5, username="annlee"), ANN))

    assert (ann.display_name, ann.aliases, ann.created_at, ann.owner) == ("Ann Lee", ("Ann Lee",), 5, False)
    assert ann.identities[0].username == "annlee"


def test_a_new_name_becomes_an_alias_and_never_the_display_name() -> None:
    ann = after(person(), see(person(), sighting("Annie", at=9, username="annie")))

    assert (ann.display_name, ann.aliases) == ("Ann", ("Ann", "Annie"))
    assert (ann.identities[0].display_name, ann.identities[0].username, ann.identities[0].last_seen) == (
        "Annie",
        "annie",
        9,
    )


def test_a_late_sighting_adds_its_name_and_turns_nothing_back() -> None:
    newer = after(person(), see(person(), sighting("Annie", at=9)))

    late = after(newer, see(newer, sighting("Anne", at=4)))

    assert late.identities[0].display_name == "Annie"
    assert late.identities[0].last_seen == 9
    assert "Anne" in late.aliases


def test_aliases_are_bounded_and_keep_the_display_name() -> None:
    ann = person()
    for number in range(ALIASES * 2):
        ann = after(ann, see(ann, sighting(f"Ann {number} of many", at=number)))

    assert len(ann.aliases) == ALIASES
    assert ann.aliases[0] == "Ann"


@pytest.mark.parametrize("name", ["Dad", "DАD", "d a d", "Ｄａｄ"])
def test_p20_an_imitated_name_is_neither_kept_nor_shown(name: str) -> None:
    met = register(sighting(name, platform="discord:2"), BEN, reserved=["Dad"])
    ben, known = replay(met), person(BEN)

    renamed = after(known, see(known, sighting(name, at=3), reserved=["Dad"]))

    assert (ben.display_name, ben.aliases, ben.identities[0].display_name) == ("discord:2", ("discord:2",), "discord:2")
    assert [type(each) for each in met[1:]] == [NameRefused]
    assert not ben.is_called("Dad")
    assert (renamed.aliases, renamed.identities[0].display_name) == (("Ben",), "Ben")
    with pytest.raises(NameReserved):
        rename(known, name, ACT, reserved=["Dad"])


def test_p20_an_imitated_user_name_is_neither_kept_nor_shown() -> None:
    shown = replace(sighting("Ben", platform="discord:2"), username="D\u0430d")
    ben = replay(register(shown, BEN, reserved=["Dad"]))

    linked = after(ben, link_identity(ben, replace(shown, platform_id=PlatformId("irc", "2")), ACT, reserved=["Dad"]))
    seen = after(ben, see(replay(register(replace(shown, username="ben2"), BEN)), shown, reserved=["Dad"]))

    assert ben.identities[0].username is None
    assert [each.username for each in linked.identities] == [None, None]
    assert seen.identities[0].username == "ben2"
    assert replay(register(shown, BEN, owner=True, reserved=["Dad"])).identities[0].username == "D\u0430d"


def test_a_name_that_others_have_is_kept_and_told() -> None:
    events = register(sighting("Аnn", platform="discord:2"), BEN, alike=[ANN])

    assert replay(events).display_name == "Аnn"
    assert [each.others for each in events if isinstance(each, NameAlike)] == [(ANN,)]


def test_an_owner_may_carry_the_reserved_name_on_every_account() -> None:
    owner = replay(register(sighting("Dad"), OWNER, owner=True, reserved=["Dad"]))

    linked = after(
        owner, link_identity(owner, sighting("Dad", platform="telegram:7"), Act("server", 1), reserved=["Dad"])
    )

    assert accounts(linked) == ["discord:1", "telegram:7"]
    assert linked.owner


def test_linking_is_repeatable_and_takes_nobody_elses_account() -> None:
    ann, account = person(), sighting(platform="telegram:7")
    linked = after(ann, link_identity(ann, account, ACT))

    assert accounts(linked) == ["discord:1", "telegram:7"]
    assert link_identity(linked, account, ACT, holder=ANN) == ()
    with pytest.raises(IdentityTaken):
        link_identity(ann, account, ACT, holder=BEN)


def test_a_did_is_linked_and_unlinked() -> None:
    ann, did = person(), agent(4).did
    linked = after(ann, link_did(ann, did, ACT))

    assert linked.dids == (did,)
    assert after(linked, unlink_did(linked, did, ACT)).dids == ()
    assert link_did(linked, did, ACT, holder=ANN) == ()
    with pytest.raises(IdentityTaken):
        link_did(ann, did, ACT, holder=BEN)
    with pytest.raises(UnknownIdentity):
        unlink_did(ann, did, ACT)


def test_an_unlinked_account_becomes_a_person_of_its_own_who_keeps_what_was_bad() -> None:
    ann = after(person(), link_identity(person(), sighting("Annie", platform="telegram:7"), ACT))
    history = [
        interaction(0),
        violation(1, 0.5),
        interaction(2, Kind.NEGATIVE),
        interaction(3, Kind.RESTRICTED_TOOL_ATTEMPT),
    ]

    unlinked, registered = unlink_identity(ann, PlatformId("telegram", "7"), ACT, split=BEN)

    assert accounts(evolve(ann, unlinked)) == ["discord:1"]
    split = replay([registered])
    assert (accounts(split), split.split_from, split.display_name) == (["telegram:7"], ANN, "Annie")
    assert [(each.kind, each.person) for each in kept_by_split(history, BEN)] == [
        (each.kind, BEN) for each in history[1:]
    ]


def test_the_last_identity_stays() -> None:
    with pytest.raises(LastIdentity):
        unlink_identity(person(), PlatformId("discord", "1"), ACT, split=BEN)
    with pytest.raises(UnknownIdentity):
        unlink_identity(person(), PlatformId("discord", "9"), ACT, split=BEN)


def test_a_merge_joins_everything_and_the_absorbed_record_says_where_it_went() -> None:
    ann, ben = person(), person(BEN, "telegram:7")

    events = merge(ann, ben, ACT)
    kept, absorbed = evolve(ann, events[0]), evolve(ben, events[0])

    assert (kept.display_name, kept.aliases, accounts(kept)) == ("Ann", ("Ann", "Ben"), ["discord:1", "telegram:7"])
    assert (absorbed.merged_into, absorbed.identities) == (ANN, ())
    assert (events[0].actor, events[0].at, events[0].reason) == (ACT.actor, 1_000, "they told me")
    with pytest.raises(AlreadyMerged):
        merge(kept, absorbed, ACT)
    with pytest.raises(SamePerson):
        merge(ann, ann, ACT)


def test_nobody_becomes_an_owner_by_being_linked_to_one() -> None:
    owner, ben, did = person(OWNER, owner=True), person(BEN, "telegram:7"), agent(7).did
    owner = after(owner, link_did(owner, did, Act("server", 0)))

    attempts: tuple[Callable[[Act], object], ...] = (
        lambda act: merge(owner, ben, act),
        lambda act: merge(ben, owner, act),
        lambda act: link_identity(owner, sighting(platform="irc:1"), act),
        lambda act: link_did(owner, agent(8).did, act),
        lambda act: unlink_did(owner, did, act),
    )

    for attempt in attempts:
        with pytest.raises(OwnerProtected):
            attempt(Act(agent(6).did, 1))
        assert attempt(Act(did, 1))


def test_e13_an_owner_is_one_under_every_account_even_after_a_merge() -> None:
    owner, ben = person(OWNER, owner=True), person(BEN, "telegram:7")

    kept = evolve(ben, merge(ben, owner, Act("server", 0))[0])

    assert kept.owner


moves = st.lists(st.tuples(st.sampled_from(["see", "link", "did", "rename", "unlink"]), st.integers(0, 4)), max_size=20)


@given(moves)
def test_the_record_is_the_replay_of_its_events(steps: list[tuple[str, int]]) -> None:
    events = register(sighting(), ANN)
    ann = replay(events)
    for step, number in steps:
        try:
            more = _move(ann, step, number)
        except DomainError:
            continue
        events += tuple(each for each in more if each.person == ANN)
        ann = after(ann, more)

    assert replay(events) == ann
    assert ann.identities or ann.dids
    assert all(each.actor for each in events)


def _move(ann: Person, step: str, number: int) -> tuple[PersonEvent, ...]:
    account = sighting(f"Name {number}", at=number, platform=f"discord:{number}")
    match step:
        case "see":
            return see(ann, account)
        case "link":
            return link_identity(ann, account, ACT)
        case "did":
            return link_did(ann, agent(number).did, ACT)
        case "rename":
            return rename(ann, f"Other {number}", ACT)
    return unlink_identity(ann, account.platform_id, ACT, split=BEN)
