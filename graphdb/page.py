"""Slices of lists."""

from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """A slice of a list in its order: `cursors[i]` names the place of `items[i]`; `total` counts the whole list."""

    items: tuple[T, ...]
    cursors: tuple[str, ...]
    total: int
    more: bool
