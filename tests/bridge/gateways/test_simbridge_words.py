"""Our own words beside UnrealCV's: the state to the last bit, batches whole or not at all, skills and why they failed."""

import numpy as np
import pytest

from bridge.engine import Action, Move, Paint, Remove, Skill, Spawn
from bridge.errors import InvalidInput, OverQuota, UnknownBody
from bridge.types import Pose
from bridge.unrealcv.extension import Exact, act_line, action_of, changes_of, check_made, edit_line


def test_the_state_comes_to_the_last_bit_with_its_hash(ask):
    exact = Exact()
    state, word = exact.read(ask.bytes(exact.line))
    own = ask.stage.state
    assert state.names == own.names
    np.testing.assert_array_equal(state.poses, own.poses)
    np.testing.assert_array_equal(state.velocities, own.velocities)
    assert word == ask.stage.engine.state_hash()


def test_names_travel_once(ask):
    exact = Exact()
    first = ask.bytes(exact.line)
    told, _ = exact.read(first)
    second = ask.bytes(exact.line)
    assert len(first) - len(second) > sum(map(len, told.names))
    assert exact.read(second)[0].names == told.names


def test_a_batch_is_made_whole_and_unrealcv_s_words_see_it(ask):
    asset = next(name for name, one in ask.stage.scene.assets.items() if one.is_movable)
    x, y = np.mean(np.reshape(ask.stage.scene.bounds, (2, 2)), axis=0)
    batch = [Spawn("thing-new", asset, Pose(np.array([x, y, 20.0]))), Paint("thing-new", (0.1, 0.2, 0.3))]
    check_made(ask.bytes(edit_line(batch)))
    assert ask.numbers("vget /object/thing-new/location") == pytest.approx([100 * x, -100 * y, 2000.0], abs=1e-2)
    assert ask.stage.state.revision == 1


def test_a_batch_that_cannot_be_made_changes_nothing_and_says_why(ask):
    before = ask.stage.engine.state_hash()
    with pytest.raises(UnknownBody, match="no-such-thing"):
        check_made(ask.bytes(edit_line([Remove("no-such-thing"), Move("no-such-thing", Pose(np.zeros(3)))])))
    assert ask.stage.engine.state_hash() == before


def test_a_skill_that_fails_says_why(ask):
    agent = next(actor for actor in ask.stage.actors() if actor.is_agent)
    assert ask(act_line(agent.name, Action(Skill("pick_up", "no-such-thing")))) == "ok"
    ask.stage.tick(60)
    state, _ = Exact().read(ask.bytes(Exact().line))
    assert "no-such-thing" in next(one for one in state.agents if one.name == agent.thing).failure


def test_what_is_no_message_is_refused(ask):
    for said in ("!!!", "AAAA", "CgA"):
        assert ask(f"vset /simbridge/edit {said}").startswith("error InvalidInput"), said
    agent = next(actor for actor in ask.stage.actors() if actor.is_agent)
    assert ask(f"vset /simbridge/act {agent.name} ?").startswith("error InvalidInput")
    assert ask("vset /simbridge/act nobody CgA=") == "error Cannot find object"


def test_a_batch_that_the_gateway_would_not_take_is_not_sent():
    with pytest.raises(OverQuota, match="smaller ones"):
        edit_line([Paint("n" * 190, (0.1, 0.2, 0.3))] * 9_000)


def test_texts_come_back_as_they_were():
    batch = [Paint("a b/c", (0.1, 0.2, 0.3))]
    assert changes_of(edit_line(batch).split()[-1]) == batch
    action = Action(Skill("ride", "scooter-1"))
    said = action_of(act_line("x", action).split()[-1])
    assert said.motion == action.motion
    with pytest.raises(InvalidInput, match="base64"):
        action_of("\x00")
