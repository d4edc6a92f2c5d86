"""Whom somebody means by a name: people speak of names, and names are not unique."""

from domain.people.errors import UnknownPerson
from domain.people.names import confusable
from resolvers.context import Context
from resolvers.errors import InvalidArgument
from resolvers.paging import encode
from resolvers.people.errors import AmbiguousName
from resolvers.people.known import Known, by_did, by_platform_id, known, observer_of
from resolvers.people.listing import people

MOST_ALIKE = 20
"""How many people are looked at together, and named where a name can mean any of them."""

LOOKS = 50
"""How often the next ones are looked at: names can begin like very many others."""


def is_identity(who: str) -> bool:
    """Whether it can only be a DID or an account: those mean somebody whom nobody has met, too."""
    return ":" in who and not who.startswith("p_")


async def named(context: Context, operation: str, who: str) -> Known:
    """By id (`p_…`), DID, account (`channel:sender`) or name. Raises `UnknownPerson` or `AmbiguousName`."""
    observer_of(context, operation)
    who = who.strip()
    if not who:
        raise InvalidArgument("name", "a name, a person's id, an account or a DID", who)
    if who.startswith("p_"):
        return await known(context, operation, who)
    if who.startswith("did:"):
        found = await by_did(context, who)
    elif ":" in who:
        found = await by_platform_id(context, who)
    else:
        found = await _by_name(context, who)
    if found is None:
        raise UnknownPerson(who)
    observer_of(context, operation, found.person.id)
    return found


async def _by_name(context: Context, name: str) -> Known | None:
    alike: list[Known] = []
    whole: list[Known] = []
    after: str | None = None
    for _ in range(LOOKS):
        page = await people(context, MOST_ALIKE, after, None, name)
        alike += page.items
        whole += [each for each in page.items if _called(each, name)]
        if len(whole) > 1 or not page.more:
            break
        after = encode(page.cursors[-1])
    if len(whole) > 1 or page.more:
        raise AmbiguousName(name, [each.person.id for each in (whole or alike)[:MOST_ALIKE]])
    return whole[0] if whole else None


def _called(found: Known, name: str) -> bool:
    """The search finds beginnings of names; a name means those who are called so."""
    return any(confusable(each, name) for each in (found.person.display_name, *found.person.aliases))
