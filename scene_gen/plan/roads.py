"""Main roads and the waterfront on the lattice: from the map's edges to the town's middle and on to the quay."""

import numpy as np

from scene_gen.plan.artefacts import CELLS
from scene_gen.plan.cells import (
    Cell,
    Mask,
    axes,
    beside,
    best,
    distance_to,
    groups,
    joined,
    spread,
    way_back,
    widened,
)
from scene_gen.plan.ground import Ground
from scene_gen.plan.noise import fractal
from scene_gen.plan.wishes import Wishes
from scene_gen.seeds import stream


def quay_of(ground: Ground, wishes: Wishes) -> Mask:
    """The stretch of shore nearest the town's middle that becomes paved waterfront; empty where nothing asks for one."""
    quay = np.zeros((CELLS, CELLS), dtype=bool)
    length = wishes.recipe.quay
    waters = ground.open_water if ground.open_water.any() else ground.narrow
    if not length or not waters.any() or "Q" in wishes.forbidden:
        return quay
    labels, _ = groups(waters)
    shore = beside(labels == 1) & ~ground.water & ~ground.mountains
    x, y = axes()
    away = np.hypot(x - x[ground.centre], y - y[ground.centre])
    start = best(-away, shore & ~ground.hills)
    if start is None:
        return quay
    # Along the shore corners count as joined, so the walk is by rings of neighbours.
    ring = quay.copy()
    ring[start] = True
    while ring.sum() < length:
        wider = widened(ring, corners=True) & shore
        if (wider == ring).all():
            break
        ring = wider
    return ring


def plan_roads(ground: Ground, wishes: Wishes, quay: Mask, seed: int) -> Mask:
    """Cells of the main roads, bridges included: one network of cells joined by their sides."""
    rng = stream(seed, "plan", "roads")
    x, y = axes()
    cost = (
        1.0 + 3.4 * np.abs(fractal(rng, x, y, frequency=1.4, octaves=3)) + 3.0 * ground.hills + 12.0 * ground.mountains
    )
    shore = beside(ground.open_water)
    cost = cost + 2.5 * shore + 9.0 * ground.narrow + 1.5 * beside(ground.narrow) + 90.0 * ground.open_water
    cost = np.where(quay, 40.0, cost)
    roads = np.zeros((CELLS, CELLS), dtype=bool)
    roads[ground.centre] = True
    for exit_cell in _exits(rng, ground, cost, wishes):
        _join(roads, cost, exit_cell)
    if quay.any():
        middle = np.argwhere(quay).mean(axis=0)
        rows, columns = np.indices(quay.shape)
        behind = beside(quay) & ~ground.water & ~quay
        target = best(-np.hypot(rows - middle[0], columns - middle[1]), behind)
        if target is not None:
            _join(roads, cost, target)
    if ground.hilltop is not None:
        _join(roads, np.where(ground.hills, 1.2, cost), ground.hilltop)
    return roads


def _join(roads: Mask, cost: np.ndarray, target: Cell) -> None:
    """Adds the cheapest way from the network to a cell; what is there already is nearly free."""
    cost = np.where(roads, 0.12, cost)
    reached, before = spread(cost, roads)
    if np.isfinite(reached[target]):
        for cell in joined(way_back(before, target), cost):
            roads[cell] = True


def _exits(rng: np.random.Generator, ground: Ground, cost: np.ndarray, wishes: Wishes) -> list[Cell]:
    """Where the main roads leave the map, spread round the town; on an island, far ends of it."""
    x, y = axes()
    amount = max(wishes.recipe.roads or 3, 1)
    land = ~ground.water
    start = np.zeros_like(land)
    start[ground.centre] = True
    reached, _ = spread(cost, start)
    rows, columns = np.indices(land.shape)
    rim = np.minimum.reduce([rows, columns, CELLS - 1 - rows, CELLS - 1 - columns])
    corner = (
        np.minimum(np.minimum(rows, CELLS - 1 - rows), 9) + np.minimum(np.minimum(columns, CELLS - 1 - columns), 9) < 4
    )
    usable = land & ~ground.mountains & (rim == 0) & ~corner & (distance_to(ground.water) > 1.5) & (reached < 120)
    if not usable.any():
        amount = min(amount, 2)
        usable = land & ~ground.mountains & (distance_to(ground.water) > 2.0) & (reached < 120)
        usable &= np.hypot(x - x[ground.centre], y - y[ground.centre]) > 0.35
    bearing = np.arctan2(y - y[ground.centre], x - x[ground.centre])
    chosen: list[Cell] = []
    score = rng.uniform(0, 1.6, land.shape) - reached / 60.0
    for _ in range(amount):
        cell = best(score, usable)
        if cell is None:
            break
        chosen.append(cell)
        apart = np.abs((bearing - bearing[cell] + np.pi) % (2 * np.pi) - np.pi)
        usable &= apart > 0.75
        score = score + 0.35 * apart
    return chosen
