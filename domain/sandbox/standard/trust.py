"""How far one agent trusts another: its own experience, leaning on reputation while there is little of it.

T(i, j) = w * ema + (1 - w) * R(reputation of j), w = n / (n + 1) after n accepted interactions, and
R(x) = 0.5 + 0.4 * x / (2 + |x|), between 0.1 and 0.9. Source: section 13c of the sandbox specification; the moving
average with a return to one half on rejection ends the trap that a rejected partner can never recover (D28).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from domain.sandbox.standard.population import Bools, Floats, Ints
from domain.sandbox.standard.rules import Rules, TrustForm
from domain.sandbox.standard.state import Memory, State

LEARNED_FROM_ACCEPTED = 0.3
FORGIVEN_BY_REJECTION = 0.1
NEUTRAL = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """What `rows` remember of others; `met` is 0 for the unknown."""

    rows: Ints
    """With an axis more where the others have one."""
    found: Bools
    slot: NDArray[np.intp]
    ema: Floats
    met: Ints


def recall(memory: Memory, rows: Ints, others: Ints) -> Known:
    """`others` has one more axis than `rows`, or the same number."""
    wide = others if others.ndim > 1 else others[:, None]
    matches = memory.partner[rows][:, None, :] == wide[:, :, None]
    found, slot = matches.any(axis=2).reshape(others.shape), matches.argmax(axis=2).reshape(others.shape)
    row = rows if others.ndim == 1 else rows[:, None]
    return Known(
        row,
        found,
        slot,
        memory.ema[row, slot],
        np.where(found, memory.met[row, slot], 0).astype(np.int64),
    )


def trust(state: State, rules: Rules, known: Known, others: Ints) -> Floats:
    """As every row's own rule, or the policy that it follows, says."""
    found = _trust(state, rules, known, others)
    if not state.followed:
        return found
    for group in state.followers:
        group.overrule_trust(found, known.rows, known.slot, known.found, state.moment)
    return found


def _trust(state: State, rules: Rules, known: Known, others: Ints) -> Floats:
    believed = standing(rules, state.reputation[others])
    if rules.trust is TrustForm.REPUTATION:
        return believed
    own = known.met / (known.met + 1.0)
    return own * known.ema + (1.0 - own) * believed


def standing(rules: Rules, reputation: Floats) -> Floats:
    """R: what strangers are trusted for."""
    if not rules.reputation_feedback:
        return np.full_like(reputation, NEUTRAL)
    return NEUTRAL + 0.4 * reputation / (2.0 + np.abs(reputation))


def learn(state: State, rules: Rules, rows: Ints, others: Ints, x: Floats, accepted: Bools) -> tuple[Ints, Bools]:
    """Each row once. A rejection moves what is known back to neutral; it is a contact, so it takes a slot too.

    (The slots, whether they already were the other's.)
    """
    memory, known = state.memory, recall(state.memory, rows, others)
    oldest = memory.clock[rows].argmin(axis=1)
    slot = np.where(known.found, known.slot, oldest)
    met = known.met + accepted
    before = np.where(known.found, known.ema, NEUTRAL)
    rate = 1.0 / np.maximum(met, 1) if rules.trust is TrustForm.MEAN else LEARNED_FROM_ACCEPTED
    forgiven = 0.0 if rules.trust is TrustForm.MEAN else FORGIVEN_BY_REJECTION
    after = np.where(accepted, before + rate * (x - before), before + forgiven * (NEUTRAL - before))
    memory.partner[rows, slot] = others
    memory.ema[rows, slot] = after
    memory.met[rows, slot] = met
    memory.clock[rows, slot] = state.clock
    return slot, known.found
