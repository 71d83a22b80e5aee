"""The world behind the page: goes on by itself, holds still, steps, is driven, changes its weather, and says what failed."""

import os
import signal
import sys
from dataclasses import replace

import numpy as np
import pytest

import bridge
from bridge.engine import Action, Drive, Skill, Spawn, Velocity, Weather
from bridge.engines.embedded import Config
from bridge.engines.embedded.engine import EmbeddedEngine
from bridge.errors import InvalidInput, Refused, RendererUnavailable
from bridge.scene import Environment
from bridge.types import AgentState, Pose, WorldState
from bridge.viewer.driving import RUN_M_S, WALK_M_S, Wheel, action_of, mount_or_dismount
from bridge.viewer.light import BRINGS, weather_asked
from bridge.viewer.news import Light, Notice, Picture
from bridge.viewer.show import served_world
from bridge.worker import WorkerEngine
from tests.bridge.embedded_town import embedded_town
from tests.bridge.point_mass import PointMass
from tests.bridge.serving import Process, serving
from tests.bridge.viewing import Outdoors, staged
from tests.scenes import tiny_scene


def test_a_world_goes_on_by_itself():
    with staged(Outdoors()) as (_, heard):
        assert heard.status(lambda status: status.state.tick > 5).is_paused is False


def test_a_paused_world_goes_exactly_the_ticks_it_is_told():
    with staged(Outdoors()) as (stage, heard):
        stage.pause()
        held = heard.status(lambda status: status.is_paused).state.tick
        stage.step(7)
        assert heard.status(lambda status: status.state.tick != held).state.tick == held + 7
        stage.step(1)
        assert heard.status(lambda status: status.state.tick != held + 7).state.tick == held + 8
        stage.run()
        heard.status(lambda status: status.state.tick > held + 20)


def test_a_reset_begins_at_the_first_tick():
    with staged(Outdoors()) as (stage, heard):
        heard.status(lambda status: status.state.tick > 3)
        stage.pause()
        stage.reset()
        assert heard.status(lambda status: status.is_paused and status.state.tick == 0).state.time_s == 0


def test_the_weather_reaches_the_engine_and_the_light():
    engine = Outdoors()
    with staged(engine) as (stage, heard):
        stage.change_weather({"weather": "fog"}, "a page")
        news = heard.until(lambda news: isinstance(news, Light))
    assert engine.edits == [BRINGS["fog"]]
    assert news.scene.environment.weather == "fog"
    assert news.scene.environment.visibility_m == BRINGS["fog"].visibility_m


def test_an_evening_lights_the_lamps_unless_they_are_asked_for():
    noon = Environment(time_of_day_h=12.0)
    assert weather_asked(noon, {"time_of_day_h": 22.0}) == Weather(time_of_day_h=22.0, lamps_lit=True)
    assert weather_asked(noon, {"time_of_day_h": 12.0}) == Weather(time_of_day_h=12.0, lamps_lit=False)
    assert weather_asked(noon, {"time_of_day_h": 22.0, "lamps_lit": False}).lamps_lit is False
    assert weather_asked(noon, {"wetness": 0.5}) == Weather(wetness=0.5)


def test_what_an_engine_refuses_is_told_to_the_one_who_asked_and_the_world_goes_on():
    with staged(PointMass()) as (stage, heard):
        stage.change_weather({"weather": "snow"}, "a page")
        notice = heard.until(lambda news: isinstance(news, Notice))
        assert (notice.text, notice.asker) == ("Points have no colour and no weather.", "a page")
        tick = heard.status().state.tick
        heard.status(lambda status: status.state.tick > tick + 3 and not status.trouble)


def test_an_agent_is_driven_as_long_as_its_keys_are_held():
    engine = Outdoors()
    with staged(engine) as (stage, heard):
        stage.drive("courier-2", Wheel(forward=1.0, turn=-0.5))
        start = heard.status().state
        at = start.names.index("courier-2")
        heard.status(lambda status: status.state.poses[at, 0] > start.poses[at, 0] + 0.1)
        stage.drive("courier-2", Wheel(), ends=True)
        heard.status(lambda status: status.state.tick > start.tick + 200)
    assert engine.acted[0]["courier-2"].motion == Velocity(WALK_M_S, 0.0, -0.9)
    assert engine.acted[-1]["courier-2"].motion is None


