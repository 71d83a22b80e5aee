"""When a dream asks its model, what it is given, and what is taken of the answer: told by a plain with a car and a van."""

from dataclasses import replace

import numpy as np
import pytest

from bridge.engine import Action, Move, Paint, Remove, Velocity
from bridge.errors import EngineFailed, InvalidAction, InvalidInput, NotSupported, UnknownBody, UnknownCamera
from bridge.types import Pose
from tests.world_models.plain import PlainEngine, plain
from tests.world_models.scripted import Scripted
from world_models.dream import DreamEngine, Settings

FRAME = 20  # ticks: 0.4 s on the road
AHEAD = {"ego-1": Action(Velocity(5.0))}


def begun(model=None, **settings):
    dream = DreamEngine(PlainEngine(), model or Scripted(), "ego-1", settings=Settings(**settings))
    dream.load(plain())
    dream.reset(seed=0)
    return dream


def asked(dream):
    """How many moments the model was given and asked for, each time."""
    return [(len(past.times_s), len(course.times_s)) for past, course, _ in dream.model.asked]


def where(state, name):
    return state.poses[state.names.index(name)]


def test_the_model_is_asked_for_a_frame_when_it_is_due():
    dream = begun()
    for _ in range(9):
        state = dream.step(AHEAD, 5)
    assert state.tick == 45
    assert asked(dream) == [(1, 1), (2, 1)]
    assert [(frame.tick, frame.is_seen) for frame in dream.film] == [(0, True), (20, False), (40, False)]
    assert dream.film[2].success == pytest.approx(0.2)  # frame 2 of the script


def test_one_long_step_is_as_many_short_ones():
    at_once, bit_by_bit = begun(), begun()
    at_once.step(AHEAD, 3 * FRAME)
    for _ in range(3 * FRAME):
        bit_by_bit.step(AHEAD, 1)
    assert at_once.state_hash() == bit_by_bit.state_hash()


def test_a_chunk_is_asked_for_when_it_was_walked():
    dream = begun(chunk=3)
    dream.step(AHEAD, 7 * FRAME)
    assert asked(dream) == [(1, 3), (4, 3)]
    assert len(dream.film) == 7


def test_what_was_foreseen_holds_as_long_as_the_body_comes_there():
    dream = begun(ahead=4)
    dream.step(AHEAD, 4 * FRAME)
    assert asked(dream) == [(1, 4)]
    dream.step({"ego-1": Action(Velocity(2.0))}, FRAME)
    assert asked(dream) == [(1, 4), (5, 4)]
    dream.step({"ego-1": Action(Velocity(5.0))}, FRAME)  # it was supposed to go on at 2 m/s
    assert asked(dream)[2:] == [(6, 4)]
    assert [frame.tick for frame in dream.film] == [FRAME * index for index in range(7)]


def test_the_course_says_where_the_body_went_and_what_it_was_told():
    dream = begun()
    dream.step(AHEAD, FRAME)
    past, course, _ = dream.model.asked[0]
    assert 0.0 < course.body[0, 0] < 2.0  # up to 0.4 s of 5 m/s, less what it takes to get going
    assert course.actions == ((AHEAD, FRAME),)
    assert past.episode.begin.seed == 0
    assert [camera.mount for camera in past.cameras] == ["body"]


def test_several_frames_can_be_seen_before_the_dream_begins():
    dream = begun(seen_frames=3)
    dream.step(AHEAD, 4 * FRAME)
    assert [frame.is_seen for frame in dream.film] == [True, True, True, False, False]
    past, _, _ = dream.model.asked[0]
    np.testing.assert_allclose(past.body[:, 0], [0.0, 2.0, 4.0])  # 5 m/s for 0.4 s each, as the plain has it
    np.testing.assert_allclose(past.times_s, [0.0, 0.4, 0.8])


def test_keyframes_are_seen_in_the_world_that_was_told_the_same():
    dream = begun(keyframe_every=2)
    state = dream.step(AHEAD, 2 * FRAME)
    assert [frame.is_seen for frame in dream.film] == [True, False, True]
    assert where(state, "ego-1")[0] == pytest.approx(
        4.0
    )  # 0.8 s of 5 m/s: the plain's cars are at once as fast as told
    assert (dream.film[2].rgb == 2 * FRAME).all()


def test_without_keyframes_the_world_stands_still_while_one_dreams():
    dream = begun()
    dream.step(AHEAD, 4 * FRAME)
    assert dream._inner.steps == 0


