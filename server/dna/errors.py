"""What can go wrong around the engine; what goes wrong inside an evaluation makes it undecided instead.

DnaEngineError
├── DnaSyntaxError          the program cannot be compiled
├── DnaMissingRegistration  the program does not name its organism
├── InvalidFact             a fact or value that the engine does not take
├── EngineBusy              too many evaluations are waiting
├── EngineClosed            the engine is closed
└── EngineDamaged           the engine's files do not fit together
"""

from collections.abc import Sequence


class DnaEngineError(Exception):
    """Base of the engine's errors."""


class DnaSyntaxError(DnaEngineError):
    """The program cannot be compiled; `problems` says why, with lines where there are any."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = tuple(problems)


class DnaMissingRegistration(DnaEngineError):
    """`register_social_organism(Name, O)` gives no usable handle; `reason` says why."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"register_social_organism(Name, O) gives no handle: {reason}")
        self.reason = reason


class InvalidFact(DnaEngineError):
    """A fact of an unknown name or arity, or a value that has no Prolog term."""


class EngineBusy(DnaEngineError):
    """More evaluations are waiting than `waiting`, the length of the queue."""

    def __init__(self, waiting: int) -> None:
        super().__init__(f"{waiting} evaluations are waiting already")
        self.waiting = waiting


class EngineClosed(DnaEngineError):
    """The engine was closed."""


class EngineDamaged(DnaEngineError):
    """The engine's module does not match its description."""
