"""What the two sides take from an interaction, and what becomes of those whose interactions are bad.

Source: step 7 and the levers of section 13c.
"""

import numpy as np

from domain.sandbox.governance import GovernanceConfig
from domain.sandbox.levers import collusion
from domain.sandbox.levers.breaker import NOT_FROZEN, WINDOW
from domain.sandbox.standard.answering import Answers
from domain.sandbox.standard.followers import Meetings
from domain.sandbox.standard.outcomes import Outcomes
from domain.sandbox.standard.population import Bools, Floats, Ints, Population
from domain.sandbox.standard.rules import Rules
from domain.sandbox.standard.settling import Settlement
from domain.sandbox.standard.state import NOBODY, State
from domain.sandbox.standard.trust import learn

FEWEST_VALUES = 3
"""The breaker judges nobody on less."""
BREACHED = 0.0
"""What a counterparty experiences when it did not get what was offered."""


def learn_from(
    people: Population, state: State, rules: Rules, answers: Answers, outcomes: Outcomes, settled: Settlement
) -> None:
    """Initiators first, then counterparties by the order of their inbox; a breach of the offer counts as p = 0."""
    asked, accepted = answers.proposals, answers.accepted
    state.reputation[asked.initiator] += np.where(accepted, settled.r_a, 0.0)
    everyone = np.arange(len(asked))
    _learn(people, state, rules, answers, everyone, (asked.initiator, asked.target), outcomes.p)
    breach = settled.tau < asked.offer
    experienced = np.where(breach, BREACHED, outcomes.p)
    for rank in range(int(answers.rank.max(initial=-1)) + 1):
        now = np.flatnonzero(answers.rank == rank)
        _learn(people, state, rules, answers, now, (asked.target, asked.initiator), experienced)
    done = asked.initiator[accepted]
    state.accepted[done] += 1
    np.add.at(state.accepted, asked.target[accepted], 1)
    state.initiated[done] += 1
    state.initiated_p[done] += outcomes.p[accepted]


def _learn(
    people: Population,
    state: State,
    rules: Rules,
    answers: Answers,
    now: Ints,
    sides: tuple[Ints, Ints],
    x: Floats,
) -> None:
    """The first of the two sides, each once, learns about the second; x is 0 for a breach, as p never is."""
    rows, others = sides[0][now], sides[1][now]
    accepted = answers.accepted[now]
    slot, known = learn(state, rules, rows, others, x[now], accepted)
    for group in state.followers:
        meetings = Meetings(rows, others, slot, known, accepted, answers.proposals.initiator[now])
        group.remember(people, meetings, x[now], x[now] == BREACHED, state.moment)


def trip_breaker(state: State, config: GovernanceConfig, epoch: int, rows: Ints, toxicity: Floats) -> None:
    """`rows` are the initiators of accepted interactions, each once."""
    state.window[rows, state.windowed[rows] % WINDOW] = toxicity
    state.windowed[rows] += 1
    values = np.minimum(state.windowed[rows], WINDOW)
    mean = _window_sum(state.window[rows]) / values
    violated = rows[(values >= FEWEST_VALUES) & (mean >= config.freeze_threshold_toxicity)]
    state.violations[violated] += 1
    tripped = violated[state.violations[violated] >= config.freeze_threshold_violations]
    state.frozen_until[tripped] = epoch + config.freeze_duration_epochs


def _window_sum(windows: Floats) -> Floats:
    """Column by column, so that a row's sum does not depend on how many rows there are."""
    found = windows[:, 0].copy()
    for column in range(1, WINDOW):
        found += windows[:, column]
    return found


def release(state: State, epoch: int) -> None:
    """Of those whose freeze ends with the start of this epoch; their window is cleared (D16)."""
    free: Bools = state.frozen & (state.frozen_until <= epoch)
    state.frozen_until[free] = NOT_FROZEN
    state.violations[free] = 0
    state.windowed[free] = 0
    state.window[free] = 0.0


def punish_collusion(people: Population, state: State) -> None:
    """Expected meetings of i and j are mu = L_i * L_j / sum of L, the accepted interactions of each."""
    memory, by_seed = state.memory, (people.seeds, people.size)
    judged = np.flatnonzero(state.initiated >= collusion.INITIATED)
    partner, met = memory.partner[judged], memory.met[judged]
    total = np.repeat(state.accepted.reshape(by_seed).sum(axis=1), people.size)[judged]
    mu = state.accepted[judged][:, None] * state.accepted[partner] / np.maximum(total, 1)[:, None]
    praise = memory.ema[judged] - (state.initiated_p[judged] / state.initiated[judged])[:, None]
    found = ((partner != NOBODY) & collusion.suspicious(met, mu, praise)).sum(axis=1)
    state.reputation[judged] -= collusion.PENALTY * found
    state.flagged[judged] += found
