"""What another Social DNA would have decided."""

from typing import Annotated

import strawberry

from domain.organisms.dna import DnaVerdict
from domain.organisms.whatif import Compared, PastKind, WhatIf
from resolvers.so import whatif
from schema.scalars import After, Connection, First, Info, SoUri, connection, enum
from schema.so.types import when

enum(
    PastKind,
    "SoDecisionKind",
    "What a Social DNA decided on.",
    {
        PastKind.EXPRESSION: "Something was said in the organism's name.",
        PastKind.ADMISSION: "Somebody was let in by the membrane.",
    },
)
enum(
    Compared,
    "SoDnaCompared",
    "What another program says to a decision of the past.",
    {
        Compared.TRUE: "Yes, by its rules.",
        Compared.FALSE: "No, by its rules.",
        Compared.UNDECIDED: "Nothing: a limit or an error.",
        Compared.NOT_COMPARABLE: "It looks at facts of that time that are not kept.",
    },
)


@strawberry.type(description="One decision of the past, and what another Social DNA says to it.")
class SoDnaWhatIf:
    seq: int = strawberry.field(description="The entry of the log that records the decision.")
    kind: PastKind = strawberry.field(description="What it was about.")
    subject: str = strawberry.field(description="The expression's URL, or the DID that was let in.")
    at: str = strawberry.field(description="When it was decided.")
    before: DnaVerdict = strawberry.field(description="What the Social DNA of that time said.")
    after: Compared = strawberry.field(description="What the other one says to the facts of that time.")
    differs: bool = strawberry.field(description="Whether it would have decided otherwise.")
    reason: str | None = strawberry.field(description="Why it is undecided or cannot be compared.")


def what_if_of(found: WhatIf) -> SoDnaWhatIf:
    past = found.past
    return SoDnaWhatIf(
        seq=past.seq,
        kind=past.kind,
        subject=past.subject,
        at=when(past.at),
        before=past.verdict,
        after=found.after,
        differs=found.differs,
        reason=found.reason,
    )


@strawberry.type
class SoWhatIfQuery:
    @strawberry.field(
        description="What another Social DNA would have decided on the newest 200 expressions and admissions, the "
        "newest first: judged by the facts of that time, as far as they are kept."
    )
    async def so_dna_what_if(
        self,
        info: Info,
        so_uri: SoUri,
        dna: Annotated[str, strawberry.argument(description="The program, at most 64 KB.")],
        first: First = None,
        after: After = None,
    ) -> Connection[SoDnaWhatIf]:
        page = await whatif.what_if(info.context, so_uri, dna, first, after)
        return connection(page, what_if_of, after)
