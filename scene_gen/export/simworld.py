"""unreal/simworld_world.json and simworld_roads.json: the town out of SimWorld's own assets, for its Unreal binary.

SimWorld's client spawns one blueprint a node. Buildings become the blueprint of the nearest proportions, scaled to
fit; kinds without a blueprint are counted under "unmapped" and left out. Not run against SimWorld's binary here.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bridge.formats.simworld_town import Node, Segment, simworld_town, straight_segments
from bridge.frames import unreal_from_world_cm
from bridge.scene import Scene
from scene_gen.export.exporter import json_text


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
    town = simworld_town(scene, segments)
    nodes = [_node(node) | ({"simbridge": _about(table[node.name])} if node.name else {}) for node in town.nodes]
    base = {"name": "map_1", "env_bin": "gym_citynav\\Binaries\\Win64\\gym_citynav.exe", "width": 1000, "height": 1000}
    return {"base_map": base, "nodes": nodes, "unmapped": dict(town.unmapped)}


def _node(node: Node) -> dict[str, Any]:
    def named(names: str, values: Any) -> dict[str, float]:
        return {name: round(float(value), 4) + 0.0 for name, value in zip(names, values, strict=True)}

    return {
        "id": node.id,
        "instance_name": node.blueprint,
        "properties": {
            "location": named("xyz", unreal_from_world_cm(np.array(node.position_m))),
            "orientation": {
                "pitch": round(node.pitch_deg, 4) + 0.0,
                "yaw": round(node.yaw_deg, 4) + 0.0,
                "roll": 0.0,
            },
            "scale": named("xyz", node.scale),
        },
    }


def _about(row: Any) -> dict[str, Any]:
    return {"id": row.id, "name": row.name, "kind": row.kind, "class": row.semantic}
