"""A small town made by hand, complete in every field: what tests of renderers, checks, engines and formats start from.

128 m square: the sea in the south (shore at y = -30.4), level ground at 2 m, a low hill in the north; Quay Street runs
west to east, Church Lane north; two houses, a pier, trees, crates, a boat, a lamp, a courier. It rains at dusk.
"""

import numpy as np

from bridge.frames import pose_array
from bridge.meshes import merge, mesh, transformed
from bridge.scene import (
    Agent,
    Asset,
    Building,
    Collider,
    Door,
    Environment,
    Lights,
    Material,
    Mesh,
    NavigationGraph,
    Part,
    Placements,
    Provenance,
    RoadNetwork,
    Scene,
    Spawn,
    Street,
    Terrain,
    Water,
)

GROUND_M = 2.0
SHORE_Y = -30.4
"""Where the ground dips under the sea [m]."""

_CORNERS = np.array([[x, y, z] for z in (0, 1) for y in (-0.5, 0.5) for x in (-0.5, 0.5)])
_BOX_FACES = np.array(
    [[0, 2, 3], [0, 3, 1], [4, 5, 7], [4, 7, 6], [0, 1, 5], [0, 5, 4], [2, 6, 7], [2, 7, 3], [0, 4, 6], [0, 6, 2], [1, 3, 7], [1, 7, 5]]
)  # fmt: skip


def box(size, at=(0.0, 0.0, 0.0), material="concrete-grey") -> Mesh:
    """A box of full extents `size` that stands with the middle of its underside at `at` [m]."""
    return mesh(_CORNERS * np.asarray(size, float) + np.asarray(at, float), _BOX_FACES, (material,))


def gable(size, at, material, axis="x") -> Mesh:
    """A prism roof of extents `size` on `at`, its ridge along x (or y)."""
    x, y, z = np.asarray(size, float) / (2, 2, 1)
    points = np.array([[-x, -y, 0], [x, -y, 0], [x, y, 0], [-x, y, 0], [-x, 0, z], [x, 0, z]])
    if axis == "y":
        points = np.array([[x, -y, 0], [x, y, 0], [-x, y, 0], [-x, -y, 0], [0, -y, z], [0, y, z]])
    faces = [[0, 2, 1], [0, 3, 2], [0, 1, 5], [0, 5, 4], [2, 3, 4], [2, 4, 5], [0, 4, 3], [1, 2, 5]]
    return mesh(points + np.asarray(at, float), faces, (material,))


def octahedron(size, at, material) -> Mesh:
    """A diamond of full extents `size` around `at`, smooth."""
    unit = np.array([[1, 0, 0], [-1, 0, 0], [0, 1, 0], [0, -1, 0], [0, 0, 1], [0, 0, -1]], float)
    faces = [[0, 2, 4], [2, 1, 4], [1, 3, 4], [3, 0, 4], [2, 0, 5], [1, 2, 5], [3, 1, 5], [0, 3, 5]]
    return mesh(unit * np.asarray(size, float) / 2 + np.asarray(at, float), faces, (material,), normals=unit)


