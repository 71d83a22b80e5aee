"""The rules every scene keeps so that nobody downstream has to check them: shapes, indices, names, finite numbers."""

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bridge.errors import InvalidInput, InvalidScene
from bridge.formats.soundness import solids_are_sound
from bridge.scene import EDGE_KINDS, NODE_KINDS, Collider, Mesh, Scene
from bridge.semantics import CLASS_ID


def check_scene(scene: Scene) -> None:
    """Raises InvalidScene, naming the place and what was expected, for the first rule that is broken."""
    if not isinstance(scene, Scene):
        found = type(scene).__name__
        raise InvalidInput(f"A {found} was given for a scene. Read one with bridge.read_scene(folder), and give that.")
    _names(scene)
    _terrain(scene)
    is_sound = solids_are_sound(scene)
    for asset in scene.assets.values():
        place = f"asset '{asset.name}'"
        _require(bool(asset.lods), place, "has no mesh", "at least one level of detail")
        _require(
            asset.semantic in CLASS_ID, place, f"has the class '{asset.semantic}'", "a name in bridge.semantics.CLASSES"
        )
        if not is_sound:
            for mesh in asset.lods:
                _mesh(mesh, scene, place)
            _colliders(asset.colliders, place)
    for part in scene.parts:
        place = f"part '{part.name}'"
        _require(
            part.semantic in CLASS_ID, place, f"has the class '{part.semantic}'", "a name in bridge.semantics.CLASSES"
        )
        if not is_sound:
            _mesh(part.mesh, scene, place)
            _colliders(part.colliders, place)
        if part.outline is not None:
            _table(part.outline, 2, f"outline of {place}")
    for group in scene.placements:
        place = f"placements of '{group.asset}'"
        _table(group.poses, 7, f"poses in the {place}", len(group.names))
        _table(group.scale, 3, f"scales in the {place}", len(group.names))
        _require(bool((group.scale > 0).all()), place, "have a scale that is not positive", "positive scales")
        lengths = np.linalg.norm(group.poses[:, 3:], axis=1)
        _require(
            bool((abs(lengths - 1) < 1e-3).all()),
            place,
            "have a quaternion that is not of unit length",
            "unit quaternions, wxyz",
        )
    _rest(scene)


def _names(scene: Scene) -> None:
    for group in scene.placements:
        place = f"placements of '{group.asset}'"
        _require(group.asset in scene.assets, place, "name an asset that is not there", "a name in Scene.assets")
    seen: set[str] = set()
    for row in scene.instances():
        if not row.name or row.name in seen:
            _require(bool(row.name), f"instance {row.id} ({row.kind})", "has no name", "a name")
            _require(False, f"the name '{row.name}'", "is used twice", "a name of its own for each instance")
        seen.add(row.name)
    for key, asset in scene.assets.items():
        _require(key == asset.name, f"asset '{asset.name}'", f"is filed under '{key}'", "its own name")
    for key, material in scene.materials.items():
        _require(key == material.name, f"material '{material.name}'", f"is filed under '{key}'", "its own name")
    parts = {part.name for part in scene.parts}
    for building in scene.buildings:
        _require(building.name in parts, f"building '{building.name}'", "has no mesh", "a part of the same name")
        _table(building.footprint, 2, f"footprint of building '{building.name}'")


def _terrain(scene: Scene) -> None:
    terrain = scene.terrain
    rows = terrain.heights.shape
    _require(
        len(rows) == 2 and min(rows) >= 2,
        "the terrain",
        f"has heights of shape {rows}",
        "rows and columns, two at least",
    )
    _require(terrain.surface.shape == rows, "the terrain", f"has surfaces of shape {terrain.surface.shape}", f"{rows}")
    _require(terrain.cell_m > 0, "the terrain", f"has cells of {terrain.cell_m} m", "a positive size")
    _finite(terrain.heights, "heights of the terrain")
    _require(
        int(terrain.surface.max()) < len(terrain.surfaces), "the terrain", "names a surface that is not in its table",
        f"indices below {len(terrain.surfaces)}",
    )  # fmt: skip
    for name in terrain.surfaces:
        _require(name in scene.materials, "the terrain", f"is made of '{name}'", "a name in Scene.materials")