def test_a_model_that_needs_depth_is_asked_from_what_was_seen_with_it():
    dream = begun(Scripted(needs_depth=True), seen_frames=2)
    dream.step(AHEAD, 4 * FRAME)
    assert asked(dream) == [(2, 1), (2, 2), (2, 3)]
    past, _, _ = dream.model.asked[0]
    assert past.depth.shape == (2, 1, 96, 160)
    assert np.unique(past.labels).tolist() == [0, 1]
    assert [thing.name for thing in past.things] == ["van-1"]
    assert dream.model.asked[1][0] is past  # the same object, so that a model can know it again


def test_what_is_imagined_goes_on_as_fast_as_it_went():
    there = np.array([22.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0])
    dream = begun(Scripted({"van-1": (1, there)}))
    assert where(dream.step({}, FRAME), "van-1")[0] == pytest.approx(22.0)
    assert where(dream.step({}, 10), "van-1")[0] == pytest.approx(23.0)  # 2 m in 0.4 s: half as much in 10 ticks


def test_who_runs_into_somebody_touches_them():
    there = np.array([5.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0])
    dream = begun(Scripted({"van-1": (1, there)}))
    assert dream.step({}, FRAME - 1).contacts.names == ()
    near = dream.step({}, 1)  # 4.2 / 2 + 5.0 / 2 = 4.6 m are free between middles
    assert near.contacts.names == ()
    there[0] = 4.5
    assert dream.step({}, FRAME).contacts.names == (("ego-1", "van-1"),)


def test_things_of_a_dream_can_be_moved_and_removed():
    dream = begun()
    dream.step({}, FRAME)
    state = dream.edit([Move("van-1", Pose(np.array([30.0, 3.0, 0.0])))])
    assert where(state, "van-1")[:2].tolist() == [30.0, 3.0]
    dream.step({}, FRAME)
    np.testing.assert_allclose(dream.model.asked[-1][1].others["van-1"][:, :2], [[30.0, 3.0]])
    state = dream.edit([Remove("van-1")])
    assert state.names == ("ego-1",)
    assert state.revision == 2
    dream.step({}, FRAME)
    assert dream.model.asked[-1][1].removed == {"van-1"}


def test_what_cannot_be_imagined_is_not_supported():
    dream = begun()
    dream.step({}, 1)
    with pytest.raises(NotSupported, match="cannot paint"):
        dream.edit([Paint("van-1", (1.0, 0.0, 0.0))])
    with pytest.raises(NotSupported, match="'depth' is not imagined"):
        dream.observe(["front"], ("rgb", "depth"))
    with pytest.raises(UnknownCamera, match="'wrist'"):
        dream.observe(["wrist"], ("rgb",))


def test_views_go_by_their_names_and_by_those_of_the_engine():
    dream = begun()
    dream.step({}, FRAME)
    frames = dream.observe(["front", "ego-1/front"], ("rgb",))
    assert [frame.camera for frame in frames] == ["front", "ego-1/front"]
    assert all(frame.rgb.shape == (96, 160, 3) and (frame.rgb == 1).all() for frame in frames)


def test_a_dream_has_a_hash_before_its_first_step():
    dream = begun()
    assert dream.state_hash() == dream.state_hash() == begun().state_hash()


def test_a_dream_refuses_as_engines_do():
    dream = DreamEngine(PlainEngine(), Scripted(), "ego-1")
    with pytest.raises(EngineFailed, match="load"):
        dream.step({})
    dream.load(plain())
    with pytest.raises(EngineFailed, match="reset"):
        dream.step({})
    dream.reset(seed=0)
    with pytest.raises(UnknownBody, match="ego-2"):
        dream.step({"ego-2": Action()})
    with pytest.raises(InvalidAction, match="forward_m_s"):
        dream.step({"ego-1": Action(Velocity(float("nan")))})
    with pytest.raises(InvalidAction, match="0 ticks"):
        dream.step({}, 0)
    dream.close()
    with pytest.raises(EngineFailed, match="closed"):
        dream.step({})
    assert dream._inner.is_closed


def test_the_model_is_told_what_the_agent_is_told():
    dream = begun()
    dream.instruct({"ego-1": "Follow your route.", "ego-2": "Wait."})
    dream.step({}, FRAME)
    assert dream.model.asked[0][0].instruction == "Follow your route."


def test_a_model_for_another_task_is_refused():
    dream = begun(Scripted())
    dream.model.info = replace(dream.model.info, task="manipulate")
    with pytest.raises(InvalidInput, match="for the task 'manipulate'"):
        dream.step({})


@pytest.mark.parametrize("wrong", [{"chunk": 0}, {"ahead": -1}, {"seen_frames": 0}, {"chunk": 2, "ahead": 4}])
def test_settings_that_mean_nothing_are_refused(wrong):
    with pytest.raises(InvalidInput, match="dream"):
        Settings(**wrong)
