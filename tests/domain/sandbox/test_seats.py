"""Agents that somebody outside plays: what they see, what they do, and that nobody else notices a silent one."""

import random
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.sandbox.agent import AgentType
from domain.sandbox.errors import DamagedLog, ImpossibleAction, InvalidScenario, InvalidSeats, LogDiffers, OutOfRange
from domain.sandbox.eventlog.course import course_of, whole_log
from domain.sandbox.eventlog.header import Branch, Header
from domain.sandbox.eventlog.reading import End, entries, played, replayed
from domain.sandbox.governance import GovernanceConfig
from domain.sandbox.limits import RateLimits
from domain.sandbox.rule import Rule
from domain.sandbox.seats.action import Action, Move, fields_of
from domain.sandbox.seats.masks import Masks
from domain.sandbox.seats.observation import Decision, Incoming, Observation, Other, Shown
from domain.sandbox.seats.play import Play, nobody, repeated
from domain.sandbox.seats.possible import check
from domain.sandbox.seats.reading import read_action, read_observations
from domain.sandbox.seats.seating import MOST_SEATS, Seat, Seating
from domain.sandbox.shock import Shock, ShockKind
from domain.sandbox.standard.records import Interactions
from domain.sandbox.standard.rules import Rules
from domain.sandbox.standard.run import Epoch, Run, run
from domain.sandbox.standard.seats import Sitting
from domain.sandbox.standard.settings import StandardSettings
from domain.sandbox.study.comparing import conditions_of
from server.sandbox import logfile
from tests.domain.sandbox.seats import any_action, wild
from tests.domain.sandbox.test_standard import course, same, world, worlds
from tests.server.sandbox.worlds import legacy, standard
from tests.worlds import agent

HOLDER = agent("ada").did
LONELY = world(1, 1, 0, 0)
"""Each of the two has nobody but the other."""


def ids(made: StandardSettings) -> tuple[str, ...]:
    return tuple(member.agent_id for member in made.members)


def epochs(made: StandardSettings, play: Play, *agents: str) -> list[Epoch]:
    return list(Run(made, [1], Sitting(agents, play)).epochs())


def seated(play: Play = nobody, **changes: object) -> Header:
    """The mixed scenario with two seats."""
    seats = (Seat("honest_2", HOLDER), Seat("adversarial_1", HOLDER))
    return replace(standard(), seating=Seating(seats, "salt"), **changes)  # type: ignore[arg-type]


@settings(max_examples=15)
@given(worlds, st.integers(0, 1000), st.randoms(use_true_random=False))
def test_silent_seats_change_nothing_to_the_bit(made: StandardSettings, seed: int, chance: random.Random) -> None:
    played_ = chance.sample(ids(made), chance.randint(1, len(made.members)))

    silent = list(Run(made, [seed], Sitting(tuple(played_), nobody)).epochs())

    assert all(same(one.interactions, other) for one, other in zip(silent, course(made, seed), strict=True))
    assert repr([one.metrics[0] for one in silent]) == repr(list(run(made, [seed])[0]))
    assert not any(one.taken for one in silent)


@settings(max_examples=15)
@given(worlds, st.integers(0, 1000), st.randoms(use_true_random=False))
def test_what_seats_did_gives_the_same_run_again(made: StandardSettings, seed: int, chance: random.Random) -> None:
    agents = tuple(chance.sample(ids(made), chance.randint(1, len(made.members))))
    first = list(Run(made, [seed], Sitting(agents, wild(seed))).epochs())

    again = list(Run(made, [seed], Sitting(agents, repeated(each for one in first for each in one.taken))).epochs())

    assert [one.taken for one in again] == [one.taken for one in first]
    assert repr([one.metrics for one in again]) == repr([one.metrics for one in first])
    assert all(same(one.interactions, two.interactions) for one, two in zip(first, again, strict=True))


def only(move: Move, **said: object) -> Play:
    """Makes this move whenever it is possible."""

    def play(seen: tuple[Observation, ...]) -> Mapping[str, Action]:
        return {one.agent: Action(move=move, **said) for one in seen if move in one.moves}  # type: ignore[arg-type]

    return play


@settings(max_examples=20)
@given(st.integers(0, 2**64 - 1), st.sampled_from([Move.NOTHING, Move.POST]))
def test_what_a_seat_does_changes_nobody_elses_luck(seed: int, move: Move) -> None:
    made = world(6, 4, 4, 4, n_epochs=1, steps_per_epoch=1)
    row = sorted(ids(made)).index("adversarial_0")

    def others(play: Play) -> Interactions:
        (epoch,) = Run(made, [seed], Sitting(("adversarial_0",), play)).epochs()
        rows = epoch.interactions
        apart = np.flatnonzero((rows.initiator != row) & (rows.counterparty != row))
        return Interactions(**{each.name: getattr(rows, each.name)[apart] for each in fields(Interactions)})

    assert same(others(only(move)), others(nobody))


