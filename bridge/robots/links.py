"""The links of a robot as things of a scene: their names, their places, the meshes and materials they show."""

from dataclasses import dataclass

import mujoco
import numpy as np
from numpy.typing import ArrayLike, NDArray

from bridge.frames import quat_from_matrix, quat_product, transform_from_pose
from bridge.meshes import merge, transformed
from bridge.robots.description import Robot
from bridge.robots.solids import solid_mesh
from bridge.scene import Material, Mesh
from bridge.types import Camera, Pose

_WIDTH, _HEIGHT = 640, 480


@dataclass(frozen=True, eq=False)
class Link:
    """A body of the robot's model, and what of it is seen, in its own frame; `mesh` is None where nothing is."""

    name: str
    body: int
    mesh: Mesh | None


def link_bodies(robot: Robot) -> dict[str, int]:
    """The bodies that move against the base, by name, in the order of the description."""
    model, base = robot.model, _base_bodies(robot)
    return {mujoco.mj_id2name(model, mujoco.mjtObj.mjOBJ_BODY, i): i for i in range(1, model.nbody) if i not in base}


def carrier_of(robot: Robot, body: int) -> str:
    """The name of the link a body is (part of); "" for the base."""
    names = {index: name for name, index in link_bodies(robot).items()}
    return names.get(body, "")


def looks(robot: Robot) -> tuple[tuple[Link, ...], dict[str, Material]]:
    """The base (named "") and the links with their meshes, and the materials of these."""
    model = robot.model
    data = mujoco.MjData(model)
    mujoco.mj_kinematics(model, data)
    materials: dict[str, Material] = {}
    base = [
        transformed(mesh, _between(data, robot.base, body))
        for body in sorted(_base_bodies(robot))
        for mesh in _body_meshes(model, body, materials)
    ]
    links = [Link("", robot.base, merge(base) if base else None)]
    for name, body in link_bodies(robot).items():
        meshes = _body_meshes(model, body, materials)
        links.append(Link(name, body, merge(meshes) if meshes else None))
    return tuple(links), materials


def cameras(robot: Robot) -> tuple[Camera, ...]:
    """The cameras of a description, mounted on links ("" is the base), as `bridge.types.Camera` has them."""
    model = robot.model
    data = mujoco.MjData(model)
    mujoco.mj_kinematics(model, data)
    found = []
    for index in range(model.ncam):
        body = int(model.cam_bodyid[index])
        carrier = carrier_of(robot, body)
        at, quat = model.cam_pos[index].copy(), quat_product(model.cam_quat[index], [0.0, 1.0, 0.0, 0.0])
        if not carrier and body != robot.base:
            between = _between(data, robot.base, body)
            at, quat = between[:3, :3] @ at + between[:3, 3], quat_product(quat_from_matrix(between[:3, :3]), quat)
        width, height = model.cam_resolution[index].tolist()
        width, height = (width, height) if min(width, height) > 1 else (_WIDTH, _HEIGHT)
        name = mujoco.mj_id2name(model, mujoco.mjtObj.mjOBJ_CAMERA, index)
        fov_y = float(np.radians(model.cam_fovy[index]))
        found.append(Camera(name, int(width), int(height), fov_y, Pose(at, quat), carrier))
    return tuple(found)


def home_poses(robot: Robot, origin: ArrayLike) -> dict[str, NDArray[np.float64]]:
    """World poses (7,) of the base ("") and the links as the robot starts, its description's origin at a pose (7,)."""
    data = mujoco.MjData(robot.model)
    data.qpos[:] = robot.home
    mujoco.mj_kinematics(robot.model, data)
    matrices = {
        name: transform_from_pose(origin) @ _matrix(data, body)
        for name, body in {"": robot.base, **link_bodies(robot)}.items()
    }
    return {name: np.concatenate([at[:3, 3], quat_from_matrix(at[:3, :3])]) for name, at in matrices.items()}


def _base_bodies(robot: Robot) -> set[int]:
    """The base and all that is welded to it."""
    return {body for body in range(robot.model.nbody) if robot.model.body_weldid[body] == robot.base}


def _matrix(data: mujoco.MjData, body: int) -> NDArray[np.float64]:
    matrix = np.eye(4)
    matrix[:3, :3], matrix[:3, 3] = data.xmat[body].reshape(3, 3), data.xpos[body]
    return matrix


def _between(data: mujoco.MjData, base: int, body: int) -> NDArray[np.float64]:
    """base_from_body, for bodies that do not move against each other."""
    return np.linalg.inv(_matrix(data, base)) @ _matrix(data, body)


def _body_meshes(model: mujoco.MjModel, body: int, materials: dict[str, Material]) -> list[Mesh]:
    """What a body shows: geoms that touch nothing, where it has such; else those that do. Groups from 3 up are hidden."""
    first, count = int(model.body_geomadr[body]), int(model.body_geomnum[body])
    seen = [i for i in range(first, first + count) if model.geom_group[i] <= 2 and _color(model, i)[3] > 0]
    shown = [i for i in seen if not model.geom_contype[i] and not model.geom_conaffinity[i]] or seen
    meshes = []
    for geom in shown:
        material = _material(model, geom)
        mesh = solid_mesh(model, geom, material.name)
        if mesh is not None:
            materials[material.name] = material
            pose = (*model.geom_pos[geom].tolist(), *model.geom_quat[geom].tolist())
            meshes.append(transformed(mesh, transform_from_pose(pose)))
    return meshes


def _color(model: mujoco.MjModel, geom: int) -> list[float]:
    index = int(model.geom_matid[geom])
    return (model.mat_rgba[index] if index >= 0 else model.geom_rgba[geom]).tolist()


def _material(model: mujoco.MjModel, geom: int) -> Material:
    """Colours of descriptions are meant for displays; scenes keep them linear."""
    red, green, blue, _ = _color(model, geom)
    index = int(model.geom_matid[geom])
    rough = 1.0 - 0.7 * float(model.mat_shininess[index]) if index >= 0 else 0.65
    linear = _linear(red), _linear(green), _linear(blue)
    return Material(f"robot {red:.3f} {green:.3f} {blue:.3f} {rough:.2f}", linear, roughness=rough)


def _linear(share: float) -> float:
    return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4
