"""Colliders for physics engines: scaled without lies, as convex points, as closed hulls, and with their volume."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bridge.frames import matrix_from_quat, quat_from_yaw
from bridge.meshes import area_vectors
from bridge.scene import Collider, Mesh

Pose = tuple[float, float, float, float, float, float, float]
_UPRIGHT = (1.0, 0.0, 0.0, 0.0)
_ROUND = 16
"""Points round a circle where a round solid has to become a hull."""


def scaled(solid: Collider, scale: ArrayLike) -> Collider:
    """The collider of its owner scaled by (3,): the same shape where that stays true, a hull where it does not."""
    factors = np.asarray(scale, dtype=np.float64)
    by_x, by_y, by_z = factors.tolist()
    if by_x == by_y == by_z == 1 or solid.shape == "mesh":
        return solid
    x, y, z, *turned = solid.pose
    pose = _pose((by_x * x, by_y * y, by_z * z), turned)
    if max(by_x, by_y, by_z) - min(by_x, by_y, by_z) <= 1e-9 * max(by_x, by_y, by_z):
        x, y, z = solid.size
        points = None if solid.points is None else (solid.points * np.float32(by_x)).astype(np.float32)
        return Collider(solid.shape, (by_x * x, by_x * y, by_x * z), pose, points)
    turn = np.abs(matrix_from_quat(solid.pose[3:]))
    if solid.shape == "box" and np.all((turn < 1e-9) | (turn > 1 - 1e-9)):
        return replace(solid, size=tuple((np.round(turn.T) @ factors * solid.size).tolist()), pose=pose)
    return Collider("hull", points=(convex_points(solid) * factors).astype(np.float32))


def convex_points(solid: Collider) -> NDArray[np.float64]:
    """Points in the owner's frame whose convex hull is the solid (round ones approximated from inside), (n,3)."""
    if solid.shape == "hull":
        assert solid.points is not None
        local = solid.points.astype(np.float64)
    else:
        local = _unit_points(solid)
    turned = local if solid.pose[3:] == _UPRIGHT else local @ matrix_from_quat(solid.pose[3:]).T
    return turned + np.asarray(solid.pose[:3])


def _unit_points(solid: Collider) -> NDArray[np.float64]:
    size = np.asarray(solid.size, dtype=np.float64)
    if solid.shape == "box":
        return np.array([[x, y, z] for z in (-0.5, 0.5) for y in (-0.5, 0.5) for x in (-0.5, 0.5)]) * size
    angle = np.arange(_ROUND) * (2 * np.pi / _ROUND)
    circle = np.stack([np.cos(angle), np.sin(angle), 0 * angle], axis=1) * size[0] / 2
    if solid.shape == "cylinder":
        return np.concatenate([circle - [0, 0, size[2] / 2], circle + [0, 0, size[2] / 2]])
    lift = np.arange(1, 4) * np.pi / 8
    cap = np.concatenate([circle * [np.cos(a), np.cos(a), 1] + [0, 0, np.sin(a) * size[0] / 2] for a in lift])
    cap = np.concatenate([circle, cap, [[0, 0, size[0] / 2]]])
    middle = 0.0 if solid.shape == "sphere" else size[2] / 2 - size[0] / 2
    return np.concatenate([cap + [0, 0, middle], cap * [1, 1, -1] - [0, 0, middle]])


def hull_mesh(points: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
    """Corners (n,3) and outward triangles (m,3) of the convex hull of points; flat ones are thickened by 1 mm."""
    from scipy.spatial import ConvexHull, QhullError

    points = np.asarray(points, dtype=np.float64)
    try:
        hull = ConvexHull(points)
    except QhullError:
        nudge = 5e-4 * np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)])
        points = (points[:, None] + nudge).reshape(-1, 3)
        hull = ConvexHull(points)
    triangles, corners = hull.simplices.copy(), np.unique(hull.simplices)
    inward = np.linalg.det(points[triangles] - points[corners].mean(axis=0)) < 0
    triangles[inward] = triangles[inward][:, ::-1]
    renumber = np.zeros(len(points), dtype=np.int32)
    renumber[corners] = np.arange(len(corners))
    return points[corners], renumber[triangles]


def volume(solid: Collider) -> float:
    """Volume [m3] of a convex collider."""
    x, y, z = solid.size
    if solid.shape == "box":
        return x * y * z
    if solid.shape == "cylinder":
        return np.pi * x * x / 4 * z
    if solid.shape == "sphere":
        return np.pi * x**3 / 6
    if solid.shape == "capsule":
        return np.pi * x**3 / 6 + np.pi * x * x / 4 * max(z - x, 0.0)
    corners, triangles = hull_mesh(convex_points(solid))
    a, b, c = np.moveaxis(corners[triangles], 1, 0)
    return float(np.einsum("ij,ij->i", a, np.cross(b, c)).sum() / 6)


