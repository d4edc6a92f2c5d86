"""The state of a run as bytes and back: every array and number of it, no generator.

Source: the streams are counter-based, so a state and the number of epochs are all that a run needs to go on.
"""

import io
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any
from zipfile import BadZipFile

import numpy as np


def snapshot(state: object) -> bytes:
    """Of a dataclass of arrays, numbers and further such dataclasses."""
    kept = {name: getattr(owner, name.rpartition(".")[2]) for name, owner in _parts(state, "")}
    sink = io.BytesIO()
    np.savez(sink, allow_pickle=False, **kept)
    return sink.getvalue()


def restored(state: object, saved: bytes) -> None:
    """Puts the snapshot into a state of the same shape; raises `ValueError` for another one."""
    try:
        with np.load(io.BytesIO(saved), allow_pickle=False) as arrays:
            found = {name: arrays[name] for name in arrays.files}
    except (BadZipFile, OSError, EOFError) as exc:
        raise ValueError("not a snapshot") from exc
    parts = list(_parts(state, ""))
    if {name for name, _ in parts} != set(found):
        raise ValueError("the snapshot of another state")
    for name, owner in parts:
        _put(owner, name.rpartition(".")[2], found[name])


def _put(owner: object, name: str, value: np.ndarray[Any, Any]) -> None:  # Any: of any shape and type
    here = getattr(owner, name)
    if np.shape(here) != value.shape or np.asarray(here).dtype != value.dtype:
        raise ValueError(f"the snapshot of another {name}")
    if isinstance(here, np.ndarray):
        here[...] = value
    else:
        setattr(owner, name, type(here)(value.item()))


def _parts(state: object, prefix: str) -> Iterator[tuple[str, object]]:
    """(dotted name, owner) of every array and number."""
    for field in fields(state):  # type: ignore[arg-type]  # a dataclass
        value = getattr(state, field.name)
        if is_dataclass(value):
            yield from _parts(value, f"{prefix}{field.name}.")
        elif isinstance(value, np.ndarray | int | float):
            yield f"{prefix}{field.name}", state
        else:
            raise TypeError(f"{prefix}{field.name} is a {type(value).__name__}: a snapshot cannot hold it")
