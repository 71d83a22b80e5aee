"""Where a robot's own parts are in the model of the world it stands in: everything of its is "agent/name" there."""

from dataclasses import dataclass

import mujoco
import numpy as np
from numpy.typing import NDArray

from bridge.engines.embedded.attached import parts_of
from bridge.robots.description import Robot

_Indices = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Located:
    """Indices into a world's model and state.

    `names` and `bodies` are the base's and the links'; `tool` is a site, -1 without one; `mocap` the base of a bolted
    robot, -1 for free ones, whose base is at `free` in qpos; `actuators` are in the order of the robot's own model;
    sensor i of `sensors` reads `columns[starts[i]:starts[i + 1]]` of the world's sensor data.
    """

    names: tuple[str, ...]
    bodies: _Indices
    tool: int
    mocap: int
    free: slice
    qpos: slice
    dof: slice
    actuators: _Indices
    acts: _Indices
    sensors: tuple[str, ...]
    columns: _Indices
    starts: _Indices


def located(name: str, robot: Robot, model: mujoco.MjModel) -> Located:
    """Finds the robot of the agent `name`."""
    own, objects = robot.model, mujoco.mjtObj

    def here(kind: mujoco.mjtObj, index: int) -> int:
        return mujoco.mj_name2id(model, kind, f"{name}/{mujoco.mj_id2name(own, kind, index)}")

    parts = parts_of(name, robot)
    base_name_id = mujoco.mj_name2id(model, objects.mjOBJ_BODY, name)
    bodies = [here(objects.mjOBJ_BODY, body) if body else base_name_id for body in parts.values()]
    tool = mujoco.mj_name2id(model, objects.mjOBJ_SITE, f"{name}/{robot.tool}") if robot.tool else -1
    first = here(objects.mjOBJ_JOINT, 0) if own.njnt else -1
    qpos, dof = (int(model.jnt_qposadr[first]), int(model.jnt_dofadr[first])) if own.njnt else (0, 0)
    free = 0 if robot.is_fixed else int(model.jnt_qposadr[model.body_jntadr[bodies[0]]])
    actuators = np.array([here(objects.mjOBJ_ACTUATOR, index) for index in range(own.nu)], dtype=np.int64)
    acts = [model.actuator_actadr[one] + np.arange(model.actuator_actnum[one]) for one in actuators]
    sensors = [here(objects.mjOBJ_SENSOR, index) for index in range(own.nsensor)]
    columns = [model.sensor_adr[sensor] + np.arange(model.sensor_dim[sensor]) for sensor in sensors]
    return Located(
        names=tuple(parts),
        bodies=np.array(bodies, dtype=np.int64),
        tool=tool,
        mocap=int(model.body_mocapid[bodies[0]]),
        free=slice(free, free + 7),
        qpos=slice(qpos, qpos + own.nq),
        dof=slice(dof, dof + own.nv),
        actuators=actuators,
        acts=_joined(acts),
        sensors=tuple(mujoco.mj_id2name(own, objects.mjOBJ_SENSOR, index) for index in range(own.nsensor)),
        columns=_joined(columns),
        starts=np.cumsum([0, *map(len, columns)]).astype(np.int64),
    )


def _joined(pieces: list[NDArray]) -> _Indices:
    return np.concatenate([np.zeros(0, dtype=np.int64), *pieces]).astype(np.int64)
