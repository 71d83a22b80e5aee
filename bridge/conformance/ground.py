"""The proving ground: level grass, a wall, two walkers and a crate; enough to hold any engine to its word."""

import numpy as np

from bridge.frames import pose_array
from bridge.meshes import mesh
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
)

HALF_M, GROUND_M = 32.0, 1.0
WALL, WALL_X, WALL_SIZE = "wall-1", 12.0, (1.0, 24.0, 3.0)
"""The wall, the near face of which is half its thickness before WALL_X [m]."""
WALKER, OTHER, CRATE, CRATE_ASSET, WALKER_ASSET = "walker-1", "walker-2", "crate-1", "crate", "walker"
_CRATE_M = 0.4
_FACES = np.array(
    [[0, 2, 3], [0, 3, 1], [4, 5, 7], [4, 7, 6], [0, 1, 5], [0, 5, 4],
     [2, 6, 7], [2, 7, 3], [0, 4, 6], [0, 6, 2], [1, 3, 7], [1, 7, 5]]
)  # fmt: skip
_BITS = np.array([[x, y, z] for z in (0, 1) for y in (-0.5, 0.5) for x in (-0.5, 0.5)])


def proving_ground() -> Scene:
    """The scene: 64 m square on a clear noon; walker-1 in the middle faces the wall, 11.5 m to the east."""
    heights = np.full((17, 17), GROUND_M, np.float32)
    walkers = pose_array([[0.0, 0.0, GROUND_M], [0.0, 8.0, GROUND_M]], [0.0, 0.0])
    crate = pose_array([[0.9, 0.0, GROUND_M]], [0.0])
    wall_at = (WALL_X, 0.0, GROUND_M)
    wall = Part(
        WALL, "wall", "wall", _box(WALL_SIZE, wall_at, "brick"),
        (Collider("box", WALL_SIZE, (WALL_X, 0.0, GROUND_M + WALL_SIZE[2] / 2, 1.0, 0.0, 0.0, 0.0)),),
    )  # fmt: skip
    none = np.zeros((0, 3))
    return Scene(
        name="proving-ground",
        bounds=(-HALF_M, -HALF_M, HALF_M, HALF_M),
        terrain=Terrain((-HALF_M, -HALF_M), 4.0, heights, np.zeros((17, 17), np.uint8), ("grass",)),
        waters=(),
        roads=RoadNetwork(none, ()),
        buildings=(),
        parts=(wall,),
        assets={asset.name: asset for asset in (_walker(), _crate())},
        placements=(
            Placements(WALKER_ASSET, (WALKER, OTHER), walkers, np.ones((2, 3))),
            Placements(CRATE_ASSET, (CRATE,), crate, np.ones((1, 3))),
        ),
        materials={
            name: Material(name, color)
            for name, color in (
                ("grass", (0.1, 0.2, 0.05)),
                ("brick", (0.3, 0.08, 0.05)),
                ("cloth", (0.1, 0.15, 0.5)),
                ("wood", (0.3, 0.2, 0.08)),
            )
        },
        lights=Lights((), none, none, np.zeros(0), np.zeros(0)),
        environment=Environment(time_of_day_h=12.0),
        navigation=NavigationGraph(none, np.zeros(0, np.uint8), np.zeros((0, 2), np.int32), np.zeros(0, np.uint8)),
        agents=tuple(Agent(name, "person", "foot", tuple(row)) for name, row in zip((WALKER, OTHER), walkers.tolist())),
    )


def _walker() -> Asset:
    size, at = (0.4, 0.5, 1.75), (0.0, 0.0, 0.875, 1.0, 0.0, 0.0, 0.0)
    return Asset(
        WALKER_ASSET, "person", "person", (_box(size, material="cloth"),), (Collider("cylinder", (0.5, 0.5, 1.75), at),),
        size, 75.0,
    )  # fmt: skip


def _crate() -> Asset:
    size, at = (_CRATE_M, _CRATE_M, _CRATE_M), (0.0, 0.0, _CRATE_M / 2, 1.0, 0.0, 0.0, 0.0)
    solids = (Collider("box", size, at),)
    return Asset(CRATE_ASSET, "crate", "crate", (_box(size, material="wood"),), solids, size, 5.0, is_movable=True)


def _box(
    size: tuple[float, float, float], at: tuple[float, float, float] = (0.0, 0.0, 0.0), material: str = ""
) -> Mesh:
    """A box of full extents `size` that stands with the middle of its underside at `at` [m]."""
    return mesh(_BITS * np.array(size) + np.array(at), _FACES, (material,))
