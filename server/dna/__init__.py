"""The Social DNA engine; the only package that imports wasmtime."""

from server.dna.batch import Batch, judge_all
from server.dna.engine import Engine, Program
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
    "Batch",
    "DnaEngineError",
    "DnaMissingRegistration",
    "DnaSyntaxError",
    "Engine",
    "EngineBusy",
    "EngineClosed",
    "EngineDamaged",
    "Fact",
    "InvalidFact",
    "Limits",
    "Program",
    "Value",
    "judge_all",
]
