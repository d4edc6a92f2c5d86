"""How each type of agent behaves in the standard profile, as numbers.

Source: the table of section 13c of the sandbox specification. What numbers cannot say (who exploits when, which score
picks a partner) is in `choosing`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from domain.sandbox.agent import AgentType
from domain.sandbox.errors import OutOfRange
from domain.sandbox.quantities import NonNegative, Real, Share, check_fields

ANY_VALUE = -1e9
"""A least expected value that never refuses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """One agent's. post + vote + propose is at most 1; the rest of the turns nothing is done."""

    post: Share
    vote: Share
    propose: Share
    good: Share
    """P(v = +1) of an interaction it initiates."""
    good_exploiting: Share
    disguise: Share
    """The chance that its interaction looks good whatever it is."""
    disguise_exploiting: Share
    offer: Real
    """The transfer promised to the counterparty, in credits; negative asks for one."""
    take: NonNegative
    """The transfer taken from the counterparty when exploiting, in credits, whatever was promised."""
    least_trust: Share
    """Proposals of less trusted initiators are refused."""
    least_value: Real
    """Proposals of less expected value are refused."""

    def __post_init__(self) -> None:
        check_fields(self)
        if self.post + self.vote + self.propose > 1 + 1e-12:
            raise OutOfRange("post + vote + propose", "at most 1", self.post + self.vote + self.propose)


BEHAVIOURS: Mapping[AgentType, Behaviour] = {
    AgentType.HONEST: Behaviour(
        post=0.30,
        vote=0.35,
        propose=0.14,
        good=0.90,
        good_exploiting=0.90,
        disguise=0.0,
        disguise_exploiting=0.0,
        offer=0.0,
        take=0.0,
        least_trust=0.45,
        least_value=0.0,
    ),
    AgentType.OPPORTUNISTIC: Behaviour(
        post=0.40,
        vote=0.36,
        propose=0.24,
        good=0.70,
        good_exploiting=0.70,
        disguise=0.1,
        disguise_exploiting=0.1,
        offer=-0.2,
        take=0.0,
        least_trust=0.40,
        least_value=0.0,
    ),
    AgentType.DECEPTIVE: Behaviour(
        post=0.35,
        vote=0.25,
        propose=0.30,
        good=0.85,
        good_exploiting=0.15,
        disguise=0.0,
        disguise_exploiting=0.5,
        offer=0.1,
        take=0.5,
        least_trust=0.30,
        least_value=ANY_VALUE,
    ),
    AgentType.ADVERSARIAL: Behaviour(
        post=0.20,
        vote=0.20,
        propose=0.40,
        good=0.15,
        good_exploiting=0.15,
        disguise=0.2,
        disguise_exploiting=0.2,
        offer=0.0,
        take=1.0,
        least_trust=0.0,
        least_value=-0.5,
    ),
}
