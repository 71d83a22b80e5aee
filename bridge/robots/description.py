"""A robot as its own file describes it (MJCF or URDF): links, joints with their servos, gripper, tool, cameras, sensors.

What a description may say beyond its format: an actuator or a numeric named "gripper" (values of the actuator when
open and closed), a site named "tool", numerics "joint_speed" (k,) [rad/s or m/s] and "tool_speed" [m/s, rad/s], a text
"licence", and keyframes, the first of which is how the robot starts.
"""

from dataclasses import dataclass
from pathlib import Path

import mujoco
import numpy as np
from numpy.typing import NDArray

from bridge.errors import InvalidInput, UnknownName
from bridge.plugins import unknown_name
from bridge.robots import servos
from bridge.robots.sound_xml import check_xml
from bridge.robots.urdf import readable_urdf

Array = NDArray[np.float64]
MODELS = Path(__file__).parent / "models"
_TOOLS = ("tool", "tcp", "end_effector", "ee_site", "grip_site", "pinch", "attachment_site")
_TOOL_SPEED = (0.5, 1.5)


@dataclass(frozen=True, eq=False)
class JointTable:
    """The joints that can be told where to be, k of them, in the order of the description.

    `qpos`, `dof` and `actuator` (k,) are their places in the robot's own model; `gear` (k,) is what an actuator's value
    is of the joint's; `low` and `high` (k,) [rad or m], infinite where there is no limit; `speed` (k,) [rad/s or m/s] the
    fastest they are led; `turns` (k,) tells those whose actuator takes a speed instead of a place.
    """

    names: tuple[str, ...]
    qpos: NDArray[np.int64]
    dof: NDArray[np.int64]
    actuator: NDArray[np.int64]
    gear: Array
    low: Array
    high: Array
    speed: Array
    turns: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Gripper:
    """The actuator that opens and closes the hand, and its values when `open` and `closed`."""

    actuator: int
    open: float
    closed: float


@dataclass(frozen=True, eq=False)
class Robot:
    """A description, read and made whole: every joint in `joints` has a servo.

    `model` is the robot alone, its base at the origin; `spec` is what a world attaches (copy it first). `home` (nq,) is how it
    starts. One with `is_fixed` has its base bolted down; others bring a free joint. `tool` is the name of a site, "" if
    there is none; `tool_speed` the fastest it is led [m/s, rad/s]; `licence` is that of its shapes.
    """

    name: str
    source: str
    spec: mujoco.MjSpec
    model: mujoco.MjModel
    home: Array
    is_fixed: bool
    joints: JointTable
    gripper: Gripper | None
    tool: str
    tool_speed: tuple[float, float]
    licence: str

    @property
    def base(self) -> int:
        """The body that the robot's pose is that of: the first free one, or the world it is bolted to."""
        return 0 if self.is_fixed else int(self.model.jnt_bodyid[np.flatnonzero(self.model.jnt_type == 0)[0]])


def built_in() -> tuple[str, ...]:
    """Names of the robots that come along."""
    return tuple(sorted(path.stem for path in MODELS.glob("*/*.xml") if path.stem == path.parent.name))


def read_robot(source: str | Path) -> Robot:
    """A robot by name ("panda") or from a file (MJCF .xml or .urdf). Raises InvalidInput or UnknownName."""
    text = str(source)
    path = MODELS / text / f"{text}.xml" if text in built_in() else Path(text)
    if path.suffix.lower() not in (".xml", ".urdf", ".mjcf"):
        raise UnknownName(f"{unknown_name('robot', text, built_in())} Or give a file: robot.xml (MJCF) or robot.urdf.")
    if not path.is_file():
        raise InvalidInput(f"There is no file '{path}'. Give the path of an MJCF (.xml) or URDF (.urdf) description.")
    check_xml(path)
    try:
        if path.suffix.lower() == ".urdf":
            spec = mujoco.MjSpec.from_string(readable_urdf(path))
            spec.modelfiledir = str(path.parent.resolve())
        else:
            spec = mujoco.MjSpec.from_file(str(path))
        return _robot(spec, path)
    except (ValueError, ArithmeticError, mujoco.FatalError) as error:
        raise InvalidInput(
            f"Robot '{path}' cannot be read: {' '.join(str(error).split())}. Correct the file or what it refers to; "
            "MuJoCo's `simulate` shows it line by line."
        ) from error


