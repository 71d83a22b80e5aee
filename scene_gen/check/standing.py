"""Do things stand where they may: apart from each other, inside the map, on the ground, out of water and streets."""

from functools import reduce

import numpy as np
import shapely
from numpy.typing import NDArray

from bridge.scene import Scene
from scene_gen.check.ground import Ground
from scene_gen.check.report import Check, Finding
from scene_gen.check.solids import Solids, overlapping_pairs

TOUCH_M = 0.005
FLOAT_M = 0.05
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
        waters = [shapely.make_valid(shapely.Polygon(w.polygon, w.holes)) for w in scene.waters]
        self.water = shapely.union_all(waters) if waters else shapely.Polygon()
        self.carriageway = _plan(scene, {"road"}, {"carriageway"})
        self.paved = _plan(scene, {"road", "sidewalk"}, {"carriageway", "sidewalk"})
        self.decks = _plan(scene, {"dock", "bridge", "road", "sidewalk"}, None)


def _plan(scene: Scene, classes: set[str], kinds: set[str] | None) -> shapely.Geometry:
    """The plan of the upward faces of all parts of these classes and kinds."""
    shapes = []
    for part in scene.parts:
        if part.semantic in classes and (kinds is None or part.kind in kinds):
            corners = part.mesh.vertices[part.mesh.triangles].astype(np.float64)
            normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
            up = normal[:, 2] > 0.5 * np.maximum(np.linalg.norm(normal, axis=1), 1e-12)
            shapes.append(shapely.polygons(corners[up][..., :2]))
    if not shapes:
        return shapely.Polygon()
    return shapely.union_all(shapely.set_precision(np.concatenate(shapes), 1e-4))


def check_bounds(around: Surroundings) -> Check:
    """Nothing sticks out of the map."""
    scene = around.scene
    low, high = np.array(scene.bounds[:2]) - TOUCH_M, np.array(scene.bounds[2:]) + TOUCH_M
    findings = []
    for part in scene.parts:
        if len(part.mesh.vertices):
            reach = np.maximum(low - part.mesh.vertices[:, :2].min(0), part.mesh.vertices[:, :2].max(0) - high).max()
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
    on_street = [b.name for b, hit in zip(buildings, _hits(shrunk, around.paved), strict=True) if hit]
    in_water = [b.name for b, hit in zip(buildings, _hits(shrunk, around.water), strict=True) if hit]
    fix = "Leave it out, or use another --seed."
    return (
        Check("no building on a street", tuple(Finding(n, "stands on a street", fix) for n in on_street)),
        Check("no building in water", tuple(Finding(n, "stands in water", fix) for n in in_water)),
    )


def _hits(shapes: NDArray[np.object_], region: shapely.Geometry) -> NDArray[np.bool_]:
    if not len(shapes):
        return np.zeros(0, dtype=bool)
    pieces = shapely.get_parts(region)
    hit = np.zeros(len(shapes), dtype=bool)
    if len(pieces):
        hit[shapely.STRtree(pieces).query(shapes, predicate="intersects")[0]] = True
    return hit


def check_buildings_on_ground(around: Surroundings) -> Check:
    """Ground at every wall lies between the foundation's underside and the ground floor; doors open onto the ground."""
    scene, findings = around.scene, []
    parts = {part.name: part for part in scene.parts}
    for b in scene.buildings:
        edge = shapely.get_coordinates(shapely.segmentize(shapely.Polygon(b.footprint).exterior, 2.0))
        ground = scene.terrain.height_at(edge)
        bottom = float(parts[b.name].mesh.vertices[:, 2].min())
        if (gap := bottom - float(ground.min())) > FLOAT_M:
            findings.append(Finding(b.name, f"floats {gap:.2f} m above the ground", "Flatten its lot."))
        if (sunk := float(np.median(ground)) - b.base_m) > 0.35:
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
    findings, count = [], 0
    for group in around.scene.placements:
        asset = around.scene.assets[group.asset]
        if asset.kind in ("seagull",):
            continue
        at = group.poses[:, :3]
        count += len(at)
        level = ground.below(at + [0, 0, 0.6])
        afloat = asset.semantic == "boat" or asset.kind == "buoy"
        water = _water_level(around.scene, at[:, :2])
        level = np.where(np.isfinite(water) & (water > level), water, level) if afloat else level
        off = at[:, 2] - level
        for name, gap in zip(group.names, off, strict=True):
            if not abs(gap) <= FLOAT_M:
                word = f"floats {gap:.2f} m above" if gap > 0 else f"is sunk {-gap:.2f} m into"
                findings.append(Finding(name, f"{word} what is under it", "Set it on the ground."))
    return Check("things stand on the ground", tuple(findings), f"{count} things")


def _water_level(scene: Scene, xy: NDArray[np.float64]) -> NDArray[np.float64]:
    points = shapely.points(xy)
    levels = [
        np.where(shapely.contains(_prepared(w.polygon, w.holes), points), w.level_m, -np.inf) for w in scene.waters
    ]
    return reduce(np.maximum, levels, np.full(len(xy), -np.inf))


def _prepared(polygon: NDArray[np.float64], holes: tuple[NDArray[np.float64], ...]) -> shapely.Geometry:
    shape = shapely.make_valid(shapely.Polygon(polygon, holes))
    shapely.prepare(shape)
    return shape


def check_things_off(around: Surroundings) -> tuple[Check, Check]:
    """Only vehicles, people and animals on a carriageway; only boats and buoys on open water."""
    semantic = np.array(around.classes, dtype=object)[around.solids.owner]
    kind = np.array(around.kinds, dtype=object)[around.solids.owner]
    low = around.solids.low
    centre = shapely.points(around.solids.corners.mean(axis=1))
    stays_off = ~np.isin(semantic.astype(str), list(ON_STREET) + ["signal", "boat"])
    on_street = stays_off & _hits(centre, around.carriageway)
    swims = np.isin(semantic.astype(str), ["boat"]) | (kind == "buoy") | (kind == "duck")
    wet = ~swims & _hits(centre, around.water) & ~_hits(centre, around.decks)
    wet &= low < np.maximum(_water_level(around.scene, around.solids.corners.mean(axis=1)) + 0.3, -1e6)
    street = [Finding(n, "stands on the carriageway", "Move it to the sidewalk.") for n in _owners(around, on_street)]
    water = [Finding(n, "stands in water", "Move it ashore.") for n in _owners(around, wet)]
    return Check("streets are free", tuple(street)), Check("nothing stands in water", tuple(water))


def _owners(around: Surroundings, which: NDArray[np.bool_]) -> list[str]:
    return [around.names[index] for index in np.unique(around.solids.owner[which])]
