"""Main streets: rings round the parts of the town, the civic square, and the roads that join them to each other."""

# shapely and scipy are typed as giving one value or many; here it is always arrays.
# pyright: reportGeneralTypeIssues=false

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy import ndimage
from shapely import LineString, MultiLineString, Point, Polygon
from shapely.geometry.base import BaseGeometry
from shapely.ops import nearest_points

from scene_gen.build.ground.drawing import Drawing
from scene_gen.build.ground.fabric import PROFILES
from scene_gen.build.ground.paths import PathGrid, curved
from scene_gen.build.ground.polygons import inset, lines_of, polygons_of, resampled
from scene_gen.build.ground.quays import Quay
from scene_gen.build.ground.region import Region
from scene_gen.build.ground.terrain import Ground
from scene_gen.plan.artefacts import CELLS, Plan
from scene_gen.seeds import stream

Array = NDArray[np.float64]
_SERVED_M = 40.0


@dataclass(frozen=True, eq=False)
class Square:
    """A civic square: its paved ground, and the streets round it (ring)."""

    ground: Polygon
    around: Polygon


def place_squares(plan: Plan, regions: Sequence[Region], quays: Sequence[Quay], *, seed: int) -> list[Square]:
    """One square in each group of civic cells that a ring of streets encloses, at most three."""
    table = np.array([list(row) for row in plan.lattice])
    label, count = ndimage.label(table == "V", structure=np.ones((3, 3)))
    groups = sorted(range(1, count + 1), key=lambda g: (-int((label == g).sum()), g))
    rng = stream(seed, "squares")
    squares: list[Square] = []
    inner = [inset(polygon, 34.0) for region in regions for polygon in region.within]
    room = shapely.union_all([polygon for polygon in inner if not polygon.is_empty])
    if room.is_empty:
        return []
    for group in groups[:3]:
        cells = label == group
        if squares and cells.sum() < 3:
            continue
        rows, cols = np.nonzero(cells)
        middle = (
            np.array([(cols.mean() + 0.5) * plan.cell_m, (CELLS - 0.5 - rows.mean()) * plan.cell_m]) - plan.size_m / 2
        )
        free = room.difference(shapely.union_all([square.around.buffer(60.0) for square in squares]))
        if free.is_empty or free.distance(Point(middle)) > 3 * plan.cell_m:
            continue
        on, _ = nearest_points(free, Point(middle))
        middle = np.array([on.x, on.y])
        side = float(np.clip(np.sqrt(cells.sum()) * plan.cell_m * 0.55, 24.0, 58.0))
        wide, deep = side * rng.uniform(1.1, 1.35), side * rng.uniform(0.85, 1.0)
        edge = room if not quays else shapely.union_all([quay.wall for quay in quays])
        target, _ = nearest_points(edge.boundary if edge is room else edge, on)
        out = np.array([target.x - on.x, target.y - on.y])
        yaw = np.arctan2(out[1], out[0]) if np.linalg.norm(out) > 1 else rng.uniform(0, np.pi)
        u, v = np.array([-np.sin(yaw), np.cos(yaw)]), np.array([np.cos(yaw), np.sin(yaw)])
        signs = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * np.array([wide, deep]) / 2
        uneven = rng.uniform(-0.08, 0.08, (4, 2)) * side * (1 - plan.look.grid)
        corners = middle + (signs + uneven) @ np.stack([u, v])
        ground = Polygon(corners).buffer(2.0, quad_segs=3).buffer(-2.0)
        squares.append(Square(ground, ground.buffer(PROFILES["street"].half_m, quad_segs=6)))
    return squares