@pytest.mark.parametrize(("move", "figure"), [(Move.POST, "posts"), (Move.NOTHING, None)])
def test_a_move_is_what_the_agent_does(move: Move, figure: str | None) -> None:
    limits = RateLimits(posts_per_epoch=100)
    everybody = world(limits=limits)

    (first, *_) = epochs(everybody, only(move), *ids(everybody))

    moves = len(everybody.members) * everybody.steps_per_epoch
    counted = {name: getattr(first.metrics[0], name) for name in ("posts", "votes", "proposed")}
    assert counted == {"posts": 0, "votes": 0, "proposed": 0} | ({figure: moves} if figure else {})


def test_a_vote_counts_where_it_was_meant() -> None:
    nets: list[float] = []

    def play(seen: tuple[Observation, ...]) -> Mapping[str, Action]:
        """The first posts in the first step, the second votes for it in the next."""
        acting = [one for one in seen if one.decision is Decision.ACT]
        nets.extend(post.net for one in acting for post in one.front_page if one.step == 2)
        said = {one.agent: Action(move=Move.NOTHING) for one in acting}
        for one in acting:
            if one.step == 0 and one.agent == "honest_0":
                said[one.agent] = Action(move=Move.POST)
            if one.step == 1 and one.agent == "opportunistic_0":
                said[one.agent] = Action(move=Move.VOTE, post=one.front_page[0].post, up=True)
        return said

    ran = Run(replace(LONELY, n_epochs=1, steps_per_epoch=3), [1], Sitting(ids(LONELY), play))
    ((metrics,), *_) = (epoch.metrics for epoch in ran.epochs())

    assert (metrics.posts, metrics.votes) == (1, 1)
    assert nets == [1.0, 1.0]
    assert ran.state.reputation.tolist() == pytest.approx([0.02, 0.0])


def test_a_proposal_goes_where_it_was_meant_and_is_answered_as_said() -> None:
    answers = iter([True, False, True])

    def play(seen: tuple[Observation, ...]) -> Mapping[str, Action]:
        (one, *_) = seen
        if one.decision is Decision.ANSWER:
            return {one.agent: Action(move=Move.ANSWER, accept=("opportunistic_0",) if next(answers) else ())}
        offering = Action(move=Move.PROPOSE, to="honest_0", offer=2.5, exploit=False)
        return {"opportunistic_0": offering, "honest_0": Action(move=Move.NOTHING)}

    (epoch,) = epochs(replace(LONELY, n_epochs=1, steps_per_epoch=3), play, *ids(LONELY))

    rows = epoch.interactions
    assert (rows.initiator.tolist(), rows.offer.tolist(), rows.tau.tolist()) == ([1] * 3, [2.5] * 3, [2.5, 0.0, 2.5])
    assert rows.rule.tolist() == [Rule.SEAT_ACCEPTED, Rule.SEAT_REFUSED, Rule.SEAT_ACCEPTED]


def test_who_exploits_takes_what_its_type_takes() -> None:
    pair = world(1, 0, 0, 1, n_epochs=1, steps_per_epoch=1)

    def taking(exploit: bool) -> float:
        said = {"adversarial_0": Action(move=Move.PROPOSE, to="honest_0", exploit=exploit)}
        yes = {"honest_0": Action(move=Move.ANSWER, accept=("adversarial_0",))}
        (epoch,) = epochs(pair, lambda seen: said if seen[0].decision is Decision.ACT else yes, *ids(pair))
        return float(epoch.interactions.tau.sum())

    assert (taking(True), taking(False)) == (-1.0, 0.0)


def test_nobody_is_asked_who_cannot_act() -> None:
    asked: list[Observation] = []

    def play(seen: tuple[Observation, ...]) -> Mapping[str, Action]:
        asked.extend(seen)
        return {}

    epochs(world(shocks=(Shock(kind=ShockKind.DROPOUT, epoch=1, share=1.0),)), play, "honest_0")
    away = {one.epoch for one in asked}
    asked.clear()
    poor = GovernanceConfig(staking_enabled=True, min_stake_to_participate=1000)
    epochs(world(governance=poor), play, "honest_0")

    assert away == {0, 2}
    assert asked == []


