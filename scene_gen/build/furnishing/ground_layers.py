"""The ground by what must be kept clear: houses, doors, carriageways, walks, crossings, water, open places."""

from collections.abc import Iterable

import numpy as np
import shapely

from bridge.frames import transform_from_pose
from bridge.scene import Part
from scene_gen.build.occupancy import bands, polygon, ring_polygons
from scene_gen.build.site import Raised, Site
from scene_gen.build.ways.crossings import crossing_plans
from scene_gen.build.ways.driven import planned_lines

Shapes = list[shapely.Geometry]
DOOR_DEPTH_M = 1.6
WALLS = ("wall", "fence", "building")


def layers(site: Site, raised: Raised) -> dict[str, Shapes]:
    """Shapes seen from above, by layer.

    house: buildings, walls, fences; door: the step in front of every door; road: carriageways; lane: the lines
    that cars drive along; walk: sidewalks and paths; crossing; water (all of it, decks or not); area kinds: each Area under its own kind.
    """
    drivable = [street for street in site.roads.streets if street.kind != "path"]
    walked = [street for street in site.roads.streets if street.sidewalk_m > 0 or street.kind == "path"]
    found: dict[str, Shapes] = {
        "house": list(ring_polygons([b.footprint for b in raised.buildings]))
        + [shape for part in raised.extras for shape in plans(part)]
        + [shape for part in site.parts if part.semantic in WALLS for shape in plans(part)],
        "door": _door_steps(raised),
        "road": list(bands([s.centreline for s in drivable], [s.width_m / 2 for s in drivable], quad_segs=3)),
        "lane": list(planned_lines(site.roads)),
        "walk": list(
            bands([s.centreline for s in walked], [s.width_m / 2 + s.sidewalk_m for s in walked], quad_segs=3)
        ),
        "crossing": crossing_plans(site),
        "water": [polygon(water.polygon, water.holes) for water in site.waters],
    }
    for area in site.areas:
        found.setdefault(area.kind, []).append(polygon(area.polygon, area.holes))
    return found


def plans(part: Part) -> Iterable[shapely.Geometry]:
    """What a part covers: its outline, or its colliders' plans, or the hull of its mesh."""
    boxes = [c for c in part.colliders if c.shape == "box"]
    if part.outline is not None and len(part.outline) > 2:
        return [polygon(part.outline)]
    if boxes:
        unit = np.array([(-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)])
        poses = np.array([box.pose for box in boxes])
        sizes = np.array([box.size for box in boxes])
        corners = np.concatenate([unit[None] * sizes[:, None, :2], np.zeros((len(boxes), 4, 1))], axis=2)
        matrix = transform_from_pose(poses)
        world = np.einsum("nij,nkj->nki", matrix[:, :3, :3], corners)[:, :, :2] + matrix[:, None, :2, 3]
        return np.asarray(shapely.polygons(world), dtype=object).tolist()
    if len(part.mesh.vertices):
        return [shapely.MultiPoint(part.mesh.vertices[:, :2].astype(np.float64)).convex_hull]
    return []


def _door_steps(raised: Raised) -> Shapes:
    doors = [door for building in raised.buildings for door in building.doors]
    if not doors:
        return []
    place = np.array([door.position[:2] for door in doors])
    yaw = np.array([door.yaw_rad for door in doors])
    out = np.stack([np.cos(yaw), np.sin(yaw)], axis=1)
    aside = np.stack([-out[:, 1], out[:, 0]], axis=1) * (np.array([door.width_m for door in doors])[:, None] / 2 + 0.2)
    ring = np.stack(
        [place - aside, place + aside, place + aside + DOOR_DEPTH_M * out, place - aside + DOOR_DEPTH_M * out], 1
    )
    return np.asarray(shapely.polygons(ring), dtype=object).tolist()
