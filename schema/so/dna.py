"""Social DNA as GraphQL: templates, evaluations by hand, explanations."""

from enum import StrEnum
from typing import Annotated

import strawberry
from strawberry.scalars import JSON

from domain.canonical import sha256_hex
from domain.organisms.dna import dna_hash
from domain.organisms.errors import InvalidDna
from domain.organisms.examination import CaptureCost, Finding, Severity
from domain.organisms.explanation import Explanation
from domain.organisms.parameters import Agent, Choice, InvalidParameter, Parameter, Whole
from domain.organisms.templates import Template, Written, recognised
from resolvers.so import by_hand, dna
from resolvers.so.by_hand import Asked
from schema.scalars import Info, SoUri, enum
from schema.so.verdict import DnaVerdict


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


@strawberry.type(
    description="One evaluation of Social DNA. Every process with the same hashes gets the same verdict and fuel."
)
class SoEvaluation:
    predicate: str = strawberry.field(description="What was asked: `output_expression`, `membrane`, …")
    subject: str = strawberry.field(description="About which URL, DID or hash.")
    did: str | None = strawberry.field(name="as", description="In whose eyes; null where it is nobody's.")
    verdict: DnaVerdict = strawberry.field(description="The answer.")
    reason: str | None = strawberry.field(description="The limit or error that left it undecided.")
    rule: str | None = strawberry.field(description="The rule that held because the program says nothing; else null.")
    dna_hash: str = strawberry.field(description="The SHA-256 of the program, in hex.")
    engine_hash: str | None = strawberry.field(description="The SHA-256 of the engine, in hex; null for a rule.")
    facts_hash: str | None = strawberry.field(description="The SHA-256 of the facts it read, in hex; null for a rule.")
    fuel: int = strawberry.field(description="WebAssembly instructions used.")
    milliseconds: float = strawberry.field(description="How long it took here.")


def evaluation_of(asked: Asked) -> SoEvaluation:
    evaluation = asked.evaluation
    return SoEvaluation(
        predicate=asked.predicate,
        subject=asked.subject,
        did=asked.me,
        verdict=asked.verdict,
        reason=None if evaluation is None else evaluation.reason,
        rule=asked.rule,
        dna_hash=asked.dna,
        engine_hash=None if evaluation is None else evaluation.engine_hash,
        facts_hash=None if evaluation is None else evaluation.facts_hash,
        fuel=0 if evaluation is None else evaluation.fuel,
        milliseconds=0.0 if evaluation is None else evaluation.milliseconds,
    )


@strawberry.type(description="Why Social DNA says what it says: the proof, or where every clause got stuck.")
class SoExplanation:
    evaluation: SoEvaluation = strawberry.field(description="What it says.")
    prolog: str = strawberry.field(description="The reasons as goals, one a line, indented.")
    words: str = strawberry.field(
        description="The reasons in words, from the program's own comments where it has some."
    )
    tree: JSON | None = strawberry.field(
        description="The reasons as a tree of {goal, kind, words, line, children}; null where none could be made."
    )
    truncated: bool = strawberry.field(description="Whether there were more reasons than are shown.")


def explanation_of(asked: Asked, explanation: Explanation) -> SoExplanation:
    tree = None if explanation.tree is None else explanation.tree.as_json()
    return SoExplanation(
        evaluation=evaluation_of(asked),
        prolog=explanation.prolog,
        words=explanation.words,
        tree=tree,  # type: ignore[arg-type]  # it is JSON
        truncated=explanation.truncated,
    )


enum(
    Severity,
    "SoDnaSeverity",
    "How bad a finding is.",
    {
        Severity.ERROR: "It does not work.",
        Severity.WARNING: "It is probably not meant.",
        Severity.INFO: "It is good to know.",
    },
)


@strawberry.type(description="One thing that lint found in a program.")
class SoDnaFinding:
    rule: str = strawberry.field(description="The rule's name, which stays the same: `singleton-variable`, …")
    severity: Severity = strawberry.field(description="How bad it is.")
    line: int | None = strawberry.field(description="From 1; null where it is about the whole program.")
    column: int | None = strawberry.field(description="From 0; null where it is about the whole program.")
    message: str = strawberry.field(description="What is the matter.")
    suggestion: str | None = strawberry.field(description="What to write instead, where that is known.")


def finding_of(finding: Finding) -> SoDnaFinding:
    return SoDnaFinding(
        rule=finding.rule,
        severity=finding.severity,
        line=finding.line,
        column=finding.column,
        message=finding.message,
        suggestion=finding.suggestion,
    )


