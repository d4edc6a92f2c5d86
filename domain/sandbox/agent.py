"""The kinds of agents that a population is made of."""

from enum import StrEnum


class AgentType(StrEnum):
    HONEST = "honest"
    OPPORTUNISTIC = "opportunistic"
    DECEPTIVE = "deceptive"
    ADVERSARIAL = "adversarial"
