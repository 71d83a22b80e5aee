"""Cameras by name: at the eyes of whoever acts, behind them, and the views every town comes with."""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from bridge.engines.embedded.roster import Thing
from bridge.engines.embedded.shapes import walker_size
from bridge.engines.embedded.world import World
from bridge.errors import InvalidInput, UnknownBody, UnknownCamera
from bridge.formats.views import views
from bridge.frames import look_at
from bridge.plugins import unknown_name
from bridge.robots.description import Robot
from bridge.robots.links import cameras as cameras_of
from bridge.types import Camera, Pose

WIDTH, HEIGHT, FOV_X_RAD = 640, 480, math.radians(75)
FOV_Y_RAD = 2 * math.atan(math.tan(FOV_X_RAD / 2) * HEIGHT / WIDTH)
MOST_PIXELS = 16384
_PITCH = 0.08
"""How steeply eyes look down: metres a metre."""


def named_cameras(world: World, riding: dict[str, str]) -> dict[str, Camera]:
    """All cameras with a name; `riding` says who sits in what."""
    cameras = {camera.name: camera for camera in views(world.scene)}
    for name in world.agents():
        if name in world.robots:
            cameras |= {camera.name: camera for camera in robot_cameras(name, world.robots[name].robot)}
            continue
        thing, carrier = world.things[name], world.things.get(riding.get(name, ""))
        cameras |= {camera.name: camera for camera in (front(thing, carrier), follow(thing, carrier))}
    return cameras


def camera_named(world: World, name: str, riding: dict[str, str]) -> Camera:
    """The camera of that name, of agents and of anything else that moves. Raises UnknownCamera."""
    body, _, which = name.rpartition("/")
    if body in world.slot and which in ("front", "follow"):
        return (front if which == "front" else follow)(world.things[body], world.things.get(riding.get(body, "")))
    known = named_cameras(world, riding)
    if name not in known:
        raise UnknownCamera(unknown_name("camera", name, known))
    return known[name]


def check_cameras(cameras: Sequence[Camera], mounts: Sequence[str]) -> None:
    """Raises InvalidInput or UnknownBody for the first camera that cannot take a picture."""
    for camera in cameras:
        numbers = [*camera.mount_from_camera.position, *camera.mount_from_camera.quat_wxyz, camera.fov_y_rad]
        sides_fit = 1 <= camera.width <= MOST_PIXELS and 1 <= camera.height <= MOST_PIXELS
        if not sides_fit or not np.isfinite(numbers).all() or not 0 < camera.fov_y_rad < math.pi:
            raise InvalidInput(
                f"Camera '{camera.name}' is {camera.width}x{camera.height} with fov_y_rad {camera.fov_y_rad}. Give it 1 "
                f"to {MOST_PIXELS} pixels a side, finite numbers and a field of view between 0 and pi."
            )
        if abs(np.linalg.norm(camera.mount_from_camera.quat_wxyz) - 1) > 1e-3:
            raise InvalidInput(f"Camera '{camera.name}' has a quaternion that is not of length 1. Normalise it.")
        if camera.mount != "world" and camera.mount not in mounts:
            raise UnknownBody(unknown_name(f"body to mount camera '{camera.name}' on", camera.mount, mounts))


def front(who: Thing, carrier: Thing | None) -> Camera:
    """What a body sees ahead; from inside a car, what the car sees."""
    thing = carrier if carrier is not None and carrier.asset.semantic == "vehicle" else who
    length, _, height = thing.size.tolist()
    if thing.role == "walker":
        radius, height = walker_size(thing)
        eye = np.array([max(min(0.5 * length, 0.4), radius) + 0.05, 0.0, 0.92 * height])
    else:
        eye = np.array([0.5 * length + 0.05, 0.0, 0.75 * height])
    return _camera(f"{who.name}/front", thing.name, eye, eye + [1.0, 0.0, -_PITCH])


def follow(who: Thing, carrier: Thing | None) -> Camera:
    """A body, with what it rides, seen from behind and above."""
    thing = carrier or who
    length, _, height = thing.size.tolist()
    height = max(height, 1.0)
    eye = np.array([-(0.5 * length + 1.9 * height), 0.0, 1.6 * height])
    return _camera(f"{who.name}/follow", thing.name, eye, np.array([0.5 * length + height, 0.0, 0.7 * height]))


def robot_cameras(name: str, robot: Robot) -> list[Camera]:
    """Those of a robot's description, and two at its base: ahead of it, over its shoulder, and from before it."""
    reach = max(float(robot.model.stat.extent), 0.3)
    over, below = np.array([-0.2, 0.15, 1.0]) * reach, np.array([0.7, 0.0, 0.1]) * reach
    before, middle = np.array([1.5, -1.1, 0.9]) * reach, np.array([0.3, 0.0, 0.3]) * reach
    mounted = [
        replace(camera, name=f"{name}/{camera.name}", mount=f"{name}/{camera.mount}" if camera.mount else name)
        for camera in cameras_of(robot)
    ]
    taken = {camera.name for camera in mounted}
    base = [_camera(f"{name}/front", name, over, below), _camera(f"{name}/follow", name, before, middle)]
    return [*mounted, *(camera for camera in base if camera.name not in taken)]


def _camera(name: str, mount: str, eye: np.ndarray, target: np.ndarray) -> Camera:
    return Camera(name, WIDTH, HEIGHT, FOV_Y_RAD, Pose(*look_at(eye, target)), mount)
