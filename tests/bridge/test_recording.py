"""What passes through a recorded engine comes back from the file, to the last bit; the engine does not notice."""

import json
import tempfile
import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from mcap.reader import make_reader

from bridge.conformance import conform
from bridge.engine import Action, Joints, Move, Remove, Spawn, Velocity
from bridge.episode import Edit, Reset, Step
from bridge.errors import InvalidInput, NotRecorded, OutputExists, Refused
from bridge.packing import jpeg, rgb_from_jpeg
from bridge.recording import Habits, Recorder, Recording, record
from bridge.types import Pose
from tests.bridge.episodes import COURSES, FRONT, assert_same_state, run, walk
from tests.bridge.point_mass import PointMass, eye
from tests.scenes import tiny_scene


@given(course=COURSES)
@settings(max_examples=40, deadline=None)
def test_whatever_is_done_comes_back_in_order_and_to_the_last_bit(course):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.mcap"
        with record(PointMass(), path, has_scene=False, habits=Habits(flush_bytes=2000)) as engine:
            engine.load(tiny_scene())
            said = run(engine, course)
        with Recording(path) as recording:
            events = [item.event for item in recording.happened()]
            assert (recording.damage, recording.lost, recording.is_finished) == ((), 0, True)
    assert len(events) == len(said) == len(course) + 1
    for event, (state, state_hash) in zip(events, said, strict=True):
        assert_same_state(event.state, state)
        assert event.state_hash == state_hash
    again = PointMass()
    again.load(tiny_scene())
    retold = [("reset", e.seed) if isinstance(e, Reset) else ("step", e.actions, e.ticks) if isinstance(e, Step)
              else ("edit", list(e.changes)) for e in events[1:]]  # fmt: skip
    assert [state_hash for _, state_hash in run(again, retold)] == [state_hash for _, state_hash in said]


def test_a_recorded_engine_keeps_the_contract_as_well_as_it_does_alone(tmp_path):
    def kept(engine) -> set[str]:
        return {verdict.name for verdict in conform(engine) if verdict.outcome == "kept"}

    assert kept(record(PointMass(), tmp_path / "a.mcap", cameras=None)) >= kept(PointMass())
    with Recording(tmp_path / "a.mcap") as recording:
        assert recording.is_finished
        assert recording.event_count > 50


def test_episodes_go_from_reset_to_reset(tmp_path):
    walk(tmp_path / "a.mcap", seeds=(3, 5), steps=20)
    with Recording(tmp_path / "a.mcap") as recording:
        one, other = recording.episodes()
    assert (one.seed, other.seed, one.ticks, other.ticks) == (3, 5, 20, 20)
    assert [type(event) for event in one][9:13] == [Step, Step, Step, Edit][0:4]
    assert one.engine.name == "point-mass"
    assert one.scene_digest == tiny_scene().digest()
    assert other.first == len(one.events) + 1
    assert [state.tick for state in one.states()] == [*range(12), *range(11, 21)]


def test_task_and_policies_go_with_every_episode(tmp_path):
    with record(PointMass(), tmp_path / "a.mcap", task="go home", policies={"courier-1": "scripted"}) as engine:
        engine.load(tiny_scene())
        engine.reset(seed=0)
        engine.describe(task="go out")
        engine.reset(seed=1)
    with Recording(tmp_path / "a.mcap") as recording:
        told = [(episode.task, dict(episode.policies)) for episode in recording.episodes()]
    assert told == [("go home", {"courier-1": "scripted"}), ("go out", {})]


def test_the_scene_is_in_the_file(tmp_path):
    walk(tmp_path / "a.mcap")
    with Recording(tmp_path / "a.mcap") as recording:
        assert recording.scene().digest() == tiny_scene().digest()
    walk(tmp_path / "b.mcap", has_scene=False)
    with Recording(tmp_path / "b.mcap") as recording, pytest.raises(NotRecorded, match="Give it the town"):
        recording.scene()


