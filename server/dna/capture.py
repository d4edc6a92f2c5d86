"""Capture cost: how few colluding members of a roster could admit so many outsiders that these are the majority.

Found by search over the membrane on a synthetic roster. Honest members stay silent; colluders, and the outsiders once
they are in, vouch, decline or stay silent as it suits; time may pass; no other facts are known. Members are taken to be
interchangeable, but for those that the program names. What the search finds is checked by fresh evaluations.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations, islice, product

from domain.organisms.dna import Case, DnaVerdict
from domain.organisms.examination import CaptureCost
from server.dna.batch import CHUNK, Batch
from server.dna.engine import Engine, Program
from server.dna.machine import Limits
from server.dna.terms import Fact

FEWEST, MOST = 3, 12
HOUR = 3_600_000
DAY = 24 * HOUR
START = 1_800_000_000_000
WAITS = (0, 60_000, HOUR, DAY, 7 * DAY, 30 * DAY - HOUR)
"""After the votes; a proposal lives for 30 days."""
BETWEEN = 400 * DAY
"""From one admission to the next: whoever must be a member for a time has been one."""
SEARCHING = Limits(fuel=100_000_000, memory=64 << 20, wall_seconds=5)
EVALUATIONS = 40_000
FUEL = 20_000_000_000
STOPPED = 100
"""Cases that meet a limit; a membrane that does so again and again is not worth more."""
MEMBER, OUTSIDER = "did:key:zMember", "did:key:zOutsider"
NAMED = 3
"""The program's own DIDs that are told apart; further ones are as any."""
DID = re.compile(r'"(did:key:[1-9A-HJ-NP-Za-km-z]+)"')


class _Spent(Exception):
    """The budget ran out."""


@dataclass(frozen=True, slots=True)
class Way:
    """How one admission is brought about: who vouches and declines, who proposes, how long everybody waits."""

    vouching: tuple[str, ...]
    declining: tuple[str, ...]
    proposer: str | None
    wait: int


@dataclass(frozen=True, slots=True)
class Stage:
    """A roster with the outsiders admitted so far. `at` is when the votes on the next one are cast (ms)."""

    members: tuple[str, ...]
    admitted: int
    at: int

    @property
    def newcomer(self) -> str:
        return f"{OUTSIDER}{self.admitted + 1:02}"

    @property
    def roster(self) -> tuple[str, ...]:
        return (*self.members, *(f"{OUTSIDER}{number + 1:02}" for number in range(self.admitted)))

    def after(self) -> "Stage":
        return Stage(self.members, self.admitted + 1, self.at + BETWEEN)


@dataclass
class Search:
    """Asks the membrane, within a budget, never twice the same. What the program does not look at is not varied."""

    batch: Batch
    program: Program
    evaluations: int = 0
    known: dict[tuple[Fact, ...], bool] = field(default_factory=dict)

    @property
    def waits(self) -> tuple[int, ...]:
        return WAITS if "now" in self.program.mentions else WAITS[:1]

    def looks_at(self, name: str) -> bool:
        return name in self.program.mentions

    def admits(self, stage: Stage, ways: Iterable[Way]) -> Way | None:
        """Return the first way that the membrane lets the next outsider in. Raises _Spent."""
        waiting, together = iter(ways), 1
        while several := list(islice(waiting, together)):
            cases = [case(self.program, stage, way) for way in several]
            self._ask([each for each in cases if each.facts not in self.known])
            for way, each in zip(several, cases, strict=True):
                if self.known[each.facts]:
                    return way
            together = CHUNK
        return None

    @property
    def _spent(self) -> bool:
        return self.evaluations >= EVALUATIONS or self.batch.fuel >= FUEL or self.batch.stopped >= STOPPED

    def _ask(self, cases: list[Case]) -> None:
        if cases and self._spent:
            raise _Spent
        cases = list({each.facts: each for each in cases}.values())
        self.evaluations += len(cases)
        for each, outcome in zip(cases, self.batch.judge(cases), strict=True):
            self.known[each.facts] = outcome.verdict is DnaVerdict.TRUE


