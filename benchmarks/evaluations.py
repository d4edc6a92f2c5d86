"""Evaluations of Social DNA a second through the server's path, against direct calls of the engine in the same run.

Both use a fresh instance for each evaluation, the same program, the same facts and the same number of workers.
Run: python -m benchmarks.evaluations
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter

import uvloop

from benchmarks.report import Measured, show
from domain.organisms.dna import Fact
from domain.organisms.templates import MAJORITY
from server.dna.engine import Engine
from server.dna.judge import Judge

WORKERS, EVALUATIONS, ROUNDS = 2, 1_500, 3
MEMBERS = 9


async def main() -> None:
    with Engine(workers=WORKERS) as engine:
        judge = Judge(engine)
        program = await judge.compile(MAJORITY.program)
        facts: list[Fact] = [("so_member", f"did:key:{number}", program.handle) for number in range(MEMBERS)]
        facts += [("so_vouch", "did:key:new", f"did:key:{number}", 1) for number in range(5)]

        def direct() -> float:
            with ThreadPoolExecutor(WORKERS) as pool:
                started = perf_counter()
                list(pool.map(lambda _: program.evaluate("membrane", "did:key:new", facts), range(EVALUATIONS)))
                return EVALUATIONS / (perf_counter() - started)

        async def served() -> float:
            left = iter(range(EVALUATIONS))

            async def ask() -> None:
                for _ in left:
                    found = await judge.evaluate(MAJORITY.program, "membrane", "did:key:new", facts)
                    assert found.true

            started = perf_counter()
            await asyncio.gather(*(ask() for _ in range(WORKERS * 4)))
            return EVALUATIONS / (perf_counter() - started)

        pairs = [(await asyncio.to_thread(direct), await served()) for _ in range(ROUNDS)]
    limit, ours = (max(pair[side] for pair in pairs) for side in (0, 1))
    row = Measured("evaluations through the server's path", ours, "/s", limit, "direct", "ratio ≥ 0.90")
    show(f"Social DNA, majority of {MEMBERS}, {WORKERS} workers", [row])


if __name__ == "__main__":
    uvloop.run(main())
