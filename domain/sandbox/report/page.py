"""The page: one HTML file that needs nothing but itself, readable in light and dark."""

from collections.abc import Sequence
from html import escape

from domain.sandbox.agent import AgentType
from domain.sandbox.criteria import judged
from domain.sandbox.errors import SandboxError
from domain.sandbox.eventlog.header import Header, canonical
from domain.sandbox.figures import Figures, figures, run_figures
from domain.sandbox.report.charts import Series, line_chart, number
from domain.sandbox.report.gathered import Gathered
from domain.sandbox.report.network import network
from domain.sandbox.report.style import STYLE
from domain.sandbox.report.timeline import timeline
from domain.sandbox.scenario import Profile, Scenario
from domain.sandbox.statistics import Interval, interval

POLICY = "default-src 'none'; style-src 'unsafe-inline'"
"""The browser itself refuses any request."""
LEGACY_CHARTS = (
    ("Toxicity of what was accepted", (("toxicity_rate", "soft", "first"),), False),
    ("Welfare per epoch", (("total_welfare", "soft", "first"),), True),
    ("Quality gap: accepted less refused", (("quality_gap", "gap", "first"),), True),
)
CHARTS = (
    (
        "Toxicity of what was accepted",
        (("soft_toxicity", "as labelled (soft)", "first"), ("true_toxicity", "true", "second")),
        False,
    ),
    ("Welfare per epoch", (("soft_welfare", "as labelled (soft)", "first"), ("real_welfare", "real", "second")), True),
    ("Quality gap: accepted less refused", (("quality_gap", "gap", "first"),), True),
    ("Calibration error of the labels (ECE)", (("ece", "error", "first"),), True),
)
PER_TYPE = (
    ("real_payoff", "Real payoff per agent and epoch", True),
    ("soft_payoff", "Payoff as labelled, per agent and epoch", True),
    ("reputation", "Reputation", True),
    ("acceptance", "Accepted share of their proposals", False),
)
TILES = {
    "soft_toxicity": "toxicity (soft)",
    "true_toxicity": "toxicity (true)",
    "toxicity_rate": "toxicity",
    "quality_gap": "quality gap",
    "real_welfare": "welfare (real)",
    "total_welfare": "welfare",
    "honest.real_payoff": "an honest agent's payoff",
    "adversarial.real_payoff": "an adversary's payoff",
    "frozen_honest": "honest agents frozen at the end",
}


class MixedRuns(SandboxError):
    code = "MIXED_RUNS"

    def __init__(self) -> None:
        super().__init__("A report shows runs of one scenario that differ in their seed only, and have the same length")


def page(runs: Sequence[Gathered]) -> str:
    """Raises `MixedRuns`."""
    header = _common(runs)
    scenario, each = header.scenario, [run.replay.metrics for run in runs]
    epochs = [[figures(metrics) for metrics in column] for column in zip(*each, strict=True)]
    totals = [run_figures(metrics) for metrics in each]
    kinds = {agent_id: spec.type for agent_id, spec in scenario.agent_ids()}
    parts = [
        _opening(header, [run.replay.header.seed for run in runs], len(epochs)),
        _verdicts(scenario, runs),
        _tiles(totals),
        f"<section class=charts>{''.join(_charts(scenario, epochs))}</section>",
        f'<section class="charts loose">{timeline(runs, len(epochs))}{network(runs[0].ties, kinds)}</section>',
        _table("Over the run, by type", _type_rows(scenario, totals)) if len(_type_rows(scenario, totals)) > 1 else "",
        _table("Every epoch", _epoch_rows(epochs), folded=True),
        _table("Settings", _setting_rows(header), folded=True),
    ]
    title = escape(f"{scenario.scenario_id}: sandbox report")
    return (
        '<!doctype html><html lang=en><head><meta charset=utf-8><meta name=viewport content="width=device-width">'
        f'<meta http-equiv=Content-Security-Policy content="{POLICY}"><meta name=color-scheme content="light dark">'
        f"<title>{title}</title><style>{STYLE}</style></head><body><main>{''.join(parts)}</main></body></html>\n"
    )


def _common(runs: Sequence[Gathered]) -> Header:
    headers = [run.replay.header for run in runs]
    settings = {str({**canonical(one.scenario), "simulation": None, "what_if": one.branch}) for one in headers}
    lengths = {len(run.replay.metrics) for run in runs}
    if len(settings) != 1 or len(lengths) != 1 or lengths == {0} or len({one.seed for one in headers}) < len(runs):
        raise MixedRuns
    return headers[0]


