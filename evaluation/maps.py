"""The town from above, north up, as shapes: drawn as SVG for reports and as pictures for films."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from math import atan2, degrees

import numpy as np
import shapely
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from bridge.scene import Scene

Ring = NDArray[np.float64]
"""Corners (k,2) or points of a line [m], x to the right and y down from the map's north-west corner."""

_AREAS = {"square": "square", "quay": "quay", "breakwater": "quay", "pier": "pier", "jetty": "pier", "marina": "pier"}
_CARRIAGEWAYS = ("main", "street", "lane", "bridge")
_STEP_M = 0.4
"""How much of a curve may be left out."""
COLOURS = {
    "land": (232, 231, 220), "wood": (208, 219, 196), "water": (186, 210, 224), "square": (243, 237, 222),
    "quay": (216, 212, 204), "pier": (190, 172, 148), "kerb": (205, 201, 190), "street": (255, 254, 250),
    "path": (246, 241, 228), "building": (206, 194, 182), "shop": (219, 180, 158),
}  # fmt: skip
"""Of pictures, sRGB; the report's style sheet has its own, for bright and dark screens."""
_HOMES = {"house", "cottage", "cabin", "villa", "townhouse", "apartment-block", "farmhouse", "tower-house"}


@dataclass(frozen=True, eq=False)
class Shape:
    """An area (`rings`, the first outside) or, with a `width_m`, a line of one ring."""

    look: str
    rings: tuple[Ring, ...]
    width_m: float = 0.0


@dataclass(frozen=True, eq=False)
class TownMap:
    """A scene's shapes, bottom first, on a sheet of `width_m` by `height_m` whose corner is `north_west` (x, y) [m]."""

    north_west: tuple[float, float]
    width_m: float
    height_m: float
    shapes: tuple[Shape, ...]
    names: tuple[tuple[str, float, float, float], ...]
    """Streets: name, x and y on the sheet, and the angle it is written at [deg], clockwise."""

    def at(self, xy: NDArray[np.float64]) -> NDArray[np.float64]:
        """Places on the sheet [m] of world points (..., 2)."""
        xy = np.asarray(xy, dtype=np.float64)
        return np.stack([xy[..., 0] - self.north_west[0], self.north_west[1] - xy[..., 1]], axis=-1)

    def svg(self) -> str:
        """The shapes as SVG elements in metres; each has its look as a class ("m-water")."""
        drawn = [f'<rect class="m-land" width="{self.width_m:.0f}" height="{self.height_m:.0f}"/>']
        for look, width_m, path in self._paths():
            stroke = f' style="stroke-width:{width_m:g}"' if width_m else ""
            drawn.append(f'<path class="m-{look}"{stroke} d="{path}"/>')
        for name, x, y, angle in self.names:
            at = f'x="{x:.0f}" y="{y:.0f}" transform="rotate({angle:.0f} {x:.0f} {y:.0f})"'
            drawn.append(f'<text class="m-street-name" {at}>{escape(name)}</text>')
        return "".join(drawn)

    def _paths(self) -> list[tuple[str, float, str]]:
        """Neighbours that look the same as one path: a street's kerb stays below every street."""
        found: list[tuple[str, float, list[str]]] = []
        for shape in self.shapes:
            if not found or found[-1][:2] != (shape.look, shape.width_m):
                found.append((shape.look, shape.width_m, []))
            close = "" if shape.width_m else "Z"
            found[-1][2].extend(f"M{points(ring)}{close}" for ring in shape.rings)
        return [(look, width_m, "".join(pieces)) for look, width_m, pieces in found]

    def picture(self, width_px: int) -> Image.Image:
        """The map as a picture so wide, RGB, smoothed."""
        fine = 2
        scale = fine * width_px / self.width_m
        size = (fine * width_px, round(self.height_m * scale / fine) * fine)
        sheet = Image.new("RGB", size, COLOURS["land"])
        pen = ImageDraw.Draw(sheet)
        for shape in self.shapes:
            colour = COLOURS[shape.look]
            drawn = [[(float(x), float(y)) for x, y in ring * scale] for ring in shape.rings]
            if shape.width_m:
                thick = max(shape.width_m * scale, 1.0)
                pen.line(drawn[0], fill=colour, width=round(thick), joint="curve")
                for x, y in (drawn[0][0], drawn[0][-1]):
                    pen.ellipse((x - thick / 2, y - thick / 2, x + thick / 2, y + thick / 2), fill=colour)
            elif len(drawn) == 1:
                pen.polygon(drawn[0], fill=colour)
            else:
                mask = Image.new("L", size, 0)
                cut = ImageDraw.Draw(mask)
                for index, ring in enumerate(drawn):
                    cut.polygon(ring, fill=0 if index else 255)
                sheet.paste(colour, mask=mask)
        return sheet.reduce(fine)