def test_turns_are_numbered_through_the_run_and_seats_asked_together() -> None:
    turns: list[tuple[int, str, int]] = []

    def play(seen: tuple[Observation, ...]) -> Mapping[str, Action]:
        turns.append((seen[0].turn, seen[0].decision, len({one.turn for one in seen})))
        return {}

    epochs(world(), play, *ids(world()))

    numbers = [number for number, _, _ in turns]
    assert numbers == sorted(set(numbers))
    assert {alone for _, _, alone in turns} == {1}
    assert all((number % 2 == 1) == (decision is Decision.ANSWER) for number, decision, _ in turns)
    assert [number for number in numbers if number % 2 == 0] == [2 * step for step in range(3 * 6)]


def test_several_seeds_have_no_seats() -> None:
    with pytest.raises(OutOfRange, match="seeds"):
        Run(world(), [1, 2], Sitting(("honest_0",), nobody))


@settings(max_examples=10)
@given(worlds, st.integers(0, 100))
def test_what_a_seat_is_shown_is_true_and_can_be_told_as_json(made: StandardSettings, seed: int) -> None:
    shown: list[Observation] = []

    def play(seen: tuple[Observation, ...]) -> Mapping[str, Action]:
        shown.extend(seen)
        for one in seen:
            assert one.resources == ran.state.resources[ran.people.ids.index(one.agent)] / 1_000_000
            others = (*one.candidates, *(each.initiator for each in one.proposals))
            assert all(other.agent != one.agent for other in others)
            assert all(0 <= other.trust <= 1 for other in others)
            assert len(one.memory) <= 16
        return {}

    ran = Run(made, [seed], Sitting(ids(made)[:2], play))
    list(ran.epochs())

    assert read_observations(orjson.loads(orjson.dumps(tuple(shown)))) == tuple(shown)