def test_keys_are_steps_on_foot_and_pedals_on_wheels():
    assert action_of(Wheel(1.0, 0.0, True), is_vehicle=False).motion == Velocity(RUN_M_S, 0.0, 0.0)
    assert action_of(Wheel(1.0, 0.5, True), is_vehicle=True).motion == Drive(1.0, 0.5, 0.0)
    stopping = action_of(Wheel(), is_vehicle=True).motion
    assert isinstance(stopping, Drive)
    assert stopping.throttle == 0
    assert stopping.brake > 0
    assert action_of(Wheel(), is_vehicle=False).motion is None


def test_riding_takes_the_nearest_vehicle_within_reach():
    names = ("courier-1", "scooter-far", "scooter-near", "bench-1")
    poses = np.zeros((4, 7))
    poses[:, 0] = 0.0, 5.0, 3.0, 1.0
    semantics = {"scooter-far": "scooter", "scooter-near": "scooter", "bench-1": "street-furniture"}
    state = WorldState(0, 0.0, names, poses, agents=(AgentState("courier-1"),))
    assert mount_or_dismount(state, "courier-1", semantics).motion == Skill("ride", "scooter-near")
    poses[1:3, 0] = 50.0
    with pytest.raises(Refused, match="finds nothing to ride within 8 m"):
        mount_or_dismount(state, "courier-1", semantics)
    riding = replace(state, agents=(AgentState("courier-1", riding="scooter-far"),))
    assert mount_or_dismount(riding, "courier-1", semantics).motion == Skill("dismount")


def test_nobody_drives_who_is_no_agent():
    with staged(Outdoors()) as (stage, heard):
        stage.drive("courier-9", Wheel(1.0), "a page")
        notice = heard.until(lambda news: isinstance(news, Notice))
    assert "No agent named 'courier-9'. Did you mean" in notice.text


def test_an_engine_that_fails_stops_the_world_and_a_reset_starts_it_anew():
    class Fragile(Outdoors):
        def step(self, actions, ticks=1):
            if self.tick > 10 and not self.is_mended:
                raise ZeroDivisionError("a wheel came off")
            return super().step(actions, ticks)

    engine = Fragile()
    engine.is_mended = False
    with staged(engine) as (stage, heard):
        broken = heard.status(lambda status: bool(status.trouble))
        assert "a wheel came off" in broken.trouble
        assert broken.is_paused
        engine.is_mended = True
        stage.reset()
        stage.run()
        heard.status(lambda status: status.state.tick > 15 and not status.trouble)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_an_engine_whose_process_dies_is_told_and_a_reset_brings_up_another():
    engine = WorkerEngine("tests.bridge.point_mass")
    with staged(engine) as (stage, heard):
        heard.status(lambda status: status.state.tick > 3)
        os.kill(engine.pid, signal.SIGKILL)
        assert "reset the world" in heard.status(lambda status: bool(status.trouble)).trouble
        stage.run()
        assert heard.status().is_paused
        stage.reset()
        stage.run()
        heard.status(lambda status: status.state.tick > 3 and not status.trouble)


def test_pictures_are_of_the_tick_they_name():
    with staged(Outdoors()) as (stage, heard):
        stage.want("a page", "courier-1/front")
        picture = heard.until(lambda news: isinstance(news, Picture) and news.tick > 2)
        assert picture.camera == "courier-1/front"
        assert (picture.rgb == picture.tick % 251).all()
        stage.want("a page", "courier-1/back")
        assert "No camera named 'courier-1/back'" in heard.until(lambda news: isinstance(news, Notice)).text


def test_one_thread_owns_the_engine_from_beginning_to_end():
    engine = Outdoors()
    with staged(engine) as (stage, heard):
        stage.want("a page", "courier-1/front")
        stage.change_weather({"weather": "rain"}, "a page")
        heard.until(lambda news: isinstance(news, Picture))
    assert engine.is_closed
    assert len(engine.threads) == 1