def case(program: Program, stage: Stage, way: Way) -> Case:
    """The question whether the membrane admits the next outsider in this way."""
    newcomer, handle = stage.newcomer, program.handle
    every: list[Fact] = [("now", stage.at + way.wait), ("epoch", stage.admitted), ("so_join", newcomer, stage.at)]
    for number, did in enumerate(stage.roster):
        joined = START - BETWEEN if number < len(stage.members) else START + (number - len(stage.members)) * BETWEEN
        every += [("so_member", did, handle), ("so_member_since", did, joined)]
    every += [("so_vouch", newcomer, did, stage.at) for did in way.vouching]
    every += [("so_decline", newcomer, did, stage.at) for did in way.declining]
    if way.proposer is not None:
        every.append(("so_proposed", newcomer, way.proposer, stage.at))
    return Case("membrane", newcomer, tuple(fact for fact in every if fact[0] in program.mentions))


def capture_cost(engine: Engine, text: str, members: int, *, exact: bool) -> CaptureCost:
    """Search for the least group. `exact` says that members are known to be interchangeable. Blocks.

    Raises DnaSyntaxError, DnaMissingRegistration and ValueError for a roster outside of FEWEST to MOST.
    """
    if not FEWEST <= members <= MOST:
        raise ValueError(f"a roster has {FEWEST} to {MOST} members")
    program = engine.compile(text)
    if not program.defines("membrane", 2):
        return CaptureCost(members, members + 1, None, True, exact, False, (), 0)
    named = tuple(dict.fromkeys(DID.findall(text)))[:NAMED]
    others = tuple(f"{MEMBER}{number + 1:02}" for number in range(members - len(named)))
    with Batch(engine, program, limits=SEARCHING) as batch:
        search = Search(batch, program)
        return _least(search, named, others, exact=exact)


def _least(search: Search, named: tuple[str, ...], others: tuple[str, ...], *, exact: bool) -> CaptureCost:
    members = len(named) + len(others)
    refuted = 0  # smaller groups were found to be too small
    try:
        for size in range(members + 1):
            for group in _groups(named, others, size):
                plan = _captured(search, (*named, *others), group)
                if plan is not None and _holds(search.program, plan):
                    return _found(search, members, group, plan, exact=exact)
            refuted = size + 1
    except _Spent:
        return CaptureCost(members, refuted if exact else 0, None, False, exact, True, (), search.evaluations)
    lower, spent = (refuted, False) if exact else _first_admission(search, (*named, *others), members)
    return CaptureCost(members, lower, None, exact, exact, spent, (), search.evaluations)


def _found(search: Search, members: int, group: Sequence[str], plan: "Plan", *, exact: bool) -> CaptureCost:
    size = len(group)
    lower, spent = (size, False) if exact else _first_admission(search, plan[0][0].members, size)
    return CaptureCost(members, lower, size, False, exact, spent, tuple(_told(group, plan)), search.evaluations)


Plan = list[tuple[Stage, Way]]


def _groups(named: tuple[str, ...], others: tuple[str, ...], size: int) -> Iterator[tuple[str, ...]]:
    """One group of each kind: which of the named take part, and how many of the others."""
    for count in range(min(size, len(named)) + 1):
        if size - count <= len(others):
            for chosen in combinations(named, count):
                yield (*chosen, *others[: size - count])


def _captured(search: Search, members: tuple[str, ...], group: tuple[str, ...]) -> Plan | None:
    """Return the admissions until the outsiders outnumber the members, or None where the group gets stuck."""
    plan: Plan = []
    stage = Stage(members, 0, START)
    while stage.admitted <= len(members):
        way = search.admits(stage, _ways(search, stage, group))
        if way is None:
            return None
        soonest = search.admits(stage, [replace(way, wait=wait) for wait in search.waits])
        plan.append((stage, soonest or way))
        stage = stage.after()
    return plan


