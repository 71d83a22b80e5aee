"""Smooth lines through points, as OpenDRIVE's parametric cubics: plan, elevation, arc lengths."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(12)
_PARTS = 8
"""Arc lengths are integrated in so many parts, for tight turns."""


@dataclass(frozen=True, eq=False)
class Piece:
    """One cubic: from (x, y) with heading [rad] over `length_m`; `u` and `v` (4,) in its own frame, p from 0 to 1.

    `elevation` (4,) are coefficients over the metres since the piece began.
    """

    s_m: float
    x: float
    y: float
    heading_rad: float
    length_m: float
    u: NDArray[np.float64]
    v: NDArray[np.float64]
    elevation: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ReferenceLine:
    """Pieces in order, without jumps or kinks."""

    pieces: tuple[Piece, ...]

    @property
    def length_m(self) -> float:
        """Arc length of all pieces."""
        return self.pieces[-1].s_m + self.pieces[-1].length_m

    def end(self, *, at_start: bool) -> tuple[NDArray[np.float64], float, float]:
        """Position (3,), heading [rad] and slope at one end, in the line's own direction."""
        piece = self.pieces[0] if at_start else self.pieces[-1]
        p = 0.0 if at_start else 1.0
        powers, slopes = np.array([1, p, p**2, p**3]), np.array([0, 1, 2 * p, 3 * p**2])
        turn = _rotation(piece.heading_rad)
        xy = turn @ [piece.u @ powers, piece.v @ powers] + [piece.x, piece.y]
        along = turn @ [piece.u @ slopes, piece.v @ slopes]
        s = p * piece.length_m
        height = float(piece.elevation @ [1, s, s**2, s**3])
        slope = float(piece.elevation @ [0, 1, 2 * s, 3 * s**2])
        return np.array([*xy, height]), float(np.arctan2(along[1], along[0])), slope


def through(points: ArrayLike) -> ReferenceLine:
    """A smooth line through points (n,3)."""
    points = np.asarray(points, dtype=np.float64)
    chords = np.diff(points[:, :2], axis=0)
    lengths = np.linalg.norm(chords, axis=1)
    units = chords / lengths[:, None]
    inner = units[:-1] * lengths[1:, None] + units[1:] * lengths[:-1, None]
    turns_back = np.linalg.norm(inner, axis=1) < 1e-6 * lengths[1:]
    inner[turns_back] = units[:-1][turns_back]
    tangents = np.concatenate([units[:1], inner, units[-1:]])
    tangents /= np.linalg.norm(tangents, axis=1, keepdims=True)
    arcs = np.concatenate([[0.0], np.cumsum(lengths)])
    slopes = np.gradient(points[:, 2], arcs) if len(points) > 2 else np.repeat(np.diff(points[:, 2]) / lengths, 2)
    return _joined(
        [hermite(points[i], tangents[i], slopes[i], points[i + 1], tangents[i + 1], slopes[i + 1]) for i in range(len(chords))]
    )  # fmt: skip


def hermite(
    start: NDArray, start_tangent: NDArray, start_slope: float, end: NDArray, end_tangent: NDArray, end_slope: float
) -> Piece:
    """The cubic between two points (3,) that leaves and arrives along unit tangents (2,) with given slopes."""
    chord = end[:2] - start[:2]
    reach = float(np.linalg.norm(chord))
    heading = float(np.arctan2(start_tangent[1], start_tangent[0]))
    back = _rotation(heading).T
    local_end, local_tangent = back @ chord, back @ end_tangent
    u, v = np.zeros(4), np.zeros(4)
    u[1] = reach
    u[2:] = _cubic(local_end[0], reach, reach * local_tangent[0])
    v[2:] = _cubic(local_end[1], 0.0, reach * local_tangent[1])
    length = _arc_length(u, v)
    rise = end[2] - start[2]
    c, d = _cubic(rise, start_slope * length, end_slope * length)
    rises = np.array([start[2], start_slope * length, c, d])
    rises[1:][np.abs(rises[1:]) < 1e-9] = 0.0
    elevation = rises / length ** np.arange(4)
    return Piece(0.0, float(start[0]), float(start[1]), heading, length, u, v, elevation)


def _joined(pieces: list[Piece]) -> ReferenceLine:
    starts = np.cumsum([0.0] + [piece.length_m for piece in pieces[:-1]])
    return ReferenceLine(
        tuple(
            Piece(float(s), p.x, p.y, p.heading_rad, p.length_m, p.u, p.v, p.elevation)
            for s, p in zip(starts, pieces, strict=True)
        )
    )


def single(piece: Piece) -> ReferenceLine:
    """A line of one piece."""
    return _joined([piece])


def _cubic(rise: float, start: float, end: float) -> tuple[float, float]:
    """Second and third coefficient of the cubic from 0 to `rise` over p in 0..1 with these derivatives."""
    return 3 * rise - 2 * start - end, start + end - 2 * rise


_P = ((np.arange(_PARTS)[:, None] + (_NODES + 1) / 2) / _PARTS).reshape(-1)
_SLOPES = np.stack([np.zeros_like(_P), np.ones_like(_P), 2 * _P, 3 * _P**2])
_P_WEIGHTS = np.tile(_WEIGHTS, _PARTS) / (2 * _PARTS)


def _arc_length(u: NDArray, v: NDArray) -> float:
    return float(np.hypot(u @ _SLOPES, v @ _SLOPES) @ _P_WEIGHTS)


def _rotation(angle: float) -> NDArray[np.float64]:
    c, s = np.cos(angle), np.sin(angle)
    return np.array([[c, -s], [s, c]])
