"""The town made by hand with a courier, a pedestrian, vehicles and a bench: what tests of the embedded engine run."""

from dataclasses import replace

import numpy as np

from bridge.frames import pose_array
from bridge.meshes import merge
from bridge.scene import Asset, Collider, Placements, Scene
from tests.scenes import GROUND_M, box, tiny_scene

SIDEWALK_M, STREET_M = GROUND_M + 0.12, GROUND_M + 0.02
COURIER_XY = (-30.0, -8.2)


def embedded_town() -> Scene:
    """Courier-1 stands on the sidewalk of Quay Street with a scooter beside; a parcel and a bench are near."""
    scene = tiny_scene()
    placed = (
        _placed("courier-a", "courier-1", (*COURIER_XY, SIDEWALK_M)),
        _placed("courier-a", "walker-1", (30.0, -8.2, SIDEWALK_M), yaw=np.pi),
        _placed("scooter-a", "scooter-1", (-30.0, -9.6, STREET_M)),
        _placed("car-a", "car-1", (-10.0, -13.5, STREET_M)),
        _placed("parcel-a", "parcel-1", (-29.0, -8.2, SIDEWALK_M)),
        _placed("bench-a", "bench-1", (-31.2, -8.0, SIDEWALK_M)),
    )
    agent = replace(scene.agents[0], pose=tuple(placed[0].poses[0].tolist()))
    return replace(
        scene,
        assets={**scene.assets, **{asset.name: asset for asset in _assets()}},
        placements=(*scene.placements, *placed),
        agents=(agent,),
    )


def _assets() -> list[Asset]:
    def boxed(name, kind, semantic, size, mass, *, is_movable=False, shape="box") -> Asset:
        at = (0.0, 0.0, size[2] / 2, 1.0, 0.0, 0.0, 0.0)
        extents = size if shape == "box" else (size[1], size[1], size[2])
        mesh = merge([box(size, material="paint-red")])
        return Asset(name, kind, semantic, (mesh,), (Collider(shape, extents, at),), size, mass, is_movable)

    return [
        boxed("courier-a", "courier", "person", (0.4, 0.5, 1.75), 75.0, shape="cylinder"),
        boxed("scooter-a", "scooter", "scooter", (1.8, 0.6, 1.1), 110.0),
        boxed("car-a", "car", "vehicle", (4.4, 1.8, 1.5), 1300.0),
        boxed("parcel-a", "parcel", "food-parcel", (0.3, 0.3, 0.2), 2.0, is_movable=True),
        boxed("safe-a", "safe", "crate", (0.4, 0.4, 0.5), 90.0, is_movable=True),
        boxed("bench-a", "bench", "street-furniture", (0.5, 1.6, 0.45), 60.0),
    ]


def _placed(asset: str, name: str, at: tuple[float, float, float], yaw: float = 0.0) -> Placements:
    return Placements(asset, (name,), pose_array([at], [yaw]), np.ones((1, 3)))
