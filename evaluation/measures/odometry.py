"""Where a car drove, by its pictures alone: visual odometry from key frames with the engine's depth.

Corners are tracked by pyramidal Lucas-Kanade from a key frame on, lifted there by the engine's depth, and the camera's pose is what explains
their pixels (PnP within RANSAC). A new key frame begins every KEY_EVERY frames, or sooner where too few corners are left, since errors grow
with the time since the last: the way is a chain of poses, not corrected by truth. The engine's depth is that of the same moment in truth, so
a dream that shows something else altogether gives few inliers, and then the last motion goes on. Needs OpenCV.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bridge.frames import matrix_from_quat
from evaluation.measures.case import Case
from evaluation.measures.flow import opencv
from evaluation.measures.geometry import intrinsics, world_from_camera
from evaluation.measures.means import mean_known

Array = NDArray[np.float64]
KEY_EVERY = 5
_CORNERS, _FEWEST, _LARGE = 300, 12, 3
_DEPTH_M = (1.0, 60.0)
_REPROJECTION_PX, _BACK_PX = 2.0, 1.0


@dataclass(frozen=True, eq=False)
class Way:
    """Positions (n + 1,3) [m] of the body, world frame, from now on; `known` (n + 1,) where pictures told it, not the last motion."""

    positions: Array
    known: NDArray[np.bool_]


def driven(case: Case, rgb: NDArray[np.uint8], view: int = 0) -> Way:
    """The way of the body by one view of pictures (n,v,H,W,3), from where it is now. Raises Unavailable without OpenCV."""
    assert case.last.depth is not None
    assert case.truth.depth is not None
    cv2 = opencv()
    camera = case.truth.cameras[view]
    matrix = intrinsics(camera)
    matrix[:2] *= _LARGE
    pictures = [_grey(cv2, one) for one in np.concatenate([case.last.rgb[:, view], rgb[:, view]])]
    depths = np.concatenate([case.last.depth[:, view], case.truth.depth[:, view]])
    mount = np.eye(4)
    mount[:3, :3] = matrix_from_quat(camera.mount_from_camera.quat_wxyz)
    mount[:3, 3] = camera.mount_from_camera.position
    begin = np.eye(4)
    begin[:3, :3], begin[:3, 3] = world_from_camera(camera, case.last.body[0])
    poses, known, step = [begin], [True], np.eye(4)
    key = _Key(cv2, pictures[0], depths[0], matrix, begin)
    for moment in range(1, len(pictures)):
        found = key.follow(pictures[moment])
        if found is None and key.age > 1:
            key = _Key(cv2, pictures[moment - 1], depths[moment - 1], matrix, poses[-1])
            found = key.follow(pictures[moment])
        pose = poses[-1] @ step if found is None else found
        step = np.linalg.inv(poses[-1]) @ pose
        poses.append(pose)
        known.append(found is not None)
        if key.age >= KEY_EVERY or found is None:
            key = _Key(cv2, pictures[moment], depths[moment], matrix, pose)
    back = np.linalg.inv(mount)
    bodies = np.array([pose @ back for pose in poses])
    return Way(bodies[:, :3, 3], np.array(known))


class _Key:
    """A key frame and its corners, as far as they can be followed."""

    def __init__(self, cv2: Any, picture: NDArray, depth: NDArray[np.float32], matrix: Array, pose: Array) -> None:
        self._cv2, self._matrix, self._pose, self._last, self.age = cv2, matrix, pose, picture, 0
        corners = cv2.goodFeaturesToTrack(picture, _CORNERS, 0.005, 4)
        spots = np.zeros((0, 2), np.float32) if corners is None else corners.reshape(-1, 2)
        rows = np.clip(((spots + 0.5) / _LARGE).astype(int), 0, np.array(depth.shape[::-1]) - 1)
        far = depth[rows[:, 1], rows[:, 0]]
        kept = (far > _DEPTH_M[0]) & (far < _DEPTH_M[1])
        spots, far = spots[kept], far[kept].astype(np.float64)
        flat = (spots + 0.5 - matrix[:2, 2]) / matrix[[0, 1], [0, 1]]
        self._points = np.concatenate([flat, np.ones((len(flat), 1))], axis=1) * far[:, None]
        self._spots = spots

    def follow(self, picture: NDArray) -> Array | None:
        """The camera's pose (4,4) when the next picture was taken; None where too few corners agree on one."""
        cv2, self.age = self._cv2, self.age + 1
        if len(self._spots) < _FEWEST:
            return None
        options = {"winSize": (21, 21), "maxLevel": 4}
        there, good, _ = cv2.calcOpticalFlowPyrLK(self._last, picture, self._spots.reshape(-1, 1, 2), None, **options)
        again, fine, _ = cv2.calcOpticalFlowPyrLK(picture, self._last, there, None, **options)
        there = there.reshape(-1, 2)
        off = np.abs(again.reshape(-1, 2) - self._spots).max(axis=1)
        kept = (good.ravel() == 1) & (fine.ravel() == 1) & (off < _BACK_PX)
        self._points, self._spots, self._last = self._points[kept], there[kept], picture
        if len(self._spots) < _FEWEST:
            return None
        cv2.setRNGSeed(0)
        is_found, turn, shift, inliers = cv2.solvePnPRansac(
            self._points, (self._spots + 0.5).astype(np.float64), self._matrix, None, iterationsCount=200,
            reprojectionError=_REPROJECTION_PX, flags=cv2.SOLVEPNP_ITERATIVE,
        )  # fmt: skip
        if not is_found or inliers is None or len(inliers) < _FEWEST:
            return None
        camera_from_key = np.eye(4)
        camera_from_key[:3, :3], camera_from_key[:3, 3] = cv2.Rodrigues(turn)[0], shift.ravel()
        return self._pose @ np.linalg.inv(camera_from_key)


def way_error(case: Case) -> Array | None:
    """Distance [m] (n,) of the way that a dream's pictures show from the course it was given: action fidelity of a car.

    The mean over moments is the ADE, the last the FDE. None without depth, or a view that goes along with the body.
    """
    return mean_known([_off(case, sample) for sample in case.prediction.rgb]) if _allows(case) else None


def way_floor(case: Case) -> Array | None:
    """The same, of the engine's pictures: what odometry itself errs by."""
    return _off(case, case.truth.rgb) if _allows(case) else None


def _off(case: Case, rgb: NDArray[np.uint8]) -> Array:
    return np.linalg.norm(driven(case, rgb).positions[1:] - case.truth.body[:, :3], axis=1)


def _allows(case: Case) -> bool:
    has_depth = case.last.depth is not None and case.truth.depth is not None
    return has_depth and case.truth.cameras[0].mount == "body"


def _grey(cv2: Any, picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    height, width = picture.shape[:2]
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    return cv2.resize(grey, (width * _LARGE, height * _LARGE), interpolation=cv2.INTER_CUBIC)
