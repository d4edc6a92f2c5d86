"""Tasks from their offer to their end, the escrow, the roles, and adversaries that adapt."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.sandbox.agent import AgentType
from domain.sandbox.errors import OutOfRange
from domain.sandbox.limits import RateLimits
from domain.sandbox.role import LEAST_INTERVAL, Role, approves, work_quality
from domain.sandbox.standard.population import MICRO, Member
from domain.sandbox.standard.run import Run, run
from domain.sandbox.standard.settings import StandardSettings
from domain.sandbox.standard.working import Workshop
from domain.sandbox.work import TaskStatus, WorkConfig
from tests.domain.sandbox.test_standard import members, world

S = TaskStatus
LEGAL = {
    (S.EMPTY, S.OPEN),
    (S.OPEN, S.CLAIMED),
    (S.OPEN, S.EMPTY),
    (S.CLAIMED, S.IN_PROGRESS),
    (S.IN_PROGRESS, S.SUBMITTED),
    (S.SUBMITTED, S.IN_PROGRESS),
    (S.SUBMITTED, S.DISPUTED),
    (S.DISPUTED, S.EMPTY),
    *((status, S.EMPTY) for status in (S.CLAIMED, S.IN_PROGRESS, S.SUBMITTED)),
    *((status, S.OPEN) for status in S if status is not S.EMPTY),
}
"""From the end of one step to that of the next; a place that is free again can be taken at once."""


def market(work: WorkConfig | None = None, **changes: object) -> StandardSettings:
    """Four planners, eight honest and four adversarial workers, two verifiers."""
    roles = [Role.PLANNER] * 4 + [Role.WORKER] * 8 + [Role.VERIFIER] * 2
    honest = [replace(one, roles=(role,)) for one, role in zip(members(14, 0, 0, 0), roles, strict=True)]
    chosen = work or WorkConfig(posting=0.5, steps=1)
    return world(members=(*honest, *members(0, 0, 0, 4)), n_epochs=4, steps_per_epoch=10, work=chosen, **changes)


works = st.builds(
    WorkConfig,
    posting=st.floats(0, 1),
    bounty=st.floats(0, 60),
    value=st.floats(0, 20),
    bidding=st.floats(0, 1),
    most_bids=st.integers(1, 3),
    bid_epochs=st.integers(1, 2),
    steps=st.integers(1, 4),
    fee=st.floats(0, 1),
    strictness=st.floats(0, 1),
    dispute_epochs=st.integers(1, 2),
    dispute_split=st.floats(0, 1),
    ruling=st.floats(0, 1),
)


class Watched(Workshop):
    """Looks after every step whether the books are right."""

    def step(self) -> None:
        state, before = self._state, self._state.tasks.status.copy()
        paid = state.resources.reshape(self._people.seeds, -1).sum(axis=1) + state.accounts.treasury
        whole = paid + state.accounts.escrow + state.accounts.world
        super().step()
        after = state.tasks.status
        moved = before != after
        steps = zip(before[moved].tolist(), after[moved].tolist(), strict=True)
        assert {(S(one), S(other)) for one, other in steps} <= LEGAL
        assert (state.tasks.held >= 0).all()
        assert (state.tasks.held[after == S.EMPTY] == 0).all()
        assert (state.tasks.held.sum(axis=1) == state.accounts.escrow).all()
        held = state.resources.reshape(self._people.seeds, -1).sum(axis=1) + state.accounts.treasury
        assert (held + state.accounts.escrow + state.accounts.world == whole).all()


@settings(max_examples=40)
@given(works, st.integers(0, 1000))
def test_whatever_is_held_leaves_the_escrow_once(work: WorkConfig, seed: int) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("domain.sandbox.standard.run.Workshop", Watched)
        ran = Run(market(work), [seed, seed + 1])

        found = [epoch.metrics for epoch in ran.epochs()]

    for number in range(2):
        course = [metrics[number] for metrics in found]
        ended = sum(one.tasks_completed + one.tasks_failed + one.tasks_expired for one in course)
        live = int((ran.state.tasks.status[number] != S.EMPTY).sum())
        assert sum(one.tasks_offered for one in course) == ended + live


def test_a_task_goes_all_the_way() -> None:
    (course,) = run(market(), [1])

    totals = {name: sum(getattr(one, name) for one in course) for name in ("tasks_claimed", "tasks_completed")}
    assert totals["tasks_completed"] > 10
    assert totals["tasks_claimed"] >= totals["tasks_completed"]
    assert course[-1].treasury > 0, "the fee"


def test_without_bidders_offers_expire_and_planners_have_their_bounties_back() -> None:
    ran = Run(replace(market(WorkConfig(posting=0.5, bidding=0.0, bid_epochs=1)), n_epochs=3), [1])

    first, *_, last = [epoch.metrics[0] for epoch in ran.epochs()]

    assert first.tasks_offered > 0 == first.tasks_expired
    assert last.tasks_expired > 0
    assert last.escrow == pytest.approx(5.0 * (ran.state.tasks.status == S.OPEN).sum())


def test_a_worker_claims_no_more_than_its_limit() -> None:
    limits = RateLimits(tasks_per_epoch=1)

    (course,) = run(market(limits=limits), [1])

    assert all(one.tasks_claimed <= 12 for one in course)
    assert sum(one.tasks_claimed for one in run(market(), [1])[0]) > sum(one.tasks_claimed for one in course)


def test_a_bounty_below_the_least_is_not_offered() -> None:
    assert not WorkConfig(posting=1.0, bounty=0.5).on
    assert all(one.tasks_offered == 0 for one in run(market(WorkConfig(posting=1.0, bounty=0.5)), [1])[0])


@pytest.mark.parametrize("value", [{"posting": 1.5}, {"fee": -0.1}, {"steps": 0}, {"bounty": float("nan")}])
def test_numbers_out_of_range_are_refused(value: dict[str, float]) -> None:
    with pytest.raises(OutOfRange):
        WorkConfig(**value)  # type: ignore[arg-type]  # wrong on purpose


def test_verifiers_approve_good_work_and_refuse_bad() -> None:
    looks = np.array([True, True, False, False])
    quality = work_quality(looks, np.array([0.0, 1.0, 0.0, 1.0]))

    assert approves(quality, 0.5).tolist() == looks.tolist()
    assert approves(quality, 0.0).tolist() == [True, True, False, True], "lax verifiers let some bad work pass"
    assert ((quality >= 0) & (quality <= 1)).all()


def test_lax_verification_pays_for_bad_work() -> None:
    def gained(strictness: float) -> float:
        found = run(market(WorkConfig(posting=0.5, steps=1, strictness=strictness)), range(4))
        return float(np.mean([sum(one.types[AgentType.HONEST].real_payoff for one in course) for course in found]))

    assert gained(0.0) < gained(0.5)


def busy(*roles: Role) -> tuple[Member, ...]:
    return tuple(replace(one, roles=roles) for one in members(12, 0, 0, 0))


def test_posters_pause_between_posts() -> None:
    ran = Run(world(members=busy(Role.POSTER), steps_per_epoch=12, n_epochs=2), [1])
    others = Run(world(members=busy(), steps_per_epoch=12, n_epochs=2), [1])

    posts = [epoch.metrics[0].posts for epoch in ran.epochs()]
    usual = [epoch.metrics[0].posts for epoch in others.epochs()]

    assert sum(posts) < sum(usual)
    assert max(posts) <= 12 * 12 / LEAST_INTERVAL


def test_moderators_hide_what_they_vote_against() -> None:
    """Adversaries vote everything down that is not their group's."""
    hostile = tuple(replace(one, roles=(Role.MODERATOR,)) for one in members(6, 0, 0, 12))
    ran, usual = (Run(world(members=them, n_epochs=2), [1]) for them in (hostile, members(6, 0, 0, 12)))

    for one in (ran, usual):
        list(one.epochs())

    assert (ran.state.feed.author >= 0).sum() < (usual.state.feed.author >= 0).sum()


def test_adversaries_that_adapt_lie_low_where_exploiting_does_not_pay() -> None:
    harsh = replace(world().governance, audit_enabled=True, audit_probability=0.5, audit_penalty_multiplier=6.0)
    adaptive = tuple(
        replace(one, adapts=True, behaviour=replace(one.behaviour, good=0.9)) for one in members(0, 0, 0, 8)
    )
    made = world(members=(*members(20, 0, 0, 0), *adaptive), n_epochs=10, steps_per_epoch=12)

    def exploits(settings_: StandardSettings) -> int:
        found = run(settings_, range(8))
        return sum(one.types[AgentType.ADVERSARIAL].exploits for course in found for one in course[2:])

    assert exploits(replace(made, governance=harsh)) < 0.6 * exploits(made)


def test_bounties_that_could_overflow_are_refused() -> None:
    with pytest.raises(OutOfRange):
        market(WorkConfig(posting=0.5, bounty=float(10 * MICRO)))
