"""A town out of SimWorld's asset set: which blueprint stands where, how large, and what has none.

Buildings become the blueprint of the nearest proportions, scaled to fit; streets become straight pieces.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from bridge.formats.polyline import kept
from bridge.formats.simworld_assets import BUILDINGS_CM, KINDS, ROAD, ROAD_LENGTH_CM, ROAD_WIDTH_CM, TREES_CM, USES
from bridge.frames import unreal_from_world_cm, yaw_from_quat
from bridge.scene import Asset, Building, Scene


@dataclass(frozen=True, eq=False)
class Segment:
    """A straight piece of a street, ends (2,3) [m], world frame."""

    ends: NDArray[np.float64]
    width_m: float
    is_main: bool
    name: str


@dataclass(frozen=True)
class Node:
    """One thing to spawn: its name there, its blueprint, the scene's name for it ("" for pieces of streets), and where.

    `position_m` is in our world frame; `yaw_deg` and `pitch_deg` are Unreal's.
    """

    id: str
    blueprint: str
    name: str
    position_m: tuple[float, float, float]
    yaw_deg: float
    scale: tuple[float, float, float]
    pitch_deg: float = 0.0


@dataclass(frozen=True)
class SimWorldTown:
    """Everything to spawn, and how many things of each kind have no blueprint."""

    nodes: tuple[Node, ...]
    unmapped: Mapping[str, int] = field(default_factory=dict)


def straight_segments(scene: Scene, tolerance_m: float) -> list[Segment]:
    """Streets for vehicles, cut where they bend."""
    found = []
    for street in scene.roads.streets:
        if street.lanes == (0, 0):
            continue
        line = street.centreline[kept(street.centreline[:, :2], tolerance_m)]
        width = street.width_m + 2 * street.sidewalk_m
        found += [Segment(line[i : i + 2], width, street.kind == "main", street.name) for i in range(len(line) - 1)]
    return found


def simworld_town(scene: Scene, segments: Iterable[Segment]) -> SimWorldTown:
    """What to spawn for a scene whose streets were cut into `segments`: streets first, then buildings, then the rest."""
    nodes = [_road(index, piece) for index, piece in enumerate(segments)]
    nodes += [building_node(building) for building in scene.buildings]
    unmapped: Counter[str] = Counter()
    for group in scene.placements:
        asset = scene.assets[group.asset]
        for name, pose, scale in zip(group.names, group.poses, group.scale, strict=True):
            found = blueprint_of(asset, float(scale[2]))
            if found is None:
                unmapped[asset.kind] += 1
                continue
            blueprint, factor = found
            yaw = -float(np.degrees(yaw_from_quat(pose[3:])))
            nodes.append(Node(gen_name(name), blueprint, name, _triple(pose[:3]), yaw, (factor, factor, factor)))
    built = {building.name for building in scene.buildings}
    unmapped.update(part.kind for part in scene.parts if part.name not in built)
    return SimWorldTown(tuple(nodes), dict(sorted(unmapped.items())))


def gen_name(name: str) -> str:
    """What a thing of the scene is called there: SimWorld's client clears away whatever begins so."""
    return f"GEN_BP_{name}"


def blueprint_of(asset: Asset, scale: float = 1.0) -> tuple[str, float] | None:
    """The blueprint that stands for an asset at a scale, and the scale of the blueprint; None where there is none."""
    if asset.semantic == "tree":
        height = asset.size[2] * scale * 100
        tree = min(TREES_CM, key=lambda one: (abs(np.log(height / TREES_CM[one])), one))
        return tree, height / TREES_CM[tree]
    blueprint = KINDS.get(asset.kind)
    return None if blueprint is None else (blueprint, 1.0)


def _road(index: int, piece: Segment) -> Node:
    along = unreal_from_world_cm(piece.ends[1]) - unreal_from_world_cm(piece.ends[0])
    yaw = np.degrees(np.arctan2(along[1], along[0])) % 360
    pitch = np.degrees(np.arctan2(along[2], np.linalg.norm(along[:2])))
    scale = (float(np.linalg.norm(along[:2])) / ROAD_LENGTH_CM, piece.width_m * 100 / ROAD_WIDTH_CM, 1.0)
    return Node(f"GEN_Road_{index}", ROAD, "", _triple(piece.ends.mean(axis=0)), float(yaw), scale, float(pitch))


def building_node(building: Building) -> Node:
    """SimWorld's buildings face their own +Y (in Unreal's frame): at yaw 0 they stand north of their street."""
    out = building.doors[0].yaw_rad if building.doors else _longest_side(building.footprint)
    front, side = np.array([np.cos(out), np.sin(out)]), np.array([-np.sin(out), np.cos(out)])
    along, away = building.footprint @ side, building.footprint @ front
    middle = side * (along.min() + along.max()) / 2 + front * (away.min() + away.max()) / 2
    size = np.array([np.ptp(along), np.ptp(away), building.height_m + building.roof_m]) * 100
    blueprint, extents = USES.get(building.use) or _nearest(size)
    yaw = float((-np.degrees(out) - 90) % 360)
    position = (float(middle[0]), float(middle[1]), float(building.base_m))
    return Node(gen_name(building.name), blueprint, building.name, position, yaw, _triple(size / extents))


_NAMES, _LOG_EXTENTS = tuple(BUILDINGS_CM), np.log(list(BUILDINGS_CM.values()))


def _nearest(size_cm: NDArray[np.float64]) -> tuple[str, tuple[int, int, int]]:
    """The blueprint that has to be stretched least to a size (3,), with its own."""
    name = _NAMES[int(np.abs(np.log(size_cm) - _LOG_EXTENTS).sum(axis=1).argmin())]
    return name, BUILDINGS_CM[name]


def _longest_side(ring: NDArray[np.float64]) -> float:
    """The outward direction [rad] of the longest edge of a counter-clockwise ring."""
    edges = np.roll(ring, -1, axis=0) - ring
    dx, dy = edges[int(np.linalg.norm(edges, axis=1).argmax())]
    return float(np.arctan2(-dx, dy))


def _triple(values: NDArray[np.float64]) -> tuple[float, float, float]:
    x, y, z = np.asarray(values, np.float64).tolist()
    return x, y, z
