"""Social DNA before and beside its decisions: written from templates."""

from collections.abc import Mapping

from domain.canonical import Json
from domain.capabilities import Domain
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
