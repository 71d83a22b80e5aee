"""unreal/simworld_world.json and simworld_roads.json: the town out of SimWorld's own assets, for its Unreal binary.

SimWorld's client spawns one blueprint a node. Buildings become the blueprint of the nearest proportions, scaled to
fit; kinds without a blueprint are counted under "unmapped" and left out. Not run against SimWorld's binary here.
"""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bridge.frames import unreal_from_world_cm, yaw_from_quat
from bridge.scene import Building, Scene
from scene_gen.export.exporter import json_text
from scene_gen.export.polyline import kept

BUILDINGS_CM: dict[str, tuple[int, int, int]] = {
    "BP_Building_01_C": (2359, 2509, 2208), "BP_Building_02_C": (2618, 2302, 1747), "BP_Building_03_C": (2509, 2359, 3323),
    "BP_Building_04_C": (2517, 2517, 3147), "BP_Building_05_C": (2894, 2744, 1202), "BP_Building_06_C": (2959, 2689, 3911),
    "BP_Building_08_C": (6798, 6798, 33480), "BP_Building_09_C": (12691, 7626, 33919), "BP_Building_10_C": (6954, 5754, 38667),
    "BP_Building_11_C": (5863, 4539, 6403), "BP_Building_12_C": (12562, 2399, 6730), "BP_Building_13_C": (5852, 4488, 13867),
    "BP_Building_14_C": (17225, 2499, 8797), "BP_Building_15_C": (2753, 3331, 16516), "BP_Building_16_C": (5134, 5135, 23316),
    "BP_Building_17_C": (6695, 6695, 13924), "BP_Building_18_C": (3907, 4357, 13577), "BP_Building_19_C": (5446, 6931, 3736),
    "BP_Building_20_C": (4283, 4298, 12735), "BP_Building_21_C": (6954, 5754, 41767), "BP_Building_22_C": (4381, 4401, 2393),
    "BP_Building_23_C": (11317, 10392, 12044),
}  # fmt: skip
"""Full extents [cm] along the street, away from it, and upwards, from the tables that SimWorld publishes."""
_USES: dict[str, tuple[str, tuple[int, int, int]]] = {
    "hospital": ("BP_Hospital_C", (9640, 6734, 2769)),
    "school": ("BP_School_C", (11030, 11523, 2823)),
}
_TREES_CM = {
    "BP_Tree1_C": 1791, "BP_Tree2_C": 1654, "BP_Tree3_C": 1744, "BP_Tree4_C": 1365, "BP_Tree5_C": 1265, "BP_Tree6_C": 1653,
}  # fmt: skip
_KINDS = {
    "hydrant": "BP_Hydrant_C", "bin": "BP_Trash_can_C", "table": "BP_Table_C", "crate": "BP_Box_C", "cart": "BP_Cart_C",
    "scooter": "BP_Scooter_01_C",
}  # fmt: skip
"""Their sizes are not published (the table says 256 cm for each), so they are placed at their own."""
_ROAD_LENGTH_CM, _ROAD_WIDTH_CM = 20_000.0, 4_000.0
"""BP_Road1_C: 200 m by SimWorld's exporter; about 40 m wide, since its sidewalks' middles lie 17 m from the centre."""


@dataclass(frozen=True)
class Config:
    """How the world is written."""

    bend_tolerance_m: float = 1.0
    """SimWorld's roads are straight; curves become pieces no farther from the centreline than this."""


@dataclass(frozen=True)
class _Exporter:
    config: Config

    def export(self, scene: Scene, folder: Path) -> tuple[Path, ...]:
        (folder / "unreal").mkdir(parents=True, exist_ok=True)
        segments = straight_segments(scene, self.config.bend_tolerance_m)
        contents = {"simworld_world.json": world(scene, segments), "simworld_roads.json": roads(segments)}
        paths = []
        for name, content in contents.items():
            path = folder / "unreal" / name
            path.write_bytes(json_text(content))
            paths.append(path)
        return tuple(paths)


def make(config: Config) -> _Exporter:
    """The exporter."""
    return _Exporter(config)


@dataclass(frozen=True, eq=False)
class Segment:
    """A straight piece of a street, ends (2,3) [m], world frame."""

    ends: NDArray[np.float64]
    width_m: float
    is_main: bool
    name: str


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


def roads(segments: list[Segment]) -> dict[str, Any]:
    """SimWorld's roads.json: metres in Unreal's frame (y to the south), which its map and traffic read."""

    def point(end: NDArray) -> dict[str, float]:
        x, y, _ = unreal_from_world_cm(end) / 100
        return {"x": round(float(x), 4) + 0.0, "y": round(float(y), 4) + 0.0}

    return {
        "roads": [
            {
                "start": point(piece.ends[0]),
                "end": point(piece.ends[1]),
                "is_highway": piece.is_main,
                "name": piece.name,
            }
            for piece in segments
        ]
    }


