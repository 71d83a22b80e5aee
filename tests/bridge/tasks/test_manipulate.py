"""Work at a table as pure functions: seeded starts, success read from states made by hand, numbers that lead the arm."""

import functools
import itertools
from dataclasses import replace

import numpy as np
import pytest

from bridge.engine import Action, Drive, EndEffector, Joints, Skill
from bridge.errors import InvalidInput
from bridge.frames import pose_array, quat_from_yaw, quat_product
from bridge.robots.description import read_robot
from bridge.robots.tabletop import CUBE_M, TABLE_M
from bridge.tasks.manipulate import Config, make
from bridge.tasks.manipulate.config import SkillName
from bridge.tasks.manipulate.tables import HANDLE_M, table
from bridge.types import AgentState, Contacts, Pose, WorldState

ARM = "panda"
DOWN = np.array([0.0, 1.0, 0.0, 0.0])
SKILLS = SkillName.__args__


def on_table(places, *, tool=(0.4, 0.0, 0.5), speed=0.0, touching=()) -> WorldState:
    """The arm with its tool at a place in its base's frame, and things at (x, y, z over the table)."""
    rows = {
        ARM: pose_array([0.0, 0.0, TABLE_M], 0.0),
        f"{ARM}/tool": np.array([tool[0], tool[1], tool[2] + TABLE_M, *DOWN]),
        **{name: pose_array([x, y, TABLE_M + z], 0.0) for name, (x, y, z) in places.items()},
    }
    velocities = np.zeros((len(rows), 6))
    velocities[:, 0] = speed
    contacts = Contacts(tuple(touching), np.zeros((len(touching), 3)), np.ones(len(touching)))
    own = AgentState(ARM, joints=np.zeros(7), gripper=0.0)
    return WorldState(0, 0.0, tuple(rows), np.array(list(rows.values())), velocities, contacts, (own,))


laid_table = functools.cache(table)


def begun(skill, seed=0, **config):
    task = make(Config(skill=skill, **config))
    return task, *task.setup(laid_table(skill), np.random.default_rng(seed))


def done(task, state, first, second) -> bool:
    return task.advance(state, first, {}, second)[1][ARM].terminated


@pytest.mark.parametrize("skill", SKILLS)
def test_the_same_seed_lays_the_same_table_and_other_seeds_others(skill):
    (_, _, one, said), (_, _, same, again), (_, _, other, _) = (begun(skill, seed) for seed in (1, 1, 2))
    places = [[(c.name, *c.pose.position) for c in changes] for changes in (one, same, other)]
    assert places[0] == places[1] != places[2]
    assert said == again
    assert said[ARM].endswith(".")


@pytest.mark.parametrize("skill", ["reach", "push", "pick-place", "stack"])
def test_things_lie_apart_and_within_reach(skill):
    for seed in range(10):
        _, _, changes, _ = begun(skill, seed)
        spots = np.array([c.pose.position[:2] for c in changes if c.name != "mark"])
        gaps = np.linalg.norm(spots[:, None] - spots, axis=2) + np.eye(len(spots))
        assert gaps.min() > 0.13
        assert (np.abs(spots - [0.5, 0.0]) <= [0.15, 0.35]).all()


def test_a_push_leads_past_nothing_else():
    for seed in range(10):
        _, state, changes, _ = begun("push", seed)
        places = {c.name: c.pose.position[:2] for c in changes}
        start, end = places[state.errand.moved], state.errand.goal[:2]
        np.testing.assert_array_equal(places["mark"], end)
        for share in np.linspace(0.0, 1.0, 21):
            way = start + share * (end - start)
            others = [xy for name, xy in places.items() if name not in ("mark", state.errand.moved)]
            assert min(np.linalg.norm(xy - way) for xy in others) > 0.09


def test_reaching_is_the_tool_within_two_centimetres():
    task, state, _, _ = begun("reach")
    goal = state.errand.goal - [0.0, 0.0, TABLE_M]
    far, near = on_table({}, tool=goal + [0.0, 0.021, 0.0]), on_table({}, tool=goal + [0.0, 0.019, 0.0])
    assert not done(task, state, far, far)
    assert done(task, state, far, near)


def test_a_cube_is_in_the_bowl_once_it_is_let_go_and_lies_there():
    task, state, _, _ = begun("pick-place")
    cube = state.errand.moved
    inside = {cube: (0.5, 0.1, 0.01), "bowl": (0.51, 0.1, 0.0)}
    away = on_table({cube: (0.4, -0.1, 0.0), "bowl": (0.51, 0.1, 0.0)})
    assert not done(task, state, away, away)
    assert not done(task, state, away, on_table(inside, touching=[(f"{ARM}/left_finger", cube)]))
    assert not done(task, state, away, on_table(inside, speed=0.2))
    assert not done(task, state, away, on_table({**inside, cube: (0.5, 0.1, 0.2)}))
    assert done(task, state, away, on_table(inside))


def test_a_cube_is_stacked_when_it_lies_on_the_other_one_and_not_beside():
    task, state, _, _ = begun("stack")
    cube, under = state.errand.things
    below = {under: (0.5, 0.0, 0.0)}
    away = on_table({**below, cube: (0.4, 0.2, 0.0)})
    for place, is_done in (
        ((0.5, 0.02, CUBE_M), True), ((0.5, 0.03, CUBE_M), False), ((0.5, 0.0, CUBE_M + 0.02), False),
        ((0.5, 0.06, 0.0), False),
    ):  # fmt: skip
        assert done(task, state, away, on_table({**below, cube: place})) is is_done


