"""The legacy loop: epochs, steps, turns. Source: sections 7.2 and 7.3 of the sandbox specification, and 13b."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from domain.sandbox.legacy.completion import complete
from domain.sandbox.legacy.observation import Action, ActionType, Proposal
from domain.sandbox.legacy.records import Completed, Executed, LegacyEpoch, LegacyResult, epoch_metrics
from domain.sandbox.legacy.settings import LegacySettings, Schedule
from domain.sandbox.legacy.world import Usage, World, new_world
from domain.sandbox.levers import decay, staking


def run(settings: LegacySettings, seed: int) -> LegacyResult:
    """The whole run. The same settings and seed give the same result, on every machine."""
    world = new_world(settings, seed)
    told = list(advance(world))
    return LegacyResult(
        tuple(one.metrics for one in told),
        tuple(action for one in told for action in one.actions),
        tuple(completed for one in told for completed in one.interactions),
        tuple(world.agents.values()),
        frozenset(world.frozen),
    )


@dataclass(slots=True)
class Course:
    """What has happened in one epoch so far; the metrics come when it is over."""

    epoch: int
    actions: list[Executed] = field(default_factory=list)
    interactions: list[Completed] = field(default_factory=list)
    metrics: LegacyEpoch = field(init=False)


def advance(world: World) -> Iterator[Course]:
    """Epoch by epoch; the world stands at the end of the latest."""
    for _ in range(world.settings.n_epochs):
        yield _epoch(world)


def _epoch(world: World) -> Course:
    _start_epoch(world)
    course = Course(world.epoch)
    for step in range(world.settings.steps_per_epoch):
        world.step = step
        _step(world, course)
    course.metrics = epoch_metrics(world.epoch, course.interactions, len(world.feed.posts), world.feed.vote_count)
    world.epoch += 1
    return course


def _start_epoch(world: World) -> None:
    config = world.settings.governance
    for agent in world.agents.values():
        agent.reputation += decay.change(config, agent.reputation)
    released = {agent_id for agent_id, tracker in world.trackers.items() if tracker.release(world.epoch)}
    world.frozen -= released
    for used in world.usage.values():
        used.posts = used.votes = 0


def _step(world: World, course: Course) -> None:
    for used in world.usage.values():
        used.interactions = 0
    left = world.settings.max_actions_per_step
    for agent_id in _order(world):
        if left == 0:
            break
        if agent_id not in world.frozen and _staked(world, agent_id):
            left -= _turn(world, course, agent_id)
    for proposal in list(world.pending.values()):
        if proposal.counterparty_id not in world.frozen:
            seat = world.seats[proposal.counterparty_id]
            accepted = world.policies[proposal.counterparty_id].accept(proposal, seat)
            _answer(world, course, proposal, accepted)


def _order(world: World) -> list[str]:
    order = list(world.agents)
    if world.settings.schedule is Schedule.RANDOM:
        world.random.shuffle(order)
    elif world.settings.schedule is Schedule.PRIORITY:
        order.sort(key=lambda agent_id: -world.agents[agent_id].reputation)
    return order


def _staked(world: World, agent_id: str) -> bool:
    return staking.may_act(world.settings.governance, world.agents[agent_id].resources)


def _turn(world: World, course: Course, agent_id: str) -> bool:
    """Whether the action succeeded; one that does nothing succeeds."""
    action = world.policies[agent_id].act(world.seats[agent_id])
    index = _target_index(action)
    success = _execute(world, course, agent_id, action)
    proposes = action.type is ActionType.PROPOSE
    course.actions.append(
        Executed(
            world.epoch,
            world.step,
            agent_id,
            action.type,
            action.target if proposes else None,
            action.interaction_type,
            index,
            action.vote,
            success,
        )
    )
    return success


def _target_index(action: Action) -> int | None:
    """Posts and proposals are numbered; their ids are those numbers."""
    numbered = action.type in (ActionType.VOTE, ActionType.ACCEPT, ActionType.REJECT)
    return int(action.target) if numbered and action.target is not None else None


def _execute(world: World, course: Course, agent_id: str, action: Action) -> bool:
    used, target = world.usage[agent_id], action.target or ""
    if action.type is ActionType.POST:
        world.feed.publish(agent_id)
        used.posts += 1
    elif action.type is ActionType.VOTE:
        world.feed.vote(agent_id, world.feed.posts[int(target)], action.vote)
        used.votes += 1
    elif action.type is ActionType.PROPOSE:
        _propose(world, agent_id, action, used)
    elif action.type in (ActionType.ACCEPT, ActionType.REJECT):
        _answer(world, course, world.pending[target], action.type is ActionType.ACCEPT)
    return True


def _propose(world: World, agent_id: str, action: Action, used: Usage) -> None:
    if action.target is None or action.interaction_type is None:
        raise AssertionError(f"a proposal without a counterparty or a type: {action}")
    number = str(world.proposals)
    world.pending[number] = Proposal(number, agent_id, action.target, action.interaction_type)
    world.proposals += 1
    used.interactions += 1


def _answer(world: World, course: Course, proposal: Proposal, accepted: bool) -> None:
    del world.pending[proposal.proposal_id]
    course.interactions.append(complete(world, proposal, accepted))
