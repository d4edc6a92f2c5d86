"""The Social DNA engine: Prolog programs judged in a sealed, metered WebAssembly instance, a fresh one every time.

An evaluation has no file, network, process, clock or randomness. Only true is true: an error, a limit and an interrupt
are undecided, and a program cannot catch a limit, because limits end the instance from outside of Prolog.
"""

import hashlib
import os
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import wasmtime

from domain.organisms.dna import DnaVerdict, Evaluation, Shared
from graphdb.threads import Threads
from server.dna import module
from server.dna.errors import DnaMissingRegistration, DnaSyntaxError, EngineBusy, EngineClosed
from server.dna.evaluation import verdict_of
from server.dna.machine import Clock, Factory, Instance, Limits, Stopped
from server.dna.recent import Recent
from server.dna.snapshot import Snapshot
from server.dna.terms import FACTS, RULES, Atom, Fact, Value, clauses, digest, goal, layers, term
from server.dna.toolbox import Toolbox

PROGRAM_BYTES = 64 << 10
FACTS_BYTES = 16 << 20
REPLY_BYTES = 8 << 10  # of one evaluation: a verdict, or a message of at most 400 characters
SEEN = 4096  # combinations of program and facts that are remembered as having been evaluated
HANDLE_DIGITS = 1000
COMPILING = Limits(fuel=5_000_000_000, memory=256 << 20, wall_seconds=30)
LOADING = Limits(fuel=400_000_000_000, memory=1 << 30, wall_seconds=60)
"""Compiling and loading have limits of their own, so that the snapshot does not depend on those of an evaluation."""

DEFAULT_LIMITS = Limits()
T = TypeVar("T")
NICE = 5
TEXTS_BYTES = 32 << 20
"""Of clauses of facts that many evaluations share."""
Loaded = tuple[str, str]
"""A program's hash, and that of the facts loaded so far."""