def test_an_observer_watches_a_served_world_and_cannot_drive_it():
    scene = tiny_scene()
    with serving() as server, bridge.connect(server.address) as driver:
        driver.reset(seed=0)
        opening = served_world(server.address, scene, is_observer=True, seed=0)
        with staged(None, scene, opening=opening) as (stage, heard):
            tick = heard.status().state.tick
            driver.step({"courier-1": Action(Velocity(1.0))}, ticks=5)
            assert heard.status(lambda status: status.state.tick != tick).state.tick == tick + 5
            stage.step(1, "a page")
            assert "only watched" in heard.until(lambda news: isinstance(news, Notice)).text


def test_a_world_that_others_reset_is_shown_under_its_first_sky_again():
    scene = tiny_scene()
    with serving(Outdoors) as server, bridge.connect(server.address) as driver:
        driver.reset(seed=0)
        driver.step({}, ticks=9)
        with staged(None, scene, opening=served_world(server.address, scene, is_observer=False, seed=0)) as (
            stage,
            heard,
        ):
            stage.change_weather({"weather": "storm"}, "a page")
            assert heard.until(lambda news: isinstance(news, Light)).scene.environment.weather == "storm"
            stage.pause()
            driver.reset(seed=0)
            stage.step(1, "a page")
            assert heard.until(lambda news: isinstance(news, Light)).scene.environment == scene.environment


def test_what_others_edit_is_seen_by_those_who_were_there_and_those_who_come():
    scene = tiny_scene()
    with serving(Outdoors) as server, bridge.connect(server.address) as driver:
        driver.reset(seed=0)
        opening = served_world(server.address, scene, is_observer=True, seed=0)
        with staged(None, scene, opening=opening) as (stage, heard):
            place = Pose(np.zeros(3), np.array([1.0, 0.0, 0.0, 0.0]))
            driver.edit([Weather("fog", visibility_m=90.0), Spawn("late", scene.placements[0].asset, place)])
            sky = heard.until(lambda news: isinstance(news, Light)).scene.environment
            assert (sky.weather, sky.visibility_m) == ("fog", 90.0)
            assert heard.status(lambda status: "late" in status.state.names)
            assert stage.spawned == {"late": scene.placements[0].asset}
        with staged(None, scene, opening=opening) as (stage, _):
            assert stage.scene.environment.weather == "fog"
            assert stage.spawned == {"late": scene.placements[0].asset}


def test_a_server_that_dies_is_told_and_the_view_still_closes(tmp_path):
    scene = tiny_scene()
    with Process(f"unix:{tmp_path}/town.sock") as server, bridge.connect(server.address) as driver:
        driver.reset(seed=0)
        with staged(None, scene, opening=served_world(server.address, scene, is_observer=True, seed=0)) as (_, heard):
            heard.status()
            server.kill()
            trouble = heard.status(lambda status: bool(status.trouble)).trouble
    assert server.address in trouble


def test_a_served_world_of_another_town_is_refused():
    other = replace(tiny_scene(), parts=())
    with serving() as server, bridge.connect(server.address) as driver:
        driver.reset(seed=0)
        with (
            pytest.raises(InvalidInput, match="has another town than 'tiny'"),
            staged(None, other, opening=served_world(server.address, other, is_observer=True, seed=0)),
        ):
            pass


def test_a_world_without_pictures_goes_on():
    class Blind(Outdoors):
        def observe(self, cameras, modalities=("rgb",)):
            raise RendererUnavailable("No renderer can draw here.")

    with staged(Blind()) as (stage, heard):
        stage.want("a page", "courier-1/front")
        notice = heard.until(lambda news: isinstance(news, Notice))
        assert notice.text == "There are no pictures: No renderer can draw here."
        tick = heard.status().state.tick
        heard.status(lambda status: status.state.tick > tick + 3 and not status.trouble)


def test_a_driver_who_holds_no_key_does_not_break_off_a_skill():
    engine = EmbeddedEngine(Config(renderer="rays"))
    with staged(engine, embedded_town()) as (stage, heard):
        stage.ride("courier-1")
        status = heard.status()
        while status.state.tick < 300 and not status.state.agents[0].riding:
            stage.drive("courier-1", Wheel())
            status = heard.status()
        assert status.state.agents[0].riding == "scooter-1"
        before = status.state.poses[status.state.names.index("scooter-1")]
        stage.drive("courier-1", Wheel(forward=1.0, is_fast=True))
        name = status.state.names.index("scooter-1")
        heard.status(lambda status: np.linalg.norm(status.state.poses[name, :2] - before[:2]) > 0.3)
