"""Plots as SVG: intervals with every episode as a dot, for means by policy and for paired differences.

Colours and type come from the page's style sheet, so that a plot is readable on paper and on dark screens.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from math import ceil, floor, log10

import numpy as np

ROW, TOP, LEFT, RIGHT, WIDTH = 58, 12, 180, 30, 860


@dataclass(frozen=True)
class Strip:
    """One row: its name, a note below it, the dots, the mean and its interval, and a number that chooses the colour."""

    name: str
    note: str
    dots: tuple[float, ...]
    mean: float
    low: float | None
    high: float | None
    colour: int


def strips(rows: Sequence[Strip], *, axis: str, zero: tuple[str, str] | None = None, scale: float = 1.0) -> str:
    """Rows of dots with their means, over one axis. `zero` draws a line at 0, with what its left and right side mean.

    `scale` multiplies every value (100 for per cent).
    """
    values = [scale * v for row in rows for v in (*row.dots, row.mean, row.low, row.high) if v is not None]
    low, high = _range(values, with_zero=zero is not None)
    marks = ticks(low, high)
    height = TOP + ROW * len(rows) + 46 + (16 if zero else 0)
    bottom = TOP + ROW * len(rows)

    def at(value: float) -> float:
        return LEFT + (value - low) / (high - low) * (WIDTH - LEFT - RIGHT)

    drawn = [
        f'<line class="grid" x1="{at(v):.1f}" y1="{TOP}" x2="{at(v):.1f}" y2="{bottom}"/>'
        f'<text class="tick" x="{at(v):.1f}" y="{bottom + 16}">{label(v, marks)}</text>'
        for v in marks
    ]
    if zero:
        drawn.append(f'<line class="zero" x1="{at(0):.1f}" y1="{TOP - 6}" x2="{at(0):.1f}" y2="{bottom + 4}"/>')
        drawn.append(f'<text class="side" x="{LEFT}" y="{height - 4}">← {escape(zero[0])}</text>')
        drawn.append(f'<text class="side end" x="{WIDTH - RIGHT}" y="{height - 4}">{escape(zero[1])} →</text>')
    drawn.append(f'<text class="axis" x="{(LEFT + WIDTH - RIGHT) / 2:.0f}" y="{bottom + 34}">{escape(axis)}</text>')
    for index, row in enumerate(rows):
        drawn.append(_row(row, TOP + ROW * index + ROW / 2, at, scale))
    said = "; ".join(f"{row.name} {row.mean * scale:.3g}" for row in rows)
    return (
        f'<svg class="plot" viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(axis)}: {escape(said)}">'
        f"{''.join(drawn)}</svg>"
    )


def _row(row: Strip, y: float, at, scale: float) -> str:
    colour = f"c{row.colour % 8}"
    drawn = [
        f'<text class="name" x="{LEFT - 14}" y="{y - 2:.0f}">{escape(row.name)}</text>'
        f'<text class="note" x="{LEFT - 14}" y="{y + 13:.0f}">{escape(row.note)}</text>'
    ]
    for index, value in enumerate(row.dots):
        lift = 9.0 + 9.0 * ((index * 0.618034) % 1.0)  # golden steps: neighbours do not hide each other
        drawn.append(f'<circle class="dot {colour}" cx="{at(scale * value):.1f}" cy="{y + lift:.1f}" r="2.6"/>')
    if row.low is not None and row.high is not None:
        left, right = at(scale * row.low), at(scale * row.high)
        drawn.append(
            f'<line class="bar {colour}" x1="{left:.1f}" y1="{y - 4:.1f}" x2="{right:.1f}" y2="{y - 4:.1f}"/>'
            f'<path class="cap {colour}" d="M{left:.1f} {y - 10:.1f}v12M{right:.1f} {y - 10:.1f}v12"/>'
        )
    drawn.append(f'<circle class="mean {colour}" cx="{at(scale * row.mean):.1f}" cy="{y - 4:.1f}" r="5.5"/>')
    return "".join(drawn)


def _range(values: Sequence[float], *, with_zero: bool) -> tuple[float, float]:
    """What the axis spans: all values with a margin, and 0 if asked for or near."""
    low, high = float(np.min(values)), float(np.max(values))
    if with_zero or 0 < low < 0.4 * high:
        low = min(low, 0.0)
    if with_zero or (low < high < 0 and high > 0.4 * low):
        high = max(high, 0.0)
    room = 0.04 * (high - low) or max(abs(high), 1.0) * 0.1
    return (low if low == 0.0 and not with_zero else low - room), high + room


def ticks(low: float, high: float, *, most: int = 8) -> list[float]:
    """Round numbers from `low` to `high`, at most so many: steps of 1, 2 or 5 times a power of ten."""
    rough = (high - low) / most
    power = 10.0 ** floor(log10(rough))
    step = next(factor * power for factor in (1.0, 2.0, 5.0, 10.0) if factor * power >= rough * (1 - 1e-9))
    return [round(index * step, 12) for index in range(ceil(low / step - 1e-9), floor(high / step + 1e-9) + 1)]


def label(value: float, marks: Sequence[float]) -> str:
    """A tick's text, with as many decimals as the steps need."""
    step = min((abs(b - a) for a, b in pairwise(marks)), default=abs(value) or 1.0)
    digits = max(0, -floor(log10(step) + 1e-9)) if step else 0
    return f"{value:,.{digits}f}".replace("-", "−")
