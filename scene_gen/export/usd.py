"""scene.usda: OpenUSD in layers by concern, with physics and semantic labels, for Isaac Sim, Omniverse and Unreal."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from bridge.formats.surfaces import materials_with_water, terrain_mesh, water_mesh
from bridge.scene import Instance, Mesh, Part, Placements, Scene
from scene_gen.export.usd_physics import add_colliders, add_physics_scene, collide_as_drawn, make_movable, needs_hulls
from scene_gen.export.usd_shading import add_cameras, add_lights, add_materials
from scene_gen.export.usd_text import Prim, dictionary, identifiers, layer_text, new_layer, quoted, tokens


@dataclass(frozen=True)
class Config:
    """How the stage is written."""

    level_of_detail: int = 0
    """Which of an asset's meshes to take, 0 the finest."""
    instancer_from: int = 64
    """Assets without colliders that are placed this often become one PointInstancer."""


@dataclass(frozen=True)
class _Exporter:
    config: Config

    def export(self, scene: Scene, folder: Path) -> tuple[Path, ...]:
        return _Stage(scene, self.config).save(folder)


def make(config: Config) -> _Exporter:
    """The exporter."""
    return _Exporter(config)


LAYERS = ("labels", "physics", "lights", "cameras", "agents", "props", "buildings", "roads", "terrain", "looks")
"""Sublayers as text, the strongest first, above `geometry.usdc`, which holds the arrays of terrain, roads, buildings."""
_WITH_ARRAYS = ("physics", "assets")
"""Layers of text that have a layer of arrays of their own below them."""
_STREETS = ("road", "sidewalk", "crossing", "lane-marking", "bridge")


