"""Whether a run reached what its scenario asks for."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.sandbox.eventlog.records import Metrics
from domain.sandbox.legacy.records import LegacyEpoch
from domain.sandbox.scenario import Scenario


@dataclass(frozen=True, slots=True)
class Verdict:
    """One criterion; `found` is None where nothing was accepted in the whole run."""

    criterion: str
    wanted: float
    found: float | None
    met: bool


def judged(scenario: Scenario, epochs: Sequence[Metrics]) -> tuple[Verdict, ...]:
    """Of the criteria that the scenario gives; a run in which nothing was accepted has no toxicity and meets any."""
    asked, toxicity = scenario.success_criteria, mean_toxicity(epochs)
    found: list[Verdict] = []
    if asked.min_epochs is not None:
        found.append(Verdict("epochs at least", asked.min_epochs, len(epochs), len(epochs) >= asked.min_epochs))
    if asked.min_agents is not None:
        agents = scenario.population
        found.append(Verdict("agents at least", asked.min_agents, agents, agents >= asked.min_agents))
    if asked.toxicity_threshold is not None:
        met = toxicity is None or toxicity <= asked.toxicity_threshold
        found.append(Verdict("toxicity at most", asked.toxicity_threshold, toxicity, met))
    return tuple(found)


def mean_toxicity(epochs: Sequence[Metrics]) -> float | None:
    """Of the epochs in which anything was accepted."""
    known = [value for value in map(toxicity, epochs) if value is not None]
    return sum(known) / len(known) if known else None


def toxicity(epoch: Metrics) -> float | None:
    """E[1 - p | accepted]; None where nothing was."""
    if isinstance(epoch, LegacyEpoch):
        return epoch.toxicity_rate if epoch.accepted_interactions else None
    return epoch.soft_toxicity
