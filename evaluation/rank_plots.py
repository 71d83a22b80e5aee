"""Policies as crosses on a plane: by the engine to the right, by the dream upwards, with the intervals of both."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from evaluation.plots import label, ticks

SIDE, LEFT, TOP, RIGHT, BOTTOM = 560, 70, 16, 200, 60
_ROOM = 0.04
_SPOTS = (
    (9, -7),
    (-9, -7),
    (9, 15),
    (-9, 15),
    (14, 4),
    (-14, 4),
    (9, -20),
    (-9, -20),
    (9, 28),
    (-9, 28),
    (24, -14),
    (-24, -14),
)
_LETTER, _LINE = 6.6, 12.0


@dataclass(frozen=True)
class Point:
    """A policy: its short `mark` beside the point, all about it in words, and value, low and high by either judge."""

    mark: str
    words: str
    real: tuple[float, float, float]
    model: tuple[float, float, float]


def scatter(points: Sequence[Point], *, across: str, up: str, line: tuple[float, float] | None = None) -> str:
    """The plane from 0 to 1, with the diagonal on which both agree, and a fitted `line` (slope, intercept) if there is one."""
    width, height = LEFT + SIDE + RIGHT, TOP + SIDE + BOTTOM
    marks = ticks(0.0, 1.0, most=5)

    def x(value: float) -> float:
        return LEFT + (value + _ROOM) / (1 + 2 * _ROOM) * SIDE

    def y(value: float) -> float:
        return TOP + SIDE - (value + _ROOM) / (1 + 2 * _ROOM) * SIDE

    drawn = []
    for value in marks:
        text = label(value, marks)
        drawn.append(
            f'<path class="grid" d="M{x(value):.1f} {TOP}V{TOP + SIDE}M{LEFT} {y(value):.1f}H{LEFT + SIDE}"/>'
            f'<text class="tick" x="{x(value):.1f}" y="{TOP + SIDE + 18}">{text}</text>'
            f'<text class="tick left" x="{LEFT - 8}" y="{y(value) + 4:.1f}">{text}</text>'
        )
    drawn.append(f'<path class="equal" d="M{x(0):.1f} {y(0):.1f}L{x(1):.1f} {y(1):.1f}"/>')
    drawn.append(f'<text class="side" x="{LEFT + SIDE + 8}" y="{y(1) + 4:.1f}">both agree</text>')
    if line is not None:
        drawn.append(_fitted(line, x, y))
    drawn.append(f'<text class="axis" x="{LEFT + SIDE / 2:.0f}" y="{height - 14}">{escape(across)}</text>')
    middle = TOP + SIDE / 2
    drawn.append(
        f'<text class="axis" x="20" y="{middle:.0f}" transform="rotate(-90 20 {middle:.0f})">{escape(up)}</text>'
    )
    for point in points:
        (real, low, high), (model, under, over) = point.real, point.model
        drawn.append(
            f'<path class="whisker c0" d="M{x(low):.1f} {y(model):.1f}H{x(high):.1f}M{x(real):.1f} {y(under):.1f}V{y(over):.1f}"/>'
        )
    places = [(x(point.real[0]), y(point.model[0])) for point in points]
    taken = [(px - 6, py - 6, px + 6, py + 6) for px, py in places]
    for point, (px, py) in zip(points, places):
        drawn.append(
            f'<circle class="mean c0" cx="{px:.1f}" cy="{py:.1f}" r="5.5"><title>{escape(point.words)}</title></circle>'
        )
        drawn.append(_marked(point.mark, px, py, taken))
    said = "; ".join(f"{point.mark}: {point.real[0]:.2f}, {point.model[0]:.2f}" for point in points)
    return (
        f'<svg class="plot plane" viewBox="0 0 {width} {height}" role="img" aria-label="{escape(f"{up} over {across}: {said}")}">'
        f"{''.join(drawn)}</svg>"
    )


def _fitted(line: tuple[float, float], x, y) -> str:
    """The part of a line that lies within the plane."""
    slope, intercept = line
    ends = {0.0, 1.0} | ({-intercept / slope, (1 - intercept) / slope} if slope else set())
    inside = sorted(e for e in ends if -1e-9 <= e <= 1 + 1e-9 and -1e-9 <= slope * e + intercept <= 1 + 1e-9)
    if len(inside) < 2:
        return ""
    first, last = inside[0], inside[-1]
    return (
        f'<path class="fit" d="M{x(first):.1f} {y(slope * first + intercept):.1f}L{x(last):.1f} {y(slope * last + intercept):.1f}"/>'
        f'<text class="side" x="{LEFT + SIDE + 8}" y="{y(slope * last + intercept) + (18 if abs(slope * last + intercept - last) < 0.04 else 4):.1f}">'
        f"fit {slope:.2f} x {'−' if intercept < 0 else '+'} {abs(intercept):.2f}</text>"
    )


def _marked(mark: str, px: float, py: float, taken: list[tuple[float, float, float, float]]) -> str:
    """A mark where there is room beside its point, or none of it hides another least."""
    wide = _LETTER * len(mark)
    boxes = []
    for dx, dy in _SPOTS:
        left = px + dx if dx > 0 else px + dx - wide
        boxes.append((left, py + dy - _LINE + 2, left + wide, py + dy + 2))
    best = min(boxes, key=lambda box: (sum(_cover(box, other) for other in taken), boxes.index(box)))
    taken.append(best)
    return f'<text class="mark" x="{best[0]:.1f}" y="{best[3] - 2:.1f}">{escape(mark)}</text>'


def _cover(a: tuple[float, float, float, float], b: tuple[float, float, float, float]) -> float:
    return max(min(a[2], b[2]) - max(a[0], b[0]), 0.0) * max(min(a[3], b[3]) - max(a[1], b[1]), 0.0)
