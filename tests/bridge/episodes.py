"""What tests record: short courses of events on the point mass, and ways to compare what comes back."""

import numpy as np
from hypothesis import strategies as st

from bridge.engine import Action, Drive, EndEffector, Joints, Move, Skill, Spawn, Velocity
from bridge.recording import record
from bridge.types import Pose
from tests.bridge.point_mass import PointMass
from tests.scenes import tiny_scene

FRONT = "courier-1/front"
_NUMBERS = st.floats(-100, 100, allow_nan=False)
_UNIT = st.floats(-1, 1, allow_nan=False)


def unit(numbers) -> np.ndarray:
    """A quaternion of unit length; that of no turn where there is no direction."""
    length = np.linalg.norm(numbers)
    return np.array(numbers) / length if length > 1e-3 else np.array([1.0, 0.0, 0.0, 0.0])


POSES = st.builds(
    lambda position, quat: Pose(np.array(position), unit(quat)),
    st.tuples(_NUMBERS, _NUMBERS, _NUMBERS),
    st.tuples(_UNIT, _UNIT, _UNIT, _UNIT),
)
MOTIONS = st.one_of(
    st.none(),
    st.builds(Velocity, _NUMBERS, _NUMBERS, _NUMBERS),
    st.builds(Drive, _UNIT, _UNIT, st.floats(0, 1)),
    st.builds(lambda targets: Joints(np.array(targets, np.float64)), st.lists(_NUMBERS, max_size=7)),
    st.builds(EndEffector, POSES),
    st.builds(Skill, st.sampled_from(["pick_up", "wait", "ride"]), st.just("courier-2"), st.text("abc 港", max_size=9)),
)
ACTIONS = st.dictionaries(
    st.sampled_from(["courier-1", "courier-2"]),
    st.builds(Action, MOTIONS, st.none() | st.floats(0, 1), st.text("abc é", max_size=9)),
)
CHANGES = st.lists(
    st.builds(Move, st.sampled_from(["courier-1", "courier-2"]), POSES)
    | st.builds(Spawn, st.sampled_from(["box-1", "box-2"]), st.just("crate-a"), POSES, st.booleans()),
    max_size=3,
)
COURSES = st.lists(
    st.tuples(st.just("reset"), st.integers(0, 2**64 - 1))
    | st.tuples(st.just("step"), ACTIONS, st.integers(1, 9))
    | st.tuples(st.just("edit"), CHANGES),
    max_size=12,
)
"""What is done to an engine, call by call."""


def run(engine, course) -> list:
    """Does it, after a reset; what the engine said each time: (state, hash)."""
    said = []
    for kind, *words in [("reset", 0), *course]:
        if kind == "reset":
            state = engine.reset(seed=words[0])
        else:
            state = engine.step(*words) if kind == "step" else engine.edit(words[0])
        said.append((state, engine.state_hash()))
    return said


def assert_same_state(found, expected) -> None:
    """To the last bit."""
    assert (found.tick, found.time_s, found.names) == (expected.tick, expected.time_s, expected.names)
    np.testing.assert_array_equal(found.poses, expected.poses)
    np.testing.assert_array_equal(found.velocities, expected.velocities)
    assert [vars(agent) | {"joints": None} for agent in found.agents] == [
        vars(agent) | {"joints": None} for agent in expected.agents
    ]
    for one, other in zip(found.agents, expected.agents, strict=True):
        np.testing.assert_array_equal(one.joints, other.joints)
    assert (found.contacts is None) == (expected.contacts is None)
    if found.contacts is not None:
        assert found.contacts.names == expected.contacts.names
        np.testing.assert_array_equal(found.contacts.forces, expected.contacts.forces)


def walk(path, *, seeds=(3,), steps=20, **options) -> None:
    """Records so many steps of each seed: the first courier walks, and a box appears half way."""
    with record(PointMass(), path, **options) as engine:
        engine.load(tiny_scene())
        for seed in seeds:
            engine.reset(seed=seed)
            for tick in range(steps):
                engine.step({"courier-1": Action(Velocity(1.0, 0.1 * tick))})
                if tick == steps // 2:
                    engine.edit([Spawn("box", "crate-a", Pose(np.ones(3)))])