def world(scene: Scene, segments: list[Segment]) -> dict[str, Any]:
    """SimWorld's world file. Its client reads `id`, `instance_name` and `properties`; `simbridge` is for people."""
    table = {row.name: row for row in scene.instances()}
    nodes = [_road(index, piece) for index, piece in enumerate(segments)]
    unmapped: Counter[str] = Counter()
    for building in scene.buildings:
        nodes.append(_building(building) | {"simbridge": _about(table[building.name])})
    for group in scene.placements:
        asset = scene.assets[group.asset]
        blueprint = _KINDS.get(asset.kind, "")
        for name, pose, scale in zip(group.names, group.poses, group.scale, strict=True):
            factor = 1.0
            if asset.semantic == "tree":
                height = asset.size[2] * scale[2] * 100
                blueprint = min(_TREES_CM, key=lambda tree: (abs(np.log(height / _TREES_CM[tree])), tree))
                factor = height / _TREES_CM[blueprint]
            if not blueprint:
                unmapped[asset.kind] += 1
                continue
            yaw = -np.degrees(float(yaw_from_quat(pose[3:])))
            node = _node(f"GEN_BP_{name}", blueprint, pose[:3], yaw, (factor, factor, factor))
            nodes.append(node | {"simbridge": _about(table[name])})
    built = {building.name for building in scene.buildings}
    unmapped.update(part.kind for part in scene.parts if part.name not in built)
    base = {"name": "map_1", "env_bin": "gym_citynav\\Binaries\\Win64\\gym_citynav.exe", "width": 1000, "height": 1000}
    return {"base_map": base, "nodes": nodes, "unmapped": dict(sorted(unmapped.items()))}


def _road(index: int, piece: Segment) -> dict[str, Any]:
    along = unreal_from_world_cm(piece.ends[1]) - unreal_from_world_cm(piece.ends[0])
    yaw = np.degrees(np.arctan2(along[1], along[0])) % 360
    scale = (float(np.linalg.norm(along[:2])) / _ROAD_LENGTH_CM, piece.width_m * 100 / _ROAD_WIDTH_CM, 1.0)
    pitch = np.degrees(np.arctan2(along[2], np.linalg.norm(along[:2])))
    return _node(f"GEN_Road_{index}", "BP_Road1_C", piece.ends.mean(axis=0), yaw, scale, pitch_deg=float(pitch))


def _building(building: Building) -> dict[str, Any]:
    """SimWorld's buildings face their own +Y (in Unreal's frame): at yaw 0 they stand north of their street."""
    out = building.doors[0].yaw_rad if building.doors else _longest_side(building.footprint)
    front, side = np.array([np.cos(out), np.sin(out)]), np.array([-np.sin(out), np.cos(out)])
    along, away = building.footprint @ side, building.footprint @ front
    middle = side * (along.min() + along.max()) / 2 + front * (away.min() + away.max()) / 2
    size = np.array([np.ptp(along), np.ptp(away), building.height_m + building.roof_m]) * 100
    name, extents = _USES.get(building.use) or _nearest(size)
    scale = tuple((size / extents).tolist())
    yaw = (-np.degrees(out) - 90) % 360
    return _node(f"GEN_BP_{building.name}", name, np.array([*middle, building.base_m]), yaw, scale)


_NAMES, _LOG_EXTENTS = tuple(BUILDINGS_CM), np.log(list(BUILDINGS_CM.values()))


def _nearest(size_cm: NDArray) -> tuple[str, tuple[int, int, int]]:
    """The blueprint that has to be stretched least to a size (3,), with its own."""
    name = _NAMES[int(np.abs(np.log(size_cm) - _LOG_EXTENTS).sum(axis=1).argmin())]
    return name, BUILDINGS_CM[name]


def _longest_side(ring: NDArray) -> float:
    """The outward direction [rad] of the longest edge of a counter-clockwise ring."""
    edges = np.roll(ring, -1, axis=0) - ring
    dx, dy = edges[int(np.linalg.norm(edges, axis=1).argmax())]
    return float(np.arctan2(-dx, dy))


def _node(
    id_: str, blueprint: str, position: NDArray, yaw_deg: float, scale: tuple[float, ...], *, pitch_deg: float = 0.0
) -> dict[str, Any]:
    def named(names: str, values: Any) -> dict[str, float]:
        return {name: round(float(value), 4) + 0.0 for name, value in zip(names, values, strict=True)}

    return {
        "id": id_,
        "instance_name": blueprint,
        "properties": {
            "location": named("xyz", unreal_from_world_cm(position)),
            "orientation": {"pitch": round(pitch_deg, 4) + 0.0, "yaw": round(float(yaw_deg), 4) + 0.0, "roll": 0.0},
            "scale": named("xyz", scale),
        },
    }


def _about(row: Any) -> dict[str, Any]:
    return {"id": row.id, "name": row.name, "kind": row.kind, "class": row.semantic}
