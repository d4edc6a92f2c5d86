"""Turns of runs that wait for whoever plays their seats. Kept in memory: a run that is taken up again asks again."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from domain.sandbox.seats.action import Action
from domain.sandbox.seats.observation import Observation
from domain.sandbox.seats.possible import check
from resolvers.context import OpenTurn
from resolvers.errors import AlreadyActed, NotYourTurn
from subscriptions.bus import Bus


@dataclass(slots=True)
class Turn:
    """One decision of a run: what its seats see, until when it waits, and what they have said."""

    number: int
    deadline: int
    seen: Mapping[str, Observation]
    said: dict[str, Action] = field(default_factory=dict)
    over: asyncio.Event = field(default_factory=asyncio.Event)

    def take(self, agent: str, action: Action) -> None:
        """The first action counts, and the turn is over with the last one; raises `ImpossibleAction`."""
        check(self.seen[agent], action)
        self.said[agent] = action
        if len(self.said) == len(self.seen):
            self.over.set()


@dataclass(slots=True)
class Seats:
    """Of every run under way here."""

    bus: Bus
    clock: Callable[[], int]
    _turns: dict[str, Turn] = field(default_factory=dict)
    """The latest of each run, over or not."""
    _last: dict[tuple[str, str], tuple[int, Action]] = field(default_factory=dict)
    """What each seat did latest, so that the same answer again is no error."""

    async def play(self, run_id: str, seen: tuple[Observation, ...], seconds: float) -> Mapping[str, Action]:
        """What the seats do, by agent: waits until all have acted or the time is up."""
        deadline = self.clock() + round(1_000 * seconds)
        turn = Turn(seen[0].turn, deadline, {one.agent: one for one in seen})
        self._turns[run_id] = turn
        self.bus.wake()
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await turn.over.wait()
        finally:
            turn.over.set()
        return turn.said

    def asked(self, run_id: str, agent: str) -> OpenTurn | None:
        """What the seat is waited for; None while it is not."""
        turn = self._turns.get(run_id)
        if turn is None or turn.over.is_set() or agent not in turn.seen or agent in turn.said:
            return None
        return OpenTurn(turn.seen[agent], turn.deadline)

    def act(self, run_id: str, agent: str, number: int, action: Action) -> None:
        """Once per turn; the same again changes nothing.

        Raises `NotYourTurn`, `AlreadyActed` for another action than before, or `ImpossibleAction`.
        """
        before = self._last.get((run_id, agent))
        if before is not None and before[0] == number:
            if before[1] != action:
                raise AlreadyActed(agent, number)
            return
        turn, asked = self._turns.get(run_id), self.asked(run_id, agent)
        if turn is None or asked is None or turn.number != number:
            raise NotYourTurn(agent, number)
        turn.take(agent, action)
        self._last[run_id, agent] = (number, action)

    def clear(self, run_id: str) -> None:
        """Nothing of the run is under way any more."""
        self._turns.pop(run_id, None)
        for key in [key for key in self._last if key[0] == run_id]:
            del self._last[key]
