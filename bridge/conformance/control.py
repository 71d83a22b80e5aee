"""Agents do what they are told, nothing else, and only what their bodies can."""

import numpy as np

from bridge.conformance.bench import Bench, must, nothing, pose_of
from bridge.conformance.bench import rule as _rule
from bridge.conformance.ground import OTHER, WALKER, WALL, WALL_SIZE, WALL_X
from bridge.engine import Action, Joints, Move, Velocity
from bridge.frames import matrix_from_quat, yaw_from_quat
from bridge.types import Pose, WorldState


def _travel(before: WorldState, after: WorldState, name: str) -> np.ndarray:
    """How far a body came [m], shape (3,), in its own frame at the start."""
    start = pose_of(before, name)
    return matrix_from_quat(start[3:]).T @ (pose_of(after, name)[:3] - start[:3])


def _turn(before: WorldState, after: WorldState, name: str) -> float:
    """How far a body's heading turned [rad], to the left."""
    yaw = yaw_from_quat(np.stack([pose_of(before, name)[3:], pose_of(after, name)[3:]]))
    return float((yaw[1] - yaw[0] + np.pi) % (2 * np.pi) - np.pi)


@_rule("control")
def forward_is_where_a_body_faces(bench: Bench) -> None:
    """Told to walk forward at 1 m/s, a walker comes 0.6 to 1.1 m along its own X axis in a second, and not aside."""
    forward, left, up = _travel(bench.start, bench.act(Action(Velocity(1.0))), bench.agent)
    must(0.6 < forward < 1.1, f"it came {forward:.2f} m forward")
    must(abs(left) < 0.1 and abs(up) < 0.1, f"it came {left:.2f} m to the left and {up:.2f} m up")


@_rule("control")
def left_is_to_the_left(bench: Bench) -> None:
    """Told to step aside at 0.5 m/s, a walker comes 0.25 to 0.6 m to its left in a second."""
    forward, left, _ = _travel(bench.start, bench.act(Action(Velocity(0.0, 0.5))), bench.agent)
    must(0.25 < left < 0.6, f"it came {left:.2f} m to the left")
    must(abs(forward) < 0.1, f"it came {forward:.2f} m forward")


@_rule("control")
def turning_is_counter_clockwise(bench: Bench) -> None:
    """Told to turn at 1 rad/s, a walker turns 0.6 to 1.1 rad to the left in a second, on the spot."""
    after = bench.act(Action(Velocity(yaw_rate_rad_s=1.0)))
    turned = _turn(bench.start, after, bench.agent)
    must(0.6 < turned < 1.1, f"it turned {turned:.2f} rad")
    away = np.linalg.norm(_travel(bench.start, after, bench.agent))
    must(away < 0.1, f"it came {away:.2f} m away while it turned")


@_rule("control")
def an_action_lasts_until_the_next(bench: Bench) -> None:
    """An agent that is not named keeps doing what it does; one whose action has no motion stops."""
    bench.act(Action(Velocity(1.0)), 0.5)
    before = nothing(bench.engine, bench.ticks(0.5))
    after = nothing(bench.engine, bench.ticks(0.5))
    must(_travel(before, after, bench.agent)[0] > 0.3, "it stopped though nobody had told it to")
    stopped = bench.act(Action(), 0.5)
    away = np.linalg.norm(_travel(stopped, nothing(bench.engine, bench.ticks(0.5)), bench.agent))
    must(away < 0.05, f"told to do nothing it still came {away:.2f} m in half a second")


@_rule("control")
def who_is_told_nothing_holds_still(bench: Bench) -> None:
    """Agents without an action stay where they are, within 2 cm in 2 s."""
    after = nothing(bench.engine, bench.ticks(2.0))
    for name in bench.loaded.agents:
        away = np.linalg.norm(_travel(bench.start, after, name))
        must(away < 0.02, f"{name} came {away:.3f} m in 2 s")


@_rule("control")
def one_agents_action_is_not_anothers(bench: Bench) -> None:
    """While one agent walks, the other stays."""
    after = bench.engine.step({WALKER: Action(Velocity(0.5))}, bench.ticks(1.0))
    away = np.linalg.norm(_travel(bench.start, after, OTHER))
    must(away < 0.02, f"{OTHER} came {away:.3f} m while {WALKER} walked")


