"""Open land: parks and their paths, fields in strips, woods, meadows, beaches, yards, what is left between houses."""

# shapely and scipy are typed as giving one value or many; here it is always arrays.
# pyright: reportGeneralTypeIssues=false

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString, Polygon, box
from shapely.geometry.base import BaseGeometry

from bridge.frames import read_only
from scene_gen.build.ground.polygons import holes, inset, oriented_box, polygons_of, resampled, ring, smoothed
from scene_gen.build.ground.terrain import Ground, blurred, noise
from scene_gen.build.ground.water import contour
from scene_gen.build.site import Area
from scene_gen.plan.artefacts import Plan
from scene_gen.seeds import stream

Array = NDArray[np.float64]
_KIND = {"F": "forest", "A": "field", "Y": "vineyard", "B": "beach", "D": "desert", "M": "rock", "X": "ruins", "P": "park",
         "H": "meadow", "G": "meadow"}  # fmt: skip
_LEFT = {"I": "yard", "Q": "yard", "P": "park", "E": "park", "X": "ruins", "F": "forest", "A": "field", "Y": "vineyard",
         "G": "meadow", "H": "meadow", "D": "desert", "B": "beach", "M": "rock"}  # fmt: skip
_FIELD_M = 26.0


def rim_m(plan: Plan) -> float:
    """How far fields keep off the map's edge [m]: beyond it the land goes on as it is near the edge."""
    return max(14.0, 0.028 * plan.size_m)


def area(kind: str, polygon: Polygon, *, level_m: float | None = None, name: str = "") -> Area:
    """An Area of a shapely polygon."""
    return Area(kind, read_only(ring(polygon)), tuple(read_only(h) for h in holes(polygon)), level_m, name)


def left_open(pieces: Sequence[tuple[Polygon, str]], least_m2: float = 25.0) -> list[Area]:
    """Areas of what is left of the blocks: gardens between houses, yards between sheds, parks."""
    found = []
    for shape, letter in pieces:
        for polygon in polygons_of(shape.buffer(-0.05), least_m2):
            if not polygon.buffer(-1.2).is_empty:
                found.append(area(_LEFT.get(letter, "garden"), polygon))
    return found


def outside_town(plan: Plan, ground: Ground, taken: BaseGeometry, water: BaseGeometry, *, seed: int) -> list[Area]:
    """Areas of the land that nobody built on, by lattice letter, with soft edges; fields are cut into strips and end before the map does."""
    half = plan.size_m / 2
    free = box(-half, -half, half, half).difference(shapely.union_all([taken.buffer(1.0), water.buffer(0.5)]))
    inner = box(-half, -half, half, half).buffer(-rim_m(plan), join_style="mitre")
    letters = plan.zone_at(ground.xy)
    rng = stream(seed, "fields")
    uneven = noise(letters.shape, 22 / ground.cell_m, stream(seed, "open land")) * 0.16
    found: list[Area] = []
    rest = free
    for letter in "FAYBDMXPH":
        mask = letters == letter
        if not mask.any():
            continue
        edge = uneven if letter in "FDMHB" else 0.0
        shapes = contour(blurred(mask, 0.3 * plan.cell_m / ground.cell_m) - 0.5 + edge, ground)
        if not shapes:
            continue
        shape = shapely.union_all(shapes).simplify(0.8)
        own = shape.intersection(rest if letter not in "AY" else rest.intersection(inner))
        rest = rest.difference(own if letter in "AY" else shape)
        for polygon in polygons_of(inset(own, 1.0).buffer(1.0), 60.0):
            pieces = _strips(polygon, rng) if letter in "AY" else [polygon]
            found += [area(_KIND[letter], piece) for piece in pieces]
    found += [area("meadow", polygon) for polygon in polygons_of(inset(rest, 1.5).buffer(1.5), 120.0)]
    return found


def _strips(polygon: Polygon, rng: np.random.Generator) -> list[Polygon]:
    """A field cut into long strips."""
    axis, _, width = oriented_box(ring(polygon))
    axis = axis if rng.random() < 0.8 else np.array([-axis[1], axis[0]])
    across = np.array([-axis[1], axis[0]])
    points = ring(polygon)
    low, high = float((points @ across).min()), float((points @ across).max())
    count = max(int(round((high - low) / _FIELD_M)), 1)
    share = rng.uniform(0.7, 1.3, count)
    at = low + (high - low) * np.concatenate([[0.0], np.cumsum(share) / share.sum()])
    reach = float(np.abs(points @ axis).max()) + 10.0
    boxes = shapely.polygons(
        np.stack(
            [
                at[:-1, None] * across - reach * axis, at[1:, None] * across - reach * axis,
                at[1:, None] * across + reach * axis, at[:-1, None] * across + reach * axis,
            ],
            axis=1,
        )
    )  # fmt: skip
    cut = shapely.buffer(shapely.intersection(polygon, boxes), -0.8, join_style="mitre")
    assert width >= 0
    return [p for piece in cut for p in polygons_of(piece, 60.0)]


def park_paths(park: Polygon, rng: np.random.Generator) -> list[Polygon]:
    """Curved paths of 2.4 m through a park from side to side, meeting in its middle."""
    middle = np.asarray(park.representative_point().coords[0])
    centre = np.asarray(park.centroid.coords[0])
    middle = centre if park.contains(shapely.points(centre)) else middle
    turn = rng.uniform(0, 2 * np.pi)
    count = 3 if park.area < 3500 else 4
    found: list[BaseGeometry] = [shapely.points(middle).buffer(3.2, quad_segs=6)]
    for k in range(count):
        angle = turn + 2 * np.pi * k / count + rng.uniform(-0.3, 0.3)
        ray = LineString([middle, middle + 600 * np.array([np.cos(angle), np.sin(angle)])]).intersection(park.exterior)
        hits = shapely.get_coordinates(ray)
        if not len(hits):
            continue
        end = hits[np.argmin(np.linalg.norm(hits - middle, axis=1))]
        line = resampled(np.stack([middle, end]), 3.0)
        t = np.linspace(0, 1, len(line))
        across = np.array([-(end - middle)[1], (end - middle)[0]])
        line = smoothed(
            line
            + across * (rng.normal(0, 0.12) * np.sin(np.pi * t) + rng.normal(0, 0.05) * np.sin(2 * np.pi * t))[:, None],
            2,
        )
        found.append(LineString(line).buffer(1.2, cap_style="flat", quad_segs=3))
    return polygons_of(shapely.union_all(found).intersection(park), 3.0)
