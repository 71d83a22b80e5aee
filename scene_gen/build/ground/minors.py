"""Minor streets: every face between the streets is cut across its long side again and again until blocks are right.

Each cut runs from street to street, so that nothing ends nowhere; it bends as much as the town is grown rather than
planned, meets the streets it joins squarely, and goes on where a street across the way left off.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString, Polygon

from scene_gen.build.ground.drawing import Drawing
from scene_gen.build.ground.fabric import PROFILES, Grain, grain
from scene_gen.build.ground.lattice import Lattice
from scene_gen.build.ground.polygons import oriented_box, polygons_of, resampled, ring
from scene_gen.build.ground.terrain import Ground
from scene_gen.plan.artefacts import Plan
from scene_gen.seeds import stream

Array = NDArray[np.float64]
_SQUARE_ENOUGH = np.sin(np.radians(38.0))
_APART_M = 19.0


@dataclass(frozen=True, eq=False)
class _Cut:
    start: int
    end: int
    points: Array


def draw_minors(
    plan: Plan, ground: Ground, drawing: Drawing, inside: Sequence[Polygon], kept: Sequence[Polygon], *, seed: int
) -> None:
    """Adds minor streets to the drawing within the rings `inside`; the faces that hold `kept` ground stay whole."""
    rng = stream(seed, "minor streets")
    nodes, zones = _Nodes(), Lattice(plan)
    hold = shapely.union_all([polygon.buffer(-2.0) for polygon in kept]) if kept else Polygon()
    area = shapely.union_all([polygon.buffer(0.5) for polygon in inside])
    for _ in range(3):  # first the islands are tied to the streets round them
        lines = _noded(drawing)
        faces = [f for f in polygons_of(shapely.polygonize(lines)) if area.contains(f.representative_point())]
        islands = [face for face in faces if face.interiors]
        if not islands:
            break
        for face in islands:
            _tie(face, drawing, rng)
    ends = np.array([point for line in lines for point in (line.coords[0], line.coords[-1])]).reshape(-1, 2)
    nodes.add(ends)
    queue = deque(ring(face) for face in faces if not face.intersects(hold) and not face.interiors)
    while queue:
        loop = queue.popleft()
        letter, share = zones.fabric(Polygon(loop))
        if not letter or (share < 0.4 and Polygon(loop).area < 14000.0):
            continue
        own = grain(letter)
        cut = _best_cut(plan, ground, loop, own, nodes, rng)
        if cut is None:
            continue
        drawing.add(cut.points, own.street, "minor")
        nodes.add(cut.points[[0, -1]])
        queue.extend(_halves(loop, cut))


def _noded(drawing: Drawing) -> list[LineString]:
    joined = shapely.union_all([LineString(way.points) for way in drawing.ways], grid_size=0.01)
    return list(shapely.get_parts(shapely.line_merge(joined)))


class _Nodes:
    """Junctions so far, found by square of 64 m."""

    def __init__(self) -> None:
        self._cells: dict[tuple[int, int], list[Array]] = {}

    def add(self, points: Array) -> None:
        for point in points:
            self._cells.setdefault((int(point[0] // 64), int(point[1] // 64)), []).append(point)

    def near(self, low: Array, high: Array) -> Array:
        found: list[Array] = []
        for i in range(int(low[0] // 64), int(high[0] // 64) + 1):
            for j in range(int(low[1] // 64), int(high[1] // 64) + 1):
                found += self._cells.get((i, j), ())
        return np.array(found).reshape(-1, 2)


def _tie(face: Polygon, drawing: Drawing, rng: np.random.Generator) -> None:
    """Three streets from each island in a face to what surrounds it."""
    for hole in face.interiors:
        island = Polygon(hole)
        middle = np.asarray(island.centroid.coords[0])
        turn = rng.uniform(0, 2 * np.pi)
        for angle in turn + np.arange(3) * 2 * np.pi / 3:
            far = middle + 3000.0 * np.array([np.cos(angle), np.sin(angle)])
            ray = LineString([middle, far]).intersection(face)
            pieces = [p for p in getattr(ray, "geoms", [ray]) if isinstance(p, LineString)]
            first = min(pieces, key=lambda p: p.distance(shapely.points(middle)), default=None)
            if first is not None and first.length > 8.0:
                drawing.add(resampled(np.asarray(first.coords), 6.0), "street", "link")


def _best_cut(
    plan: Plan, ground: Ground, loop: Array, own: Grain, nodes: _Nodes, rng: np.random.Generator
) -> _Cut | None:
    """The best cut of a face into two, across its length or along it; None when it is a block or cannot be cut."""
    half = PROFILES[own.street].half_m
    long_, deep = own.block_m + 2 * half, 2 * own.depth_m + 2 * half
    axis, length, width = oriented_box(loop)
    across, along = (axis, length, long_), (np.array([-axis[1], axis[0]]), width, deep)
    options = []
    if length > 1.3 * long_ and width <= 2.2 * long_:
        options = [across, along]
    elif width > 1.42 * deep:
        options = [along, across] if length > 0.9 * long_ else [along]
    for least_sine, most_cost in ((_SQUARE_ENOUGH, 5.5), (0.5, 9.0)):
        for direction, extent, unit in options:
            cut = _cut_at(plan, ground, loop, direction, extent, unit, nodes, rng, least_sine, most_cost)
            if cut is not None:
                return cut
    return None


def _cut_at(
    plan: Plan, ground: Ground, loop: Array, axis: Array, length: float, unit: float, nodes: _Nodes,
    rng: np.random.Generator, least_sine: float, most_cost: float,
) -> _Cut | None:  # fmt: skip
    """The best cut square to `axis`, near a whole multiple of `unit` along it."""
    pieces = max(int(round(length / unit)), 2)
    width = float(np.ptp(loop @ np.array([-axis[1], axis[0]])))
    along = loop @ axis
    target = along.min() + length * (pieces // 2 if rng.random() < 0.5 else (pieces + 1) // 2) / pieces
    known = nodes.near(loop.min(axis=0) - 1, loop.max(axis=0) + 1)
    if len(known):
        known = known[np.asarray(shapely.dwithin(Polygon(loop).exterior, shapely.points(known), 0.5))]
    loose = 1 - plan.look.grid
    slack = length / pieces
    at = target + np.linspace(-0.36, 0.36, 9) * slack
    angles = np.array([-0.3, -0.15, 0.0, 0.15, 0.3]) * loose + rng.normal(0, 0.05 * loose, 5)
    mid = axis[None] * at[:, None] + np.array([-axis[1], axis[0]]) * float(
        np.median(loop @ np.array([-axis[1], axis[0]]))
    )
    origin = np.repeat(mid, len(angles), axis=0)
    angle = np.tile(angles, len(at))
    if len(known):
        close = known[np.abs(known @ axis - target) < 0.55 * slack]
        origin = np.concatenate([origin, np.repeat(close, 3, axis=0)])
        angle = np.concatenate([angle, np.tile(np.array([-0.2, 0.0, 0.2]), len(close))])
    heading = np.arctan2(axis[0], -axis[1]) + angle
    direction = np.stack([np.cos(heading), np.sin(heading)], axis=-1)
    ends, at_edge, span, which = _chords(loop, origin, direction)
    if not len(span):
        return None
    edges = np.roll(loop, -1, axis=0) - loop
    unit_edge = edges / np.maximum(np.linalg.norm(edges, axis=1, keepdims=True), 1e-9)
    way = direction[which]
    sine = np.abs(unit_edge[at_edge, 0] * way[:, None, 1] - unit_edge[at_edge, 1] * way[:, None, 0])
    cost = 2.5 * ((1 - sine) ** 2).sum(axis=1) + 1.2 * np.abs(ends.mean(axis=1) @ axis - target) / slack
    cost += 0.6 * span / max(width, 1.0)
    snap = np.full(at_edge.shape, -1)
    if len(known):
        gap = np.linalg.norm(ends[:, :, None] - known, axis=3)
        nearest, least = gap.argmin(axis=2), gap.min(axis=2)
        joins, crowds = least < 2.5, (least >= 2.5) & (least < _APART_M)
        snap = np.where(joins, nearest, -1)
        cost -= (0.25 + 0.9 * plan.look.grid) * joins.sum(axis=1)
        cost += ((4.0 * (1 - least / _APART_M) + 1.0) * crowds).sum(axis=1)
    level = ground.at(ends)
    rise = np.abs(level[:, 0] - level[:, 1]) / np.maximum(span, 1.0) / plan.look.max_street_slope
    cost += 2.0 * np.maximum(rise - 0.6, 0.0)
    cost = np.where((sine.min(axis=1) >= least_sine) & (span >= 14.0), cost, np.inf)
    around = _Ring(loop)
    for best in np.argsort(cost, kind="stable")[:12]:
        if cost[best] > most_cost:
            break
        points, edge = ends[best].copy(), at_edge[best].tolist()
        for i in (0, 1):
            if snap[best, i] >= 0:
                points[i] = known[snap[best, i]]
                edge[i] = around.edge_under(points[i])
        along = points[1] - points[0]
        if edge[0] == edge[1] or not np.any(along):
            continue
        if min(around.opening(points[0], edge[0], along), around.opening(points[1], edge[1], -along)) >= least_sine:
            return _bent(_Cut(edge[0], edge[1], points), loop, loose, rng)
    return None


class _Ring:
    """A face's ring, asked about places on it."""

    def __init__(self, loop: Array) -> None:
        self._closed = np.concatenate([loop, loop[:1]])
        self._step = np.diff(self._closed, axis=0)
        self._along = np.concatenate([[0.0], np.cumsum(np.linalg.norm(self._step, axis=1))])

    def edge_under(self, point: Array) -> int:
        """The index of the edge that a point lies on; at a corner that of the edge which starts there."""
        start = self._closed[:-1]
        t = ((point - start) * self._step).sum(axis=1) / np.maximum((self._step**2).sum(axis=1), 1e-12)
        off = start + np.clip(t, 0, 1)[:, None] * self._step - point
        return int(np.argmin(np.hypot(off[:, 0], off[:, 1]) + np.where(t > 1 - 1e-6, 1e-4, 0)))

    def opening(self, point: Array, edge: int, direction: Array) -> float:
        """Sine of the smaller angle between a street that leaves the ring here and the ring to either side; 1 if blunt."""
        at = self._along[edge] + float(np.linalg.norm(point - self._closed[edge]))
        total = self._along[-1]
        least = 1.0
        for reach in (9.0, -9.0):
            s = (at + reach) % total
            side = np.array([np.interp(s, self._along, self._closed[:, k]) for k in (0, 1)]) - point
            size = float(np.linalg.norm(side) * np.linalg.norm(direction))
            if size > 1e-9:
                cosine = float(side @ direction) / size
                least = min(least, np.sqrt(max(1 - cosine**2, 0.0)) if cosine > 0 else 1.0)
        return least


