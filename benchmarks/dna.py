"""Social DNA: evaluations a second, warm facts of a large organism, concurrences of many members, and a hostile guest.

Fresh evaluations are compared with the bare engine: instances started and asked by the same number of threads at the
same priority, with nothing of the server around them. Both are measured in turns, as machines have faster and slower
seconds, and the pair with the median ratio is shown.
Run: python -m benchmarks.dna
"""

import asyncio
import os
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from statistics import median
from time import perf_counter

import uvloop

from benchmarks.hostile import beside_a_hostile_evaluation
from benchmarks.populations import SERVER, now_millis
from benchmarks.report import Measured, show
from domain.canonical import canonical
from domain.identity import Did
from domain.organisms.dna import Case, Fact, Program, Shared
from domain.organisms.gathering import Gathering
from domain.organisms.organism import Membership, Organism, Proposal, ProposalState, Vote, VoteKind
from domain.organisms.roster import roster_root
from domain.organisms.statement import ChangeKind
from domain.organisms.templates import MAJORITY
from graphdb.sqlite.store import SqliteStore
from graphdb.store import Store
from resolvers.context import Context, Services
from resolvers.so.evaluate import evaluate_change
from resolvers.so.membership import Founding, create, join
from resolvers.so.speak import speak
from server.authority import Authority
from server.background import Background, Guards
from server.dna.engine import DEFAULT_LIMITS, Engine, step_back
from server.dna.judge import Judge
from server.dna.terms import clauses, goal
from server.identity import load_identity
from server.keyring import StoreKeyring
from server.notices import LocalNotices
from server.sealing import Cost
from subscriptions.bus import Bus

WORKERS, EVALUATIONS, PAIRS, ROUNDS = 2, 750, 11, 3
MEMBERS, BATCH = 9, 3_000
LARGE, VOTES, AGAIN = 10_000, 1_000, 9
HOSTED = 100
CANDIDATE = "did:key:new"
CHEAP = Cost(passes=1, lanes=1, memory_kib=8)
"""Of sealing keys, which is not measured here."""


def members(program: Program) -> list[Fact]:
    return [("so_member", f"did:key:{number}", program.handle) for number in range(MEMBERS)]


