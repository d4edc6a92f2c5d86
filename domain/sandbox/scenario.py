"""A scenario: a population, its rules, and how long to watch.

The models here are the schema; `reading` makes one from YAML. Source: section 9 of the sandbox specification. Keys that
the original accepts and ignores, and its aliases, are refused with the key that was meant (D22).
"""

import re
from dataclasses import fields
from enum import StrEnum
from itertools import count
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

from domain.sandbox.acquaintance import Acquaintance
from domain.sandbox.agent import AgentType
from domain.sandbox.agents.policy import Following, Policy
from domain.sandbox.governance import GovernanceConfig
from domain.sandbox.legacy.settings import LegacySettings, Schedule
from domain.sandbox.levers.membrane import Judges
from domain.sandbox.limits import RateLimits
from domain.sandbox.network import NetworkConfig
from domain.sandbox.payoff import PayoffConfig
from domain.sandbox.proxy import Proxy
from domain.sandbox.role import Role
from domain.sandbox.shock import Shock
from domain.sandbox.standard.behaviour import Behaviour
from domain.sandbox.standard.population import SLOTS, Member, behaviour_of
from domain.sandbox.standard.rules import Rules
from domain.sandbox.standard.settings import StandardSettings
from domain.sandbox.work import WorkConfig

MOST_AGENTS = 1_000_000
MOST_LEGACY_AGENTS = 2_000
"""A legacy turn looks at every other agent."""
MOST_EPOCHS = 100_000
MOST_STEPS = 10_000
LARGEST_SEED = 2**64 - 1
MOST_RENAMINGS = 1_000
MOST_SHOCKS = 1_000

Number = Annotated[float, Field(allow_inf_nan=False)]
Share = Annotated[Number, Field(ge=0, le=1)]
Epoch = Annotated[int, Field(ge=0, le=MOST_EPOCHS)]
BEHAVIOUR_KEYS = [field.name for field in fields(Behaviour)]
Name = Annotated[str, Field(max_length=200)]
Id = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[A-Za-z0-9._-]+$")]


class Profile(StrEnum):
    """Which rules the run follows."""

    STANDARD = "standard"
    LEGACY = "legacy"


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True, strict=True)


class AgentSpec(Section):
    """Some agents alike. Their ids are `<type>_<n>`, numbered per type over the whole list, unless they have one."""

    id: Id | None = None
    """The id of a single agent that is to be told from the others (standard profile)."""
    type: AgentType = AgentType.HONEST
    """What kind of agents."""
    count: Annotated[int, Field(ge=1, le=MOST_AGENTS)] = 1
    """How many."""
    group: Name | None = None
    """Who knows, spares and always accepts each other (standard profile); nobody without one."""
    collude: Share = 0.0
    """How often a proposal goes to a member of the group, to look good (standard profile)."""
    behaviour: Annotated[dict[str, Number], Field(json_schema_extra={"propertyNames": {"enum": BEHAVIOUR_KEYS}})] = {}
    """Numbers of the type's behaviour that are different for these (standard profile)."""
    roles: Annotated[list[Role], Field(max_length=len(Role))] = [Role.WORKER]
    """What they do beside what their type does (standard profile)."""
    adapts: bool = False
    """Whether they stop exploiting while that does not pay; meanwhile they do well as often as `good` (standard)."""
    policy: Policy = Policy.OWN
    """Whose rules they follow when they trust and answer (standard profile)."""
    arrives: Epoch = 0
    """The epoch with which they come (standard profile)."""
    leaves: Epoch | None = None
    """The epoch from which they are gone (standard profile)."""
    begins_again: Annotated[list[Epoch], Field(max_length=MOST_RENAMINGS)] = []
    """The epochs with which they take a new name that nobody knows: whitewashing (standard profile)."""
    knows: Annotated[dict[str, Acquaintance], Field(max_length=SLOTS)] = {}
    """Whom they remember from before the run, by id (standard profile)."""


class Simulation(Section):
    """How long, and what decides chance."""

    n_epochs: Annotated[int, Field(ge=1, le=MOST_EPOCHS)] = 10
    """How many epochs."""
    steps_per_epoch: Annotated[int, Field(ge=1, le=MOST_STEPS)] = 10
    """How many steps each has."""
    seed: Annotated[int, Field(ge=0, le=LARGEST_SEED)] = 0
    """Decides every draw."""
    schedule_mode: Schedule = Schedule.ROUND_ROBIN
    """Who acts when (legacy profile); in the standard profile everybody acts at once."""
    max_actions_per_step: Annotated[int, Field(ge=0)] = 20
    """After how many actions a step ends (legacy profile); further agents never act (D9)."""


class Labels(Section):
    """How what is observed becomes a probability (standard profile)."""

    sigmoid_k: Annotated[Number, Field(ge=-100, le=100)] = 2.0
    """The sharpness of the curve."""
    sigmoid_bias: Annotated[Number, Field(ge=-100, le=100)] = 0.0
    """What is added before the curve; 0 makes a score of 0 one half."""


