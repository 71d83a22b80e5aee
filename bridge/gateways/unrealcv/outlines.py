"""What actors look like from outside: their vertices and boxes, in the world and in Unreal's centimetres."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bridge.frames import transform_from_pose, unreal_from_world_cm
from bridge.gateways.unrealcv.actors import Actor
from bridge.gateways.unrealcv.stage import Stage
from bridge.meshes import bounds
from bridge.scene import Terrain

Array = NDArray[np.float64]


def vertices_m(stage: Stage, actor: Actor) -> Array:
    """The corners of an actor's finest mesh [m], world frame, shape (n,3); none of what is not drawn."""
    scene = stage.scene
    if actor.sort == "terrain":
        return _ground(scene.terrain)
    if actor.sort == "water":
        water = next(water for water in scene.waters if water.name == actor.thing)
        return np.column_stack([water.polygon, np.full(len(water.polygon), water.level_m)])
    if actor.sort == "part":
        part = next(part for part in scene.parts if part.name == actor.thing)
        return part.mesh.vertices.astype(np.float64)
    asset = scene.assets.get(actor.asset)
    if asset is None or not asset.lods:
        return np.zeros((0, 3))
    return _moved(stage, actor, asset.lods[0].vertices.astype(np.float64))


def bounds_cm(stage: Stage, actor: Actor) -> tuple[Array, Array]:
    """Least and greatest corner of the box around an actor in Unreal's world [cm], shape (3,) each.

    As in Unreal it is the box around the turned box of the mesh. What is not drawn is a point where it is.
    """
    asset = stage.scene.assets.get(actor.asset)
    if asset is not None and asset.lods:
        low, high = bounds(asset.lods[0].vertices)
        corners = np.array([[x, y, z] for x in (low[0], high[0]) for y in (low[1], high[1]) for z in (low[2], high[2])])
        points = _moved(stage, actor, corners.astype(np.float64))
    else:
        points = vertices_m(stage, actor)
        if not len(points):
            points = np.array([stage.pose(actor)[:3]])
    unreal = unreal_from_world_cm(points)
    return unreal.min(axis=0), unreal.max(axis=0)


def materials(stage: Stage, actor: Actor) -> tuple[str, ...]:
    """Names of the materials of an actor's finest mesh, by slot."""
    if actor.sort == "terrain":
        return stage.scene.terrain.surfaces
    if actor.sort == "part":
        return next(part.mesh.materials for part in stage.scene.parts if part.name == actor.thing)
    asset = stage.scene.assets.get(actor.asset)
    return asset.lods[0].materials if asset is not None and asset.lods else ()


def vertex_lines(vertices_cm: Array) -> str:
    """Vertices as UnrealCV writes them, a line each."""
    rows: Sequence[tuple[float, float, float]] = [tuple(row) for row in (vertices_cm + 0.0).tolist()]
    return "".join(["%.5f     %.5f     %.5f\n" % row for row in rows])  # noqa: UP031 - three times as fast


def _moved(stage: Stage, actor: Actor, points: Array) -> Array:
    matrix = transform_from_pose(np.array(stage.pose(actor)), np.array(actor.scale))
    return points @ matrix[:3, :3].T + matrix[:3, 3]


def _ground(terrain: Terrain) -> Array:
    rows, cols = terrain.heights.shape
    x = terrain.origin[0] + terrain.cell_m * np.arange(cols)
    y = terrain.origin[1] + terrain.cell_m * np.arange(rows)
    return np.column_stack([np.tile(x, rows), np.repeat(y, cols), terrain.heights.astype(np.float64).ravel()])
