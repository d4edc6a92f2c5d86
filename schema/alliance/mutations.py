"""Mutations of the alliance section."""

from typing import Annotated

import strawberry
from strawberry.scalars import JSON

from domain.people.interaction import By, Kind
from resolvers.alliance import exchange, record
from schema.alliance.queries import Subject
from schema.alliance.types import AllianceRelationship, relationship_of
from schema.scalars import Info


@strawberry.type(description="An interaction as it is recorded, and what it does to the relationship.")
class AllianceRecorded:
    id: str = strawberry.field(description="Its id, drawn after the act: forgiveness is drawn on it.")
    person: str = strawberry.field(description="The person's id.")
    repeated: bool = strawberry.field(description="Whether your key was used before: this is the first outcome.")
    before: AllianceRelationship = strawberry.field(description="The relationship before.")
    relationship: AllianceRelationship = strawberry.field(description="The relationship now.")


@strawberry.type(description="A row of an import that was passed over.")
class AllianceImportProblem:
    path: str = strawberry.field(description="Where it stands in the import.")
    code: str = strawberry.field(description="A stable code.")
    message: str = strawberry.field(description="What is wrong with it.")


@strawberry.type(description="What an import came to.")
class AllianceImported:
    people: int = strawberry.field(description="Histories that were read in.")
    interactions: int = strawberry.field(description="Interactions that are new.")
    repeated: int = strawberry.field(description="Interactions that were there already.")
    marks: int = strawberry.field(description="Ignore marks that are new.")
    problems: list[AllianceImportProblem] = strawberry.field(description="What was passed over, and why.")


@strawberry.type
class AllianceMutation:
    @strawberry.mutation(
        description="Records something that happened between you and somebody: the same interaction that trust is made "
        "from. Somebody new is registered."
    )
    async def alliance_record(
        self,
        info: Info,
        subject: Subject,
        kind: Annotated[Kind, strawberry.argument(description="What happened.")],
        by: Annotated[
            By | None, strawberry.argument(description="Whose act it was; replies and mentions have to say.")
        ] = None,
        at: Annotated[str | None, strawberry.argument(description="When, RFC 3339; null for now.")] = None,
        context: Annotated[
            str | None,
            strawberry.argument(description="The post it was about: the same act on the same post counts once."),
        ] = None,
        severity: Annotated[
            float | None, strawberry.argument(description="How bad a violation is, 0 to 1; 0.15 if you do not say.")
        ] = None,
        idempotency_key: Annotated[
            str | None,
            strawberry.argument(
                description="Your own name for this event: sent again, it is answered and not recorded twice."
            ),
        ] = None,
    ) -> AllianceRecorded:
        found = await record.record(
            info.context, subject, kind, by=by, at=at, about=context, severity=severity, key=idempotency_key
        )
        return AllianceRecorded(
            id=found.recorded.id,
            person=found.recorded.person,
            repeated=found.recorded.repeated,
            before=relationship_of(found.before),
            relationship=relationship_of(found.after),
        )

    @strawberry.mutation(description="Never engage with somebody, whatever else is true. Somebody new is registered.")
    async def alliance_ignore(
        self,
        info: Info,
        subject: Subject,
        until: Annotated[
            str | None, strawberry.argument(description="Until when, RFC 3339; null until you lift it.")
        ] = None,
    ) -> AllianceRelationship:
        return relationship_of(await record.ignore(info.context, subject, until))

    @strawberry.mutation(description="Lifts every ignore mark of yours that holds.")
    async def alliance_unignore(self, info: Info, subject: Subject) -> AllianceRelationship:
        return relationship_of(await record.unignore(info.context, subject))

    @strawberry.mutation(
        description="Reads an export of your own histories in. What is there already stays as it is; somebody new "
        "keeps their id and all their accounts. A row that is wrong is told and passed over, and costs no other."
    )
    async def alliance_import(
        self, info: Info, data: Annotated[JSON, strawberry.argument(description="What `allianceExport` gave.")]
    ) -> AllianceImported:
        done = await exchange.import_export(info.context, data)  # type: ignore[arg-type]  # it is JSON
        return AllianceImported(
            people=done.people,
            interactions=done.interactions,
            repeated=done.repeated,
            marks=done.marks,
            problems=[
                AllianceImportProblem(path=each.path, code=each.code, message=each.message) for each in done.problems
            ],
        )
