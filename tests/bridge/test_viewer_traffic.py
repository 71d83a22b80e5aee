"""Traffic in a world that is watched: brought in with its models, moved, begun anew, taken out; refused where it cannot be."""

import numpy as np
import pytest

from bridge.engine import Remove, Weather
from bridge.errors import NotAllowed
from bridge.scene import Scene
from bridge.viewer.news import Light, Notice
from bridge.viewer.show import own_world
from bridge.viewer.stage import Stage
from bridge.viewer.traffic import Traffic
from tests.bridge.control.towns import hamlet
from tests.bridge.viewing import Heard, Outdoors, staged
from tests.scenes import tiny_scene


@pytest.fixture(scope="module")
def town() -> Scene:
    return hamlet().scene


def is_on(status) -> bool:
    return status.traffic == "on"


def test_traffic_is_brought_in_moves_and_is_taken_out_again(town):
    with staged(Outdoors(), town) as (stage, heard):
        before = heard.status().state.names
        stage.set_traffic(True, "a page")
        heard.status(lambda status: status.traffic == "coming")
        first = heard.status(is_on).state
        came = [name for name in first.names if name not in before]
        assert {name.rpartition("-")[0] for name in came} == {"traffic", "pedestrian"}
        assert {town.assets[stage.spawned[name]].semantic for name in came} == {"vehicle", "person"}

        def has_gone(status) -> bool:
            return np.abs(status.state.poses - first.poses)[[first.names.index(one) for one in came], :2].max() > 1.0

        heard.status(has_gone)
        stage.set_traffic(False, "a page")
        assert heard.status(lambda status: status.traffic == "off").state.names == before
        assert stage.spawned == {}


def test_a_world_may_begin_with_traffic_at_its_first_tick(town):
    heard = Heard()
    stage = Stage(own_world(Outdoors, town, seed=0), town, heard, has_traffic=True)
    stage.start()
    first = heard.status()
    stage.close()
    assert (first.state.tick, first.traffic) == (0, "on")
    assert set(stage.spawned) <= set(first.state.names)


def test_a_reset_begins_traffic_and_weather_anew(town):
    engine = Outdoors()
    with staged(engine, town) as (stage, heard):
        stage.pause()
        stage.set_traffic(True)
        heard.status(is_on)
        stage.reset()  # a tick may have passed before the pause
        first = heard.status(lambda status: status.state.tick == 0 and is_on(status)).state
        stage.change_weather({"weather": "fog"})
        heard.until(lambda news: isinstance(news, Light) and news.scene.environment.weather == "fog")
        stage.step(200)
        heard.status(lambda status: status.state.tick == 200)
        stage.reset()
        assert heard.until(lambda news: isinstance(news, Light)).scene.environment == town.environment
        anew = heard.status(lambda status: status.state.tick == 0 and is_on(status)).state
    assert engine.edits == [Weather("fog", visibility_m=160.0, wetness=0.3, snow_cover=0.0)]
    assert anew.names == first.names
    np.testing.assert_array_equal(anew.poses, first.poses)


def test_the_same_seed_brings_the_same_traffic(town):
    one, other = (Traffic(town, seed=3) for _ in range(2))
    assert one.spawned == other.spawned
    assert one.spawned != Traffic(town, seed=4).spawned


def test_a_town_without_cars_and_people_is_told_to_have_no_traffic():
    with staged(Outdoors()) as (stage, heard):
        stage.set_traffic(True, "a page")
        assert "There can be no traffic from here" in heard.until(lambda news: isinstance(news, Notice)).text
        assert heard.status().traffic == "off"
    with pytest.raises(NotAllowed, match="no traffic from here"):
        Stage(own_world(Outdoors, tiny_scene(), seed=0), tiny_scene(), Heard(), has_traffic=True).start()


def test_traffic_ends_when_somebody_else_takes_a_part_of_it_away(town):
    class Thieved(Outdoors):
        def step(self, actions, ticks=1):
            state = super().step(actions, ticks)
            if self.tick > 20 and "pedestrian-1" in self.poses:
                return self.edit([Remove("pedestrian-1")])
            return state

    with staged(Thieved(), town) as (stage, heard):
        stage.set_traffic(True)
        assert "taken a part of the traffic away" in heard.until(lambda news: isinstance(news, Notice)).text
        rest = heard.status(lambda status: status.traffic == "off")
        assert not rest.trouble
        assert not [name for name in rest.state.names if name.startswith(("traffic-", "pedestrian-"))]
