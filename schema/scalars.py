"""Arguments that many fields share, and pages as GraphQL connections."""

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Annotated, Generic, TypeVar

import strawberry
from strawberry.types.base import StrawberryObjectDefinition
from strawberry.types.enum import StrawberryEnumDefinition
from strawberry.utils.str_converters import to_camel_case

from graphdb.store import Page
from resolvers.context import Context
from resolvers.paging import encode

Info = strawberry.Info[Context, None]

SoUri = Annotated[str, strawberry.argument(name="soURI", description="The organism's URI, `so://Qmz…`.")]
AnySoUri = Annotated[
    str | None,
    strawberry.argument(
        name="soURI", description="The organism's URI; null for every organism I belong to, while I belong to it."
    ),
]
Url = Annotated[str, strawberry.argument(description="The expression's URL, as `soSpeak` gave it.")]
First = Annotated[int | None, strawberry.argument(description="How many at most; 100 where it is not given.")]
After = Annotated[str | None, strawberry.argument(description="Go on after the item with this cursor.")]
AfterEvent = Annotated[
    str | None,
    strawberry.argument(
        description='Go on after the event with this cursor, without a gap; "0" from the start; null from now on.'
    ),
]
IdempotencyKeyArgument = Annotated[
    str | None,
    strawberry.argument(
        description="Your own name for this request: sent again with the same one, it is answered and not done twice."
    ),
]

Kind = TypeVar("Kind", bound=Enum)
Node = TypeVar("Node")
Item = TypeVar("Item")
Given = TypeVar("Given")


def enum(kind: type[Kind], name: str, description: str, values: Mapping[Kind, str]) -> None:
    """An enum of the domain in GraphQL, with a description of each value: the domain knows nothing of GraphQL."""
    strawberry.enum(kind, name=name, description=description)
    definition: StrawberryEnumDefinition = kind.__strawberry_definition__  # type: ignore[attr-defined]  # set above
    for value in definition.values:
        value.description = values[kind[value.name]]


def plain_input(of: type[Given]) -> type[Given]:
    """An input of scalars and enums only, taken as it comes: its fields were checked and converted before.

    Strawberry would look up the type of every field for every value, which is most of the work of recording many.
    """
    definition: StrawberryObjectDefinition = of.__strawberry_definition__  # type: ignore[attr-defined]  # an input's
    names = {to_camel_case(field.python_name): field.python_name for field in definition.fields}
    definition.from_input = lambda kind, value, _: kind(**{names[name]: each for name, each in value.items()})
    return of


@strawberry.type(description="Where a page of a list stands.")
class PageInfo:
    has_next_page: bool = strawberry.field(description="Whether more items follow.")
    has_previous_page: bool = strawberry.field(description="Whether items come before: true with `after`.")
    start_cursor: str | None = strawberry.field(description="The cursor of the first item.")
    end_cursor: str | None = strawberry.field(description="The cursor of the last item: give it as `after`.")


@strawberry.type(description="An item of a list with its place.")
class Edge(Generic[Node]):
    cursor: str = strawberry.field(description="The item's place in the list.")
    node: Node = strawberry.field(description="The item.")


@strawberry.type(description="A page of a list.")
class Connection(Generic[Node]):
    edges: list[Edge[Node]] = strawberry.field(description="The items with their cursors.")
    page_info: PageInfo = strawberry.field(description="Where the page stands.")
    total_count: int = strawberry.field(description="How many items the whole list has.")


def connection(page: Page[Item], node: Callable[[Item], Node], after: str | None) -> Connection[Node]:
    edges = [
        Edge(cursor=encode(cursor), node=node(item)) for cursor, item in zip(page.cursors, page.items, strict=True)
    ]
    info = PageInfo(
        has_next_page=page.more,
        has_previous_page=after is not None,
        start_cursor=edges[0].cursor if edges else None,
        end_cursor=edges[-1].cursor if edges else None,
    )
    return Connection(edges=edges, page_info=info, total_count=page.total)
