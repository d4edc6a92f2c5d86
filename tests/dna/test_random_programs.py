"""1,000 random programs: two processes give the same verdict, reason, fuel and hashes, in any order (property 5)."""

import json
import subprocess
import sys
from pathlib import Path

from server.dna import Engine, Limits
from tests.dna.random_programs import sample

PROGRAMS = 1_000
LIMITS = Limits(fuel=5_000_000, memory=64 << 20, wall_seconds=120)
SCRIPT = """
import json, sys
from pathlib import Path
from tests.dna.test_random_programs import judged
print(json.dumps(judged(Path(sys.argv[1]), backwards=sys.argv[2] == "backwards")))
"""


def judged(cache: Path, *, backwards: bool) -> list[list[object]]:
    """What the engine says to each program, in the order of their seeds."""
    found: dict[int, list[object]] = {}
    with Engine(cache=cache) as engine:
        for seed in sorted(range(PROGRAMS), reverse=backwards):
            given = sample(seed)
            one = engine.compile(given.program).evaluate("p", "x", given.facts, LIMITS)
            found[seed] = [one.verdict, one.reason, one.fuel, one.engine_hash, one.dna_hash, one.facts_hash]
    return [found[seed] for seed in range(PROGRAMS)]


def test_two_processes_agree_on_a_thousand_random_programs(engine: Engine, cache: Path) -> None:
    root = Path(__file__).parents[2]
    runs = [
        subprocess.Popen([sys.executable, "-c", SCRIPT, str(cache), order], cwd=root, stdout=subprocess.PIPE)
        for order in ("forwards", "backwards")
    ]

    one, other = (json.loads(run.communicate(timeout=300)[0]) for run in runs)

    assert one == other
    assert len(one) == PROGRAMS
    assert {verdict for verdict, *_ in one} == {"true", "false", "undecided"}
    assert len({dna for *_, dna, _ in one}) > PROGRAMS * 0.9
