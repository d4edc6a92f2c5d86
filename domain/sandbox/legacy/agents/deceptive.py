"""The deceptive policy: builds trust, then exploits it; in practice it never gets there (D11).

Source: section 5.4 of the sandbox specification.
"""

from random import Random

from domain.sandbox.interaction import InteractionType
from domain.sandbox.legacy.agents.policy import UNKNOWN_TRUST, Remembering, answer, claim, propose, submit, vote
from domain.sandbox.legacy.observation import NOOP, Action, Agent, Observation, Proposal

CONTENTS = 5
TRUST_BUILDING = 5
EXPLOITABLE = 0.7


class Deceptive(Remembering):
    def __init__(self, random: Random) -> None:
        super().__init__(random)
        self._scores: dict[str, float] = {}
        self._asked: dict[str, int] = {}

    def learn(self, other: str, p: float, accepted: bool) -> None:
        super().learn(other, p, accepted)
        if accepted:
            self._scores[other] = min(1.0, self._score(other) + 0.1)

    def act(self, seen: Observation) -> Action:
        if seen.pending_proposals:
            first = seen.pending_proposals[0]
            building = self._asked.get(first.initiator_id, 0) < TRUST_BUILDING
            return answer(first, self.chance(0.9 if building else 0.6))
        return (self._exploit(seen) if self._exploits() else None) or self._facade(seen)

    def accept(self, proposal: Proposal, seen: Observation) -> bool:
        asked = self._asked.get(proposal.initiator_id, 0)
        self._asked[proposal.initiator_id] = asked + 1
        return self.chance(0.8) if asked < TRUST_BUILDING else self._score(proposal.initiator_id) > 0.6

    def _score(self, other: str) -> float:
        return self._scores.get(other, UNKNOWN_TRUST)

    def _exploits(self) -> bool:
        trusting = sum(score > EXPLOITABLE for score in self._scores.values())
        return trusting >= 2 and sum(self._asked.values()) > 10

    def _exploit(self, seen: Observation) -> Action | None:
        targets = [
            agent for agent in seen.visible_agents if self._score(agent.agent_id) > EXPLOITABLE and agent.resources > 50
        ]
        if targets and seen.can_interact:
            return propose(max(targets, key=self._score_of).agent_id, InteractionType.TRADE)
        if seen.active_tasks:
            self.chance(0.4)  # whether the output is flawed
            return submit(seen.active_tasks[0])
        return None

    def _score_of(self, agent: Agent) -> float:
        return self._score(agent.agent_id)

    def _facade(self, seen: Observation) -> Action:
        if seen.active_tasks:
            return submit(seen.active_tasks[0])
        if seen.can_claim_task and seen.available_tasks:
            modest = [task for task in seen.available_tasks if task.difficulty in ("easy", "medium")]
            return claim((modest or seen.available_tasks)[0])
        if seen.can_post and self.chance(0.35):
            return self.post(CONTENTS)
        if seen.can_vote and seen.visible_posts:
            return vote(self.random.choice(seen.visible_posts).post_id, 1)
        if seen.can_interact and seen.visible_agents:
            return self._befriend(seen)
        return NOOP

    def _befriend(self, seen: Observation) -> Action:
        fresh = [agent for agent in seen.visible_agents if self._asked.get(agent.agent_id, 0) < TRUST_BUILDING]
        if not fresh:
            return NOOP
        return propose(self.random.choice(fresh).agent_id, InteractionType.COLLABORATION)
