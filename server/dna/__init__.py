"""The Social DNA engine; the only package that imports wasmtime."""

from server.dna.engine import Engine, Evaluation, Program, Verdict
from server.dna.errors import (
    DnaEngineError,
    DnaMissingRegistration,
    DnaSyntaxError,
    EngineBusy,
    EngineClosed,
    EngineDamaged,
    InvalidFact,
)
from server.dna.machine import Limits
from server.dna.terms import Atom, Fact, Value

__all__ = [
    "Atom",
    "DnaEngineError",
    "DnaMissingRegistration",
    "DnaSyntaxError",
    "Engine",
    "EngineBusy",
    "EngineClosed",
    "EngineDamaged",
    "Evaluation",
    "Fact",
    "InvalidFact",
    "Limits",
    "Program",
    "Value",
    "Verdict",
]
