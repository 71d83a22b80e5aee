"""scene.usda: OpenUSD in layers by concern, with physics and semantic labels, for Isaac Sim, Omniverse and Unreal."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bridge.formats.sky import daylight
from bridge.formats.surfaces import materials_with_water, terrain_mesh, water_mesh
from bridge.formats.views import views
from bridge.frames import look_at, quat_product
from bridge.scene import Instance, Mesh, Part, Scene


@dataclass(frozen=True)
class Config:
    """How the stage is written."""

    level_of_detail: int = 0
    """Which of an asset's meshes to take, 0 the finest."""
    is_text: bool = False
    """Writes every layer as text (.usda), for people and for comparing; bigger and slower."""
    instancer_from: int = 64
    """Assets without colliders that are placed this often become one PointInstancer."""


@dataclass(frozen=True)
class _Exporter:
    config: Config

    def export(self, scene: Scene, folder: Path) -> tuple[Path, ...]:
        stage = _Stage(scene, self.config)
        stage.fill()
        return stage.save(folder)


def make(config: Config) -> _Exporter:
    """The exporter."""
    return _Exporter(config)


LAYERS = ("labels", "physics", "lights", "cameras", "agents", "props", "buildings", "roads", "terrain", "looks")
"""Sublayers, the strongest first; `assets` holds the prototypes that `props` refers to."""
_STREETS = ("road", "sidewalk", "crossing", "lane-marking", "bridge")
_EXPOSURE = -5.0
"""Lights carry physical intensities; renderers without automatic exposure would show them white."""


