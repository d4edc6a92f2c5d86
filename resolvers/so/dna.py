"""Social DNA before it is adopted: written from templates, examined."""

from collections.abc import Mapping

from domain.canonical import Json
from domain.capabilities import Domain
from domain.organisms.examination import CaptureCost, Finding
from domain.organisms.templates import TEMPLATES, Template, Written, template
from resolvers.context import Context
from resolvers.errors import InvalidArgument


def templates(context: Context) -> list[Template]:
    context.require(Domain.SOCIAL_ORGANISM, "READ")
    return list(TEMPLATES.values())


def from_template(context: Context, name: str, parameters: object) -> Written:
    """The program of a template; a parameter that is an agent is the one that asks, where it is not given."""
    context.require(Domain.SOCIAL_ORGANISM, "READ")
    return template(name).write(_object(parameters), context.session.agent)


def _object(parameters: object) -> Mapping[str, Json]:
    if parameters is None:
        return {}
    if not isinstance(parameters, dict):
        raise InvalidArgument("parameters", "a JSON object", parameters)
    return parameters


FEWEST, MOST = 3, 12
TEXT_LENGTH = 1_000_000
ONE_AT_A_TIME = "examining Social DNA"
"""On the whole server: it may take seconds of one of the engine's threads, and others need theirs."""


async def lint(context: Context, program: str) -> tuple[Finding, ...]:
    """What is wrong in a text; more than the engine would take is a finding, too."""
    context.require(Domain.SOCIAL_ORGANISM, "READ")
    if len(program) > TEXT_LENGTH:
        raise InvalidArgument("program", f"at most {TEXT_LENGTH} characters", program)
    context.allow()
    async with context.services.guard(ONE_AT_A_TIME):
        return await context.services.engine.lint(program)


async def capture_cost(context: Context, program: str, members: int) -> CaptureCost:
    """How few of so many members could take an organism over. Raises `InvalidDna`."""
    if not FEWEST <= members <= MOST:
        raise InvalidArgument("members", f"{FEWEST} to {MOST}", members)
    context.allow()
    async with context.services.guard(ONE_AT_A_TIME):
        return await context.services.engine.capture_cost(program, members)
