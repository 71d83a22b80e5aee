"""A scene as MuJoCo's XML: the ground as a height field, all else as convex solids, free joints for what moves.

An instance is found by its name: what moves is a body, what stands a geom (its first), what cannot be touched a site.
The `user` data of bodies, geoms and sites are the instance's id and its class id. Streets and quays are in the height
field (see ground_field); decks and walls are convex pieces. Boats stay where they float: MuJoCo has no water to carry
them. What stands has contype 0, so that static things are not tried against each other; give anything added later
contype 1 and conaffinity 1. Groups: 0 solids (3 beside visuals), 2 visuals.
"""

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from xml.sax.saxutils import quoteattr

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bridge.formats.ground_field import ground_field, is_ground
from bridge.formats.mjcf_visuals import PALETTE_FILE, Palette, display_color
from bridge.formats.sky import daylight
from bridge.formats.solids import convex_points, posts, prisms, scaled, volume
from bridge.formats.surfaces import materials_with_water, terrain_mesh, water_mesh
from bridge.formats.views import views
from bridge.frames import quat_product, transform_from_pose
from bridge.meshes import transformed
from bridge.scene import Asset, Collider, Instance, Mesh, Scene
from bridge.semantics import CLASS_ID

TERRAIN_FILE = "assets/terrain.hfield"
IDENTITY = (0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0)


@dataclass(frozen=True)
class Mjcf:
    """The XML and the files it refers to, by their path relative to it."""

    xml: str
    files: dict[str, bytes]


def mjcf(scene: Scene, *, visuals: bool = False, timestep_s: float = 0.004) -> Mjcf:
    """The scene as MJCF; `visuals` adds the meshes that renderers show, for pictures rather than physics."""
    return _Document(scene, visuals, timestep_s).result()