def town_map(scene: Scene, *, around: Sequence[NDArray[np.float64]] = ()) -> TownMap:
    """The map of a scene; with world points `around` (k,2), only the part of it they lie in, with room about them."""
    west, south, east, north = scene.bounds
    known = [np.asarray(points, dtype=np.float64).reshape(-1, 2) for points in around]
    if any(len(points) for points in known):
        west, south, east, north = _cropped(np.concatenate(known), scene.bounds)
    frame = shapely.box(west, south, east, north)
    blank = TownMap((west, north), east - west, north - south, (), ())
    shapes = [
        *_areas(blank, frame, [("water", water.polygon, water.holes) for water in scene.waters]),
        *_areas(blank, frame, _parts(scene)),
        *_streets(blank, frame, scene),
        *_areas(blank, frame, [("building" if b.use in _HOMES else "shop", b.footprint, ()) for b in scene.buildings]),
    ]
    return TownMap((west, north), east - west, north - south, tuple(shapes), _names(blank, scene))


def points(ring: NDArray[np.float64]) -> str:
    """Coordinates of an SVG path, to the decimetre."""
    return " ".join(f"{x:.1f},{y:.1f}".replace(".0", "") for x, y in ring.tolist())


def _cropped(points: NDArray[np.float64], bounds: tuple[float, float, float, float]) -> tuple[float, ...]:
    """A square around points with a margin, within the scene's bounds."""
    low, high = points.min(axis=0), points.max(axis=0)
    side = max(float((high - low).max()) * 1.16 + 20.0, 60.0)
    side = min(side, bounds[2] - bounds[0], bounds[3] - bounds[1])
    corner = np.clip((low + high) / 2 - side / 2, bounds[:2], np.array(bounds[2:]) - side)
    return float(corner[0]), float(corner[1]), float(corner[0] + side), float(corner[1] + side)


def _parts(scene: Scene) -> list[tuple[str, Ring, tuple[Ring, ...]]]:
    found = [(_AREAS[part.kind], part.outline) for part in scene.parts if part.kind in _AREAS]
    return [(look, outline, ()) for look, outline in found if outline is not None]


def _areas(sheet: TownMap, frame: shapely.Polygon, areas: list[tuple[str, Ring, tuple[Ring, ...]]]) -> list[Shape]:
    """Areas as far as they lie in the frame, simplified."""
    found = []
    for look, outline, holes in areas:
        seen = shapely.make_valid(shapely.Polygon(outline, holes)).intersection(frame).simplify(_STEP_M)
        for piece in shapely.get_parts(seen):
            if isinstance(piece, shapely.Polygon) and piece.area > 1.0:
                rings = (piece.exterior, *piece.interiors)
                found.append(Shape(look, tuple(sheet.at(np.array(ring.coords)[:-1]) for ring in rings)))
    return found


def _streets(sheet: TownMap, frame: shapely.Polygon, scene: Scene) -> list[Shape]:
    """Kerbs first, then carriageways, those of one width together, so that junctions are open."""
    kerbs, ways = [], []
    for street in scene.roads.streets:
        line = shapely.LineString(street.centreline[:, :2]).intersection(frame.buffer(street.width_m)).simplify(_STEP_M)
        is_way = street.kind in _CARRIAGEWAYS
        for piece in shapely.get_parts(line):
            if not isinstance(piece, shapely.LineString) or piece.is_empty:
                continue
            ring = (sheet.at(np.array(piece.coords)),)
            outer = street.width_m + 2 * street.sidewalk_m if is_way else street.width_m
            kerbs.append(Shape("kerb", ring, round(outer + 0.8, 1)))
            ways.append(Shape("street" if is_way else "path", ring, round(street.width_m, 1)))

    def alike(shape: Shape) -> tuple[bool, float]:
        return shape.look == "street", shape.width_m

    return [*sorted(kerbs, key=alike), *sorted(ways, key=alike)]


def _names(sheet: TownMap, scene: Scene) -> tuple[tuple[str, float, float, float], ...]:
    """Each street's name once, at the middle of its longest stretch that the map shows and that has room for it."""
    longest: dict[str, tuple[float, NDArray[np.float64]]] = {}
    for street in scene.roads.streets:
        line = shapely.LineString(sheet.at(street.centreline[:, :2]))
        middle = line.interpolate(0.5, normalized=True)
        is_shown = 0 < middle.x < sheet.width_m and 0 < middle.y < sheet.height_m
        if street.name and is_shown and line.length > max(longest.get(street.name, (0.0,))[0], 3.2 * len(street.name)):
            ends = line.interpolate([0.45, 0.55], normalized=True)
            longest[street.name] = line.length, np.array([[p.x, p.y] for p in (*ends, middle)])
    found = []
    for name, (_, (start, end, middle)) in sorted(longest.items()):
        angle = degrees(atan2(end[1] - start[1], end[0] - start[0]))
        upright = (angle + 90.0) % 180.0 - 90.0
        found.append((name, float(middle[0]), float(middle[1]), upright))
    return tuple(found)
