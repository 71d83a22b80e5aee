"""Sensors on the links of an arm: what hangs on other things that move reads its own motion, by kinematics worked apart."""

import numpy as np
import pytest

from bridge.engine import Action, Joints
from bridge.engines import open_engine
from bridge.frames import look_at, matrix_from_quat
from bridge.robots.tabletop import tabletop_scene
from bridge.sensors import boxes, flow, imu, lidar
from bridge.sensors.moment import Moment
from bridge.types import Camera, Pose

HOME = np.array([0.0, -0.3, 0.0, -2.2, 0.0, 1.9, np.pi / 4])
EXACT = {
    "force_noise_m_s2_per_root_hz": 0, "rate_noise_rad_s_per_root_hz": 0, "force_bias_m_s2": 0, "rate_bias_rad_s": 0
}  # fmt: skip
BESIDE = Camera("beside", 320, 240, 0.9, Pose(*look_at((0.6, -1.6, 1.4), (0.3, 0.0, 1.1))))


@pytest.fixture(scope="module")
def turned():
    """The arm turns about its upright first joint: the scene, states and frames of two ticks on its way, and at rest."""
    with open_engine("embedded", renderer="rays") as engine:
        engine.load(tabletop_scene())
        engine.reset(seed=0)
        rest = [engine.step({}) for _ in range(30)][-2:]
        for _ in range(25):
            engine.step({"panda": Action(Joints(HOME + [1.2, 0, 0, 0, 0, 0, 0]))})
        states, frames = [], []
        for _ in range(2):
            states.append(engine.step({}))
            frames += engine.observe([BESIDE], ["depth", "segmentation"])
        yield engine.scene, rest, states, frames


def test_at_rest_a_link_feels_g_whichever_way_it_hangs(turned):
    scene, rest, _, _ = turned
    reading = imu.Config(mount="panda/link7", **EXACT).read(Moment(scene, *rest))
    pose = rest[1].poses[rest[1].names.index("panda/link7")]
    np.testing.assert_allclose(matrix_from_quat(pose[3:]) @ reading.specific_force, [0, 0, 9.81], atol=0.1)
    np.testing.assert_allclose(reading.angular_rate, 0, atol=0.01)


def test_every_link_turns_with_the_joint_that_carries_it(turned):
    """The first joint is upright: all links above it turn about world Z by what it turned in the tick."""
    scene, _, (before, after), _ = turned
    rate = (after.agents[0].joints[0] - before.agents[0].joints[0]) / 0.02
    assert abs(rate) > 0.3
    for link in ("panda/link1", "panda/link4", "panda/link7"):
        reading = imu.Config(mount=link, **EXACT).read(Moment(scene, before, after))
        pose = after.poses[after.names.index(link)]
        np.testing.assert_allclose(
            matrix_from_quat(pose[3:]) @ reading.angular_rate, [0, 0, rate], atol=0.05 * abs(rate)
        )


def test_an_arm_that_turns_flows_and_its_table_does_not(turned):
    """Each of its pixels goes where the turn about the first joint's axis takes its point."""
    scene, _, (before, after), frames = turned
    got = flow.Config(BESIDE, to="after").read(Moment(scene, before, after, frames)).pixels
    ids = frames[0].segmentation
    numbers = {row.name: row.id for row in scene.instances()}
    moved = np.isin(ids, [number for name, number in numbers.items() if name.startswith("panda/link")])
    assert moved.sum() > 500
    assert np.hypot(*got[moved].T).max() > 0.5
    still = np.isin(ids, [numbers["table"], numbers["can"]])
    assert still.sum() > 500
    np.testing.assert_allclose(got[still], 0, atol=0.05)
    angle = after.agents[0].joints[0] - before.agents[0].joints[0]
    base = before.poses[before.names.index("panda/link1"), :2]
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    axes, eye = matrix_from_quat(BESIDE.mount_from_camera.quat_wxyz), BESIDE.mount_from_camera.position
    focal = 120 / np.tan(0.45)
    rows, columns = np.nonzero(ids == numbers["panda/link4"])
    assert len(rows) > 50
    for y, x in zip(rows[::23], columns[::23], strict=True):
        ray = np.array([(x + 0.5 - 160) / focal, (y + 0.5 - 120) / focal, 1.0])
        point = eye + axes @ ray * frames[0].depth[y, x]
        point[:2] = base + turn @ (point[:2] - base)
        local = axes.T @ (point - eye)
        expected = focal * local[:2] / local[2] + [160, 120] - [x + 0.5, y + 0.5]
        np.testing.assert_allclose(got[y, x], expected, atol=0.1)


def test_boxes_of_links_hold_their_pixels(turned):
    scene, _, (before, after), frames = turned
    found = boxes.Flat(BESIDE, classes=("robot",)).read(Moment(scene, before, after, frames))
    assert {"panda/link3", "panda/link4"} <= set(found.names)
    assert (found.visible_fraction > 0).all()
    for number, (x0, y0, x1, y1) in zip(found.ids, found.xyxy, strict=True):
        rows, columns = np.nonzero(frames[1].segmentation == number)
        assert (x0, y0, x1, y1) == (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)


def test_a_lidar_on_a_hand_looks_through_its_own_robot_if_told_to(turned):
    scene, _, (_, after), _ = turned
    links = [row.id for row in scene.instances() if row.name.startswith("panda")]
    wrist = lidar.Config(mount="panda/link7", is_ideal=True, least_m=0.0, columns=256)
    blind = lidar.Config(mount="panda/link7", is_ideal=True, least_m=0.0, columns=256, ignores=("panda",))
    assert np.isin(wrist.read(Moment(scene, None, after)).ids, links).any()
    seen = blind.read(Moment(scene, None, after))
    assert not np.isin(seen.ids, links).any()
    assert seen.is_return.any()
