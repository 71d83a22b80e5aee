"""Servos for joints: motors and joints without any actuator get one, so that every robot is told where its joints go."""

import math

import mujoco
import numpy as np
from numpy.typing import NDArray

_FREQUENCY_HZ = 5.0
"""How fast a servo of ours follows, critically damped on the joint's own inertia."""
_JOINT, _IN_PARENT = int(mujoco.mjtTrn.mjTRN_JOINT), int(mujoco.mjtTrn.mjTRN_JOINTINPARENT)
_SERVED = (int(mujoco.mjtJoint.mjJNT_HINGE), int(mujoco.mjtJoint.mjJNT_SLIDE))


def complete(spec: mujoco.MjSpec, draft: mujoco.MjModel, *, gripper: str, is_fixed: bool) -> None:
    """Makes servos of motors; gives servos to all joints of a description that has no actuator at all.

    A bolted robot whose servos are ours is freed from gravity, as arms' own controllers do.
    """
    made = 0
    for index, actuator in enumerate(spec.actuators):
        if actuator.name != gripper and _moves_joint(draft, index) and _is_motor(draft, index):
            _motor_to_servo(actuator, draft, index)
            made += 1
    if not draft.nu:
        for index, joint in enumerate(spec.joints):
            if int(draft.jnt_type[index]) in _SERVED:
                _add_servo(spec, joint.name, draft, index)
                made += 1
    if made and is_fixed:
        for body in spec.bodies[1:]:
            body.gravcomp = 1.0


def joints_of(model: mujoco.MjModel, *, gripper: str) -> tuple:
    """The columns of `description.JointTable` for a model whose actuators are complete."""
    rows: dict[int, int] = {}
    for index in range(model.nu):
        name = mujoco.mj_id2name(model, mujoco.mjtObj.mjOBJ_ACTUATOR, index)
        joint = int(model.actuator_trnid[index, 0])
        if _moves_joint(model, index) and name != gripper and int(model.jnt_type[joint]) in _SERVED:
            rows.setdefault(joint, index)
    joints, actuators = (
        np.array(sorted(rows), dtype=np.int64),
        np.array([rows[j] for j in sorted(rows)], dtype=np.int64),
    )
    limited = model.jnt_limited[joints].astype(bool)
    low, high = (np.where(limited, model.jnt_range[joints, side], (-np.inf, np.inf)[side]) for side in (0, 1))
    speeds = np.full(len(joints), np.inf)
    numeric = mujoco.mj_name2id(model, mujoco.mjtObj.mjOBJ_NUMERIC, "joint_speed")
    if numeric >= 0:
        first = int(model.numeric_adr[numeric])
        given = model.numeric_data[first : first + int(model.numeric_size[numeric])]
        if len(given) != len(joints):
            raise ValueError(f"numeric 'joint_speed' has {len(given)} numbers for {len(joints)} joints with actuators")
        speeds = np.array(given)
    names = tuple(mujoco.mj_id2name(model, mujoco.mjtObj.mjOBJ_JOINT, int(joint)) for joint in joints)
    return (
        names,
        model.jnt_qposadr[joints].astype(np.int64),
        model.jnt_dofadr[joints].astype(np.int64),
        actuators,
        model.actuator_gear[actuators, 0].copy(),
        low,
        high,
        speeds,
        np.array([_takes_speed(model, int(index)) for index in actuators], dtype=bool),
    )


def _moves_joint(model: mujoco.MjModel, index: int) -> bool:
    return int(model.actuator_trntype[index]) in (_JOINT, _IN_PARENT)


def _is_motor(model: mujoco.MjModel, index: int) -> bool:
    """Whether an actuator's value is a force, whatever the joint does."""
    return (
        model.actuator_gaintype[index] == mujoco.mjtGain.mjGAIN_FIXED
        and model.actuator_biastype[index] == mujoco.mjtBias.mjBIAS_NONE
    )


def _takes_speed(model: mujoco.MjModel, index: int) -> bool:
    bias = model.actuator_biasprm[index]
    return bool(bias[1] == 0.0 and bias[2] != 0.0) or model.actuator_dyntype[index] == mujoco.mjtDyn.mjDYN_INTEGRATOR


def _gains(draft: mujoco.MjModel, joint: int) -> tuple[float, float]:
    """Stiffness and damping for a joint's inertia at the start."""
    inertia = max(float(draft.dof_M0[draft.jnt_dofadr[joint]]), 1e-4)
    pulse = 2 * math.pi * _FREQUENCY_HZ
    return inertia * pulse**2, 2 * inertia * pulse


def _motor_to_servo(actuator: mujoco.MjsActuator, draft: mujoco.MjModel, index: int) -> None:
    gear = float(draft.actuator_gear[index, 0]) or 1.0
    stiffness, damping = _gains(draft, int(draft.actuator_trnid[index, 0]))
    gain = abs(float(draft.actuator_gainprm[index, 0]))
    limits = []
    if draft.actuator_ctrllimited[index]:
        limits.append(gain * np.abs(draft.actuator_ctrlrange[index]).max())
    if draft.actuator_forcelimited[index]:
        limits.append(np.abs(draft.actuator_forcerange[index]).max())
    actuator.set_to_position(kp=stiffness / gear**2, kv=damping / gear**2)
    actuator.ctrllimited, actuator.ctrlrange = False, [0.0, 0.0]
    if limits:
        actuator.forcelimited, actuator.forcerange = True, [-float(min(limits)), float(min(limits))]


def _add_servo(spec: mujoco.MjSpec, joint: str, draft: mujoco.MjModel, index: int) -> None:
    stiffness, damping = _gains(draft, index)
    servo = spec.add_actuator(name=f"servo-{joint}", trntype=mujoco.mjtTrn.mjTRN_JOINT, target=joint)
    servo.set_to_position(kp=stiffness, kv=damping)
    if draft.jnt_actfrclimited[index]:
        most = float(np.abs(draft.jnt_actfrcrange[index]).max())
        servo.forcelimited, servo.forcerange = True, [-most, most]


def held(home: NDArray[np.float64], qpos: NDArray[np.int64], turns: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Targets (k,) that keep joints where `home` has them: their places, or no speed."""
    return np.where(turns, 0.0, home[qpos])