@_rule("control")
def actions_make_a_difference(bench: Bench) -> None:
    """Other actions give another state hash."""
    bench.act(Action(Velocity(0.5)), 0.2)
    walked = bench.engine.state_hash()
    bench.begin()
    bench.act(Action(Velocity(0.6)), 0.2)
    must(bench.engine.state_hash() != walked, "walking at 0.5 and at 0.6 m/s give the same hash")


@_rule("control")
def nobody_is_not_an_agent(bench: Bench) -> None:
    """An action for a name that is no agent is refused; those told beside it do not move either."""
    told = {bench.agent: Action(Velocity(1.0)), "no-such-agent": Action()}
    error = bench.refused("an action for 'no-such-agent'", lambda: bench.engine.step(told))
    must("no-such-agent" in str(error), f"the error does not name it: {error}")
    away = np.linalg.norm(_travel(bench.start, nothing(bench.engine, bench.ticks(0.5)), bench.agent))
    must(away < 0.02, "the agent told beside it walks")


@_rule("control")
def actions_are_numbers(bench: Bench) -> None:
    """Velocities that are not finite are refused."""
    for speed in (float("nan"), float("inf")):
        told = {bench.agent: Action(Velocity(speed))}
        bench.refused(f"a velocity of {speed}", lambda told=told: bench.engine.step(told))


@_rule("control")
def bodies_do_what_bodies_can(bench: Bench) -> None:
    """A walker has no joints to command and no gripper: told to use them, it is refused."""
    for motion, gripper in ((Joints(np.zeros(3)), None), (None, 1.0)):
        told = {bench.agent: Action(motion, gripper)}
        what = "a gripper closed" if motion is None else f"{type(motion).__name__} for a walker"
        bench.refused(what, lambda told=told: bench.engine.step(told))


@_rule("control")
def velocities_are_those_of_the_poses(bench: Bench) -> None:
    """Where an engine reports velocities they agree with the way made from tick to tick, within 0.15 m/s."""
    bench.act(Action(Velocity(1.0)), 1.0)
    before, after = nothing(bench.engine, 1), nothing(bench.engine, 1)
    if after.velocities is None:
        return
    index = after.names.index(bench.agent)
    moved = (after.poses[index, :3] - before.poses[index, :3]) / bench.engine.info.tick_s
    told = after.velocities[index, :3]
    must(np.linalg.norm(moved - told) < 0.15, f"the state says {told.round(2)} m/s, the poses {moved.round(2)}")


@_rule("control")
def walls_are_walls(bench: Bench) -> None:
    """Whoever walks into a wall for 15 s does not get through."""
    bench.engine.step({OTHER: Action(Velocity(1.5))}, bench.ticks(15.0))
    x = pose_of(nothing(bench.engine, 1), OTHER)[0]
    face = WALL_X - WALL_SIZE[0] / 2
    must(face - 1.0 < x < face, f"it stands at x = {x:.2f} m; the wall begins at {face:.2f} m")


@_rule("control", "contacts", "edit")
def contacts_name_who_touches(bench: Bench) -> None:
    """Whoever pushes against a wall is reported in contact with it, with a force."""
    face = WALL_X - WALL_SIZE[0] / 2
    ground = pose_of(bench.start, OTHER)
    bench.engine.edit([Move(OTHER, Pose(np.array([face - 0.6, 4.0, ground[2]]), np.array(ground[3:])))])
    found = None
    for _ in range(bench.ticks(2.0)):
        found = bench.engine.step({OTHER: Action(Velocity(1.0))}).contacts
        if found is not None and any(set(pair) == {OTHER, WALL} for pair in found.names):
            break
    else:
        must(False, f"pushing against '{WALL}' for 2 s was never reported; the last contacts: {found and found.names}")
    must(
        found is not None and len(found.names) == len(found.positions) == len(found.forces),
        "contacts of unequal length",
    )
    must(found is not None and (found.forces >= 0).all(), "a contact has a negative force")
