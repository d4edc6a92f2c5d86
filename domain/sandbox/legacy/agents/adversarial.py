"""The adversarial policy: targets honest agents, spares allies, disrupts. It reads the true types (D13).

Source: section 5.5 of the sandbox specification.
"""

from collections.abc import Sequence
from random import Random

from domain.sandbox.agent import AgentType
from domain.sandbox.interaction import InteractionType
from domain.sandbox.legacy.agents.policy import Remembering, answer, claim, propose, vote
from domain.sandbox.legacy.observation import NOOP, Action, ActionType, Agent, Observation, Proposal

DISRUPTIVE_CONTENTS = 5
ATTACK_CONTENTS = 4
COOLDOWN = 2


class Adversarial(Remembering):
    def __init__(self, random: Random) -> None:
        super().__init__(random)
        self._targets: set[str] = set()
        self._allies: set[str] = set()
        self._cooldown = 0

    def act(self, seen: Observation) -> Action:
        self._cooldown = max(0, self._cooldown - 1)
        self._look_around(seen.visible_agents)
        if seen.pending_proposals:
            first = seen.pending_proposals[0]
            known = first.initiator_id in self._allies or first.initiator_id in self._targets
            return answer(first, known or self.chance(0.4))
        if self._cooldown == 0 and self.chance(0.6):
            attack = self._attack(seen)
            if attack.type is not ActionType.NOOP:
                self._cooldown = COOLDOWN
                return attack
        return self._disrupt(seen)

    def accept(self, proposal: Proposal, seen: Observation) -> bool:
        if proposal.initiator_id in self._allies or proposal.initiator_id in self._targets:
            return True
        if proposal.interaction_type is InteractionType.TRADE:
            return True
        return self.chance(0.3 if proposal.interaction_type is InteractionType.COLLABORATION else 0.5)

    def _look_around(self, agents: Sequence[Agent]) -> None:
        for agent in agents:
            if agent.agent_type is AgentType.ADVERSARIAL:
                self._allies.add(agent.agent_id)
            elif agent.agent_type is AgentType.HONEST and (agent.resources > 50 or agent.reputation > 0):
                self._targets.add(agent.agent_id)

    def _attack(self, seen: Observation) -> Action:
        targets = self._visible_targets(seen)
        if seen.can_interact and targets:
            return propose(self.random.choice(targets).agent_id, InteractionType.TRADE)
        if seen.can_claim_task and seen.available_tasks:
            return claim(max(seen.available_tasks, key=lambda task: task.bounty))
        return self.post(ATTACK_CONTENTS) if seen.can_post else NOOP

    def _disrupt(self, seen: Observation) -> Action:
        if seen.can_post and self.chance(0.5):
            return self.post(DISRUPTIVE_CONTENTS)
        if seen.can_vote and seen.visible_posts:
            hated = [post for post in seen.visible_posts if post.author_id in self._targets]
            return vote((hated or seen.visible_posts)[0].post_id, -1)
        if seen.can_interact and seen.visible_agents:
            others = self._visible_targets(seen) or seen.visible_agents
            return propose(self.random.choice(others).agent_id, InteractionType.TRADE)
        return NOOP

    def _visible_targets(self, seen: Observation) -> list[Agent]:
        return [agent for agent in seen.visible_agents if agent.agent_id in self._targets]