class Engine:
    """Opened once per process, closed by `with` or `close()`. Safe to use from several threads.

    `cache` is the folder for native code (default: the user's cache folder), `workers` the threads of the asynchronous
    doors, `waiting` how many evaluations may wait for one, `remembered` the bytes of snapshots that are kept.
    """

    def __init__(
        self, *, cache: Path | None = None, workers: int = 2, waiting: int = 256, remembered: int = 256 << 20
    ) -> None:
        layout = module.read_layout(module.RUNTIME)
        engine = module.configured()
        native = module.load(engine, module.RUNTIME, layout, cache or module.default_cache())
        self.hash = layout.sha256
        self.tools = Toolbox(self, LOADING)
        self._clock = Clock(engine)
        self._factory = Factory(engine, wasmtime.Linker(engine).instantiate_pre(native), layout, self._clock)
        self._programs: Recent[str, Program] = Recent(remembered // 2)
        self._facts: Recent[Loaded, Snapshot] = Recent(remembered // 2)
        self._seen: Recent[Loaded, bool] = Recent(SEEN)
        self._texts: Recent[tuple[str, str, frozenset[str]], tuple[str, ...]] = Recent(TEXTS_BYTES)
        self._pool = Threads(workers, "dna", step_back)
        self._places = workers + waiting
        self._waiting = waiting
        self._closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Drop what waits, wait for what runs (it has its limits), and let go of all memory."""
        self._closed = True
        self._pool.close(drop=True)
        self._clock.close()
        self._programs.clear()
        self._facts.clear()
        self._texts.clear()

    def compile(self, program: str) -> "Program":
        """Compile a program, or return it as compiled before.

        Raises DnaSyntaxError for more than 64 KB, for text that is not Prolog, for directives other than declarations,
        and for clauses that define a fact of the server or a control construct.
        """
        data = _encoded(program)
        dna_hash = digest(program)
        known = self._programs.get(dna_hash)
        if known is not None:
            return known
        with self.start(COMPILING) as instance:
            try:
                reply = instance.call("load_program", data)
            except Stopped as stopped:
                raise DnaSyntaxError([f"the program cannot be compiled: {stopped}"]) from stopped
            if reply["problems"]:
                raise DnaSyntaxError(reply["problems"])
            snapshot = instance.snapshot()
        compiled = Program(self, program, dna_hash, reply, snapshot)
        self._programs.put(dna_hash, compiled, compiled.snapshot.stored)
        return compiled

    async def compiled(self, program: str) -> "Program":
        """Compile a program off the event loop. Raises DnaSyntaxError and EngineBusy."""
        return await self.soon(partial(self.compile, program))

    async def evaluate(
        self,
        program: "Program",
        predicate: str,
        subject: str,
        facts: Iterable[Fact] = (),
        limits: Limits = DEFAULT_LIMITS,
        shared: Shared | None = None,
    ) -> Evaluation:
        """Evaluate off the event loop, as `Program.evaluate` does. Raises EngineBusy."""
        return await self.soon(partial(program.evaluate, predicate, subject, tuple(facts), limits, shared))

    def start(self, limits: Limits, snapshot: Snapshot | None = None) -> Instance:
        """Start a fresh instance. Raises EngineClosed and Stopped."""
        if self._closed:
            raise EngineClosed("the engine is closed")
        return Instance(self._factory, limits, snapshot)

    def ready(self, program: "Program", facts: tuple[str, ...], limits: Limits) -> Instance:
        """Return a fresh instance of a program with facts loaded. Raises Stopped.

        They are loaded layer by layer, so that evaluations that share the first layers start from a snapshot of those:
        an organism's members stay while the votes change. What comes a second time is kept; keeping costs more than
        loading a few facts does. An instance is in the same state either way.
        """
        parts = layers(facts)
        loaded = _loaded(program, parts)
        start, snapshot = self._newest(loaded)
        with ExitStack() as undo:
            instance = undo.enter_context(self.start(LOADING, snapshot or program.snapshot))
            for key, part in zip(loaded[start:], parts[start:], strict=True):
                self.load_facts(instance, part)
                self._remember(key, instance)
            instance.limit(limits)
            undo.pop_all()
            return instance

    def shared_clauses(self, program: "Program", shared: Shared) -> tuple[str, ...]:
        """Return the canonical clauses of shared facts for a program, as they are at hand if they are."""
        key = (shared.key, term(program.handle), program.facts)
        known = self._texts.get(key)
        if known is None:
            known = clauses(shared.make(), program.facts)
            self._texts.put(key, known, sum(map(len, known)))
        return known

    def _newest(self, loaded: list[Loaded]) -> tuple[int, Snapshot | None]:
        """Return how many layers are at hand together, and their snapshot."""
        for count in range(len(loaded), 0, -1):
            known = self._facts.get(loaded[count - 1])
            if known is not None:
                return count, known
        return 0, None

    def load_facts(self, instance: Instance, facts: tuple[str, ...]) -> None:
        """Load canonical clauses of facts into an instance. Raises Stopped."""
        for text in _batches(facts, self._factory.layout.buffer_size):
            instance.call("load_facts", text)
        instance.call("index_facts", "")

    def _remember(self, key: Loaded, instance: Instance) -> None:
        if self._seen.get(key):
            snapshot = instance.snapshot()
            self._facts.put(key, snapshot, snapshot.stored)
        self._seen.put(key, True, 1)

    async def soon(self, work: Callable[[], T]) -> T:
        """Do blocking work of the engine on one of its threads. Raises EngineBusy and EngineClosed."""
        if self._closed:
            raise EngineClosed("the engine is closed")
        if self._pool.unfinished >= self._places:
            raise EngineBusy(self._waiting)
        return await self._pool.do(work)


class Program:
    """A compiled program. Immutable, and safe to use from several threads.

    `mentions` are the names of the server's facts that the program mentions, and `facts` those to be loaded: all but
    the rules. `predicates` are its own, as name/arity, each with a digest of its clauses that layout, comments and
    names of variables leave alone.
    """

    def __init__(self, engine: Engine, text: str, dna_hash: str, compiled: dict[str, Any], snapshot: Snapshot) -> None:
        self._engine = engine
        self.text = text
        self.dna_hash = dna_hash
        self.snapshot = snapshot
        self._defines = frozenset(compiled["defines"])
        self.predicates = _predicates(compiled["clauses"])
        names = set(compiled["mentions"])
        self.mentions = frozenset(names | {RULES[name] for name in names & RULES.keys()})
        self.facts = frozenset(self.mentions & FACTS.keys())
        self._handle, self._unregistered = self._registered()

    @property
    def handle(self) -> Value:
        """The O of the first solution of `register_social_organism(Name, O)`. Raises DnaMissingRegistration."""
        if self._handle is None:
            raise DnaMissingRegistration(self._unregistered)
        return self._handle

    def defines(self, name: str, arity: int) -> bool:
        """Say whether the program has a clause for a predicate."""
        return f"{name}/{arity}" in self._defines

    def facts_hash(self, facts: Iterable[Fact]) -> str:
        """Return what an evaluation with these facts records of them. Raises InvalidFact."""
        return digest("".join(clauses(facts, self.facts)))

    def evaluate(
        self,
        predicate: str,
        subject: str,
        facts: Iterable[Fact] = (),
        limits: Limits = DEFAULT_LIMITS,
        shared: Shared | None = None,
    ) -> Evaluation:
        """Run `predicate("subject", Handle)` once, in a fresh instance with the facts that the program mentions.

        Raises DnaMissingRegistration and InvalidFact; everything else is a verdict. Blocks: see `Engine.evaluate`.
        """
        return self._evaluated(goal(predicate, subject, self.handle), facts, limits, shared)

    def judge(self, text: str, facts: Iterable[Fact] = (), limits: Limits = DEFAULT_LIMITS) -> Evaluation:
        """Run a goal, given as canonical Prolog text, as `evaluate` does. Raises InvalidFact."""
        return self._evaluated(text, facts, limits, None)

    def _evaluated(self, text: str, facts: Iterable[Fact], limits: Limits, shared: Shared | None) -> Evaluation:
        loaded = clauses(facts, self.facts)
        if shared is not None:
            loaded = tuple(sorted(dict.fromkeys((*self._engine.shared_clauses(self, shared), *loaded))))
        facts_hash = digest("".join(loaded))
        started = time.perf_counter()
        verdict, reason, fuel = self._judged(text, loaded, limits)
        return Evaluation(
            verdict=verdict,
            reason=reason,
            fuel=fuel,
            milliseconds=(time.perf_counter() - started) * 1000,
            engine_hash=self._engine.hash,
            dna_hash=self.dna_hash,
            facts_hash=facts_hash,
        )

    def _judged(self, text: str, facts: tuple[str, ...], limits: Limits) -> tuple[DnaVerdict, str | None, int]:
        if sum(map(len, facts)) > FACTS_BYTES:
            return DnaVerdict.UNDECIDED, f"more than {FACTS_BYTES} bytes of facts", 0
        try:
            instance = self._engine.ready(self, facts, limits)
        except Stopped as stopped:
            return DnaVerdict.UNDECIDED, f"{stopped} (before the evaluation)", 0
        with instance:
            try:
                reply = instance.call("evaluate", text, REPLY_BYTES)
            except Stopped as stopped:
                return DnaVerdict.UNDECIDED, str(stopped), instance.fuel
            return *verdict_of(reply), instance.fuel

    def _registered(self) -> tuple[Value | None, str]:
        """Return the handle, or None and why there is none."""
        try:
            with self._engine.start(DEFAULT_LIMITS, self.snapshot) as instance:
                reply = instance.call("handle", "", PROGRAM_BYTES)
        except Stopped as stopped:
            return None, str(stopped)
        if reply.get("status") != "true":
            return None, str(reply.get("message", "it has no solution"))
        handle = _handle(str(reply.get("kind")), str(reply.get("value")))
        return handle, "the handle is not plain text or a number"


def step_back() -> None:
    """A thread that evaluates lets the rest of the server go first, where the system has priorities for threads."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), os.getpriority(os.PRIO_PROCESS, 0) + NICE)


def _loaded(program: Program, parts: Iterable[tuple[str, ...]]) -> list[Loaded]:
    """Return what names each layer together with those before it."""
    hashed, names = hashlib.sha256(), list[Loaded]()
    for part in parts:
        hashed.update("".join(part).encode())
        names.append((program.dna_hash, hashed.hexdigest()))
    return names


def _predicates(clauses: Iterable[Sequence[str]]) -> dict[str, str]:
    texts: dict[str, list[str]] = {}
    for indicator, text in clauses:
        texts.setdefault(indicator, []).append(text)
    return {indicator: digest("\n".join(written)) for indicator, written in texts.items()}


def _handle(kind: str, value: str) -> Value | None:
    if kind == "integer":
        plain = len(value) <= HANDLE_DIGITS and value.removeprefix("-").isdecimal()
        return int(value) if plain else None
    if not value.isprintable():
        return None
    return Atom(value) if kind == "atom" else value


def _encoded(program: str) -> str:
    try:
        size = len(program.encode())
    except UnicodeEncodeError as error:
        raise DnaSyntaxError(["the program has a lone surrogate"]) from error
    if size > PROGRAM_BYTES:
        raise DnaSyntaxError([f"the program has {size} bytes, more than {PROGRAM_BYTES}"])
    return program


def _batches(facts: tuple[str, ...], size: int) -> Iterator[str]:
    """Yield the clauses in texts of at most `size` characters (each one byte), or of one clause."""
    batch: list[str] = []
    length = 0
    for clause in facts:
        if batch and length + len(clause) > size:
            yield "".join(batch)
            batch, length = [], 0
        batch.append(clause)
        length += len(clause)
    yield "".join(batch)
