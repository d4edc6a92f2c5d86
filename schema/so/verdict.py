"""What an evaluation of Social DNA finds, for the types that show one."""

from domain.organisms.dna import DnaVerdict
from schema.scalars import enum

enum(
    DnaVerdict,
    "SoDnaVerdict",
    "What an evaluation of Social DNA found. Only TRUE is true.",
    {
        DnaVerdict.TRUE: "Yes, by its rules.",
        DnaVerdict.FALSE: "No, by its rules.",
        DnaVerdict.UNDECIDED: "Nothing: a limit or an error. Nothing is done on it.",
    },
)

__all__ = ["DnaVerdict"]