def prisms(mesh: Mesh, *, thickness_m: float = 0.25) -> NDArray[np.float64]:
    """Convex pieces (n,6,3) of a mesh that is walked on: its upper triangles as columns that reach down.

    Walls are pieces too where they are higher than 0.5 m; undersides and low edges are left to the columns.
    """
    corners = mesh.vertices[mesh.triangles].astype(np.float64)
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    double_area = np.linalg.norm(normal, axis=1)
    corners, normal = corners[double_area > 1e-5], normal[double_area > 1e-5]
    normal /= np.linalg.norm(normal, axis=1, keepdims=True)
    is_top = normal[:, 2] > 0.3
    is_wall = (np.abs(normal[:, 2]) <= 0.3) & (np.ptp(corners[:, :, 2], axis=1) > 0.5)
    push = np.where(is_top[:, None], [0.0, 0.0, -thickness_m], -0.1 * normal)
    kept = is_top | is_wall
    return np.concatenate([corners[kept], corners[kept] + push[kept][:, None]], axis=1)


def posts(mesh: Mesh, *, widest_m: float = 1.0) -> tuple[list[Collider], Mesh]:
    """Upright boxes of a mesh that are too narrow to stand on, as colliders in its frame, and the mesh without them.

    A box counts that is a piece of its own: eight corners, twelve triangles, which share no corner with others.
    """
    triangles = mesh.triangles
    corners, number = np.unique(mesh.vertices, axis=0, return_inverse=True)
    piece = _pieces(number.reshape(-1)[triangles], len(corners))
    of_triangle = piece[number.reshape(-1)[triangles[:, 0]]]
    sides, ends = np.bincount(of_triangle, minlength=len(corners)), np.bincount(piece, minlength=len(corners))
    area = np.bincount(of_triangle, np.linalg.norm(area_vectors(mesh.vertices, triangles), axis=1) / 2, len(corners))
    found, kept = [], np.ones(len(triangles), dtype=bool)
    for index in np.flatnonzero((sides == 12) & (ends == 8)).tolist():
        box = _upright_box(corners[piece == index].astype(np.float64), float(area[index]))
        if box is not None and max(box.size[:2]) <= widest_m:
            found.append(box)
            kept[of_triangle == index] = False
    return found, replace(mesh, triangles=triangles[kept], material=mesh.material[kept]) if found else mesh


def _pieces(triangles: NDArray, count: int) -> NDArray[np.int64]:
    """Which piece each of `count` corners is of: the least number of a corner that triangles (m,3) join it to."""
    piece = np.arange(count)
    while True:
        least = piece[triangles].min(axis=1)
        joined = piece.copy()
        np.minimum.at(joined, triangles, least[:, None])
        joined = joined[joined]
        if (joined == piece).all():
            return piece
        piece = joined


def _upright_box(corners: NDArray[np.float64], area: float, *, slack: float = 2e-3) -> Collider | None:
    """The upright box with these eight corners (8,3) and that surface [m2], if there is one; `slack` is in metres."""
    low, high = corners[np.argsort(corners[:, 2], kind="stable")].reshape(2, 4, 3)
    middle = low.mean(axis=0)
    spokes = (low - middle)[:, :2]
    around = np.argsort(np.arctan2(spokes[:, 1], spokes[:, 0]), kind="stable")
    first, second = np.diff(spokes[around[:3]], axis=0)
    height = float(high[:, 2].mean() - middle[2])
    x, y = float(np.linalg.norm(first)), float(np.linalg.norm(second))
    if min(x, y, height) < slack:
        return None
    turn = quat_from_yaw(np.arctan2(first[1], first[0]))
    box = Collider("box", (x, y, height), _pose(middle + [0.0, 0.0, height / 2], turn))
    gap = np.linalg.norm(convex_points(box)[:, None] - corners[None], axis=2)
    is_whole = len(np.unique(gap.argmin(axis=1))) == 8 and gap.min(axis=1).max() < slack
    return box if is_whole and abs(area - 2 * (x * y + (x + y) * height)) < slack * max(area, 1.0) else None


def _pose(position: Sequence[float] | NDArray, quat: Sequence[float] | NDArray) -> Pose:
    x, y, z = map(float, position)
    w, i, j, k = map(float, quat)
    return x, y, z, w, i, j, k
