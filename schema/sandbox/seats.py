"""The seats of the sandbox: agents of a run that somebody outside plays."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated

import strawberry

from domain.sandbox.seats.action import Action, Move
from domain.sandbox.seats.observation import Decision, Incoming, Other, Remembered, Shown
from domain.sandbox.seats.seating import Seating
from domain.timestamp import format_millis
from resolvers.context import OpenTurn
from resolvers.sandbox import seats
from schema.scalars import Info, enum

enum(
    Move,
    "SandboxMove",
    "What an agent does with a turn.",
    {
        Move.NOTHING: "Nothing.",
        Move.POST: "It posts.",
        Move.VOTE: "It votes on a post of the front page: `post` and `up`.",
        Move.PROPOSE: "It proposes an interaction to a candidate: `to`, and perhaps `offer` and `exploit`.",
        Move.ANSWER: "It answers what was proposed to it: accepts those in `accept`, refuses the others.",
    },
)
enum(
    Decision,
    "SandboxDecision",
    "Which of a step's two decisions is asked for.",
    {
        Decision.ACT: "What to do, before anybody has done anything in this step.",
        Decision.ANSWER: "Which proposals of this step to accept; only where there are any.",
    },
)


@strawberry.type(description="Another agent, as it can be seen.")
class SandboxOther:
    agent: str = strawberry.field(description="Its name in this run: a mask that tells nothing of its type.")
    reputation: float = strawberry.field(description="Its reputation, which everybody sees.")
    resources: float = strawberry.field(description="What it has, in credits.")
    trust: float = strawberry.field(description="How far the seat's agent trusts it, from 0 to 1.")
    same_group: bool = strawberry.field(description="Whether both are of one group.")


@strawberry.type(description="What the seat's agent remembers of one of up to 16 others.")
class SandboxRemembered:
    agent: str = strawberry.field(description="Its name in this run.")
    trust: float = strawberry.field(description="The moving average of what it was like, from 0 to 1.")
    met: int = strawberry.field(description="How many interactions with it were accepted.")
    step: int = strawberry.field(description="The step of the latest contact, counted over the run.")


@strawberry.type(description="A post of the front page.")
class SandboxPost:
    post: int = strawberry.field(description="Its number, for a vote in this turn.")
    author: str = strawberry.field(description="Whose it is.")
    net: float = strawberry.field(description="Votes for it less votes against it.")
    age: int = strawberry.field(description="How many steps ago it was written.")
    open: bool = strawberry.field(description="Whether a vote counts: not on own posts, and once on others'.")


@strawberry.type(description="A proposal that the seat's agent has got.")
class SandboxProposal:
    initiator: SandboxOther = strawberry.field(description="Whose it is.")
    offer: float = strawberry.field(description="The transfer that it promises, in credits; negative asks for one.")
    value: float = strawberry.field(description="What the agent expects of it, in credits.")


@strawberry.type(description="A turn that a seat is waited for, and what its agent sees.")
class SandboxObservation:
    agent: str = strawberry.field(description="The seat's agent.")
    turn: int = strawberry.field(description="The number of the turn: give it to `sandboxAct`.")
    deadline: str = strawberry.field(description="Until when an action counts; then the agent's own policy decides.")
    epoch: int = strawberry.field(description="The epoch, from 0.")
    step: int = strawberry.field(description="The step of the epoch, from 0.")
    clock: int = strawberry.field(description="The step, counted over the run.")
    decision: Decision = strawberry.field(description="What is asked for.")
    moves: list[Move] = strawberry.field(description="What is possible now.")
    reputation: float = strawberry.field(description="The agent's reputation.")
    resources: float = strawberry.field(description="What it has, in credits.")
    least_offer: float = strawberry.field(description="The least that a proposal of it can offer, in credits.")
    most_offer: float = strawberry.field(description="The most: what it has.")
    posts_left: int = strawberry.field(description="How many posts are left to it in this epoch.")
    votes_left: int = strawberry.field(description="How many votes are left to it in this epoch.")
    memory: list[SandboxRemembered] = strawberry.field(description="Whom it remembers, the latest contact first.")
    candidates: list[SandboxOther] = strawberry.field(description="Whom it can propose to in this step.")
    front_page: list[SandboxPost] = strawberry.field(description="What there is to vote on, the best first.")
    proposals: list[SandboxProposal] = strawberry.field(description="What it has to answer, the first read first.")


@strawberry.type(description="An agent of a run that somebody outside plays.")
class SandboxHeldSeat:
    agent: str = strawberry.field(description="The agent.")
    holder: str = strawberry.field(description="The DID of whoever plays it.")


@strawberry.input(description="An agent of the scenario that somebody outside plays.")
class SandboxSeat:
    agent: str = strawberry.field(description="The agent, such as `honest_1`: its type, and its number of that type.")
    holder: str | None = strawberry.field(
        default=None, description="The DID of whoever plays it; null for the agent that starts the run."
    )


@strawberry.input(description="What a seat does with a turn.")
class SandboxAction:
    move: Move = strawberry.field(description="One of the `moves` of the turn.")
    post: int | None = strawberry.field(default=None, description="`VOTE`: which post.")
    up: bool | None = strawberry.field(default=None, description="`VOTE`: for it, or against it.")
    to: str | None = strawberry.field(default=None, description="`PROPOSE`: to which candidate.")
    offer: float | None = strawberry.field(
        default=None, description="`PROPOSE`: the transfer promised, in credits; null for what its type offers."
    )
    exploit: bool = strawberry.field(
        default=False,
        description="`PROPOSE`: whether to do worse and take more than promised, as far as its type does.",
    )
    accept: list[str] = strawberry.field(
        default_factory=list, description="`ANSWER`: whose proposals are accepted; all others are refused."
    )


Run = Annotated[str, strawberry.argument(description="The id of the run.")]
Agent = Annotated[str, strawberry.argument(description="The seat's agent, such as `honest_1`.")]


@strawberry.type
class SeatsMutation:
    @strawberry.mutation(
        description="Play a turn of a seat of mine; true once it is taken. The same again changes nothing."
    )
    async def sandbox_act(
        self,
        info: Info,
        run: Run,
        agent: Agent,
        turn: Annotated[int, strawberry.argument(description="Which turn, as `sandboxObserve` told it.")],
        action: Annotated[SandboxAction, strawberry.argument(description="What its agent does.")],
    ) -> bool:
        await seats.act(info.context, run, agent, turn, _action(action))
        return True


@strawberry.type
class SeatsSubscription:
    @strawberry.subscription(
        description="The turns of a seat of mine: the one that is waited for, then each as it comes, to the end."
    )
    async def sandbox_observe(self, info: Info, run: Run, agent: Agent) -> AsyncGenerator[SandboxObservation, None]:
        async with aclosing(seats.observe(info.context, run, agent)) as turns:
            async for asked in turns:
                yield _observation(asked)


def asked_seats(given: list[SandboxSeat] | None) -> list[seats.AskedSeat]:
    return [seats.AskedSeat(each.agent, each.holder) for each in given or ()]


def held_seats(seating: Seating | None) -> list[SandboxHeldSeat]:
    return [SandboxHeldSeat(agent=seat.agent, holder=seat.holder) for seat in (seating.seats if seating else ())]


def _action(given: SandboxAction) -> Action:
    return Action(
        move=given.move,
        post=given.post,
        up=given.up,
        to=given.to,
        offer=given.offer,
        exploit=given.exploit,
        accept=tuple(given.accept),
    )


def _observation(asked: OpenTurn) -> SandboxObservation:
    seen = asked.seen
    return SandboxObservation(
        agent=seen.agent,
        turn=seen.turn,
        deadline=format_millis(asked.deadline),
        epoch=seen.epoch,
        step=seen.step,
        clock=seen.clock,
        decision=seen.decision,
        moves=list(seen.moves),
        reputation=seen.reputation,
        resources=seen.resources,
        least_offer=seen.least_offer,
        most_offer=seen.most_offer,
        posts_left=seen.posts_left,
        votes_left=seen.votes_left,
        memory=[_remembered(each) for each in seen.memory],
        candidates=[_other(each) for each in seen.candidates],
        front_page=[_post(each) for each in seen.front_page],
        proposals=[_proposal(each) for each in seen.proposals],
    )


def _remembered(each: Remembered) -> SandboxRemembered:
    return SandboxRemembered(agent=each.agent, trust=each.trust, met=each.met, step=each.step)


def _other(each: Other) -> SandboxOther:
    return SandboxOther(
        agent=each.agent,
        reputation=each.reputation,
        resources=each.resources,
        trust=each.trust,
        same_group=each.same_group,
    )


def _post(each: Shown) -> SandboxPost:
    return SandboxPost(post=each.post, author=each.author, net=each.net, age=each.age, open=each.open)


def _proposal(each: Incoming) -> SandboxProposal:
    return SandboxProposal(initiator=_other(each.initiator), offer=each.offer, value=each.value)