def tiny_scene() -> Scene:
    """The town; every call gives the same one."""
    assets = {asset.name: asset for asset in _assets()}
    buildings, building_parts = _buildings()
    lamp_xy = np.array([[-20.0, -8.3], [20.0, -8.3]])
    placements = (
        _placed("oak-a", [("oak-1", -10, 30, 0.3), ("oak-2", 40, 20, 1.1), ("oak-3", 44, 26, 2.0)], scale=(1.0, 1.2, 0.8)),
        _placed("crate-a", [("crate-1", 24, -24, 0.2), ("crate-2", 26, -23.5, 0.9)]),
        _placed("rowing-boat-a", [("boat-1", 24.5, -42, 1.57)], z=0.0),
        _placed("lamp-a", [(f"lamp-{i + 1}", x, y, -np.pi / 2) for i, (x, y) in enumerate(lamp_xy)]),
    )  # fmt: skip
    lamp_heads = np.array([[x, y - 0.6, GROUND_M + 4.3] for x, y in lamp_xy])
    return Scene(
        name="tiny",
        bounds=(-64.0, -64.0, 64.0, 64.0),
        terrain=_terrain(),
        waters=(Water("sea", "sea", _ring([(-64, -64), (64, -64), (64, SHORE_Y), (-64, SHORE_Y)]), 0.0),),
        roads=_roads(),
        buildings=buildings,
        parts=(*_street_parts(), *building_parts, _pier()),
        assets=assets,
        placements=placements,
        materials={material.name: material for material in _materials()},
        lights=Lights(
            owners=("lamp-1", "lamp-2"),
            positions=lamp_heads,
            colors=np.array([[1.0, 0.8, 0.55]] * 2),
            lumens=np.array([4000.0, 4000.0]),
            range_m=np.array([25.0, 25.0]),
        ),
        environment=Environment(
            season="autumn", weather="rain", time_of_day_h=19.5, cloud_cover=0.9, rain=0.6, wetness=0.9,
            visibility_m=4000.0, wind_m_s=7.0, wind_from_rad=3.9, lamps_lit=True,
        ),
        navigation=_navigation(),
        spawns=(
            Spawn("spawn-person-1", "person", tuple(pose_array([10.0, -8.5, GROUND_M + 0.12], 0.0).tolist())),
            Spawn("spawn-car-1", "car", tuple(pose_array([-40.0, -13.5, GROUND_M + 0.02], 0.0).tolist())),
        ),
        agents=(
            Agent(
                "courier-1", "courier", "scooter", tuple(pose_array([-30.0, -8.5, GROUND_M + 0.12], 0.0).tolist()),
                "Bring the parcel to 2 Church Lane.",
            ),
        ),
        provenance=Provenance(
            prompt="a tiny harbor in the rain", seed=0, planner="by hand", lattice=("RRRR", "RRRR", "BBBB", "WWWW"),
            attribution=("made by hand",),
        ),
    )  # fmt: skip


def _materials() -> list[Material]:
    return [
        Material("grass", (0.11, 0.21, 0.045), pattern="grass"),
        Material("sand", (0.67, 0.52, 0.27), pattern="sand"),
        Material("asphalt", (0.07, 0.07, 0.075), pattern="asphalt"),
        Material("paving", (0.38, 0.36, 0.32), pattern="paving"),
        Material("crossing-marking", (0.76, 0.75, 0.71), 0.7),
        Material("plaster-cream", (0.79, 0.67, 0.45), pattern="plaster"),
        Material("brick-red", (0.27, 0.07, 0.04), pattern="brick"),
        Material("roof-tiles-red", (0.33, 0.07, 0.037), 0.8, pattern="roof-tiles"),
        Material("concrete-grey", (0.3, 0.29, 0.27), 0.85, pattern="concrete"),
        Material("door-green", (0.036, 0.087, 0.033), 0.6, pattern="planks"),
        Material("glass-lit", (0.15, 0.12, 0.08), 0.3, emission=(1.1, 0.63, 0.21), glows_at_night=True, pattern="glass"),
        Material("deck-planks", (0.24, 0.16, 0.1), pattern="planks"),
        Material("bark", (0.1, 0.067, 0.032), pattern="bark"),
        Material("foliage-oak", (0.072, 0.162, 0.03), pattern="foliage"),
        Material("wood", (0.26, 0.144, 0.06), 0.8, pattern="planks"),
        Material("paint-red", (0.37, 0.024, 0.018), 0.35),
        Material("iron-dark", (0.042, 0.044, 0.048), 0.6, 0.7, pattern="metal"),
        Material("lamp-glow", (0.86, 0.77, 0.55), 0.4, emission=(3.0, 1.9, 0.76), glows_at_night=True),
        Material("water-sea", (0.012, 0.07, 0.11), 0.05, pattern="water"),
    ]  # fmt: skip


def _terrain() -> Terrain:
    x, y = np.meshgrid(np.arange(33) * 4.0 - 64, np.arange(33) * 4.0 - 64)
    heights = np.clip(GROUND_M + (y + 24) * 5 / 16, -3.0, GROUND_M) + np.maximum(y - 44, 0) * (0.15 + 0.001 * x)
    surface = np.where(y < -22, 1, 0)
    return Terrain((-64.0, -64.0), 4.0, heights.astype(np.float32), surface.astype(np.uint8), ("grass", "sand"))


def _ring(points) -> np.ndarray:
    return np.array(points, dtype=np.float64)


