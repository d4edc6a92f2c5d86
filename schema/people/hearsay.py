"""What others say about people, in GraphQL."""

import strawberry

from domain.people.opinion import Opinion
from domain.timestamp import format_millis
from graphdb.people import SharedOpinion
from resolvers.people import hearsay
from resolvers.people.hearsay import Heard
from schema.people.types import Id
from schema.scalars import Info


@strawberry.type(description="An opinion about somebody in subjective logic: evidence, and what follows from it.")
class PersonOpinion:
    r: float = strawberry.field(description="The good evidence.")
    s: float = strawberry.field(description="The bad evidence, already three times as heavy.")
    belief: float = strawberry.field(description="r / (r + s + 2).")
    disbelief: float = strawberry.field(description="s / (r + s + 2).")
    uncertainty: float = strawberry.field(description="2 / (r + s + 2): 1 without evidence, towards 0 with much.")
    expectation: float = strawberry.field(description="(r + 1) / (r + s + 2): 0.5 without evidence.")


@strawberry.type(description="An opinion that you let others hear.")
class PersonSharedOpinion:
    person: str = strawberry.field(description="Whom it is about: an id.")
    opinion: PersonOpinion = strawberry.field(description="What it says, as it was when you shared it.")
    at: str = strawberry.field(description="When you shared it.")


@strawberry.type(description="What came to you by one way.")
class PersonRumour:
    people: list[str] = strawberry.field(
        description="Ids from the one you heard it from to the one it is about: at most three."
    )
    opinion: PersonOpinion = strawberry.field(
        description="The last one's opinion, discounted by how far each one before is trusted."
    )


@strawberry.type(
    description="What those you hold familiar or higher say about somebody. It stands beside the score, and never "
    "changes score or tier."
)
class PersonHearsay:
    of: strawberry.Private[Heard]
    person: str = strawberry.field(description="Whom it is about: an id.")
    opinion: PersonOpinion = strawberry.field(description="All of it added up; no evidence where nobody says anything.")
    rumours: list[PersonRumour] = strawberry.field(
        description="The ways it came by, the shortest first: at most eight, which share no connection."
    )

    @strawberry.field(
        description="The person's part of all trust, 0 to 1, when it starts evenly with those you hold familiar or "
        "higher and is passed on by what each of them shares, and so on (EigenTrust, restart 0.15); null where you "
        "hold nobody so. Accounts that vouch for each other share what one of them was given."
    )
    async def eigen_trust(self, info: Info) -> float | None:
        return await hearsay.passed_on(info.context.services, self.of)


def opinion_of(opinion: Opinion) -> PersonOpinion:
    return PersonOpinion(
        r=opinion.r,
        s=opinion.s,
        belief=opinion.belief,
        disbelief=opinion.disbelief,
        uncertainty=opinion.uncertainty,
        expectation=opinion.expectation,
    )


def shared_of(shared: SharedOpinion) -> PersonSharedOpinion:
    return PersonSharedOpinion(person=shared.person, opinion=opinion_of(shared.opinion), at=format_millis(shared.at))


def hearsay_of(heard: Heard) -> PersonHearsay:
    rumours = [PersonRumour(people=list(each.people), opinion=opinion_of(each.opinion)) for each in heard.rumours]
    return PersonHearsay(of=heard, person=heard.person, opinion=opinion_of(heard.opinion), rumours=rumours)


@strawberry.type
class HearsayQuery:
    @strawberry.field(description="What those you trust say about somebody.")
    async def person_hearsay(self, info: Info, id: Id) -> PersonHearsay:
        return hearsay_of(await hearsay.heard(info.context, id))

    @strawberry.field(description="What you let others hear about somebody; null where nothing.")
    async def person_shared_opinion(self, info: Info, id: Id) -> PersonSharedOpinion | None:
        shared = await hearsay.shared_opinion(info.context, id)
        return None if shared is None else shared_of(shared)


@strawberry.type
class HearsayMutation:
    @strawberry.mutation(
        description="Lets everybody who trusts you hear what you know of somebody now: the evidence, not the events. "
        "It counts where your agent is linked to a person."
    )
    async def person_share_opinion(self, info: Info, id: Id) -> PersonSharedOpinion:
        return shared_of(await hearsay.share_opinion(info.context, id))

    @strawberry.mutation(description="Takes a shared opinion back. Gives whether there was one.")
    async def person_unshare_opinion(self, info: Info, id: Id) -> bool:
        return await hearsay.take_opinion_back(info.context, id)
