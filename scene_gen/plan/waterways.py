"""Shapes of water on the lattice: coasts with bays, islands, lakes, ponds, canals and rivers."""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from scene_gen.plan.artefacts import CELLS
from scene_gen.plan.cells import (
    Cell,
    Mask,
    best,
    cheapest,
    distance_to,
    groups,
    joined,
    only,
    spread,
    way_back,
    widened,
)
from scene_gen.plan.noise import fractal
from scene_gen.plan.wishes import Wishes

Field = NDArray[np.float64]


def coastal_sea(rng: np.random.Generator, x: Field, y: Field, toward: NDArray[np.float64], *, has_port: bool) -> Mask:
    """A coast with headlands and, for a port, a bay with a calm shoreline."""
    out = x * toward[0] + y * toward[1]
    along = -x * toward[1] + y * toward[0]
    middle = rng.uniform(-0.32, 0.32)
    width, depth = rng.uniform(0.26, 0.44), rng.uniform(0.16, 0.42)
    bay = np.exp(-(((along - middle) / width) ** 2))
    calm = 1 - (0.85 if has_port else 0.2) * bay
    rough = 0.30 * fractal(rng, x, y, frequency=0.9, octaves=2) + 0.14 * fractal(rng, x, y, frequency=2.4, octaves=3)
    height = -out + rough * calm
    if has_port or rng.random() < 0.6:
        height = height - depth * bay
        for side in (-1, 1):
            head = middle + side * width * rng.uniform(1.35, 1.75)
            reach = rng.uniform(0.05, 0.28)
            height = height + reach * np.exp(-(((along - head) / 0.22) ** 2) - ((out - 0.25) / 0.5) ** 2)
    share = rng.uniform(0.25, 0.35)
    water = cheapest(height, int(share * CELLS * CELLS))
    return _tidy(water)


def around_island(rng: np.random.Generator, x: Field, y: Field, *, has_port: bool) -> Mask:
    """Sea on all sides of one island, at times with a smaller one beside it."""
    turn, stretch = rng.uniform(0, np.pi), rng.uniform(1.0, 1.5)
    at_x, at_y = rng.uniform(-0.14, 0.14, 2)
    u = (x - at_x) * np.cos(turn) + (y - at_y) * np.sin(turn)
    v = -(x - at_x) * np.sin(turn) + (y - at_y) * np.cos(turn)
    far = np.sqrt((u / stretch) ** 2 + v**2) + 0.34 * fractal(rng, x, y, frequency=1.2, octaves=3)
    bay = rng.uniform(0, 2 * np.pi)
    far = far + 0.22 * np.exp(-(((x - at_x - 0.5 * np.cos(bay)) ** 2 + (y - at_y - 0.5 * np.sin(bay)) ** 2) / 0.06))
    shallows = np.sqrt(np.sqrt(x**4 + y**4)) + 0.10 * fractal(rng, x, y, frequency=1.6, octaves=2)
    far = far + 2.2 * np.maximum(shallows - 0.70, 0.0)
    island = cheapest(far, int(rng.uniform(0.38, 0.48) * CELLS * CELLS))
    rim = np.maximum(np.abs(x), np.abs(y)) > 1 - 3.2 / CELLS
    island &= ~rim
    labels, _ = groups(island)
    island = labels == 1
    if rng.random() < 0.6:
        islet = np.hypot(x - 0.78 * np.cos(bay + 2.2), y - 0.78 * np.sin(bay + 2.2)) < 0.13
        island |= islet & ~rim & (distance_to(island) > 2)
    return ~island


def lake_at(rng: np.random.Generator, x: Field, y: Field, side: tuple[float, float] | None, share: float) -> Mask:
    turn = rng.uniform(0, 2 * np.pi)
    toward = np.array(side) if side is not None else np.array([np.cos(turn), np.sin(turn)])
    reach = rng.uniform(0.42, 0.62) if toward.any() else 0.0
    at_x, at_y = toward * reach
    spin, stretch = rng.uniform(0, np.pi), rng.uniform(1.1, 1.7)
    u = (x - at_x) * np.cos(spin) + (y - at_y) * np.sin(spin)
    v = -(x - at_x) * np.sin(spin) + (y - at_y) * np.cos(spin)
    far = np.sqrt((u / stretch) ** 2 + v**2) + 0.30 * fractal(rng, x, y, frequency=1.4, octaves=3)
    lake = cheapest(far, int(share * CELLS * CELLS))
    labels, _ = groups(lake)
    return np.asarray(ndimage.binary_fill_holes(labels == 1), dtype=bool)


def pond_by(rng: np.random.Generator, x: Field, y: Field, centre: Cell) -> Mask:
    turn = rng.uniform(0, 2 * np.pi)
    at_x, at_y = x[centre] + 0.2 * np.cos(turn), y[centre] + 0.2 * np.sin(turn)
    far = np.hypot(x - at_x, y - at_y) + 0.07 * fractal(rng, x, y, frequency=2.0, octaves=2)
    pond = cheapest(far, int(rng.integers(16, 26)))
    labels, _ = groups(pond)
    return labels == 1


