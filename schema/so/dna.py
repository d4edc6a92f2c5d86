"""Social DNA as GraphQL: templates."""

from enum import StrEnum
from typing import Annotated

import strawberry
from strawberry.scalars import JSON

from domain.canonical import sha256_hex
from domain.organisms.parameters import Agent, Choice, InvalidParameter, Parameter, Whole
from domain.organisms.templates import Template, Written
from resolvers.so import dna
from schema.scalars import Info, enum


class ParameterKind(StrEnum):
    WHOLE = "WHOLE"
    CHOICE = "CHOICE"
    AGENT = "AGENT"


enum(
    ParameterKind,
    "SoDnaParameterKind",
    "What a template's parameter takes.",
    {
        ParameterKind.WHOLE: "A whole number from `least` to `most`.",
        ParameterKind.CHOICE: "One of `choices`.",
        ParameterKind.AGENT: "A DID; your own, if you give none.",
    },
)


@strawberry.type(description="What a template can be given.")
class SoDnaParameter:
    name: str = strawberry.field(description="Its name.")
    description: str = strawberry.field(description="What it decides.")
    kind: ParameterKind = strawberry.field(description="What it takes.")
    expected: str = strawberry.field(description="Its range in words.")
    least: int | None = strawberry.field(description="The least number; null for other kinds.")
    most: int | None = strawberry.field(description="The greatest number; null for other kinds.")
    choices: list[str] | None = strawberry.field(description="The words to choose from; null for other kinds.")
    default: JSON | None = strawberry.field(description="What it is if you do not give it; null for an agent.")


KINDS = {Whole: ParameterKind.WHOLE, Choice: ParameterKind.CHOICE, Agent: ParameterKind.AGENT}


def parameter_of(parameter: Parameter) -> SoDnaParameter:
    whole = parameter if isinstance(parameter, Whole) else None
    return SoDnaParameter(
        name=parameter.name,
        description=parameter.description,
        kind=KINDS[type(parameter)],
        expected=parameter.expected,
        least=None if whole is None else whole.least,
        most=None if whole is None else whole.most,
        choices=list(parameter.choices) if isinstance(parameter, Choice) else None,
        default=parameter.default,  # type: ignore[arg-type]  # a number, a word or null is JSON
    )


@strawberry.type(description="A program written from a template.")
class SoDnaProgram:
    template: str = strawberry.field(description="The template's name.")
    parameters: JSON = strawberry.field(description="All its parameters, with defaults where none were given.")
    sentence: str = strawberry.field(description="What the program does, in one sentence.")
    program: str = strawberry.field(description="The Social DNA: give it as `dna`, or change it first.")
    dna_hash: str = strawberry.field(description="The SHA-256 of the program, in hex.")


def program_of(written: Written) -> SoDnaProgram:
    return SoDnaProgram(
        template=written.template,
        parameters=dict(written.parameters),  # type: ignore[arg-type]  # numbers and words are JSON
        sentence=written.sentence,
        program=written.program,
        dna_hash=sha256_hex(written.program.encode()),
    )


@strawberry.type(description="A ready Social DNA.")
class SoDnaTemplate:
    name: str = strawberry.field(description="Its name.")
    parameters: list[SoDnaParameter] = strawberry.field(description="What it can be given.")
    example: SoDnaProgram | None = strawberry.field(
        description="Its program with the defaults; null where nobody's DID can stand in for an agent."
    )


def template_of(template: Template, asker: str | None) -> SoDnaTemplate:
    try:
        example = program_of(template.write(asker=asker))
    except InvalidParameter:
        example = None
    return SoDnaTemplate(
        name=template.name, parameters=[parameter_of(each) for each in template.parameters], example=example
    )


@strawberry.type
class SoDnaQuery:
    @strawberry.field(description="The ready Social DNAs, the default one first.")
    async def so_dna_templates(self, info: Info) -> list[SoDnaTemplate]:
        return [template_of(each, info.context.session.agent) for each in dna.templates(info.context)]

    @strawberry.field(description="A program written from a template.")
    async def so_dna_from_template(
        self,
        info: Info,
        name: Annotated[str, strawberry.argument(description="The template's name.")],
        parameters: Annotated[
            JSON | None,
            strawberry.argument(description="A JSON object with its parameters; others get their defaults."),
        ] = None,
    ) -> SoDnaProgram:
        return program_of(dna.from_template(info.context, name, parameters))