def votes() -> list[Fact]:
    """Just enough of the members vouch."""
    return [("so_vouch", CANDIDATE, f"did:key:{number}", 1) for number in range(MEMBERS // 2 + 1)]


def majority_facts(program: Program) -> list[Fact]:
    return members(program) + votes()


def bare(engine: Engine) -> float:
    """Evaluations a second by the engine's instances alone."""
    program = engine.compile(MAJORITY.program)
    loaded, text = clauses(majority_facts(program), program.facts), goal("membrane", CANDIDATE, program.handle)

    def once(_: int) -> None:
        with engine.ready(program, loaded, DEFAULT_LIMITS) as instance:
            assert instance.call("evaluate", text)["status"] == "true"

    with ThreadPoolExecutor(WORKERS, initializer=step_back) as pool:
        started = perf_counter()
        list(pool.map(once, range(EVALUATIONS)))
        return EVALUATIONS / (perf_counter() - started)


async def served(judge: Judge) -> float:
    """Evaluations a second through the server's path: of the facts, the roster is what many evaluations share."""
    program = await judge.compile(MAJORITY.program)
    roster, left = Shared("roster", lambda: members(program)), iter(range(EVALUATIONS))

    async def ask() -> None:
        for _ in left:
            assert (await judge.evaluate(MAJORITY.program, "membrane", CANDIDATE, votes(), roster)).true

    started = perf_counter()
    await asyncio.gather(*(ask() for _ in range(WORKERS * 4)))
    return EVALUATIONS / (perf_counter() - started)


async def together(judge: Judge) -> float:
    """Cases a second of one batch, as what-if and the searches ask them."""
    facts = tuple(majority_facts(await judge.compile(MAJORITY.program)))
    cases = [Case("membrane", CANDIDATE, facts)] * BATCH
    started = perf_counter()
    answers = await judge.evaluate_all(MAJORITY.program, cases)
    assert all(str(each.verdict) == "true" for each in answers)
    return BATCH / (perf_counter() - started)


async def capture(judge: Judge) -> float:
    """Milliseconds until the search has found that more than half of the members must collude."""
    started = perf_counter()
    found = await judge.capture_cost(MAJORITY.program, MEMBERS)
    assert found.cost == MEMBERS // 2 + 1
    return (perf_counter() - started) * 1000


async def rates() -> list[Measured]:
    with Engine(workers=WORKERS) as engine:
        judge = Judge(engine)
        pairs = [(await asyncio.to_thread(bare, engine), await served(judge)) for _ in range(PAIRS)]
        batch = max([await together(judge) for _ in range(ROUNDS)])
        costs = [await capture(judge) for _ in range(ROUNDS)]
    alone, fresh = sorted(pairs, key=lambda pair: pair[1] / pair[0])[PAIRS // 2]
    return [
        Measured(
            f"fresh evaluations through the server's path, median of {PAIRS} pairs",
            fresh,
            "/s",
            alone,
            "bare engine",
            "ratio ≥ 0.90",
        ),
        Measured("cases of a batch, one thread", batch, "/s", fresh, "fresh", "ratio ≥ 2.00"),
        Measured(f"capture cost of majority with {MEMBERS} members, p50", median(costs), "ms", 10_000.0, "allowed"),
    ]


def population(size: int) -> tuple[Gathering, Proposal]:
    """An organism of so many members, and a proposal that VOTES of them vouched for; no log stands behind them."""
    dids = [Did(f"did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEG{number:06}") for number in range(size)]
    organism = Organism(
        uri="so://benchmark",
        name="Large",
        description=None,
        founder=dids[0],
        created_at=0,
        epoch=size,
        size=size,
        facts_size=size,
        root="",
        roster=roster_root(dids),
        member_count=size,
        dna="0" * 64,
    )
    votes = tuple(Vote(did, VoteKind.VOUCH, None, 1, 1) for did in dids[:VOTES])
    proposal = Proposal(
        "0" * 64, organism.uri, ChangeKind.ADD, CANDIDATE, dids[0], ProposalState.OPEN, 1, joined_at=1, votes=votes
    )
    return Gathering(organism, tuple(Membership(did, 0, 0) for did in dids), (), (proposal,)), proposal


class _OneProgram:
    """As much of a store as an evaluation without expressions reads."""

    async def program(self, dna: str) -> str:
        return MAJORITY.program


def services(store: Store, engine: Engine, keyring: StoreKeyring, authority: Authority, work: Background) -> Services:
    return Services(
        store=store,
        engine=Judge(engine),
        keyring=keyring,
        authority=authority,
        bus=Bus(),
        notices=LocalNotices(),
        server=SERVER,
        clock=now_millis,
        random=os.urandom,
        spawn=work.spawn,
        guard=Guards(),
    )


async def large(folder: Path) -> list[Measured]:
    """The membrane of a large organism, with its members at hand and after they changed. Every vote is another one."""
    gathering, proposal = population(LARGE)
    store = await SqliteStore.open(str(folder / "large.db"))
    try:
        keyring = StoreKeyring(store.accounts, now_millis, os.urandom, CHEAP)
        authority = Authority(store.accounts, keyring, load_identity(folder / "large.key"), "", now_millis)
        store.organisms.program = _OneProgram().program  # type: ignore[method-assign]  # nothing else is read
        with Engine(workers=WORKERS) as engine:
            process = services(store, engine, keyring, authority, Background())
            rebuilt, warm = list[float](), list[float]()
            for number in range(AGAIN + 2):
                started = perf_counter()
                voted = replace(proposal, votes=proposal.votes[number:])
                judged = await evaluate_change(process, gathering, voted, now_millis())
                assert judged is not None
                assert not judged.decision.true
                (rebuilt if number < 2 else warm).append((perf_counter() - started) * 1000)
    finally:
        await store.close()
    return [
        Measured(f"membrane of {LARGE:,} members, {VOTES:,} votes, warm, p50", median(warm), "ms", 50.0, "allowed"),
        Measured("the same, members loaded and kept again", max(rebuilt), "ms", 1_000.0, "allowed"),
    ]


async def concurrences(folder: Path) -> list[Measured]:
    """From the answer of a speak until every other hosted member has concurred, on the embedded store."""
    store = await SqliteStore.open(str(folder / "hosted.db"))
    work = Background()
    try:
        keyring = StoreKeyring(store.accounts, now_millis, os.urandom, CHEAP)
        async with Authority(store.accounts, keyring, load_identity(folder / "h.key"), "", now_millis) as authority:
            with Engine(workers=WORKERS) as engine:
                process = services(store, engine, keyring, authority, work)
                waits = await _waits(process, keyring, authority, work)
    finally:
        await store.close()
    name = f"a speak until {HOSTED - 1} hosted members concur, p50"
    return [Measured(name, median(waits) * 1000, "ms", 1_000.0, "allowed", "≤ 1 s")]


async def _waits(process: Services, keyring: StoreKeyring, authority: Authority, work: Background) -> list[float]:
    dids = [await keyring.create(f"member {number}", "open") for number in range(HOSTED)]
    contexts = [Context(process, await authority.sign_in_hosted(did)) for did in dids]
    for context in contexts:
        await context.authenticate()
    uri = await create(contexts[0], Founding("Hosted", members=tuple(dids[1:])))
    for context in contexts[1:]:
        await join(context, uri)
    waits = []
    for number in range(5):
        spoken = await speak(contexts[0], uri, canonical({"source": f"s{number}", "target": "t"}), "link")
        started = perf_counter()
        await work.idle()
        waits.append(perf_counter() - started)
        coherence = await process.store.organisms.coherence(spoken.url)
        assert coherence is not None
        assert coherence.as_spoken == 1.0
    return waits


async def main() -> None:
    show(f"Social DNA, majority of {MEMBERS}, {WORKERS} workers", await rates())
    with tempfile.TemporaryDirectory(dir=".") as name:
        rows = [*await large(Path(name)), *await concurrences(Path(name))]
    show("Social DNA of large organisms", rows)
    show("Social DNA beside a hostile evaluation, SQLite, 30 % load", await beside_a_hostile_evaluation())


if __name__ == "__main__":
    uvloop.run(main())
