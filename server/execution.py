"""GraphQL's execution, with variables coerced and plain data completed by plans.

graphql-core completes every field of every item of a list by itself: a path, an info, a resolver, a
check whether its value must be awaited. Most of what we answer is plain data, for which all of that
is the same for every item, and, as documents are cached, for every request.
"""

import sys
from collections.abc import Callable, Iterable
from operator import attrgetter
from typing import Any, ClassVar

from graphql import (
    DocumentNode,
    GraphQLField,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLResolveInfo,
    GraphQLSchema,
    is_leaf_type,
    is_list_type,
    is_object_type,
)
from graphql.execution.collect_fields import FieldDetailsList
from graphql.pyutils import AwaitableOrValue, Path, Undefined
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.field import StrawberryField

from server.operations import Operation, Operations

Complete = Callable[[Any], Any]  # Any: an attribute of a type of the schema, and what JSON is made of


Field = tuple[str, Complete, Complete]
"""Its name in the answer, how its attribute is read, how that is completed."""


class NotPlain(Exception):
    """A value that its plan does not fit: null where null is not allowed, or something else than data."""


class PlannedExecution(StrawberryGraphQLCoreExecutionContext):
    """Selections of plain attributes only, all the way down, are completed by a plan.

    It is made once for a document, or once an operation where variables and directives can change what is selected.
    Whatever a plan cannot complete is completed by graphql-core from the start, so that every error
    is its own, at the place where it finds it.
    """

    operations: ClassVar = Operations()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._lasting = False
        self._most_plans = sys.maxsize
        self._plans: dict[tuple[int, ...], tuple[FieldDetailsList, Complete | None]] = {}

    @classmethod
    def build(
        cls,
        schema: GraphQLSchema,
        document: DocumentNode,
        root_value: Any = None,
        context_value: Any = None,
        raw_variable_values: dict[str, Any] | None = None,
        operation_name: str | None = None,
        *args: Any,
        **kwargs: Any,
    ) -> Any:  # the executor, or the errors of a request that is none
        operation = cls.operations.of(schema, document, operation_name)
        values = None if operation is None else operation.coerced(raw_variable_values or {})
        if operation is None or values is None:
            given = root_value, context_value, raw_variable_values, operation_name
            return super().build(schema, document, *given, *args, **kwargs)
        executor = super().build(schema, operation.bare, root_value, context_value, {}, operation_name, *args, **kwargs)
        if isinstance(executor, PlannedExecution):
            executor.operation, executor.variable_values = operation.node, values
            executor._take_plans(operation)
        return executor

    def _take_plans(self, operation: Operation) -> None:
        if operation.fixed and not self._has_middleware:
            self._lasting, self._plans, self._most_plans = True, operation.answers, operation.most_answers

    @property
    def _has_middleware(self) -> bool:
        return self.middleware_manager is not None and bool(self.middleware_manager.middlewares)

    def collect_and_execute_subfields(
        self,
        return_type: GraphQLObjectType,
        field_details_list: FieldDetailsList,
        path: Path,
        result: Any,
        position_context: Any,
    ) -> AwaitableOrValue[dict[str, Any]]:
        complete = self._plan(return_type, field_details_list)
        if complete is not None:
            try:
                return complete(result)  # type: ignore[no-any-return]  # a plan of an object makes a dict
            except Exception:  # noqa: BLE001, S110 -- whatever it is, the ordinary way meets it again
                pass
        return super().collect_and_execute_subfields(return_type, field_details_list, path, result, position_context)

    def complete_iterable_value(
        self,
        item_type: GraphQLOutputType,
        field_details_list: FieldDetailsList,
        info: GraphQLResolveInfo[Any],
        path: Path,
        items: Iterable[Any],
        position_context: Any,
    ) -> AwaitableOrValue[list[Any]]:
        complete = self._plan(item_type, field_details_list)
        if complete is not None and isinstance(items, list | tuple):
            try:
                return [complete(item) for item in items]
            except Exception:  # noqa: BLE001, S110 -- as above
                pass
        return super().complete_iterable_value(item_type, field_details_list, info, path, items, position_context)

    def _plan(self, of: GraphQLOutputType, selected: FieldDetailsList) -> Complete | None:
        """How values of a type are completed for what is selected of them; None where not all of it is plain."""
        # The lists are another request's next time; the nodes in them live as long as their document.
        key = (id(of), *(id(each.node) for each in selected)) if self._lasting else (id(of), id(selected))
        found = self._plans.get(key)
        if found is None:
            if len(self._plans) >= self._most_plans:
                self._plans = {}  # from here on they are this request's own
            # With the selection itself, so that its id is nobody else's while the plan lives.
            found = self._plans[key] = (selected, self._make_plan(of, selected))
        return found[1]

    def _make_plan(self, of: GraphQLOutputType, selected: FieldDetailsList) -> Complete | None:
        required = isinstance(of, GraphQLNonNull)
        named = of.of_type if isinstance(of, GraphQLNonNull) else of
        if is_leaf_type(named):
            return _leaf(named.coerce_output_value, required)
        if is_list_type(named):
            items = self._plan(named.of_type, selected)
            return None if items is None else _list(items, required)
        if is_object_type(named) and named.is_type_of is None:
            fields = self._fields(named, selected)
            return None if fields is None else _object(fields, required)
        return None

    def _fields(self, of: GraphQLObjectType, selected: FieldDetailsList) -> list[Field] | None:
        subfields, deferred, _ = self.collect_subfields(of, selected)
        if deferred or self._has_middleware:
            return None
        fields: list[Field] = []
        for name, details in subfields.items():
            if details[0].node.name.value == "__typename":
                fields.append((name, lambda _: of.name, str))
                continue
            definition = self.schema.get_field(of, details[0].node.name.value)
            attribute = None if definition is None else plain_attribute(definition)
            complete = None if definition is None else self._plan(definition.type, details)
            if attribute is None or complete is None:
                return None
            fields.append((name, attrgetter(attribute), complete))
        return fields


def plain_attribute(field: GraphQLField) -> str | None:
    """The attribute that a field without a resolver reads; None for every other field."""
    definition = (field.extensions or {}).get(GraphQLCoreConverter.DEFINITION_BACKREF)
    if not isinstance(definition, StrawberryField) or not getattr(field.resolve, "_is_default", False):
        return None
    if field.args or definition.default_resolver is not getattr:
        return None
    return definition.python_name


def _null(required: bool) -> None:
    if required:
        raise NotPlain


def _leaf(coerce: Complete, required: bool) -> Complete:
    def complete(value: Any) -> Any:
        if value is None:
            return _null(required)
        coerced = coerce(value)
        if coerced is None or coerced is Undefined:
            raise NotPlain
        return coerced

    return complete


def _list(item: Complete, required: bool) -> Complete:
    def complete(value: Any) -> Any:
        if value is None:
            return _null(required)
        if not isinstance(value, list | tuple):
            raise NotPlain
        return [item(each) for each in value]

    return complete


def _object(fields: list[Field], required: bool) -> Complete:
    def complete(value: Any) -> Any:
        if value is None:
            return _null(required)
        return {name: finish(read(value)) for name, read, finish in fields}

    return complete
