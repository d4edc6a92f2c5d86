"""Interactions of one history out of the columns they are kept in, all at once.

Histories are long, and a column is looked at as a whole in a fraction of the time that its values take one by one.
"""

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import repeat
from typing import Any

from domain.identity import Did
from domain.people.interaction import ID_CHARACTERS, LATEST, By, Interaction, Kind, PersonId, doers

Column = Sequence[Any]  # Any: a database's own types

KINDS = {each.value: each for each in Kind}
DOERS = {each.value: each for each in By}
"""Looked up, as calling an enumeration takes several times as long."""

_ACTS = frozenset((kind.value, by.value) for kind in Kind for by in doers(kind))
_PLAIN = bytes(range(ord("!"), ord("~") + 1))
_UNCHECKED = partial(tuple.__new__, Interaction)


def ordinary(observer: Did, person: PersonId, columns: Sequence[Column]) -> Iterator[Interaction] | None:
    """The interactions of these columns, from `id` to `sentiment`, without observer and person.

    None where one of them has something rare or wrong: then each has to be looked at by itself.
    """
    ids, kinds, by, *others = columns
    try:
        if not _are_words((observer, person)) or not _are_ordinary(ids, kinds, by, *others):
            return None
    except TypeError:  # of a text that is none
        return None
    parties = repeat(observer), repeat(person)
    return map(_UNCHECKED, zip(ids, *parties, map(KINDS.get, kinds), map(DOERS.get, by), *others, strict=False))


def _are_ordinary(
    ids: Column,
    kinds: Column,
    by: Column,
    times: Column,
    contexts: Column,
    sources: Column,
    weights: Column,
    *rare: Column,
) -> bool:
    return (
        _are_words(ids)
        and _ACTS.issuperset(zip(kinds, by, strict=True))
        and set(map(type, times)) == {int}
        and 0 <= min(times) <= max(times) <= LATEST
        and _are_words([each for each in contexts if each])
        and set(map(type, weights)) == {float}
        and weights.count(1) == len(weights)
        and all(column.count(None) == len(column) for column in (sources, *rare))
    )


def _are_words(texts: Sequence[str]) -> bool:
    """Whether they are plain words, as nearly all are: nothing can be wrong with these."""
    together = "".join(texts)
    if not together.isascii() or together.encode().translate(None, _PLAIN):
        return False
    return not texts or 0 < min(map(len, texts)) <= max(map(len, texts)) <= ID_CHARACTERS
