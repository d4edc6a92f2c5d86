"""Charts as inline SVG. Colours are CSS classes of the page, so that they follow its light or dark scheme."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from domain.sandbox.statistics import Interval

WIDTH, HEIGHT = 560, 240
LEFT, RIGHT, TOP, BOTTOM = 52, 12, 12, 40
MOST_TICKS = 6


@dataclass(frozen=True, slots=True)
class Series:
    """One line; `colour` is a class of the page. A point is None where the figure is undefined."""

    name: str
    colour: str
    points: tuple[Interval, ...]


@dataclass(frozen=True, slots=True)
class Scale:
    """From the numbers of a chart to its pixels."""

    low: float
    high: float
    count: int

    def x(self, place: int) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * (place / (self.count - 1) if self.count > 1 else 0.5)

    def y(self, value: float) -> float:
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (value - self.low) / (self.high - self.low)


def line_chart(title: str, series: Sequence[Series], zero: bool = False) -> str:
    """Means over runs as lines, their 95 % intervals as bands; `zero` keeps 0 in sight."""
    scale = _scale(series, zero)
    if scale is None:
        return figure(title, series, '<p class="empty">Undefined in every epoch: nothing was accepted.</p>')
    parts = [*_axes(scale), *(_band(one, scale) for one in series), *(_line(one, scale) for one in series)]
    return figure(title, series, svg(title, parts, WIDTH, HEIGHT))


def figure(title: str, series: Sequence[Series], content: str) -> str:
    keys = "".join(f'<span class="key {one.colour}">{escape(one.name)}</span>' for one in series if len(series) > 1)
    return f"<figure><figcaption>{escape(title)}</figcaption><div class=keys>{keys}</div>{content}</figure>"


def svg(title: str, parts: Sequence[str], width: int, height: int) -> str:
    body = "".join(parts)
    return f'<svg viewBox="0 0 {width} {height}" role="img" aria-label="{escape(title)}">{body}</svg>'


def _scale(series: Sequence[Series], zero: bool) -> Scale | None:
    known = [value for one in series for point in one.points for value in (point.mean, point.low, point.high)]
    values = [value for value in known if value is not None] + ([0.0] if zero else [])
    if not any(point.mean is not None for one in series for point in one.points):
        return None
    low, high = min(values), max(values)
    room = (high - low) * 0.06 or abs(high) * 0.1 or 1.0
    return Scale(low - room * (low != 0 or not zero), high + room, len(series[0].points))


def _axes(scale: Scale) -> Iterator[str]:
    for value in ticks(scale.low, scale.high):
        y = scale.y(value)
        yield f'<line class=grid x1={LEFT} x2={WIDTH - RIGHT} y1="{y:.1f}" y2="{y:.1f}"/>'
        yield f'<text class=tick x={LEFT - 8} y="{y + 4:.1f}" text-anchor=end>{number(value)}</text>'
    for place in labelled(scale.count):
        yield (f'<text class=tick x="{scale.x(place):.1f}" y={HEIGHT - BOTTOM + 16} text-anchor=middle>{place}</text>')
    yield f"<text class=tick x={WIDTH - RIGHT} y={HEIGHT - 6} text-anchor=end>epoch</text>"


def labelled(count: int) -> range:
    """The epochs whose number is shown."""
    return range(0, count, max(1, math.ceil(count / 10)))


def ticks(low: float, high: float) -> list[float]:
    """Round numbers within the range."""
    rough = (high - low) / MOST_TICKS
    power = 10 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough)
    return [step * count for count in range(math.ceil(low / step), math.floor(high / step) + 1)]


def _pieces(points: Sequence[Interval]) -> Iterator[list[tuple[int, Interval]]]:
    """Stretches in which the figure is defined."""
    piece: list[tuple[int, Interval]] = []
    for place, point in enumerate(points):
        if point.mean is None:
            if piece:
                yield piece
            piece = []
        else:
            piece.append((place, point))
    if piece:
        yield piece


def _line(series: Series, scale: Scale) -> str:
    drawn = []
    for piece in _pieces(series.points):
        corners = " ".join(f"{scale.x(place):.1f},{scale.y(point.mean or 0):.1f}" for place, point in piece)
        drawn.append(f'<polyline class="line {series.colour}" points="{corners}"/>')
        drawn.extend(_dot(series, scale, place, point) for place, point in piece)
    return "".join(drawn)


def _dot(series: Series, scale: Scale, place: int, point: Interval) -> str:
    reach = "" if point.high is None else f" ± {number(point.high - (point.mean or 0))}"
    told = escape(f"{series.name}, epoch {place}: {number(point.mean or 0)}{reach}")
    return (
        f'<circle class="dot {series.colour}" cx="{scale.x(place):.1f}" cy="{scale.y(point.mean or 0):.1f}" r=2.5>'
        f"<title>{told}</title></circle>"
    )


def _band(series: Series, scale: Scale) -> str:
    drawn = []
    for piece in _pieces(series.points):
        sure = [(place, point.low, point.high) for place, point in piece if point.low is not None]
        upper = [f"{scale.x(place):.1f},{scale.y(high or 0):.1f}" for place, _, high in sure]
        lower = [f"{scale.x(place):.1f},{scale.y(low or 0):.1f}" for place, low, _ in reversed(sure)]
        if sure:
            drawn.append(f'<polygon class="band {series.colour}" points="{" ".join(upper + lower)}"/>')
    return "".join(drawn)


def number(value: float) -> str:
    if value == int(value) and abs(value) < 1e6:
        return f"{int(value):,}"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