class _Document:
    def __init__(self, scene: Scene, visuals: bool, timestep_s: float) -> None:
        self.scene, self.visuals, self.timestep_s = scene, visuals, timestep_s
        self.materials = materials_with_water(scene)
        self.files: dict[str, bytes] = {}
        self.assets: list[str] = []
        self.solid_of: dict[tuple[str, tuple[float, ...]], list[str]] = {}
        self.visual_of: dict[str, list[tuple[str, str]]] = {}
        self.palette = Palette(self.materials, lamps_lit=scene.environment.lamps_lit)
        self.solids_group = 3 if visuals else 0

    def result(self) -> Mjcf:
        rows = iter(self.scene.instances())
        things = [self._terrain(next(rows))]
        things += [self._water(index, next(rows)) for index in range(len(self.scene.waters))]
        for part in self.scene.parts:
            color = _main_material(part.mesh)
            geoms = [self._solid(solid, color) for solid in part.colliders if solid.shape != "mesh"]
            if len(geoms) < len(part.colliders) and not is_ground(part):
                geoms += self._pieces(part.mesh)
            geoms += self._visuals(f"part:{part.name}", part.mesh) if self.visuals else []
            things.append(self._thing(next(rows), geoms))
        for group in self.scene.placements:
            asset = self.scene.assets[group.asset]
            things += self._placed(asset, group.poses, group.scale, rows)
        sites = [_site(place.name, place.pose) for place in (*self.scene.spawns, *self.scene.agents)]
        head, assets = self._head(), [*self._material_assets(), *self.assets]
        xml = "\n".join([
            *head, "<asset>", *assets, "</asset>", "<worldbody>", *self._lights(), *self._cameras(), *sites, *things,
            "</worldbody>", "</mujoco>", "",
        ])  # fmt: skip
        return Mjcf(xml, self.files)

    def _head(self) -> list[str]:
        x0, y0, x1, y1 = self.scene.bounds
        side = max(x1 - x0, y1 - y0)
        fog = min(self.scene.environment.visibility_m, 10 * side)
        return [
            f"<mujoco model={quoteattr(self.scene.name)}>",
            '<compiler angle="radian" autolimits="true" boundmass="1e-6" boundinertia="1e-9"/>',
            f'<option timestep="{self.timestep_s!r}" integrator="implicitfast"/>',
            '<size nuser_body="2" nuser_geom="2" nuser_site="2"/>',
            f'<statistic center="{_n(((x0 + x1) / 2, (y0 + y1) / 2, 0))}" extent="{_n([side / 2])}" meansize="1"/>',
            f'<visual><global offwidth="1920" offheight="1080"/><map znear="0.0002" zfar="10" fogstart="{_n([fog / side])}" fogend="{_n([6 * fog / side])}"/>'
            '<quality shadowsize="4096"/><headlight ambient="0.45 0.45 0.45" diffuse="0.15 0.15 0.15" specular="0 0 0"/></visual>',
            f'<default><geom group="{self.solids_group}" contype="0" friction="0.9 0.005 0.0001"/>'
            '<default class="visual"><geom group="2" contype="0" conaffinity="0" mass="0"/></default>'
            '<site group="4" size="0.2" rgba="0.2 0.8 0.3 0.5"/></default>',
        ]  # fmt: skip

    def _material_assets(self) -> Iterator[str]:
        sky = daylight(self.scene.environment).sky_color
        yield f'<texture type="skybox" builtin="gradient" rgb1="{_n(sky)}" rgb2="{_n([0.6 * c for c in sky])}" width="64" height="384"/>'
        if self.visuals:
            self.files[PALETTE_FILE] = self.palette.image
            yield f'<texture name="palette" type="2d" file="{PALETTE_FILE}"/>'
            for name, glow in (("palette", 0), ("palette-glow", 1)):
                yield f'<material name="{name}" texture="palette" emission="{glow}" specular="0.1" shininess="0.2"/>'
        for material in self.materials.values():
            lit = self.scene.environment.lamps_lit or not material.glows_at_night
            glow = min(max(material.emission), 1.0) if lit else 0.0
            shine = 1 - material.roughness
            yield (
                f'<material name={quoteattr(material.name)} rgba="{_n(display_color(material.base_color))} 1" emission="{_n([glow])}" '
                f'specular="{_n([0.5 * shine])}" shininess="{_n([shine])}" reflectance="0"/>'
            )

    def _terrain(self, row: Instance) -> str:
        terrain, field = self.scene.terrain, ground_field(self.scene)
        heights = np.ascontiguousarray(field.heights, dtype="<f4")
        rows, cols = heights.shape
        low, high = float(heights.min()), float(heights.max())
        self.files[TERRAIN_FILE] = struct.pack("<ii", rows, cols) + heights.tobytes()
        half = np.array([cols - 1, rows - 1]) * field.cell_m / 2
        size = (*half, max(high - low, 0.01), 1.0)
        self.assets.append(f'<hfield name="terrain" file="{TERRAIN_FILE}" size="{_n(size)}"/>')
        main = terrain.surfaces[int(np.bincount(terrain.surface.reshape(-1)).argmax())]
        at = (*(np.array(field.origin) + half), low)
        geoms = [f'<geom type="hfield" hfield="terrain" pos="{_n(at)}" material={quoteattr(main)}/>']
        return self._thing(row, geoms + (self._visuals("terrain", terrain_mesh(terrain)) if self.visuals else []))

    def _water(self, index: int, row: Instance) -> str:
        geoms = self._visuals(f"water:{row.name}", water_mesh(self.scene.waters[index])) if self.visuals else []
        return self._thing(row, geoms)

    def _placed(self, asset: Asset, poses: NDArray, scales: NDArray, rows: Iterator[Instance]) -> Iterator[str]:
        moves = asset.is_movable and asset.semantic != "boat" and bool(asset.colliders)
        for at, scale in zip(_places(poses), map(tuple, scales.tolist()), strict=True):
            key = asset.name, scale
            if key not in self.solid_of:
                self.solid_of[key] = list(self._solids(asset, scale, moves=moves))
            geoms = self.solid_of[key]
            if self.visuals:
                visual = transformed(asset.lods[0], transform_from_pose(IDENTITY, scale))
                geoms = geoms + self._visuals(f"asset:{asset.name}:{_n(scale)}", visual)
            yield self._thing(next(rows), geoms, at=at, moves=moves)

    def _solids(self, asset: Asset, scale: tuple[float, ...], *, moves: bool) -> Iterator[str]:
        """The geoms of an asset at a scale, the same for all who share it."""
        color = _main_material(asset.lods[0])
        whole = sum(volume(solid) for solid in asset.colliders if solid.shape != "mesh") if moves else 0.0
        for solid in asset.colliders:
            if solid.shape == "mesh":
                yield from self._pieces(transformed(asset.lods[0], transform_from_pose(IDENTITY, scale)))
                continue
            mass = asset.mass_kg * float(np.prod(scale)) * volume(solid) / whole if moves else 0.0
            yield self._solid(scaled(solid, scale), color, f' contype="1" mass="{_n([mass])}"' if moves else "")

    def _pieces(self, mesh: Mesh) -> Iterator[str]:
        """A mesh in convex pieces: MuJoCo would take the hull of the whole."""
        color = quoteattr(_main_material(mesh))
        standing, rest = posts(mesh)
        for post in standing:
            yield self._solid(post, _main_material(mesh))
        pieces = prisms(rest)
        for piece in _rows(pieces.reshape(len(pieces), -1)):
            yield f'<geom type="mesh" mesh="{self._mesh_asset(piece)}" material={color}/>'

    def _solid(self, solid: Collider, color: str, more: str = "") -> str:
        look = f"material={quoteattr(color)}{more}"
        if solid.shape == "hull":
            name = self._mesh_asset(_n(_thick(convex_points(solid)).reshape(-1)))
            return f'<geom type="mesh" mesh="{name}" {look}/>'
        x, _, z = solid.size
        size = {"box": np.array(solid.size) / 2, "cylinder": (x / 2, z / 2), "sphere": (x / 2,), "capsule": (x / 2, max(z - x, 1e-4) / 2)}[solid.shape]  # fmt: skip
        return f'<geom type="{solid.shape}" size="{_n(size)}" {_at(solid.pose)} {look}/>'

    def _mesh_asset(self, points: str) -> str:
        name = f"solid-{len(self.assets)}"
        self.assets.append(f'<mesh name="{name}" inertia="convex" vertex="{points}"/>')
        return name

    def _visuals(self, key: str, mesh: Mesh) -> list[str]:
        if key not in self.visual_of:
            self.visual_of[key] = list(self._visual_assets(mesh))
        return [f'<geom class="visual" type="mesh" mesh="{name}" material={quoteattr(color)}/>' for name, color in self.visual_of[key]]  # fmt: skip

    def _visual_assets(self, mesh: Mesh) -> Iterator[tuple[str, str]]:
        for material, content in self.palette.meshes(mesh):
            name = f"visual-{len(self.files)}"
            path = f"assets/{name}.msh"
            self.files[path] = content
            self.assets.append(f'<mesh name="{name}" file="{path}" inertia="shell"/>')
            yield name, material

    def _thing(self, row: Instance, geoms: Iterable[str], *, at: str = "", moves: bool = False) -> str:
        """A body for what moves. What stands joins the world's own body: thousands of bodies are slow to load."""
        at = f" {at}" if at else ""
        label = f'user="{row.id} {CLASS_ID[row.semantic]}"'
        name = f"name={quoteattr(row.name)}"
        labelled = [f"<geom {label}{geom.removeprefix('<geom')}" for geom in geoms]
        if moves:
            return f"<body {name}{at} {label}><freejoint/>{''.join(labelled)}</body>"
        if not labelled:
            return f"<site {name}{at} {label}/>"
        labelled[0] = f"<geom {name}{labelled[0].removeprefix('<geom')}"
        return f"<frame{at}>{''.join(labelled)}</frame>" if at else "".join(labelled)

    def _lights(self) -> Iterator[str]:
        sky = daylight(self.scene.environment)
        strength = float(np.clip(sky.sun_lux / 100_000, 0.05, 0.8))
        color = _n([strength * c for c in sky.sun_color])
        yield f'<light name="sun" type="directional" dir="{_n(-sky.sun_from)}" pos="{_n(200 * sky.sun_from)}" diffuse="{color}" specular="0.1 0.1 0.1"/>'

    def _cameras(self) -> Iterator[str]:
        for camera in views(self.scene):
            mount = camera.mount_from_camera
            pose = (*mount.position, *quat_product(mount.quat_wxyz, [0.0, 1.0, 0.0, 0.0]))
            yield f'<camera name={quoteattr(camera.name)} {_at(pose)} fovy="{_n([np.degrees(camera.fov_y_rad)])}"/>'


