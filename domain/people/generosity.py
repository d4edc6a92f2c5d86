"""Generosity: how often a reciprocal player may overlook a defection before defectors gain by it."""


def break_even_generosity(temptation: float, reward: float, punishment: float, sucker: float) -> float:
    """The highest share of defections to forgive, for T > R > P > S: a maximum, not a target.

    min(1 - (T-R)/(R-S), (R-P)/(T-P)); 1/3 for the payoffs 5, 3, 1, 0 (Nowak and Sigmund, Nature 355, 1992).
    """
    return min(1 - (temptation - reward) / (reward - sucker), (reward - punishment) / (temptation - punishment))
