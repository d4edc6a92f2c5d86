"""Runs and sweeps on behalf of agents: processes of their own, few at a time, each result stored as it comes, taken up
after a restart."""

import asyncio
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import orjson
import structlog

from domain.identity import Did
from domain.sandbox.cost import Cost, cost
from domain.sandbox.errors import SweepTooLarge, TooLarge
from domain.sandbox.eventlog.course import check_header
from domain.sandbox.eventlog.header import Fields, Header, encoded
from domain.sandbox.seats.action import fields_of
from domain.sandbox.seats.reading import read_observations
from domain.sandbox.study.plan import Plan
from graphdb.runs import RunKind, RunState, StoredResult, StoredRun
from graphdb.store import Store
from resolvers.errors import TooManyRuns
from server.sandbox.asking import SHIPPED
from server.sandbox.seats import Seats
from subscriptions.bus import Bus

log = structlog.get_logger(__name__)

ROOT = Path(__file__).parents[2]
LONGEST_LINE = 1 << 24
ORPHANED = 10
"""Seconds of processor time that a worker without its server may go on beyond its own."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What runs may take: processes at once, seconds and bytes of each, unfinished ones of one agent."""

    workers: int = 1
    seconds: int = 600
    memory: int = 1_000_000_000
    runs: int = 20


