"""Episodes: who decides when, who carries out what, and that nobody's failure stops the others."""

import numpy as np
import pytest

from bridge.engine import Action, Joints, Velocity
from bridge.engines import open_engine
from bridge.errors import EngineFailed, InvalidInput
from bridge.recording import Recording
from bridge.tasks import navigate
from bridge.tasks.episodes import View
from evaluation import Life, Settings, rollout
from policies import route
from tests.bridge.control.towns import hamlet
from tests.bridge.serving import served
from tests.evaluation.errands import Broken, Ringing, Script, Stalled, Uncounted, do


@pytest.fixture(scope="module")
def engine():
    with open_engine("kinematic") as opened:
        opened.load(hamlet().scene)
        yield opened


def navigating(agents: int = 2, **more):
    return navigate.make(navigate.Config(agents=agents, most_m=40.0, limit_s=60.0, **more))


def routes(task) -> dict:
    return {agent: route.make(route.Config()) for agent in task.agents(hamlet().scene)}


def rung(engine, *deeds, **more):
    """A short episode of the bell, and the policy that was asked."""
    script = Script(deeds)
    result = rollout(Ringing(), hamlet().scene, engine, {"courier-1": script}, seed=0, town=hamlet(), **more)
    return result, script


def test_agents_that_know_the_way_arrive(engine):
    task = navigating()
    result = rollout(task, hamlet().scene, engine, routes(task), seed=1, town=hamlet())
    assert result.ended == "over"
    assert all(row["success"] and row["terminated"] and not row["refused"] for row in result.rows.values())
    for agent, trace in result.traces.items():
        assert np.diff(trace[:, 0]).min() > 0
        made = np.linalg.norm(np.diff(trace[:, 1:], axis=0), axis=1).sum()
        assert made == pytest.approx(result.rows[agent]["moved_m"], rel=0.1)


def test_the_same_seed_gives_the_same_result_and_another_does_not(engine):
    task, life = navigating(), Life(vehicles=1, pedestrians=3)
    runs = [
        rollout(task, hamlet().scene, engine, routes(task), seed=seed, town=hamlet(), ambient=life)
        for seed in (2, 2, 3)
    ]
    assert runs[0].digest() == runs[1].digest()
    assert runs[0].state_hash == runs[1].state_hash
    assert runs[0].digest() != runs[2].digest()


def test_an_episode_is_the_same_over_grpc(engine):
    task, life = navigating(), Life(vehicles=0, pedestrians=2)
    here = rollout(task, hamlet().scene, engine, routes(task), seed=4, ambient=life, hours=10 / 3600)
    with served(lambda: open_engine("kinematic"), scene=False) as remote:
        there = rollout(task, hamlet().scene, remote, routes(task), seed=4, ambient=life, hours=10 / 3600)
    assert there.rows == here.rows
    assert there.digest() == here.digest()
    assert there.state_hash == here.state_hash


def test_a_policy_that_raises_is_counted_and_the_others_arrive(engine):
    task = navigating()
    minds = routes(task)
    minds["courier-1"] = Broken(())
    result = rollout(task, hamlet().scene, engine, minds, seed=1, town=hamlet())
    assert result.rows["courier-1"]["mind_errors"] == result.rows["courier-1"]["decisions"] > 2
    assert result.rows["courier-1"]["truncated"]
    assert result.rows["courier-1"]["moved_m"] < 0.1
    assert result.rows["courier-2"]["success"]
    assert any(event.kind == "mind errors" and "no idea" in event.details["why"] for event in result.events)


def test_a_policy_that_stalls_is_left_to_think_and_the_others_arrive(engine):
    task, stalled = navigating(), Stalled()
    minds = {**routes(task), "courier-1": stalled}
    quick = Settings(decision_s=2.0, pause_s=5.0)
    try:
        result = rollout(task, hamlet().scene, engine, minds, seed=1, town=hamlet(), settings=quick)
    finally:
        stalled.let_go.set()
    assert result.rows["courier-1"]["mind_timeouts"] >= 2
    assert result.rows["courier-2"]["success"]
    assert not stalled.is_closed


def test_a_policy_that_cannot_say_what_it_counted_ends_its_episode_and_the_diary_says_so(engine):
    mind = Uncounted([do("ring"), do("ring"), do("ring")])
    result = rollout(Ringing(), hamlet().scene, engine, {"courier-1": mind}, seed=0, town=hamlet())
    assert result.rows["courier-1"]["rung"] == 3
    assert result.reports == {}
    (error,) = [event for event in result.events if event.kind == "mind errors"]
    assert error.details["why"] == "ValueError: lost count"
    assert mind.is_closed


def test_minds_have_to_fit_the_agents(engine):
    with pytest.raises(InvalidInput, match="courier-1"):
        rollout(Ringing(), hamlet().scene, engine, {"somebody": Script(())}, seed=0, town=hamlet())


def test_the_task_carries_out_its_own_verbs_and_tells_what_came_of_it(engine):
    result, script = rung(engine, do("ring"), do("clap"), do("ring"), do("ring"))
    assert result.ended == "over"
    assert result.rows["courier-1"]["rung"] == 3
    assert result.rows["courier-1"]["reward"] == 3.0
    assert [event.details["times"] for event in result.events if event.kind == "rung"] == [1, 2, 3]
    assert [message.text for message in script.seen[1].messages] == ["ding 1"]
    assert script.seen[2].failure == "Hands are full."
    assert script.seen[2].messages == ()
    assert script.is_closed