def _robot(spec: mujoco.MjSpec, path: Path) -> Robot:
    is_urdf = path.suffix.lower() == ".urdf"
    _name_all(spec)
    _leave_the_rest(spec)
    if not [body for body in spec.bodies if body.parent is not None and body.name != "world"]:
        raise InvalidInput(f"Robot '{path}' has no bodies. A robot is one body or more below <worldbody>.")
    draft = spec.compile()
    home = np.array(draft.key_qpos[0] if draft.nkey else draft.qpos0, dtype=np.float64)
    for key in list(spec.keys):
        spec.delete(key)
    roots = [joint for joint in spec.joints if joint.type == mujoco.mjtJoint.mjJNT_FREE]
    is_fixed = not roots
    gripper_name = _gripper_actuator(draft)
    servos.complete(spec, draft, gripper=gripper_name, is_fixed=is_fixed)
    model = spec.compile()
    joints = servos.joints_of(model, gripper=gripper_name)
    name = (spec.modelname or path.stem).strip()
    if name in ("", "MuJoCo Model") or (is_urdf and name == "robot"):
        name = path.stem
    return Robot(
        name=name.replace("/", "-"),
        source=str(path),
        spec=spec,
        model=model,
        home=home,
        is_fixed=is_fixed,
        joints=JointTable(*joints),
        gripper=_gripper(model, gripper_name),
        tool=_tool(model),
        tool_speed=_tool_speed(model),
        licence=next((text.data for text in spec.texts if text.name == "licence"), "as its description says"),
    )


def _name_all(spec: mujoco.MjSpec) -> None:
    """Names for what has none, so that everything can be found in a world."""
    kinds = (
        ("body", spec.bodies[1:]), ("joint", spec.joints), ("actuator", spec.actuators), ("camera", spec.cameras),
        ("sensor", spec.sensors),
    )  # fmt: skip
    for kind, elements in kinds:
        taken = {element.name for element in elements}
        for index, element in enumerate(elements, start=1):
            if not element.name:
                name = f"{kind}-{index}"
                while name in taken:
                    name += "'"
                element.name = name
                taken.add(name)


def _leave_the_rest(spec: mujoco.MjSpec) -> None:
    """Drops what belongs to the place a description was drawn in: its floor, its lights and its cameras on the wall."""
    for geom in list(spec.worldbody.geoms):
        if geom.type in (mujoco.mjtGeom.mjGEOM_PLANE, mujoco.mjtGeom.mjGEOM_HFIELD):
            spec.delete(geom)
    for light in list(spec.lights):
        spec.delete(light)


def _gripper_actuator(model: mujoco.MjModel) -> str:
    names = [mujoco.mj_id2name(model, mujoco.mjtObj.mjOBJ_ACTUATOR, i) for i in range(model.nu)]
    return "gripper" if "gripper" in names else ""


def _gripper(model: mujoco.MjModel, name: str) -> Gripper | None:
    if not name:
        return None
    index = mujoco.mj_name2id(model, mujoco.mjtObj.mjOBJ_ACTUATOR, name)
    numbers = _numeric(model, "gripper")
    if len(numbers) == 2:
        return Gripper(index, *numbers)
    low, high = model.actuator_ctrlrange[index].tolist()
    return Gripper(index, high, low)


def _tool(model: mujoco.MjModel) -> str:
    names = [mujoco.mj_id2name(model, mujoco.mjtObj.mjOBJ_SITE, index) for index in range(model.nsite)]
    return next((name for name in _TOOLS if name in names), "")


def _tool_speed(model: mujoco.MjModel) -> tuple[float, float]:
    numbers = _numeric(model, "tool_speed")
    return (numbers[0], numbers[1]) if len(numbers) == 2 else _TOOL_SPEED


def _numeric(model: mujoco.MjModel, name: str) -> list[float]:
    index = mujoco.mj_name2id(model, mujoco.mjtObj.mjOBJ_NUMERIC, name)
    if index < 0:
        return []
    first, count = int(model.numeric_adr[index]), int(model.numeric_size[index])
    return model.numeric_data[first : first + count].tolist()
