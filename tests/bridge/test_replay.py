"""Recordings played back, and run again on a real engine: the same to the last bit, or told where it is not."""

import contextlib
import json
from dataclasses import dataclass

import numpy as np
import pytest

import bridge
from bridge.cli import main
from bridge.conformance import conform, proving_ground
from bridge.engine import Action, Drive, EngineInfo, Move, Skill, Spawn, Velocity
from bridge.engines import open_engine
from bridge.episode import Edit
from bridge.errors import (
    EngineFailed,
    InvalidInput,
    NotRecorded,
    NotSupported,
    Refused,
    UnknownCamera,
)
from bridge.formats.scene_folder import write_scene
from bridge.recording import Recording, record
from bridge.recording.again import difference, run_again
from bridge.types import MODALITIES, Pose
from tests.bridge.embedded_town import embedded_town
from tests.bridge.episodes import FRONT, assert_same_state, walk
from tests.bridge.point_mass import PointMass
from tests.bridge.serving import served
from tests.scenes import tiny_scene


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    """Two episodes with frames."""
    path = tmp_path_factory.mktemp("replay") / "a.mcap"
    walk(path, seeds=(3, 5), steps=20, cameras=[FRONT], modalities=["rgb", "depth"])
    return path


@pytest.fixture
def replay(recorded):
    with contextlib.closing(open_engine("replay", recording=recorded)) as engine:
        engine.load(engine.scene())
        yield engine


# ---- played back


def test_a_replay_keeps_the_contract_of_engines_that_cannot_be_told_anything(tmp_path):
    path = tmp_path / "a.mcap"
    with record(bridge.open("embedded"), path, cameras=["walker-1/front"], modalities=MODALITIES) as engine:
        engine.load(proving_ground())
        engine.reset(seed=0)
        for _ in range(30):
            engine.step({})
    replay = open_engine("replay", recording=tmp_path / "a.mcap")
    verdicts = list(conform(replay, scene=proving_ground(), seed=0))
    assert {verdict.name: verdict.found for verdict in verdicts if verdict.outcome == "broken"} == {}
    assert sum(verdict.outcome == "kept" for verdict in verdicts) > 12


def test_a_replay_says_what_was_said(recorded, replay):
    with Recording(recorded) as recording:
        first, second = recording.episodes()
    for episode in (second, first):
        assert_same_state(replay.reset(seed=episode.seed), episode.begin.state)
        for event in episode.events:
            is_edit = isinstance(event, Edit)
            found = replay.edit(event.changes) if is_edit else replay.step(event.actions, event.ticks)
            assert_same_state(found, event.state)
            assert replay.state_hash() == event.state_hash
            (frame,) = replay.observe([FRONT], ["rgb", "depth"])
            assert (frame.tick, frame.depth[1, 0]) == (found.tick, 1.0 + found.tick)


def test_a_replay_may_be_watched_without_saying_what_was_said(replay):
    replay.reset(seed=3)
    assert [replay.step({}, ticks).tick for ticks in (5, 10)] == [5, 15]
    assert "box" in replay.step({}).names
    with pytest.raises(NotRecorded, match=r"Tick 36 was not recorded: this is tick 16, and the next ticks are 17, 18"):
        replay.step({}, 20)


def test_a_replay_cannot_be_told_anything_new(replay):
    replay.reset(seed=3)
    with pytest.raises(NotRecorded, match="run it again with `simbridge replay`"):
        replay.step({"courier-1": Action(Velocity(2.0))})
    with pytest.raises(NotSupported, match="cannot be changed"):
        replay.edit([Move("courier-1", Pose(np.zeros(3)))])
    assert replay.step({"courier-1": Action(Velocity(1.0))}).tick == 1
    with pytest.raises(NotRecorded, match="Recorded seeds: 3, 5"):
        replay.reset(seed=4)


def test_what_was_not_recorded_is_said_to_be_so(replay):
    replay.reset(seed=3)
    with pytest.raises(UnknownCamera, match="courier-1/front"):
        replay.observe(["courier-2/front"])
    with pytest.raises(
        NotRecorded, match=r"normals of camera 'courier-1/front' was not recorded at this moment. .*rgb, d"
    ):
        replay.observe([FRONT], ["normals"])
    assert replay.info.capabilities == ("rgb", "depth", "contacts")
    with pytest.raises(Refused, match="Load that one: it is in the recording"):
        replay.load(embedded_town())


def test_an_episode_may_be_chosen_by_its_number(recorded):
    with contextlib.closing(open_engine("replay", recording=recorded, episode=1)) as engine:
        with pytest.raises(EngineFailed, match="no world yet"):
            engine.reset(seed=5)
        engine.load(tiny_scene())
        first = engine.reset(seed=5)
        assert_same_state(engine.reset(seed=0), first)
    with pytest.raises(NotRecorded, match="has no episode 2; it has 0 to 1"):
        open_engine("replay", recording=recorded, episode=2)
    with pytest.raises(InvalidInput, match="Name a recording"):
        open_engine("replay")


def test_a_replay_is_served_like_any_engine(recorded):
    with (
        served(lambda: open_engine("replay", recording=recorded), scene=False) as afar,
        Recording(recorded) as recording,
    ):
        afar.load(tiny_scene())
        expected = recording.episodes()[0].states()
        assert_same_state(afar.reset(seed=3), expected[0])
        state, (frame,) = afar.step_and_observe({}, [FRONT], ["rgb"])
        assert_same_state(state, expected[1])
        assert frame.rgb.max() == 1


# ---- run again


