"""What a courier's sensors read on a walk: `python examples/sensors.py out/a-rainy-harbor-town-0`; writes sweep.png."""

import sys
from dataclasses import replace

import numpy as np
from PIL import Image

import bridge
from bridge.engine import Action, Velocity
from bridge.sensors import SensorSuite, boxes, flow, gps, imu, lidar
from bridge.sensors.pictures import scan_picture
from bridge.types import Pose

scene = bridge.read_scene(sys.argv[1] if len(sys.argv) > 1 else "out/a-rainy-harbor-town-0")
engine = bridge.open("embedded")
world = engine.load(scene)
me = world.agents[0]
eye = world.cameras[f"{me}/front"]
mast = replace(lidar.CHANNELS_16, mount=me, mount_from_sensor=Pose(np.array([0.0, 0.0, 2.0])))
suite = SensorSuite((imu.Config(mount=me), gps.Config(mount=me), mast, boxes.Flat(eye), flow.Config(eye)))

latest = {}
before = engine.reset(seed=0)
for _ in range(20):
    after = engine.step({me: Action(Velocity(forward_m_s=1.2, yaw_rate_rad_s=0.5))})
    frames = engine.observe(suite.cameras, ["depth", "segmentation"])
    latest |= suite.sense(scene, before, after, frames, seed=0)
    before = after
engine.close()

print(
    "specific force [m/s²]", latest["imu"].specific_force.round(2), "turn [rad/s]", latest["imu"].angular_rate.round(2)
)
print("position [m]", latest["gps"].position.round(2), "±", round(latest["gps"].accuracy_m, 1))
print("in sight:", ", ".join(latest["boxes"].names) or "nobody")
print("largest flow [px]", np.nanmax(np.abs(latest["flow"].pixels)), "- lidar points", len(latest["lidar"].points()))
Image.fromarray(scan_picture(latest["lidar"])).save("sweep.png")
