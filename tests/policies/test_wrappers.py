"""Policies around policies, and doing again what was written down or recorded."""

import numpy as np
import pytest

from bridge.engine import Action, Drive, EndEffector, Joints, Skill, Velocity
from bridge.errors import InvalidInput, UnknownName, UsageError
from bridge.recording import Recorder, Recording
from bridge.tasks.default_town import town_scene
from bridge.types import Pose
from policies import noisy, replay, route
from policies.deeds import action, document, line, of_episode
from policies.wrappers import LEVELS, Chunks, FrameSkip, Noise, Written
from tests.bridge.point_mass import PointMass
from tests.policies.seen import seen


class Says:
    """A policy that says its actions one after the other, and counts how often it was asked."""

    def __init__(self, *actions: Action) -> None:
        self.actions, self.asked, self.is_closed = actions, 0, False

    def reset(self, *, seed: int, agent: str, instruction: str) -> None:
        self.asked = 0

    def act(self, observation) -> Action:
        self.asked += 1
        return self.actions[(self.asked - 1) % len(self.actions)]

    def chunk(self, observation):
        self.asked += 1
        return self.actions

    def close(self) -> None:
        self.is_closed = True


def begun(policy, seed=1):
    policy.reset(seed=seed, agent="courier-1", instruction="")
    return policy


AHEAD, SOUP, QUAY = Action(Velocity(1.0)), Action(Skill("accept", "order-12")), Action(Skill("go_to", "14 Quay Street"))


def test_frame_skip_asks_every_third_time_and_at_once_after_a_failure():
    inner = Says(AHEAD, SOUP)
    policy = begun(FrameSkip(inner, 3))
    assert [policy.act(seen()) for _ in range(4)] == [AHEAD, AHEAD, AHEAD, SOUP]
    assert policy.act(seen(failure="no way there")) is AHEAD
    assert inner.asked == 3


def test_of_a_chunk_only_a_part_is_carried_out():
    inner = Says(AHEAD, SOUP, QUAY)
    policy = begun(Chunks(inner, 2))
    assert [policy.act(seen()) for _ in range(4)] == [AHEAD, SOUP, AHEAD, SOUP]
    assert inner.asked == 2


def test_a_failure_ends_a_chunk():
    policy = begun(Chunks(Says(AHEAD, SOUP, QUAY), 3))
    assert [policy.act(seen()), policy.act(seen(failure="taken"))] == [AHEAD, AHEAD]


def test_an_empty_chunk_is_an_error():
    with pytest.raises(UsageError, match="empty chunk"):
        begun(Chunks(Says(), 1)).act(seen())


@pytest.mark.parametrize("motion", [Velocity(1.2, 0.0, 0.3), Drive(0.5, -0.2), Joints(np.ones(3)), Skill("rest")])
def test_no_noise_changes_nothing(motion):
    done = begun(Noise(Says(Action(motion)), "none")).act(seen()).motion
    assert document(Action(done)) == document(Action(motion))


def test_higher_rungs_disturb_motion_more_the_same_way():
    ladder = [begun(Noise(Says(AHEAD), level)).act(seen()).motion for level in LEVELS]
    gaps = np.array([one.forward_m_s - 1.0 for one in ladder])
    assert gaps[0] == 0.0
    assert (np.diff(np.abs(gaps)) > 0).all()
    np.testing.assert_allclose(gaps[1:] / [LEVELS[name].motion for name in list(LEVELS)[1:]], gaps[-1], rtol=1e-9)


def test_what_a_lower_rung_does_to_skills_a_higher_one_does_too():
    policies = [begun(Noise(Says(SOUP), level)) for level in LEVELS]
    changed = np.array([[policy.act(seen()).motion != SOUP.motion for _ in range(300)] for policy in policies])
    assert not changed[0].any()
    assert (np.diff(changed.astype(int), axis=0) >= 0).all()
    assert changed[-1].mean() > 0.5


def test_a_skill_that_goes_on_is_not_disturbed_again():
    policy = begun(Noise(Says(QUAY), "strong"))
    first = policy.act(seen())
    assert all(policy.act(seen(doing="go_to")) is first for _ in range(20))


