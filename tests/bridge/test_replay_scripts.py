"""Whatever is done to a town, a recording of it run again reproduces every state hash: scripts at random, and everything at once."""

import contextlib
import functools
import tempfile
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import bridge
from bridge.cli import main
from bridge.control.ambient import Ambient
from bridge.control.town import Town
from bridge.engine import (
    Action,
    Drive,
    EndEffector,
    Hide,
    Joints,
    Move,
    Paint,
    Remove,
    Resize,
    Skill,
    Spawn,
    Velocity,
    Weather,
)
from bridge.engines import open_engine
from bridge.errors import SimbridgeError
from bridge.recording import Habits, Recorder, Recording, record
from bridge.recording.again import elsewhere, options_of, run_again
from bridge.types import Pose
from tests.bridge.embedded_town import SIDEWALK_M, STREET_M
from tests.bridge.point_mass import PointMass
from tests.bridge.serving import serving
from tests.bridge.test_embedded_doors import GATE_X, WALK_Y, gated_town
from tests.scenes import tiny_scene

ME, OTHER = "courier-1", "walker-1"
_SHARE = st.floats(-1, 1, allow_nan=False, width=32)
_VELOCITIES = st.builds(Velocity, _SHARE.map(lambda share: 2 * share), _SHARE, _SHARE)
_SKILLS = st.builds(
    Skill,
    st.sampled_from(["pick_up", "put_down", "ride", "dismount", "sit", "stand", "open", "close", "wait"]),
    st.sampled_from(["", "parcel-1", "scooter-1", "bench-1", "gate-1"]),
)
_DRIVES = st.builds(Drive, _SHARE, _SHARE, st.floats(0, 1, width=32))
_STEPS = st.tuples(
    st.just("step"),
    st.fixed_dictionaries(
        {},
        optional={
            ME: st.builds(Action, _VELOCITIES | _SKILLS | st.none()),
            OTHER: st.builds(Action, _VELOCITIES | st.none()),
            "car-1": st.builds(Action, _DRIVES | st.none()),
            "scooter-1": st.builds(Action, _DRIVES),
        },
    ),
    st.integers(1, 40),
)
_PLACES = st.builds(
    lambda x, y, turn: Pose(np.array([x, y, SIDEWALK_M]), np.array([np.cos(turn), 0.0, 0.0, np.sin(turn)])),
    st.floats(-34, 10, width=32), st.floats(-15, -8, width=32), st.floats(0, 3, width=32),
)  # fmt: skip
_NAMES = st.sampled_from([ME, OTHER, "parcel-1", "bench-1", "scooter-1", "car-1", "gate-1", "new-1", "new-2"])
_SCALES = st.sampled_from([(1.0, 1.0, 1.0), (2.0, 1.0, 1.5), (0.5, 0.5, 0.5)])
_CHANGES = st.one_of(
    st.builds(
        Spawn, st.sampled_from(["new-1", "new-2"]),
        st.sampled_from(["parcel-a", "scooter-a", "courier-a", "bench-a", "safe-a"]), _PLACES, st.booleans(),
        st.none() | _SCALES,
    ),
    st.builds(Resize, _NAMES, _SCALES),
    st.builds(Hide, _NAMES, st.booleans()),
    st.builds(Move, _NAMES, _PLACES),
    st.builds(Remove, _NAMES),
    st.builds(Paint, _NAMES, st.tuples(*[st.floats(0, 1, width=32)] * 3)),
    st.builds(
        Weather, st.sampled_from(["clear", "rain", "snow", "fog", None]), st.none() | st.floats(0, 24, width=32),
        st.none() | st.floats(10, 1000, width=32), st.none() | st.floats(0, 1, width=32),
    ),
)  # fmt: skip
SCRIPTS = st.lists(
    _STEPS | st.tuples(st.just("edit"), st.lists(_CHANGES, min_size=1, max_size=3)), min_size=2, max_size=10
)
"""What several hands might do to a town, possible or not."""


@functools.cache
def engines():
    """One engine to record and one to run it again: each compiles the town once."""
    return open_engine("embedded"), open_engine("embedded")


@given(script=SCRIPTS)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_script_of_actions_and_edits_run_again_reproduces_every_hash(script):
    first, second = engines()
    done = 0
    with tempfile.TemporaryDirectory() as folder:
        recorder = Recorder(first)
        recorder.start(Path(folder) / "a.mcap", habits=Habits(flush_bytes=4000))
        recorder.load(gated_town())
        recorder.reset(seed=0)
        for kind, *words in script:
            with contextlib.suppress(
                SimbridgeError
            ):  # what is refused leaves the world, and the recording, as they were
                _ = recorder.step(*words) if kind == "step" else recorder.edit(words[0])
                done += 1
        recorder.stop()
        with Recording(Path(folder) / "a.mcap") as recording:
            verdict = run_again(recording, second)
    assert verdict.divergence is None, verdict.divergence
    assert verdict.is_same
    assert verdict.hashes == done + 1


def at(x: float, y: float, z: float = SIDEWALK_M) -> Pose:
    return Pose(np.array([x, y, z]))


