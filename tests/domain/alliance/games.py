"""The iterated prisoner's dilemma, played with the standard profile: one round a day.

A player cooperates towards whom it would engage over a relevant topic. What it does reaches the other side as an event
whose random id the receiver draws after the act; with a small chance the act is the opposite of what was meant.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from domain.alliance.draw import draw
from domain.alliance.engagement import Context, should_engage
from domain.alliance.history import History
from domain.alliance.policy import STANDARD
from domain.identity import Did
from domain.people.constants import DAY
from domain.people.interaction import By, Interaction, Kind, PersonId

PAYOFF = {(True, True): 3, (True, False): 0, (False, True): 5, (False, False): 1}
RELEVANT = Context(is_relevant_topic=True)
ACTS_AFTER = DAY // 24
"""A decision is made, and carried out within the hour: the next day's decision comes before the pause is over."""

REMEMBERED = 98 * DAY
"""Longer than the window and the time an answer may take: what is older changes nothing."""

START = 20_000 * DAY
Move = Callable[[int], bool]


@dataclass
class Player:
    """A copy of the protocol and what it remembers of the other side."""

    name: str
    other: str
    chance: Random
    events: list[Interaction] = field(default_factory=list)

    @property
    def history(self) -> History:
        return History(observer=self.name, subject=self.other, interactions=tuple(self.events))

    def move(self, now: int) -> bool:
        self.events = [each for each in self.events if now - each.at <= REMEMBERED]
        return should_engage(self.history, RELEVANT, now, STANDARD).engage

    def remember(self, by: By, cooperates: bool, at: int) -> None:
        kind = Kind.REPLY_POSITIVE if cooperates else Kind.MENTION_NEGATIVE
        name = f"{self.chance.getrandbits(64):016x}"
        event = Interaction(
            id=name, observer=Did(self.name), person=PersonId(self.other), kind=kind, by=by, at=at + ACTS_AFTER
        )
        self.events.append(event)


def slips(chance: Random, move: bool, error: float) -> bool:
    return not move if chance.random() < error else move


def self_play(seed: int, rounds: int, error: float) -> float:
    """The share of cooperative moves when two copies play each other."""
    chance = Random(seed)
    one, two = Player("one", "two", chance), Player("two", "one", chance)
    cooperative = 0
    for day in range(rounds):
        now = START + day * DAY
        moves = [slips(chance, player.move(now), error) for player in (one, two)]
        for player, mine, theirs in ((one, moves[0], moves[1]), (two, moves[1], moves[0])):
            player.remember(By.OBSERVER, mine, now)
            player.remember(By.PERSON, theirs, now)
        cooperative += sum(moves)
    return cooperative / (2 * rounds)


def gain(seed: int, rounds: int, strategy: Callable[[Player, int], bool], error: float = 0.0) -> float:
    """What a defector with a strategy of its own earns a round; it sees all that the protocol has published."""
    chance = Random(seed)
    protocol = Player("protocol", "defector", chance)
    earned = 0
    for day in range(rounds):
        now = START + day * DAY
        theirs = strategy(protocol, day)
        mine = slips(chance, protocol.move(now), error)
        protocol.remember(By.OBSERVER, mine, now)
        protocol.remember(By.PERSON, theirs, now)
        earned += PAYOFF[theirs, mine]
    return earned / rounds


def always_defect(_protocol: Player, _day: int) -> bool:
    return False


def cyclic(cooperations: int, defections: int) -> Callable[[Player, int], bool]:
    """So many rounds of each, over and over."""
    return lambda _protocol, day: day % (cooperations + defections) < cooperations


def predicting(protocol: Player, day: int) -> bool:
    """Defects when the draw it can compute beforehand, on person and day, would forgive: there is no better guess."""
    return draw("", "forgive", protocol.name, protocol.other, str(day)) % 4 != 0
