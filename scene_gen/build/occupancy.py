"""Who stands where: keeps things off buildings, roads and water, and off each other."""

from collections.abc import Iterable, Sequence

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from scipy.spatial import cKDTree

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]


def independent(count: int, pairs: NDArray[np.intp]) -> Mask:
    """The things kept when each conflicts with those in `pairs` (m,2): the earlier of two is kept, in order.

    The same set as going through the list one by one and keeping what conflicts with nothing kept, in few sweeps.
    """
    kept = np.zeros(count, dtype=bool)
    alive = np.ones(count, dtype=bool)
    first, second = np.minimum(*pairs.T), np.maximum(*pairs.T)
    while len(first):
        blocked = np.zeros(count, dtype=bool)
        blocked[second] = True  # something earlier and undecided stands against it
        winners = alive & ~blocked
        kept |= winners
        alive &= ~winners
        alive[second[winners[first]]] = False
        open_ = alive[first] & alive[second]
        first, second = first[open_], second[open_]
    return kept | alive


def discs(xy: ArrayLike, yaw: ArrayLike, size: ArrayLike) -> tuple[Array, Array, NDArray[np.intp]]:
    """Discs that cover rectangles: centres (m,2), radii (m,), whose they are (m,).

    `xy` (n,2) middles, `yaw` (n,) headings of the first side, `size` (n,2) full sides [m]. A long rectangle gets a row
    of discs along its longer side instead of a large one.
    """
    xy = np.asarray(xy, dtype=np.float64).reshape(-1, 2)
    size = np.broadcast_to(np.asarray(size, dtype=np.float64), (len(xy), 2))
    yaw = np.broadcast_to(np.asarray(yaw, dtype=np.float64), (len(xy),))
    long_, short = size.max(axis=1), np.maximum(size.min(axis=1), 1e-3)
    turn = np.where(size[:, 0] >= size[:, 1], yaw, yaw + np.pi / 2)
    count = np.where(long_ > 1.3 * short, np.ceil(long_ / np.maximum(short, 0.15) - 0.05), 1).astype(int)
    owner = np.repeat(np.arange(len(xy)), count)
    rank = np.arange(len(owner)) - np.repeat(np.cumsum(count) - count, count)
    step = (long_ / count)[owner]
    along = (rank + 0.5 - count[owner] / 2) * step
    centre = xy[owner] + along[:, None] * np.stack([np.cos(turn), np.sin(turn)], axis=1)[owner]
    return centre, np.hypot(step / 2, short[owner] / 2), owner


class Discs:
    """Discs that only ever become more: most are indexed, the latest few are searched one by one."""

    def __init__(self) -> None:
        self._xy, self._radius = np.zeros((0, 2)), np.zeros(0)
        self._tree: cKDTree | None = None
        self._indexed = 0

    def add(self, xy: Array, radius: Array) -> None:
        """Adds discs (n,2), (n,)."""
        self._xy, self._radius = np.concatenate([self._xy, xy]), np.concatenate([self._radius, radius])

    def hit(self, xy: Array, radius: Array, gap_m: float, tree: cKDTree) -> Mask:
        """Which of the given discs, with the `tree` of their middles, come closer than `gap_m` to one of these."""
        found = np.zeros(len(xy), dtype=bool)
        waiting = len(self._radius) - self._indexed
        if not len(self._radius):
            return found
        if waiting * len(xy) > 30_000 or waiting > 400:
            self._tree, self._indexed, waiting = cKDTree(self._xy), len(self._radius), 0
        if self._tree is not None:
            reach = float(radius.max() + self._radius[: self._indexed].max()) + gap_m
            pairs = tree.sparse_distance_matrix(self._tree, reach, output_type="ndarray")
            close = pairs["v"] < radius[pairs["i"]] + self._radius[pairs["j"]] + gap_m
            found[pairs["i"][close]] = True
        if waiting:
            (x, y), apart = self._xy[self._indexed :].T, radius[:, None] + self._radius[self._indexed :] + gap_m
            away = (xy[:, :1] - x) ** 2 + (xy[:, 1:] - y) ** 2
            found |= (away < apart * apart).any(axis=1)
        return found


