"""Driving and table-top work as environments: the checkers pass, seeds repeat, and others' traffic goes on between steps."""

import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env
from pettingzoo.test import parallel_api_test, parallel_seed_test

import bridge.tasks.envs  # noqa: F401
from bridge.engine import Drive
from bridge.engines import open_engine
from bridge.tasks.envs import parallel_env
from bridge.tasks.gym_env import TaskEnv
from tests.bridge.serving import serving

DRIVE, MANIPULATE = "simbridge/Drive-v0", "simbridge/Manipulate-v0"
FEW, NOBODY = {"vehicles": 2, "pedestrians": 2}, {"vehicles": 0, "pedestrians": 0}


@pytest.mark.parametrize(
    ("name", "options", "actions"),
    [(DRIVE, FEW, "continuous"), (DRIVE, NOBODY, "discrete"), (MANIPULATE, {"skill": "drawer"}, "continuous")],
)
def test_gymnasium_s_checker_passes(name, options, actions):
    env = gymnasium.make(name, actions=actions, **options)
    check_env(env.unwrapped)
    env.close()


@pytest.mark.parametrize(
    "options",
    [
        {"skill": "push", "control": "joints"}, {"skill": "stack", "is_privileged": False, "is_dense": True},
        {"skill": "reach", "actions": "discrete"}, {"skill": "pick-place"},
    ],
)  # fmt: skip
def test_every_way_to_be_led_and_told_is_a_member_of_its_space(options):
    env = gymnasium.make(MANIPULATE, disable_env_checker=True, **options).unwrapped
    seen, _ = env.reset(seed=0)
    assert seen in env.observation_space
    assert ("objects" in seen) is (options.get("is_privileged", True) and options["skill"] != "reach")
    env.action_space.seed(0)
    for _ in range(5):
        seen, reward, *_ = env.step(env.action_space.sample())
        assert seen in env.observation_space
        assert np.isfinite(reward)
    env.close()


@pytest.mark.parametrize(("task", "options"), [("drive", {"agents": 2, **FEW}), ("manipulate", {"skill": "reach"})])
def test_pettingzoo_s_checkers_pass(task, options):
    env = parallel_env(task, **options)
    parallel_api_test(env, num_cycles=6)
    env.close()
    parallel_seed_test(lambda: parallel_env(task, **options), num_cycles=3)


def test_traffic_goes_on_ten_times_a_second_while_a_step_lasts():
    env = TaskEnv("drive", vehicles=4, pedestrians=0, ticks=25)
    env.reset(seed=1)
    before = env.episodes.now()
    for _ in range(12):
        env.step(np.array([-1.0, 0.0], np.float32))
    after = env.episodes.now()
    assert after.tick - before.tick == 300
    cars = [after.names.index(f"traffic-{index}") for index in range(1, 5)]
    assert (np.linalg.norm(after.poses[cars, :2] - before.poses[cars, :2], axis=1) > 3.0).sum() >= 3
    env.close()


def test_a_car_that_has_arrived_holds_still_beside_those_that_go_on():
    env = parallel_env("drive", vehicles=0, pedestrians=0, least_m=20.0, most_m=20.5)
    env.reset(seed=0)
    gas = {agent: np.array([0.6, 0.0], np.float32) for agent in env.possible_agents}
    while len(env.agents) == 2:
        env.step({agent: gas[agent] for agent in env.agents})
    over = next(agent for agent in env.possible_agents if agent not in env.agents)
    led = env.episodes.task.leads(env.episodes.task_state, env.episodes.now())
    assert led[over].motion == Drive(brake=1.0)
    env.close()


@pytest.mark.parametrize(("task", "options", "count"), [("drive", FEW, 2), ("manipulate", {"skill": "drawer"}, 5)])
def test_a_server_judges_as_an_engine_here_does(task, options, count):
    here = TaskEnv(task, **options)
    with serving(lambda: open_engine("embedded"), scene=False) as server:
        there = TaskEnv(task, address=server.address, **options)
        chosen = np.linspace(0.5, -0.2, count).astype(np.float32)
        for env in (here, there):
            env.reset(seed=3)
        for _ in range(5):
            ours, theirs = (env.step(chosen) for env in (here, there))
            for name in ours[0]:
                np.testing.assert_array_equal(ours[0][name], theirs[0][name])
            assert ours[1:4] == theirs[1:4]
        there.close()
    here.close()