class SuccessCriteria(Section):
    """What a run must reach to count as a success."""

    min_epochs: Annotated[int, Field(ge=0)] | None = None
    """The fewest epochs."""
    min_agents: Annotated[int, Field(ge=0)] | None = None
    """The fewest agents."""
    toxicity_threshold: Share | None = None
    """The most toxicity, as the mean over epochs in which anything was accepted."""


class Outputs(Section):
    """Files below the output folder."""

    event_log: Name | None = None
    """The event log, as JSON Lines."""
    metrics_csv: Name | None = None
    """The metrics of every epoch."""

    @model_validator(mode="after")
    def _stay_inside(self) -> "Outputs":
        for path in (self.event_log, self.metrics_csv):
            if path is not None and (path.startswith(("/", "~")) or "\\" in path or ".." in path.split("/")):
                raise ValueError(f"{path!r} would leave the output folder")
        return self


class Scenario(Section):
    """A population under rules."""

    scenario_id: Id = "unnamed"
    """Its name."""
    description: Annotated[str, Field(max_length=10_000)] = ""
    """What it is for."""
    motif: Name = ""
    """The question behind it, in one word."""
    profile: Profile = Profile.STANDARD
    """Which rules the run follows: `standard`, or `legacy` for the original's to the bit."""
    agents: Annotated[list[AgentSpec], Field(min_length=1, max_length=10_000)]
    """Who takes part."""
    governance: GovernanceConfig = GovernanceConfig()
    """The levers."""
    simulation: Simulation = Simulation()
    """The length of the run and its seed."""
    rate_limits: RateLimits = RateLimits()
    """How often an agent may do what."""
    payoff: PayoffConfig = PayoffConfig()
    """What interactions bring."""
    rules: Rules = Rules()
    """Switches of the standard profile."""
    network: NetworkConfig = NetworkConfig()
    """Who can meet whom (standard profile)."""
    shocks: Annotated[list[Shock], Field(max_length=MOST_SHOCKS)] = []
    """What befalls the population (standard profile)."""
    following: Following = Following()
    """How the policies of this project are followed (standard profile)."""
    work: WorkConfig = WorkConfig()
    """Tasks and the marketplace that they are traded on (standard profile)."""
    labels: Labels = Labels()
    """How observations become probabilities."""
    success_criteria: SuccessCriteria = SuccessCriteria()
    """What counts as a success."""
    outputs: Outputs = Outputs()
    """Where results are written."""

    @property
    def population(self) -> int:
        return sum(spec.count for spec in self.agents)

    def has_agent(self, agent_id: str) -> bool:
        """As looking for it in `agent_ids`, however large the population."""
        kind, _, number = agent_id.rpartition("_")
        most = sum(spec.count for spec in self.agents if spec.type == kind)
        return re.fullmatch(r"[1-9][0-9]{0,9}", number) is not None and int(number) <= most

    def agent_ids(self) -> tuple[tuple[str, AgentSpec], ...]:
        """(id, spec) of every agent, in the order of the list."""
        numbers = {kind: count(1) for kind in AgentType}
        return tuple(
            (spec.id or f"{spec.type}_{next(numbers[spec.type])}", spec)
            for spec in self.agents
            for _ in range(spec.count)
        )


def legacy_settings(scenario: Scenario) -> LegacySettings:
    return LegacySettings(
        agents=tuple((agent_id, spec.type) for agent_id, spec in scenario.agent_ids()),
        n_epochs=scenario.simulation.n_epochs,
        steps_per_epoch=scenario.simulation.steps_per_epoch,
        schedule=scenario.simulation.schedule_mode,
        max_actions_per_step=scenario.simulation.max_actions_per_step,
        payoff=scenario.payoff,
        governance=scenario.governance,
        limits=scenario.rate_limits,
    )


def standard_settings(scenario: Scenario, judges: Judges | None = None) -> StandardSettings:
    """`judges` is what a membrane is evaluated with."""
    behaviours = {id(spec): behaviour_of(spec.type, spec.behaviour) for spec in scenario.agents}
    return StandardSettings(
        members=tuple(_member(agent_id, spec, behaviours[id(spec)]) for agent_id, spec in scenario.agent_ids()),
        n_epochs=scenario.simulation.n_epochs,
        steps_per_epoch=scenario.simulation.steps_per_epoch,
        payoff=scenario.payoff,
        governance=scenario.governance,
        limits=scenario.rate_limits,
        rules=scenario.rules,
        proxy=Proxy(sigmoid_k=scenario.labels.sigmoid_k, sigmoid_bias=scenario.labels.sigmoid_bias),
        network=scenario.network,
        shocks=tuple(scenario.shocks),
        following=scenario.following,
        work=scenario.work,
        judges=judges,
    )


def _member(agent_id: str, spec: AgentSpec, behaviour: Behaviour) -> Member:
    return Member(
        agent_id,
        spec.type,
        behaviour,
        group=spec.group,
        collude=spec.collude,
        roles=tuple(spec.roles),
        adapts=spec.adapts,
        policy=spec.policy,
        arrives=spec.arrives,
        leaves=spec.leaves,
        begins_again=tuple(spec.begins_again),
        knows=tuple(spec.knows.items()),
    )
