"""What the sandbox refuses, each with a stable code and the facts.

DomainError
└── SandboxError
    ├── OutOfRange           a number that its formula does not allow
    ├── UnequalColumns       columns of one batch that differ in length
    └── InvalidScenario      what a scenario says cannot be run
        ├── InvalidYaml      it is not YAML that we read
        ├── UnknownKey       a key that the schema does not have
        └── TooLarge         a population or a run beyond the limits
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