class Occupancy:
    """Ground that is taken: named layers of shapes that never move, and discs of the things placed so far."""

    def __init__(self) -> None:
        self._layers: dict[str, shapely.STRtree] = {}
        self._sizes = (0.6, 2.0)
        self._discs = tuple(Discs() for _ in range(3))  # by size, so that a ferry widens no search but its own

    def set_layer(self, name: str, shapes: Iterable[shapely.Geometry]) -> None:
        """Keeps `shapes` (shapely geometries) under a name; replaces the layer."""
        self._layers[name] = shapely.STRtree(np.array([s for s in shapes if not shapely.is_empty(s)], dtype=object))

    def near(self, layer: str, xy: ArrayLike, radius: ArrayLike) -> Mask:
        """Which discs, (n,2) or shapely points (n,), with radii (n,) or one, come within a layer's shapes."""
        xy = np.asarray(xy)
        found = np.zeros(len(xy), dtype=bool)
        tree = self._layers.get(layer)
        if tree is not None and len(tree.geometries) and len(xy):
            points = xy if xy.dtype == object else np.asarray(shapely.points(xy), dtype=object)
            radii = np.broadcast_to(np.asarray(radius, dtype=np.float64), (len(points),))
            found[tree.query(points, predicate="dwithin", distance=radii)[0]] = True
        return found

    def distance(self, layer: str, xy: ArrayLike, most_m: float) -> Array:
        """How far points (n,2) are from a layer's shapes [m], `most_m` where it is farther."""
        points = np.asarray(shapely.points(np.asarray(xy, dtype=np.float64).reshape(-1, 2)), dtype=object)
        found = np.full(len(points), most_m)
        tree = self._layers.get(layer)
        if tree is not None and len(tree.geometries) and len(points):
            rows, which = tree.query(points, predicate="dwithin", distance=most_m)
            np.minimum.at(found, rows, shapely.distance(points[rows], tree.geometries[which]))
        return found

    def taken(self, xy: Array, radius: Array, *, gap_m: float = 0.05) -> Mask:
        """Which discs come closer than `gap_m` to a thing placed before."""
        found = np.zeros(len(xy), dtype=bool)
        if not len(xy):
            return found
        tree = cKDTree(xy)
        for discs_of_size in self._discs:
            found |= discs_of_size.hit(xy, radius, gap_m, tree)
        return found

    def add(self, xy: Array, radius: Array) -> None:
        """Takes the ground of discs."""
        size = np.digitize(radius, self._sizes)
        for index in np.unique(size).tolist():
            self._discs[index].add(xy[size == index], radius[size == index])


def conflicts(xy: Array, radius: Array, owner: NDArray[np.intp], *, gap_m: float = 0.05) -> NDArray[np.intp]:
    """Pairs of owners (m,2) whose discs come closer than `gap_m` to each other."""
    if len(xy) < 2:
        return np.zeros((0, 2), dtype=np.intp)
    pairs = cKDTree(xy).query_pairs(2 * float(radius.max()) + gap_m, output_type="ndarray")
    (x, y), (one, other) = xy.T, pairs.T
    close = np.hypot(x[one] - x[other], y[one] - y[other]) < radius[one] + radius[other] + gap_m
    found = owner[pairs[close]]
    return found[found[:, 0] != found[:, 1]]


def scattered(rng: np.random.Generator, low: ArrayLike, high: ArrayLike, gap_m: float) -> Array:
    """Random points (n,2) [m] in a rectangle, none nearer than `gap_m` to another and few larger gaps (Poisson discs)."""
    low, high = np.asarray(low, dtype=np.float64), np.asarray(high, dtype=np.float64)
    area = float(np.prod(np.maximum(high - low, 0)))
    points = rng.uniform(low, high, (int(np.ceil(3.0 * area / gap_m**2)), 2))
    return points[independent(len(points), cKDTree(points).query_pairs(gap_m, output_type="ndarray"))]


def polygon(ring: ArrayLike, holes: Iterable[ArrayLike] = ()) -> shapely.Geometry:
    """A valid shapely polygon of an open ring (k,2) and its holes."""
    return shapely.make_valid(shapely.Polygon(ring, [np.asarray(hole) for hole in holes]))  # type: ignore[arg-type]


def ring_polygons(rings: Sequence[ArrayLike]) -> NDArray[np.object_]:
    """Valid shapely polygons (n,) of open rings (k,2), all at once."""
    if not len(rings):
        return np.zeros(0, dtype=object)
    closed = [np.concatenate([ring, ring[:1]]) for ring in map(np.asarray, rings)]
    owner = np.repeat(np.arange(len(closed)), [len(ring) for ring in closed])
    rings_of = shapely.linearrings(np.concatenate(closed), indices=owner)
    shapes = np.asarray(shapely.polygons(rings_of), dtype=object)  # type: ignore[arg-type]
    bad = ~shapely.is_valid(shapes)
    shapes[bad] = shapely.make_valid(shapes[bad])
    return shapes


def bands(centrelines: Sequence[Array], reach_m: ArrayLike, **style: object) -> NDArray[np.object_]:
    """Shapely polygons (n,) within a distance of lines (k, 2 or 3), all at once; `style` as shapely.buffer's."""
    if not len(centrelines):
        return np.zeros(0, dtype=object)
    owner = np.repeat(np.arange(len(centrelines)), [len(line) for line in centrelines])
    lines = shapely.linestrings(np.concatenate([line[:, :2] for line in centrelines]), indices=owner)
    return shapely.buffer(lines, np.asarray(reach_m, dtype=np.float64), **style)  # type: ignore[call-overload]