@dataclass(slots=True)
class Runner:
    """Opened with `recover`, closed with `close`; what then still runs is taken up by the next `recover`."""

    store: Store
    bus: Bus
    server: Did
    folder: Path
    clock: Callable[[], int]
    random: Callable[[int], bytes]
    bounds: Bounds = field(default_factory=Bounds)
    shipped: Mapping[str, str] = field(init=False)
    seats: Seats = field(init=False)
    _tasks: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    _places: asyncio.Semaphore = field(init=False)
    _adding: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held from counting an agent's runs to adding one more, so that requests at once do not pass the bound."""

    def __post_init__(self) -> None:
        self.shipped = {path.stem: path.read_text(encoding="utf8") for path in sorted(SHIPPED.glob("*.yaml"))}
        self.seats = Seats(self.bus, self.clock)
        self._places = asyncio.Semaphore(self.bounds.workers)

    async def recover(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for run in await self.store.runs.open_runs(self.server):
            self._begin(run)

    async def close(self) -> None:
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def start(self, owner: Did, header: Header) -> StoredRun:
        """Raises `TooManyRuns`, `TooLarge` for what would not fit into the bounds, or as `check_header`."""
        check_header(header)
        told = cost(header.scenario, logged=True)
        if (problem := self._beyond(told)) is not None:
            raise TooLarge("$", problem)
        if header.seating is not None:
            self._check_wait(told.seconds + header.seating.longest_wait(header.scenario))
        epochs = header.scenario.simulation.n_epochs
        return await self._add(owner, RunKind.RUN, header.line().decode(), epochs)

    async def start_sweep(self, owner: Did, plan: Plan) -> StoredRun:
        """Raises `TooManyRuns`, `SweepTooLarge`, or what its sweep raises."""
        told = await asyncio.to_thread(plan.cost)
        if (problem := self._beyond(told)) is not None:
            raise SweepTooLarge(problem)
        return await self._add(owner, RunKind.SWEEP, plan.line().decode(), plan.size)

    async def cancel(self, run: StoredRun) -> None:
        """Nothing, where it is over already. A run of another server's ends when that one looks."""
        await self._move(run.id, RunState.CANCELLED)
        task = self._tasks.get(run.id)
        if task is not None:
            task.cancel()
            await asyncio.wait({task})

    async def events(self, run: StoredRun, after: int, first: int) -> list[tuple[int, str]]:
        """Whole lines only; the file is read in a thread."""
        return await asyncio.to_thread(_lines, self._log(run.id), after, first)

    async def finished(self, run_id: str) -> None:
        """Waits until nothing of the run is under way here."""
        task = self._tasks.get(run_id)
        if task is not None:
            await asyncio.wait({task})

    def _check_wait(self, seconds: float) -> None:
        """Silent seats never make a run fail."""
        if seconds > self.bounds.seconds:
            problem = f"with silent seats it takes {seconds:,.0f} s, and a run may take {self.bounds.seconds:,} s"
            raise TooLarge("seats", f"{problem}: take fewer steps, or a shorter time-out")

    def _beyond(self, told: Cost) -> str | None:
        """What is wrong with what would not fit into the bounds."""
        if told.memory <= self.bounds.memory and told.seconds <= 20 * self.bounds.seconds:
            return None
        taken = f"about {told.seconds:,.0f} s and {told.memory:,} bytes"
        return f"{taken}; {self.bounds.seconds:,} s and {self.bounds.memory:,} bytes may be taken"

    async def _add(self, owner: Did, kind: RunKind, header: str, results: int) -> StoredRun:
        async with self._adding:
            if await self.store.runs.open_count(owner) >= self.bounds.runs:
                raise TooManyRuns(self.bounds.runs)
            now = self.clock()
            run = StoredRun(self.random(16).hex(), owner, self.server, kind, header, results, now, now)
            await self.store.runs.add(run)
        self._begin(run)
        return run

    def _begin(self, run: StoredRun) -> None:
        task = asyncio.create_task(self._carry_out(run))
        self._tasks[run.id] = task
        task.add_done_callback(lambda done: self._end(run.id, done))

    def _end(self, run_id: str, task: asyncio.Task[None]) -> None:
        """What could not be stored stays open, and is taken up by the next start."""
        self._tasks.pop(run_id, None)
        self.seats.clear(run_id)
        if not task.cancelled() and (problem := task.exception()) is not None:
            log.error("sandbox_run_left_open", run=run_id, exc_info=problem)

    async def _carry_out(self, run: StoredRun) -> None:
        async with self._places:
            if not await self._move(run.id, RunState.RUNNING):
                return
            problem = await self._work(run)
        await self._move(run.id, RunState.COMPLETE if problem is None else RunState.FAILED, problem)

    async def _work(self, run: StoredRun) -> str | None:
        """Why it failed; None where it is complete."""
        process = await self._started(run)
        try:
            async with asyncio.timeout(self.bounds.seconds):
                problem = await self._follow(run, process)
                code = await process.wait()
        except TimeoutError:
            return f"The {run.kind} took longer than {self.bounds.seconds} s"
        finally:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
        if code:
            log.warning("sandbox_run_failed", run=run.id, code=code, problem=problem)
        return problem or f"The worker ended with {code}, perhaps for want of memory" if code else None

    async def _started(self, run: StoredRun) -> Process:
        command = [sys.executable, "-m", *self._worker(run)]
        # Processor time ends only those that nobody is left to end.
        limits = (str(self.bounds.memory), str(self.bounds.seconds + ORPHANED))
        # One thread: workers are bounded in number, and several arenas would count as memory.
        env = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2"}
        process = await asyncio.create_subprocess_exec(
            *command, *limits, cwd=ROOT, env=env, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, limit=LONGEST_LINE
        )
        assert process.stdin is not None
        process.stdin.write(run.header.encode())
        return process

    def _worker(self, run: StoredRun) -> tuple[str, str]:
        """A run goes on from its log, a sweep from its results."""
        if run.kind is RunKind.SWEEP:
            return "server.sandbox.sweep_worker", str(run.settled)
        return "server.sandbox.worker", str(self._log(run.id).resolve())

    async def _follow(self, run: StoredRun, process: Process) -> str | None:
        """Stores every result and asks seats; gives the problem that the worker told, if it did."""
        problem = None
        assert process.stdout is not None
        async for line in process.stdout:
            told = orjson.loads(line)
            if "problem" in told:
                problem = str(told["problem"])
                continue
            if "seats" in told:
                await self._ask(run.id, process, told)
                continue
            results = [
                StoredResult(number, orjson.dumps(each).decode())
                for number, each in enumerate(told["results"], told["first"])
            ]
            if await self.store.runs.settle(run.id, results, self.clock()):
                self.bus.wake()
        return problem

    async def _ask(self, run_id: str, process: Process, told: Fields) -> None:
        said = await self.seats.play(run_id, read_observations(told["seats"]), told["seconds"])
        assert process.stdin is not None
        process.stdin.write(encoded({agent: fields_of(action) for agent, action in said.items()}))
        # A worker that died meanwhile is noticed where its output ends.
        with suppress(ConnectionError):
            await process.stdin.drain()

    async def _move(self, run_id: str, state: RunState, problem: str | None = None) -> bool:
        moved = await self.store.runs.move(run_id, state, self.clock(), problem)
        self.bus.wake()
        return moved

    def _log(self, run_id: str) -> Path:
        return self.folder / f"{run_id}.jsonl"


def _lines(path: Path, after: int, first: int) -> list[tuple[int, str]]:
    if not path.exists():
        return []
    with path.open("rb") as file:
        whole = (line for line in file if line.endswith(b"\n"))
        return [(number, line.decode()) for number, line in islice(enumerate(whole, 1), after, after + first)]
