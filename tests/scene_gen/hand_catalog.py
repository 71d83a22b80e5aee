"""A kit of plain boxes with the right sizes, so that furnishing can be tested without the real kit."""

import numpy as np

from bridge.meshes import mesh
from bridge.scene import Asset, Collider
from scene_gen.kinds import KINDS

SIZES = {
    "lamp": (0.9, 0.4, 4.6), "lantern": (0.4, 0.4, 3.2), "bench": (0.6, 1.6, 0.8), "bin": (0.5, 0.5, 0.9),
    "hydrant": (0.35, 0.35, 0.7), "bus-stop": (1.5, 3.6, 2.5), "car": (4.3, 1.8, 1.5), "van": (5.2, 1.95, 2.1),
    "truck": (7.5, 2.3, 3.0), "bus": (11.0, 2.5, 3.1), "taxi": (4.5, 1.8, 1.5), "police-car": (4.5, 1.8, 1.5),
    "scooter": (1.7, 0.6, 1.1), "bicycle": (1.75, 0.5, 1.0), "person": (0.4, 0.5, 1.75), "crane": (9.0, 7.0, 26.0),
    "container": (6.1, 2.44, 2.6), "crate": (0.9, 0.9, 0.9), "barrel": (0.6, 0.6, 0.9), "pallet": (1.2, 0.8, 0.15),
    "fishing-net": (1.2, 1.0, 0.4), "bollard": (0.4, 0.4, 0.6), "fishing-boat": (9.0, 3.0, 4.0),
    "sailing-boat": (8.0, 2.6, 10.0), "rowing-boat": (4.0, 1.5, 0.8), "motor-boat": (6.5, 2.3, 2.0),
    "ferry": (38.0, 10.0, 11.0), "cargo-ship": (70.0, 12.0, 18.0), "lighthouse": (7.0, 7.0, 24.0),
    "fountain": (5.0, 5.0, 2.4), "market-stall": (2.4, 2.6, 2.6), "windmill": (8.0, 8.0, 16.0),
}  # fmt: skip
MOVABLE = ("crate", "barrel", "pallet", "chair", "bin")


def names_of_kind(kind: str) -> tuple[str, ...]:
    if kind not in KINDS or KINDS[kind].members:
        return ()
    return (f"{kind}-red", f"{kind}-blue") if KINDS[kind].realised == "asset" else ()


def for_season(kind: str, season: str, snow_cover: float = 0.0) -> tuple[str, ...]:
    return names_of_kind(kind)


def matching(kind: str, attributes: tuple[str, ...]) -> tuple[str, ...]:
    fitting = tuple(name for name in names_of_kind(kind) if set(attributes) & set(name.split("-")))
    return fitting or names_of_kind(kind)


def asset(name: str) -> Asset:
    kind = name.rsplit("-", 1)[0]
    semantic = KINDS[kind].semantic
    size = SIZES.get(kind, (6.0, 6.0, 8.0) if semantic == "tree" else (0.8, 0.8, 1.0))
    corners = np.array([(x, y, z) for z in (0, 1) for y in (-0.5, 0.5) for x in (-0.5, 0.5)]) * size
    faces = [
        [0, 2, 1],
        [1, 2, 3],
        [4, 5, 6],
        [5, 7, 6],
        [0, 1, 4],
        [1, 5, 4],
        [2, 6, 3],
        [3, 6, 7],
        [0, 4, 2],
        [2, 4, 6],
        [1, 3, 5],
        [3, 7, 5],
    ]
    foot = (0.4, 0.4, 3.0) if semantic == "tree" else size
    collider = Collider("box", foot, (0.0, 0.0, foot[2] / 2, 1.0, 0.0, 0.0, 0.0))
    light = (0.3, 0.0, size[2] - 0.3) if kind in ("lamp", "lantern") else None
    return Asset(
        name, kind, semantic, (mesh(corners, faces, ("wood",)),), (collider,), size, 10.0, kind in MOVABLE, light
    )
