"""Do things stand where they may: apart from each other, inside the map, on the ground, out of water and streets."""

# shapely and scipy are typed as giving one value or many; here it is always arrays.
# pyright: reportArgumentType=false, reportReturnType=false

from functools import reduce

import numpy as np
import shapely
from numpy.typing import NDArray

from bridge.control.clearance import MOVES
from bridge.meshes import area_vectors, extent
from bridge.scene import Scene
from scene_gen.build.ways.driven import LANE_CLEAR_M, driven_lines
from scene_gen.check.ground import Ground
from scene_gen.check.report import Check, Finding
from scene_gen.check.solids import Solids, overlapping_pairs

TOUCH_M = 0.005
FLOAT_M = 0.05
_CAR_M = (0.25, 1.9)
"""How high above the road a car can touch something."""
PERCHES = {"seagull"}
"""Kinds that sit on posts and roofs, which are not ground."""
ON_STREET = {"vehicle", "scooter", "bicycle", "person", "animal", "robot"}


class Surroundings:
    """The polygons that several checks need, worked out once."""

    def __init__(self, scene: Scene, solids: Solids):
        self.scene = scene
        self.solids = solids
        self.names = [row.name for row in scene.instances()]
        self.classes = [row.semantic for row in scene.instances()]
        self.kinds = [row.kind for row in scene.instances()]
        self.boxes = solids.polygons()
        self.footprints = np.array([shapely.Polygon(b.footprint) for b in scene.buildings], dtype=object)
        self.water = [_region(w.polygon, w.holes) for w in scene.waters]
        self.carriageway = _faces(scene, {"road"}, {"carriageway"})
        self.paved = np.concatenate([self.carriageway, _faces(scene, {"sidewalk"}, {"sidewalk"})])
        self.decks = _faces(scene, {"dock", "bridge", "road", "sidewalk", "crossing"}, None)

    def is_wet(self, xy: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Whether points (n,2) lie over water and over nothing that carries."""
        level = water_level(self.scene, xy)
        wet = np.isfinite(level)
        wet[wet] = ~hits(shapely.points(xy[wet]), self.decks)
        return wet


def _region(polygon: NDArray[np.float64], holes: tuple[NDArray[np.float64], ...]) -> shapely.Geometry:
    shape = shapely.make_valid(shapely.Polygon(polygon, holes))
    shapely.prepare(shape)
    return shape


def _faces(scene: Scene, classes: set[str], kinds: set[str] | None) -> NDArray[np.object_]:
    """The upward faces of all parts of these classes and kinds, seen from above, as polygons."""
    faces = [np.zeros((0, 3, 2))]
    for part in scene.parts:
        if part.semantic in classes and (kinds is None or part.kind in kinds):
            normal = area_vectors(part.mesh.vertices, part.mesh.triangles)
            is_up = normal[:, 2] > 0.5 * np.maximum(np.linalg.norm(normal, axis=1), 1e-12)
            faces.append(part.mesh.vertices[part.mesh.triangles[is_up], :2].astype(np.float64))
    return shapely.polygons(np.concatenate(faces))


def check_bounds(around: Surroundings) -> Check:
    """Nothing sticks out of the map."""
    scene = around.scene
    low, high = np.array(scene.bounds[:2]) - TOUCH_M, np.array(scene.bounds[2:]) + TOUCH_M
    findings = []
    for part in scene.parts:
        if len(part.mesh.vertices):
            lowest, highest = extent(part.mesh)
            reach = np.maximum(low - lowest[:2], highest[:2] - high).max()
            if reach > 0.5:
                findings.append(
                    Finding(part.name, f"reaches {reach:.2f} m over the edge of the map", "Use a larger --size-m.")
                )
    outside = ((around.solids.corners < low) | (around.solids.corners > high)).any(axis=(1, 2))
    findings += [
        Finding(name, "stands over the edge of the map", "Move it inwards.") for name in _owners(around, outside)
    ]
    return Check("inside the map", tuple(findings), f"{len(scene.parts)} parts, {len(around.boxes)} solids")


def check_buildings_apart(around: Surroundings) -> Check:
    """No two buildings overlap by more than 5 mm."""
    pairs = overlapping_pairs(around.footprints, margin_m=TOUCH_M)
    names = [b.name for b in around.scene.buildings]
    findings = [Finding(names[i], f"stands in {names[j]}", "Leave one of the two out.") for i, j in pairs]
    return Check("buildings stand apart", tuple(findings), f"{len(names)} buildings")


def check_buildings_off(around: Surroundings) -> tuple[Check, Check]:
    """No building on a street, none on water (except houses on stilts over a dock, which do not exist here)."""
    buildings = around.scene.buildings
    shrunk = shapely.buffer(around.footprints, -TOUCH_M)
    on_street = [b.name for b, hit in zip(buildings, hits(shrunk, around.paved), strict=True) if hit]
    in_water = [b.name for b, hit in zip(buildings, hits(shrunk, np.array(around.water)), strict=True) if hit]
    fix = "Leave it out, or use another --seed."
    return (
        Check("no building on a street", tuple(Finding(n, "stands on a street", fix) for n in on_street)),
        Check("no building in water", tuple(Finding(n, "stands in water", fix) for n in in_water)),
    )


def hits(shapes: NDArray[np.object_], region: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Whether each shape meets any of the region's, (n,)."""
    found = np.zeros(len(shapes), dtype=bool)
    if len(shapes) and len(region):
        found[shapely.STRtree(region).query(shapes, predicate="intersects")[0]] = True
    return found


def check_buildings_on_ground(around: Surroundings) -> Check:
    """Ground at every wall lies between the foundation's underside and the ground floor; doors open onto the ground."""
    scene, findings = around.scene, []
    parts = {part.name: part for part in scene.parts}
    walls = shapely.segmentize(around.footprints, 2.0)
    edge, owner = shapely.get_coordinates(walls, return_index=True)
    ground = np.split(scene.terrain.height_at(edge), np.flatnonzero(np.diff(owner)) + 1)
    for b, heights in zip(scene.buildings, ground, strict=bool(scene.buildings)):
        bottom = float(parts[b.name].mesh.vertices[:, 2].min())
        if (gap := bottom - float(heights.min())) > FLOAT_M:
            findings.append(Finding(b.name, f"floats {gap:.2f} m above the ground", "Flatten its lot."))
        if (sunk := float(np.median(heights)) - b.base_m) > 0.35:
            findings.append(Finding(b.name, f"is sunk {sunk:.2f} m into the ground", "Flatten its lot."))
    return Check("buildings stand on the ground", tuple(findings), f"{len(scene.buildings)} buildings")


def check_things_apart(around: Surroundings) -> Check:
    """No two placed things, and no thing and a building, overlap by more than 5 mm in plan and in height."""
    solids = around.solids
    findings = []
    for i, j in overlapping_pairs(around.boxes, margin_m=TOUCH_M):
        if solids.owner[i] == solids.owner[j]:
            continue
        depth = min(solids.high[i], solids.high[j]) - max(solids.low[i], solids.low[j])
        if depth > TOUCH_M:
            findings.append((solids.owner[i], solids.owner[j]))
    names = around.names
    listed = [Finding(names[a], f"stands in {names[b]}", "Move or remove it.") for a, b in sorted(set(findings))]
    tops = np.array([b.base_m + b.height_m + b.roof_m for b in around.scene.buildings])
    bases = np.array([b.base_m for b in around.scene.buildings])
    inside = set()
    for i, j in overlapping_pairs(around.boxes, around.footprints, margin_m=TOUCH_M):
        if min(solids.high[i], tops[j]) - max(solids.low[i], bases[j] - 1.0) > TOUCH_M:
            inside.add((int(solids.owner[i]), around.scene.buildings[j].name))
    listed += [Finding(names[a], f"stands in {b}", "Move or remove it.") for a, b in sorted(inside)]
    return Check("things stand apart", tuple(listed), f"{len(solids.owner)} solids")


def check_things_on_ground(around: Surroundings, ground: Ground) -> Check:
    """Every placed thing's origin is within 5 cm of what is under it; boats within 5 cm of their water."""
    assets = around.scene.assets
    groups = [group for group in around.scene.placements if assets[group.asset].kind not in PERCHES]
    if not groups:
        return Check("things stand on the ground", measure="0 things")
    swims = [assets[group.asset].semantic == "boat" or assets[group.asset].kind == "buoy" for group in groups]
    afloat = np.repeat(swims, [len(group.names) for group in groups])
    at = np.concatenate([group.poses[:, :3] for group in groups])
    names = [name for group in groups for name in group.names]
    level = ground.below(at + [0, 0, 0.6])
    level[afloat] = np.maximum(level[afloat], water_level(around.scene, at[afloat, :2]))
    off = at[:, 2] - level
    findings = []
    for index in np.flatnonzero(~(np.abs(off) <= FLOAT_M)):
        gap = off[index]
        word = f"floats {gap:.2f} m above" if gap > 0 else f"is sunk {-gap:.2f} m into"
        findings.append(Finding(names[index], f"{word} what is under it", "Set it on the ground."))
    return Check("things stand on the ground", tuple(findings), f"{len(at)} things")


def water_level(scene: Scene, xy: NDArray[np.float64]) -> NDArray[np.float64]:
    """Level [m] of the water at points (n,2), -inf on land."""
    levels = [
        np.where(shapely.contains_xy(_region(w.polygon, w.holes), xy[:, 0], xy[:, 1]), w.level_m, -np.inf)
        for w in scene.waters
    ]
    return reduce(np.maximum, levels, np.full(len(xy), -np.inf))


def check_things_off(around: Surroundings) -> tuple[Check, Check]:
    """Only vehicles, people and animals on a carriageway; only boats and buoys on open water."""
    semantic = np.array(around.classes, dtype=object)[around.solids.owner]
    kind = np.array(around.kinds, dtype=object)[around.solids.owner]
    low = around.solids.low
    centre = around.solids.corners.mean(axis=1)
    stays_off = ~np.isin(semantic.astype(str), list(ON_STREET) + ["signal", "boat"])
    on_street = stays_off & hits(shapely.points(centre), around.carriageway)
    swims = np.isin(semantic.astype(str), ["boat"]) | (kind == "buoy") | (kind == "duck")
    wet = ~swims & around.is_wet(centre)
    wet &= low < water_level(around.scene, centre) + 0.3
    street = [Finding(n, "stands on the carriageway", "Move it to the sidewalk.") for n in _owners(around, on_street)]
    water = [Finding(n, "stands in water", "Move it ashore.") for n in _owners(around, wet)]
    return Check("streets are free", tuple(street)), Check("nothing stands in water", tuple(water))


def check_lanes_free(around: Surroundings) -> Check:
    """Whatever does not move keeps clear of where cars drive: what it has between a bumper's and a roof's height."""
    lines = driven_lines(around.scene.navigation)
    solids = around.solids
    semantic = np.array(around.classes, dtype=object)[solids.owner]
    beside = np.flatnonzero(~np.isin(semantic.astype(str), MOVES))
    findings: dict[str, float] = {}
    if len(lines) and len(beside):
        rows, which = shapely.STRtree(lines).query(
            around.boxes[beside], predicate="dwithin", distance=LANE_CLEAR_M - TOUCH_M
        )
        boxes = around.boxes[beside[rows]]
        nearest = shapely.get_point(shapely.shortest_line(lines[which], boxes), 0)
        road = shapely.get_z(
            shapely.line_interpolate_point(lines[which], shapely.line_locate_point(lines[which], nearest))
        )
        meets = (solids.low[beside[rows]] < road + _CAR_M[1]) & (solids.high[beside[rows]] > road + _CAR_M[0])
        away = shapely.distance(lines[which], boxes)
        for row, distance in zip(beside[rows[meets]].tolist(), away[meets].tolist(), strict=True):
            name = around.names[solids.owner[row]]
            findings[name] = min(distance, findings.get(name, distance))
    listed = [
        Finding(name, f"stands {away:.2f} m beside a lane", f"Move it {LANE_CLEAR_M:g} m off.")
        for name, away in sorted(findings.items())
    ]
    return Check("lanes are free", tuple(listed), f"{len(lines)} lanes and turns")


def _owners(around: Surroundings, which: NDArray[np.bool_]) -> list[str]:
    return [around.names[index] for index in np.unique(around.solids.owner[which])]