def test_noise_is_the_same_for_the_same_seed_and_another_for_another():
    runs = [[begun(Noise(Says(AHEAD), "mild"), seed).act(seen()).motion for _ in range(3)] for seed in (1, 1, 2)]
    assert runs[0] == runs[1] != runs[2]


def test_an_unknown_rung_is_told_with_the_others():
    with pytest.raises(UsageError, match="Available: heavy, mild, none, slight, strong"):
        Noise(Says(AHEAD), "wild")


@pytest.mark.parametrize(
    "one",
    [AHEAD, SOUP, Action(), Action(Drive(0.1, 0.2, 0.3)), Action(Joints(np.arange(3.0)), gripper=0.5),
     Action(EndEffector(Pose(np.arange(3.0)))), Action(None, say="hello")],
)  # fmt: skip
def test_actions_survive_being_written(one):
    assert document(action(document(one))) == document(one)


def test_what_was_written_is_done_again(tmp_path):
    path = tmp_path / "courier-1.jsonl"
    writer = begun(Written(Says(AHEAD, SOUP, QUAY), path))
    told = [writer.act(seen(time_s=time_s)) for time_s in (0.0, 10.0, 20.0)]
    writer.close()
    again = begun(replay.make(replay.Config(file=str(path))))
    found = [again.act(seen(time_s=time_s)) for time_s in (0.0, 5.0, 10.0, 25.0)]
    expected = [told[0], told[0], told[1], told[2]]
    assert [document(one) for one in found] == [document(one) for one in expected]


def test_what_an_agent_was_told_in_a_recording_is_done_again(tmp_path):
    engine = Recorder(PointMass())
    engine.load(town_scene())
    engine.start(tmp_path / "a.mcap", cameras=())
    engine.reset(seed=0)
    engine.step({"courier-1": Action(Velocity(0.5))}, ticks=10)
    engine.step({"courier-1": Action(Velocity(0.25))}, ticks=10)
    engine.stop()
    path = tmp_path / "courier-1.jsonl"
    with Recording(tmp_path / "a.mcap") as recording:
        path.write_text("".join(line(deed) for deed in of_episode(recording.episodes()[0], "courier-1")))
    policy = begun(replay.make(replay.Config(file=str(path))))
    assert [policy.act(seen(time_s=time_s)).motion for time_s in (0.1, 0.2)] == [Velocity(0.5), Velocity(0.25)]


@pytest.mark.parametrize(("config", "said"), [
    (replay.Config(), "--replay.file"), (replay.Config(file="none.jsonl"), "There is no file"),
])  # fmt: skip
def test_a_replay_of_nothing_says_what_to_give_it(config, said):
    with pytest.raises(InvalidInput, match=said):
        begun(replay.make(config))


def test_a_line_that_is_no_decision_is_named(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text('{"time_s": 1, "agent": "courier-1", "action": {"velocity": {"up_m_s": 1}}}\n')
    with pytest.raises(InvalidInput, match="line 1"):
        begun(replay.make(replay.Config(file=str(path))))


def test_noisy_wraps_any_policy_by_name_and_writes_what_it_does(tmp_path):
    policy = begun(noisy.make(noisy.Config(policy="greedy", level="none", write_to=str(tmp_path))))
    told = policy.act(seen(carrying=[]))
    policy.close()
    assert document(begun(replay.make(replay.Config(file=str(tmp_path / "courier-1.jsonl")))).act(seen())) == document(
        told
    )
    with pytest.raises(UnknownName, match="greedy"):
        noisy.make(noisy.Config(policy="greddy"))


def test_route_goes_where_it_is_told_and_waits_when_it_is_there():
    policy = begun(route.make(route.Config()))
    told = policy.act(seen(notes={}, instruction="Go to 14 Quay Street.")).motion
    assert told == Skill("go_to", "14 Quay Street")
    there = policy.act(seen(notes={}, instruction="Go to 14 Quay Street.")).motion
    assert isinstance(there, Skill)
    assert there.verb == "wait"