def draw_mains(
    plan: Plan, ground: Ground, water: BaseGeometry, regions: Sequence[Region], quays: Sequence[Quay],
    squares: Sequence[Square], *, seed: int,
) -> tuple[Drawing, PathGrid]:  # fmt: skip
    """Rings, square, roads from the map's edge to the middle of town, from there to the quay, and links between parts."""
    drawing = Drawing()
    decks = shapely.union_all([quay.deck for quay in quays])
    blocked = shapely.union_all([decks.buffer(2.0), *(square.around.buffer(-2.0) for square in squares)])
    grid = PathGrid(plan, ground, water, blocked, plan.look.max_street_slope)
    beside_quay = decks.buffer(PROFILES["main"].half_m + 6.0)
    for region in regions:
        for polygon in region.within:
            for loop in (polygon.exterior, *polygon.interiors):
                for part, kind, role in (
                    (loop.intersection(beside_quay), "main", "quay"),
                    (loop.difference(beside_quay), "street", "ring"),
                ):
                    merged = shapely.line_merge(part) if hasattr(part, "geoms") else part
                    for piece in lines_of(merged, 0.02):
                        short = role == "quay" and piece.length < 25.0
                        drawing.add(np.asarray(piece.coords), "street" if short else kind, "ring" if short else role)
    for square in squares:
        drawing.add(np.asarray(square.around.exterior.coords), "street", "square")
    middle = _middle(regions, squares)
    if middle is None:
        return drawing, grid
    hub = np.asarray(squares[0].around.exterior.coords) if squares else middle[None]
    if not squares and not drawing.ways:
        _spines(drawing, grid, regions[0])
        hub = np.concatenate([way.points for way in drawing.ways]) if drawing.ways else middle[None]
    for quay in quays:
        waterfront = [way.points for way in drawing.ways if way.role == "quay"]
        if waterfront:
            near = np.concatenate(waterfront)
            wall = np.asarray(quay.deck.centroid.coords[0])
            goal = near[np.argsort(np.linalg.norm(near - wall, axis=1))[:1]]
            _draw(drawing, grid, hub, goal, "main", "harbor")
    for square in squares[1:]:
        _draw(drawing, grid, hub, np.asarray(square.around.exterior.coords), "main", "link")
    for entry in entries(plan, grid, middle, water, ground, seed=seed):
        _draw(drawing, grid, entry[None], hub, "main", "road", free_start=True)
    for region in regions:
        _spines(drawing, grid, region)
    _join(drawing, grid)
    return drawing, grid


def _draw(
    drawing: Drawing, grid: PathGrid, start: Array, goal: Array, kind: str, role: str, *, free_start: bool = False
) -> None:
    way = grid.way(start, goal, drawing.lines)
    if way is not None:
        if free_start:
            way = np.concatenate([start[:1], way[1:]])
        drawing.attach(curved(way), kind, role, free_start=free_start)


def _middle(regions: Sequence[Region], squares: Sequence[Square]) -> Array | None:
    if squares:
        return np.asarray(squares[0].ground.centroid.coords[0])
    if not regions:
        return None
    first = regions[0]
    shape = first.within[0] if first.within else first.land
    return np.asarray(
        nearest_points(shape.buffer(-1.0) if not shape.buffer(-1.0).is_empty else shape, shape.centroid)[0].coords[0]
    )


def _spines(drawing: Drawing, grid: PathGrid, region: Region) -> None:
    """A street along the middle of each piece of a part of the town that has no street yet."""
    for _ in range(12):
        near = drawing.lines.buffer(_SERVED_M) if drawing.ways else Polygon()
        bare = region.land.difference(shapely.union_all([near, *region.within])).buffer(-9.0).buffer(9.0)
        pieces = [p for p in polygons_of(bare, 1300.0) if not p.intersection(region.land).is_empty]
        made = False
        for piece in pieces:
            core = piece.buffer(-7.0)
            core = polygons_of(core)[0] if polygons_of(core) else piece
            rim = shapely.get_coordinates(shapely.segmentize(core.exterior, 8.0))
            first = rim[int(np.argmax(np.linalg.norm(rim - rim.mean(axis=0), axis=1)))]
            last = rim[int(np.argmax(np.linalg.norm(rim - first, axis=1)))]
            if np.linalg.norm(first - last) < 36.0:
                continue
            way = grid.way(first[None], last[None], MultiLineString(), along=piece)
            if way is None:
                continue
            before = len(drawing.ways)
            points = curved(np.concatenate([first[None], way[1:-1], last[None]]))
            drawing.attach(points, "street", "spine", free_start=True)
            made |= len(drawing.ways) > before
        if not made:
            return


