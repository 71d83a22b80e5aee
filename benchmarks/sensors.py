"""What readings cost: CPU milliseconds of each sensor of a courier that walks through a town, on the embedded engine.

python benchmarks/sensors.py [TOWN] [--sweeps 20]
"""

import argparse
import platform
import statistics
import sys
import time
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np

import bridge
from bridge.engine import Action, Spawn, Velocity
from bridge.formats.scene_folder import read_scene
from bridge.scene import Scene
from bridge.sensors import Moment, boxes, flow, gps, imu, lidar, touch
from bridge.sensors.moment import Sensor
from bridge.types import Camera, Pose


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("town", nargs="?", type=Path, help="a scene folder; without it the default town is made")
    parser.add_argument("--sweeps", type=int, default=20, help="readings of each sensor; the median counts")
    options = parser.parse_args()
    scene = read_scene(options.town) if options.town else default_town()
    with bridge.open("embedded") as engine:
        world = engine.load(scene)
        me = world.agents[0]
        eye = replace(world.cameras[f"{me}/front"], width=640, height=480)
        before = engine.reset(seed=0)
        after = engine.step({me: Action(Velocity(1.2))})
        frames = engine.observe([eye], ["depth", "segmentation"])
        moment = Moment(scene, before, after, frames)
        print(f"{len(scene.instances()):,} instances, {len(after.names)} can move; Python {platform.python_version()}")
        print(f"{'first sweep of a town':34}{cpu_ms(lambda: lidar_on(me, 16).read(moment), 1):9.1f}")
        for label, sensor in sensors(me, eye).items():
            print(f"{label:34}{cpu_ms(lambda one=sensor: one.read(moment), options.sweeps):9.2f}")
        asset = next(group.asset for group in scene.placements if scene.assets[group.asset].is_movable)
        far = Pose(np.array([0.0, 0.0, 60.0]))
        spawned = engine.edit([Spawn("spawned", asset, far)])
        now = Moment(engine.scene, None, spawned)  # type: ignore[attr-defined]
        print(f"{'first sweep after a spawn':34}{cpu_ms(lambda: lidar_on(me, 16).read(now), 1):9.1f}")


def sensors(me: str, eye: Camera) -> dict[str, Sensor]:
    """One of each kind."""
    return {
        "lidar 16 x 1024": lidar_on(me, 16),
        "lidar 32 x 1024": lidar_on(me, 32),
        "imu": imu.Config(mount=me),
        "gps": gps.Config(mount=me),
        "touch": touch.Config(mount=me),
        "boxes, 640 x 480": boxes.Flat(eye),
        "boxes 3D, 640 x 480": boxes.Solid(eye),
        "flow, 640 x 480": flow.Config(eye),
    }


def lidar_on(me: str, channels: int) -> lidar.Config:
    """A lidar above a courier's head."""
    preset = {16: lidar.CHANNELS_16, 32: lidar.CHANNELS_32}[channels]
    return replace(preset, mount=me, mount_from_sensor=Pose(np.array([0.0, 0.0, 2.0])))


def cpu_ms(read, times: int) -> float:
    """Median CPU milliseconds of a call."""
    spent = []
    for _ in range(times):
        start = time.process_time()
        read()
        spent.append((time.process_time() - start) * 1e3)
    return statistics.median(spent)


def default_town() -> Scene:
    """Two couriers in a harbor town."""
    from scene_gen.pipeline import make_town

    return make_town("two couriers on scooters in a rainy harbor town", seed=0).scene


if __name__ == "__main__":
    main()