def _opening(header: Header, seeds: Sequence[int], epochs: int) -> str:
    scenario, branch = header.scenario, header.branch
    counts = {kind: sum(spec.count for spec in scenario.agents if spec.type is kind) for kind in AgentType}
    people = ", ".join(f"{count} {kind}" for kind, count in counts.items() if count)
    listed = f"seed {seeds[0]}" if len(seeds) == 1 else f"{len(seeds)} seeds from {min(seeds)} to {max(seeds)}"
    later = "" if branch is None else f"<p>From epoch {branch.epoch} on: {escape(str(branch.changes))}.</p>"
    description = f"<p class=lead>{escape(scenario.description)}</p>" if scenario.description else ""
    return (
        f"<header><h1>{escape(scenario.scenario_id)}</h1>{description}<p>{people}. {epochs} epochs of "
        f"{scenario.simulation.steps_per_epoch} steps, {listed}, {scenario.profile} profile. "
        f"Lines are means over the runs, bands their 95 % intervals.</p>{later}</header>"
    )


def _verdicts(scenario: Scenario, runs: Sequence[Gathered]) -> str:
    rows = []
    for column in zip(*(judged(scenario, run.replay.metrics) for run in runs), strict=True):
        met = sum(verdict.met for verdict in column)
        found = interval([verdict.found for verdict in column if verdict.found is not None])
        css = "pass" if met == len(column) else "fail"
        rows.append(
            f"<li class={css}><b>{css.upper()}</b> {column[0].criterion} {column[0].wanted:g}: {told(found)}"
            f" <span class=note>({met} of {len(column)} runs)</span></li>"
        )
    return f"<ul class=verdicts>{''.join(rows)}</ul>" if rows else ""


def _tiles(totals: Sequence[Figures]) -> str:
    tiles = [
        f"<div class=tile><span>{title}</span><b>{told(over(totals, name))}</b></div>"
        for name, title in TILES.items()
        if any(name in row for row in totals)
    ]
    return f"<section class=tiles>{''.join(tiles)}</section>"


def _charts(scenario: Scenario, epochs: Sequence[Sequence[Figures]]) -> list[str]:
    legacy = scenario.profile is Profile.LEGACY
    drawn = [
        line_chart(title, [_series(epochs, name, label, colour) for name, label, colour in lines], zero)
        for title, lines, zero in (LEGACY_CHARTS if legacy else CHARTS)
    ]
    there = [kind for kind in AgentType if any(f"{kind}.agents" in row for column in epochs for row in column)]
    for name, title, zero in PER_TYPE if there else ():
        drawn.append(line_chart(title, [_series(epochs, f"{kind}.{name}", kind, kind) for kind in there], zero))
    return drawn


def _series(epochs: Sequence[Sequence[Figures]], name: str, label: str, colour: str) -> Series:
    return Series(label, colour, tuple(over(column, name) for column in epochs))


def over(rows: Sequence[Figures], name: str) -> Interval:
    return interval([value for row in rows if (value := row.get(name)) is not None])


def told(found: Interval) -> str:
    if found.mean is None:
        return "undefined"
    spread = 0.0 if found.high is None else found.high - found.mean
    reach = f" <small>± {spread:,.0f}</small>" if spread >= 100 else f" <small>± {spread:.2g}</small>" if spread else ""
    return f"{number(found.mean)}{reach}"


def _type_rows(scenario: Scenario, totals: Sequence[Figures]) -> list[list[str]]:
    names = ("agents", "initiated", "acceptance", "reputation", "soft_payoff", "real_payoff", "exploits")
    there = [kind for kind in AgentType if any(f"{kind}.agents" in row for row in totals)]
    rows = [[kind, *(told(over(totals, f"{kind}.{name}")) for name in names)] for kind in there]
    return [["type", *(name.replace("_", " ") for name in names)], *rows]


def _epoch_rows(epochs: Sequence[Sequence[Figures]]) -> list[list[str]]:
    names = [name for name in epochs[0][0] if "." not in name]
    rows = [[str(number_), *(told(over(column, name)) for name in names)] for number_, column in enumerate(epochs)]
    return [["epoch", *(name.replace("_", " ") for name in names)], *rows]


def _setting_rows(header: Header) -> list[list[str]]:
    rows = [["setting", "value"]]
    for section, content in canonical(header.scenario).items():
        if isinstance(content, dict):
            rows += [[f"{section}.{name}", escape(str(value))] for name, value in content.items()]
        elif section != "agents":
            rows.append([section, escape(str(content))])
    rows += [
        [f"agents.{place}", escape(str(spec.model_dump(exclude_defaults=True, mode="json")))]
        for place, spec in enumerate(header.scenario.agents)
    ]
    return [*rows, ["run", header.run_id], ["numpy", escape(header.numpy)]]


def _table(title: str, rows: Sequence[Sequence[str]], folded: bool = False) -> str:
    head = "".join(f"<th>{cell}</th>" for cell in rows[0])
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows[1:])
    table = f"<div class=wide><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    if folded:
        return f"<details><summary>{title}</summary>{table}</details>"
    return f"<section><h2>{title}</h2>{table}</section>"