def _slab(x0, y0, x1, y1, lift, material) -> Mesh:
    """A paved rectangle `lift` above the ground, 30 cm deep."""
    return box((x1 - x0, y1 - y0, 0.3), ((x0 + x1) / 2, (y0 + y1) / 2, GROUND_M + lift - 0.3), material)


def _street_parts() -> list[Part]:
    def rectangle(name, kind, semantic, x0, y0, x1, y1, lift, material):
        ring = _ring([(x0, y0), (x1, y0), (x1, y1), (x0, y1)])
        return Part(name, kind, semantic, _slab(x0, y0, x1, y1, lift, material), (Collider("mesh"),), ring)

    return [
        rectangle("quay-street", "carriageway", "road", -56, -15, 56, -9, 0.02, "asphalt"),
        rectangle("church-lane", "carriageway", "road", -2, -9, 2, 42, 0.02, "asphalt"),
        rectangle("quay-street-sidewalk-west", "sidewalk", "sidewalk", -56, -9, -2, -7.5, 0.12, "paving"),
        rectangle("quay-street-sidewalk-east", "sidewalk", "sidewalk", 2, -9, 56, -7.5, 0.12, "paving"),
        rectangle("crossing-1", "crossing", "crossing", 4, -15, 7, -9, 0.03, "crossing-marking"),
    ]


def _buildings() -> tuple[tuple[Building, ...], tuple[Part, ...]]:
    def raise_one(name, use, address, middle, size, roof_m, materials, axis, door, node):
        (x, y), (width, depth, height), base = middle, size, GROUND_M + 0.12
        half = np.array([width, depth]) / 2
        outline = _ring(
            [
                (x - half[0], y - half[1]),
                (x + half[0], y - half[1]),
                (x + half[0], y + half[1]),
                (x - half[0], y + half[1]),
            ]
        )
        wall, roof = materials
        turn = np.eye(4)
        turn[:2, :2] = [[np.cos(door[1]), -np.sin(door[1])], [np.sin(door[1]), np.cos(door[1])]]
        turn[:3, 3] = (*door[0], base)
        front = merge([box((0.1, 1.1, 2.1), (0, 0, 0), "door-green"), box((0.1, 1.2, 1.3), (0, 2.6, 1.0), "glass-lit")])
        walls = box((width, depth, height + 0.5), (x, y, base - 0.5), wall)
        solid = Collider("box", (width, depth, height + 0.5), (x, y, base - 0.5 + (height + 0.5) / 2, 1, 0, 0, 0))
        solids, shapes = (solid,), [walls, transformed(front, turn)]
        if roof_m:
            top = gable((width + 0.6, depth + 0.6, roof_m), (x, y, base + height), roof, axis)
            shapes.append(top)
            solids += (Collider("hull", points=top.vertices),)
        building = Building(
            name, use, address, outline, base, height, roof_m, 2, "gable" if roof_m else "flat", "R", materials,
            (Door((*door[0], base), door[1], 1.1, 2.1, node),),
        )  # fmt: skip
        return building, Part(name, use, "building", merge(shapes), solids, outline)

    pairs = [
        raise_one("house-1", "house", "2 Church Lane", (10.0, 8.0), (9.0, 8.0, 5.6), 3.0,
                  ("plaster-cream", "roof-tiles-red"), "y", ((5.45, 8.0), np.pi), 3),
        raise_one("warehouse-1", "warehouse", "14 Quay Street", (-24.0, 1.0), (20.0, 14.0, 7.0), 0.0,
                  ("brick-red", "concrete-grey"), "x", ((-24.0, -6.05), -np.pi / 2), 1),
    ]  # fmt: skip
    return tuple(b for b, _ in pairs), tuple(p for _, p in pairs)


def _pier() -> Part:
    piles = [box((0.4, 0.4, 5.0), (x, y, -4.0), "wood") for x in (18.5, 21.5) for y in (-50.0, -42.0, -34.0)]
    deck = box((4.0, 28.0, 0.3), (20.0, -38.0, 1.0), "deck-planks")
    outline = _ring([(18, -52), (22, -52), (22, -24), (18, -24)])
    return Part("pier-1", "pier", "dock", merge([deck, *piles]), (Collider("box", (4.0, 28.0, 0.3), (20.0, -38.0, 1.15, 1, 0, 0, 0)),), outline)  # fmt: skip


