"""Relationships, decisions and the policy behind them, in GraphQL."""

import asyncio

import strawberry
from strawberry.scalars import JSON

from domain.alliance.engagement import Context as Post
from domain.alliance.engagement import Strategy
from domain.alliance.outlook import Prospect, prospects
from domain.alliance.policy import UNIT, Policy, Profile, Relationship
from domain.alliance.publication import policy_data, policy_text, rule_text
from domain.alliance.relationship import Assessment
from domain.timestamp import format_millis
from resolvers.alliance.publish import Decided
from resolvers.alliance.replay import inputs
from schema.scalars import Info, enum

enum(
    Relationship,
    "AllianceClass",
    "What somebody is to an observer.",
    {
        Relationship.UNKNOWN: "Nothing happened between the two in the last 90 days.",
        Relationship.ALLY: "Good to the observer, lately and repeatedly.",
        Relationship.NEUTRAL: "Somebody with a history that makes neither ally nor rival.",
        Relationship.RIVAL: "Hostile to the observer, lately and without being provoked.",
        Relationship.IGNORE: "Marked by the observer: never engaged with.",
    },
)
enum(
    Profile,
    "AllianceProfile",
    "How relationships are found.",
    {
        Profile.STANDARD: "The default: only what the other side does counts, a class is entered and left at different "
        "scores, and one unprovoked hostile act in four is forgiven.",
        Profile.SEED: "The Alliance Protocol as its author wrote it.",
    },
)


@strawberry.input(description="What is known of the post that is to be engaged with.")
class AllianceContext:
    post_id: str = strawberry.field(default="", description="Its id: where a draw decides, it is drawn on this id.")
    is_relevant_topic: bool = strawberry.field(default=False, description="Whether its topic is one of yours.")
    mentions_us: bool = strawberry.field(default=False, description="Whether it speaks of you.")
    is_negative: bool = strawberry.field(default=False, description="Whether it speaks negatively.")
    high_visibility: bool = strawberry.field(default=False, description="Whether many people read it.")

    def to_domain(self) -> Post:
        return Post(
            post_id=self.post_id,
            is_relevant_topic=self.is_relevant_topic,
            mentions_us=self.mentions_us,
            is_negative=self.is_negative,
            high_visibility=self.high_visibility,
        )


@strawberry.type(description="What somebody is to an observer at one moment, and the figures behind it.")
class AllianceRelationship:
    observer: str = strawberry.field(description="Whose relationship it is: a DID.")
    subject: str = strawberry.field(description="The person's id; the account or DID of somebody who was never met.")
    at: str = strawberry.field(description="The moment it is calculated for.")
    profile: Profile = strawberry.field(description="How it is calculated.")
    version: int = strawberry.field(description="The version of the profile's constants.")
    relationship: Relationship = strawberry.field(description="The class.")
    score: float = strawberry.field(description="The score in units of weight: an upvote received today is 2.")
    exact_score: int = strawberry.field(description="The score as an integer, `unit` to one unit of weight.")
    unit: int = strawberry.field(description="How many parts of the exact score make one unit of weight.")
    interaction_count: int = strawberry.field(description="Interactions that count towards the class.")
    positive: int = strawberry.field(description="Positive ones among them.")
    negative: int = strawberry.field(description="Negative ones among them, without those that answered one of yours.")
    justified: int = strawberry.field(description="Negative acts that answered one of yours, and count nothing.")
    own: int = strawberry.field(description="Your own acts: standing, never evidence about the other.")
    uncertainty: float = strawberry.field(description="1 with no evidence, towards 0 with much, whatever it says.")
    first_at: str | None = strawberry.field(description="The first interaction of either side that still counts.")
    last_at: str | None = strawberry.field(description="The last one.")
    last_own_at: str | None = strawberry.field(description="Your own last act that still counts.")
    provoked: bool = strawberry.field(description="Whether an unprovoked hostile act is fresh and not forgiven.")
    provoked_until: str | None = strawberry.field(description="When the pause that follows it ends.")
    valid_until: str | None = strawberry.field(
        description="Until when all of this stays as it is, with nothing new; null for ever."
    )


def when(ms: int | None) -> str | None:
    return None if ms is None else format_millis(ms)


def relationship_of(found: Assessment) -> AllianceRelationship:
    tally = found.tally
    return AllianceRelationship(
        observer=found.observer,
        subject=found.subject,
        at=format_millis(found.now),
        profile=found.profile,
        version=found.version,
        relationship=found.relationship,
        score=found.score,
        exact_score=tally.score,
        unit=UNIT,
        interaction_count=tally.counted,
        positive=tally.positive,
        negative=tally.negative,
        justified=tally.justified,
        own=tally.own,
        uncertainty=tally.uncertainty,
        first_at=when(tally.first_at),
        last_at=when(tally.last_at),
        last_own_at=when(tally.last_own_at),
        provoked=tally.provoked,
        provoked_until=when(tally.provoked_until),
        valid_until=when(found.valid_until),
    )


