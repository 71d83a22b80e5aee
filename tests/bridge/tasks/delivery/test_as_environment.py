"""Delivery for learners: `simbridge/Delivery-v0` and its like for several, by the libraries' own checkers."""

import numpy as np
import pytest

from bridge.tasks.delivery.config import Demand
from bridge.tasks.envs import parallel_env

gymnasium = pytest.importorskip("gymnasium")
BUSY = Demand(orders_per_agent_h=400.0, prepare_least_s=0.0, prepare_most_s=0.0, trip_least_m=0.0)


@pytest.fixture
def env():
    made = gymnasium.make("simbridge/Delivery-v0", demand=BUSY, disable_env_checker=True)
    yield made
    made.close()


def test_it_keeps_gymnasium_s_contract(env):
    from gymnasium.utils.env_checker import check_env

    check_env(env.unwrapped, skip_render_check=True)


def test_the_goal_leads_to_a_shop_and_walking_there_fetches_the_food(env):
    observed, _ = env.reset(seed=0)
    task, episodes = env.unwrapped.episodes.task, env.unwrapped.episodes
    for _ in range(200):
        if observed["goal"][0] > 0:
            break
        observed, *_ = env.step(np.zeros(3, np.float32))
    (order,) = [order for order in episodes.task_state.orders.values() if order.agent]
    shop = task.town(episodes.scene)[1].doors[order.shop]
    way = shop[:2] - episodes.now().poses[episodes.now().names.index(env.unwrapped.agent), :2]
    assert observed["goal"][0] == pytest.approx(np.hypot(*way), abs=1e-3)
    assert env.observation_space.contains(observed)


def test_several_keep_pettingzoo_s_contract():
    from pettingzoo.test import parallel_api_test

    env = parallel_env("delivery", demand=BUSY, hours=0.01)
    try:
        parallel_api_test(env, num_cycles=60)
    finally:
        env.close()
