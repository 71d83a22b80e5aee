"""What one agent perceives of itself: its own pose and velocity in its own directions, what it touches, what it saw."""

import numpy as np
import pytest

from bridge.errors import UnknownBody
from bridge.observation import observation
from bridge.types import AgentState, Contacts, Frame, WorldState


def world(**more) -> WorldState:
    north = np.array([np.sqrt(0.5), 0.0, 0.0, np.sqrt(0.5)])
    poses = np.array([[1.0, 2.0, 3.0, *north], [5.0, 5.0, 0.0, 1.0, 0.0, 0.0, 0.0]])
    velocities = np.array([[0.0, 2.0, 0.0, 0.0, 0.0, 0.3], [1.0, 0.0, 0.0, 0.0, 0.0, 0.0]])
    return WorldState(7, 0.14, ("a", "scooter"), poses, velocities, **more)


def test_velocity_is_told_in_the_body_s_own_directions():
    # Facing north and moving north is moving ahead.
    np.testing.assert_allclose(observation(world(), "a").velocity, [2.0, 0.0, 0.0, 0.0, 0.0, 0.3], atol=1e-12)


def test_a_rider_perceives_what_the_vehicle_does():
    seen = observation(world(agents=(AgentState("a", riding="scooter"),)), "a")
    assert seen.riding == "scooter"
    np.testing.assert_allclose(seen.pose.position, [5.0, 5.0, 0.0])
    np.testing.assert_allclose(seen.velocity[:2], [1.0, 0.0])


def test_touches_are_named_once():
    contacts = Contacts((("a", "wall"), ("wall", "a"), ("b", "c")), np.zeros((3, 3)), np.ones(3))
    assert observation(world(contacts=contacts), "a").contacts == ("wall",)


def test_frames_go_by_the_camera_s_own_name():
    assert set(observation(world(), "a", frames=[Frame("a/front", 7)]).frames) == {"front"}


def test_an_arm_feels_its_joints_and_nobody_can_bend_them_by_it():
    own = AgentState("a", joints=np.array([0.1, 0.2]), gripper=0.5)
    seen = observation(world(agents=(own,)), "a")
    assert (seen.joints.tolist(), seen.gripper) == ([0.1, 0.2], 0.5)
    seen.joints[0] = 9.0
    assert own.joints[0] == 0.1
    assert observation(world(), "a").joints is None


def test_skills_that_the_engine_knows_nothing_of_are_told_like_its_own():
    own = AgentState("a", doing="open", failure="door-1 is locked")
    assert [
        observation(world(agents=(own,)), "a").doing,
        observation(world(), "a", doing="go_to 2 Elm Lane").doing,
    ] == [
        "open",
        "go_to 2 Elm Lane",
    ]
    assert observation(world(agents=(own,)), "a").failure == "door-1 is locked"
    assert observation(world(agents=(own,)), "a", failure="no way there").failure == "no way there"


def test_who_is_not_there_perceives_nothing():
    with pytest.raises(UnknownBody, match="Available: a, scooter"):
        observation(world(), "b")
