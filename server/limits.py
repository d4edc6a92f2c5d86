"""How large a document a stranger may send: depth, aliases and fields, fragments counted wherever they are spread.

Strawberry's own limiters walk every spread again, so fragments that spread one another twice cost
them time exponential in the document; here every fragment is measured once. Documents are measured
before they are validated, so fragments may be missing or spread themselves.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
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

UNCOUNTED = 1_000_000_000


@dataclass(frozen=True, slots=True)
class DocumentLimits:
    """`tokens` of the text; `depth` of nested fields; `aliases` and `fields` of one operation, spreads included;
    `repeats` of one response name or one fragment's spread in the text, because validation compares all pairs.
    """

    tokens: int = 5_000
    depth: int = 20
    aliases: int = 50
    fields: int = 2_000
    repeats: int = 100


@dataclass(frozen=True, slots=True)
class _Measure:
    depth: int = 0
    aliases: int = 0
    fields: int = 0

    def beside(self, other: "_Measure") -> "_Measure":
        """Counts stop at `UNCOUNTED`: fragments can spread one another to more fields than there are atoms."""
        aliases = min(self.aliases + other.aliases, UNCOUNTED)
        return _Measure(max(self.depth, other.depth), aliases, min(self.fields + other.fields, UNCOUNTED))


_NOTHING = _Measure()


def too_large(measure: str, found: int | None, limit: int) -> GraphQLError:
    has = "too many" if found is None else str(found)
    return GraphQLError(
        f"The document has {measure}: {has}; at most {limit} are allowed",
        extensions={"code": "DOCUMENT_TOO_LARGE", "measure": measure, "found": found, "limit": limit},
    )


def check_document(document: DocumentNode, limits: DocumentLimits) -> list[GraphQLError]:
    """What a document asks for beyond the limits, whether it is valid or not."""
    try:
        return list(_beyond(document, limits))
    except RecursionError:
        return [too_large("depth", None, limits.depth)]


def _beyond(document: DocumentNode, limits: DocumentLimits) -> Iterator[GraphQLError]:
    repeated = Counter(_names(document))
    most = max(repeated.values(), default=0)
    if most > limits.repeats:
        yield too_large("repeats", most, limits.repeats)
    fragments = {
        definition.name.value: definition
        for definition in document.definitions
        if isinstance(definition, FragmentDefinitionNode)
    }
    measured: dict[str, _Measure] = {}
    for definition in document.definitions:
        if isinstance(definition, OperationDefinitionNode):
            measure = _measure(definition.selection_set, fragments, measured)
            for name in ("depth", "aliases", "fields"):
                found, limit = getattr(measure, name), getattr(limits, name)
                if found > limit:
                    yield too_large(name, found, limit)


def _names(document: DocumentNode) -> Iterator[str]:
    """The response name of every field, and `...` for every fragment spread, as they stand in the text."""
    for definition in document.definitions:
        if isinstance(definition, OperationDefinitionNode | FragmentDefinitionNode):
            yield from _names_in(definition.selection_set)


def _names_in(selections: SelectionSetNode) -> Iterator[str]:
    waiting: list[SelectionNode] = list(selections.selections)
    while waiting:
        selection = waiting.pop()
        if isinstance(selection, FragmentSpreadNode):
            yield "..."
        elif isinstance(selection, FieldNode):
            yield (selection.alias or selection.name).value
        inside: Iterable[SelectionNode] = ()
        if isinstance(selection, FieldNode | InlineFragmentNode) and selection.selection_set is not None:
            inside = selection.selection_set.selections
        waiting.extend(inside)


def _measure(
    selections: SelectionSetNode, fragments: dict[str, FragmentDefinitionNode], measured: dict[str, _Measure]
) -> _Measure:
    total = _NOTHING
    for selection in selections.selections:
        total = total.beside(_of(selection, fragments, measured))
    return total


def _of(
    selection: SelectionNode, fragments: dict[str, FragmentDefinitionNode], measured: dict[str, _Measure]
) -> _Measure:
    if isinstance(selection, FragmentSpreadNode):
        return _of_fragment(selection.name.value, fragments, measured)
    if isinstance(selection, InlineFragmentNode):
        return _measure(selection.selection_set, fragments, measured)
    assert isinstance(selection, FieldNode)
    inside = _NOTHING
    if selection.selection_set is not None:
        inside = _measure(selection.selection_set, fragments, measured)
    aliased = int(selection.alias is not None)
    return _Measure(inside.depth + 1, inside.aliases + aliased, inside.fields + 1)


def _of_fragment(name: str, fragments: dict[str, FragmentDefinitionNode], measured: dict[str, _Measure]) -> _Measure:
    if name not in measured:
        measured[name] = _NOTHING  # where it spreads itself: refused by validation
        fragment = fragments.get(name)
        if fragment is not None:
            measured[name] = _measure(fragment.selection_set, fragments, measured)
    return measured[name]
