"""What a template of Social DNA can be given: integers in a range, one word of several, an agent."""

from collections.abc import Mapping
from dataclasses import dataclass

from domain.canonical import Json
from domain.errors import DomainError, InvalidDid, shown
from domain.identity import parse_did


class InvalidParameter(DomainError):
    """A template's parameter that is missing, unknown, or outside of what it takes."""

    code = "INVALID_PARAMETER"

    def __init__(self, template: str, parameter: str, expected: str, value: object) -> None:
        super().__init__(
            f"Template {template}, parameter {shown(parameter)}: expected {expected}, got {shown(value)}",
            template=template,
            parameter=shown(parameter),
            expected=expected,
            value=shown(value),
        )


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number from `least` to `most`."""

    name: str
    description: str
    least: int
    most: int
    default: int

    @property
    def expected(self) -> str:
        return f"a whole number from {self.least} to {self.most}"

    def accepts(self, value: Json) -> bool:
        return isinstance(value, int) and not isinstance(value, bool) and self.least <= value <= self.most


@dataclass(frozen=True, slots=True)
class Choice:
    """One of some words."""

    name: str
    description: str
    choices: tuple[str, ...]
    default: str

    @property
    def expected(self) -> str:
        return "one of " + ", ".join(self.choices)

    def accepts(self, value: Json) -> bool:
        return value in self.choices


@dataclass(frozen=True, slots=True)
class Agent:
    """A DID; whoever asks for the program, where none is given."""

    name: str
    description: str
    default: None = None

    @property
    def expected(self) -> str:
        return "a DID, did:key:z6Mk…"

    def accepts(self, value: Json) -> bool:
        try:
            return isinstance(value, str) and parse_did(value) == value
        except InvalidDid:
            return False


Parameter = Whole | Choice | Agent
Values = Mapping[str, int | str]


def values_of(
    template: str, parameters: tuple[Parameter, ...], given: Mapping[str, Json], asker: str | None
) -> dict[str, int | str]:
    """The values of all parameters: those given, else the defaults. Raises `InvalidParameter`."""
    names = [parameter.name for parameter in parameters]
    for name in given:
        if name not in names:
            expected = "one of " + ", ".join(names) if names else "no parameters"
            raise InvalidParameter(template, name, expected, given[name])
    found: dict[str, int | str] = {}
    for parameter in parameters:
        value = given.get(parameter.name)
        if value is None:
            value = asker if isinstance(parameter, Agent) else parameter.default
        if not parameter.accepts(value):
            raise InvalidParameter(template, parameter.name, parameter.expected, value)
        assert isinstance(value, int | str)
        found[parameter.name] = value
    return found
