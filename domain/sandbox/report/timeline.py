"""What happened when, over all runs: one row per kind of event, a dot per epoch."""

import math
from collections import Counter
from collections.abc import Sequence
from html import escape

from domain.sandbox.report.charts import LEFT, RIGHT, WIDTH, Scale, figure, labelled, svg
from domain.sandbox.report.gathered import HAPPENINGS, Gathered

ROW = 30
MOST_NAMES = 5
"""Named in what a dot says."""
LABELS = 96


def timeline(runs: Sequence[Gathered], epochs: int) -> str:
    """Counts are means over runs; who it was is told of the first run."""
    total: Counter[tuple[str, int]] = Counter()
    for run in runs:
        total.update(run.happened)
    rows = [name for name in HAPPENINGS if any(total[name, epoch] for epoch in range(epochs))]
    title = "What happened when"
    if not rows:
        return figure(title, (), '<p class="empty">Nobody was frozen, came or left, exploited or failed an audit.</p>')
    height = ROW * len(rows) + 34
    drawn = []
    for number, name in enumerate(rows):
        y = 20 + ROW * number
        drawn.append(f"<text class=tick x=0 y={y + 4}>{name}</text>")
        drawn.append(f"<line class=grid x1={LABELS} x2={WIDTH - RIGHT} y1={y} y2={y} />")
        most = max(total[name, epoch] for epoch in range(epochs))
        drawn.extend(_dot(runs, total, name, epoch, most, y, epochs) for epoch in range(epochs) if total[name, epoch])
    drawn.extend(
        f'<text class=tick x="{_x(place, epochs):.1f}" y={height - 6} text-anchor=middle>{place}</text>'
        for place in labelled(epochs)
    )
    return figure(title, (), svg(title, drawn, WIDTH, height))


def _x(epoch: int, epochs: int) -> float:
    share = (Scale(0, 1, epochs).x(epoch) - LEFT) / (WIDTH - LEFT - RIGHT)
    return LABELS + 8 + share * (WIDTH - RIGHT - LABELS - 16)


def _dot(
    runs: Sequence[Gathered], total: Counter[tuple[str, int]], name: str, epoch: int, most: int, y: int, epochs: int
) -> str:
    mean = total[name, epoch] / len(runs)
    who = runs[0].named.get((name, epoch), [])
    listed = ", ".join(who[:MOST_NAMES]) + (f" and {len(who) - MOST_NAMES} more" if len(who) > MOST_NAMES else "")
    told = f"{name} in epoch {epoch}: {mean:g}" + (f" ({listed})" if listed else "")
    size = 2.5 + 7 * math.sqrt(total[name, epoch] / most)
    place = f'class="happening {name.replace(" ", "-")}" cx="{_x(epoch, epochs):.1f}" cy={y}'
    return f'<circle {place} r="{size:.1f}"><title>{escape(told)}</title></circle>'
