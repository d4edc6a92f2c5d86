"""Coherence: how much of a group stands behind what one member said in its name.

Two honest numbers (protocol section 4): `as_spoken` looks at the roster that spoke, `current`
at the members of today. Each travels with its counts, so that anybody can recompute it.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Coherence:
    """The counts behind both numbers of one expression, all from one snapshot of the log."""

    url: str
    organism: str
    as_spoken_concurring: int
    as_spoken_members: int
    current_concurring: int
    current_members: int
    rejecting: int
    epoch: int
    roster: str

    @property
    def as_spoken(self) -> float:
        """Concurring members of the spoken roster / its size, in [0, 1]."""
        return self.as_spoken_concurring / self.as_spoken_members

    @property
    def current(self) -> float | None:
        """Concurring present members / present members; None where nobody is left."""
        return self.current_concurring / self.current_members if self.current_members else None
