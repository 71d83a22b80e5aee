"""Readings as arrays of fixed shape: the spaces of sensors in observations, and their members.

| Sensor | Shape | Holds |
|---|---|---|
| lidar | (channels, columns) | ranges [m] along the beams, 0 where nothing came back; row 0 highest, columns clockwise |
| imu | (6,) | specific force [m/s²] and angular rate [rad/s], sensor frame |
| gps | (6,) | position [m] and velocity [m/s], east, north, up of the scene's origin |
| boxes | (16, 6) | class id, x0, y0, x1, y1 [px], share that shows (0 to 1): those with the most pixels first |
| boxes-3d | (16, 11) | class id, position [m] and quaternion (wxyz) in the camera's frame, full extents [m]: the nearest first |
| touch | (8, 4) | position [m], sensor frame, and force [N] of what is touched, the strongest first |
| flow | (height, width, 2) | to the right and down [px], 0 where unknown |

Everything is float32; rows that are not needed, and readings that are not there yet, are zeros.
"""

from typing import Any

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from bridge.errors import NotSupported
from bridge.semantics import CLASSES
from bridge.sensors import boxes, flow, gps, imu, lidar, touch
from bridge.sensors.moment import Sensor
from bridge.sensors.numbers import numbers
from bridge.sensors.readings import Reading

MOST_BOXES, MOST_TOUCHES = 16, 8
FAR_M, FASTEST_M_S, STRONGEST_N, FURTHEST_PX = 1e6, 1e3, 1e7, 1e4


def sensor_space(sensor: Sensor | Any) -> spaces.Box:
    """The space of a sensor's readings. Raises NotSupported for readings of no fixed shape."""
    if isinstance(sensor, lidar.Config):
        return _box(0.0, sensor.most_m, (len(sensor.elevations_rad), sensor.columns))
    if isinstance(sensor, imu.Config):
        high = np.repeat([sensor.most_force_m_s2, sensor.most_rate_rad_s], 3)
        return _box(-high, high, (6,))
    if isinstance(sensor, gps.Config):
        high = np.repeat([FAR_M, FASTEST_M_S], 3)
        return _box(-high, high, (6,))
    if isinstance(sensor, boxes.Flat):
        width, height = sensor.camera.width, sensor.camera.height
        high = [len(CLASSES), width, height, width, height, 1.0]
        return _box(0.0, np.tile(high, (MOST_BOXES, 1)), (MOST_BOXES, 6))
    if isinstance(sensor, boxes.Solid):
        high = np.array([len(CLASSES), FAR_M, FAR_M, FAR_M, 1, 1, 1, 1, FAR_M, FAR_M, FAR_M])
        low = np.where(np.isin(np.arange(11), [0, 8, 9, 10]), 0.0, -high)
        return _box(np.tile(low, (MOST_BOXES, 1)), np.tile(high, (MOST_BOXES, 1)), (MOST_BOXES, 11))
    if isinstance(sensor, touch.Config):
        high = np.tile([FAR_M, FAR_M, FAR_M, STRONGEST_N], (MOST_TOUCHES, 1))
        return _box(np.where(high == STRONGEST_N, 0.0, -high), high, (MOST_TOUCHES, 4))
    if isinstance(sensor, flow.Config):
        return _box(-FURTHEST_PX, FURTHEST_PX, (sensor.camera.height, sensor.camera.width, 2))
    raise NotSupported(
        f"Sensor '{sensor.name}' ({type(sensor).__name__}) has no space of a fixed shape. Look its readings up in "
        "`observed.readings`, and leave it out of the environment's sensors."
    )


def sensed(sensor: Sensor | Any, reading: Reading | None) -> NDArray[np.float32]:
    """The member of a sensor's space for a reading."""
    space = sensor_space(sensor)
    found = np.zeros(space.shape, np.float32)
    if reading is None:
        return found
    rows = numbers(reading)
    if rows.ndim == 2 and len(rows) != len(found):
        rows = rows[: len(found)]
        found[: len(rows)] = rows
    else:
        found[...] = rows
    return np.clip(found, space.low, space.high)


def _box(low: Any, high: Any, shape: tuple[int, ...]) -> spaces.Box:
    low, high = (np.broadcast_to(np.asarray(edge, np.float32), shape).copy() for edge in (low, high))
    return spaces.Box(low, high, dtype=np.float32)
