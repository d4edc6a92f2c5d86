"""Who is inside the membrane in the standard profile: the votes that members' trust amounts to, and what follows."""

from collections.abc import Iterable, Iterator

import numpy as np

from domain.organisms.dna import MEMBRANE, MEMBRANE_EXIT, Case, Fact
from domain.people.tier import tier_of
from domain.sandbox.agent import AgentType
from domain.sandbox.levers.membrane import Judge, MembraneConfig
from domain.sandbox.standard.population import NO_GROUP, Bools, Population
from domain.sandbox.standard.rules import Rules
from domain.sandbox.standard.state import NOBODY, State
from domain.sandbox.standard.trust import Known, trust

DAY = 86_400_000
TOLD = frozenset(
    (
        *("now", "epoch", "so_member", "so_member_since", "so_join", "so_vouch", "so_decline"),
        *("trust", "trust_tier"),
    )
)
"""The facts that Social DNA is told here; of everything else there is none."""
Voters = dict[int, list[tuple[int, float]]]
"""By subject: the rows that speak about it, and how far each trusts it."""


def decide(people: Population, state: State, rules: Rules, config: MembraneConfig, judge: Judge, epoch: int) -> None:
    """Admissions first, then removals, both on the state at the start of the epoch; founders are members."""
    if epoch == 0:
        state.member[:] = people.arrives == 0
    opinions = _opinions(people, state, rules)
    admitted, removed = [], []
    for seed in range(people.seeds):
        rows = np.arange(seed * people.size, (seed + 1) * people.size)
        there = rows[~state.away[rows]]
        inside, asking = there[state.member[there]], there[~state.member[there]]
        roster = [(row, fact) for row in inside.tolist() for fact in _member(people, row, judge)]
        joins = [_join(people, opinions, config, row, epoch) for row in asking.tolist()]
        admitted += _found(judge, MEMBRANE, people, asking.tolist(), joins, [fact for _, fact in roster])
        accused = [row for row in inside.tolist() if _accused(opinions.get(row, []), config)]
        exits = [_exit(people, opinions, config, row, roster, epoch) for row in accused]
        removed += _found(judge, MEMBRANE_EXIT, people, accused, exits, [])
    state.member[admitted] = True
    state.member[removed] = False
    state.outside[:] = ~state.member & (epoch >= people.arrives + config.guest_epochs)


def _opinions(people: Population, state: State, rules: Rules) -> Voters:
    """What present members think of those whom they have met; of its own group everybody thinks the best."""
    memory = state.memory
    voter, slot = np.nonzero((memory.partner != NOBODY) & (memory.met > 0) & _speaks(state)[:, None])
    subject = memory.partner[voter, slot].astype(np.int64)
    met = memory.met[voter, slot].astype(np.int64)
    known = Known(voter, np.ones(len(voter), np.bool_), slot, memory.ema[voter, slot], met)
    trusted = np.where(people.same_group(voter, subject), 1.0, trust(state, rules, known, subject))
    found: Voters = {}
    for row, about, how_far in zip(voter.tolist(), subject.tolist(), trusted.tolist(), strict=True):
        found.setdefault(about, []).append((row, how_far))
    for row, about, how_far in _conspiracies(people, _speaks(state)):
        found[about] = [(voter, trusted) for voter, trusted in found.get(about, ()) if voter != row] + [(row, how_far)]
    return {about: sorted(voters) for about, voters in found.items()}


def _accused(voters: list[tuple[int, float]], config: MembraneConfig) -> bool:
    return any(how_far < config.removal_trust for _, how_far in voters)


def _speaks(state: State) -> Bools:
    found: Bools = state.member & ~state.away
    return found


def _conspiracies(people: Population, speaks: Bools) -> Iterator[tuple[int, int, float]]:
    """(member of a group, somebody else, trust): the own group by all, everybody else by adversaries only."""
    grouped = np.flatnonzero((people.group != NO_GROUP) & speaks)
    hostile = people.is_kind(AgentType.ADVERSARIAL)
    for row in grouped.tolist():
        first = row - row % people.size
        others = np.arange(first, first + people.size)
        mine = people.group[others] == people.group[row]
        for about, mate in zip(others.tolist(), mine.tolist(), strict=True):
            if about != row and (mate or hostile[row]):
                yield row, about, float(mate)


def _member(people: Population, row: int, judge: Judge) -> Iterator[Fact]:
    agent = _id(people, row)
    yield ("so_member", agent, judge.handle)
    yield ("so_member_since", agent, int(people.arrives[row]) * DAY)


def _join(people: Population, opinions: Voters, config: MembraneConfig, row: int, epoch: int) -> tuple[Fact, ...]:
    voters = opinions.get(row, [])
    agent = _id(people, row)
    facts: list[Fact] = [*_moment(epoch), ("so_join", agent, int(people.arrives[row]) * DAY)]
    for voter, how_far in voters:
        facts += _trust(people, voter, row, how_far)
        if how_far >= config.vouch_trust:
            facts.append(("so_vouch", agent, _id(people, voter), (epoch - 1) * DAY))
        elif how_far < config.removal_trust:
            facts.append(("so_decline", agent, _id(people, voter), (epoch - 1) * DAY))
    return _by_name(facts)


def _exit(
    people: Population,
    opinions: Voters,
    config: MembraneConfig,
    row: int,
    roster: list[tuple[int, Fact]],
    epoch: int,
) -> tuple[Fact, ...]:
    """The accused neither votes nor counts."""
    agent = _id(people, row)
    facts = [*_moment(epoch), *(fact for member, fact in roster if member != row)]
    for voter, how_far in opinions.get(row, []):
        facts += _trust(people, voter, row, how_far)
        if how_far < config.removal_trust:
            facts.append(("so_vouch", agent, _id(people, voter), (epoch - 1) * DAY))
    return _by_name(facts)


def _moment(epoch: int) -> tuple[Fact, Fact]:
    return ("now", epoch * DAY), ("epoch", epoch)


def _trust(people: Population, voter: int, row: int, how_far: float) -> tuple[Fact, Fact]:
    score = round(how_far, 3)
    names = _id(people, voter), _id(people, row)
    return ("trust", *names, score), ("trust_tier", *names, str(tier_of(score)))


def _by_name(facts: Iterable[Fact]) -> tuple[Fact, ...]:
    """Facts of one name together; the order of the rest stays."""
    return tuple(sorted(facts, key=lambda fact: str(fact[0])))


def _found(
    judge: Judge,
    predicate: str,
    people: Population,
    rows: list[int],
    facts: list[tuple[Fact, ...]],
    common: list[Fact],
) -> list[int]:
    cases = [Case(predicate, _id(people, row), own) for row, own in zip(rows, facts, strict=True)]
    answers = judge.judge(cases, common) if cases else ()
    return [row for row, true in zip(rows, answers, strict=True) if true]


def _id(people: Population, row: int) -> str:
    return people.ids[row % people.size]
