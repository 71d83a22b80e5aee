"""Sensors beside cameras, the same on every engine: functions of ground truth, with noise keyed by (seed, name, tick).

`imu`, `gps`, `lidar`, `touch`, `boxes` and `flow` each describe one sensor; a SensorSuite is what a robot carries.
"""

from bridge.sensors import boxes, flow, gps, imu, lidar, touch
from bridge.sensors.moment import Moment, Sensor
from bridge.sensors.readings import Boxes2D, Boxes3D, Fix, Flow, Imu, LidarScan, Reading, Touch
from bridge.sensors.suite import SensorSuite

__all__ = [
    "Boxes2D", "Boxes3D", "Fix", "Flow", "Imu", "LidarScan", "Moment", "Reading", "Sensor", "SensorSuite", "Touch",
    "boxes", "flow", "gps", "imu", "lidar", "touch",
]  # fmt: skip
