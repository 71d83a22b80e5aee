"""unreal/: height map and weights, assets as glb, transforms in Unreal's frame, materials, lights, level."""

import csv
import io
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bridge.formats.png import png
from bridge.formats.sky import daylight
from bridge.formats.surfaces import materials_with_water, water_material, water_mesh
from bridge.formats.views import views
from bridge.frames import quat_product, unreal_from_world_cm, unreal_from_world_quat
from bridge.scene import Material, Mesh, Scene
from bridge.semantics import CLASS_ID
from scene_gen.export.exporter import file_name, json_text
from scene_gen.export.glb import GlbWriter
from scene_gen.export.landscape import landscape

COLUMNS = (
    "id", "name", "kind", "class", "class_id", "mesh", "x_cm", "y_cm", "z_cm", "quat_x", "quat_y", "quat_z", "quat_w",
    "scale_x", "scale_y", "scale_z", "mass_kg", "is_movable",
)  # fmt: skip


@dataclass(frozen=True)
class Config:
    """How the folder is written."""

    largest_landscape: int = 4033
    """The most vertices a side that the height map may have."""


@dataclass(frozen=True)
class _Exporter:
    config: Config

    def export(self, scene: Scene, folder: Path) -> tuple[Path, ...]:
        files = unreal_files(scene, largest=self.config.largest_landscape)
        paths = []
        for name, content in files.items():
            path = folder / "unreal" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            paths.append(path)
        return tuple(paths)


def make(config: Config) -> _Exporter:
    """The exporter."""
    return _Exporter(config)


def unreal_files(scene: Scene, *, largest: int = 4033) -> dict[str, bytes]:
    """Every file by its path in unreal/. Positions are centimetres, left-handed, Z up; quaternions x, y, z, w."""
    ground = landscape(scene.terrain, largest=largest)
    files = {"heightmap.png": png(ground.heights), "heightmap.json": json_text(ground.sidecar)}
    files |= {f"layers/{file_name(name)}.png": png(weights) for name, weights in ground.weights.items()}
    materials, is_lit = materials_with_water(scene), scene.environment.lamps_lit
    for name, asset in _placed_assets(scene):
        files[f"assets/{file_name(name)}.glb"] = _glb(materials, asset.lods[0], name, lamps_lit=is_lit)
    files |= dict(_unique_meshes(scene))
    rows = list(_transforms(scene))
    files["transforms.csv"] = _csv(rows)
    files["transforms.json"] = json_text({"frame": _FRAME, "instances": [dict(zip(COLUMNS, row)) for row in rows]})
    files["materials.json"] = json_text({"materials": [_material(m) for m in materials.values()]})
    files["level.json"] = json_text(_level(scene))
    return files


FORMAT = 1
"""The version of the folder, in level.json; the plug-in's importer refuses what is newer than it knows."""
_FRAME = "Unreal: centimetres, left-handed, X forward (east), Y right (south), Z up; quaternions x, y, z, w"


def _placed_assets(scene: Scene) -> list[tuple[str, Any]]:
    placed = {group.asset for group in scene.placements}
    return [(name, asset) for name, asset in scene.assets.items() if name in placed]


def _glb(materials: dict[str, Material], mesh: Mesh, name: str, *, lamps_lit: bool) -> bytes:
    """One mesh as a file; Unreal's importer turns glTF's axes into (x, -y, z) of ours, in centimetres."""
    writer = GlbWriter(materials, lamps_lit=lamps_lit)
    return writer.data(root=[writer.node(name, mesh=writer.mesh(mesh, name))], name=name)


def _unique_meshes(scene: Scene) -> Iterator[tuple[str, bytes]]:
    """Buildings in one file, everything else that stands once in another, a node each of its own name."""
    things = [(water.name, "water", water_mesh(water)) for water in scene.waters]
    things += [(part.name, part.semantic, part.mesh) for part in scene.parts]
    for path, is_building in (("buildings.glb", True), ("structures.glb", False)):
        writer = GlbWriter(materials_with_water(scene), lamps_lit=scene.environment.lamps_lit)
        nodes = [
            writer.node(name, mesh=writer.mesh(mesh, name))
            for name, semantic, mesh in things
            if (semantic == "building") == is_building and len(mesh.triangles)
        ]
        if nodes:
            yield path, writer.data(root=nodes, name=scene.name)


def _transforms(scene: Scene) -> Iterator[tuple[Any, ...]]:
    """A row for everything in the table of instances but the terrain, which the landscape is."""
    rows = iter(scene.instances())
    (unmoved,) = _placements(np.array([[0, 0, 0, 1, 0, 0, 0.0]]), np.ones((1, 3)))
    yield (*_row(next(rows)), "heightmap.png", *unmoved, 0.0, False)
    for _ in range(len(scene.waters) + len(scene.parts)):
        row = next(rows)
        path = "buildings.glb" if row.semantic == "building" else "structures.glb"
        yield (*_row(row), f"{path}#{row.name}", *unmoved, 0.0, False)
    for group in scene.placements:
        asset = scene.assets[group.asset]
        path = f"assets/{file_name(asset.name)}.glb"
        masses = np.round(asset.mass_kg * np.prod(group.scale, axis=1), 6).tolist()
        for placement, mass in zip(_placements(group.poses, group.scale), masses, strict=True):
            yield (*_row(next(rows)), path, *placement, mass, asset.is_movable)


