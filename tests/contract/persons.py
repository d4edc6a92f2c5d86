"""People for tests of what refers to them."""

from domain.people import registry
from domain.people.interaction import PersonId
from domain.people.person import PlatformId
from domain.people.registry import Act, Sighting
from graphdb.people import Encounter, PersonCommit
from graphdb.store import Store

ACT = Act("did:key:somebody", 2_000, "because")


async def register(store: Store, *persons: PersonId) -> None:
    """Everybody has an account that is called like their id."""
    for person in persons:
        await store.people.meet(Encounter(Sighting(PlatformId("test", person), person, 1_000), person))


async def merge(store: Store, *, kept: PersonId, absorbed: PersonId) -> None:
    one, other = await store.people.persons([kept, absorbed])
    assert one is not None
    assert other is not None
    expected = ((kept, one.version), (absorbed, other.version))
    await store.people.commit(PersonCommit(registry.merge(one.person, other.person, ACT), expected))
