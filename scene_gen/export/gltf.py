"""scene.glb: glTF 2.0 for viewers, game engines and the web."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bridge.formats.sky import daylight
from bridge.formats.surfaces import materials_with_water, terrain_mesh, water_mesh
from bridge.formats.views import views
from bridge.frames import look_at, pose_array
from bridge.scene import Instance, Scene
from bridge.semantics import CLASS_ID
from scene_gen.export.glb import GlbWriter


@dataclass(frozen=True)
class Config:
    """How the file is written."""

    gpu_instancing: bool = False
    """Uses EXT_mesh_gpu_instancing, one node an asset: much smaller, but Unreal and Blender do not read it."""
    level_of_detail: int = 0
    """Which of an asset's meshes to take, 0 the finest."""
    sun: bool = False
    """Adds the sun as a directional light in lux; viewers that do not adapt to its brightness show white."""


@dataclass(frozen=True)
class _Exporter:
    config: Config

    def export(self, scene: Scene, folder: Path) -> tuple[Path, ...]:
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / "scene.glb"
        path.write_bytes(scene_glb(scene, self.config))
        return (path,)


def make(config: Config) -> _Exporter:
    """The exporter."""
    return _Exporter(config)


def scene_glb(scene: Scene, config: Config) -> bytes:
    """The town as the bytes of a .glb: a node for each instance, with its id, kind and class in `extras`."""
    glb = GlbWriter(materials_with_water(scene), lamps_lit=scene.environment.lamps_lit)
    rows = iter(scene.instances())
    ground, buildings = _unique_things(glb, scene, rows)
    groups = [("Ground and structures", ground), ("Buildings", buildings), ("Props", _props(glb, scene, rows, config))]
    groups.append(("Lights", _lights(glb, scene, config)))
    groups.append(("Views", _views(glb, scene)))
    children = [glb.node(name, children=nodes) for name, nodes in groups if nodes]
    root = glb.node(scene.name, children=children)
    extras = {
        "environment": asdict(scene.environment),
        "spawns": [asdict(spawn) for spawn in scene.spawns],
        "agents": [asdict(agent) for agent in scene.agents],
        "frame": "spawns and agents are in the world frame: Z up, metres, quaternions wxyz",
        "attribution": list(scene.provenance.attribution),
    }
    return glb.data(root=[root], name=scene.name, extras=extras)


def _unique_things(glb: GlbWriter, scene: Scene, rows: Iterator[Instance]) -> tuple[list[int], list[int]]:
    ground, buildings = [], []
    meshes = [terrain_mesh(scene.terrain), *map(water_mesh, scene.waters), *(part.mesh for part in scene.parts)]
    addresses = {building.name: building.address for building in scene.buildings}
    for mesh in meshes:
        row = next(rows)
        extras = labels(row) | ({"address": addresses[row.name]} if row.name in addresses else {})
        shape = glb.mesh(mesh, row.name) if len(mesh.triangles) else None
        node = glb.node(row.name, mesh=shape, extras=extras)
        (buildings if row.semantic == "building" else ground).append(node)
    return ground, buildings


def _props(glb: GlbWriter, scene: Scene, rows: Iterator[Instance], config: Config) -> list[int]:
    meshes: dict[str, int] = {}
    nodes = []
    for group in scene.placements:
        asset = scene.assets[group.asset]
        if asset.name not in meshes:
            mesh = asset.lods[min(config.level_of_detail, len(asset.lods) - 1)]
            about = {
                "kind": asset.kind,
                "mass_kg": asset.mass_kg,
                "is_movable": asset.is_movable,
                "licence": asset.licence,
            }
            meshes[asset.name] = glb.mesh(mesh, asset.name, about)
        instances = [next(rows) for _ in group.names]
        if config.gpu_instancing:
            extras: dict[str, Any] = {"ids": [row.id for row in instances], "names": list(group.names)}
            extras |= {"kind": asset.kind, "class": asset.semantic, "class_id": CLASS_ID[asset.semantic]}
            extensions = glb.instanced(group.poses, group.scale)
            nodes.append(glb.node(group.asset, mesh=meshes[asset.name], extensions=extensions, extras=extras))
            continue
        contents = ({"mesh": meshes[asset.name], "extras": labels(row)} for row in instances)
        nodes += glb.placed(group.names, group.poses, group.scale, contents)
    return nodes


def _lights(glb: GlbWriter, scene: Scene, config: Config) -> list[int]:
    lights = scene.lights
    lit = len(lights.owners) if scene.environment.lamps_lit else 0
    colors = np.round(np.clip(lights.colors[:lit], 0, 1), 6).tolist()
    candelas = np.round(lights.lumens[:lit] / (4 * np.pi), 6).tolist()
    lamps = [
        {"type": "point", "color": color, "intensity": intensity, "range": float(reach)}
        for color, intensity, reach in zip(colors, candelas, lights.range_m[:lit], strict=True)
    ]
    names = [f"{owner}.light" for owner in lights.owners[:lit]]
    poses = pose_array(lights.positions[:lit])
    nodes = glb.placed(names, poses, np.ones(3), ({"extensions": glb.light(lamp)} for lamp in lamps))
    sky = daylight(scene.environment)
    if config.sun and sky.sun_lux > 0:
        sun = {"type": "directional", "color": list(sky.sun_color), "intensity": round(sky.sun_lux, 3)}
        eye, quat = look_at(200 * sky.sun_from, np.zeros(3))
        nodes.append(glb.looking("sun", eye, quat, extensions=glb.light(sun)))
    return nodes


def _views(glb: GlbWriter, scene: Scene) -> list[int]:
    nodes = []
    for camera in views(scene):
        lens = {"yfov": camera.fov_y_rad, "aspectRatio": camera.width / camera.height, "znear": 0.1, "zfar": 5000.0}
        glb.content["cameras"].append({"name": camera.name, "type": "perspective", "perspective": lens})
        mount = camera.mount_from_camera
        nodes.append(glb.looking(camera.name, mount.position, mount.quat_wxyz, camera=len(glb.content["cameras"]) - 1))
    return nodes


def labels(row: Instance) -> dict[str, Any]:
    """What every format says of an instance."""
    return {"id": row.id, "kind": row.kind, "class": row.semantic, "class_id": CLASS_ID[row.semantic]}