def _row(row: Any) -> tuple[Any, ...]:
    return row.id, row.name, row.kind, row.semantic, CLASS_ID[row.semantic]


def _placements(poses: NDArray, scale: NDArray) -> list[list[float]]:
    """Position, rotation and scale of each pose (n,7) and scale (n,3)."""
    return np.concatenate([_cm(poses[:, :3]), _quat(poses[:, 3:]), np.round(scale, 9) + 0.0], axis=1).tolist()


def _cm(positions: ArrayLike) -> NDArray[np.float64]:
    """Rounded centimetres (..., 3) of positions [m]."""
    return np.round(unreal_from_world_cm(positions), 4) + 0.0


def _quat(quats_wxyz: ArrayLike) -> NDArray[np.float64]:
    """Rounded rotations, x, y, z, w, shape (..., 4)."""
    return np.round(unreal_from_world_quat(quats_wxyz)[..., [1, 2, 3, 0]], 9) + 0.0


def _material(material: Any) -> dict[str, Any]:
    entry = asdict(material)
    return {"name": entry.pop("name"), "base_color_linear": entry.pop("base_color"), "emission_linear": entry.pop("emission")} | entry  # fmt: skip


def _level(scene: Scene) -> dict[str, Any]:
    """Everything of a level that is not a mesh."""
    sky, lamps = daylight(scene.environment), scene.lights
    return {
        "format": FORMAT,
        "name": scene.name,
        "frame": _FRAME,
        "environment": asdict(scene.environment),
        "sun": {
            "direction_to": [round(float(v), 9) for v in sky.sun_from * [1, -1, 1]],
            "lux": round(sky.sun_lux, 3), "color_linear": sky.sun_color,
            "sky_lux": round(sky.sky_lux, 3), "sky_color_linear": sky.sky_color,
        },
        "lamps": [
            {
                "owner": owner, "location_cm": location, "color_linear": color, "lumens": lumens,
                "attenuation_cm": range_m * 100, "is_lit": scene.environment.lamps_lit,
            }
            for owner, location, color, lumens, range_m in zip(
                lamps.owners, _cm(lamps.positions).tolist(), lamps.colors.tolist(), lamps.lumens.tolist(),
                lamps.range_m.tolist(), strict=True,
            )
        ],
        "waters": [
            {
                "name": water.name, "kind": water.kind, "material": water_material(water).name,
                "level_cm": water.level_m * 100, "outline_cm": _outline(water.polygon, water.level_m),
                "holes_cm": [_outline(hole, water.level_m) for hole in water.holes],
            }
            for water in scene.waters
        ],
        "buildings": [
            {"name": b.name, "use": b.use, "address": b.address, "storeys": b.storeys, "doors": [
                {"location_cm": _cm(door.position).tolist(), "yaw_deg": round(float(-np.degrees(door.yaw_rad)), 6)} for door in b.doors
            ]}
            for b in scene.buildings
        ],
        "spawns": [{"name": s.name, "kind": s.kind, **_where(s.pose)} for s in scene.spawns],
        "agents": [
            {"name": a.name, "kind": a.kind, "vehicle": a.vehicle, "instruction": a.instruction, **_where(a.pose)}
            for a in scene.agents
        ],
        "cameras": [
            {
                "name": camera.name, "location_cm": _cm(camera.mount_from_camera.position).tolist(),
                "quat_xyzw": _quat(quat_product(camera.mount_from_camera.quat_wxyz, _FORWARD)).tolist(),
                "fov_x_deg": round(float(2 * np.degrees(np.arctan(np.tan(camera.fov_y_rad / 2) * camera.width / camera.height))), 6),
            }
            for camera in views(scene)
        ],
    }  # fmt: skip


_FORWARD = np.array([0.5, 0.5, -0.5, 0.5])
"""From OpenCV's camera axes to a body that looks along X with Z up, as Unreal's cameras do."""


def _where(pose: ArrayLike) -> dict[str, Any]:
    values = np.asarray(pose)
    return {"location_cm": _cm(values[:3]).tolist(), "quat_xyzw": _quat(values[3:]).tolist()}


def _outline(ring: NDArray, level_m: float) -> list[list[float]]:
    return _cm(np.column_stack([ring, np.full(len(ring), level_m)]))[:, :2].tolist()


def _csv(rows: list[tuple[Any, ...]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(rows)
    return text.getvalue().encode("utf-8", errors="replace")