def test_frames_come_back_exact_but_for_the_jpeg(tmp_path):
    seen = []
    with record(
        PointMass(), tmp_path / "a.mcap", cameras=[FRONT], modalities=["rgb", "depth", "segmentation", "normals"]
    ) as engine:
        engine.load(tiny_scene())
        engine.reset(seed=0)
        for _ in range(5):
            engine.step({})
            seen += engine.observe([FRONT])
    with Recording(tmp_path / "a.mcap") as recording:
        for number, frame in enumerate(seen, start=1):
            found = recording.frame(number, FRONT, ["rgb", "depth", "segmentation", "normals"])
            assert (found.tick, found.camera) == (frame.tick, FRONT)
            for kind in ("depth", "segmentation", "normals"):
                np.testing.assert_array_equal(getattr(found, kind), getattr(frame, kind))
            np.testing.assert_array_equal(found.rgb, rgb_from_jpeg(jpeg(frame.rgb), frame.rgb.shape))


class Counting(PointMass):
    """Counts how often it is looked at."""

    looks = 0

    def observe(self, cameras, modalities=("rgb",)):
        self.looks += 1
        return super().observe(cameras, modalities)


def test_what_was_just_recorded_is_not_drawn_again(tmp_path):
    inner = Counting()
    with record(inner, tmp_path / "a.mcap", cameras=[FRONT], modalities=["rgb", "depth"]) as engine:
        engine.load(tiny_scene())
        engine.reset(seed=0)
        engine.step({})
        assert inner.looks == 2
        (frame,) = engine.observe([FRONT], ["rgb"])
        assert (inner.looks, frame.tick, frame.depth) == (2, 1, None)
        engine.observe([FRONT], ["rgb", "normals"])
        assert inner.looks == 3
        engine.edit([Move("courier-1", Pose(np.ones(3)))])
        assert inner.looks == 4


def test_frames_may_be_recorded_only_when_they_are_asked_for(tmp_path):
    inner = Counting()
    with record(inner, tmp_path / "a.mcap", cameras=None) as engine:
        engine.load(tiny_scene())
        engine.reset(seed=0)
        engine.step({})
        engine.step({})
        engine.observe([FRONT, eye("mine", width=16, height=8)], ["rgb"])
        engine.step({})
    assert inner.looks == 1
    with Recording(tmp_path / "a.mcap") as recording:
        assert [recording.frame_kinds(number) for number in range(4)] == [
            {}, {}, {FRONT: ("rgb",), "mine": ("rgb",)}, {}]  # fmt: skip
        assert recording.cameras["mine"].width == 16


def test_frames_may_be_recorded_less_often_than_states(tmp_path):
    walk(tmp_path / "a.mcap", steps=10, cameras=[FRONT], every_ticks=4)
    with Recording(tmp_path / "a.mcap") as recording:
        states = recording.episodes()[0].states()
        ticks = [state.tick for number, state in enumerate(states) if recording.frame_kinds(number)]
    assert ticks == [0, 4, 6, 8]  # every fourth, and after the edit at tick 6


def test_a_recording_may_begin_in_the_middle_and_end_before_the_engine(tmp_path):
    engine = Recorder(PointMass())
    engine.load(tiny_scene())
    engine.reset(seed=7)
    path = engine.start(tmp_path / "fresh")
    engine.step({})
    assert engine.stop().ticks == 1
    engine.start(tmp_path / "late")
    engine.step({}, 4)
    with pytest.raises(Refused, match="is being recorded"):
        engine.start(tmp_path / "other")
    kept = engine.stop()
    engine.step({})
    with pytest.raises(Refused, match="Nothing is being recorded"):
        engine.stop()
    engine.close()
    assert path.name == "fresh.mcap"
    assert (kept.ticks, kept.events, kept.bytes) == (4, 2, kept.path.stat().st_size)
    for file, seed, tick in ((path, 7, 0), (kept.path, None, 1)):
        with Recording(file) as recording:
            (episode,) = recording.episodes()
        assert (episode.seed, episode.begin.state.tick) == (seed, tick)


def test_what_is_done_to_an_action_afterwards_changes_nothing_in_the_file(tmp_path):
    targets = np.array([1.0, 2.0])
    with record(PointMass(), tmp_path / "a.mcap") as engine:
        engine.load(tiny_scene())
        engine.reset(seed=0)
        engine.step({"courier-1": Action(Joints(targets))})
        targets[:] = 9.0
    with Recording(tmp_path / "a.mcap") as recording:
        (event,) = recording.episodes()[0].events
    assert event.actions["courier-1"].motion.targets.tolist() == [1.0, 2.0]