@strawberry.type(
    description="How few colluding members could admit so many outsiders that these are the majority, by the membrane. "
    "Honest members stay silent, time may pass, and no facts but votes are known."
)
class SoCaptureCost:
    members: int = strawberry.field(description="How many members the roster has.")
    cost: int | None = strawberry.field(
        description="How few it takes; null where only bounds are known, or nobody can."
    )
    lower: int = strawberry.field(
        description="It takes no fewer: no smaller group lets even one in, whatever it votes, at the moments tried."
    )
    upper: int | None = strawberry.field(description="It takes no more; null where no way in was found.")
    impossible: bool = strawberry.field(
        description="Whether all members together cannot do it: for templates, and where there is no membrane."
    )
    exact: bool = strawberry.field(description="Whether the program is a template's, for which the search is complete.")
    exhausted: bool = strawberry.field(description="Whether the search ran out of its budget.")
    moves: list[str] = strawberry.field(description="A way in for `upper` colluders, move by move; each was tried.")
    evaluations: int = strawberry.field(description="How many evaluations the search took.")


def capture_cost_of(found: CaptureCost) -> SoCaptureCost:
    return SoCaptureCost(
        members=found.members,
        cost=found.cost,
        lower=found.lower,
        upper=found.upper,
        impossible=found.impossible,
        exact=found.exact,
        exhausted=found.exhausted,
        moves=list(found.moves),
        evaluations=found.evaluations,
    )


@strawberry.type(description="What can be said of a program before it is adopted.")
class SoDnaReport:
    program: strawberry.Private[str]
    dna_hash: str | None = strawberry.field(description="The SHA-256 of the program; null for text that has none.")
    findings: list[SoDnaFinding] = strawberry.field(description="What is wrong, or probably not meant, in it.")

    @strawberry.field(description="The template that it comes from unchanged, with its parameters; else null.")
    def template(self) -> SoDnaProgram | None:
        written = recognised(self.program)
        return None if written is None else program_of(written)

    @strawberry.field(description="How few could take the organism over.")
    async def capture_cost(
        self,
        info: Info,
        members: Annotated[int, strawberry.argument(description="How many members the roster has, 3 to 12.")] = 9,
    ) -> SoCaptureCost:
        return capture_cost_of(await dna.capture_cost(info.context, self.program, members))


def report_of(program: str, findings: tuple[Finding, ...]) -> SoDnaReport:
    try:
        digest = dna_hash(program)
    except InvalidDna:
        digest = None
    return SoDnaReport(program=program, dna_hash=digest, findings=[finding_of(each) for each in findings])


Predicate = Annotated[
    str, strawberry.argument(description="`output_expression`, `membrane`, `membrane_exit` or `dna_change`.")
]
Subject = Annotated[
    str, strawberry.argument(description="An expression's URL, a DID, or the hash of a proposed DNA or profile.")
]
InTheEyesOf = Annotated[
    str | None, strawberry.argument(name="as", description="`agent_did/1` for `output_expression`: a DID; else you.")
]


@strawberry.type
class SoDnaQuery:
    @strawberry.field(description="What the Social DNA says now. Nothing is signed and nothing changes.")
    async def so_evaluate(
        self, info: Info, so_uri: SoUri, predicate: Predicate, subject: Subject, did: InTheEyesOf = None
    ) -> SoEvaluation:
        return evaluation_of(await by_hand.evaluate(info.context, so_uri, predicate, subject, did))

    @strawberry.field(
        description="Why the Social DNA says what it says. Without `predicate`, the one that the subject is about: "
        "a URL may be said, a DID may join or be removed, a hash may be adopted. For members only where it looks at "
        "their perspective or at what they think of others."
    )
    async def so_explain(
        self,
        info: Info,
        so_uri: SoUri,
        subject: Subject,
        predicate: Annotated[
            str | None,
            strawberry.argument(description="`output_expression`, `membrane`, `membrane_exit` or `dna_change`."),
        ] = None,
        did: InTheEyesOf = None,
    ) -> SoExplanation:
        return explanation_of(*await by_hand.explain(info.context, so_uri, predicate, subject, did))

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

    @strawberry.field(description="What is wrong in a program, and how few could take over an organism with it.")
    async def so_dna_lint(
        self, info: Info, program: Annotated[str, strawberry.argument(description="The Social DNA: any text.")]
    ) -> SoDnaReport:
        return report_of(program, await dna.lint(info.context, program))
