"""What sensors read: frozen data in NumPy arrays, the same from every engine. Every reading carries its tick and time.

Sensor frames are those of bodies: X forward, Y left, Z up. World is ENU: X east, Y north, Z up. Arrays are read-only.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bridge.frames import matrix_from_quat

_CORNERS = np.array([[x, y, z] for z in (-0.5, 0.5) for y in (-0.5, 0.5) for x in (-0.5, 0.5)])


@dataclass(frozen=True, eq=False)
class Imu:
    """Inertial reading over the tick that ended: `specific_force` (3,) [m/s²] and `angular_rate` (3,) [rad/s], sensor frame.

    Specific force is acceleration less gravity: at rest it points up with the length of g, in free fall it is zero.
    """

    tick: int
    time_s: float
    specific_force: NDArray[np.float64]
    angular_rate: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Fix:
    """A satellite fix: `position` (3,) [m] and `velocity` (3,) [m/s], ENU from the scene's origin, and the same in WGS84.

    `altitude_m` is above the ellipsoid. `accuracy_m` is the standard deviation of each horizontal coordinate that the
    receiver claims, `accuracy_up_m` that of the height.
    """

    tick: int
    time_s: float
    position: NDArray[np.float64]
    velocity: NDArray[np.float64]
    latitude_rad: float
    longitude_rad: float
    altitude_m: float
    accuracy_m: float
    accuracy_up_m: float


@dataclass(frozen=True, eq=False)
class LidarScan:
    """One sweep as a picture: row 0 looks highest, columns run clockwise, so that the left is on the left.

    `ranges` float32 (channels, columns) [m] along the beams, inf where nothing came back; `ids` int32, instances as in
    `Scene.instances()`, 0 where nothing or only rain, snow or fog came back; `intensity` float32, 0 to 1, of a surface seen at
    any distance; `directions` float32 (channels, columns, 3), unit, sensor frame; `world_from_sensor` (7,), the true pose.
    """

    tick: int
    time_s: float
    ranges: NDArray[np.float32]
    ids: NDArray[np.int32]
    intensity: NDArray[np.float32]
    directions: NDArray[np.float32]
    world_from_sensor: NDArray[np.float64]

    @property
    def is_return(self) -> NDArray[np.bool_]:
        """Which beams came back, shape (channels, columns)."""
        return np.isfinite(self.ranges)

    def points(self) -> NDArray[np.float64]:
        """What came back [m], sensor frame, shape (n,3), in the order of `ranges[is_return]`."""
        seen = self.is_return
        return self.ranges[seen].astype(np.float64)[:, None] * self.directions[seen]

    def points_in_world(self, world_from_sensor: NDArray[np.float64] | None = None) -> NDArray[np.float64]:
        """What came back [m], world frame, shape (n,3), from where the sensor stood, or is thought to have stood."""
        pose = self.world_from_sensor if world_from_sensor is None else np.asarray(world_from_sensor, np.float64)
        return self.points() @ matrix_from_quat(pose[3:]).T + pose[:3]


@dataclass(frozen=True, eq=False)
class Boxes2D:
    """Upright rectangles around what a picture shows of instances, by id.

    `xyxy` int32 (n,4) [px]: columns `x0` to before `x1`, rows `y0` to before `y1`; `pixels` (n,) how many show the instance;
    `visible_fraction` float32 (n,) how much of what the picture would show of it alone; `is_cut` (n,) whether the rectangle
    touches the picture's edge; `names` and `classes` (see bridge.semantics) say what it is.
    """

    tick: int
    time_s: float
    camera: str
    ids: NDArray[np.int32]
    names: tuple[str, ...]
    classes: NDArray[np.int32]
    xyxy: NDArray[np.int32]
    pixels: NDArray[np.int64]
    visible_fraction: NDArray[np.float32]
    is_cut: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Boxes3D:
    """Oriented boxes around the whole of instances that a picture shows, by id, in the rows of its Boxes2D.

    `world_from_box` and `camera_from_box` float64 (n,7): the middle [m] and the axes; `size` float64 (n,3) [m], full
    extents along them. A placed thing's box has its own axes (X forward, Z up); a building's lies along its longer side.
    """

    tick: int
    time_s: float
    camera: str
    ids: NDArray[np.int32]
    names: tuple[str, ...]
    classes: NDArray[np.int32]
    world_from_box: NDArray[np.float64]
    camera_from_box: NDArray[np.float64]
    size: NDArray[np.float64]

    def corners_in_world(self) -> NDArray[np.float64]:
        """Corners [m], world frame, shape (n,8,3): x fastest, then y, then z, each from low to high."""
        return corners(self.world_from_box, self.size)

    def corners_in_camera(self) -> NDArray[np.float64]:
        """Corners [m], OpenCV camera frame, shape (n,8,3), in the same order."""
        return corners(self.camera_from_box, self.size)


@dataclass(frozen=True, eq=False)
class Touch:
    """What one body touched during the last tick, the strongest first: `names`, `positions` (k,3) [m] in the sensor's
    frame, `forces` (k,) [N].
    """

    tick: int
    time_s: float
    names: tuple[str, ...]
    positions: NDArray[np.float64]
    forces: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Flow:
    """Where the surface points that a picture shows are at another tick: `pixels` float32 (H,W,2), to the right and down [px].

    What pixel p of the frame of `tick` shows is at p + pixels[p] in that of `to_tick`, hidden there or not, and also beyond
    its edges. nan where that is behind the camera, or where one of the two worlds does not have the thing. The sky is
    infinitely far: it moves with the camera's turning alone.
    """

    tick: int
    time_s: float
    camera: str
    to_tick: int
    pixels: NDArray[np.float32]


Reading = Imu | Fix | LidarScan | Boxes2D | Boxes3D | Touch | Flow


def corners(poses: NDArray[np.float64], size: NDArray[np.float64]) -> NDArray[np.float64]:
    """Corners (n,8,3) [m] of boxes at poses (n,7) with full extents (n,3)."""
    local = size[:, None] * _CORNERS
    return np.einsum("nij,nkj->nki", matrix_from_quat(poses[:, 3:]), local) + poses[:, None, :3]


def frozen(*arrays: NDArray) -> Sequence[NDArray]:
    """The same arrays, not to be written to any more."""
    for array in arrays:
        array.setflags(write=False)
    return arrays