def _site(name: str, pose: ArrayLike) -> str:
    return f"<site name={quoteattr(name)} {_at(pose)}/>"


def _at(pose: ArrayLike) -> str:
    return _places(np.asarray(pose, dtype=np.float64)[None])[0]


def _places(poses: NDArray) -> list[str]:
    """Attributes for poses (n,7); upright ones need no rotation."""
    where, turns = _rows(poses[:, :3]), _rows(poses[:, 3:], 9)
    upright = (poses[:, 3] == 1.0).tolist()
    return [
        f'pos="{at}"' if is_upright else f'pos="{at}" quat="{turn}"'
        for at, turn, is_upright in zip(where, turns, upright, strict=True)
    ]


def _n(values: ArrayLike, digits: int = 6) -> str:
    return _rows(np.asarray(values, dtype=np.float64)[None], digits)[0]


def _rows(values: NDArray, digits: int = 6) -> list[str]:
    """Each row's numbers as XML wants them, without signs on zeros."""
    return [" ".join(map(_short, row)) for row in (np.round(values, digits) + 0.0).tolist()]


def _short(number: float) -> str:
    return repr(int(number)) if number.is_integer() else repr(number)


def _main_material(mesh: Mesh) -> str:
    return mesh.materials[int(np.bincount(mesh.material).argmax())] if len(mesh.material) else mesh.materials[0]


def _thick(points: NDArray) -> NDArray:
    """The points, and where they lie in a plane a copy 1 mm lower, so that they have a hull."""
    spread = np.linalg.svd(points - points.mean(axis=0), compute_uv=False)
    return points if spread[-1] > 1e-4 else np.concatenate([points, points - [0.0, 0.0, 1e-3]])