class _Stage:
    """The layers of one town while they are filled. `props` refers to prototypes in `assets`, which has its own arrays."""

    def __init__(self, scene: Scene, config: Config) -> None:
        from scene_gen.export.usd_arrays import ArrayLayer

        self.scene, self.config, self.lit = scene, config, scene.environment.lamps_lit
        self.layers = {name: new_layer() for name in (*LAYERS, "assets")}
        self.arrays = {name: ArrayLayer() for name in ("geometry", *_WITH_ARRAYS)}
        materials = list(materials_with_water(scene).values())
        self.looks = add_materials(self._scope("looks", "Looks", "Scope"), materials, lamps_lit=self.lit)
        add_physics_scene(self.layers["physics"].child("World"))
        rows = iter(scene.instances())
        self._add_unique_things(rows)
        self._add_props(rows)
        self._add_people()
        add_lights(self._scope("lights", "Lights"), scene)
        add_cameras(self._scope("cameras", "Cameras"), scene)

    def save(self, folder: Path) -> tuple[Path, ...]:
        texts = {"scene.usda": self._root()}
        for name, layer in self.layers.items():
            below = [f"./{name}_geometry.usdc"] if name in _WITH_ARRAYS else []
            texts[f"usd/{name}.usda"] = layer_text(layer, sublayers=below)
        (folder / "usd").mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            (folder / name).write_bytes(text.encode("utf-8"))
        crates = [
            layer.save(folder / "usd" / ("geometry.usdc" if name == "geometry" else f"{name}_geometry.usdc"))
            for name, layer in self.arrays.items()
        ]
        return (*(folder / name for name in texts), *crates)

    def _root(self) -> str:
        root, scene = new_layer(), self.scene
        world = root.child("World", "Xform", kind="assembly")
        about = {
            "name": scene.name, "bounds_m": ", ".join(map(repr, scene.bounds)), "environment": asdict(scene.environment),
            "prompt": scene.provenance.prompt, "seed": str(scene.provenance.seed),
            "attribution": "; ".join(scene.provenance.attribution),
        }  # fmt: skip
        world.metadata.append("customData = " + dictionary({"simbridge": about}))
        return layer_text(root, sublayers=[*(f"./usd/{name}.usda" for name in LAYERS), "./usd/geometry.usdc"])

    def _scope(self, layer: str, name: str, type_name: str = "Xform") -> Prim:
        return self.layers[layer].child("World").child(name, type_name, kind="group" if type_name == "Xform" else "")

    def _add_unique_things(self, rows: Iterator[Instance]) -> None:
        scene = self.scene
        names = [row.name for row in scene.instances()]
        ids = dict(zip(names, identifiers(names), strict=True))
        ground = self._scope("terrain", "Ground")
        prim = self._thing(ground, ids, next(rows), terrain_mesh(scene.terrain))
        collide_as_drawn(self.layers["physics"].at(f"{prim.path}/geometry"))
        for water in scene.waters:
            self._thing(ground, ids, next(rows), water_mesh(water))
        for part in scene.parts:
            self._add_part(part, ids, next(rows))

    def _add_part(self, part: Part, ids: Mapping[str, str], row: Instance) -> None:
        layer, group = "roads", "Streets" if part.semantic in _STREETS else "Structures"
        if part.semantic == "building":
            layer, group = "buildings", "Buildings"
        prim = self._thing(self._scope(layer, group), ids, row, part.mesh)
        if any(solid.shape == "mesh" for solid in part.colliders) and len(part.mesh.triangles):
            collide_as_drawn(self.layers["physics"].at(f"{prim.path}/geometry"))
        if part.colliders:
            add_colliders(self.layers["physics"].at(prim.path), part.colliders, self.arrays["physics"])

    def _thing(self, parent: Prim, ids: Mapping[str, str], row: Instance, mesh: Mesh) -> Prim:
        prim = parent.child(ids[row.name], "Xform", kind="component")
        prim.name_for_people(row.name)
        if len(mesh.triangles):
            self.arrays["geometry"].add_mesh(prim.child("geometry", "Mesh"), mesh, self.looks)
        _label(self.layers["labels"].at(prim.path), row)
        return prim

    def _add_props(self, rows: Iterator[Instance]) -> None:
        scene, props = self.scene, self._scope("props", "Props")
        placed: dict[str, list[Placements]] = {}
        for group in scene.placements:
            placed.setdefault(group.asset, []).append(group)
        asset_ids = dict(zip(placed, identifiers(list(placed)), strict=True))
        names = [name for group in scene.placements for name in group.names]
        ids = dict(zip(names, identifiers(names), strict=True))
        for name, groups in placed.items():
            self._add_prototype(name, asset_ids[name], np.concatenate([group.scale for group in groups]))
        for group in scene.placements:
            asset, reference = scene.assets[group.asset], f"@./assets.usda@</{asset_ids[group.asset]}>"
            instances = [next(rows) for _ in group.names]
            if not asset.colliders and len(group.names) >= self.config.instancer_from:
                self._add_instancer(props, asset_ids[group.asset], reference, group, instances)
                continue
            parent = props.child(asset_ids[group.asset], "Xform", kind="group")
            labels = self.layers["labels"].at(parent.path)
            bodies = self.layers["physics"].at(parent.path) if asset.is_movable else None
            for row, pose, scale in zip(instances, group.poses, group.scale, strict=True):
                prim = parent.child(ids[row.name], "Xform")
                prim.name_for_people(row.name)
                prim.metadata += ["instanceable = true", f"prepend references = {reference}"]
                prim.place(pose, scale)
                _label(labels.child(prim.name), row)
                if bodies is not None:
                    make_movable(bodies.child(prim.name), asset, scale)

    def _add_prototype(self, name: str, identifier: str, scales: np.ndarray) -> None:
        asset = self.scene.assets[name]
        prim = self.layers["assets"].child(identifier, "Xform", kind="component")
        mesh = asset.lods[min(self.config.level_of_detail, len(asset.lods) - 1)]
        used = dict.fromkeys(mesh.materials[index] for index in np.unique(mesh.material))
        materials = [self.scene.materials[material] for material in used]
        looks = add_materials(prim.child("Looks", "Scope"), materials, lamps_lit=self.lit)
        geometry = prim.child("geometry", "Mesh")
        self.arrays["assets"].add_mesh(geometry, mesh, looks)
        add_colliders(prim, asset.colliders, self.arrays["assets"], round_ones_as_hulls=needs_hulls(asset, scales))
        if any(solid.shape == "mesh" for solid in asset.colliders):
            collide_as_drawn(geometry)

    def _add_instancer(
        self, props: Prim, asset_id: str, reference: str, group: Placements, rows: list[Instance]
    ) -> None:
        mesh = self.scene.assets[group.asset].lods[0]
        prim = props.child(f"{asset_id}_{rows[0].id}", "PointInstancer")
        prototype = prim.child("prototype", "Xform")
        prototype.metadata.append(f"prepend references = {reference}")
        prim.set("rel prototypes", f"<{prototype.path}>")
        reach = np.linalg.norm(mesh.vertices, axis=1).max() * group.scale.max()
        prim.set_extent(group.poses[:, :3].min(axis=0) - reach, group.poses[:, :3].max(axis=0) + reach)
        prim.set("custom string[] simbridge:names", tokens(row.name for row in rows))
        self.arrays["geometry"].add_instances(prim, group.poses, group.scale, [row.id for row in rows])
        _label(self.layers["labels"].at(prim.path), rows[0])

    def _add_people(self) -> None:
        for scope, places in (("Agents", self.scene.agents), ("Spawns", self.scene.spawns)):
            if not places:
                continue
            parent = self._scope("agents", scope)
            for item, name in zip(places, identifiers([item.name for item in places]), strict=True):
                prim = parent.child(name, "Xform")
                prim.name_for_people(item.name)
                prim.place(item.pose)
                about = {key: value for key, value in asdict(item).items() if key != "pose"}
                for key, value in about.items():
                    prim.set(f"custom uniform string simbridge:{key}", quoted(value))


def _label(prim: Prim, row: Instance) -> None:
    """Class and kind for Isaac Sim 5 and later (UsdSemantics) and for 4 (SemanticsAPI), and the id for everybody."""
    prim.apply("SemanticsLabelsAPI:class", "SemanticsLabelsAPI:kind", "SemanticsAPI:Semantics")
    semantic, kind = quoted(row.semantic), quoted(row.kind)
    prim.lines += [
        f"token[] semantics:labels:class = [{semantic}]",
        f"token[] semantics:labels:kind = [{kind}]",
        'custom string semantic:Semantics:params:semanticType = "class"',
        f"custom string semantic:Semantics:params:semanticData = {semantic}",
        f"custom uniform int simbridge:id = {row.id}",
    ]
