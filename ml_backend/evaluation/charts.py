"""Line charts as inline SVG: one line per method over time."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

_WIDTH, _HEIGHT = 560, 300
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 12, 12, 30
_TICKS = 5
# Okabe and Ito's colours, which differ for colour-blind eyes too; ours is the black one.
_COLORS = ("#000000", "#e69f00", "#56b4e9", "#009e73", "#cc79a7", "#0072b2", "#d55e00", "#999999")
_DASHES = ("", "6 3", "2 3")


@dataclass(frozen=True, slots=True)
class Line:
    """A named line of (x, y) points; points without a y interrupt nothing, they are left out."""

    title: str
    points: Sequence[tuple[float, float | None]]


def draw_chart(title: str, lines: Sequence[Line], *, ceiling: float = math.inf) -> str:
    """The chart with its legend as an HTML figure; values above `ceiling` are drawn at it. Empty without points."""
    drawn = [[(x, min(y, ceiling)) for x, y in line.points if y is not None] for line in lines]
    xs, ys = [x for line in drawn for x, _ in line], [y for line in drawn for _, y in line]
    if not xs:
        return ""
    x_range, y_range = _padded(min(xs), max(xs), 0.0), _padded(min(ys), max(ys), 0.05)
    parts = [_axes(x_range, y_range)]
    for number, points in enumerate(drawn):
        path = " ".join(f"{_x(x, x_range):.1f},{_y(y, y_range):.1f}" for x, y in points)
        parts.append(f'<polyline points="{path}" fill="none" {_style(number)}/>')
    legend = "".join(
        f'<span><svg width="26" height="8"><line x1="0" y1="4" x2="26" y2="4" {_style(n)}/></svg> {escape(line.title)}'
        "</span>"
        for n, line in enumerate(lines)
    )
    svg = f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{escape(title)}">{"".join(parts)}</svg>'
    return f'<figure class="chart"><figcaption>{escape(title)}</figcaption>{svg}<p class="legend">{legend}</p></figure>'


def _axes(x_range: tuple[float, float], y_range: tuple[float, float]) -> str:
    parts = []
    for k in range(_TICKS + 1):
        y = y_range[0] + (y_range[1] - y_range[0]) * k / _TICKS
        place = _y(y, y_range)
        parts.append(f'<line class="grid" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{place:.1f}" y2="{place:.1f}"/>')
        parts.append(f'<text x="{_LEFT - 6}" y="{place + 4:.1f}" text-anchor="end">{y:.3g}</text>')
        x = x_range[0] + (x_range[1] - x_range[0]) * k / _TICKS
        parts.append(f'<text x="{_x(x, x_range):.1f}" y="{_HEIGHT - 10}" text-anchor="middle">{x:.0f}</text>')
    return "".join(parts)


def _style(number: int) -> str:
    dash = _DASHES[number // len(_COLORS) % len(_DASHES)]
    dashes = f' stroke-dasharray="{dash}"' if dash else ""
    return f'stroke="{_COLORS[number % len(_COLORS)]}" stroke-width="{2.5 if number == 0 else 1.5}"{dashes}'


def _padded(low: float, high: float, share: float) -> tuple[float, float]:
    reach = (high - low) or max(abs(high), 1.0)
    return low - share * reach, high + (share if high > low else 1.0) * reach


def _x(x: float, span: tuple[float, float]) -> float:
    return _LEFT + (x - span[0]) / (span[1] - span[0]) * (_WIDTH - _LEFT - _RIGHT)


def _y(y: float, span: tuple[float, float]) -> float:
    return _HEIGHT - _BOTTOM - (y - span[0]) / (span[1] - span[0]) * (_HEIGHT - _TOP - _BOTTOM)
