"""Street levels: the ground along the centrelines, smoothed, and cut and filled until no stretch is too steep."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from scene_gen.build.ground.lattice import Lattice
from scene_gen.build.ground.mains import Square
from scene_gen.build.ground.network import Network
from scene_gen.build.ground.quays import Quay
from scene_gen.build.ground.terrain import Ground
from scene_gen.build.ground.water import Wet
from scene_gen.plan.artefacts import Plan

Array = NDArray[np.float64]
_ROUNDS = 220
_FLATTER = {"I": 0.035, "T": 0.04, "E": 0.04, "A": 0.05, "V": 0.05, "Q": 0.05, "C": 0.07, "S": 0.085}
"""Slopes between large buildings, by lattice letter."""


def levelled(
    plan: Plan, net: Network, ground: Ground, wet: Wet, water: BaseGeometry, quays: Sequence[Quay], squares: Sequence[Square]
) -> Network:  # fmt: skip
    """The network with heights: nodes (n,3) and edges' points (k,3), nowhere steeper than the plan allows.

    Streets between large buildings are kept flatter than others, so that their lots have one level.
    """
    nodes = len(net.nodes)
    inner = [edge.points[1:-1] for edge in net.edges]
    starts = nodes + np.concatenate([[0], np.cumsum([len(points) for points in inner])]).astype(int)
    xy = np.concatenate([net.nodes, *inner])
    chains = [
        np.concatenate([[edge.a], np.arange(starts[k], starts[k + 1]), [edge.b]]) for k, edge in enumerate(net.edges)
    ]
    a = np.concatenate([chain[:-1] for chain in chains])
    b = np.concatenate([chain[1:] for chain in chains])
    run = np.linalg.norm(xy[a] - xy[b], axis=1)
    letters = Lattice(plan).at((xy[a] + xy[b]) / 2)
    steepest = np.full(len(a), 0.93 * plan.look.max_street_slope)
    for letter, slope in _FLATTER.items():
        steepest[letters == letter] = min(slope, 0.93 * plan.look.max_street_slope)
    rise = steepest * run
    floor = _least(net, xy, chains, ground, wet, water)
    z = np.maximum(_eased(ground.at(xy), a, b, 24), floor)
    z = _eased((_spread(z, a, b, rise, lowest=True) + _spread(z, a, b, rise, lowest=False)) / 2, a, b, 6)
    z = (_spread(z, a, b, rise, lowest=True) + _spread(z, a, b, rise, lowest=False)) / 2
    z = np.maximum(z, _spread(np.where(np.isfinite(floor), floor, -1e6), a, b, rise, lowest=False))
    fixed = np.full(len(xy), np.nan)
    for quay in quays:
        fixed[shapely.dwithin(shapely.points(xy), quay.deck, 9.0)] = quay.level_m
    z = _held(z, fixed, a, b, rise)
    for square in squares:
        around = shapely.dwithin(shapely.points(xy), square.around.exterior, 0.6)
        if around.any():
            fixed[around] = float(z[around].mean())
            z = _held(z, fixed, a, b, rise)
    edges = tuple(
        replace(edge, points=np.column_stack([xy[chain], z[chain]]))
        for edge, chain in zip(net.edges, chains, strict=True)
    )
    return Network(np.column_stack([net.nodes, z[:nodes]]), edges)


def _held(z: Array, fixed: Array, a: NDArray, b: NDArray, rise: Array) -> Array:
    """Heights pulled to those that are `fixed` (nan: free), only as far as slopes allow."""
    known = np.isfinite(fixed)
    if not known.any():
        return z
    least = _spread(np.where(known, fixed, -1e6), a, b, rise, lowest=False)
    most = _spread(np.where(known, fixed, 1e6), a, b, rise, lowest=True)
    return np.minimum(np.maximum(z, least), most)


def _least(net: Network, xy: Array, chains: Sequence[NDArray], ground: Ground, wet: Wet, water: BaseGeometry) -> Array:
    """The lowest level that is allowed (n,): dry beside water, clear of it on bridges, -inf elsewhere."""
    level = np.where(np.isfinite(wet.level), wet.level, -1e6)
    i = np.clip(np.rint((xy[:, 1] - ground.origin[1]) / ground.cell_m).astype(int), 0, level.shape[0] - 1)
    j = np.clip(np.rint((xy[:, 0] - ground.origin[0]) / ground.cell_m).astype(int), 0, level.shape[1] - 1)
    near = level[i, j]
    floor = np.where(near > -1e5, near + 0.9, -np.inf)
    for edge, chain in zip(net.edges, chains, strict=True):
        if edge.kind == "bridge":
            span = edge.length_m
            clear = float(np.clip(1.9 + 0.035 * span, 2.2, 5.0))
            own = near[chain].max()
            if own > -1e5:
                floor[chain] = np.maximum(floor[chain], own + clear)
    return floor


def _eased(z: Array, a: NDArray, b: NDArray, rounds: int) -> Array:
    """Heights averaged with their neighbours along the streets."""
    count = np.bincount(a, minlength=len(z)) + np.bincount(b, minlength=len(z))
    for _ in range(rounds):
        total = np.bincount(a, weights=z[b], minlength=len(z)) + np.bincount(b, weights=z[a], minlength=len(z))
        z = 0.5 * z + 0.5 * total / np.maximum(count, 1)
    return z


def _spread(z: Array, a: NDArray, b: NDArray, rise: Array, *, lowest: bool) -> Array:
    """The lower (upper) envelope of cones of the allowed slope standing on all points: it is nowhere too steep."""
    z = z if lowest else -z
    z = z.copy()
    for _ in range(_ROUNDS):
        before = z.copy()
        np.minimum.at(z, a, before[b] + rise)
        np.minimum.at(z, b, before[a] + rise)
        if np.array_equal(z, before):
            break
    return z if lowest else -z