def observation(**changes: object) -> Observation:
    """Of somebody who could do anything."""
    friend = Other(agent="friend", reputation=1.0, resources=50.0, trust=0.8, same_group=False)
    made = Observation(
        agent="me",
        turn=4,
        epoch=0,
        step=2,
        clock=2,
        decision=Decision.ACT,
        moves=(Move.NOTHING, Move.POST, Move.VOTE, Move.PROPOSE),
        reputation=0.0,
        resources=100.0,
        least_offer=-1_000_000.0,
        most_offer=100.0,
        posts_left=1,
        votes_left=1,
        memory=(),
        candidates=(friend,),
        front_page=(
            Shown(post=0, author="friend", net=1.0, age=1, open=True),
            Shown(post=7, author="me", net=0.0, age=1, open=False),
        ),
        proposals=(Incoming(initiator=friend, offer=0.0, value=1.0),),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


ANSWERING = observation(decision=Decision.ANSWER, moves=(Move.ANSWER,))


@pytest.mark.parametrize(
    ("seen", "action"),
    [
        (observation(), Action(move=Move.NOTHING)),
        (observation(), Action(move=Move.POST)),
        (observation(), Action(move=Move.VOTE, post=0, up=False)),
        (observation(), Action(move=Move.PROPOSE, to="friend", offer=0.0, exploit=True)),
        (observation(), Action(move=Move.PROPOSE, to="friend")),
        (ANSWERING, Action(move=Move.ANSWER)),
        (ANSWERING, Action(move=Move.ANSWER, accept=("friend",))),
    ],
)
def test_what_is_possible_can_be_said_and_read_again(seen: Observation, action: Action) -> None:
    check(seen, action)

    assert read_action(orjson.loads(orjson.dumps(fields_of(action)))) == action


@pytest.mark.parametrize(
    ("seen", "action", "problem"),
    [
        (observation(moves=(Move.NOTHING,)), Action(move=Move.POST), "post is not possible now, only nothing"),
        (observation(), Action(move=Move.ANSWER), "not possible now"),
        (ANSWERING, Action(move=Move.NOTHING), "not possible now"),
        (observation(), Action(move=Move.POST, post=0), "post does not belong"),
        (observation(), Action(move=Move.VOTE, post=0), "whether it is up"),
        (observation(), Action(move=Move.VOTE, post=3, up=True), "no such post"),
        (observation(), Action(move=Move.VOTE, post=7, up=True), "its own"),
        (observation(), Action(move=Move.PROPOSE), "none of the candidates"),
        (observation(), Action(move=Move.PROPOSE, to="stranger"), "none of the candidates"),
        (observation(), Action(move=Move.PROPOSE, to="friend", offer=100.1), "an offer is"),
        (observation(), Action(move=Move.PROPOSE, to="friend", offer=float("nan")), "an offer is"),
        (ANSWERING, Action(move=Move.ANSWER, accept=("stranger",)), "nobody proposed"),
        (ANSWERING, Action(move=Move.ANSWER, accept=("friend", "friend")), "twice"),
    ],
)
def test_what_is_impossible_is_refused_with_the_reason(seen: Observation, action: Action, problem: str) -> None:
    with pytest.raises(ImpossibleAction, match=problem):
        check(seen, action)


NAMES = st.sampled_from(["friend", "me", ""]) | st.text()


@given(
    st.builds(
        Action,
        move=st.sampled_from(Move),
        post=st.none() | st.integers(-1, 8) | st.integers(),
        up=st.none() | st.booleans(),
        to=st.none() | NAMES,
        offer=st.none() | st.floats(),
        exploit=st.booleans(),
        accept=st.lists(NAMES, max_size=3).map(tuple),
    ),
    st.booleans(),
)
def test_whatever_is_said_is_possible_or_refused(action: Action, acting: bool) -> None:
    seen = observation() if acting else ANSWERING
    with suppress(ImpossibleAction):
        check(seen, action)

        assert action.move in seen.moves
        assert (action.post, action.to) in [(None, None), (0, None), (None, "friend")]
        assert action.offer is None or -1_000_000 <= action.offer <= 100
        assert action.accept in [(), ("friend",)]


@pytest.mark.parametrize("changes", [{"rules": Rules(transfers=False)}, {"limits": RateLimits(posts_per_epoch=0)}])
def test_what_the_rules_forbid_is_not_offered(changes: Mapping[str, object]) -> None:
    seen: list[Observation] = []
    play: Play = lambda told: seen.extend(told) or {}  # type: ignore[func-returns-value]  # noqa: E731

    epochs(world(**changes), play, "honest_0")

    acting = [one for one in seen if one.decision is Decision.ACT]
    if "rules" in changes:
        assert {(one.least_offer, one.most_offer) for one in acting} == {(0.0, 0.0)}
    else:
        assert not any(Move.POST in one.moves or one.posts_left for one in acting)


def test_masks_tell_nothing_of_types_and_change_with_the_name() -> None:
    scenario = standard(agents__3__begins_again=[2]).scenario
    masks, seen = Masks("salt", scenario), list[Observation]()

    def play(told: tuple[Observation, ...]) -> Mapping[str, Action]:
        seen.extend(told)
        return {}

    header = replace(seated(), scenario=scenario)
    list(whole_log(header, play=masks.worn(play)))

    text = orjson.dumps(seen).decode()
    own = text.replace('"honest_2"', "").replace('"adversarial_1"', "")
    assert not any(f"{kind}_" in own for kind in AgentType)
    assert masks.name("adversarial_1", 1) != masks.name("adversarial_1", 2)
    assert masks.name("honest_1", 1) == masks.name("honest_1", 5) != Masks("other", scenario).name("honest_1", 1)


def test_an_action_under_masks_is_the_same_action() -> None:
    header = seated()
    chance, masks = wild(3), Masks("salt", header.scenario)

    plain, masked = (list(whole_log(header, play=play)) for play in (chance, masks.worn(wild(3))))

    assert plain == masked


def test_a_seated_run_replays_to_the_bit_and_is_another_run() -> None:
    header = seated()
    lines = list(whole_log(header, play=wild(1)))
    silent = list(whole_log(header))

    told = replayed(lines)
    again = list(whole_log(header, play=repeated(played(entries(lines)))))

    assert again == lines
    assert told.end is End.INTERRUPTED
    assert repr(told.metrics) != repr(replayed(silent).metrics) == repr(replayed(whole_log(standard())).metrics)
    assert header.run_id != standard().run_id
    assert {orjson.loads(line)["event"] for line in silent[1:]} == {
        orjson.loads(line)["event"] for line in list(whole_log(standard()))[1:]
    }
    assert told.header.run_id == header.run_id
    assert told.header.seating is not None
    assert told.header.seating.holder("honest_2") == HOLDER


def test_an_interrupted_seated_run_goes_on_from_what_was_done(tmp_path: Path) -> None:
    header, log = seated(), tmp_path / "run.jsonl"
    logfile.record(log, header, lambda chapter: None, wild(1))
    whole = log.read_bytes()
    epoch = whole.index(b'"event":"epoch"', whole.index(b'"epoch":3,"step"'))
    kept = list(played(entries(whole.splitlines(keepends=True))))
    log.write_bytes(whole[: epoch + 10])

    spared = logfile.resume(log, lambda chapter: None, repeated(kept))

    assert spared == 0
    assert log.read_bytes() == whole
    assert logfile.verify(log) == whole.count(b"\n") - 1


def test_a_checkpoint_of_a_seated_run_is_gone_on_from(tmp_path: Path) -> None:
    header, log = seated(), tmp_path / "run.jsonl"

    def stopping(stop: int) -> Play:
        def play(seen: tuple[Observation, ...]) -> Mapping[str, Action]:
            if seen[0].epoch == stop:
                raise SystemExit
            return {one.agent: any_action(random.Random(one.turn), one) for one in seen}

        return play

    with pytest.raises(SystemExit):
        logfile.record(log, header, lambda chapter: None, stopping(3))
    spared = logfile.resume(log, lambda chapter: None, stopping(99))

    assert spared == 3
    assert log.read_bytes().startswith(b"".join(list(whole_log(header, play=stopping(99)))))
    assert logfile.verify(log) > 0


def test_a_seat_line_that_no_run_writes_is_refused() -> None:
    lines = list(whole_log(seated(), play=wild(1)))
    number = next(number for number, line in enumerate(lines) if b'"event":"seat"' in line)
    broken = [*lines[:number], lines[number].replace(b'"move":"', b'"move":"un'), *lines[number + 1 :]]

    with pytest.raises(DamagedLog) as caught:
        replayed(broken)

    assert caught.value.facts["line"] == number + 1


def test_an_action_that_was_changed_afterwards_is_found(tmp_path: Path) -> None:
    log = tmp_path / "run.jsonl"
    logfile.record(log, seated(), lambda chapter: None, only(Move.POST))
    text = log.read_bytes().partition(b'{"event":"run_ended"')[0]
    log.write_bytes(text.replace(b'"move":"post"', b'"move":"nothing"', 1))

    with pytest.raises(LogDiffers):
        logfile.verify(log)


def of(*agents: str, holder: str = HOLDER, seconds: float = 1.0) -> Seating:
    return Seating(tuple(Seat(each, holder) for each in agents), "salt", seconds)


@pytest.mark.parametrize(
    ("header", "seating", "problem"),
    [
        (legacy(), of("honest_1"), "standard profile"),
        (standard(), of(), f"1 to {MOST_SEATS} seats, not 0"),
        (standard(agents__0__count=50), of(*(f"honest_{n}" for n in range(1, 35))), "not 34"),
        (standard(), of("honest_99"), "of honest_99: the scenario has no such agent"),
        (standard(), of("honest_1", "honest_1"), "of honest_1: the agent has a seat already"),
        (standard(), of("honest_1", holder="ada"), "no DID"),
        (standard(), of("honest_1", seconds=0.0), "waits 0.05 to 300 s, not 0 s"),
        (standard(), of("honest_1", seconds=float("nan")), "not nan s"),
    ],
)
def test_seats_that_cannot_be_are_refused(header: Header, seating: Seating, problem: str) -> None:
    with pytest.raises(InvalidSeats, match=problem):
        course_of(replace(header, seating=seating))


def test_a_what_if_has_no_seats() -> None:
    with pytest.raises(InvalidScenario, match="no seats"):
        course_of(seated(branch=Branch(2, {"governance.audit_enabled": False})))


def test_the_order_of_seats_changes_no_byte() -> None:
    one, other = seated(), replace(seated(), seating=Seating(seated().seating.seats[::-1], "salt"))  # type: ignore[union-attr]

    assert one.run_id == other.run_id
    assert list(whole_log(one, play=wild(1))) == list(whole_log(other, play=wild(1)))


def test_a_played_run_is_a_condition_of_its_own_in_a_comparison() -> None:
    alone, played_ = conditions_of([(standard(), {"p": 1.0}), (seated(), {"p": 2.0})])

    assert "honest_2=played" in played_.condition
    assert "honest_2=played" not in alone.condition


def test_agents_are_found_without_counting_them_all() -> None:
    scenario = standard().scenario
    there = {agent_id for agent_id, _ in scenario.agent_ids()}
    odd = ("honest_0", "honest_01", "honest_13", "honest_", "honest", "", "honest_1 ", "honest_²", "honest_" + "1" * 99)

    assert all(scenario.has_agent(agent_id) for agent_id in there)
    assert not any(scenario.has_agent(agent_id) for agent_id in (*odd, "honest_adversarial_1", "nobody_1"))


def test_every_field_of_an_observation_is_the_agents_own_or_visible() -> None:
    """Whoever adds one here has to ask whether an agent could know it (types, quality and memory are hidden)."""
    visible = {field.name for part in (Other, Shown, Incoming) for field in fields(part)}

    assert visible == {
        *("agent", "reputation", "resources", "trust", "same_group"),
        *("post", "author", "net", "age", "open"),
        *("initiator", "offer", "value"),
    }