def canal_network(rng: np.random.Generator, x: Field, y: Field, centre: Cell) -> Mask:
    """Either rings round the middle with a canal that leads out, or parallel canals with cross canals."""
    at_x, at_y = x[centre], y[centre]
    cell = 2 / CELLS
    bend = 0.10 * fractal(rng, x, y, frequency=0.7, octaves=2)
    if rng.random() < 0.5:
        far = np.hypot(x - at_x, y - at_y) / cell + 6 * bend
        canals = np.zeros(x.shape, dtype=bool)
        for radius in (5.2, 9.4, 13.6)[: int(rng.integers(2, 4))]:
            inside = far < radius
            canals |= widened(inside, corners=True) & ~inside
        turn = rng.uniform(0, 2 * np.pi)
        ends = [np.array([np.cos(turn), np.sin(turn)]), -np.array([np.cos(turn + 0.6), np.sin(turn + 0.6)])]
        for end in ends:
            canals |= _stroke(rng, x, y, (at_x, at_y), tuple(np.array([at_x, at_y]) + 2.2 * end), skip=5.2 * cell)
        return canals
    canals = np.zeros(x.shape, dtype=bool)
    u, v = (x, y) if rng.random() < 0.5 else (y, x)
    shift = rng.uniform(0, 6)
    for step in np.arange(-14 + shift, 16, rng.uniform(6.0, 7.4)):
        side = (u + bend) / cell < step
        canals |= widened(side, corners=True) & ~side
    cross = (v + bend) / cell < rng.uniform(-3, 3)
    canals |= widened(cross, corners=True) & ~cross
    return canals


def river_past(rng: np.random.Generator, x: Field, y: Field, centre: Cell, open_water: Mask, wishes: Wishes) -> Mask:
    """A river that meanders past the town, from one edge to the sea, a lake or another edge."""
    side = wishes.sides.get("river")
    turn = rng.uniform(0, 2 * np.pi)
    heading = np.array([np.cos(turn), np.sin(turn)])
    at = np.array([x[centre], y[centre]])
    offset = rng.uniform(3.0, 4.6) * (2 / CELLS) * (1 if rng.random() < 0.5 else -1)
    if open_water.any():
        sea = np.array([x[open_water].mean(), y[open_water].mean()])
        heading = (at - sea) / max(np.hypot(*(at - sea)), 1e-6)
        swing = rng.uniform(-0.7, 0.7)
        heading = np.array([heading[0] * np.cos(swing) - heading[1] * np.sin(swing),
                            heading[0] * np.sin(swing) + heading[1] * np.cos(swing)])  # fmt: skip
    normal = np.array([-heading[1], heading[0]])
    if side is not None and any(side):
        at = np.array(side) * 0.55
        normal, offset = np.array(side), 0.0
        heading = np.array([-normal[1], normal[0]])
    through = at + normal * offset
    source = _edge_point(through, heading)
    cost = 1.0 + 4.0 * (fractal(rng, x, y, frequency=1.3, octaves=3) + 0.6) ** 2
    cost = cost + 14.0 * np.exp(-((x - x[centre]) ** 2 + (y - y[centre]) ** 2) / (2 * (3.0 / CELLS * 2) ** 2))
    cost = np.where(open_water, 0.05, cost)
    start, waypoint = _nearest(x, y, source), _nearest(x, y, through)
    river = _walk(cost, start, waypoint)
    if open_water.any() and side is None:
        reached, before = spread(cost, only(waypoint))
        river += joined(way_back(before, best(-reached, open_water) or waypoint), cost)
    else:
        river += _walk(cost, waypoint, _nearest(x, y, _edge_point(through, -heading)))
    mask = np.zeros(x.shape, dtype=bool)
    mask[tuple(np.array(river).T)] = True
    wide = wishes.size_m / CELLS < 26.0 and ("river" in wishes.places or wishes.size_m / CELLS < 17.0)
    if wide:
        mask |= np.roll(mask, 1, axis=0) & (np.arange(CELLS)[:, None] > 0)
        mask |= np.roll(mask, 1, axis=1) & (np.arange(CELLS)[None, :] > 0)
    return mask


def _tidy(water: Mask) -> Mask:
    """Water without puddles and land without specks."""
    labels, count = groups(water)
    keep = [i for i in range(1, count + 1) if i == 1 or (labels == i).sum() >= 24]
    water = np.isin(labels, keep)
    labels, count = groups(~water)
    specks = [i for i in range(2, count + 1) if (labels == i).sum() < 5]
    return water | np.isin(labels, specks)


def _stroke(
    rng: np.random.Generator, x: Field, y: Field, start: tuple[float, float], end: tuple[float, float], *, skip: float
) -> Mask:
    """A straight way one cell wide, joined by sides, that begins `skip` after its start."""
    points = np.linspace(start, end, 400)
    points = points[np.hypot(points[:, 0] - start[0], points[:, 1] - start[1]) > skip]
    points = points[np.abs(points).max(axis=1) < 1]
    column = ((points[:, 0] + 1) / 2 * CELLS).astype(int)
    row = ((1 - points[:, 1]) / 2 * CELLS).astype(int)
    mask = np.zeros(x.shape, dtype=bool)
    mask[row, column] = True
    mask[row[1:], column[:-1]] = True
    return mask


def _edge_point(start: NDArray[np.float64], heading: NDArray[np.float64]) -> NDArray[np.float64]:
    steps = start + np.linspace(0, 3, 300)[:, None] * heading
    inside = np.abs(steps).max(axis=1) < 1
    return steps[np.argmin(inside) - 1] if not inside.all() else steps[-1]


def _nearest(x: Field, y: Field, at: NDArray[np.float64]) -> Cell:
    return divmod(int(np.argmin((x - at[0]) ** 2 + (y - at[1]) ** 2)), CELLS)


def _walk(cost: Field, start: Cell, end: Cell) -> list[Cell]:
    _, before = spread(cost, only(start))
    return joined(way_back(before, end), cost)
