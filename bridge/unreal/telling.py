"""A scene as it is told to Unreal: pieces of a bounded size, columnar, whatever is named told before it is needed."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bridge import codec
from bridge.roles import role_of
from bridge.scene import Asset, Collider, Mesh, Part, Placements, Scene, Terrain
from bridge.types import Camera
from bridge.v1 import build_pb2 as pb
from bridge.v1 import types_pb2

PIECE_BYTES = 2 << 20
"""A piece has about so many bytes at most, so that whoever takes it reserves little and answers often."""
MOST_TRIANGLES, MOST_VERTICES = 20_000, 60_000
MOST_ROWS = 4096
"""Of placements, lamps and materials in one piece."""


def tell(scene: Scene, cameras: Sequence[Camera] = ()) -> Iterator[pb.Build]:
    """The pieces, from the beginning to the end, as proto/bridge/v1/build.proto has them; made one by one.

    The scene keeps the rules of bridge.formats.wellformed. Ids are those of `Scene.instances()`.
    """
    meshes = _Meshes()
    for asset in scene.assets.values():
        for number, mesh in enumerate(asset.lods):
            meshes.add(_lod_name(asset, number), mesh)
    for part in scene.parts:
        meshes.add(_mesh_name(part), part.mesh)
    yield pb.Build(begin=_begin(scene, meshes))
    yield from (pb.Build(heights=rows) for rows in _heights(scene.terrain))
    materials = [_material(material) for material in scene.materials.values()]
    for start in range(0, len(materials), MOST_ROWS):
        yield pb.Build(materials=pb.BuildMaterials(materials=materials[start : start + MOST_ROWS]))
    for asset in scene.assets.values():
        names = [_lod_name(asset, number) for number in range(len(asset.lods))]
        for name in names:
            yield from meshes.pieces(name)
        yield pb.Build(asset=_asset(asset, names))
    next_id = 2  # the terrain is 1
    for water in scene.waters:
        holes = [codec.message_of_array(np.asarray(hole, np.float64)) for hole in water.holes]
        outline = codec.message_of_array(np.asarray(water.polygon, np.float64))
        told = pb.BuildWater(name=water.name, outline=outline, holes=holes, level_m=water.level_m, id=next_id)
        yield pb.Build(water=told)
        next_id += 1
    for part in scene.parts:
        yield from meshes.pieces(_mesh_name(part))
        yield pb.Build(part=_part(part, next_id))
        next_id += 1
    for group in scene.placements:
        yield from (pb.Build(placements=rows) for rows in _placements(group, next_id))
        next_id += len(group.names)
    yield from (pb.Build(lamps=lamps) for lamps in _lamps(scene))
    yield pb.Build(environment=pb.BuildEnvironment(**asdict(scene.environment)))
    for agent in scene.agents:
        pose = _pose(agent.pose)
        yield pb.Build(agent=pb.BuildAgent(name=agent.name, kind=agent.kind, vehicle=agent.vehicle, pose=pose))
    for camera in cameras:
        yield pb.Build(camera=pb.BuildCamera(camera=codec.message_of_camera(camera)))
    yield pb.Build(end=pb.BuildEnd())


def _begin(scene: Scene, meshes: "_Meshes") -> pb.BuildBegin:
    terrain = scene.terrain
    rows, columns = terrain.heights.shape
    west, south, east, north = scene.bounds
    return pb.BuildBegin(
        name=scene.name, scene_digest=scene.digest(), min_x_m=west, min_y_m=south, max_x_m=east, max_y_m=north,
        terrain_rows=rows, terrain_columns=columns, terrain_cell_m=terrain.cell_m,
        terrain_origin_x_m=terrain.origin[0], terrain_origin_y_m=terrain.origin[1], surfaces=terrain.surfaces,
        instances=len(scene.instances()), vertices=meshes.vertices, triangles=meshes.triangles,
    )  # fmt: skip


def _heights(terrain: Terrain) -> Iterator[pb.HeightRows]:
    rows, columns = terrain.heights.shape
    count = max(PIECE_BYTES // (5 * columns), 1)
    for first in range(0, rows, count):
        heights = np.asarray(terrain.heights[first : first + count], np.float32)
        surface = np.asarray(terrain.surface[first : first + count], np.uint8)
        yield pb.HeightRows(
            first_row=first, heights=codec.message_of_array(heights), surface=codec.message_of_array(surface)
        )


def _material(material) -> pb.BuildMaterial:
    return pb.BuildMaterial(
        name=material.name, base_color=_vector(material.base_color), roughness=material.roughness,
        metallic=material.metallic, emission=_vector(material.emission), glows_at_night=material.glows_at_night,
        pattern=material.pattern,
    )  # fmt: skip


class _Meshes:
    """All meshes by name, cut where they are larger than a piece; `vertices` and `triangles` count what will be told."""

    def __init__(self) -> None:
        self._cut: dict[str, list[Mesh]] = {}
        self.vertices = self.triangles = 0

    def add(self, name: str, mesh: Mesh) -> None:
        """One mesh more."""
        self._cut[name] = list(cut(mesh))
        self.vertices += sum(len(piece.vertices) for piece in self._cut[name])
        self.triangles += len(mesh.triangles)

    def pieces(self, name: str) -> Iterator[pb.Build]:
        """One of them, piece by piece."""
        cuts = self._cut[name]
        for number, mesh in enumerate(cuts, start=1):
            told = pb.MeshPiece(
                name=name,
                vertices=codec.message_of_array(np.asarray(mesh.vertices, np.float32)),
                triangles=codec.message_of_array(np.asarray(mesh.triangles, np.int32)),
                material=codec.message_of_array(np.asarray(mesh.material, np.uint16)),
                materials=mesh.materials,
                is_last=number == len(cuts),
            )
            if mesh.normals is not None:
                told.normals.CopyFrom(codec.message_of_array(np.asarray(mesh.normals, np.float32)))
            yield pb.Build(mesh=told)


def cut(mesh: Mesh) -> Iterator[Mesh]:
    """The mesh in pieces that are no larger than may be, each with its own vertices; in one where it is small."""
    if len(mesh.triangles) <= MOST_TRIANGLES and len(mesh.vertices) <= MOST_VERTICES:
        yield mesh
        return
    for start in range(0, max(len(mesh.triangles), 1), MOST_TRIANGLES):
        chosen = slice(start, start + MOST_TRIANGLES)
        used, corners = np.unique(mesh.triangles[chosen], return_inverse=True)
        yield Mesh(
            mesh.vertices[used], corners.reshape(-1, 3).astype(np.int32), mesh.material[chosen], mesh.materials,
            None if mesh.normals is None else mesh.normals[used],
        )  # fmt: skip


def _lod_name(asset: Asset, number: int) -> str:
    return f"asset/{asset.name}/{number}"


def _mesh_name(part: Part) -> str:
    return f"part/{part.name}"


def _asset(asset: Asset, meshes: Sequence[str]) -> pb.BuildAsset:
    return pb.BuildAsset(
        name=asset.name, kind=asset.kind, semantic=asset.semantic, meshes=meshes, colliders=_colliders(asset.colliders),
        size_m=_vector(asset.size), mass_kg=asset.mass_kg, is_movable=asset.is_movable, role=role_of(asset),
    )  # fmt: skip


def _part(part: Part, number: int) -> pb.BuildPart:
    return pb.BuildPart(
        name=part.name, kind=part.kind, semantic=part.semantic, mesh=_mesh_name(part),
        colliders=_colliders(part.colliders), id=number,
    )  # fmt: skip


def _colliders(colliders: Sequence[Collider]) -> Iterator[pb.BuildCollider]:
    for solid in colliders:
        told = pb.BuildCollider(shape=solid.shape, size_m=_vector(solid.size), pose=_pose(solid.pose))
        if solid.points is not None:
            told.points.CopyFrom(codec.message_of_array(np.asarray(solid.points, np.float32)))
        yield told


def _placements(group: Placements, first_id: int) -> Iterator[pb.BuildPlacements]:
    for start in range(0, len(group.names), MOST_ROWS):
        chosen = slice(start, start + MOST_ROWS)
        yield pb.BuildPlacements(
            asset=group.asset, names=group.names[chosen], poses=_table(group.poses[chosen]),
            scale=_table(group.scale[chosen]), first_id=first_id + start,
        )  # fmt: skip


def _lamps(scene: Scene) -> Iterator[pb.BuildLamps]:
    lights = scene.lights
    for start in range(0, len(lights.owners), MOST_ROWS):
        chosen = slice(start, start + MOST_ROWS)
        yield pb.BuildLamps(
            owners=lights.owners[chosen], positions=_table(lights.positions[chosen]), colors=_table(lights.colors[chosen]),
            lumens=_table(lights.lumens[chosen]), range_m=_table(lights.range_m[chosen]),
        )  # fmt: skip


def _table(array: NDArray) -> types_pb2.Tensor:
    return codec.message_of_array(np.asarray(array, np.float64))


def _vector(values: ArrayLike) -> types_pb2.Vector3:
    x, y, z = np.asarray(values, np.float64).tolist()
    return types_pb2.Vector3(x=x, y=y, z=z)


def _pose(values: Sequence[float]) -> types_pb2.Pose:
    x, y, z, qw, qx, qy, qz = np.asarray(values, np.float64).tolist()
    return types_pb2.Pose(x_m=x, y_m=y, z_m=z, qw=qw, qx=qx, qy=qy, qz=qz)
