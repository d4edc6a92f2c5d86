"""The opportunistic policy: what pays now. Source: section 5.3 of the sandbox specification."""

from typing import ClassVar

from domain.sandbox.interaction import InteractionType
from domain.sandbox.legacy.agents.policy import Remembering, answer, claim, propose, submit, vote
from domain.sandbox.legacy.observation import NOOP, Action, Observation, Proposal

CONTENTS = 5


class Opportunistic(Remembering):
    DIFFICULTIES: ClassVar[dict[str, float]] = {"trivial": 0.5, "easy": 1, "medium": 2, "hard": 4, "expert": 8}

    def act(self, seen: Observation) -> Action:
        if seen.pending_proposals:
            return self._answer(seen)
        if seen.can_claim_task and seen.available_tasks:
            return claim(self.best_task(seen.available_tasks))
        if seen.active_tasks:
            self.chance(0.3)  # whether the output is minimal
            return submit(seen.active_tasks[0])
        if seen.can_post and self.chance(0.4):
            return self.post(CONTENTS)
        if seen.can_vote and seen.visible_posts and self.chance(0.6):
            return vote(seen.visible_posts[0].post_id, 1)  # follows net votes, which nobody is shown (D12)
        if seen.can_interact and seen.visible_agents:
            return self._propose(seen)
        return NOOP

    def _answer(self, seen: Observation) -> Action:
        first = seen.pending_proposals[0]
        known = {agent.agent_id: agent.reputation for agent in seen.visible_agents}
        good = first.offered_transfer > 0 or known.get(first.initiator_id, 0) > 0
        return answer(first, good or self.chance(0.4))

    def _propose(self, seen: Observation) -> Action:
        worthy = [agent for agent in seen.visible_agents if agent.resources > 80 or agent.reputation > 0.5]
        if not worthy:
            return NOOP
        return propose(self.random.choice(worthy).agent_id, InteractionType.TRADE)

    def accept(self, proposal: Proposal, seen: Observation) -> bool:
        if proposal.offered_transfer > 0:
            return True
        known = self.experience(proposal.initiator_id)
        return self.chance(0.6) if known is None else known > 0.5
