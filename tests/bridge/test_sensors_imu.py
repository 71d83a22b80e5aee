"""Inertial readings against mechanics worked by hand: rest, free fall, turning, circles, and noise as described."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.errors import InvalidInput
from bridge.frames import matrix_from_quat, pose_array, quat_from_yaw, quat_product
from bridge.sensors import imu
from bridge.sensors.moment import Moment
from bridge.sensors.places import composed, halfway, inverted, rotation_vector
from bridge.types import Pose, WorldState
from tests.scenes import tiny_scene

SCENE = tiny_scene()
G, DT = 9.81, 0.02
EXACT = imu.Config(
    mount="robot", force_noise_m_s2_per_root_hz=0, rate_noise_rad_s_per_root_hz=0, force_bias_m_s2=0, rate_bias_rad_s=0
)  # fmt: skip


def state(tick: int, pose, velocity=None) -> WorldState:
    rows = None if velocity is None else np.asarray(velocity, float)[None]
    return WorldState(tick, tick * DT, ("robot",), np.asarray(pose, float)[None], rows)


def moment(before, after, earlier=None, seed=0) -> Moment:
    return Moment(SCENE, before, after, seed=seed, earlier=earlier)


def axis_turn(axis, angle_rad: float) -> np.ndarray:
    """The rotation about a unit axis, wxyz."""
    return np.array([np.cos(angle_rad / 2), *(np.sin(angle_rad / 2) * np.asarray(axis, float))])


def quats():
    parts = st.floats(-1, 1).filter(lambda x: abs(x) > 1e-3)
    return st.tuples(parts, parts, parts, parts).map(lambda q: np.array(q) / np.linalg.norm(q))


def test_a_body_at_rest_feels_g_upwards():
    still = pose_array([5.0, 5.0, 1.0], 0.7)
    reading = EXACT.read(moment(state(0, still, np.zeros(6)), state(1, still, np.zeros(6))))
    np.testing.assert_allclose(reading.specific_force, [0, 0, G], atol=1e-12)
    np.testing.assert_allclose(reading.angular_rate, 0, atol=1e-12)
    assert (reading.tick, reading.time_s) == (1, DT)


@settings(max_examples=50, deadline=None)
@given(quats())
def test_at_rest_it_feels_g_however_it_lies(quat):
    still = np.concatenate([[0.0, 0.0, 0.0], quat])
    reading = EXACT.read(moment(state(0, still, np.zeros(6)), state(1, still, np.zeros(6))))
    np.testing.assert_allclose(matrix_from_quat(quat) @ reading.specific_force, [0, 0, G], atol=1e-9)


def test_on_its_side_it_feels_g_along_y():
    """Rolled by a right angle to its right side, its left (Y) points up."""
    still = np.concatenate([[0.0, 0.0, 0.0], axis_turn([1, 0, 0], np.pi / 2)])
    reading = EXACT.read(moment(state(0, still, np.zeros(6)), state(1, still, np.zeros(6))))
    np.testing.assert_allclose(reading.specific_force, [0, G, 0], atol=1e-9)


def test_in_free_fall_it_feels_nothing():
    states = [state(k, pose_array([0, 0, 50 - G / 2 * (k * DT) ** 2]), [0, 0, -G * k * DT, 0, 0, 0]) for k in (7, 8)]
    np.testing.assert_allclose(EXACT.read(moment(*states)).specific_force, 0, atol=1e-9)


def test_falling_from_positions_alone_it_feels_nothing_too():
    earlier, before, after = (state(k, pose_array([0, 0, 50 - G / 2 * (k * DT) ** 2])) for k in (7, 8, 9))
    np.testing.assert_allclose(EXACT.read(moment(before, after, earlier)).specific_force, 0, atol=1e-9)


def test_speeding_up_it_feels_a_push_forward():
    """From 3 to 3.1 m/s northwards in a tick are 5 m/s², and it looks north."""
    north = pose_array([0, 0, 0], np.pi / 2)
    states = state(0, north, [0, 3.0, 0, 0, 0, 0]), state(1, north, [0, 3.1, 0, 0, 0, 0])
    np.testing.assert_allclose(EXACT.read(moment(*states)).specific_force, [5, 0, G], atol=1e-9)


@pytest.mark.parametrize("with_velocities", [True, False])
def test_driving_a_circle_it_feels_the_turn_and_the_centripetal_force(with_velocities):
    """Radius 10 m at 1.5 rad/s: 22.5 m/s² to the left. Over a tick the mean is shorter by sinc(ω dt / 2), 4e-5."""
    radius, omega = 10.0, 1.5

    def at(tick: int) -> WorldState:
        turn = omega * tick * DT
        pose = pose_array([radius * np.sin(turn), -radius * np.cos(turn), 0], turn)
        speed = radius * omega * np.array([np.cos(turn), np.sin(turn), 0])
        return state(tick, pose, [*speed, 0, 0, omega] if with_velocities else None)

    reading = EXACT.read(moment(at(40), at(41), at(39)))
    np.testing.assert_allclose(reading.angular_rate, [0, 0, omega], atol=1e-9)
    np.testing.assert_allclose(reading.specific_force, [0, radius * omega**2, G], atol=2e-3)


@pytest.mark.parametrize("with_velocities", [True, False])
def test_mounted_off_the_axis_it_feels_the_arm_pulled_inwards(with_velocities):
    """A body turns on the spot at 4 rad/s; half a metre before its middle that is 8 m/s² backwards."""
    off = replace(EXACT, mount_from_sensor=Pose(np.array([0.5, 0.0, 0.3])))
    spin = [0, 0, 0, 0, 0, 4.0] if with_velocities else None
    earlier, before, after = (state(k, pose_array([1, 2, 3], 4 * k * DT), spin) for k in (2, 3, 4))
    reading = off.read(moment(before, after, earlier))
    np.testing.assert_allclose(reading.specific_force, [-8.0, 0, G], atol=0.01)
    np.testing.assert_allclose(reading.angular_rate, [0, 0, 4.0], atol=1e-9)


def test_mounted_turned_it_reads_along_its_own_axes():
    """Turned by a right angle to the left, its X is the body's Y: a push forward comes from its right (-Y)."""
    turned = replace(EXACT, mount_from_sensor=Pose(np.zeros(3), quat_from_yaw(np.pi / 2)))
    states = state(0, pose_array([0, 0, 0]), np.zeros(6)), state(1, pose_array([0, 0, 0]), [0.1, 0, 0, 0, 0, 0])
    np.testing.assert_allclose(turned.read(moment(*states)).specific_force, [0, -5, G], atol=1e-9)