def test_an_episode_with_everything_run_again_reproduces_every_hash(tmp_path):
    """Traffic, doors, an arm, every kind of edit, skills and sensors, in one recording that holds all it needs."""
    path = tmp_path / "all.mcap"
    scene = gated_town()
    options = {"robot": "panda", "robot_at": (0.0, -30.0, STREET_M, 0.0)}
    with record(bridge.open("embedded", **options), path, sensors=["imu", "gps"]) as engine:
        arm = next(name for name in engine.load(scene).agents if name != ME)
        state = engine.reset(seed=5)
        ambient = Ambient(Town(scene), seed=5, vehicles=4, pedestrians=6)
        state = engine.edit(ambient.spawns())
        script = {
            10: {ME: Action(Skill("pick_up", "parcel-1"))},
            20: {arm: Action(Joints(np.full(7, 0.3)), gripper=0.0)},
            60: {ME: Action(Skill("put_down")), arm: Action(gripper=1.0)},
            90: {ME: Action(Skill("ride", "scooter-1"))},
            140: {ME: Action(Drive(0.6, 0.2))},
            150: {arm: Action(EndEffector(Pose(np.array([0.4, 0.1, 0.4]), np.array([0.0, 1.0, 0.0, 0.0]))))},
        }
        edits = {
            30: [Spawn("box-1", "safe-a", at(-12.0, -8.2)), Spawn("late", "courier-a", at(5.0, -8.2), is_agent=True)],
            70: [Weather(weather="snow", time_of_day_h=22.0, snow_cover=0.6), Paint("car-1", (0.1, 0.5, 0.2))],
            100: [Remove("box-1"), Move(OTHER, at(GATE_X - 1.0, WALK_Y))],
            120: [Spawn("box-1", "safe-a", at(-12.0, -9.0)), Spawn("bench-2", "bench-a", at(-26.0, -8.0))],
        }
        for tick in range(0, 200, 5):
            if tick in edits:
                state = engine.edit(edits[tick])
            actions = {**ambient.act(state), **script.get(tick, {})}
            if tick == 110:
                actions[OTHER] = Action(Skill("open", "gate-1"))
            state = engine.step(actions, 5)
        told = {one.name: one for one in state.agents}
        assert told[ME].riding == "scooter-1"
        assert engine.failure is None
    with Recording(path) as recording, open_engine("embedded", **options_of(recording, "embedded")) as again:
        verdict = run_again(recording, again)
        assert recording.sensors()[ME] == ("gps", "imu")
        assert options_of(recording, "embedded") == options
        assert options_of(recording, "point-mass") == {}
        assert elsewhere(recording) == ""
    assert verdict.divergence is None, verdict.divergence
    assert (verdict.ticks, verdict.hashes) == (200, 1 + 1 + 4 + 40)


def test_a_world_that_two_clients_moved_run_again_reproduces_every_hash(tmp_path):
    def walk(engine, agent: str, speed: float, failures: list) -> None:
        try:
            for _ in range(12):
                engine.step({agent: Action(Velocity(speed, 0.0, 0.1))}, 3)
        except SimbridgeError as error:
            failures.append(error)

    scene = replace(gated_town(), agents=(*gated_town().agents, replace(gated_town().agents[0], name=OTHER)))
    with (
        serving(lambda: open_engine("embedded"), scene=False, recordings=tmp_path) as server,
        bridge.connect(server.address, client_name="one") as one,
        bridge.connect(server.address) as two,
    ):
        one.load(scene)
        one.reset(seed=0)
        path = one.start_recording("two-hands")
        one.reset(seed=1)
        one.edit([Weather(weather="rain", wetness=1.0), Spawn("box-1", "safe-a", at(-12.0, -8.2))])
        one.claim(ME)
        two.claim(OTHER)
        failures: list[SimbridgeError] = []
        hands = [threading.Thread(target=walk, args=(who, name, speed, failures))
                 for who, name, speed in ((one, ME, 1.0), (two, OTHER, -0.7))]  # fmt: skip
        for hand in hands:
            hand.start()
        for hand in hands:
            hand.join(60)
        assert failures == []
        one.stop_recording()
    with Recording(path) as recording, open_engine("embedded") as again:
        last = recording.episodes()[-1]
        assert {agent for event in last.events if hasattr(event, "actions") for agent in event.actions} == {ME, OTHER}
        verdict = run_again(recording, again)
    assert verdict.divergence is None, verdict.divergence
    assert verdict.is_same
    assert verdict.ticks == 36


def test_where_it_was_recorded_is_told_when_it_diverges_elsewhere(tmp_path, monkeypatch, capsys):
    with monkeypatch.context() as there:
        there.setattr("bridge.recording.recorder.platform_here", lambda: "Plan9 sparc, Python 3.99, NumPy 9")
        with record(PointMass(), tmp_path / "a.mcap") as engine:
            engine.load(tiny_scene())
            engine.reset(seed=0)
            for _ in range(9):
                engine.step({})
    with pytest.raises(SystemExit) as ended:
        main(["replay", str(tmp_path / "a.mcap"), "--engine", "tests.bridge.test_replay"])
    said = capsys.readouterr()
    assert ended.value.code == 1
    assert said.out.startswith("Diverged at tick 8")
    assert "platform Plan9 sparc, Python 3.99, NumPy 9, here " in said.err