def test_what_the_task_refuses_is_not_done_and_the_agent_learns_why(engine):
    result, script = rung(engine, do("ring", "hard"), do("ring"))
    assert script.seen[1].failure == "The bell would break."
    assert script.seen[1].time_s == pytest.approx(Settings().pause_s)
    assert result.rows["courier-1"]["refused"] == 1
    assert result.rows["courier-1"]["rung"] == 1


def test_a_verb_that_nobody_knows_is_refused_with_those_there_are(engine):
    result, script = rung(engine, do("juggle"))
    assert "juggle" in script.seen[1].failure
    assert "go_to" in script.seen[1].failure
    assert result.rows["courier-1"]["refused"] == 1


def test_what_no_body_can_do_is_refused_by_the_engine_and_told(engine):
    result, script = rung(engine, Action(Joints(np.zeros(3))), do("ring"))
    assert "no joints" in script.seen[1].failure
    assert result.rows["courier-1"]["refused"] == 1
    assert result.rows["courier-1"]["rung"] == 1


def test_a_skill_that_fails_tells_why_at_the_next_decision(engine):
    _, script = rung(engine, do("pick_up", "no-such-parcel"), do("go_to", "99 Nowhere Road"), do("wait"))
    assert "no-such-parcel" in script.seen[1].failure
    assert "Nowhere Road" in script.seen[2].failure
    assert script.seen[1].time_s < 2.0


def test_a_wait_lasts_as_long_as_it_says_and_wakes_early_for_nothing(engine):
    _, script = rung(engine, do("wait", text='{"s": 3}'), do("wait", "2"))
    assert [seen.time_s for seen in script.seen[:3]] == pytest.approx([0.0, 3.0, 5.0])


def test_an_agent_is_asked_at_the_latest_when_patience_ends(engine):
    _, script = rung(engine, do("wait", text='{"s": 100}'), settings=Settings(patience_s=6.0))
    assert [seen.time_s for seen in script.seen[:2]] == pytest.approx([0.0, 6.0])
    assert script.seen[1].doing == "wait"


def test_velocities_are_asked_for_after_every_step(engine):
    result, script = rung(engine, *[Action(Velocity(1.0))] * 10)
    assert np.diff([seen.tick for seen in script.seen[:10]]).tolist() == [5] * 9
    assert result.rows["courier-1"]["moved_m"] > 0.5


def test_what_the_task_changes_in_the_world_is_there_at_the_next_step(engine):
    _, script = rung(engine, do("fly"), do("wait"))
    before, after = (seen.pose.position for seen in script.seen[:2])
    np.testing.assert_allclose(after - before, [2.0, 0.0, 0.0], atol=0.1)


def test_an_engine_that_fails_ends_the_episode_with_what_there_is(engine):
    class Failing:
        info = engine.info

        def __getattr__(self, name):
            return getattr(engine, name)

        def step(self, actions, ticks=1):
            state = engine.step(actions, ticks)
            if state.tick > 100:
                raise EngineFailed("The physics broke down. Reset the world.")
            return state

    result = rollout(Ringing(), hamlet().scene, Failing(), {"courier-1": Script(())}, seed=0, town=hamlet())
    assert result.ended == "engine"
    assert "broke down" in result.failure
    assert result.ticks == 100


def test_an_episode_can_be_recorded(engine, tmp_path):
    result, _ = rung(engine, do("ring"), record=tmp_path / "shift.mcap", hours=2 / 3600)
    with Recording(tmp_path / "shift.mcap") as recording:
        (episode,) = recording.episodes()
    assert episode.ticks == result.ticks == 100
    assert episode.task == "ringing"
    assert result.ended == "time"


def test_a_result_is_a_json_document(engine):
    result, _ = rung(engine, do("ring"), do("ring"), do("ring"))
    document = result.document()
    assert document["rows"]["courier-1"]["terminated"] is True
    assert document["digest"] == result.digest()
    assert document["traces"]["courier-1"][0][0] == 0.0


def test_coarse_looks_and_the_kinematic_engine_end_as_fine_ones_and_physics_do():
    """The same errands: all reached on both, in times within a few per cent, with no collision that is only there."""
    task, found = navigating(4), []
    for name in ("embedded", "kinematic"):
        with open_engine(name) as opened:
            result = rollout(task, hamlet().scene, opened, routes(task), seed=5)
            ends = {}
            for agent, trace in result.traces.items():
                still = np.linalg.norm(trace[:, 1:] - trace[-1, 1:], axis=1) < 0.3
                ends[agent] = float(trace[np.argmax(still), 0])
            found.append((result.rows, ends))
    (fine, fine_s), (coarse, coarse_s) = found
    for agent in fine:
        assert coarse[agent]["success"]
        assert fine[agent]["success"]
        assert coarse_s[agent] == pytest.approx(fine_s[agent], rel=0.06, abs=1.5)
        assert coarse[agent]["walked_m"] == pytest.approx(fine[agent]["walked_m"], rel=0.05, abs=1.0)
        assert coarse[agent]["collisions"] <= fine[agent]["collisions"]


def test_what_policies_see_has_the_size_that_was_asked_for():
    seen = []

    class Looking:
        def reset(self, *, seed, agent, instruction): ...

        def act(self, observation):
            seen.append(observation.frames["front"].rgb.shape)
            return Action()

        def close(self): ...

    settings = Settings(view=View(modalities=("rgb",), width=32, height=24))
    with open_engine("kinematic") as fresh:
        rollout(Ringing(), hamlet().scene, fresh, {"courier-1": Looking()}, seed=0, hours=0.001, settings=settings)
    assert set(seen) == {(24, 32, 3)}