@strawberry.type(description="How to engage: every field is always there.")
class AllianceStrategy:
    tone: str = strawberry.field(description="warm, neutral, cautious or none.")
    priority: str = strawberry.field(description="high, medium, low or none.")
    notes: str = strawberry.field(description="What to keep in mind, as a sentence.")
    score: float = strawberry.field(description="The score behind it, in units of weight.")
    interaction_count: int = strawberry.field(description="How many interactions are behind it.")


def strategy_of(found: Strategy) -> AllianceStrategy:
    return AllianceStrategy(
        tone=found.tone,
        priority=found.priority,
        notes=found.notes,
        score=found.score,
        interaction_count=found.interaction_count,
    )


@strawberry.type(description="One thing that would change an answer: it comes true if nothing else happens.")
class AllianceProspect:
    what: str = strawberry.field(description="What would have to happen and what would follow, as a sentence.")
    relationship: Relationship = strawberry.field(description="The class that would follow.")
    engage: bool = strawberry.field(description="The answer that would follow.")
    at: str | None = strawberry.field(description="When, where time alone brings it about.")
    kind: str | None = strawberry.field(description="The kind of act of the person that would bring it about.")
    acts: int | None = strawberry.field(description="How many of these acts it takes.")


def prospect_of(found: Prospect) -> AllianceProspect:
    return AllianceProspect(
        what=found.what,
        relationship=found.relationship,
        engage=found.engage,
        at=when(found.at),
        kind=None if found.kind is None else str(found.kind),
        acts=found.acts,
    )


@strawberry.type(description="Whether and how to engage, by which rule, and until when that holds.")
class AllianceDecision:
    engage: bool = strawberry.field(description="Whether to engage.")
    reason: str = strawberry.field(description="The code of the rule that answered, such as `ally_prioritize`.")
    words: str = strawberry.field(description="Why, as a sentence.")
    rule: str = strawberry.field(description="The rule that answered, as the published policy words it.")
    strategy: AllianceStrategy = strawberry.field(description="How to engage.")
    drawn: int | None = strawberry.field(description="The public draw on the post, 0 to 99, where one decided.")
    valid_until: str | None = strawberry.field(
        description="Until when the answer stays as it is, with nothing new; null for ever."
    )
    profile: Profile = strawberry.field(description="Which profile answered.")
    version: int = strawberry.field(description="The version of its constants.")
    relationship: AllianceRelationship = strawberry.field(description="What the person is, and the figures behind it.")
    decided: strawberry.Private[Decided]

    @strawberry.field(
        description="SHA-256 of the replay data that it was taken from, as canonical JSON: equal for equal inputs."
    )
    async def inputs(self, info: Info) -> str:
        return await inputs(info.context.services, self.decided)

    @strawberry.field(
        description="What would change the answer: another post, time, or what the person does next. "
        "It takes long to find: an agent may ask for so many a minute, and all without one together for as many."
    )
    async def outlook(self, info: Info) -> list[AllianceProspect]:
        info.context.allow()
        found, now = self.decided, self.decided.decision.assessment.now
        told = await asyncio.to_thread(prospects, found.history, found.decision.context, now, found.policy)
        return [prospect_of(each) for each in told]


def decision_of(found: Decided) -> AllianceDecision:
    decision = found.decision
    return AllianceDecision(
        engage=decision.engage,
        reason=str(decision.reason),
        words=decision.words,
        rule=rule_text(decision.reason, found.policy),
        strategy=strategy_of(decision.strategy),
        drawn=decision.drawn,
        valid_until=when(decision.valid_until),
        profile=decision.assessment.profile,
        version=decision.assessment.version,
        relationship=relationship_of(decision.assessment),
        decided=found,
    )


@strawberry.type(description="A whole policy: everybody can compute what it answers.")
class AlliancePolicy:
    profile: Profile = strawberry.field(description="Which profile it is.")
    version: int = strawberry.field(description="The version of its constants.")
    text: str = strawberry.field(description="All of it for a person to read, made from the numbers in `data`.")
    data: JSON = strawberry.field(description="All of it for a program: what a replayer needs beside the replay data.")


def policy_of(found: Policy) -> AlliancePolicy:
    return AlliancePolicy(
        profile=found.profile,
        version=found.version,
        text=policy_text(found),
        data=policy_data(found),  # type: ignore[arg-type]  # it is JSON
    )


@strawberry.type(description="How many people are one thing to you.")
class AllianceCount:
    relationship: Relationship = strawberry.field(description="What.")
    people: int = strawberry.field(description="How many.")


@strawberry.type(description="How many people are what to you.")
class AllianceSummary:
    at: str = strawberry.field(description="The moment it is counted for.")
    profile: Profile = strawberry.field(description="How relationships are found.")
    version: int = strawberry.field(description="The version of the profile's constants.")
    people: int = strawberry.field(description="Everybody with whom you recorded something, or whom you marked.")
    counts: list[AllianceCount] = strawberry.field(description="Every class, those without anybody too.")


@strawberry.type(description="A page of your histories.")
class AllianceExport:
    data: JSON = strawberry.field(description="What `allianceImport` takes: complete in itself.")
    people: int = strawberry.field(description="How many people all pages have.")
    end_cursor: str | None = strawberry.field(description="Give it as `after` for the next page.")
    has_next_page: bool = strawberry.field(description="Whether there is one.")
