"""How an answered interaction turns out, what can be seen of it, and what the proxy makes of that.

A latent truth v comes first, drawn from the initiator's type and mood; observables are noisy signs of v; p comes from
the observables alone. So whether p is calibrated can be asked in every run (D14).
"""

from dataclasses import dataclass

import numpy as np

from domain.sandbox.proxy import Proxy, count_signal
from domain.sandbox.standard.answering import Answers
from domain.sandbox.standard.population import Bools, Floats, Ints, Population
from domain.sandbox.standard.streams import Purpose, Streams, pick, unit

MISLEADING = 0.1
"""The chance that an interaction looks like the opposite of what it is."""
REJECTION_THOUGH_GOOD = 0.2
COUNTS = np.arange(4)
"""The largest count drawn here is 3."""


@dataclass(frozen=True, slots=True, eq=False)
class Outcomes:
    """One row per answered proposal; those of refused ones are what would have come."""

    good: Bools
    """v = +1."""
    progress: Floats
    rework: Ints
    rejections: Ints
    misuse: Ints
    engagement: Floats
    v_hat: Floats
    p: Floats


def turn_out(
    people: Population, proxy: Proxy, streams: Streams, answers: Answers, misleading: float = MISLEADING
) -> Outcomes:
    asked = answers.proposals
    rows, exploiting = asked.initiator, asked.exploiting
    chance = np.where(exploiting, people.good_exploiting[rows], people.good[rows])
    good = streams.draw(Purpose.TRUTH)[rows] < chance
    flip, *draws = unit(streams.raw(Purpose.OBSERVABLES, 6)[rows]).T
    hidden = np.where(exploiting, people.disguise_exploiting[rows], people.disguise[rows])
    disguised = (streams.draw(Purpose.DISGUISE)[rows] < hidden) | asked.colluding
    return _seen(proxy, good, (good ^ (flip < misleading)) | disguised, draws)


def _seen(proxy: Proxy, good: Bools, looks_good: Bools, draws: list[Floats]) -> Outcomes:
    """Source: step 5 of section 13c; whole numbers are uniform with both ends possible."""
    u_progress, u_rework, u_rejections, u_misuse, u_engagement = draws
    progress = np.where(looks_good, 0.9 * u_progress, -0.8 + 1.1 * u_progress)
    rework = np.where(looks_good, pick(u_rework, 2), 1 + pick(u_rework, 3))
    rejections = np.where(looks_good, u_rejections < REJECTION_THOUGH_GOOD, 1 + pick(u_rejections, 2))
    misuse = np.where(looks_good, 0, pick(u_misuse, 2))
    engagement = np.where(looks_good, -0.1 + 0.7 * u_engagement, -0.6 + 0.8 * u_engagement)
    v_hat = _scores(proxy, progress, rework, rejections, misuse, engagement)
    exponent = np.clip(-proxy.sigmoid_k * v_hat - proxy.sigmoid_bias, -700.0, 700.0)
    p = 1.0 / (1.0 + np.exp(exponent))
    return Outcomes(good, progress, rework, rejections, misuse, engagement, v_hat, p)


def _scores(proxy: Proxy, progress: Floats, rework: Ints, rejections: Ints, misuse: Ints, engagement: Floats) -> Floats:
    """Section 2, for columns. Deltas drawn here are within [-1, 1] already."""
    weights = proxy.normalised
    verifier = (_signals(proxy.rejection_decay)[rejections] + _signals(proxy.misuse_decay)[misuse]) / 2
    found = (
        weights.task_progress * progress
        + weights.rework_penalty * _signals(proxy.rework_decay)[rework]
        + weights.verifier_penalty * verifier
        + weights.engagement_signal * engagement
    )
    return np.clip(found, -1.0, 1.0)


def _signals(decay: float) -> Floats:
    return np.array([count_signal(int(count), decay) for count in COUNTS])
