"""Tasks as Gymnasium and PettingZoo environments: the checkers pass, workers run, and somebody who knows the map succeeds."""

import json

import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env
from pettingzoo.test import parallel_api_test, parallel_seed_test

import bridge.tasks.envs
from bridge.commands import envs
from bridge.engines import open_engine
from bridge.tasks.envs import parallel_env
from bridge.tasks.gym_env import TaskEnv
from examples.navigate import chance, expert, run
from tests.bridge.serving import serving

ID = "simbridge/Navigate-v0"


def test_the_command_lists_every_environment(capsys):
    assert envs.run(envs.Config(json=True)) == 0
    told = json.loads(capsys.readouterr().out)
    assert told[ID].startswith("Reach an address")
    assert set(told) <= set(gymnasium.registry)


@pytest.mark.parametrize("actions", ["continuous", "discrete"])
def test_gymnasium_s_checker_passes(actions):
    env = gymnasium.make(ID, actions=actions)
    check_env(env.unwrapped)
    env.close()


def test_the_checker_passes_with_pictures():
    env = gymnasium.make(ID, cameras=True, size=(32, 24), render_mode="rgb_array")
    check_env(env.unwrapped)
    seen, told = env.reset(seed=0)
    assert seen["rgb"].shape == (24, 32, 3)
    assert seen["rgb"].std() > 5
    assert told["instruction"].startswith("Go to ")
    picture = env.render()
    assert isinstance(picture, np.ndarray)
    assert (picture.shape, picture.dtype) == ((480, 640, 3), np.uint8)
    env.close()


def test_a_seed_gives_the_same_episode_and_none_the_next():
    env = gymnasium.make(ID)
    told = [env.reset(seed=7)[1], env.reset()[1], env.reset(seed=7)[1], env.reset()[1]]
    assert told[0] == told[2]
    assert told[1] == told[3]
    env.close()


def test_pettingzoo_s_checkers_pass():
    env = parallel_env(agents=3)
    parallel_api_test(env, num_cycles=20)
    env.close()
    parallel_seed_test(lambda: parallel_env(agents=2), num_cycles=10)


def test_environments_run_in_processes_of_their_own():
    envs = gymnasium.make_vec(
        ID, num_envs=2, vectorization_mode="async", vector_kwargs={"context": "spawn", "shared_memory": False}
    )
    seen, _ = envs.reset(seed=[0, 1])
    assert seen["goal"].shape == (2, 2)
    assert seen["goal"][0, 0] != seen["goal"][1, 0]
    _, rewards, terminated, truncated, _ = envs.step(np.zeros((2, 3), np.float32))
    assert rewards.shape == (2,)
    assert not terminated.any()
    assert not truncated.any()
    envs.close()


def test_a_server_does_the_work_as_well_as_an_engine_here():
    here = TaskEnv()
    with serving(lambda: open_engine("embedded"), scene=False) as server:
        there = TaskEnv(address=server.address)
        for env in (here, there):
            env.reset(seed=3)
        for _ in range(5):
            ours, theirs = (env.step(np.array([1.0, 0.0, 0.2], np.float32)) for env in (here, there))
        for name in ours[0]:
            np.testing.assert_array_equal(ours[0][name], theirs[0][name])
        assert ours[1] == theirs[1]
        there.close()
    here.close()


def test_who_knows_the_map_gets_there_and_chance_does_not():
    env = parallel_env(agents=20, most_m=35.0, limit_s=60.0)
    knows = list(run(env, expert, 0).values())
    assert len(knows) == 20
    assert np.mean([end["success"] for end in knows]) >= 0.95
    assert np.mean([end["spl"] for end in knows]) > 0.8
    env.close()
    env = parallel_env(agents=20, most_m=60.0, limit_s=8.0)
    lost = list(run(env, chance, 0).values())
    assert np.mean([end["success"] for end in lost]) <= 0.2
    env.close()


def test_importing_twice_registers_once():
    bridge.tasks.envs.register()
    assert ID in gymnasium.registry
