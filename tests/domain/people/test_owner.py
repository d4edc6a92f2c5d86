"""Who is an owner is configuration, by identities, and agents are met by their DID."""

import pytest

from domain.errors import DomainError
from domain.people.interaction import PersonId
from domain.people.owner import owners
from domain.people.person import Person, PersonRegistered, PlatformIdentity, parse_platform_id
from domain.people.registry import Act, register_agent
from tests.domain.agents import agent

BOT, OTHER, DAD = (agent(each).did for each in (1, 2, 3))


def person(*accounts: str, dids: tuple[str, ...] = ()) -> Person:
    identities = tuple(PlatformIdentity(parse_platform_id(each), "x", None, 0, 0) for each in accounts)
    return Person(PersonId("p_1"), "x", ("x",), 0, 0, identities, dids)  # type: ignore[arg-type]  # plain texts


def test_an_owner_is_one_under_any_identity_and_for_that_observer_alone() -> None:
    found = owners({BOT: ("discord:dad", DAD), "*": ("irc:root",)})

    assert found.owns(BOT, person("telegram:1", "discord:dad"))
    assert found.owns(BOT, person(dids=(DAD,)))
    assert not found.owns(OTHER, person("discord:dad"))
    assert found.owns(OTHER, person("irc:root"))
    assert not found.owns(BOT, person("discord:dad2"))
    assert found.owns_anybody(person("discord:dad"))
    assert not found.owns_anybody(person("irc:1"))
    assert found.of(BOT) == {"discord:dad", DAD, "irc:root"}


@pytest.mark.parametrize("given", [{"me": ()}, {"*": ("discord",)}, {"*": ("did:key:x",)}, {"*": ("",)}])
def test_what_names_nobody_is_refused(given: dict[str, tuple[str, ...]]) -> None:
    with pytest.raises(DomainError):
        owners(given)


def test_an_agent_is_registered_under_its_did_alone() -> None:
    (event,) = register_agent(DAD, PersonId("p_9"), Act(DAD, 5))

    assert isinstance(event, PersonRegistered)
    assert (event.record.display_name, event.record.dids, event.record.identities) == (DAD, (DAD,), ())
    assert (event.record.created_at, event.record.owner) == (5, False)
