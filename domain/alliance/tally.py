"""The figures behind a relationship, the same for every profile."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Counts are of interactions, times milliseconds; None where nothing happened or the profile has no such rule."""

    score: int
    """1200 to one unit of weight."""
    counted: int
    """Interactions that count towards a class."""
    positive: int = 0
    negative: int = 0
    justified: int = 0
    """Negative acts of the person that answered one of the observer's: they count nothing."""
    own: int = 0
    """The observer's own acts: standing, never evidence."""
    first_at: int | None = None
    last_at: int | None = None
    last_own_at: int | None = None
    provoked: bool = False
    provoked_until: int | None = None

    @property
    def uncertainty(self) -> float:
        """2 / (r + s + 2) of subjective logic (Jøsang): 1 with no evidence, towards 0 with much, whatever it says."""
        return 2 / (self.positive + self.negative + 2)
