"""The four legacy policies, one file each, and the registry."""

from collections.abc import Callable, Mapping
from random import Random

from domain.sandbox.agent import AgentType
from domain.sandbox.legacy.agents.adversarial import Adversarial
from domain.sandbox.legacy.agents.deceptive import Deceptive
from domain.sandbox.legacy.agents.honest import Honest
from domain.sandbox.legacy.agents.opportunistic import Opportunistic
from domain.sandbox.legacy.agents.policy import Policy

POLICIES: Mapping[AgentType, Callable[[Random], Policy]] = {
    AgentType.HONEST: Honest,
    AgentType.OPPORTUNISTIC: Opportunistic,
    AgentType.DECEPTIVE: Deceptive,
    AgentType.ADVERSARIAL: Adversarial,
}
