"""What the sandbox refuses, each with a stable code and the facts.

DomainError
└── SandboxError
    ├── OutOfRange           a number that its formula does not allow
    ├── UnequalColumns       columns of one batch that differ in length
    ├── InvalidScenario      what a scenario says cannot be run
    │   ├── InvalidYaml      it is not YAML that we read
    │   ├── UnknownKey       a key that the schema does not have
    │   └── TooLarge         a population or a run beyond the limits
    ├── SweepTooLarge        a sweep beyond the limits
    ├── DamagedLog           a line of an event log that no run writes
    ├── LogDiffers           a line of an event log that this run does not write
    ├── InvalidSeats         seats that a run cannot have
    ├── ImpossibleAction     what a seat says it does and cannot do
    └── RunComplete          nothing of a run is left to resume
"""

from domain.errors import DomainError, shown


class SandboxError(DomainError):
    """Something that the sandbox refuses."""

    code = "SANDBOX_REFUSED"


class OutOfRange(SandboxError):
    code = "OUT_OF_RANGE"

    def __init__(self, name: str, expected: str, value: object) -> None:
        super().__init__(
            f"Invalid {name}: expected {expected}, got {shown(value)}", name=name, expected=expected, value=shown(value)
        )


class UnequalColumns(SandboxError):
    code = "UNEQUAL_COLUMNS"

    def __init__(self, lengths: dict[str, int]) -> None:
        super().__init__(f"The columns of a batch have one length, got {lengths}", lengths=lengths)


class InvalidScenario(SandboxError):
    """`path` is where in the document, `line` (from 1) where in its text, if known."""

    code = "INVALID_SCENARIO"

    def __init__(self, path: str, problem: str, line: int | None = None, **facts: object) -> None:
        where = shown(path) if line is None else f"{shown(path)} (line {line})"
        super().__init__(f"Invalid scenario at {where}: {problem}", path=shown(path), line=line, **facts)


class InvalidYaml(InvalidScenario):
    code = "INVALID_YAML"


class UnknownKey(InvalidScenario):
    code = "UNKNOWN_KEY"

    def __init__(self, path: str, key: str, suggestion: str | None, line: int | None = None) -> None:
        hint = "" if suggestion is None else f"; did you mean {suggestion!r}?"
        super().__init__(path, f"unknown key {shown(key)!r}{hint}", line, key=shown(key), suggestion=suggestion)


class TooLarge(InvalidScenario):
    code = "SCENARIO_TOO_LARGE"


class SweepTooLarge(SandboxError):
    code = "SWEEP_TOO_LARGE"

    def __init__(self, problem: str) -> None:
        super().__init__(f"The sweep is too large: {problem}")


class DamagedLog(SandboxError):
    """`line` counts from 1."""

    code = "DAMAGED_LOG"

    def __init__(self, line: int, problem: str) -> None:
        super().__init__(f"The event log is damaged at line {line}: {problem}", line=line, problem=problem)


class LogDiffers(SandboxError):
    code = "LOG_DIFFERS"

    def __init__(self, line: int) -> None:
        super().__init__(f"Line {line} of the event log is not what the run gives", line=line)


class RunComplete(SandboxError):
    code = "RUN_COMPLETE"

    def __init__(self) -> None:
        super().__init__("The run of this event log is complete: there is nothing to resume")


class InvalidSeats(SandboxError):
    """`agent` is the one whose seat is the problem, where there is one."""

    code = "INVALID_SEATS"

    def __init__(self, problem: str, agent: str | None = None) -> None:
        whose = "" if agent is None else f" of {shown(agent)}"
        super().__init__(f"Invalid seat{whose}: {problem}", agent=None if agent is None else shown(agent))


class ImpossibleAction(SandboxError):
    code = "IMPOSSIBLE_ACTION"

    def __init__(self, problem: str) -> None:
        super().__init__(f"The seat's agent cannot do that: {problem}", problem=problem)