def test_a_cube_is_pushed_when_it_lies_on_the_mark():
    task, state, _, _ = begun("push")
    cube, (x, y, _) = state.errand.moved, state.errand.goal
    away = on_table({cube: (0.4, 0.2, 0.0)})
    assert done(task, state, away, on_table({cube: (x, y + 0.029, 0.0)}))
    assert not done(task, state, away, on_table({cube: (x, y + 0.031, 0.0)}))
    assert not done(task, state, away, on_table({cube: (x, y, 0.1)}))


def test_a_drawer_is_open_by_how_far_its_tray_is_out_of_its_cabinet():
    task, state, _, _ = begun("drawer")
    shut = on_table({"drawer": (0.7, 0.0, 0.0), "drawer/tray": (0.7, 0.0, 0.0)})
    for out, is_done in ((0.119, False), (0.121, True)):
        opened = on_table({"drawer": (0.7, 0.0, 0.0), "drawer/tray": (0.7 - out, 0.0, 0.0)})
        assert done(task, state, shut, opened) is is_done


def test_the_bar_is_where_the_drawer_s_description_has_it():
    model = read_robot("drawer").model
    site, tray = model.site("handle"), model.body("tray")
    assert site.bodyid[0] == tray.id
    np.testing.assert_allclose(site.pos, HANDLE_M)


def test_time_up_truncates_and_an_end_is_told_once():
    task, state, _, _ = begun("reach", limit_s=1.0)
    first, second = on_table({}), replace(on_table({}), time_s=1.0, tick=50)
    state, outcomes, _ = task.advance(state, first, {}, second)
    assert (outcomes[ARM].terminated, outcomes[ARM].truncated, outcomes[ARM].info["success"]) == (False, True, False)
    assert task.advance(state, first, {}, second)[1] == {}


def test_a_dense_reward_is_every_metre_nearer_and_adds_up():
    task, state, _, _ = begun("reach", is_dense=True)
    goal = state.errand.goal - [0.0, 0.0, TABLE_M]
    states = [on_table({}, tool=goal + [0.0, away, 0.0]) for away in (0.3, 0.2, 0.25, 0.01)]
    rewards = []
    for first, second in itertools.pairwise(states):
        state, outcomes, _ = task.advance(state, first, {}, second)
        rewards.append(outcomes[ARM].reward)
    np.testing.assert_allclose(rewards, [0.1, -0.05, 1.0 + 0.24], atol=1e-9)


def test_places_are_told_in_the_frame_of_the_base_and_only_if_asked_for():
    task, state, _, _ = begun("pick-place")
    cube = state.errand.moved
    world = on_table({cube: (0.4, 0.1, 0.0), "bowl": (0.5, -0.2, 0.0)})
    told = task.tells(state, world)[ARM]
    np.testing.assert_allclose(told["objects"].reshape(2, 7)[:, :3], [[0.4, 0.1, 0.0], [0.5, -0.2, 0.0]], atol=1e-9)
    np.testing.assert_allclose(told["tool"], [0.4, 0.0, 0.5, *DOWN], atol=1e-9)
    blind, state, _, _ = begun("pick-place", is_privileged=False)
    assert set(blind.tells(state, world)[ARM]) == {"joints", "gripper", "tool"}
    assert "left_m" not in blind.shows(state, world, ARM)


def test_numbers_lead_the_tool_which_keeps_pointing_down():
    task, _, _, _ = begun("reach")
    action = task.controlled(on_table({}), ARM, (1.0, 0.0, -1.0, 1.0, 1.0))
    assert isinstance(action.motion, EndEffector)
    led = action.motion.base_from_tool
    np.testing.assert_allclose(led.position, [0.45, 0.0, 0.45])
    np.testing.assert_allclose(led.quat_wxyz, quat_product(quat_from_yaw(0.3), DOWN))
    assert action.gripper == 1.0
    low = task.controlled(on_table({}, tool=(0.4, 0.0, 0.02)), ARM, (0.0, 0.0, -1.0, 0.0, -1.0))
    assert low.motion.base_from_tool.position[2] > 0.0
    assert low.gripper == 0.0


def test_numbers_lead_the_joints():
    task, _, _, _ = begun("reach", control="joints")
    action = task.controlled(on_table({}), ARM, (1.0, -1.0, 0.0, 0.0, 0.0, 0.0, 0.5, 0.0))
    assert isinstance(action.motion, Joints)
    np.testing.assert_allclose(action.motion.targets, [0.1, -0.1, 0, 0, 0, 0, 0.05])
    assert len(task.choices) == 2 * 15


def test_arms_refuse_to_go_anywhere():
    task, state, _, _ = begun("reach")
    for motion in (Drive(1.0), Skill("go_to", "bowl")):
        assert "bolted to the table" in task.refuses(state, on_table({}), ARM, Action(motion))
    assert task.refuses(state, on_table({}), ARM, Action(EndEffector(Pose(np.array([0.4, 0, 0.4]))), 1.0)) == ""


@pytest.mark.parametrize("wrong", [{"skill": "juggle"}, {"control": "mind"}, {"limit_s": 0.0}])
def test_what_nobody_can_do_is_refused(wrong):
    with pytest.raises(InvalidInput, match=r"Choose one of|must be above 0"):
        Config(**wrong)