@pytest.fixture(scope="module")
def ride(tmp_path_factory):
    """A courier walks to the parcel, takes it, rides; things are spawned and moved; two episodes on the real engine."""
    path = tmp_path_factory.mktemp("ride") / "ride.mcap"
    with record(bridge.open("embedded", renderer="rays"), path) as engine:
        engine.load(embedded_town())
        for seed in (0, 1):
            engine.reset(seed=seed)
            engine.step({"courier-1": Action(Skill("pick_up", "parcel-1"))}, ticks=60)
            engine.step({"courier-1": Action(Velocity(np.float64(1), 0, 0.3))}, ticks=5)
            engine.edit([Spawn("safe-1", "safe-a", Pose(np.array([-20.0, -8.0, 4.0]), np.array([0.6, 0.0, 0.0, 0.8])))])
            engine.step({"walker-1": Action(Velocity(-0.5)), "car-1": Action(Drive(0.4, 0.1))}, ticks=20)
            for _ in range(30 + seed):
                engine.step({}, ticks=3)
    return path


def test_a_recorded_episode_run_again_reproduces_every_hash(ride):
    with Recording(ride) as recording, open_engine("embedded") as engine:
        verdict = run_again(recording, engine)
    assert verdict.is_same
    assert (verdict.episodes, verdict.ticks, verdict.hashes) == (2, 175 + 178, 2 * 35 + 1)


def test_the_command_says_so(ride, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["replay", str(ride)])
    assert ended.value.code == 0
    assert capsys.readouterr().out == "353 ticks, every state hash the same.\n"


class Drifting(PointMass):
    """Goes elsewhere from tick 8 on, by a millimetre."""

    def step(self, actions, ticks=1):
        super().step(actions, ticks)
        if self.tick >= 8:
            self.poses["courier-2"][0] += 0.001
        return self._state()


def make(config):
    """This module is an engine, too: one that drifts."""
    return Drifting()


@dataclass(frozen=True)
class Config:
    """Nothing to choose."""


def test_a_run_that_diverges_is_told_with_tick_body_and_distance(recorded, tmp_path, capsys):
    with Recording(recorded) as recording:
        verdict = run_again(recording, Drifting())
    assert (verdict.divergence.episode, verdict.divergence.tick, verdict.ticks) == (0, 8, 7)
    assert verdict.divergence.what.startswith("'courier-2' is 0.001 m and 0 degrees from where it was; 1 of 2 bodies")
    write_scene(tiny_scene(), tmp_path / "town")
    with pytest.raises(SystemExit) as ended:
        main(["replay", str(recorded), "--engine", __name__, "--town", str(tmp_path / "town"), "--json"])
    found = json.loads(capsys.readouterr().out)
    assert (ended.value.code, found["divergence"]["tick"]) == (1, 8)


def test_another_engine_is_not_compared_unless_wanted(recorded):
    other = PointMass()
    other.info = EngineInfo("point-mass", "2.0")
    with Recording(recorded) as recording:
        with pytest.raises(Refused, match=r"version 1.0 is 2.0 here.* --any-version"):
            run_again(recording, other)
        assert run_again(recording, other, is_any_version_taken=True).is_same
        with pytest.raises(Refused, match="was recorded"):
            run_again(recording, PointMass(), scene=embedded_town())


def test_an_engine_that_refuses_what_it_was_told_has_diverged(recorded):
    class Refusing(PointMass):
        def edit(self, changes):
            raise NotSupported("Nothing is changed here.")

    class Losing(PointMass):
        def step(self, actions, ticks=1):
            if self.tick == 3:
                raise EngineFailed("The physics broke down.")
            return super().step(actions, ticks)

    with Recording(recorded) as recording:
        with pytest.raises(NotSupported):
            run_again(recording, Refusing())
        found = run_again(recording, Losing()).divergence
    assert (found.tick, "The physics broke down" in found.what) == (4, True)


def test_a_world_that_somebody_else_moved_is_told(tmp_path):
    with served() as other, record(bridge.connect(other.address), tmp_path / "a.mcap", scene=tiny_scene()) as mine:
        mine.reset(seed=0)
        mine.step({})
        other.step({}, ticks=4)
        mine.step({})
    with Recording(tmp_path / "a.mcap") as recording:
        found = run_again(recording, PointMass()).divergence
    assert (found.tick, "somebody who was not recorded" in found.what) == (6, True)


def test_what_began_in_the_middle_cannot_be_run_again(tmp_path):
    engine = bridge.recording.Recorder(PointMass())
    engine.load(tiny_scene())
    engine.reset(seed=0)
    engine.step({})
    engine.start(tmp_path / "a.mcap")
    engine.step({})
    engine.stop()
    with Recording(tmp_path / "a.mcap") as recording, pytest.raises(NotRecorded, match="shown, but not run again"):
        run_again(recording, PointMass())
    replay = open_engine("replay", recording=tmp_path / "a.mcap", episode=0)
    replay.load(tiny_scene())
    assert (replay.reset(seed=9).tick, replay.step({}).tick) == (1, 2)
    replay.close()


def test_states_that_differ_are_told_by_what_differs_first():
    engine = PointMass()
    engine.load(tiny_scene())
    before = engine.reset(seed=0)
    assert difference(before, engine._state()) == ""
    engine.edit([Spawn("box", "crate-a", Pose(np.zeros(3)))])
    assert difference(before, engine._state()) == "bodies differ: none missing, box more than recorded"
    half_turn = Pose(before.poses[0, :3], np.array([0.0, 0.0, 0.0, 1.0]))
    engine.edit([Move("courier-1", half_turn)])
    after = engine._state()
    engine.edit([Move("courier-1", Pose(before.poses[0, :3]))])
    assert "'courier-1' is 0 m and 180 degrees from where it was; 1 of 3 bodies" in difference(after, engine._state())
