"""Python values as bytes for a process of our own: pickles, in which dataclasses are known by their fields.

Of a frozen dataclass with slots pickle asks the state in Python and sets it field by field, ten times as slow.
"""

import pickle
from collections.abc import Callable, Mapping
from dataclasses import fields
from io import BytesIO
from operator import attrgetter
from typing import Any

Reducer = Callable[[Any], tuple[Any, ...]]
"""As `__reduce__`: what makes the value again, and from what."""


class Packing:
    """Packs values of these dataclasses, each of more than one field, and of whatever else can be pickled."""

    def __init__(self, *kinds: type) -> None:
        self._reducers: Mapping[type, Reducer] = {kind: _reducer(kind) for kind in kinds}

    def pack(self, value: object) -> bytes:
        packed = BytesIO()
        pickler = pickle.Pickler(packed, pickle.HIGHEST_PROTOCOL)
        pickler.dispatch_table = self._reducers
        pickler.dump(value)
        return packed.getvalue()

    def unpack(self, packed: bytes) -> Any:  # Any: whatever was packed
        """Only of what a process of our own has packed: others could run what they like."""
        return pickle.loads(packed)  # noqa: S301 -- see above


def _reducer(kind: type) -> Reducer:
    names = tuple(each.name for each in fields(kind))
    values = attrgetter(*names)
    return lambda value: (kind, values(value))
