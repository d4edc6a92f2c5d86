"""How large a document a stranger may send: depth, aliases and fields, fragments counted wherever they are spread.

Strawberry's own limiters walk every spread again, so fragments that spread one another twice cost
them time exponential in the document; here every fragment is measured once.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
)


@dataclass(frozen=True, slots=True)
class DocumentLimits:
    """`tokens` of the text; `depth` of nested fields; `aliases` and `fields` of one operation, spreads included."""

    tokens: int = 5_000
    depth: int = 20
    aliases: int = 50
    fields: int = 2_000


@dataclass(frozen=True, slots=True)
class _Measure:
    depth: int = 0
    aliases: int = 0
    fields: int = 0

    def beside(self, other: "_Measure") -> "_Measure":
        return _Measure(max(self.depth, other.depth), self.aliases + other.aliases, self.fields + other.fields)


def check_document(document: DocumentNode, limits: DocumentLimits) -> list[GraphQLError]:
    """What a valid document (no fragment cycles) asks for beyond the limits."""
    fragments = {
        definition.name.value: definition
        for definition in document.definitions
        if isinstance(definition, FragmentDefinitionNode)
    }
    measured: dict[str, _Measure] = {}
    errors: list[GraphQLError] = []
    for definition in document.definitions:
        if isinstance(definition, OperationDefinitionNode):
            measure = _measure(definition.selection_set, fragments, measured)
            errors += _beyond(measure, limits)
    return errors


def _beyond(measure: _Measure, limits: DocumentLimits) -> Iterable[GraphQLError]:
    for name in ("depth", "aliases", "fields"):
        found, limit = getattr(measure, name), getattr(limits, name)
        if found > limit:
            yield GraphQLError(
                f"The operation has {name} {found}; at most {limit} are allowed",
                extensions={"code": "DOCUMENT_TOO_LARGE", "measure": name, "found": found, "limit": limit},
            )


def _measure(
    selections: SelectionSetNode, fragments: dict[str, FragmentDefinitionNode], measured: dict[str, _Measure]
) -> _Measure:
    total = _Measure()
    for selection in selections.selections:
        total = total.beside(_of(selection, fragments, measured))
    return total


def _of(
    selection: SelectionNode, fragments: dict[str, FragmentDefinitionNode], measured: dict[str, _Measure]
) -> _Measure:
    if isinstance(selection, FragmentSpreadNode):
        name = selection.name.value
        if name not in measured:
            measured[name] = _measure(fragments[name].selection_set, fragments, measured)
        return measured[name]
    if isinstance(selection, InlineFragmentNode):
        return _measure(selection.selection_set, fragments, measured)
    assert isinstance(selection, FieldNode)
    inside = _Measure()
    if selection.selection_set is not None:
        inside = _measure(selection.selection_set, fragments, measured)
    aliased = int(selection.alias is not None)
    return _Measure(inside.depth + 1, inside.aliases + aliased, inside.fields + 1)
