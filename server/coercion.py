"""Values of variables, coerced by a plan made once for a type.

graphql-core walks the types of all variables for every request, and goes three times through the fields of an input
object. A plan does only what is right; whatever it cannot take is left to graphql-core from the start, so that every
error is its own.
"""

from collections.abc import Callable
from typing import Any

from graphql import (
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLNonNull,
    is_input_object_type,
    is_list_type,
    is_required_input_field,
)
from graphql.pyutils import Undefined
from graphql.utilities.coerce_input_value import coerce_default_value

Coerce = Callable[[Any], Any]  # Any: JSON of whoever asks, and what resolvers are given


class NotPlanned(Exception):
    """A value that its plan does not take."""


def coercion(of: GraphQLInputType, within: tuple[str, ...] = ()) -> Coerce | None:
    """How values of a type are coerced; whatever the plan raises, graphql-core is asked. None without a plan.

    `within`: the input objects around it. One that holds itself has no plan, so no plan goes deeper than the schema.
    """
    if isinstance(of, GraphQLNonNull):
        coerce = coercion(of.of_type, within)
        return None if coerce is None else _required(coerce)
    if is_list_type(of):
        item = coercion(of.of_type, within)
        return None if item is None else _list(item)
    if is_input_object_type(of):
        return None if of.is_one_of or of.name in within else _object(of, (*within, of.name))
    return _leaf(of.coerce_input_value)  # type: ignore[union-attr]  # all other types of input are leaves


def _required(coerce: Coerce) -> Coerce:
    def complete(value: Any) -> Any:
        if value is None:
            raise NotPlanned
        return coerce(value)

    return complete


def _list(item: Coerce) -> Coerce:
    def complete(value: Any) -> Any:
        if value is None:
            return None
        if not isinstance(value, list):
            raise NotPlanned
        return [item(each) for each in value]

    return complete


def _leaf(coerce: Coerce) -> Coerce:
    def complete(value: Any) -> Any:
        if value is None:
            return None
        coerced = coerce(value)
        if coerced is Undefined:
            raise NotPlanned
        return coerced

    return complete


def _object(of: GraphQLInputObjectType, within: tuple[str, ...]) -> Coerce | None:
    fields: list[tuple[str, str, Coerce, Any]] = []
    for name, field in of.fields.items():
        coerce = coercion(field.type, within)
        if coerce is None:
            return None
        fields.append((name, field.out_name or name, coerce, coerce_default_value(field)))
    required = frozenset(name for name, field in of.fields.items() if is_required_input_field(field))

    def complete(value: Any) -> Any:
        if value is None:
            return None
        if not isinstance(value, dict) or not required <= value.keys() <= of.fields.keys():
            raise NotPlanned
        coerced: dict[str, Any] = {}
        for name, out, coerce, default in fields:
            if name in value:
                coerced[out] = coerce(value[name])
            elif default is not Undefined:
                coerced[out] = default
        return of.out_type(coerced)

    return complete