def _chords(loop: Array, origin: Array, direction: Array) -> tuple[Array, NDArray[np.intp], Array, NDArray[np.intp]]:
    """For each line (origin, direction) its longest stretch inside a ring.

    Returns ends (n,2,2), the edges they lie on (n,2), lengths (n,), and which line each belongs to (n,).
    """
    normal = np.stack([-direction[:, 1], direction[:, 0]], axis=-1)
    side = loop @ normal.T - (origin * normal).sum(axis=1)
    after = np.roll(side, -1, axis=0)
    which, edge = np.nonzero(((side > 0) != (after > 0)).T)
    s0, s1 = side[edge, which], after[edge, which]
    start = loop[edge]
    point = start + (s0 / (s0 - s1))[:, None] * (loop[(edge + 1) % len(loop)] - start)
    order = np.lexsort(((point * direction[which]).sum(axis=1), which))
    which, edge, point = which[order], edge[order], point[order]
    pairs = (point.reshape(-1, 2, 2), edge.reshape(-1, 2), which[::2])  # a line crosses a ring an even number of times
    length = np.linalg.norm(pairs[0][:, 1] - pairs[0][:, 0], axis=1)
    order = np.lexsort((-length, pairs[2]))
    _, first = np.unique(pairs[2][order], return_index=True)
    keep = order[first]
    return pairs[0][keep], pairs[1][keep], length[keep], pairs[2][keep]


