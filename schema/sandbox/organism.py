"""The sandbox section's scenarios from living organisms."""

from typing import Annotated

import strawberry

from domain.sandbox.agent import AgentType
from domain.sandbox.cost import cost
from domain.sandbox.living.organism import Course
from domain.sandbox.living.prior import Mix
from domain.sandbox.living.scenarios import Written
from resolvers.sandbox import organism
from schema.sandbox.types import SandboxCost, SandboxScenario, cost_of, scenario_of
from schema.scalars import Info, SoUri


@strawberry.input(description="What is believed of a member of whom nothing is known: shares that add up to 1.")
class SandboxMixInput:
    name: str = strawberry.field(description="1 to 40 letters, digits and ._- to tell it by.")
    honest: float = strawberry.field(description="The share of honest members.")
    opportunistic: float = strawberry.field(description="The share of those that take what they can get.")
    deceptive: float = strawberry.field(description="The share of those that behave well until they are trusted.")
    adversarial: float = strawberry.field(description="The share of those that do harm.")


@strawberry.type(description="What is believed of a member of whom nothing is known.")
class SandboxMix:
    name: str = strawberry.field(description="What it is called.")
    honest: float = strawberry.field(description="The share of honest members.")
    opportunistic: float = strawberry.field(description="The share of those that take what they can get.")
    deceptive: float = strawberry.field(description="The share of those that behave well until they are trusted.")
    adversarial: float = strawberry.field(description="The share of those that do harm.")


@strawberry.type(description="An organism as a scenario, if its members are what one mix says.")
class SandboxOrganismScenario:
    mix: SandboxMix = strawberry.field(description="What was believed.")
    scenario: SandboxScenario = strawberry.field(
        description="With its YAML for `sandboxStartRun`; `governance.membrane.program` is the Social DNA."
    )
    cost: SandboxCost = strawberry.field(description="What one run would take.")


@strawberry.type(description="What a member is called in the scenarios, which name nobody.")
class SandboxMemberName:
    did: str = strawberry.field(description="The member.")
    name: str = strawberry.field(description="Its name there, such as `member_01`.")


@strawberry.type(description="An organism as scenarios, one for each mix, and what they assume.")
class SandboxOrganism:
    scenarios: list[SandboxOrganismScenario] = strawberry.field(description="In the order of the mixes.")
    assumptions: list[str] = strawberry.field(description="What is assumed whatever the mix, in sentences.")
    members: list[SandboxMemberName] = strawberry.field(description="Who is who.")


@strawberry.type
class SandboxOrganismQuery:
    @strawberry.field(
        description="Scenarios of an organism as it is, to be run as they are and under another Social DNA or other "
        "levers. Types of members are unknown: each seed draws them from what is believed. Of trust and interactions, "
        "only my own are used."
    )
    async def sandbox_scenario_from_organism(
        self,
        info: Info,
        so_uri: SoUri,
        mixes: Annotated[
            list[SandboxMixInput] | None,
            strawberry.argument(description="What to believe of members; up to 10. Three usual ones if none is given."),
        ] = None,
        epochs: Annotated[int, strawberry.argument(description="How many epochs.")] = 12,
        steps: Annotated[int, strawberry.argument(description="How many steps an epoch has.")] = 10,
        seed: Annotated[
            str, strawberry.argument(description="Decides types and every other draw, in decimal, below 2^64.")
        ] = "0",
        newcomers: Annotated[
            int | None,
            strawberry.argument(description="How many ask to join, at most 1,000; null: one for four members."),
        ] = None,
        history: Annotated[
            bool, strawberry.argument(description="Whether what I recorded with members is used.")
        ] = True,
    ) -> SandboxOrganism:
        asked = organism.Asked(
            uri=so_uri,
            mixes=[_mix(each) for each in mixes or ()],
            course=Course(epochs, steps, newcomers),
            seed=seed,
            history=history,
        )
        found = await organism.from_organism(info.context, asked)
        return SandboxOrganism(
            scenarios=[_told(each) for each in found.scenarios],
            assumptions=list(found.assumptions),
            members=[SandboxMemberName(did=did, name=name) for did, name in found.names.items()],
        )


def _mix(given: SandboxMixInput) -> Mix:
    return Mix(given.name, (given.honest, given.opportunistic, given.deceptive, given.adversarial))


def _told(found: Written) -> SandboxOrganismScenario:
    shares = dict(zip(map(str, AgentType), found.mix.shares, strict=True))
    return SandboxOrganismScenario(
        mix=SandboxMix(name=found.mix.name, **shares),
        scenario=scenario_of(found.scenario, found.yaml),
        cost=cost_of(cost(found.scenario, logged=True)),
    )
