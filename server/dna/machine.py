"""One fresh instance of the engine's module: its limits, and calls into the Prolog driver."""

import json
import math
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from types import TracebackType
from typing import Any, Self

import wasmtime

from server.dna.module import Layout
from server.dna.snapshot import Snapshot

TICK_SECONDS = 0.01
PL_STRING, REP_UTF8, CVT_STRING, BUF_RING = 6, 0x100000, 2, 128
Q_NODEBUG, Q_CATCH = 4, 8


@dataclass(frozen=True, slots=True)
class Limits:
    """What one evaluation may use.

    `fuel` is in WebAssembly instructions, `memory` in bytes (stacks, atoms and clauses together), `output` in bytes
    written by the program. These are deterministic; `wall_seconds` is only a back-stop.
    """

    fuel: int = 2_000_000_000
    memory: int = 128 << 20
    output: int = 64 << 10
    wall_seconds: float = 10.0

    def __post_init__(self) -> None:
        if min(self.fuel, self.memory, self.output, self.wall_seconds) <= 0:
            raise ValueError("limits are positive")


class Stop(StrEnum):
    """Why an evaluation was ended from outside of Prolog."""

    FUEL = "fuel limit"
    MEMORY = "memory limit"
    STACK = "stack limit"
    RESOURCE = "resource error"
    OUTPUT = "output limit"
    WALL = "wall-clock limit"
    EXIT = "the program ended the engine"
    FAULT = "engine fault"


class Stopped(Exception):
    """The instance was ended by a limit; it cannot be used any more."""

    def __init__(self, stop: Stop) -> None:
        super().__init__(stop.value)
        self.stop = stop


# The numbers are those of `trip` in server/dna/build/wat.py; 0 is the check of the C stack.
TRIPPED = {0: Stop.STACK, 1: Stop.MEMORY, 2: Stop.STACK, 3: Stop.RESOURCE, 4: Stop.OUTPUT, 5: Stop.EXIT}
TRAPPED = {
    wasmtime.TrapCode.OUT_OF_FUEL: Stop.FUEL,
    wasmtime.TrapCode.INTERRUPT: Stop.WALL,
    wasmtime.TrapCode.STACK_OVERFLOW: Stop.STACK,
}


