"""A recording watched: it goes through the ticks that were recorded, under their sky, and stays at the end."""

import numpy as np
import pytest

from bridge.engine import Action, Spawn, Velocity, Weather
from bridge.errors import NotRecorded
from bridge.recording import record
from bridge.types import Pose
from bridge.viewer.driving import Wheel
from bridge.viewer.news import Light, Notice, Picture
from bridge.viewer.playback import Playback, recorded_scene, recorded_world
from tests.bridge.viewing import Outdoors, staged
from tests.scenes import tiny_scene


@pytest.fixture
def run(tmp_path):
    """Steps of 1, 3 and 5 ticks; after the first the weather turns and a boat comes in; the courier walks 1 m/s."""
    path = tmp_path / "run.mcap"
    scene = tiny_scene()
    boat = next(asset.name for asset in scene.assets.values() if asset.semantic == "boat")
    with record(Outdoors(), path, cameras=["courier-1/front"], every_ticks=3) as engine:
        engine.load(scene)
        engine.reset(seed=4)
        engine.step({"courier-1": Action(Velocity(1.0))})
        engine.edit([Weather("snow", snow_cover=1.0)])
        engine.edit([Spawn("late boat", boat, Pose(np.array([0.0, -20.0, 0.0])))])
        engine.step({}, ticks=3)
        engine.step({}, ticks=5)
    return path


def test_the_town_is_in_the_recording(run):
    assert recorded_scene(run).digest() == tiny_scene().digest()


def test_playback_shows_the_last_recorded_state_up_to_now(run):
    playback = Playback(run)
    playback.load(tiny_scene())
    assert playback.reset(seed=0).tick == 0
    assert [playback.step({}).tick for _ in range(11)] == [1, 1, 1, 4, 4, 4, 4, 4, 9, 9, 9]
    assert playback.reset(seed=0).tick == 0
    playback.close()


def test_an_episode_that_is_not_there_is_refused(run):
    with pytest.raises(NotRecorded, match=r"has no episode 3; it has 1, counted from 0"):
        Playback(run, episode=3)


def test_a_recording_can_be_seen_from_any_moment_on(run):
    playback = Playback(run)
    playback.load(tiny_scene())
    playback.reset(seed=0)
    assert playback.span == (0, 9)
    assert [playback.seek(tick).tick for tick in (9, 3, 0, 4, 100)] == [9, 1, 0, 4, 9]
    assert playback.environment().weather == "snow"
    playback.seek(0)
    assert playback.environment() == tiny_scene().environment
    assert [playback.step({}).tick for _ in range(4)] == [1, 1, 1, 4]
    playback.close()


def test_pictures_are_the_last_ones_up_to_now(run):
    playback = Playback(run)
    playback.load(tiny_scene())
    playback.reset(seed=0)
    playback.seek(9)
    (late,) = playback.observe(["courier-1/front"], ["rgb"])
    playback.seek(3)
    (early,) = playback.observe(["courier-1/front"], ["rgb"])
    playback.close()
    assert early.tick < 4 <= late.tick
    assert early.rgb is not None
    assert (early.rgb == early.tick).all()


def test_a_recording_waits_for_its_audience_and_says_when_it_has_ended(run):
    scene = recorded_scene(run)
    with staged(None, scene, opening=recorded_world(run, scene)) as (stage, heard):
        waiting = heard.status()
        assert (waiting.state.tick, waiting.is_paused, waiting.is_ended) == (0, True, False)
        stage.ready()
        assert not heard.status(lambda status: not status.is_paused).is_ended
        ended = heard.status(lambda status: status.is_ended)
        assert (ended.state.tick, ended.is_paused) == (9, True)
        stage.ready()
        stage.seek(4, "a page")
        seen = heard.status(lambda status: not status.is_ended)
        assert (seen.state.tick, seen.is_paused) == (4, True)
        stage.seek(9, "a page")
        heard.status(lambda status: status.is_ended)
        stage.run()
        assert heard.status(lambda status: not status.is_paused).state.tick < 9
        heard.status(lambda status: status.is_ended)


def test_what_came_into_a_recorded_world_is_known_by_its_asset(run):
    scene = recorded_scene(run)
    with staged(None, scene, opening=recorded_world(run, scene)) as (stage, heard):
        stage.ready()
        assert "late boat" in heard.status(lambda status: status.is_ended).state.names
        assert scene.assets[stage.spawned["late boat"]].semantic == "boat"


def test_only_recordings_are_seen_from_another_moment_on():
    with staged(Outdoors()) as (stage, heard):
        stage.seek(3, "a page")
        assert "Only recordings" in heard.until(lambda news: isinstance(news, Notice)).text


def test_a_recording_is_watched_with_its_weather_and_pictures_but_not_driven(run):
    scene = recorded_scene(run)
    with staged(None, scene, opening=recorded_world(run, scene)) as (stage, heard):
        stage.pause()
        stage.want("a page", "courier-1/front")
        stage.reset("a page")
        stage.run()
        assert heard.until(lambda news: isinstance(news, Light)).scene.environment.weather == "snow"
        assert heard.until(lambda news: isinstance(news, Picture)).camera == "courier-1/front"
        assert not heard.status(lambda status: status.state.tick == 9).trouble
        stage.drive("courier-1", Wheel(1.0), "a page")
        assert "only watched" in heard.until(lambda news: isinstance(news, Notice)).text
