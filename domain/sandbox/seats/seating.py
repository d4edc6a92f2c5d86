"""Which agents of a run are played from outside, by whom, and how long a turn waits for them."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from domain.errors import InvalidDid
from domain.identity import parse_did
from domain.sandbox.errors import InvalidSeats
from domain.sandbox.scenario import Profile, Scenario
from domain.sandbox.seats.observation import DECISIONS

MOST_SEATS = 32
TIME_OUT = 2.0
"""Seconds, unless something else is asked for."""
SHORTEST, LONGEST = 0.05, 300.0

Fields = dict[str, Any]  # Any: the JSON of a header


@dataclass(frozen=True, slots=True, order=True)
class Seat:
    """`holder` is the DID of whoever plays the agent."""

    agent: str
    holder: str


@dataclass(frozen=True, slots=True)
class Seating:
    """Part of a run's header. `salt` hides from holders which agent is which: ids tell types."""

    seats: tuple[Seat, ...]
    salt: str
    seconds: float = TIME_OUT
    """How long a turn waits."""

    @property
    def agents(self) -> tuple[str, ...]:
        return tuple(seat.agent for seat in self.seats)

    def holder(self, agent: str) -> str | None:
        """None where nobody is meant to sit."""
        return next((seat.holder for seat in self.seats if seat.agent == agent), None)

    def held_by(self, did: str) -> bool:
        """Whether this agent has any of the seats."""
        return any(seat.holder == did for seat in self.seats)

    def longest_wait(self, scenario: Scenario) -> float:
        """Seconds over the whole run, if no seat ever answers; all seats are waited for at once."""
        length = scenario.simulation
        return length.n_epochs * length.steps_per_epoch * DECISIONS * self.seconds

    def facts(self) -> Fields:
        """As JSON; the order in which seats were named does not matter."""
        seats = [{"agent": seat.agent, "holder": seat.holder} for seat in sorted(self.seats)]
        return {"seats": seats, "salt": self.salt, "seconds": self.seconds}


def seating_of(facts: Mapping[str, Any] | None) -> Seating | None:  # Any: JSON
    """From the facts of a header; raises `KeyError` or `TypeError`."""
    if facts is None:
        return None
    seats = tuple(Seat(str(each["agent"]), str(each["holder"])) for each in facts["seats"])
    return Seating(seats, str(facts["salt"]), float(facts["seconds"]))


def check_seating(seating: Seating, scenario: Scenario) -> None:
    """Raises `InvalidSeats` unless these agents of this scenario can be played."""
    if scenario.profile is Profile.LEGACY:
        raise InvalidSeats("seats need the standard profile")
    if not 0 < len(seating.seats) <= MOST_SEATS:
        raise InvalidSeats(f"a run has 1 to {MOST_SEATS} seats, not {len(seating.seats)}")
    if not math.isfinite(seating.seconds) or not SHORTEST <= seating.seconds <= LONGEST:
        raise InvalidSeats(f"a turn waits {SHORTEST:g} to {LONGEST:g} s, not {seating.seconds:g} s")
    taken = set[str]()
    for seat in seating.seats:
        if not scenario.has_agent(seat.agent):
            raise InvalidSeats("the scenario has no such agent", seat.agent)
        if seat.agent in taken:
            raise InvalidSeats("the agent has a seat already", seat.agent)
        taken.add(seat.agent)
        _check_holder(seat)


def _check_holder(seat: Seat) -> None:
    try:
        parse_did(seat.holder)
    except InvalidDid as exc:
        raise InvalidSeats("its holder is no DID", seat.agent) from exc
