"""What an agent remembers of another from before the run."""

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Interval

from domain.sandbox.quantities import STRICT, Share, check_fields

MOST_MEETINGS = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Acquaintance:
    """As memory has it, had the two met in the run."""

    __pydantic_config__ = STRICT

    trust: Share
    """How good the other was found to be: the moving average of what it did."""
    met: Annotated[int, Interval(ge=1, le=MOST_MEETINGS)] = 1
    """How many accepted interactions that is the average of."""

    def __post_init__(self) -> None:
        check_fields(self)
