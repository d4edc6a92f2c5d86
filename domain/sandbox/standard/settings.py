"""What a standard run is given."""

from dataclasses import dataclass, field

import numpy as np

from domain.sandbox.agents.policy import Following, Policy
from domain.sandbox.governance import GovernanceConfig
from domain.sandbox.levers import bandwidth
from domain.sandbox.levers.membrane import Judge, Judges, NoEngine
from domain.sandbox.limits import RateLimits
from domain.sandbox.network import NetworkConfig
from domain.sandbox.payoff import PayoffConfig
from domain.sandbox.proxy import Proxy
from domain.sandbox.quantities import Counted, check_fields
from domain.sandbox.shock import Shock
from domain.sandbox.standard.population import Member, micro
from domain.sandbox.standard.rules import Rules
from domain.sandbox.work import WorkConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class StandardSettings:
    """`members` may come in any order; no result depends on it."""

    members: tuple[Member, ...]
    n_epochs: Counted = 10
    steps_per_epoch: Counted = 10
    payoff: PayoffConfig = field(default_factory=PayoffConfig)
    governance: GovernanceConfig = field(default_factory=GovernanceConfig)
    limits: RateLimits = field(default_factory=RateLimits)
    rules: Rules = field(default_factory=Rules)
    proxy: Proxy = field(default_factory=Proxy)
    network: NetworkConfig = field(default_factory=NetworkConfig)
    shocks: tuple[Shock, ...] = ()
    following: Following = field(default_factory=Following)
    work: WorkConfig = field(default_factory=WorkConfig)
    judges: Judges | None = None
    """Compiles the membrane's program; only a membrane needs it."""

    def __post_init__(self) -> None:
        check_fields(self)
        self._check_clock()
        payoff, governance = self.payoff, self.governance
        harms = (payoff.h * payoff.rho_a, payoff.h * payoff.rho_b)
        fines = (governance.audit_penalty_multiplier, governance.min_stake_to_participate)
        micro(np.array([payoff.s_plus, payoff.s_minus, *harms, *fines, self.work.bounty, self.work.value]))

    def _check_clock(self) -> None:
        """Followers of a policy ask what time it is."""
        if any(member.policy is not Policy.OWN for member in self.members):
            self.following.check(self.steps_per_epoch)

    def judge(self) -> Judge | None:
        """The membrane's, or None without one; raises `NoEngine`, and `InvalidDna` for a program that is none."""
        membrane = self.governance.membrane
        if not membrane.on:
            return None
        if self.judges is None:
            raise NoEngine
        return self.judges(membrane.text)

    @property
    def inbox(self) -> int:
        """How many proposals an agent answers in one step."""
        return bandwidth.inbox(self.governance, self.limits)
