"""The honest policy: cooperative, trust-based. Source: section 5.2 of the sandbox specification."""

from random import Random

from domain.sandbox.interaction import InteractionType
from domain.sandbox.legacy.agents.policy import Remembering, answer, claim, propose, submit, vote
from domain.sandbox.legacy.observation import NOOP, Action, Observation, Proposal

CONTENTS = 4
TURN_TRUST = 0.4 - 0.1
"""Not 0.3: the original computes it, and the last bit decides."""
PROPOSAL_TRUST = 0.3
TRUST_WEIGHT = 0.3
NEEDED = {InteractionType.COLLABORATION: 0.3, InteractionType.TRADE: 0.5}
NEEDED_OTHERWISE = 0.4


class Honest(Remembering):
    def __init__(self, random: Random) -> None:
        super().__init__(random)
        self._voted: set[str] = set()

    def act(self, seen: Observation) -> Action:
        if seen.pending_proposals:
            first = seen.pending_proposals[0]
            return answer(first, self.trust(first.initiator_id) >= TURN_TRUST)
        if seen.active_tasks and seen.active_tasks[0].status == "in_progress":
            return submit(seen.active_tasks[0])
        fitting = [task for task in seen.available_tasks if task.min_reputation <= seen.me.reputation]
        if seen.can_claim_task and fitting:
            return claim(self.best_task(fitting))
        if seen.can_post and self.chance(0.3):
            return self.post(CONTENTS)
        if seen.can_vote and seen.visible_posts and self.chance(0.5):
            return self._vote(seen)
        if seen.can_interact and self.chance(0.4) and seen.visible_agents:
            return self._propose(seen)
        return NOOP

    def _vote(self, seen: Observation) -> Action:
        """Always up: the rule looks at net votes, which nobody is shown (D12)."""
        fresh = [post for post in seen.visible_posts if post.post_id not in self._voted]
        if not fresh:
            return NOOP
        chosen = self.random.choice(fresh)
        self._voted.add(chosen.post_id)
        return vote(chosen.post_id, 1)

    def _propose(self, seen: Observation) -> Action:
        trusts = [(self.trust(agent.agent_id), agent.agent_id) for agent in seen.visible_agents]
        trusted = [(trust, other) for trust, other in trusts if trust >= PROPOSAL_TRUST]
        if not trusted:
            return NOOP
        _, other = max(trusted, key=lambda pair: pair[0])
        return propose(other, InteractionType.COLLABORATION)

    def accept(self, proposal: Proposal, seen: Observation) -> bool:
        score = TRUST_WEIGHT * self.trust(proposal.initiator_id) + 0.5 * 0.7
        return score >= NEEDED.get(proposal.interaction_type, NEEDED_OTHERWISE)
