"""A sweep on the processes of this machine, or on a Dask cluster; every result is kept as soon as it is there."""

import importlib
import os
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing
from multiprocessing import get_context
from pathlib import Path
from typing import IO, Any

import orjson

from domain.sandbox.errors import DamagedLog, SandboxError
from domain.sandbox.study.design import InvalidSweep, Sweep, Unit
from domain.sandbox.study.work import Row
from server.sandbox import engines

Work = Callable[[Unit], list[Row]]
Found = Generator[list[Row], None, None]
Map = Callable[[Iterable[Unit]], Found]
"""Runs units somewhere and gives the rows of each once, in any order."""
MOST_DEATHS = 3
"""After how many dead workers in a row, without a result between them, a sweep gives up."""


class WorkersDied(SandboxError):
    code = "WORKERS_DIED"

    def __init__(self) -> None:
        super().__init__(f"{MOST_DEATHS} workers died one after the other, perhaps for want of memory")


class NoDask(SandboxError):
    code = "DASK_MISSING"

    def __init__(self) -> None:
        super().__init__("A cluster needs Dask: pip install 'chorus-graphql[dask]'")


def run_sweep(sweep: Sweep, kept: Path, run: Map, progress: Callable[[int], None]) -> list[Row]:
    """All rows by condition and seed. What `kept` already has is not run again; what comes is added to it at once."""
    rows = {(int(row["condition"] or 0), int(row["seed"] or 0)): row for row in read_rows(kept, sweep)}
    progress(len(rows))
    left = sweep.units(frozenset(rows))
    with _opened(kept, sweep, list(rows.values())) as file, closing(run(left)) as found:
        for batch in found:
            for row in batch:
                rows[int(row["condition"] or 0), int(row["seed"] or 0)] = row
            file.write(b"".join(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE) for row in batch))
            file.flush()
            progress(len(rows))
    return [rows[place] for place in sorted(rows)]


def read_rows(kept: Path, sweep: Sweep) -> list[Row]:
    """Of an earlier part of the same sweep; a last line that was cut off is not counted. Raises `InvalidSweep`."""
    lines = kept.read_bytes().splitlines(keepends=True) if kept.exists() else []
    whole = [line for line in lines if line.endswith(b"\n")]
    if not whole:
        return []
    try:
        first, *rows = map(orjson.loads, whole)
    except orjson.JSONDecodeError as exc:
        raise DamagedLog(1, f"{kept} is not of a sweep") from exc
    if not isinstance(first, dict) or first.get("sweep") != sweep.sweep_id:
        raise InvalidSweep(f"{kept} holds another sweep; remove it, or give another file")
    return rows


def _opened(kept: Path, sweep: Sweep, rows: list[Row]) -> IO[bytes]:
    """Written anew with what is whole, so that no line follows one that was cut off."""
    partial = kept.with_name(kept.name + ".new")
    lines = [{"sweep": sweep.sweep_id}, *rows]
    partial.write_bytes(b"".join(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE) for line in lines))
    os.replace(partial, kept)
    return kept.open("ab")


def on_processes(workers: int, work: Work = engines.work) -> Map:
    """A bounded number of processes; the units of a worker that dies are run again."""

    def run(units: Iterable[Unit]) -> Found:
        waiting, deaths = dict.fromkeys(units), 0
        while waiting:
            try:
                for unit, rows in _pooled(list(waiting), workers, work):
                    del waiting[unit]
                    deaths = 0
                    yield rows
            except BrokenProcessPool as exc:
                deaths += 1
                if deaths == MOST_DEATHS:
                    raise WorkersDied from exc

    return run


def _pooled(units: list[Unit], workers: int, work: Work) -> Iterator[tuple[Unit, list[Row]]]:
    left, running = iter(units), dict[Future[list[Row]], Unit]()
    pool = ProcessPoolExecutor(workers, mp_context=get_context("spawn"))
    try:
        while True:
            while len(running) < 2 * workers and (unit := next(left, None)) is not None:
                running[pool.submit(work, unit)] = unit
            if not running:
                return
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                yield running.pop(future), future.result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def on_dask(address: str) -> Map:
    """The workers of a Dask cluster, which need Chorus on their path. A worker's death costs its units' time only."""
    try:
        distributed: Any = importlib.import_module("distributed")  # Any: it has no types
    except ImportError as exc:
        raise NoDask from exc

    def run(units: Iterable[Unit]) -> Found:
        with distributed.Client(address, set_as_default=False) as client:
            futures = [client.submit(engines.work, unit) for unit in units]
            for future in distributed.as_completed(futures, loop=client.loop):
                yield future.result()
                future.release()

    return run
