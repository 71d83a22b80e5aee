"""A scene put together from the pieces in which it was told: what the far end of a line to Unreal has of it."""

from typing import Any

import numpy as np

from bridge import codec
from bridge.errors import InvalidInput, Refused
from bridge.scene import (
    Agent,
    Asset,
    Collider,
    Environment,
    Lights,
    Material,
    Mesh,
    NavigationGraph,
    Part,
    Placements,
    RoadNetwork,
    Scene,
    Terrain,
    Water,
)

NOBODY = np.zeros((0, 3))


class Retold:
    """Takes pieces; `finish` gives the scene, without what is never told: streets, doors, navigation, provenance."""

    def __init__(self, begin: Any):
        self.begin = begin
        self.heights: list[np.ndarray] = []
        self.surface: list[np.ndarray] = []
        self.materials: dict[str, Material] = {}
        self.meshes: dict[str, list[Mesh]] = {}
        self.assets: dict[str, Asset] = {}
        self.parts: list[Part] = []
        self.waters: list[Water] = []
        self.placements: list[Placements] = []
        self.lamps: list[Any] = []
        self.agents: list[Agent] = []
        self.cameras: list[Any] = []
        self.roles: dict[str, str] = {}
        self.environment = Environment()
        self.next_id, self.vertices, self.triangles = 2, 0, 0

    def take(self, kind: str, piece: Any) -> None:
        """One piece; whatever it names was told before."""
        getattr(self, f"_{kind}")(piece)

    def _heights(self, piece: Any) -> None:
        assert piece.first_row == sum(map(len, self.heights))
        columns = self.begin.terrain_columns
        self.heights.append(codec.array_of_message(piece.heights, "heights", dtype="<f4", shape=(None, columns)))
        self.surface.append(codec.array_of_message(piece.surface, "surface", dtype="u1", shape=(None, columns)))

    def _materials(self, piece: Any) -> None:
        for one in piece.materials:
            look = (one.roughness, one.metallic, vector(one.emission), one.glows_at_night, one.pattern)
            self.materials[one.name] = Material(one.name, vector(one.base_color), *look)

    def _mesh(self, piece: Any) -> None:
        for name in piece.materials:
            if name not in self.materials:
                raise InvalidInput(f"mesh '{piece.name}' is made of '{name}', which was not told.")
        vertices = codec.array_of_message(piece.vertices, "vertices", dtype="<f4", shape=(None, 3))
        triangles = codec.array_of_message(piece.triangles, "triangles", dtype="<i4", shape=(None, 3))
        material = codec.array_of_message(piece.material, "material", dtype="<u2")
        normals = None
        if piece.HasField("normals"):
            normals = codec.array_of_message(piece.normals, "normals", dtype="<f4", shape=(len(vertices), 3))
        self.vertices, self.triangles = self.vertices + len(vertices), self.triangles + len(triangles)
        self.meshes.setdefault(piece.name, []).append(
            Mesh(vertices, triangles, material, tuple(piece.materials), normals)
        )

    def _asset(self, piece: Any) -> None:
        self.roles[piece.name] = piece.role
        self.assets[piece.name] = Asset(
            piece.name, piece.kind, piece.semantic, tuple(self._joined(name) for name in piece.meshes),
            tuple(map(collider, piece.colliders)), vector(piece.size_m), piece.mass_kg, piece.is_movable,
        )  # fmt: skip

    def _placements(self, piece: Any) -> None:
        if piece.asset not in self.assets:
            raise InvalidInput(f"placements of '{piece.asset}', which was not told.")
        assert piece.first_id == self.next_id
        rows = len(piece.names)
        self.next_id += rows
        poses = codec.array_of_message(piece.poses, "poses", shape=(rows, 7))
        scale = codec.array_of_message(piece.scale, "scale", shape=(rows, 3))
        self.placements.append(Placements(piece.asset, tuple(piece.names), poses, scale))

    def _part(self, piece: Any) -> None:
        assert piece.id == self.next_id
        self.next_id += 1
        solids = tuple(map(collider, piece.colliders))
        self.parts.append(Part(piece.name, piece.kind, piece.semantic, self._joined(piece.mesh), solids))

    def _water(self, piece: Any) -> None:
        assert piece.id == self.next_id
        self.next_id += 1
        outline = codec.array_of_message(piece.outline, "outline", shape=(None, 2))
        holes = tuple(codec.array_of_message(hole, "hole", shape=(None, 2)) for hole in piece.holes)
        self.waters.append(Water(piece.name, "lake", outline, piece.level_m, holes))

    def _lamps(self, piece: Any) -> None:
        self.lamps.append(piece)

    def _environment(self, piece: Any) -> None:
        self.environment = Environment(**{item.name: getattr(piece, item.name) for item in piece.DESCRIPTOR.fields})

    def _agent(self, piece: Any) -> None:
        self.agents.append(Agent(piece.name, piece.kind, piece.vehicle, seven(piece.pose)))

    def _camera(self, piece: Any) -> None:
        self.cameras.append(codec.camera_of_message(piece.camera, "camera"))

    def finish(self) -> Scene:
        """The scene. Raises Refused when less has come than was said, or more."""
        begin, instances = self.begin, self.next_id - 1
        said = (begin.instances, begin.vertices, begin.triangles, begin.terrain_rows)
        came = (instances, self.vertices, self.triangles, sum(map(len, self.heights)))
        if said != came:
            raise Refused(f"{said} instances, vertices, triangles and rows were said, {came} came.")
        columns = [
            np.concatenate([codec.array_of_message(getattr(one, name), name, shape=shape) for one in self.lamps])
            if self.lamps
            else np.zeros((0, 3)[: len(shape)])
            for name, shape in (
                ("positions", (None, 3)),
                ("colors", (None, 3)),
                ("lumens", (None,)),
                ("range_m", (None,)),
            )
        ]
        return Scene(
            name=begin.name,
            bounds=(begin.min_x_m, begin.min_y_m, begin.max_x_m, begin.max_y_m),
            terrain=Terrain(
                (begin.terrain_origin_x_m, begin.terrain_origin_y_m), begin.terrain_cell_m,
                np.concatenate(self.heights), np.concatenate(self.surface), tuple(begin.surfaces),
            ),
            waters=tuple(self.waters),
            roads=RoadNetwork(NOBODY, ()),
            buildings=(),
            parts=tuple(self.parts),
            assets=self.assets,
            placements=tuple(self.placements),
            materials=self.materials,
            lights=Lights(tuple(owner for one in self.lamps for owner in one.owners), *columns),
            environment=self.environment,
            navigation=NavigationGraph(NOBODY, np.zeros(0, np.uint8), np.zeros((0, 2), np.int32), np.zeros(0, np.uint8)),
            agents=tuple(self.agents),
        )  # fmt: skip

    def _joined(self, name: str) -> Mesh:
        pieces = self.meshes[name]
        if len(pieces) == 1:
            return pieces[0]
        starts = np.cumsum([0, *(len(piece.vertices) for piece in pieces[:-1])])
        return Mesh(
            np.concatenate([piece.vertices for piece in pieces]),
            np.concatenate([piece.triangles + start for piece, start in zip(pieces, starts)]).astype(np.int32),
            np.concatenate([piece.material for piece in pieces]),
            pieces[0].materials,
            None if pieces[0].normals is None else np.concatenate([piece.normals for piece in pieces]),  # type: ignore[misc]
        )


def vector(message: Any) -> tuple[float, float, float]:
    return (message.x, message.y, message.z)


def seven(pose: Any) -> tuple[float, ...]:
    return (pose.x_m, pose.y_m, pose.z_m, pose.qw, pose.qx, pose.qy, pose.qz)


def collider(message: Any) -> Collider:
    points = (
        codec.array_of_message(message.points, "points", dtype="<f4", shape=(None, 3))
        if message.HasField("points")
        else None
    )
    return Collider(message.shape, vector(message.size_m), seven(message.pose), points)