def _assets() -> list[Asset]:
    oak = merge([box((0.5, 0.5, 3.0), material="bark"), octahedron((5.0, 5.0, 4.6), (0, 0, 4.7), "foliage-oak")])
    lamp = merge(
        [
            box((0.14, 0.14, 4.4), material="iron-dark"),
            box((0.7, 0.1, 0.1), (0.3, 0, 4.4), "iron-dark"),
            octahedron((0.3, 0.3, 0.3), (0.6, 0, 4.25), "lamp-glow"),
        ]
    )
    boat = merge([box((4.0, 1.5, 0.7), (0, 0, -0.25), "paint-red"), box((0.3, 1.3, 0.1), (0, 0, 0.45), "wood")])
    at = lambda z: (0.0, 0.0, z, 1.0, 0.0, 0.0, 0.0)  # noqa: E731
    return [
        Asset("oak-a", "oak", "tree", (oak, octahedron((5.0, 5.0, 7.0), (0, 0, 3.5), "foliage-oak")),
              (Collider("cylinder", (0.5, 0.5, 3.0), at(1.5)), Collider("sphere", (4.6, 4.6, 4.6), at(4.7))),
              (5.0, 5.0, 7.0), 900.0),
        Asset("crate-a", "crate", "crate", (box((0.8, 0.8, 0.8), material="wood"),), (Collider("box", (0.8, 0.8, 0.8), at(0.4)),),
              (0.8, 0.8, 0.8), 20.0, is_movable=True),
        Asset("rowing-boat-a", "rowing-boat", "boat", (boat,), (Collider("box", (4.0, 1.5, 0.7), at(0.1)),), (4.0, 1.5, 0.8), 120.0),
        Asset("lamp-a", "lamp", "lamp", (lamp,), (Collider("capsule", (0.14, 0.14, 4.4), at(2.2)),), (0.82, 0.3, 4.5), 80.0, light=(0.6, 0.0, 4.3)),
    ]  # fmt: skip


def _placed(asset, rows, *, z=GROUND_M, scale=None) -> Placements:
    names, x, y, yaw = zip(*rows)
    poses = pose_array(np.column_stack([x, y, np.full(len(rows), z)]), np.array(yaw))
    factors = np.ones(len(rows)) if scale is None else np.array(scale)
    return Placements(asset, tuple(names), poses, np.repeat(factors[:, None], 3, axis=1))


def _roads() -> RoadNetwork:
    z = GROUND_M + 0.02
    junctions = np.array([[-56, -12, z], [0, -12, z], [56, -12, z], [0, 42, z]], dtype=float)
    line = lambda a, b: np.linspace(junctions[a], junctions[b], 5)  # noqa: E731
    return RoadNetwork(
        junctions,
        (
            Street("Quay Street", "main", 0, 1, line(0, 1), 6.0, 1.5, (1, 1)),
            Street("Quay Street", "main", 1, 2, line(1, 2), 6.0, 1.5, (1, 1)),
            Street("Church Lane", "lane", 1, 3, line(1, 3), 4.0, 0.0, (0, 0)),
        ),
    )


def _navigation() -> NavigationGraph:
    walk, drive = GROUND_M + 0.12, GROUND_M + 0.02
    nodes = np.array(
        [[-24, -8.2, walk], [-24, -6.6, walk], [0, -8.2, walk], [4.8, 8, walk], [0, 8, walk], [5.5, -8.2, walk],
         [5.5, -15.5, drive], [-56, -13.5, drive], [0, -13.5, drive], [56, -13.5, drive], [20, -24, GROUND_M], [20, -50, 1.3]],
        dtype=float,
    )  # fmt: skip
    node_kind = np.array([0, 3, 0, 3, 4, 1, 1, 2, 2, 2, 5, 5], dtype=np.uint8)
    edges = np.array(
        [[0, 1], [0, 2], [2, 4], [4, 3], [2, 5], [5, 6], [7, 8], [8, 9], [6, 10], [10, 11]], dtype=np.int32
    )
    edge_kind = np.array([3, 0, 4, 3, 0, 1, 2, 2, 4, 5], dtype=np.uint8)
    return NavigationGraph(nodes, node_kind, edges, edge_kind)
