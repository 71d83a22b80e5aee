"""Street levels: the ground along the centrelines, smoothed, and cut and filled until no stretch is too steep."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from scene_gen.build.mains import Square
from scene_gen.build.network import Network
from scene_gen.build.quays import Quay
from scene_gen.build.terrain import Ground
from scene_gen.build.water import Wet

Array = NDArray[np.float64]
_ROUNDS = 220


def levelled(
    net: Network, ground: Ground, wet: Wet, water: BaseGeometry, quays: Sequence[Quay], squares: Sequence[Square],
    max_slope: float,
) -> Network:  # fmt: skip
    """The network with heights: nodes (n,3) and edges' points (k,3), no steeper than `max_slope` between any two."""
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
    rise = 0.9 * max_slope * run
    z = ground.at(xy)
    z = _eased(z, a, b, 24)
    floor = _least(net, xy, chains, ground, wet, water)
    fixed = np.full(len(xy), np.nan)
    for quay in quays:
        beside = shapely.dwithin(shapely.points(xy), quay.deck, 9.0)
        fixed[beside] = quay.level_m
    for square in squares:
        around = shapely.dwithin(shapely.points(xy), square.around.exterior, 0.6)
        if around.any():
            own = fixed[around]
            fixed[around] = (
                np.nanmean(own) if np.isfinite(own).any() else max(float(z[around].mean()), float(floor[around].max()))
            )
    known = np.isfinite(fixed)
    z = np.where(known, fixed, np.maximum(z, floor))
    low = _spread(z, a, b, rise, lowest=True)
    high = _spread(z, a, b, rise, lowest=False)
    z = (low + high) / 2
    z = np.maximum(z, _spread(np.where(np.isfinite(floor), floor, -1e6), a, b, rise, lowest=False))
    if known.any():
        least = _spread(np.where(known, fixed, -1e6), a, b, rise, lowest=False)
        most = _spread(np.where(known, fixed, 1e6), a, b, rise, lowest=True)
        z = np.minimum(np.maximum(z, least), most)
    soft = _eased(z, a, b, 4)
    z = np.where(known | (soft < floor), z, soft)
    edges = tuple(
        replace(edge, points=np.column_stack([xy[chain], z[chain]]))
        for edge, chain in zip(net.edges, chains, strict=True)
    )
    return Network(np.column_stack([net.nodes, z[:nodes]]), edges)


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