@settings(max_examples=50, deadline=None)
@given(quats(), st.tuples(*[st.floats(-20, 20)] * 3).map(np.array))
def test_a_steady_turn_about_any_axis_is_read_exactly(quat, rate):
    """Turning at a rate fixed in the body, from any orientation, whichever sign the second quaternion is told with."""
    speed = np.linalg.norm(rate)
    step = axis_turn(rate / max(speed, 1e-12), speed * DT)
    poses = [np.concatenate([[0, 0, 0], q]) for q in (quat, -quat_product(quat, step))]
    states = [state(k, pose, np.zeros(6)) for k, pose in enumerate(poses)]
    np.testing.assert_allclose(EXACT.read(moment(*states)).angular_rate, rate, atol=1e-6)


@settings(max_examples=50, deadline=None)
@given(quats(), quats())
def test_poses_composed_with_their_inverses_are_nothing(a, b):
    first, second = np.concatenate([[1, 2, 3], a]), np.concatenate([[-4, 5, 0.5], b])
    nothing = composed(composed(first, second), inverted(composed(first, second)))
    np.testing.assert_allclose(nothing[:3], 0, atol=1e-9)
    np.testing.assert_allclose(rotation_vector(nothing[3:]), 0, atol=1e-6)


@settings(max_examples=50, deadline=None)
@given(quats(), st.floats(0.01, 3.0))
def test_halfway_is_half_the_turn(quat, angle):
    middle = halfway(quat, -quat_product(quat, axis_turn([0.6, 0, 0.8], angle)))
    expected = quat_product(quat, axis_turn([0.6, 0, 0.8], angle / 2))
    assert abs(middle @ expected) == pytest.approx(1.0, abs=1e-9)


def test_without_velocities_the_first_reading_waits_for_a_third_state():
    states = [state(k, pose_array([0, 0, 0])) for k in range(3)]
    assert EXACT.read(moment(None, states[0])) is None
    assert EXACT.read(moment(states[0], states[1])) is None
    assert EXACT.read(moment(states[1], states[2], states[0])) is not None
    with pytest.raises(InvalidInput, match="earlier"):
        imu.motion(EXACT, moment(states[0], states[1]))


def test_its_noise_is_the_density_times_the_root_of_the_rate():
    """0.01 m/s²/√Hz and 0.002 rad/s/√Hz at 50 Hz are 0.0707 and 0.0141; 2,000 readings, 6,000 numbers each."""
    noisy = replace(EXACT, force_noise_m_s2_per_root_hz=0.01, rate_noise_rad_s_per_root_hz=0.002)
    still = pose_array([0, 0, 0])
    readings = [noisy.read(moment(state(k, still, np.zeros(6)), state(k + 1, still, np.zeros(6)))) for k in range(2000)]
    force = np.array([one.specific_force for one in readings]) - [0, 0, G]
    rate = np.array([one.angular_rate for one in readings])
    assert force.std() == pytest.approx(0.01 * np.sqrt(50), rel=0.04)
    assert rate.std() == pytest.approx(0.002 * np.sqrt(50), rel=0.04)
    assert abs(np.corrcoef(force[:-1, 0], force[1:, 0])[0, 1]) < 0.09


def test_its_bias_stays_for_a_while_and_differs_between_episodes():
    biased = replace(EXACT, force_bias_m_s2=0.2, rate_bias_rad_s=0.01, bias_correlation_s=300.0)
    still = pose_array([0, 0, 0])

    def force(seed: int, tick: int) -> np.ndarray:
        pair = state(tick - 1, still, np.zeros(6)), state(tick, still, np.zeros(6))
        return biased.read(moment(*pair, seed=seed)).specific_force - [0, 0, G]

    first = np.array([force(seed, 1) for seed in range(300)])
    soon = np.array([force(seed, 51) for seed in range(300)])
    assert first.std() == pytest.approx(0.2, rel=0.12)
    # In a second of 300 it moves by σ √(2 / 300).
    assert (soon - first).std() == pytest.approx(0.2 * np.sqrt(2 / 300), rel=0.12)


def test_its_readings_end_at_its_range():
    still = pose_array([0, 0, 0])
    hit = replace(EXACT, most_force_m_s2=40.0).read(
        moment(state(0, still, np.zeros(6)), state(1, still, [-9.0, 0, 0, 0, 0, 0]))
    )
    np.testing.assert_allclose(hit.specific_force, [-40, 0, G])
