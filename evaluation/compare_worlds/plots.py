"""Curves by horizon as SVG: a line a dreamer with its interval as a band, over a common axis of time."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
from numpy.typing import NDArray

from evaluation.compare_worlds.bands import Band
from evaluation.plots import label, ticks

_LEFT, _RIGHT, _TOP, _BOTTOM = 62, 16, 14, 46


@dataclass(frozen=True, eq=False)
class Line:
    """One curve: its name, the band it draws, a number that chooses the colour, and whether it is a lesser one (thin)."""

    name: str
    band: Band
    colour: int
    is_lesser: bool = False


def curves(
    lines: Sequence[Line], horizons_s: NDArray[np.float64], *, axis: str, zero: tuple[str, str] | None = None,
    size: tuple[int, int] = (860, 330),
) -> str:  # fmt: skip
    """Lines over time. `zero` draws a line at 0, with what lies above and below it. Horizons with one episode have no band."""
    width, height = size
    low, high = _range(lines, with_zero=zero is not None)
    marks = ticks(low, high, most=max(3, height // 50))
    first, last = 0.0, float(horizons_s[-1])
    times = ticks(first, last, most=max(4, width // 90)) if last > first else [last]
    right, bottom = width - _RIGHT, height - _BOTTOM

    def x(value: float) -> float:
        return _LEFT + (value - first) / max(last - first, 1e-9) * (right - _LEFT)

    def y(value: float) -> float:
        return bottom - (value - low) / (high - low) * (bottom - _TOP)

    drawn = [
        f'<line class="grid" x1="{_LEFT}" y1="{y(v):.1f}" x2="{right}" y2="{y(v):.1f}"/>'
        f'<text class="tick left" x="{_LEFT - 7}" y="{y(v) + 4:.1f}">{label(v, marks)}</text>'
        for v in marks
    ]
    drawn += [f'<text class="tick" x="{x(t):.1f}" y="{bottom + 17}">{label(t, times)}</text>' for t in times]
    drawn.append(
        f'<text class="axis" x="{(_LEFT + right) / 2:.0f}" y="{bottom + 37}">seconds since the last moment seen</text>'
        f'<text class="axis" transform="translate(13 {(_TOP + bottom) / 2:.0f}) rotate(-90)">{escape(axis)}</text>'
    )
    if zero:
        drawn.append(f'<line class="zero" x1="{_LEFT}" y1="{y(0):.1f}" x2="{right}" y2="{y(0):.1f}"/>')
        drawn.append(f'<text class="side" x="{_LEFT + 6}" y="{_TOP + 8}">↑ {escape(zero[0])}</text>')
        drawn.append(f'<text class="side" x="{_LEFT + 6}" y="{bottom - 6}">↓ {escape(zero[1])}</text>')
    for line in (*(one for one in lines if one.is_lesser), *(one for one in lines if not one.is_lesser)):
        drawn.append(_line(line, horizons_s, x, y))
    said = "; ".join(f"{one.name} {_told(one.band)}" for one in lines)
    return (
        f'<svg class="plot curves" viewBox="0 0 {width} {height}" role="img" '
        f'aria-label="{escape(axis)} by horizon: {escape(said)}">{"".join(drawn)}</svg>'
    )


def legend(lines: Sequence[tuple[str, int, str]]) -> str:
    """Names with their colours and what each is, as a list."""
    items = "".join(
        f'<li><span class="swatch c{colour % 8}"></span><b>{escape(name)}</b>{f" <span class=faint>{escape(what)}</span>" if what else ""}</li>'
        for name, colour, what in lines
    )
    return f"<ul class=legend>{items}</ul>"


def _line(line: Line, horizons_s: NDArray[np.float64], x, y) -> str:
    band = line.band
    known = np.isfinite(band.mean)
    if not known.any():
        return ""
    colour = f"c{line.colour % 8}"
    drawn = []
    with_band = known & np.isfinite(band.low)
    if with_band.sum() > 1:
        upper = [f"{x(t):.1f} {y(v):.1f}" for t, v in zip(horizons_s[with_band], band.high[with_band])]
        lower = [f"{x(t):.1f} {y(v):.1f}" for t, v in zip(horizons_s[with_band], band.low[with_band])]
        drawn.append(f'<path class="band {colour}" d="M{" ".join([*upper, *lower[::-1]])}z"/>')
    points = [f"{x(t):.1f} {y(v):.1f}" for t, v in zip(horizons_s[known], band.mean[known])]
    drawn.append(f'<path class="line {colour}{" lesser" if line.is_lesser else ""}" d="M{" ".join(points)}"/>')
    if len(points) <= 40 and not line.is_lesser:
        drawn += [f'<circle class="point {colour}" cx="{p.split()[0]}" cy="{p.split()[1]}" r="2.6"/>' for p in points]
    return "".join(drawn)


def _range(lines: Sequence[Line], *, with_zero: bool) -> tuple[float, float]:
    """What the axis spans: all means, and their bands as far as they do not dwarf the means."""
    means = np.concatenate([line.band.mean[np.isfinite(line.band.mean)] for line in lines] or [np.zeros(0)])
    ends = np.concatenate([np.concatenate([line.band.low, line.band.high]) for line in lines] or [np.zeros(0)])
    ends = ends[np.isfinite(ends)]
    if not len(means):
        return 0.0, 1.0
    span = max(float(np.ptp(means)), 1e-9)
    ends = ends[(ends > means.min() - span) & (ends < means.max() + span)]
    values = np.concatenate([means, ends, [0.0] if with_zero else []])
    low, high = float(values.min()), float(values.max())
    if 0 < low < 0.4 * high:
        low = 0.0
    room = 0.06 * (high - low) or max(abs(high), 1.0) * 0.1
    return (low if low == 0.0 and not with_zero else low - room), high + room


def _told(band: Band) -> str:
    known = band.mean[np.isfinite(band.mean)]
    return f"{known[0]:.3g} at first, {known[-1]:.3g} at last" if len(known) else "unknown"
