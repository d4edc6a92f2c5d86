"""Names by which holders know other agents: an id such as `adversarial_3` would tell what is hidden.

Whoever takes a new name in the run (whitewashing) takes a new mask with it.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import replace

from domain.sandbox.scenario import Scenario
from domain.sandbox.seats.action import Action
from domain.sandbox.seats.observation import Observation, Other
from domain.sandbox.seats.play import Play

LENGTH = 12


class Masks:
    """Of one run."""

    def __init__(self, salt: str, scenario: Scenario) -> None:
        self._salt = salt
        self._renamed = {agent_id: spec.begins_again for agent_id, spec in scenario.agent_ids() if spec.begins_again}

    def name(self, agent: str, epoch: int) -> str:
        names = sum(begins <= epoch for begins in self._renamed.get(agent, ()))
        return hashlib.sha256(f"{self._salt} {agent} {names}".encode()).hexdigest()[:LENGTH]

    def hide(self, seen: Observation) -> Observation:
        """The same, with masks for everybody but the seat's own agent."""

        def name(agent: str) -> str:
            return agent if agent == seen.agent else self.name(agent, seen.epoch)

        def other(each: Other) -> Other:
            return replace(each, agent=name(each.agent))

        return replace(
            seen,
            memory=tuple(replace(each, agent=name(each.agent)) for each in seen.memory),
            candidates=tuple(map(other, seen.candidates)),
            front_page=tuple(replace(each, author=name(each.author)) for each in seen.front_page),
            proposals=tuple(replace(each, initiator=other(each.initiator)) for each in seen.proposals),
        )

    def reveal(self, seen: Observation, action: Action) -> Action:
        """`seen` without masks, and an action that fits it with them."""
        others = (*seen.candidates, *(each.initiator for each in seen.proposals))
        agents = {self.name(each.agent, seen.epoch): each.agent for each in others}
        to = None if action.to is None else agents[action.to]
        return replace(action, to=to, accept=tuple(agents[mask] for mask in action.accept))

    def worn(self, play: Play) -> Play:
        """The same play for those who are to see masks only."""

        def masked(seen: tuple[Observation, ...]) -> Mapping[str, Action]:
            actions = play(tuple(map(self.hide, seen)))
            return {one.agent: self.reveal(one, actions[one.agent]) for one in seen if one.agent in actions}

        return masked