class Clock:
    """Counts wasmtime's epoch up while evaluations run, for their wall-clock limit."""

    def __init__(self, engine: wasmtime.Engine) -> None:
        self._engine = engine
        self._changed = threading.Condition()
        self._running = 0
        self._closed = False
        self._thread = threading.Thread(target=self._tick, name="dna-clock", daemon=True)
        self._thread.start()

    @contextmanager
    def running(self) -> Iterator[None]:
        """Tick at least during the block."""
        with self._changed:
            self._running += 1
            if self._running == 1:
                self._changed.notify()
        try:
            yield
        finally:
            with self._changed:
                self._running -= 1

    def close(self) -> None:
        """Stop ticking."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._thread.join()

    def _tick(self) -> None:
        with self._changed:
            while not self._closed:
                self._changed.wait_for(lambda: self._closed or self._running > 0)
                self._changed.wait_for(lambda: self._closed, TICK_SECONDS)
                self._engine.increment_epoch()


@dataclass(frozen=True, slots=True)
class Factory:
    """What every instance is made of."""

    engine: wasmtime.Engine
    module: wasmtime.InstancePre
    layout: Layout
    clock: Clock


class Instance:
    """A fresh instance under limits, started from a snapshot if one is given. Raises Stopped if it does not fit.

    To be closed, by `with` or `close()`: wasmtime's exceptions refer to themselves through their tracebacks, so the
    memory of a stopped instance would otherwise stay until the garbage collector finds it.
    """

    def __init__(self, factory: Factory, limits: Limits, snapshot: Snapshot | None = None) -> None:
        self._factory = factory
        self._store = wasmtime.Store(factory.engine)
        self._limits = limits
        self._apply()
        try:
            self._exports = self._instantiated()
            if snapshot is not None:
                snapshot.restore(self._store, self._exports["memory"])
        except wasmtime.WasmtimeError as error:
            self.close()
            raise Stopped(Stop.MEMORY) from error
        self._exports["output_left"].set_value(self._store, limits.output)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Free the instance's memory."""
        self._store.close()

    def limit(self, limits: Limits) -> None:
        """Go on under other limits, as a fresh instance with this memory would. Raises Stopped if it does not fit."""
        if self._exports["memory"].data_len(self._store) > limits.memory:
            raise Stopped(Stop.MEMORY)
        self._limits = limits
        self._apply()
        self._exports["output_left"].set_value(self._store, limits.output)
        self._exports["ticks"].set_value(self._store, 0)

    def _apply(self) -> None:
        limits = self._limits
        self._store.set_limits(memory_size=limits.memory, table_elements=20_000, instances=4, tables=4, memories=2)
        self._store.set_fuel(limits.fuel)
        self._store.set_epoch_deadline(math.ceil(limits.wall_seconds / TICK_SECONDS) + 1)

    def _instantiated(self) -> Any:
        """Return the exports. wasmtime types them by a union; the module is ours, so their kinds are known."""
        return self._factory.module.instantiate(self._store).exports(self._store)

    @property
    def fuel(self) -> int:
        """Fuel used so far."""
        return self._limits.fuel - self._store.get_fuel()

    @property
    def written(self) -> int:
        """How many bytes of output were written (and dropped): readable also after a limit."""
        return self._limits.output - int(self._exports["output_left"].value(self._store))

    def snapshot(self) -> Snapshot:
        """Keep the memory as it is now."""
        return Snapshot(self._store, self._exports["memory"])

    def call(self, entry: str, text: str, longest: int = 1 << 20) -> dict[str, Any]:
        """Call one of the driver's predicates with a text; returns its JSON reply, of at most `longest` bytes.

        Raises Stopped. The driver's word does not count for limits: a trap leaves no reply. Nor is it trusted to be
        well-formed, because a program can spoil the driver of its own evaluation.
        """
        try:
            with self._factory.clock.running():
                return self._reply(self._called(entry, text.encode()), longest)
        except wasmtime.Trap as trap:
            raise Stopped(self._why(trap)) from trap
        except wasmtime.WasmtimeError as error:
            raise Stopped(Stop.FAULT) from error

    def _called(self, entry: str, data: bytes) -> bool:
        exports, store, layout = self._exports, self._store, self._factory.layout
        address = layout.buffer if len(data) <= layout.buffer_size else exports["malloc"](store, len(data)) & 0xFFFFFFFF
        exports["memory"].write(store, data, address)
        exports["put_chars"](store, layout.terms, PL_STRING | REP_UTF8, len(data), address)
        exports["put_variable"](store, layout.terms + 1)
        predicate = layout.predicates[entry]
        return bool(exports["call_predicate"](store, 0, Q_NODEBUG | Q_CATCH, predicate, layout.terms) == 1)

    def _reply(self, succeeded: bool, longest: int) -> dict[str, Any]:
        exports, store, buffer = self._exports, self._store, self._factory.layout.buffer
        flags = CVT_STRING | BUF_RING | REP_UTF8
        term = self._factory.layout.terms + 1
        if not succeeded or exports["get_nchars"](store, term, buffer, buffer + 8, flags) != 1:
            raise Stopped(Stop.FAULT)
        length, _, address = struct.unpack("<III", exports["memory"].read(store, buffer, buffer + 12))
        if length > longest:
            raise Stopped(Stop.OUTPUT)
        try:
            reply = json.loads(bytes(exports["memory"].read(store, address, address + length)))
        except (ValueError, RecursionError) as error:
            raise Stopped(Stop.FAULT) from error
        if not isinstance(reply, dict):
            raise Stopped(Stop.FAULT)
        return reply

    def _why(self, trap: wasmtime.Trap) -> Stop:
        if trap.trap_code == wasmtime.TrapCode.UNREACHABLE:
            return TRIPPED.get(self._exports["tripped"].value(self._store), Stop.FAULT)
        return TRAPPED.get(trap.trap_code, Stop.FAULT) if trap.trap_code else Stop.FAULT
