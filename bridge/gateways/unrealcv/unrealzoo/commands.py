"""The commands of gym_unrealcv's binaries beyond UnrealCV: poses of cameras, and its robot arm."""

import math

import numpy as np

from bridge.engine import Action, EndEffector, Joints
from bridge.gateways.unrealcv.actors import Actor
from bridge.gateways.unrealcv.collisions import taken
from bridge.gateways.unrealcv.commands import CommandFailed, command
from bridge.gateways.unrealcv.functions import INVALID
from bridge.gateways.unrealcv.reach import doings
from bridge.gateways.unrealcv.stage import NOT_FOUND, Stage
from bridge.gateways.unrealcv.units import composed, location_cm, position_m, relative, rotator, triple_text
from bridge.types import Pose

_DOWN = np.array([0.0, 1.0, 0.0, 0.0])
"""A tool that points down."""


@command("vget /camera/[uint]/pose", "Location and rotation of a camera: x y z [cm] pitch yaw roll [degrees].")
def camera_pose(stage: Stage, number: int) -> str:
    """Both at once."""
    sight = stage.sight(number)
    pose = composed(stage.pose(sight.mount), sight.pose)
    return f"{triple_text(location_cm(pose))} {triple_text(rotator(pose))}"


def arm(stage: Stage, name: str) -> Actor:
    """The robot of a name; the first with joints for the name that gym_unrealcv's own scene has. Raises CommandFailed."""
    found = stage.actor(name)
    if found is None and name.casefold().startswith("robotarmactor"):
        jointed = [agent for agent in (stage.state.agents if stage.state else ()) if agent.joints is not None]
        found = stage.of_thing(jointed[0].name) if jointed else None
    if found is None or doings(stage, found).joints is None:
        raise CommandFailed(NOT_FOUND)
    return found


@command("vget /arm/[str]/pose", "Angles of an arm's joints [degrees].")
def arm_pose(stage: Stage, name: str) -> str:
    """All of them, in the order of the robot's description."""
    joints = doings(stage, arm(stage, name)).joints
    assert joints is not None
    return " ".join(f"{math.degrees(angle):.3f}" for angle in joints.tolist())


@command("vset /arm/[str]/pose [float] [float] [float] [float] [float]", "Turns an arm's first five joints [degrees].")
def set_arm_pose(stage: Stage, name: str, a: float, b: float, c: float, d: float, e: float) -> None:
    """The others stay as they are."""
    robot = arm(stage, name)
    joints = doings(stage, robot).joints
    assert joints is not None
    targets = joints.copy()
    told = np.radians([a, b, c, d, e])[: len(targets)]
    targets[: len(told)] = told
    stage.act(robot, Action(Joints(targets)))


@command("vset /arm/[str]/moveto [float] [float] [float]", "Sends the tip of an arm to x y z [cm] in the world.")
def move_arm(stage: Stage, name: str, x: float, y: float, z: float) -> None:
    """Its tool points down."""
    robot = arm(stage, name)
    target = relative(stage.pose(robot), (*position_m((x, y, z)), 1.0, 0.0, 0.0, 0.0))
    stage.act(robot, Action(EndEffector(Pose(np.array(target[:3]), _DOWN.copy()))))


@command("vget /arm/[str]/tip_pose", "Location and rotation of an arm's tip: x y z [cm] pitch yaw roll [degrees].")
def tip_pose(stage: Stage, name: str) -> str:
    """Where its last link is; an arm whose links cannot be seen has none."""
    robot = arm(stage, name)
    names = stage.state.names if stage.state is not None else ()
    links = [row for row, one in enumerate(names) if one.startswith(f"{robot.thing}/")]
    if not links or stage.state is None:
        raise CommandFailed(INVALID)
    x, y, z, qw, qx, qy, qz = stage.state.poses[links[-1]].tolist()
    pose = (x, y, z, qw, qx, qy, qz)
    return f"{triple_text(location_cm(pose))} {triple_text(rotator(pose))}"


@command("vget /arm/[str]/query collision", "Whether an arm has touched anything since this was last asked: 1 or 0.")
def arm_collision(stage: Stage, name: str) -> str:
    """Its links as well."""
    return "1" if sum(taken(stage, arm(stage, name)).values()) else "0"
