"""The Panda at its table: led by joints or by its tool, it grasps, lifts and puts down, all of it read from the state."""

import numpy as np
import pytest

from bridge.engine import Action, EndEffector, Joints, Move, Paint, Remove, Skill, Spawn, Velocity
from bridge.engines import open_engine
from bridge.errors import InvalidAction, InvalidChange
from bridge.frames import quat_from_yaw, quat_product
from bridge.robots.description import read_robot
from bridge.robots.kinematics import Kinematics, gap
from bridge.robots.tabletop import CUBE_M, TABLE_M, tabletop_scene
from bridge.types import Pose, WorldState

DOWN = np.array([0.0, 1.0, 0.0, 0.0])
HOME = np.array([0.0, -0.3, 0.0, -2.2, 0.0, 1.9, np.pi / 4])


@pytest.fixture(scope="module")
def loaded():
    with open_engine("embedded", renderer="rays") as engine:
        engine.load(tabletop_scene())
        yield engine


@pytest.fixture
def engine(loaded):
    loaded.reset(seed=0)
    return loaded


def pose(state: WorldState, name: str) -> np.ndarray:
    return state.poses[state.names.index(name)]


def tool_to(x: float, y: float, z: float, gripper: float | None = None, yaw: float = 0.0) -> Action:
    """The tool pointing down at a place in the frame of the base, which stands on the table."""
    return Action(EndEffector(Pose(np.array([x, y, z]), quat_product(quat_from_yaw(yaw), DOWN))), gripper=gripper)


def arm(state: WorldState):
    return next(agent for agent in state.agents if agent.name == "panda")


def grasp(engine, x: float, y: float) -> WorldState:
    """Takes the cube that lies at a place and lifts it 10 cm."""
    for action, ticks in (
        (tool_to(x, y, 0.15, 0.0), 60),
        (tool_to(x, y, CUBE_M / 2), 50),
        (tool_to(x, y, CUBE_M / 2, 1.0), 30),
        (tool_to(x, y, CUBE_M / 2 + 0.1), 60),
    ):
        state = engine.step({"panda": action}, ticks)
    return state


def test_a_table_comes_with_an_arm_and_things_to_grasp(engine):
    state = engine.reset(seed=0)
    assert engine.load(tabletop_scene()).agents == ("panda",)
    state = engine.reset(seed=0)
    assert {"panda", "panda/link7", "panda/left_finger", "panda/tool", "green-cube", "can", "bowl"} <= set(state.names)
    np.testing.assert_allclose(arm(state).joints, HOME, atol=1e-9)
    assert arm(state).gripper == pytest.approx(0.0, abs=1e-6)
    assert np.linalg.norm(arm(state).readings.of("wrist_force")) > 0.1
    np.testing.assert_allclose(pose(state, "green-cube")[:3], [0.5, 0.0, TABLE_M], atol=1e-3)


def test_a_seed_strews_the_things_within_reach_the_same_way_every_time():
    one, same, other = (tabletop_scene(seed=seed) for seed in (1, 1, 2))
    assert one.digest() == same.digest() != other.digest()
    spots = np.array([group.poses[0, :2] for group in one.placements if group.asset.endswith("cube")])
    assert (spots[:, 0] >= 0.35).all()
    assert (np.hypot(*(spots[:, None] - spots[None]).reshape(-1, 2).T).reshape(3, 3) + np.eye(3) > 0.13).all()


def test_joints_go_where_they_are_told_in_the_order_of_the_description(engine):
    targets = HOME + [0.3, -0.2, 0.1, 0.2, -0.3, 0.1, -0.4]
    state = engine.step({"panda": Action(Joints(targets))}, 60)
    np.testing.assert_allclose(arm(state).joints, targets, atol=2e-3)


def test_no_joint_outruns_what_its_maker_allows(engine):
    before = arm(engine.step({})).joints
    after = arm(engine.step({"panda": Action(Joints(HOME + [1.5, 0, 0, 0, 0, 0, 0]))}, 25)).joints
    assert 0.8 < (after - before)[0] / 0.5 / 2.175 <= 1.0


def test_targets_beyond_a_limit_stop_at_it(engine):
    state = engine.step({"panda": Action(Joints(HOME + [0, 0, 0, 0, 0, 5.0, 0]))}, 100)
    assert arm(state).joints[5] == pytest.approx(3.7525, abs=0.01)


