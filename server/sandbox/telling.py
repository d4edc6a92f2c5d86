"""Tables of runs for a terminal."""

from collections.abc import Sequence

from rich.markup import escape
from rich.table import Table

from domain.sandbox.agent import AgentType
from domain.sandbox.cost import Cost
from domain.sandbox.criteria import judged
from domain.sandbox.eventlog.records import Metrics
from domain.sandbox.figures import Figures, figures, run_figures
from domain.sandbox.scenario import Profile, Scenario
from domain.sandbox.statistics import Interval, interval
from server.sandbox.running import Result

STANDARD = {
    "proposed": "proposed",
    "accepted": "accepted",
    "soft_toxicity": "toxicity",
    "true_toxicity": "true toxicity",
    "quality_gap": "quality gap",
    "real_welfare": "welfare",
    "frozen": "frozen",
}
LEGACY = {
    "total_interactions": "interactions",
    "accepted_interactions": "accepted",
    "toxicity_rate": "toxicity",
    "quality_gap": "quality gap",
    "total_welfare": "welfare",
}
PER_TYPE = {
    "acceptance": "accepted",
    "reputation": "reputation",
    "soft_payoff": "payoff (soft)",
    "real_payoff": "payoff (real)",
    "exploits": "exploits",
}


def columns(profile: Profile) -> dict[str, str]:
    return LEGACY if profile is Profile.LEGACY else STANDARD


def opening(scenario: Scenario, seeds: range, told: Cost) -> str:
    kinds = ", ".join(f"{count} {kind}" for kind, count in population(scenario).items())
    length, levers = scenario.simulation, ", ".join(pulled(scenario)) or "none"
    seed = f"seed {seeds[0]}" if len(seeds) == 1 else f"seeds {seeds[0]} to {seeds[-1]}"
    log = f", log {size(told.log_bytes)}" if told.log_bytes else ""
    return (
        f"[bold]{escape(scenario.scenario_id)}[/] ({scenario.profile} profile): {kinds}\n"
        f"{length.n_epochs} epochs of {length.steps_per_epoch} steps, {seed}; levers: {levers}\n"
        f"[dim]{told.turns:,} turns: about {duration(told.seconds)}, {size(told.memory)} of memory{log}[/]"
    )


def population(scenario: Scenario) -> dict[AgentType, int]:
    found: dict[AgentType, int] = {}
    for spec in scenario.agents:
        found[spec.type] = found.get(spec.type, 0) + spec.count
    return found


def pulled(scenario: Scenario) -> list[str]:
    """The levers that are on."""
    config = scenario.governance
    on = {
        f"tax {config.transaction_tax_rate:g}": config.transaction_tax_rate > 0,
        f"decay {config.reputation_decay_rate:g}": config.reputation_decay_rate < 1,
        "vote normalisation": config.vote_normalization_enabled,
        f"stake {config.min_stake_to_participate:g}": config.staking_enabled,
        "circuit breaker": config.circuit_breaker_enabled,
        f"audit {config.audit_probability:g}": config.audit_enabled,
        "collusion detection": config.collusion_detection_enabled,
    }
    return [name for name, pulled_ in on.items() if pulled_]


def epoch_table(profile: Profile, rows: Sequence[tuple[int, Sequence[Metrics]]]) -> Table:
    """One row per epoch; over several seeds the mean and how far the 95 % interval reaches."""
    table = Table(box=None, header_style="bold")
    table.add_column("epoch", justify="right")
    for title in columns(profile).values():
        table.add_column(title, justify="right")
    for epoch, metrics in rows:
        each = [figures(one) for one in metrics]
        table.add_row(str(epoch), *(number(over(each, name)) for name in columns(profile)))
    return table


def total_table(results: Sequence[Result]) -> Table:
    """The whole run: its figures, and in the standard profile each type's."""
    profile, each = results[0].header.scenario.profile, [run_figures(result.epochs) for result in results]
    table = Table(box=None, header_style="bold")
    table.add_column("over the run")
    for title in columns(profile).values():
        table.add_column(title, justify="right")
    table.add_row("", *(number(over(each, name)) for name in columns(profile)))
    return table


def type_table(results: Sequence[Result]) -> Table:
    each = [run_figures(result.epochs) for result in results]
    table = Table(box=None, header_style="bold")
    table.add_column("type", no_wrap=True)
    for title in PER_TYPE.values():
        table.add_column(title, justify="right")
    for kind, count in population(results[0].header.scenario).items():
        table.add_row(f"{count} {kind}", *(number(over(each, f"{kind}.{name}")) for name in PER_TYPE))
    return table


def verdicts(results: Sequence[Result]) -> tuple[list[str], bool]:
    """A line per criterion, and whether every run met all of them."""
    each = [judged(result.header.scenario, result.epochs) for result in results]
    lines = []
    for column in zip(*each, strict=True):
        met, one = sum(verdict.met for verdict in column), column[0]
        found = interval([verdict.found for verdict in column if verdict.found is not None])
        mark = "[green]PASS[/]" if met == len(column) else "[red]FAIL[/]"
        runs = "" if len(column) == 1 else f" in {met} of {len(column)} runs"
        lines.append(f"{mark} {one.criterion} {one.wanted:g}: {number(found)}{runs}")
    return lines, all(verdict.met for column in each for verdict in column)


def over(each: Sequence[Figures], name: str) -> Interval:
    return interval([value for row in each if (value := row.get(name)) is not None])


def number(found: Interval) -> str:
    if found.mean is None:
        return "–"
    alike = not found.sd
    shown = f"{found.mean:,.0f}" if alike and found.mean == int(found.mean) else _three(found.mean)
    return shown if alike or found.high is None else f"{shown} ± {_three(found.high - found.mean)}"


def signed(found: Interval) -> str:
    return f"{'+' if (found.mean or 0) > 0 else ''}{number(found)}"


def strength(size: float | None, p: float | None) -> tuple[str, str]:
    return "–" if size is None else f"{size:+.2f}", "–" if p is None else "< 0.001" if p < 0.001 else f"{p:.3f}"


def _three(value: float) -> str:
    return f"{value:.3f}" if abs(value) < 10 else f"{value:,.1f}"


def duration(seconds: float) -> str:
    if seconds < 2:
        return "a second"
    if seconds < 120:
        return f"{seconds:.0f} seconds"
    return f"{seconds / 60:.0f} minutes" if seconds < 7200 else f"{seconds / 3600:.0f} hours"


def size(count: float) -> str:
    for unit in ("bytes", "kB", "MB"):
        if count < 1000:
            return f"{count:.0f} {unit}"
        count /= 1000
    return f"{count:.1f} GB"
