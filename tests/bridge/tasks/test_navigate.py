"""Navigate as pure functions: seeded errands in reach, rewards worked by hand, terminated and truncated apart."""

from dataclasses import replace

import numpy as np
import pytest

from bridge.errors import InvalidInput, InvalidScene
from bridge.tasks.navigate import Config, Navigate, make
from bridge.types import Contacts, WorldState
from tests.bridge.control.towns import hamlet

AGENT = "courier-1"


@pytest.fixture(scope="module")
def task() -> Navigate:
    return make(Config(limit_s=60.0))


def begun(task: Navigate, seed: int):
    return task.setup(hamlet().scene, np.random.default_rng(seed))


def state_at(xy, *, time_s: float = 0.0, yaw: float = 0.0, touching: str = "") -> WorldState:
    pose = np.array([[*xy, 2.0, np.cos(yaw / 2), 0.0, 0.0, np.sin(yaw / 2)]])
    contacts = Contacts(((AGENT, touching),), np.zeros((1, 3)), np.ones(1)) if touching else None
    return WorldState(round(time_s / 0.02), time_s, (AGENT,), pose, np.zeros((1, 6)), contacts)


def test_the_same_seed_is_the_same_errand(task):
    (a, moves, said), (b, again, said_again) = begun(task, 4), begun(task, 4)
    assert said == said_again
    np.testing.assert_array_equal(moves[0].pose.position, again[0].pose.position)
    assert a.errands[AGENT].shortest_m == b.errands[AGENT].shortest_m


def test_seeds_give_different_errands_in_reach(task):
    errands = [begun(task, seed)[0].errands[AGENT] for seed in range(12)]
    assert len({errand.address for errand in errands}) > 3
    assert all(14.0 < errand.shortest_m < 121.0 for errand in errands)


def test_the_agent_is_told_the_address(task):
    state, _, said = begun(task, 0)
    assert said == {AGENT: f"Go to {state.errands[AGENT].address}."}


def test_coming_nearer_is_rewarded_by_the_metre(task):
    state, _, _ = begun(task, 0)
    errand = state.errands[AGENT]
    route = hamlet().walks.route(np.array(state.errands[AGENT].goal), errand.goal + [8.0, 0.0, 0.0])
    assert route is not None
    far, near = errand.goal[:2] + [4.0, 0.0], errand.goal[:2] + [3.0, 0.0]
    state = replace(state, errands={AGENT: replace(errand, left_m=errand.distances.at(far))})
    after, outcomes, _ = task.advance(state, state_at(far), {}, state_at(near, time_s=0.2))
    progress = errand.distances.at(far) - errand.distances.at(near)
    assert outcomes[AGENT].reward == pytest.approx(progress - 0.02 * 0.2)
    assert not outcomes[AGENT].terminated
    assert not outcomes[AGENT].truncated
    assert after.errands[AGENT].walked_m == pytest.approx(1.0)


def test_the_door_reached_terminates_with_the_bonus_and_spl(task):
    state, _, _ = begun(task, 0)
    errand = state.errands[AGENT]
    at = errand.goal[:2] + [0.5, 0.0]
    state = replace(state, errands={AGENT: replace(errand, left_m=0.5, walked_m=2 * errand.shortest_m)})
    _, outcomes, _ = task.advance(state, state_at(at), {}, state_at(at, time_s=0.2))
    outcome = outcomes[AGENT]
    assert (outcome.terminated, outcome.truncated) == (True, False)
    assert outcome.reward == pytest.approx(10.0 - 0.02 * 0.2)
    assert outcome.info["spl"] == pytest.approx(0.5)


def test_time_up_truncates_and_does_not_terminate(task):
    state, _, _ = begun(task, 0)
    away = state.errands[AGENT].goal[:2] + [30.0, 0.0]
    state, outcomes, _ = task.advance(state, state_at(away), {}, state_at(away, time_s=59.9))
    assert not outcomes[AGENT].truncated
    state, outcomes, _ = task.advance(state, state_at(away, time_s=59.9), {}, state_at(away, time_s=60.0))
    assert (outcomes[AGENT].terminated, outcomes[AGENT].truncated) == (False, True)
    assert outcomes[AGENT].info["spl"] == 0.0
    _, outcomes, _ = task.advance(state, state_at(away), {}, state_at(away, time_s=60.2))
    assert outcomes == {}


def test_a_touch_counts_once_while_it_lasts_and_the_ground_never(task):
    state, _, _ = begun(task, 0)
    at = state.errands[AGENT].goal[:2] + [20.0, 0.0]
    before = state_at(at)
    floor = next(part.name for part in hamlet().scene.parts if part.semantic == "dock")
    for touching, count in ((floor, 0), ("bench-1", 1), ("bench-1", 1), ("", 1), ("bench-1", 2)):
        state, outcomes, _ = task.advance(state, before, {}, state_at(at, touching=touching))
        assert outcomes[AGENT].info["collisions"] == count


def test_the_goal_is_told_in_the_body_s_own_directions(task):
    state, _, _ = begun(task, 0)
    goal = state.errands[AGENT].goal[:2]
    # 10 m south of the goal and facing east, the goal lies 10 m to the left.
    told = task.tells(state, state_at(goal - [0.0, 10.0]))[AGENT]["goal"]
    np.testing.assert_allclose(told, [10.0, np.pi / 2], atol=1e-9)
    told = task.tells(state, state_at(goal - [0.0, 10.0], yaw=np.pi / 2))[AGENT]["goal"]
    np.testing.assert_allclose(told, [10.0, 0.0], atol=1e-9)


def test_more_agents_than_the_town_has_are_spawned():
    crowd = make(Config(agents=4))
    _, changes, said = begun(crowd, 0)
    assert [type(change).__name__ for change in changes] == ["Move", "Move", "Spawn", "Spawn"]
    assert tuple(said) == crowd.agents(hamlet().scene)


@pytest.mark.parametrize("wrong", [{"agents": 0}, {"least_m": 50.0, "most_m": 20.0}, {"limit_s": 0.0}])
def test_numbers_that_mean_nothing_are_refused(wrong):
    with pytest.raises(InvalidInput, match="Give at least one agent"):
        make(Config(**wrong))


def test_a_town_too_small_for_the_distance_says_so():
    with pytest.raises(InvalidScene, match="none with a start 5000 to 6000 m away"):
        begun(make(Config(least_m=5000.0, most_m=6000.0)), 0)