def _ways(search: Search, stage: Stage, group: tuple[str, ...]) -> Iterator[Way]:
    """All of them vouching first, which is most of what a membrane asks for; then every other way."""
    outsiders = stage.roster[len(stage.members) :]
    actors = (*group, *outsiders)
    yield from _timed(search, actors, ())
    for vouching, declining in _votes(_kinds(group, outsiders)):
        if not declining or search.looks_at("so_decline"):
            yield from _timed(search, vouching, declining)


def _kinds(group: tuple[str, ...], outsiders: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Those that are told apart are a kind of their own."""
    own = [did for did in group if not did.startswith(MEMBER)]
    rest = tuple(did for did in group if did.startswith(MEMBER))
    return [*((did,) for did in own), rest, outsiders]


def _votes(kinds: list[tuple[str, ...]]) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Every number of vouches and declines of each kind, the most vouches first."""
    choices = [
        [(kind[:vouching], kind[vouching : vouching + declining])
         for vouching in range(len(kind), -1, -1) for declining in range(len(kind) - vouching + 1)]
        for kind in kinds
    ]  # fmt: skip
    for chosen in product(*choices):
        yield tuple(did for each, _ in chosen for did in each), tuple(did for _, each in chosen for did in each)


def _timed(search: Search, vouching: tuple[str, ...], declining: tuple[str, ...]) -> Iterator[Way]:
    """Proposed by anybody who vouches, which proposing does, or by nobody: the newcomer has asked."""
    proposing = vouching if search.looks_at("so_proposed") else ()
    for wait in reversed(search.waits):
        for proposer in (*proposing, None):
            yield Way(vouching, declining, proposer, wait)


def _holds(program: Program, plan: Plan) -> bool:
    """Fresh evaluations agree: a program can keep state from one case of a batch to the next."""
    for stage, way in plan:
        asked = case(program, stage, way)
        if program.evaluate(asked.predicate, asked.subject, asked.facts, SEARCHING).verdict is not DnaVerdict.TRUE:
            return False
    return True


def _first_admission(search: Search, members: tuple[str, ...], upper: int) -> tuple[int, bool]:
    """A lower bound for any program: no fewer members, whichever they are, can let even the first outsider in.

    Returns it, and whether the budget ran out before it was as high as it could be.
    """
    stage = Stage(members, 0, START)
    for size in range(upper):
        try:
            if search.admits(stage, _any_votes(search, members, size)) is not None:
                return size, False
        except _Spent:
            return size, True
    return upper, False


def _any_votes(search: Search, members: tuple[str, ...], size: int) -> Iterator[Way]:
    votes_of_one = (True, False) if search.looks_at("so_decline") else (True,)
    for actors in combinations(members, size):
        for votes in product(votes_of_one, repeat=size):
            vouching = tuple(did for did, vote in zip(actors, votes, strict=True) if vote)
            yield from _timed(search, vouching, tuple(did for did in actors if did not in vouching))


def _told(group: Sequence[str], plan: Plan) -> Iterator[str]:
    members = len(plan[0][0].members)
    yield f"{len(group)} of {members} members collude" + (f": {', '.join(group)}" if group else "")
    for stage, way in plan:
        votes = f"{len(way.vouching)} vouch" + (f", {len(way.declining)} decline" if way.declining else "")
        yield f"outsider {stage.admitted + 1} asks to join; {votes}; after {_duration(way.wait)} it is in"
    yield f"{len(plan)} outsiders outnumber the {members} members"


def _duration(millis: int) -> str:
    for unit, name in ((DAY, "day"), (HOUR, "hour"), (60_000, "minute")):
        if millis >= unit:
            count = millis // unit
            return f"{count} {name}" + ("" if count == 1 else "s")
    return "no time"