def _bent(cut: _Cut, loop: Array, loose: float, rng: np.random.Generator) -> _Cut:
    """The cut as a gentle curve if that stays inside the face."""
    a, b = cut.points
    straight = resampled(np.stack([a, b]), 5.0)
    t = np.linspace(0, 1, len(straight))
    across = np.array([-(b - a)[1], (b - a)[0]])
    first, second = rng.normal(0, 0.055 * loose), rng.normal(0, 0.03 * loose)
    curve = straight + across * (first * np.sin(np.pi * t) + second * np.sin(2 * np.pi * t))[:, None]
    room = Polygon(loop).buffer(0)
    if (
        len(curve) > 5
        and room.contains(LineString(curve[1:-1]))
        and room.exterior.distance(LineString(curve[2:-2])) > 3.0
    ):
        return _Cut(cut.start, cut.end, curve)
    return _Cut(cut.start, cut.end, straight)


def _halves(loop: Array, cut: _Cut) -> list[Array]:
    """The two rings that a cut makes of one."""
    i, j, chord = cut.start, cut.end, cut.points
    if i > j:
        i, j, chord = j, i, chord[::-1]
    one = np.concatenate([chord, loop[j + 1 :], loop[: i + 1]])
    two = np.concatenate([chord[::-1], loop[i + 1 : j + 1]])
    return [_clean(one), _clean(two)]


def _clean(loop: Array) -> Array:
    keep = np.linalg.norm(loop - np.roll(loop, 1, axis=0), axis=1) > 0.02
    return loop[keep]
