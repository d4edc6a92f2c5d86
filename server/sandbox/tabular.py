"""Rows into CSV, or into Parquet where pyarrow is installed."""

import csv
import importlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

from domain.sandbox.errors import SandboxError

Value = str | float | bool | None
Row = dict[str, Value]
GROUP = 50_000
"""Rows that are held in memory at once."""


class NoParquet(SandboxError):
    code = "PARQUET_MISSING"

    def __init__(self) -> None:
        super().__init__("Parquet needs pyarrow: pip install 'chorus-graphql[parquet]', or write a .csv file")


def write_rows(path: Path, columns: Sequence[str], rows: Iterable[Row]) -> int:
    """By the file's name: .parquet, or CSV. Gives how many rows there were; the file appears when it is whole."""
    partial = path.with_name(path.name + ".part")
    write = _parquet if path.suffix == ".parquet" else _csv
    count = 0
    with write(partial, columns) as put:
        walk = iter(rows)
        while group := list(islice(walk, GROUP)):
            put(group)
            count += len(group)
    partial.replace(path)
    return count


@contextmanager
def _csv(path: Path, columns: Sequence[str]) -> Iterator[Any]:  # Any: what takes a group of rows
    with path.open("w", encoding="utf8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        yield lambda group: writer.writerows([shown(row.get(name)) for name in columns] for row in group)


def shown(value: Value) -> str:
    """Nothing for None, true and false, numbers so that they read back to the bit."""
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


@contextmanager
def _parquet(path: Path, columns: Sequence[str]) -> Iterator[Any]:  # Any: as above
    try:
        arrow, parquet = importlib.import_module("pyarrow"), importlib.import_module("pyarrow.parquet")
    except ImportError as exc:
        raise NoParquet from exc
    writer: Any = None  # Any: pyarrow has no types

    def put(group: list[Row]) -> None:
        nonlocal writer
        table = arrow.table({name: [row.get(name) for row in group] for name in columns})
        if writer is None:
            writer = parquet.ParquetWriter(path, table.schema)
        writer.write_table(table.cast(writer.schema))

    yield put
    if writer is None:
        parquet.write_table(arrow.table({name: arrow.nulls(0) for name in columns}), path)
    else:
        writer.close()