class _Stage:
    def __init__(self, scene: Scene, config: Config) -> None:
        from scene_gen.export import usd_physics, usd_specs

        self.scene, self.config, self.usd, self.physics = scene, config, usd_specs, usd_physics
        self.lit = scene.environment.lamps_lit
        self.looks: dict[str, Any] = {}
        self.suffix = ".usda" if config.is_text else ".usdc"
        self.layers = {name: usd_specs.new_layer(self.suffix) for name in (*LAYERS, "assets")}

    def fill(self) -> None:
        looks = self._scope("looks", "Looks", "Scope")
        materials = list(materials_with_water(self.scene).values())
        self.looks = self.usd.add_materials(looks, materials, lamps_lit=self.lit)
        self.physics.add_physics_scene(self._world("physics"))
        rows = iter(self.scene.instances())
        self._unique_things(rows)
        self._props(rows)
        self._people()
        self._lights()
        self._cameras()

    def save(self, folder: Path) -> tuple[Path, ...]:
        paths = [self.usd.save(self._root(), folder / "scene.usda")]
        paths += [self.usd.save(layer, folder / "usd" / f"{name}{self.suffix}") for name, layer in self.layers.items()]
        return tuple(paths)

    def _root(self) -> Any:
        root = self.usd.new_layer()
        root.subLayerPaths = [f"./usd/{name}{self.suffix}" for name in LAYERS]
        world = self.usd.prim(root, "World", "Xform", kind="assembly")
        scene, environment = self.scene, asdict(self.scene.environment)
        about = {
            "name": scene.name, "bounds_m": ", ".join(map(repr, scene.bounds)),
            "environment": environment, "prompt": _printable(scene.provenance.prompt), "seed": str(scene.provenance.seed),
            "attribution": "; ".join(scene.provenance.attribution),
        }  # fmt: skip
        world.SetInfo("customData", {"simbridge": about})
        return root

    def _world(self, layer: str) -> Any:
        return self.usd.prim(self.layers[layer], "World", over=True)

    def _scope(self, layer: str, name: str, type_name: str = "Xform") -> Any:
        kind = "group" if type_name == "Xform" else ""
        return self.usd.prim(self._world(layer), name, type_name, kind=kind)

    def _beside(self, layer: str, spec: Any) -> Any:
        """The prim of the same path in another layer, for opinions of another concern."""
        parent: Any = self.layers[layer]
        for name in str(spec.path)[1:].split("/"):
            parent = self.usd.prim(parent, name, over=True)
        return parent

    def _unique_things(self, rows: Iterator[Instance]) -> None:
        scene = self.scene
        names = [row.name for row in scene.instances()]
        ids = dict(zip(names, self.usd.identifiers(names), strict=True))
        ground = self._scope("terrain", "Ground")
        spec = self._thing(ground, ids, next(rows), terrain_mesh(scene.terrain))
        self.physics.collide_as_drawn(self._beside("physics", spec.nameChildren["geometry"]))
        for water in scene.waters:
            self._thing(ground, ids, next(rows), water_mesh(water))
        for part in scene.parts:
            self._part(part, ids, next(rows))

    def _part(self, part: Part, ids: Mapping[str, str], row: Instance) -> None:
        layer, group = ("roads", "Structures")
        if part.semantic == "building":
            layer, group = "buildings", "Buildings"
        elif part.semantic in _STREETS:
            group = "Streets"
        spec = self._thing(self._scope(layer, group), ids, row, part.mesh)
        if not part.colliders:
            return
        body = self._beside("physics", spec)
        if any(solid.shape == "mesh" for solid in part.colliders):
            self.physics.collide_as_drawn(self._beside("physics", spec.nameChildren["geometry"]))
        self.physics.add_colliders(body, part.colliders)

    def _thing(self, parent: Any, ids: Mapping[str, str], row: Instance, mesh: Mesh) -> Any:
        spec = self.usd.new_prim(parent, ids[row.name], "Xform", kind="component")
        spec.SetInfo("displayName", row.name)
        if len(mesh.triangles):
            self.usd.set_mesh(self.usd.new_prim(spec, "geometry", "Mesh"), mesh, self.looks)
        self.usd.label(self._beside("labels", spec), row)
        return spec

    def _props(self, rows: Iterator[Instance]) -> None:
        from pxr import Sdf

        usd, scene = self.usd, self.scene
        props = self._scope("props", "Props")
        asset_ids = dict(zip(scene.assets, usd.identifiers(list(scene.assets)), strict=True))
        taken: dict[str, list[str]] = {}
        for group in scene.placements:
            taken.setdefault(group.asset, []).extend(group.names)
        names = {name: dict(zip(all_, usd.identifiers(all_), strict=True)) for name, all_ in taken.items()}
        for asset_name in taken:
            self._prototype(asset_name, asset_ids[asset_name])
        for group in scene.placements:
            asset, asset_id = scene.assets[group.asset], asset_ids[group.asset]
            instances = [next(rows) for _ in group.names]
            if not asset.colliders and len(group.names) >= self.config.instancer_from:
                self._instancer(props, asset_id, group, instances)
                continue
            reference = Sdf.Reference(f"./assets{self.suffix}", Sdf.Path(f"/{asset_id}"))
            parent = usd.prim(props, asset_id, "Xform", kind="group")
            label_parent = self._beside("labels", parent)
            body_parent = self._beside("physics", parent) if asset.is_movable else None
            for row, pose, scale in zip(instances, group.poses, group.scale, strict=True):
                name = names[group.asset][row.name]
                spec = usd.new_prim(parent, name, "Xform")
                spec.referenceList.prependedItems = [reference]
                spec.instanceable = True
                spec.SetInfo("displayName", row.name)
                usd.place(spec, pose, scale)
                usd.label(usd.prim(label_parent, name, over=True), row)
                if body_parent is not None:
                    self.physics.make_movable(usd.prim(body_parent, name, over=True), asset, scale)

    def _prototype(self, name: str, identifier: str) -> None:
        usd, asset = self.usd, self.scene.assets[name]
        spec = usd.prim(self.layers["assets"], identifier, "Xform", kind="component")
        mesh = asset.lods[min(self.config.level_of_detail, len(asset.lods) - 1)]
        self._asset_mesh(spec, mesh)
        scales = [group.scale for group in self.scene.placements if group.asset == name]
        hulls = self.physics.needs_hulls(asset, np.concatenate(scales))
        self.physics.add_colliders(spec, asset.colliders, round_ones_as_hulls=hulls)
        if any(solid.shape == "mesh" for solid in asset.colliders):
            self.physics.collide_as_drawn(spec.nameChildren["geometry"])

    def _asset_mesh(self, spec: Any, mesh: Mesh) -> None:
        scope = self.usd.prim(spec, "Looks", "Scope")
        used = dict.fromkeys(mesh.materials[index] for index in np.unique(mesh.material))
        materials = [self.scene.materials[name] for name in used]
        looks = self.usd.add_materials(scope, materials, lamps_lit=self.lit)
        self.usd.set_mesh(self.usd.prim(spec, "geometry", "Mesh"), mesh, looks)

    def _instancer(self, props: Any, asset_id: str, group: Any, rows: list[Instance]) -> None:
        from pxr import Gf, Sdf, Vt

        usd, mesh = self.usd, self.scene.assets[group.asset].lods[0]
        types, name = usd.Types, f"{asset_id}_{rows[0].id}"
        spec = usd.prim(props, name, "PointInstancer")
        prototype = usd.prim(spec, "prototype", "Xform")
        prototype.referenceList.prependedItems = [Sdf.Reference(f"./assets{self.suffix}", Sdf.Path(f"/{asset_id}"))]
        usd.relate(spec, "prototypes", prototype.path)
        usd.set_attribute(spec, "protoIndices", types.IntArray, Vt.IntArray(len(rows), 0))
        usd.set_attribute(spec, "positions", types.Point3fArray, usd.vectors(group.poses[:, :3]))
        turns = Vt.QuathArray([Gf.Quath(*quat) for quat in group.poses[:, 3:].tolist()])
        usd.set_attribute(spec, "orientations", types.QuathArray, turns)
        usd.set_attribute(spec, "scales", types.Float3Array, usd.vectors(group.scale))
        usd.set_attribute(spec, "ids", types.Int64Array, Vt.Int64Array([row.id for row in rows]))
        reach = np.linalg.norm(mesh.vertices, axis=1).max() * group.scale.max()
        usd.set_extent(spec, group.poses[:, :3].min(axis=0) - reach, group.poses[:, :3].max(axis=0) + reach)
        usd.set_attribute(
            spec, "simbridge:names", types.StringArray, Vt.StringArray([row.name for row in rows]), custom=True
        )
        usd.label(self._beside("labels", spec), rows[0])

    def _people(self) -> None:
        usd, types = self.usd, self.usd.Types
        for scope, places in (("Agents", self.scene.agents), ("Spawns", self.scene.spawns)):
            if not places:
                continue
            parent = self._scope("agents", scope)
            for item, name in zip(places, usd.identifiers([item.name for item in places]), strict=True):
                spec = usd.prim(parent, name, "Xform")
                spec.SetInfo("displayName", item.name)
                usd.place(spec, item.pose)
                about = {key: value for key, value in asdict(item).items() if key != "pose"}
                for key, value in about.items():
                    usd.set_attribute(
                        spec, f"simbridge:{key}", types.String, _printable(value), uniform=True, custom=True
                    )

    def _lights(self) -> None:
        from pxr import Gf

        usd, types, scene = self.usd, self.usd.Types, self.scene
        parent, sky = self._scope("lights", "Lights"), daylight(scene.environment)

        def light(name: str, type_name: str, intensity: float, color: Any) -> Any:
            spec = usd.prim(parent, name, type_name)
            usd.set_attribute(spec, "inputs:intensity", types.Float, intensity)
            usd.set_attribute(spec, "inputs:exposure", types.Float, _EXPOSURE)
            usd.set_attribute(spec, "inputs:color", types.Color3f, Gf.Vec3f(*(float(c) for c in color)))
            return spec

        light("sky", "DomeLight", sky.sky_lux / np.pi, sky.sky_color)
        sun = light("sun", "DistantLight", sky.sun_lux, sky.sun_color)
        usd.set_attribute(sun, "inputs:normalize", types.Bool, True)
        usd.set_attribute(sun, "inputs:angle", types.Float, 0.53)
        _, quat = look_at(sky.sun_from, np.zeros(3))
        usd.place(sun, [0, 0, 0, *_camera_quat(quat)])
        lamps, radius = scene.lights, 0.1
        names = usd.identifiers([f"{owner}_light" for owner in lamps.owners])
        for index, name in enumerate(names):
            radiance = lamps.lumens[index] / (4 * np.pi**2 * radius**2)
            spec = light(name, "SphereLight", float(radiance), lamps.colors[index])
            usd.set_attribute(spec, "inputs:radius", types.Float, radius)
            usd.set_extent(spec, [-radius] * 3, [radius] * 3)
            usd.place(spec, [*lamps.positions[index], 1, 0, 0, 0])
            usd.set_attribute(spec, "simbridge:owner", types.String, lamps.owners[index], uniform=True, custom=True)
            if not self.lit:
                usd.set_attribute(spec, "visibility", types.Token, "invisible")
        world = self._world("lights")
        world.SetInfo("customData", {"simbridge": {"lampsLit": self.lit}})

    def _cameras(self) -> None:
        from pxr import Gf

        usd, types = self.usd, self.usd.Types
        cameras = views(self.scene)
        parent = self._scope("cameras", "Cameras")
        for camera, name in zip(cameras, usd.identifiers([camera.name for camera in cameras]), strict=True):
            spec, width = usd.prim(parent, name, "Camera"), 20.955
            height = width * camera.height / camera.width
            usd.set_attribute(spec, "horizontalAperture", types.Float, width)
            usd.set_attribute(spec, "verticalAperture", types.Float, height)
            usd.set_attribute(spec, "focalLength", types.Float, float(height / (2 * np.tan(camera.fov_y_rad / 2))))
            usd.set_attribute(spec, "clippingRange", types.Float2, Gf.Vec2f(0.1, 10_000))
            mount = camera.mount_from_camera
            usd.place(spec, [*mount.position, *_camera_quat(mount.quat_wxyz)])


def _camera_quat(quat_opencv: Any) -> Any:
    """USD's cameras and lights look along -Z with Y up."""
    return quat_product(quat_opencv, [0.0, 1.0, 0.0, 0.0])


def _printable(text: str) -> str:
    """Text that every USD reader takes: no lone surrogates, no control characters."""
    clean = "".join(c if c.isprintable() or c == " " else " " for c in text)
    return clean.encode("utf-8", errors="replace").decode()
