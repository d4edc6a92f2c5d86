"""Operations as they are known from one request to the next: how their variables are coerced and their answers
completed. They are forgotten with their documents."""

import weakref
from dataclasses import dataclass, field, replace
from typing import Any

from graphql import DocumentNode, FragmentDefinitionNode, GraphQLError, GraphQLSchema, Node, OperationDefinitionNode
from graphql.execution.get_variable_signature import GraphQLVariableSignature, get_variable_signature
from graphql.execution.values import VariableValues, VariableValueSource
from graphql.type import is_non_null_type

from server.coercion import Coerce, coercion

ANSWERS = 4
"""Plans for each field of a document: an ordinary one needs no more, lists of lists included."""

Variable = tuple[GraphQLVariableSignature, Coerce]


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of a document under a schema.

    `bare` is the document without the operation's variables; `variables` are None where one of them has no plan.
    `fixed`: what it selects is the same whatever its variables are. `answers` are plans that are kept as long as it,
    at most `most_answers`, so that fragments that are spread again and again do not make a short document a large one.
    """

    schema: GraphQLSchema
    node: OperationDefinitionNode
    bare: DocumentNode
    variables: tuple[Variable, ...] | None
    fixed: bool
    most_answers: int
    answers: dict[tuple[int, ...], Any] = field(default_factory=dict)  # Any: a plan of `server.execution`

    def coerced(self, given: dict[str, Any]) -> VariableValues | None:
        """The values of its variables; None where graphql-core is to be asked."""
        if self.variables is None:
            return None
        sources: dict[str, VariableValueSource] = {}
        values: dict[str, Any] = {}
        try:
            for signature, coerce in self.variables:
                name = signature.name
                if name in given:
                    sources[name] = VariableValueSource(signature, given[name])
                    values[name] = coerce(given[name])
                elif signature.default is None and not is_non_null_type(signature.type):
                    sources[name] = VariableValueSource(signature)
                else:
                    return None
        except Exception:  # noqa: BLE001 -- whatever it is, graphql-core meets it again
            return None
        return VariableValues(sources, values)


class Operations:
    """The operations of documents that are alive, each document known by itself: to compare equal ones takes long."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[weakref.ref[DocumentNode], dict[str | None, Operation]]] = {}

    def __len__(self) -> int:
        """Of how many documents."""
        return len(self._known)

    def of(self, schema: GraphQLSchema, document: DocumentNode, name: str | None) -> Operation | None:
        """The operation of that name, or the only one; None where there is no such one."""
        known = self._known.get(id(document))
        if known is None:
            place, forget = id(document), self._known.pop
            known = self._known[place] = weakref.ref(document, lambda _: forget(place, None)), {}
        operations = known[1]
        found = operations.get(name)
        if found is not None and found.schema is schema:
            return found
        found = _operation(schema, document, name)
        if found is not None:
            operations[name] = found
        return found


def _operation(schema: GraphQLSchema, document: DocumentNode, name: str | None) -> Operation | None:
    operations = [each for each in document.definitions if isinstance(each, OperationDefinitionNode)]
    named = [each for each in operations if name is None or (each.name and each.name.value == name)]
    if len(named) != 1:
        return None
    (node,) = named
    without = replace(node, variable_definitions=None)
    definitions = tuple(without if each is node else each for each in document.definitions)
    bare = DocumentNode(definitions=definitions, loc=document.loc)
    nodes = _nodes(document)
    return Operation(schema, node, bare, _variables(schema, node), all(map(_is_fixed, nodes)), ANSWERS * len(nodes))


def _variables(schema: GraphQLSchema, node: OperationDefinitionNode) -> tuple[Variable, ...] | None:
    variables: list[Variable] = []
    for definition in node.variable_definitions or ():
        signature = get_variable_signature(schema, definition)
        coerce = None if isinstance(signature, GraphQLError) else coercion(signature.type)
        if isinstance(signature, GraphQLError) or coerce is None:
            return None
        variables.append((signature, coerce))
    return tuple(variables)


def _nodes(document: DocumentNode) -> list[Node]:
    """Its definitions and all that they select."""
    nodes: list[Node] = list(document.definitions)
    for node in nodes:  # which grows
        selected = getattr(node, "selection_set", None)
        nodes.extend(selected.selections if selected else ())
    return nodes


def _is_fixed(node: Node) -> bool:
    """Whether it selects the same whatever variables are: it has no directive, and no variables as a fragment."""
    if isinstance(node, FragmentDefinitionNode) and node.variable_definitions:
        return False
    return not getattr(node, "directives", None)