def test_the_tool_goes_where_it_is_told_on_a_straight_line(engine):
    start = pose(engine.step({}), "panda/tool")[:3]
    end, off = np.array([0.35, 0.3, TABLE_M + 0.35]), []
    for _ in range(60):
        state = engine.step({"panda": tool_to(0.35, 0.3, 0.35, yaw=0.5)})
        at = pose(state, "panda/tool")[:3] - start
        along = (end - start) / np.linalg.norm(end - start)
        off.append(np.linalg.norm(at - (at @ along) * along))
    np.testing.assert_allclose(pose(state, "panda/tool")[:3], end, atol=2e-3)
    assert max(off) < 5e-3
    assert arm(state).failure == ""


def test_a_cube_is_lifted_ten_centimetres_and_put_down_elsewhere(engine):
    lifted = grasp(engine, 0.5, 0.0)
    assert pose(lifted, "green-cube")[2] - TABLE_M == pytest.approx(0.1, abs=0.005)
    assert {frozenset(pair) for pair in lifted.contacts.names} >= {
        frozenset(("panda/left_finger", "green-cube")), frozenset(("panda/right_finger", "green-cube")),
    }  # fmt: skip
    for action, ticks in (
        (tool_to(0.42, -0.05, CUBE_M / 2 + 0.1), 50),
        (tool_to(0.42, -0.05, CUBE_M / 2 + 0.004), 40),
        (tool_to(0.42, -0.05, CUBE_M / 2 + 0.004, 0.0), 30),
        (tool_to(0.42, -0.05, 0.2), 50),
    ):
        state = engine.step({"panda": action}, ticks)
    np.testing.assert_allclose(pose(state, "green-cube")[:3], [0.42, -0.05, TABLE_M], atol=0.01)
    assert not [pair for pair in state.contacts.names if "green-cube" in pair and "panda" in "".join(pair)]


def test_a_firm_grasp_lasts(engine):
    grasp(engine, 0.5, 0.0)
    before = pose(engine.step({"panda": tool_to(0.5, 0.0, 0.3)}, 60), "green-cube")
    after = pose(engine.step({}, 250), "green-cube")
    assert np.linalg.norm(after[:3] - before[:3]) < 0.006


def test_the_gripper_says_how_far_it_is_closed(engine):
    assert arm(engine.step({})).gripper == pytest.approx(0.0, abs=0.02)
    assert arm(engine.step({"panda": Action(gripper=1.0)}, 40)).gripper == pytest.approx(1.0, abs=0.02)
    engine.step({"panda": Action(gripper=0.0)}, 40)
    holding = arm(grasp(engine, 0.5, 0.0)).gripper
    assert holding == pytest.approx(1 - CUBE_M / 0.08, abs=0.03)  # each finger has a way of 4 cm


def test_a_tool_that_cannot_get_there_says_so(engine):
    state = engine.step({"panda": tool_to(2.0, 0.0, 0.3)}, 250)
    assert "out of reach" in arm(state).failure
    assert arm(engine.step({"panda": tool_to(0.5, 0.0, 0.3)}, 5)).failure == ""


def test_an_arm_that_is_told_nothing_holds_still_against_gravity(engine):
    state = engine.step({"panda": Action()}, 200)
    np.testing.assert_allclose(arm(state).joints, HOME, atol=1e-3)


@pytest.mark.parametrize(
    ("action", "says"),
    [
        (Action(Velocity(1.0)), "Velocity"),
        (Action(Skill("pick_up", "green-cube")), "pick_up"),
        (Action(Skill("fly")), "fly"),
        (Action(Joints(np.zeros(9))), "joint1"),
        (Action(Joints(np.full(7, np.nan))), "finite"),
        (Action(EndEffector(Pose(np.zeros(3), np.zeros(4)))), "length 1"),
        (Action(EndEffector(Pose(np.array([np.inf, 0, 0])))), "finite"),
        (Action(gripper=1.5), "gripper"),
    ],
)
def test_what_an_arm_cannot_do_is_refused_and_nothing_moves(engine, action, says):
    before = engine.state_hash()
    with pytest.raises(InvalidAction, match=says):
        engine.step({"panda": action})
    assert engine.state_hash() == before