def test_a_camera_that_goes_is_missed_and_the_others_stay(tmp_path, caplog):
    class Losing(PointMass):
        def observe(self, cameras, modalities=("rgb",)):
            if self.tick > 1 and "courier-2/front" in cameras:
                raise NotRecorded("courier-2 is gone.")
            return super().observe(cameras, modalities)

    with record(Losing(), tmp_path / "a.mcap", cameras=[FRONT, "courier-2/front"]) as engine:
        engine.load(tiny_scene())
        engine.reset(seed=0)
        for _ in range(3):
            engine.step({})
    with Recording(tmp_path / "a.mcap") as recording:
        assert [sorted(recording.frame_kinds(number)) for number in range(4)] == [
            [FRONT, "courier-2/front"], [FRONT, "courier-2/front"], [FRONT], [FRONT]]  # fmt: skip
    assert caplog.text.count("courier-2 is gone") == 1


def test_a_recording_is_never_overwritten(tmp_path):
    walk(tmp_path / "a.mcap")
    inner = PointMass()
    with pytest.raises(OutputExists, match=r"a\.mcap is there already"):
        record(inner, tmp_path / "a.mcap")
    assert inner.is_closed
    with pytest.raises(InvalidInput, match="Record into a folder that exists"):
        record(PointMass(), tmp_path / "nowhere" / "a.mcap")
    with pytest.raises(InvalidInput, match="There is no modality"):
        record(PointMass(), tmp_path / "b.mcap", modalities=["smell"])


def test_a_slow_disk_makes_the_engine_wait_and_loses_nothing(tmp_path):
    gate = threading.Event()

    class Slow:
        def __init__(self, path):
            self.file, self.count = path.open("xb", buffering=0), 0

        def write(self, data):
            self.count += 1
            if self.count > 4:
                gate.wait(10)
            return self.file.write(data)

        def __getattr__(self, name):
            return getattr(self.file, name)

    engine = Recorder(PointMass())
    engine.load(tiny_scene())
    engine.start(tmp_path / "a.mcap", habits=Habits(queue_bytes=8000, flush_bytes=1), open_file=Slow, has_scene=False)
    threading.Timer(0.3, gate.set).start()
    engine.reset(seed=0)
    for _ in range(100):
        engine.step({})
    assert engine.stop().waited_s > 0
    with Recording(tmp_path / "a.mcap") as recording:
        assert recording.event_count == 101


def test_any_mcap_reader_finds_schemas_topics_and_the_end(tmp_path):
    walk(tmp_path / "a.mcap", cameras=[FRONT])
    with (tmp_path / "a.mcap").open("rb") as file:
        reader = make_reader(file, validate_crcs=True)
        summary = reader.get_summary()
        rows = [(channel.topic, schema.name, message.sequence) for schema, channel, message in reader.iter_messages()]
        scene = json.loads(next(a.data for a in reader.iter_attachments() if a.name.endswith("scene.json")))
    assert {schema.encoding for schema in summary.schemas.values()} == {"protobuf"}
    assert all(b"bridge/v1/types.proto" in schema.data for schema in summary.schemas.values())
    assert (rows[0][0], rows[1][0]) == ("/world", "/reset")
    assert sorted(sequence for *_, sequence in rows) == list(range(len(rows)))
    assert scene["name"] == "tiny"


def test_names_of_bodies_are_told_once_a_chunk(tmp_path):
    walk(tmp_path / "one.mcap", steps=50, has_scene=False)
    walk(tmp_path / "many.mcap", steps=50, has_scene=False, habits=Habits(flush_bytes=1))
    one, many = ((tmp_path / name).stat().st_size for name in ("one.mcap", "many.mcap"))
    assert many > 1.2 * one
    with Recording(tmp_path / "one.mcap") as a, Recording(tmp_path / "many.mcap") as b:
        for first, second in zip(a.happened(), b.happened(), strict=True):
            assert_same_state(first.event.state, second.event.state)


def test_a_thing_that_went_away_is_in_the_states_before(tmp_path):
    with record(PointMass(), tmp_path / "a.mcap") as engine:
        engine.load(tiny_scene())
        engine.reset(seed=0)
        engine.edit([Spawn("box", "crate-a", Pose(np.zeros(3)), is_agent=True)])
        engine.step({"box": Action(Velocity(1.0))})
        engine.edit([Remove("box")])
    with Recording(tmp_path / "a.mcap") as recording:
        assert ["box" in state.names for state in recording.episodes()[0].states()] == [False, True, True, False]
