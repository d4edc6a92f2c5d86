"""Social DNA as a lever: a membrane program of this project decides who may take part.

Newcomers are guests for some epochs; then, at the start of every epoch, everybody outside asks to join and everybody
whom somebody wants removed is voted on. The program is the same that an organism would have, and so are its facts.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Protocol

from annotated_types import MaxLen

from domain.organisms.dna import Case, Fact, Value
from domain.organisms.templates import template
from domain.sandbox.errors import SandboxError
from domain.sandbox.quantities import STRICT, Count, Share, check_fields

LONGEST_PROGRAM = 64 << 10


class MembraneTemplate(StrEnum):
    """A Social DNA template of this project, with its defaults; those that name an agent cannot be used here."""

    NONE = "none"
    OPEN = "open"
    MAJORITY = "majority"
    UNANIMOUS = "unanimous"
    N_OF_M = "n_of_m"
    SPONSORS = "sponsors"
    TRUSTED = "trusted"


@dataclass(frozen=True, slots=True, kw_only=True)
class MembraneConfig:
    """Off without a template or a program."""

    __pydantic_config__ = STRICT

    template: MembraneTemplate = MembraneTemplate.NONE
    """The Social DNA that decides, as a template."""
    program: Annotated[str, MaxLen(LONGEST_PROGRAM)] = ""
    """Social DNA of its own instead."""
    guest_epochs: Count = 1
    """For how many epochs newcomers take part before they have to be admitted."""
    vouch_trust: Share = 0.5
    """How far a member must trust whom it met to vouch for it."""
    removal_trust: Share = 0.4
    """A member that trusts another less than this wants it removed."""

    def __post_init__(self) -> None:
        check_fields(self)

    @property
    def on(self) -> bool:
        return bool(self.program) or self.template is not MembraneTemplate.NONE

    @property
    def text(self) -> str:
        """The program that decides."""
        return self.program or template(self.template).program


class Judge(Protocol):
    """A compiled program. Only true is true."""

    @property
    def handle(self) -> Value: ...
    def judge(self, cases: Sequence[Case], common: Sequence[Fact]) -> Sequence[bool]:
        """Whether each predicate holds with the facts of its case and the common ones."""
        ...


Judges = Callable[[str], Judge]
"""Compiles a program: the engine, as the sandbox gets it handed in. Raises `InvalidDna`."""


class NoEngine(SandboxError):
    """A membrane without an engine to run it: nobody could say who may take part."""

    code = "NO_ENGINE"

    def __init__(self) -> None:
        super().__init__("This scenario has a membrane, and no Social DNA engine was handed in")