def test_links_cannot_be_spawned_moved_or_taken_away_by_themselves(engine):
    for change in (
        Spawn("x", "panda/link3", Pose(np.zeros(3))), Move("panda/link3", Pose(np.zeros(3))), Remove("panda/hand"),
        Remove("panda"),
    ):  # fmt: skip
        with pytest.raises(InvalidChange, match=r"robot|link of 'panda'"):
            engine.edit([change])


def test_an_arm_can_be_put_somewhere_else_and_a_reset_puts_it_back(engine):
    start = engine.state_hash()
    before = pose(engine.step({}), "panda/hand")
    state = engine.edit([Move("panda", Pose(np.array([-0.1, 0.2, TABLE_M])))])
    np.testing.assert_allclose(pose(state, "panda/hand")[:3], before[:3] + [-0.1, 0.2, 0.0], atol=1e-6)
    state = engine.step({}, 5)
    np.testing.assert_allclose(pose(state, "panda")[:3], [-0.1, 0.2, TABLE_M])
    engine.reset(seed=0)
    assert engine.state_hash() == start


def test_an_arm_goes_on_in_the_new_model_that_many_new_things_need(engine):
    before = pose(grasp(engine, 0.5, 0.0), "green-cube")
    engine.edit([Spawn(f"x-{i}", "red-cube", Pose(np.array([0.3, -0.4 + 0.08 * i, TABLE_M + 0.01]))) for i in range(4)])
    state = engine.step({}, 25)
    np.testing.assert_allclose(pose(state, "green-cube")[:3], before[:3], atol=5e-3)
    assert arm(state).gripper == pytest.approx(1 - CUBE_M / 0.08, abs=0.03)


def test_the_same_orders_leave_the_same_world(engine):
    def run() -> int:
        engine.reset(seed=0)
        grasp(engine, 0.5, 0.0)
        engine.step({"panda": Action(Joints(HOME))}, 30)
        return engine.state_hash()

    assert run() == run()


def test_every_link_is_seen_under_its_own_name(engine):
    frame = engine.observe(["panda/follow"], ["segmentation"])[0]
    ids = {row.name: row.id for row in engine.scene.instances()}
    seen = set(np.unique(frame.segmentation).tolist())
    assert {ids[name] for name in ("panda", "panda/link1", "panda/link5", "panda/hand", "green-cube", "table")} <= seen


def test_the_hand_camera_looks_past_the_fingers_at_what_is_below(engine):
    engine.step({"panda": tool_to(0.5, 0.0, 0.2)}, 60)
    frame = engine.observe(["panda/hand"], ["segmentation"])[0]
    ids = {row.name: row.id for row in engine.scene.instances()}
    seen = set(np.unique(frame.segmentation).tolist())
    assert {ids["green-cube"], ids["panda/left_finger"], ids["panda/right_finger"]} <= seen


def test_links_can_be_painted(engine):
    engine.edit([Paint("panda/link5", (0.9, 0.1, 0.0))])
    rgb = engine.observe(["panda/follow"], ["rgb"])[0].rgb.astype(int)
    assert ((rgb[..., 0] - rgb[..., 2]) > 60).sum() > 100


def test_the_wrist_feels_what_the_hand_carries(engine):
    empty = arm(engine.step({"panda": tool_to(0.5, 0.0, 0.125, 0.0)}, 60)).readings.of("wrist_force")
    loaded = arm(grasp(engine, 0.5, 0.0)).readings.of("wrist_force")
    assert empty.shape == (3,)
    assert np.linalg.norm(loaded - empty) == pytest.approx(0.08 * 9.81, rel=0.3)


def test_joints_found_for_a_tool_pose_bring_the_tool_there():
    robot = read_robot("panda")
    kinematics, rng = Kinematics(robot), np.random.default_rng(0)
    low, high = robot.joints.low, robot.joints.high
    for _ in range(40):
        target = kinematics.tool(np.clip(HOME + rng.uniform(-0.6, 0.6, 7), low, high))
        found = kinematics.reach(HOME, target, steps=60)
        assert np.abs(gap(kinematics.tool(found), target)).max() < 1e-4
        assert ((found >= low) & (found <= high)).all()


def test_joints_stay_within_limits_even_where_the_tool_cannot_follow():
    robot = read_robot("panda")
    kinematics = Kinematics(robot)
    found = kinematics.reach(HOME, np.array([0.0, 0.0, -3.0, 1.0, 0.0, 0.0, 0.0]), steps=100)
    assert ((found >= robot.joints.low) & (found <= robot.joints.high)).all()