def entries(
    plan: Plan, grid: PathGrid, middle: Array, water: BaseGeometry, ground: Ground, *, seed: int
) -> list[Array]:
    """Where roads come in over the map's edge: at its road corridors, or else where the sides are dry and level."""
    table = np.array([list(row) for row in plan.lattice])
    half, cell = plan.size_m / 2, plan.cell_m
    at = (np.arange(CELLS) + 0.5) * cell - half
    sides = {
        "north": (table[0], np.stack([at, np.full(CELLS, half)], -1)),
        "south": (table[-1], np.stack([at, np.full(CELLS, -half)], -1)),
        "west": (table[::-1, 0], np.stack([np.full(CELLS, -half), at], -1)),
        "east": (table[::-1, -1], np.stack([np.full(CELLS, half), at], -1)),
    }
    found: list[Array] = []
    for letters, places in sides.values():
        runs, count = ndimage.label(letters == "#")
        found += [places[runs == run].mean(axis=0) for run in range(1, count + 1)]
    if found:
        return found[:6]
    rng = stream(seed, "entries")
    scores: list[tuple[float, Array]] = []
    for letters, places in sides.values():
        dry = ~np.isin(letters, ["W", "M"]) & ~shapely.dwithin(shapely.points(places), water, 20.0)
        dry[[0, 1, -2, -1]] = False
        if dry.sum() < 6:
            continue
        aside = np.abs(places - middle).min(axis=1) / plan.size_m
        rough = np.abs(ground.at(places) - ground.at(places * 0.92))
        cost = aside + 0.03 * rough + rng.uniform(0, 0.25, len(places)) + np.isin(letters, ["F", "H"]) * 0.1
        best = int(np.argmin(np.where(dry, cost, np.inf)))
        scores.append((float(cost[best]), places[best]))
    scores.sort(key=lambda item: item[0])
    return [place for _, place in scores[:4]]


def _join(drawing: Drawing, grid: PathGrid) -> None:
    """Links parts of the network that hang together with nothing, cheapest first."""
    for _ in range(80):
        lines = [LineString(way.points) for way in drawing.ways]
        if not lines:
            return
        parts = polygons_like(lines)
        if len(parts) < 2:
            return
        main = max(range(len(parts)), key=lambda i: sum(lines[k].length for k in parts[i]))
        rest = min((i for i in range(len(parts)) if i != main), key=lambda i: min(parts[i]))
        goal = grid.dry(np.concatenate([resampled(drawing.ways[k].points, 10.0) for k in parts[main]]))
        start = grid.dry(np.concatenate([resampled(drawing.ways[k].points, 10.0) for k in parts[rest]]))
        way = grid.way(start, goal, MultiLineString())
        if way is None:
            gaps = np.linalg.norm(start[:, None] - goal[None], axis=2)
            i, j = np.unravel_index(int(np.argmin(gaps)), gaps.shape)
            way = np.stack([start[i], goal[j]])
        head = start[int(np.argmin(np.linalg.norm(start - way[0], axis=1)))]
        tail = goal[int(np.argmin(np.linalg.norm(goal - way[-1], axis=1)))]
        drawing.add(curved(np.concatenate([head[None], way[1:-1], tail[None]])), "main", "link")


def polygons_like(lines: Sequence[LineString]) -> list[list[int]]:
    """Groups of lines that touch one another within 10 cm, by index."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    tree = shapely.STRtree(lines)
    a, b = tree.query(lines, predicate="dwithin", distance=0.1)
    count, label = connected_components(
        coo_array((np.ones(len(a)), (a, b)), shape=(len(lines), len(lines))), directed=False
    )
    return [np.flatnonzero(label == i).tolist() for i in range(count)]
