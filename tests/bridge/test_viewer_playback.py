"""A recording watched: it goes through the ticks that were recorded, under their sky, and stays at the end."""

import pytest

from bridge.engine import Action, Velocity, Weather
from bridge.errors import NotRecorded
from bridge.recording import record
from bridge.viewer.driving import Wheel
from bridge.viewer.playback import Playback, recorded_scene, recorded_world
from bridge.viewer.stage import Light, Notice, Picture
from tests.bridge.viewing import Outdoors, staged
from tests.scenes import tiny_scene


@pytest.fixture
def run(tmp_path):
    """Steps of 1, 3 and 5 ticks with the weather turning after the first; the courier walks 1 m/s."""
    path = tmp_path / "run.mcap"
    with record(Outdoors(), path, cameras=["courier-1/front"], every_ticks=3) as engine:
        engine.load(tiny_scene())
        engine.reset(seed=4)
        engine.step({"courier-1": Action(Velocity(1.0))})
        engine.edit([Weather("snow", snow_cover=1.0)])
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