def _rest(scene: Scene) -> None:
    _require(
        len(scene.bounds) == 4 and scene.bounds[0] < scene.bounds[2] and scene.bounds[1] < scene.bounds[3], "bounds",
        f"are {scene.bounds}", "x and y minimum, then x and y maximum",
    )  # fmt: skip
    for water in scene.waters:
        for ring in (water.polygon, *water.holes):
            _table(ring, 2, f"polygon of water '{water.name}'")
    junctions = len(_table(scene.roads.junctions, 3, "junctions"))
    for index, street in enumerate(scene.roads.streets):
        place = f"street {index} ('{street.name}')"
        _table(street.centreline, 3, f"centreline of {place}")
        _require(len(street.centreline) >= 2, place, "has a centreline of one point", "two points or more")
        _require(
            0 <= street.start < junctions and 0 <= street.end < junctions,
            place,
            "ends at a junction that is not there",
            f"indices below {junctions}",
        )
    lights = len(scene.lights.owners)
    _table(scene.lights.positions, 3, "positions of the lights", lights)
    _table(scene.lights.colors, 3, "colors of the lights", lights)
    for column, name in ((scene.lights.lumens, "lumens"), (scene.lights.range_m, "ranges")):
        _require(column.shape == (lights,), f"{name} of the lights", f"have the shape {column.shape}", f"({lights},)")
        _finite(column, f"{name} of the lights")
    graph = scene.navigation
    nodes = len(_table(graph.nodes, 3, "nodes of the navigation graph"))
    edges = len(_table(graph.edges, 2, "edges of the navigation graph"))
    _indices(graph.edges, nodes, "edges of the navigation graph")
    for kinds, count, table in ((graph.node_kind, nodes, NODE_KINDS), (graph.edge_kind, edges, EDGE_KINDS)):
        _require(
            kinds.shape == (count,), "kinds in the navigation graph", f"have the shape {kinds.shape}", f"({count},)"
        )
        _indices(kinds, len(table), "kinds in the navigation graph")
    for building in scene.buildings:
        for door in building.doors:
            _require(
                0 <= door.node < max(nodes, 1),
                f"a door of '{building.name}'",
                f"has the node {door.node}",
                f"an index below {nodes}",
            )


def _mesh(mesh: Mesh, scene: Scene, place: str) -> None:
    vertices = len(_table(mesh.vertices, 3, f"vertices of {place}"))
    triangles = len(_table(mesh.triangles, 3, f"triangles of {place}"))
    _indices(mesh.triangles, vertices, f"triangles of {place}")
    _require(
        mesh.material.shape == (triangles,),
        f"materials of {place}",
        f"have the shape {mesh.material.shape}",
        f"({triangles},)",
    )
    _indices(mesh.material, len(mesh.materials), f"materials of {place}")
    for name in mesh.materials:
        _require(name in scene.materials, place, f"is made of '{name}'", "a name in Scene.materials")
    if mesh.normals is not None:
        _table(mesh.normals, 3, f"normals of {place}", vertices)


def _colliders(colliders: Iterable[Collider], place: str) -> None:
    for solid in colliders:
        _require(
            bool(np.isfinite([*solid.size, *solid.pose]).all()),
            f"a collider of {place}",
            "is not finite",
            "real numbers",
        )
        if solid.shape == "hull":
            found = solid.points is not None and solid.points.ndim == 2 and len(solid.points) >= 4
            _require(found, f"a hull of {place}", "has fewer than four points", "points (n,3)")
            _table(solid.points, 3, f"hull of {place}")
        elif solid.shape != "mesh":
            _require(
                min(solid.size) > 0, f"a {solid.shape} of {place}", f"has the size {solid.size}", "positive extents"
            )


def _table(array: Any, columns: int, place: str, rows: int | None = None) -> NDArray:
    shape = np.shape(array)
    good = len(shape) == 2 and shape[1] == columns and (rows is None or shape[0] == rows)
    _require(good, place, f"have the shape {shape}", f"({'n' if rows is None else rows}, {columns})")
    _finite(array, place)
    return array


def _finite(array: NDArray, place: str) -> None:
    if array.dtype.kind == "f":
        _require(bool(np.isfinite(array).all()), place, "hold a number that is not finite", "real numbers")


def _indices(array: NDArray, count: int, place: str) -> None:
    good = not array.size or (int(array.min()) >= 0 and int(array.max()) < count)
    _require(good, place, "point outside their table", f"indices from 0 to {count - 1}")


def _require(condition: bool, place: str, found: str, expected: str) -> None:
    if not condition:
        raise InvalidScene(f"{place[:1].upper()}{place[1:]} {found}; expected {expected}.")
