"""Readings as plain arrays of float32, for learners and data sets."""

import numpy as np
from numpy.typing import NDArray

from bridge.sensors.readings import Boxes2D, Boxes3D, Fix, Flow, Imu, LidarScan, Reading, Touch

COLUMNS = {
    "imu": ("fx_m_s2", "fy_m_s2", "fz_m_s2", "wx_rad_s", "wy_rad_s", "wz_rad_s"),
    "gps": ("east_m", "north_m", "up_m", "v_east_m_s", "v_north_m_s", "v_up_m_s"),
}
"""What the numbers of an inertial unit and of a receiver are."""


def numbers(reading: Reading) -> NDArray[np.float32]:
    """One reading: (n, k) for boxes and touches, of which there are n; of one shape for one sensor otherwise.

    lidar (channels, columns): ranges [m], 0 where nothing came back. imu (6,): specific force [m/s²], angular rate [rad/s].
    gps (6,): position [m], velocity [m/s]. boxes (n, 6): class, x0, y0, x1, y1 [px], share that shows, most pixels first.
    boxes-3d (n, 11): class, position [m] and quaternion in the camera's frame, extents [m], the nearest first. touch (n, 4):
    position [m], force [N]. flow (H, W, 2) [px], 0 where unknown.
    """
    match reading:
        case LidarScan():
            return np.where(reading.is_return, reading.ranges, 0.0).astype(np.float32)
        case Imu():
            return np.concatenate([reading.specific_force, reading.angular_rate]).astype(np.float32)
        case Fix():
            return np.concatenate([reading.position, reading.velocity]).astype(np.float32)
        case Boxes2D():
            order = np.argsort(-reading.pixels, kind="stable")
            columns = [reading.classes[:, None], reading.xyxy, reading.visible_fraction[:, None]]
            return np.concatenate(columns, axis=1)[order].astype(np.float32)
        case Boxes3D():
            order = np.argsort(np.linalg.norm(reading.camera_from_box[:, :3], axis=1), kind="stable")
            columns = [reading.classes[:, None], reading.camera_from_box, reading.size]
            return np.concatenate(columns, axis=1)[order].astype(np.float32)
        case Touch():
            return np.concatenate([reading.positions, reading.forces[:, None]], axis=1).astype(np.float32)
        case Flow():
            return np.nan_to_num(reading.pixels, nan=0.0).astype(np.float32)


def is_a_row(reading: Reading) -> bool:
    """Whether readings of such a sensor make columns of a table: always as many numbers, and not a picture's."""
    return isinstance(reading, LidarScan | Imu | Fix)
