"""The engine with tools on top: Prolog that explains and examines programs (tools/*.pl), in contained instances.

The tools are no part of the module, so the engine that judges, and its hash, stay the same when they change. A program
shares its instance with them and may spoil what they say of it, so no tool's word is a verdict.
"""

import threading
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from server.dna.machine import Instance, Limits
from server.dna.snapshot import Snapshot
from server.dna.terms import Fact, clauses

if TYPE_CHECKING:
    from server.dna.engine import Engine, Program

TOOLS = Path(__file__).parent / "tools"
REPLY_BYTES = 1 << 20


class Toolbox:
    """The engine's image with all tools loaded. Safe to use from several threads."""

    def __init__(self, engine: "Engine", loading: Limits) -> None:
        self._engine = engine
        self._loading = loading
        self._lock = threading.Lock()
        self._image: Snapshot | None = None

    def with_program(self, program: "Program", facts: Iterable[Fact], limits: Limits) -> Instance:
        """Return a fresh instance with the tools, a program and the facts that it mentions. Raises Stopped."""
        return self._loaded(program.text, clauses(facts, program.facts), limits)

    def with_text(self, text: str, limits: Limits) -> Instance:
        """Return a fresh instance with the tools and what can be loaded of a program. Raises Stopped."""
        return self._loaded(text, (), limits)

    def _loaded(self, text: str, facts: tuple[str, ...], limits: Limits) -> Instance:
        instance = self._engine.start(self._loading, self._tools())
        try:
            instance.call("load_program", text)
            self._engine.load_facts(instance, facts)
            instance.limit(limits)
        except BaseException:
            instance.close()
            raise
        return instance

    def _tools(self) -> Snapshot:
        with self._lock:
            if self._image is None:
                with self._engine.start(self._loading) as instance:
                    for file in sorted(TOOLS.glob("*.pl")):
                        instance.call("load_tool", file.read_text(encoding="utf8"))
                    self._image = instance.snapshot()
            return self._image


def ask(instance: Instance, goal: str, longest: int = REPLY_BYTES) -> dict[str, Any]:
    """Run a tool, given as Prolog text without its last argument, and return its reply. Raises Stopped."""
    return instance.call("ask", goal, longest)
