"""Who can meet whom: the shapes of a network, and their numbers.

Source: section 13c of the sandbox specification (neighbours in a topology); Erdos and Renyi 1959, Watts and Strogatz
1998, Barabasi and Albert 1999.
"""

from dataclasses import dataclass
from enum import StrEnum

from domain.sandbox.quantities import STRICT, Counted, Share, check_fields


class Topology(StrEnum):
    """The shape of the network."""

    COMPLETE = "complete"
    """Everybody knows everybody."""
    RING = "ring"
    """A circle; everyone knows the nearest on both sides."""
    STAR = "star"
    """One in the middle knows everybody; the others know only that one."""
    ERDOS_RENYI = "erdos_renyi"
    """Any two know each other with the same chance."""
    SMALL_WORLD = "small_world"
    """A ring of which some ties lead anywhere."""
    SCALE_FREE = "scale_free"
    """Who comes later prefers those whom many know."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkConfig:
    """A network. Places on it are dealt by chance, so that ids decide nothing."""

    __pydantic_config__ = STRICT

    topology: Topology = Topology.COMPLETE
    """The shape."""
    reach: Counted = 2
    """How many neighbours on each side (ring, small world)."""
    edge_probability: Share = 0.1
    """The chance that two know each other (Erdős–Rényi)."""
    rewiring: Share = 0.1
    """The chance that a tie leads anywhere (small world)."""
    ties: Counted = 2
    """How many ties everyone comes with (scale free)."""

    def __post_init__(self) -> None:
        check_fields(self)
