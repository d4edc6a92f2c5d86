"""Connections between people in GraphQL, as you told them."""

from typing import Annotated

import strawberry

from domain.people.connection import bond
from domain.people.social_graph import DEPTH
from domain.timestamp import format_millis
from resolvers.people import social_graph
from resolvers.people.social_graph import Told, Words
from schema.people.types import Id, Person, person_in
from schema.scalars import After, Connection, First, Info, connection

One = Annotated[str, strawberry.argument(description="The first person's id.")]
Other = Annotated[str, strawberry.argument(description="The second person's id.")]
Relationship = Annotated[
    str, strawberry.argument(description="What the second person is to the first, at most 80 characters.")
]
Inverse = Annotated[
    str | None,
    strawberry.argument(description="What the first person is to the second; the same word where it is not given."),
]
Circumstances = Annotated[str | None, strawberry.argument(description="How it is so, at most 500 characters.")]
Weight = Annotated[
    float | None, strawberry.argument(description="How close the two are, above 0 to 1; 1 where it is not given.")
]
NewRelationship = Annotated[
    str | None, strawberry.argument(description="What the second person is to the first; null leaves it as it is.")
]
NewInverse = Annotated[
    str | None, strawberry.argument(description="What the first person is to the second; null leaves it as it is.")
]
NewCircumstances = Annotated[str | None, strawberry.argument(description="How it is so; null leaves it as it is.")]
NewWeight = Annotated[
    float | None, strawberry.argument(description="How close the two are, above 0 to 1; null leaves it as it is.")
]
MaxDepth = Annotated[int, strawberry.argument(description="How many connections the way may have, 0 to 12.")]


@strawberry.type(description="How somebody is connected to a person. Only you see it: others have their own.")
class PersonBond:
    of: strawberry.Private[Told]
    relationship: str = strawberry.field(description="What the other one is to the person.")
    inverse: str = strawberry.field(description="What the person is to the other one.")
    context: str = strawberry.field(description="How it is so; empty where nobody said.")
    weight: float = strawberry.field(description="How close the two are, above 0 to 1.")
    since: str = strawberry.field(description="When you connected them.")
    updated_at: str = strawberry.field(description="When the words were last changed.")

    @strawberry.field(description="The other one.")
    async def person(self, info: Info) -> Person:
        return person_in(info, self.of.other)


@strawberry.type(description="A shortest way from one person to another.")
class PersonChain:
    start: Person = strawberry.field(description="The person where it begins.")
    length: int = strawberry.field(description="How many connections it has; 0 from somebody to themselves.")
    steps: list[PersonBond] = strawberry.field(description="Each connection, as seen from the person before it.")


@strawberry.type(description="How much the circles of two people overlap, the two themselves not counted.")
class PersonTie:
    strength: float = strawberry.field(
        description="Those connected to both over those connected to either, 0 to 1; 0 is a bridge between circles."
    )
    mutual: int = strawberry.field(description="How many are connected to both.")
    either: int = strawberry.field(description="How many are connected to one of the two or to both.")


def bond_of(told: Told) -> PersonBond:
    return PersonBond(
        of=told,
        relationship=told.bond.relationship,
        inverse=told.bond.inverse,
        context=told.bond.context,
        weight=told.bond.weight,
        since=format_millis(told.connection.since),
        updated_at=format_millis(told.connection.updated_at),
    )


@strawberry.type
class SocialGraphQuery:
    @strawberry.field(description="Whom a person is connected to, by id.")
    async def person_connections(
        self, info: Info, id: Id, first: First = None, after: After = None
    ) -> Connection[PersonBond]:
        page = await social_graph.connections(info.context, id, first, after)
        return connection(page, bond_of, after)

    @strawberry.field(description="Who is connected to both of two people, by id.")
    async def person_mutual_connections(
        self, info: Info, one: One, other: Other, first: First = None, after: After = None
    ) -> Connection[Person]:
        page = await social_graph.mutuals(info.context, one, other, first, after)
        return connection(page, lambda found: person_in(info, found), after)

    @strawberry.field(description="A shortest way between two people; null where there is none that short.")
    async def person_connection_chain(
        self, info: Info, one: One, other: Other, max_depth: MaxDepth = DEPTH
    ) -> PersonChain | None:
        found = await social_graph.chain(info.context, one, other, max_depth)
        if found is None:
            return None
        start, steps = found
        return PersonChain(start=person_in(info, start), length=len(steps), steps=[bond_of(each) for each in steps])

    @strawberry.field(description="How strong the tie between two people is, connected or not.")
    async def person_tie(self, info: Info, one: One, other: Other) -> PersonTie:
        tie = await social_graph.tie(info.context, one, other)
        return PersonTie(strength=tie.strength, mutual=tie.mutual, either=tie.either)


@strawberry.type
class SocialGraphMutation:
    @strawberry.mutation(description="Connects two people you know. The same again changes nothing.")
    async def person_connect(
        self,
        info: Info,
        one: One,
        other: Other,
        relationship: Relationship,
        inverse: Inverse = None,
        context: Circumstances = None,
        weight: Weight = None,
    ) -> PersonBond:
        words = bond(relationship, inverse, context or "", weight=1.0 if weight is None else weight)
        return bond_of(await social_graph.connect(info.context, one, other, words))

    @strawberry.mutation(description="Other words for two people who are connected.")
    async def person_update_connection(
        self,
        info: Info,
        one: One,
        other: Other,
        relationship: NewRelationship = None,
        inverse: NewInverse = None,
        context: NewCircumstances = None,
        weight: NewWeight = None,
    ) -> PersonBond:
        words = Words(relationship, inverse, context, weight)
        return bond_of(await social_graph.update(info.context, one, other, words))

    @strawberry.mutation(description="Removes the connection of two people. Gives whether there was one.")
    async def person_disconnect(self, info: Info, one: One, other: Other) -> bool:
        return await social_graph.disconnect(info.context, one, other)
