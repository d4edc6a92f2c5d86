"""How fast populations are simulated, beside the loop that builds an observation for every turn (`observing`).

Each figure is the median of 5 rounds; both sides of a ratio alternate, so that other work on the machine meets both.
What one process does is measured in its processor time, a sweep by the clock.
"""

import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import numpy as np

from benchmarks.observing import turns as observing_turns
from benchmarks.report import Measured, show
from domain.sandbox.agent import AgentType
from domain.sandbox.batch import Batch
from domain.sandbox.eventlog.course import whole_log
from domain.sandbox.eventlog.header import Header
from domain.sandbox.legacy.run import run as run_legacy
from domain.sandbox.legacy.settings import LegacySettings
from domain.sandbox.limits import RateLimits
from domain.sandbox.payoff import PayoffConfig
from domain.sandbox.reading import read_scenario
from domain.sandbox.reporter import Reporter
from domain.sandbox.scenario import legacy_settings
from domain.sandbox.standard.population import KINDS, Member, behaviour_of
from domain.sandbox.standard.run import Run
from domain.sandbox.standard.settings import StandardSettings
from domain.sandbox.study.design import sweep_of
from domain.sandbox.yaml_text import Data
from server.sandbox.sweeping import on_processes, run_sweep

ROUNDS = 5
SHARES = {AgentType.HONEST: 0.5, AgentType.OPPORTUNISTIC: 0.2, AgentType.DECEPTIVE: 0.15, AgentType.ADVERSARIAL: 0.15}
PAYOFF = PayoffConfig(s_plus=3, s_minus=1.5, h=2.5, rho_a=0.1, rho_b=0.1, w_rep=2)
LIMITS = RateLimits(posts_per_epoch=15, interactions_per_step=8, votes_per_epoch=100)
ROOT = Path(__file__).parents[1]
MEGABYTE = 1 << 20
Rate = Callable[[], float]


def population(size: int) -> list[tuple[str, AgentType]]:
    return [(f"{kind}_{number}", kind) for kind in KINDS for number in range(round(SHARES[kind] * size))]


def standard(size: int, epochs: int, seeds: int = 1) -> Rate:
    """Turns a second of one batch."""
    members = tuple(Member(agent_id, kind, behaviour_of(kind, {})) for agent_id, kind in population(size))
    settings = StandardSettings(members=members, n_epochs=epochs, payoff=PAYOFF, limits=LIMITS)

    def rate() -> float:
        began = time.process_time()
        for _ in Run(settings, range(seeds)).epochs():
            pass
        return size * seeds * epochs * settings.steps_per_epoch / (time.process_time() - began)

    return rate


def observing(size: int, epochs: int, steps: int = 10) -> Rate:
    settings = LegacySettings(
        agents=tuple(population(size)),
        n_epochs=epochs,
        steps_per_epoch=steps,
        max_actions_per_step=size,
        payoff=PAYOFF,
        limits=LIMITS,
    )

    def rate() -> float:
        began = time.process_time()
        return observing_turns(settings, 1) / (time.process_time() - began)

    return rate


def small(legacy: bool) -> Rate:
    """The original's own scenario of five agents."""
    settings = legacy_settings(read_scenario((ROOT / "scenarios" / "baseline.yaml").read_text()))

    def rate() -> float:
        began = time.process_time()
        done = len(run_legacy(settings, 42).actions) if legacy else observing_turns(settings, 42)
        return done / (time.process_time() - began)

    return rate


def beside(*rates: Rate) -> list[float]:
    """The medians, round after round."""
    rounds = [[rate() for rate in rates] for _ in range(ROUNDS)]
    return [median(column) for column in zip(*rounds, strict=True)]


def speeds() -> list[Measured]:
    thousand, loop = beside(standard(1_000, 5), observing(1_000, 1, 4))
    hundred, batch, small_loop = beside(standard(100, 5), standard(100, 5, 32), observing(100, 5))
    ten, many = beside(standard(10_000, 2), standard(100_000, 1))
    five, five_loop = beside(small(True), small(False))
    name = "the observing loop"
    return [
        Measured("1,000 agents", thousand, "turns/s", loop, name, "at least 100 times"),
        Measured("100 agents, one run", hundred, "turns/s", small_loop, name, "at least 10 times"),
        Measured("100 agents, 32 seeds as one batch", batch, "turns/s", small_loop, name, "at least 60 times"),
        Measured("100,000 agents", many, "turns/s", ten, "10,000 agents", "at least 0.70"),
        Measured("legacy, 5 agents", five, "turns/s", five_loop, name, "at least 2.5 times"),
    ]


def million() -> list[Measured]:
    """Every metric of a million interactions."""
    draws = np.random.Generator(np.random.PCG64(1))
    size = 1_000_000
    batch = Batch(
        accepted=draws.uniform(size=size) < 0.7,
        truth=np.where(draws.uniform(size=size) < 0.7, 1, -1).astype(np.int8),
        p=draws.uniform(size=size),
        **{name: draws.uniform(-1, 1, size) for name in ("tau", "c_a", "c_b", "r_a", "r_b")},
    )

    def seconds() -> float:
        began = time.process_time()
        Reporter(PAYOFF).summary(batch)
        return time.process_time() - began

    (found,) = beside(seconds)
    return [Measured("metrics of 1,000,000 interactions", found, "s", 0.5, "limit", "at most 1.00")]


def streamed() -> None:
    """100,000 agents for 100 steps, every interaction written down and let go."""
    agents = "".join(f"  - {{type: {kind}, count: {round(share * 100_000)}}}\n" for kind, share in SHARES.items())
    text = f"agents:\n{agents}simulation: {{n_epochs: 10, steps_per_epoch: 10, seed: 1}}\n"
    with tempfile.TemporaryFile() as sink:
        for line in whole_log(Header(read_scenario(text))):
            sink.write(line)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def memory() -> list[Measured]:
    """In a process of its own, so that nothing else is counted."""
    told = subprocess.run(
        [sys.executable, "-m", "benchmarks.sandbox", "streamed"], capture_output=True, text=True, check=True, cwd=ROOT
    )
    return [
        Measured("100,000 agents, 100 steps, logged: peak", float(told.stdout), "MB", 1024, "limit", "at most 1.00")
    ]


def sweeping(workers: int) -> Rate:
    """500 runs: 20 conditions with 25 seeds each."""
    text = "agents:\n  - {type: honest, count: 60}\n  - {type: adversarial, count: 20}\n"
    conditions: list[dict[str, Data]] = [{"governance.transaction_tax_rate": step / 20} for step in range(20)]
    design = sweep_of(read_scenario(text), conditions, 25)

    def rate() -> float:
        with tempfile.TemporaryDirectory() as folder:
            began = time.perf_counter()
            rows = run_sweep(design, Path(folder) / "rows.jsonl", on_processes(workers), lambda _: None)
            return len(rows) / (time.perf_counter() - began)

    return rate


def sweeps() -> list[Measured]:
    two, one = beside(sweeping(2), sweeping(1))
    return [Measured("a sweep of 500 runs on two processes", two, "runs/s", one, "one process", "at least 1.60")]


def main() -> None:
    if "streamed" in sys.argv:
        streamed()
    else:
        for name, part in (("speed", speeds), ("metrics", million), ("memory", memory), ("sweeps", sweeps)):
            show(f"sandbox: {name}", part())


if __name__ == "__main__":
    main()
