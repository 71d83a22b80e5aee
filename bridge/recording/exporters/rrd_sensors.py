"""What sensors read, for the Rerun viewer: points, boxes, lines on a scale, places on a map."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from bridge.sensors.pictures import class_colour, flow_picture
from bridge.sensors.readings import Boxes2D, Boxes3D, Fix, Flow, Imu, LidarScan, Reading, Touch

_LOW_M, _HIGH_M = -2.0, 6.0
"""Heights about the sensor between which points go from blue to red."""


def log_reading(stream: Any, path: str, reading: Reading, camera_path: Callable[[str], str]) -> None:
    """Logs one reading at the present time, `path` being its agent's and sensor's, as "courier-1/lidar".

    What lies in the world is logged below "world/sensors", what has a scale below "sensors"; what belongs to a picture
    below `camera_path` of its camera.
    """
    import rerun as rr

    match reading:
        case LidarScan():
            points = reading.points_in_world()
            share = np.clip((points[:, 2] - reading.world_from_sensor[2] - _LOW_M) / (_HIGH_M - _LOW_M), 0, 1)
            colors = np.stack([255 * share, 255 * (1 - abs(2 * share - 1)), 255 * (1 - share)], axis=1)
            stream.log(f"world/sensors/{path}", rr.Points3D(points, colors=colors.astype(np.uint8), radii=0.03))
        case Imu():
            stream.log(f"sensors/{path}/specific_force_m_s2", rr.Scalars(reading.specific_force))
            stream.log(f"sensors/{path}/angular_rate_rad_s", rr.Scalars(reading.angular_rate))
        case Fix():
            place = [math.degrees(reading.latitude_rad), math.degrees(reading.longitude_rad)]
            stream.log(f"sensors/{path}", rr.GeoPoints(lat_lon=[place], radii=reading.accuracy_m))
            stream.log(f"world/sensors/{path}", rr.Points3D([reading.position], radii=reading.accuracy_m))
        case Boxes2D():
            boxes = rr.Boxes2D(
                array=reading.xyxy, array_format=rr.Box2DFormat.XYXY, labels=reading.names, colors=_colours(reading)
            )
            stream.log(f"{camera_path(reading.camera)}/{_last(path)}", boxes)
        case Boxes3D():
            poses = reading.world_from_box
            boxes = rr.Boxes3D(
                centers=poses[:, :3], half_sizes=reading.size / 2, quaternions=poses[:, [4, 5, 6, 3]],
                labels=reading.names, colors=_colours(reading),
            )  # fmt: skip
            stream.log(f"world/sensors/{path}", boxes)
        case Touch():
            stream.log(f"sensors/{path}/force_n", rr.Scalars([float(reading.forces.sum())]))
        case Flow():
            stream.log(f"{camera_path(reading.camera)}/{_last(path)}", rr.Image(flow_picture(reading.pixels)))


def _colours(reading: Boxes2D | Boxes3D) -> list[tuple[int, int, int]]:
    return [class_colour(number) for number in reading.classes.tolist()]


def _last(path: str) -> str:
    return path.rpartition("/")[2]
