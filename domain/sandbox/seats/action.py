"""What a seat can do with a turn."""

from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any

from domain.sandbox.quantities import STRICT


class Move(StrEnum):
    """One per turn, as every agent has."""

    NOTHING = "nothing"
    POST = "post"
    VOTE = "vote"
    PROPOSE = "propose"
    ANSWER = "answer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """A move and what belongs to it; everything else keeps its default."""

    __pydantic_config__ = STRICT

    move: Move
    post: int | None = None
    """`VOTE`: the number of a post on the front page."""
    up: bool | None = None
    """`VOTE`: for it or against it."""
    to: str | None = None
    """`PROPOSE`: one of the candidates."""
    offer: float | None = None
    """`PROPOSE`: the transfer promised to the counterparty, in credits; negative asks for one, None is the type's."""
    exploit: bool = False
    """`PROPOSE`: whether to do worse and take more than was promised, as the type does when it exploits."""
    accept: tuple[str, ...] = ()
    """`ANSWER`: whose proposals are accepted; all others are refused."""


def fields_of(action: Action) -> dict[str, Any]:  # Any: JSON
    """What was said, without what was left at its default."""
    said = {field.name: (getattr(action, field.name), field.default) for field in fields(action)}
    return {name: value for name, (value, default) in said.items() if value != default}
