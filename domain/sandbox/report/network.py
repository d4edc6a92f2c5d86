"""Who dealt with whom: agents on a circle, or the types alone where they are many."""

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape

from domain.sandbox.agent import AgentType
from domain.sandbox.report.charts import figure, svg
from domain.sandbox.report.gathered import Tie

SIDE = 480
RADIUS = 190
MOST_NODES = 80
MOST_TIES = 300
"""The strongest are drawn."""
POOR, GOOD = 0.45, 0.65
"""Below, a tie is drawn as poor; above, as good."""


@dataclass(frozen=True, slots=True)
class Node:
    name: str
    kind: str
    size: float
    angle: float

    @property
    def x(self) -> float:
        return SIDE / 2 + RADIUS * math.cos(self.angle)

    @property
    def y(self) -> float:
        return SIDE / 2 + RADIUS * math.sin(self.angle)


def network(ties: Mapping[tuple[str, str], Tie], kinds: Mapping[str, AgentType]) -> str:
    """A tie goes both ways: its colour is the mean quality of what was accepted, its width how often."""
    names = dict(kinds)
    if len(kinds) > MOST_NODES:
        ties, names = _by_kind(ties, kinds), {kind: AgentType(kind) for kind in sorted(set(kinds.values()))}
    both = _undirected(ties)
    nodes = _placed(names, both)
    strongest = sorted(both.items(), key=lambda item: (-item[1].count, item[0]))[:MOST_TIES]
    most = max((tie.count for _, tie in strongest), default=1)
    drawn = [_tie(nodes[a], nodes[b], tie, most) for (a, b), tie in reversed(strongest)]
    title = "Who dealt with whom (accepted interactions of the first run)"
    picture = svg(title, [*drawn, *(_node(node, len(nodes)) for node in nodes.values())], SIDE, SIDE)
    keys = "".join(f'<span class="key {kind}">{kind}</span>' for kind in sorted(set(names.values())))
    told = "".join(f'<span class="key tie-{name}">{name} quality</span>' for name in ("good", "middling", "poor"))
    left_out = f"<p class=note>The {MOST_TIES} strongest of {len(both)} ties.</p>" if len(both) > MOST_TIES else ""
    return figure(title, (), f"<div class=keys>{keys}{told}</div>{picture}{left_out}")


def _by_kind(ties: Mapping[tuple[str, str], Tie], kinds: Mapping[str, AgentType]) -> dict[tuple[str, str], Tie]:
    found: dict[tuple[str, str], Tie] = {}
    for (a, b), tie in ties.items():
        whole = found.setdefault((kinds[a], kinds[b]), Tie())
        whole.count += tie.count
        whole.quality += tie.quality
    return found


def _undirected(ties: Mapping[tuple[str, str], Tie]) -> dict[tuple[str, str], Tie]:
    found: dict[tuple[str, str], Tie] = {}
    for (a, b), tie in ties.items():
        whole = found.setdefault((min(a, b), max(a, b)), Tie())
        whole.count += tie.count
        whole.quality += tie.quality
    return found


def _placed(kinds: Mapping[str, AgentType], ties: Mapping[tuple[str, str], Tie]) -> dict[str, Node]:
    """Types side by side, larger for whoever dealt more."""
    degree: Counter[str] = Counter()
    for (a, b), tie in ties.items():
        degree[a] += tie.count
        degree[b] += tie.count
    order = sorted(kinds, key=lambda name: (list(AgentType).index(kinds[name]), len(name), name))
    most = max(degree.values(), default=1)
    largest = min(18.0, 3 * RADIUS / max(len(order), 1))
    return {
        name: Node(
            name, kinds[name], largest * (0.4 + 0.6 * math.sqrt(degree[name] / most)), 2 * math.pi * place / len(order)
        )
        for place, name in enumerate(order)
    }


def _tie(one: Node, other: Node, tie: Tie, most: int) -> str:
    quality = tie.quality / tie.count
    kind = "poor" if quality < POOR else "good" if quality > GOOD else "middling"
    told = escape(f"{one.name} and {other.name}: {tie.count} accepted, mean quality {quality:.2f}")
    width = 0.5 + 5 * tie.count / most
    css, title = f'class="tie tie-{kind}" stroke-width="{width:.1f}"', f"<title>{told}</title>"
    if one is other:
        return f'<circle {css} cx="{one.x:.1f}" cy="{one.y - 22:.1f}" r=16>{title}</circle>'
    bend = f"{(one.x + other.x + SIDE) / 4:.1f},{(one.y + other.y + SIDE) / 4:.1f}"
    return f'<path {css} d="M{one.x:.1f},{one.y:.1f} Q{bend} {other.x:.1f},{other.y:.1f}">{title}</path>'


def _node(node: Node, count: int) -> str:
    told = f"<title>{escape(node.name)}</title>"
    drawn = f'<circle class="node {node.kind}" cx="{node.x:.1f}" cy="{node.y:.1f}" r="{node.size:.1f}">{told}</circle>'
    if count > 24:
        return drawn
    x, y = node.x + (node.size + 6) * math.cos(node.angle), node.y + (node.size + 6) * math.sin(node.angle) + 4
    anchor = "start" if math.cos(node.angle) > 0.2 else "end" if math.cos(node.angle) < -0.2 else "middle"
    return f'{drawn}<text class=tick x="{x:.1f}" y="{y:.1f}" text-anchor={anchor}>{escape(node.name)}</text>'
