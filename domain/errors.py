"""Everything that is answered with a code: what the domain refuses, and why.

    CodedError                      never raised itself; besides refusals only the store's outage
    └── DomainError
        ├── InvalidShape            a JSON value that is not what its place asks for; never raised itself
        │   ├── InvalidJson         the text is not strict JSON
        │   ├── InvalidStatement    an organism statement
        │   ├── InvalidHead         a signed log head
        │   └── InvalidExpression   an AD4M expression or link
        ├── InvalidDid
        ├── InvalidSignature
        ├── InvalidTimestamp
        └── InvalidUrl

Each class carries a stable `code`, which clients see as `extensions.code`, and `facts`, which are JSON.
"""

from typing import Any, ClassVar

SHOWN_CHARACTERS = 120
"""Longer values are cut in messages and facts: they come from strangers and end up in logs."""

_NOTHING = object()


def shown(value: object) -> str:
    """The value as text for a person, cut to SHOWN_CHARACTERS."""
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= SHOWN_CHARACTERS else text[: SHOWN_CHARACTERS - 1] + "…"


class CodedError(Exception):
    """Something that clients are told as it is, with a code that stays the same."""

    code: ClassVar[str] = "CODED_ERROR"

    def __init__(self, message: str, **facts: object) -> None:
        super().__init__(message)
        self.message = message
        self.facts: dict[str, object] = facts

    def __reduce__(self) -> tuple[Any, ...]:  # Any: as pickle would have it
        """By what it became: each kind is made from arguments of its own."""
        return _again, (type(self), self.args, self.__dict__)


def _again(kind: type[CodedError], arguments: tuple[object, ...], state: dict[str, object]) -> CodedError:
    error = kind.__new__(kind, *arguments)
    error.__dict__.update(state)
    return error


class DomainError(CodedError):
    """Something that the rules refuse."""

    code = "DOMAIN_ERROR"


class InvalidShape(DomainError):
    """The value at `path` is not what was `expected` there."""

    code = "INVALID_SHAPE"
    noun: ClassVar[str] = "value"

    def __init__(self, path: str, expected: str, value: object = _NOTHING) -> None:
        self.path = shown(path)
        self.expected = expected
        facts: dict[str, object] = {"path": self.path, "expected": expected}
        message = f"Invalid {self.noun} at {self.path}: expected {expected}"
        if value is not _NOTHING:
            facts["value"] = shown(value)
            message += f", got {shown(value)}"
        super().__init__(message, **facts)


class InvalidJson(InvalidShape):
    code = "INVALID_JSON"
    noun = "JSON"


class InvalidStatement(InvalidShape):
    code = "INVALID_STATEMENT"
    noun = "statement"


class InvalidHead(InvalidShape):
    code = "INVALID_HEAD"
    noun = "log head"


class InvalidExpression(InvalidShape):
    code = "INVALID_EXPRESSION"
    noun = "expression"


class InvalidDid(DomainError):
    code = "INVALID_DID"

    def __init__(self, value: object, expected: str, path: str | None = None) -> None:
        where = {} if path is None else {"path": shown(path)}
        super().__init__(
            f"Invalid DID {shown(value)}: expected {expected}", value=shown(value), expected=expected, **where
        )


class InvalidSignature(DomainError):
    code = "INVALID_SIGNATURE"

    def __init__(self, value: object, expected: str) -> None:
        super().__init__(
            f"Invalid signature {shown(value)}: expected {expected}", value=shown(value), expected=expected
        )


class InvalidTimestamp(DomainError):
    code = "INVALID_TIMESTAMP"

    def __init__(self, value: object, expected: str) -> None:
        super().__init__(
            f"Invalid timestamp {shown(value)}: expected {expected}", value=shown(value), expected=expected
        )


class InvalidUrl(DomainError):
    code = "INVALID_URL"

    def __init__(self, value: object, expected: str) -> None:
        super().__init__(f"Invalid URL {shown(value)}: expected {expected}", value=shown(value), expected=expected)
