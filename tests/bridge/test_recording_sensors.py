"""Sensors in recordings: what was read comes back to the last bit, whatever the file goes through afterwards."""

import contextlib
import json
import subprocess
import sys
import tempfile
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorSet
from google.protobuf.message import DecodeError
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from mcap.reader import make_reader

import bridge
from bridge.codec.sensed import READINGS, message_of_reading, reading_of_message
from bridge.engine import Action, Move, Spawn, Velocity
from bridge.engines import open_engine
from bridge.errors import DamagedData, InvalidInput, NotRecorded, UnknownName
from bridge.recording import Habits, Recorder, Recording, record
from bridge.recording.exporters import lerobot, rrd
from bridge.recording.recovery import recover
from bridge.sensors import SensorSuite, gps, lidar, touch
from bridge.sensors.numbers import numbers
from bridge.sensors.readings import Boxes2D, Boxes3D, Fix, Flow, Imu, LidarScan, Touch
from bridge.sensors.sensing import Sensing
from bridge.types import Pose
from tests.bridge.embedded_town import COURIER_XY, SIDEWALK_M, embedded_town
from tests.bridge.point_mass import PointMass
from tests.scenes import tiny_scene

ME = "courier-1"
SPARSE = lidar.Config(elevations_rad=(0.1, -0.1), columns=24, rate_hz=50.0)
EVERYTHING = (SPARSE, "imu", "gps", "boxes", "boxes-3d", "touch", "flow")
AHEAD = {ME: Action(Velocity(1.0, 0.0, 0.4))}


def assert_same(found, expected) -> None:
    """To the last bit."""
    assert type(found) is type(expected)
    for field in fields(expected):
        one, other = getattr(found, field.name), getattr(expected, field.name)
        if isinstance(other, np.ndarray):
            assert (one.dtype, one.shape) == (other.dtype, other.shape), field.name
            assert one.tobytes() == other.tobytes(), field.name
            assert not one.flags.writeable
        else:
            assert one == other, field.name


# ---- as messages

_WHEN = st.integers(0, 2**40), st.floats(0, 1e6)
_FINITE = st.floats(-1e6, 1e6)
_THREE = arrays("f8", 3, elements=_FINITE)
_NAMES = st.lists(st.text("abc é港-1", min_size=1, max_size=9), max_size=4).map(tuple)


def _sweep(rows: int, columns: int):
    shape = rows, columns
    return st.builds(
        LidarScan,
        *_WHEN,
        arrays("f4", shape, elements=st.floats(0, 200, width=32) | st.just(np.inf)),
        arrays("i4", shape, elements=st.integers(0, 2**31 - 1)),
        arrays("f4", shape, elements=st.floats(0, 1, width=32)),
        arrays("f4", (*shape, 3), elements=st.floats(-1, 1, width=32)),
        arrays("f8", 7, elements=_FINITE),
    )


def _flat(names):
    n = len(names)
    return st.builds(
        Boxes2D, *_WHEN, st.just("a/front"), arrays("i4", n), st.just(names), arrays("i4", n), arrays("i4", (n, 4)),
        arrays("i8", n), arrays("f4", n, elements=st.floats(0, 1, width=32)), arrays("?", n),
    )  # fmt: skip


def _solid(names):
    n = len(names)
    poses = arrays("f8", (n, 7), elements=_FINITE)
    return st.builds(
        Boxes3D, *_WHEN, st.just("a/front"), arrays("i4", n), st.just(names), arrays("i4", n), poses, poses,
        arrays("f8", (n, 3), elements=_FINITE),
    )  # fmt: skip


def _touch(names):
    n = len(names)
    return st.builds(
        Touch, *_WHEN, st.just(names), arrays("f8", (n, 3), elements=_FINITE), arrays("f8", n, elements=_FINITE)
    )


ANY_READING = st.one_of(
    st.builds(Imu, *_WHEN, _THREE, _THREE),
    st.builds(Fix, *_WHEN, _THREE, _THREE, _FINITE, _FINITE, _FINITE, _FINITE, _FINITE),
    st.tuples(st.integers(1, 3), st.integers(1, 9)).flatmap(lambda shape: _sweep(*shape)),
    _NAMES.flatmap(_flat),
    _NAMES.flatmap(_solid),
    _NAMES.flatmap(_touch),
    st.builds(Flow, *_WHEN, st.just("a/front"), st.integers(0, 99), arrays("f4", (3, 4, 2))),
)


@given(reading=ANY_READING)
@settings(max_examples=60, deadline=None)
def test_whatever_is_read_survives_the_message_to_the_last_bit(reading):
    message = message_of_reading(reading)
    found = reading_of_message(type(message).FromString(message.SerializeToString()))
    for field in fields(reading):
        one, other = getattr(found, field.name), getattr(reading, field.name)
        if isinstance(other, np.ndarray):
            assert (one.dtype, one.shape, one.tobytes()) == (other.dtype, other.shape, other.tobytes())
        else:
            assert one == other


@given(reading=ANY_READING, at=st.floats(0, 1), to=st.integers(0, 255))
@settings(max_examples=60, deadline=None)
def test_a_message_with_a_wrong_byte_is_read_or_refused_and_nothing_else(reading, at, to):
    message = message_of_reading(reading)
    data = bytearray(message.SerializeToString())
    data[int(at * (len(data) - 1))] = to
    with contextlib.suppress(InvalidInput, DamagedData, DecodeError):
        reading_of_message(type(message).FromString(bytes(data)))


def test_beams_are_told_once_where_the_reader_knows_them():
    scan = _scan()
    whole, short = message_of_reading(scan), message_of_reading(scan, known_directions=scan.directions)
    assert short.ByteSize() < whole.ByteSize() / 2
    assert_same(reading_of_message(short, known_directions=scan.directions), scan)
    with pytest.raises(InvalidInput, match="the beams cannot be known"):
        reading_of_message(short)


def _scan() -> LidarScan:
    engine = open_engine("embedded")
    scene = embedded_town()
    engine.load(scene)
    sensing = Sensing(engine, scene)
    sensing.carry({ME: SensorSuite((replace(SPARSE, mount=ME, columns=90),))})
    sensing.begin(engine.reset(seed=0), seed=0)
    engine.close()
    return sensing.readings(ME)["lidar"]


# ---- in a file


def fresh(sensing) -> dict:
    """What the courier's sensors read just now."""
    read = {sensor: sensing.fresh(agent, sensor) for agent, sensor in sensing.due() if agent == ME}
    return {sensor: reading for sensor, reading in read.items() if reading is not None}


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """A recording with every sensor, and what they read: by event number."""
    path = tmp_path_factory.mktemp("sensed") / "a.mcap"
    scene = embedded_town()
    read = []
    engine = record(bridge.open("embedded"), path, sensors=EVERYTHING, habits=Habits(flush_bytes=20_000))
    with engine:
        engine.load(scene)
        own = Sensing(engine, scene)
        state = engine.reset(seed=3)
        own.carry(engine._sensed.sensing.suites)
        own.begin(state, seed=3)
        read.append(fresh(own))
        for tick in range(12):
            own.move_on(engine.step(AHEAD, ticks=2))
            read.append(fresh(own))
            if tick == 5:
                beside = Pose(np.array([COURIER_XY[0] + 3.0, COURIER_XY[1] + 0.5, SIDEWALK_M]))
                changes = [Spawn("courier-2", "courier-a", beside, is_agent=True), Move("bench-1", beside)]
                own.change(changes, engine.edit(changes))
                read.append(fresh(own))
    return path, read


def test_every_reading_comes_back_at_its_event_to_the_last_bit(told):
    path, read = told
    with Recording(path) as recording:
        assert recording.event_count == len(read)
        assert set(recording.sensors()[ME]) == {"lidar", "imu", "gps", "boxes", "boxes-3d", "touch", "flow"}
        for number, expected in enumerate(read):
            found = recording.readings(number)[ME]
            assert found.keys() == expected.keys(), number
            for name in expected:
                assert_same(found[name], expected[name])


def test_each_is_recorded_at_its_own_rate(told):
    path, _ = told
    with Recording(path) as recording:
        at = {name: [n for n in range(recording.event_count) if name in recording.reading_kinds(n).get(ME, ())]
              for name in ("gps", "imu")}  # fmt: skip
    # 2 ticks a step: a fix at 5 Hz at the start, after 5 and after 10 steps, and after the edit that follows step 6.
    assert at["gps"] == [0, 5, 7, 11]
    # An inertial unit reads after every step, and not after the reset and the edit.
    assert at["imu"] == [n for n in range(14) if n not in (0, 7)]


def test_who_comes_later_carries_what_all_do(told):
    path, _ = told
    with Recording(path) as recording:
        first = next(n for n in range(recording.event_count) if "courier-2" in recording.reading_kinds(n))
        assert first == 7
        assert recording.reading(7, "courier-2", "lidar").is_return.any()
        assert "courier-2" in recording.reading(7, ME, "boxes").names


def test_what_was_not_read_is_said_to_be_so(told):
    with Recording(told[0]) as recording, pytest.raises(NotRecorded, match=r"'imu' of 'courier-1' read nothing .* gps"):
        recording.reading(0, ME, "imu")


def test_the_topics_and_schemas_are_those_of_any_mcap_tool(told):
    with Path(told[0]).open("rb") as file:
        topics, files = {}, {}
        for schema, channel, _ in make_reader(file).iter_messages():
            topics[channel.topic] = schema.name
            files[schema.name] = [one.name for one in FileDescriptorSet.FromString(schema.data).file]
    assert topics[f"/sensors/{ME}/lidar"] == "bridge.v1.LidarReading"
    assert topics[f"/sensors/{ME}/boxes-3d"] == "bridge.v1.SolidBoxesReading"
    assert files["bridge.v1.LidarReading"] == ["bridge/v1/types.proto", "bridge/v1/sensors.proto"]
    assert set(READINGS) == {schema for topic, schema in topics.items() if topic.startswith("/sensors/")}


def test_a_replay_plays_them_back(told):
    path, read = told
    with contextlib.closing(open_engine("replay", recording=path)) as engine:
        engine.load(engine.scene())
        engine.reset(seed=3)
        for number in range(1, 5):
            engine.step({}, 2)
            assert_same(engine.readings()[ME]["lidar"], read[number]["lidar"])


def test_a_recording_cut_anywhere_keeps_every_reading_before_the_cut(told, tmp_path):
    path, _ = told
    whole = path.read_bytes()
    with Recording(path) as recording:
        everything = [recording.readings(number) for number in range(recording.event_count)]
    kept = []
    for share in (0.5, 0.75, 0.95):
        cut = tmp_path / "cut.mcap"
        cut.write_bytes(whole[: int(share * len(whole))])
        made = recover(cut, tmp_path / f"{share}.mcap")
        with Recording(made.path) as recording:
            kept.append(recording.event_count)
            for number in range(recording.event_count - 1):  # of the last event only the first readings may be there
                for agent, readings in everything[number].items():
                    for name, reading in readings.items():
                        assert_same(recording.reading(number, agent, name), reading)
    assert kept == sorted(kept)
    assert kept[-1] > 3


def test_damage_in_one_chunk_leaves_the_beams_of_the_others(told, tmp_path):
    data = bytearray(told[0].read_bytes())
    with Recording(told[0]) as recording:
        places = sorted({read.place[0] for here in recording._index.readings.values() for read in here.values()})
    assert len(places) > 3
    data[places[1] + 200] ^= 0xFF
    (tmp_path / "a.mcap").write_bytes(data)
    with Recording(tmp_path / "a.mcap") as recording:
        assert recording.damage
        sweeps = [recording.reading(n, ME, "lidar") for n in range(recording.event_count)
                  if "lidar" in recording.reading_kinds(n).get(ME, ())]  # fmt: skip
    assert len(sweeps) > 5
    assert all(scan.directions.shape == (2, 24, 3) for scan in sweeps)


# ---- for others


def test_a_dataset_has_the_last_reading_of_every_sensor_of_one_shape(told, tmp_path):
    path, read = told
    with Recording(path) as recording:
        lerobot.make(lerobot.Config(agent=ME)).export(recording, tmp_path / "out")
    info = json.loads((tmp_path / "out/meta/info.json").read_text())
    shapes = {key.rpartition(".")[2]: one["info"]["shape"] for key, one in info["features"].items() if "sensors" in key}
    assert shapes == {"lidar": [2, 24], "imu": [6], "gps": [6]}
    assert info["features"]["observation.sensors.imu"]["names"][2] == "fz_m_s2"
    columns = pq.read_table(tmp_path / "out/data/chunk-000/file-000.parquet").to_pydict()
    # Row i is the state before step i + 1: after event i, and behind the edit one event later.
    events = [0, 1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 12]
    for sensor in ("lidar", "imu", "gps"):
        for row, event in enumerate(events):
            last = next((read[e][sensor] for e in range(event, -1, -1) if sensor in read[e]), None)
            expected = np.zeros(shapes[sensor]) if last is None else numbers(last)
            np.testing.assert_array_equal(columns[f"observation.sensors.{sensor}"][row], expected.reshape(-1))
    stats = json.loads((tmp_path / "out/meta/stats.json").read_text())
    assert np.shape(stats["observation.sensors.lidar"]["mean"]) == (48,)


def test_a_rerun_file_shows_each_where_it_belongs(told, tmp_path):
    with Recording(told[0]) as recording:
        (path,) = rrd.make(rrd.Config(has_town=False)).export(recording, tmp_path / "a.rrd")
    done = subprocess.run(
        [sys.executable, "-m", "rerun", "rrd", "print", "-vv", str(path)], capture_output=True, text=True, check=True
    )
    front = f"/world/bodies/{ME}/cameras/{ME}\\/front"
    for entity, kind in (
        (f"/world/sensors/{ME}/lidar", "Points3D"),
        (f"/sensors/{ME}/imu/specific_force_m_s2", "Scalars"),
        (f"/sensors/{ME}/gps", "GeoPoints"),
        (f"/world/sensors/{ME}/boxes-3d", "Boxes3D"),
        (f"/sensors/{ME}/touch/force_n", "Scalars"),
        (f"{front}/boxes", "Boxes2D"),
        (f"{front}/flow", "Image"),
    ):
        assert entity in done.stdout
        assert kind in done.stdout


# ---- what is asked for


def test_agents_may_carry_different_things(tmp_path):
    wanted = {ME: ["imu"], "walker-1": SensorSuite((gps.Config(mount="walker-1"), touch.Config(mount="walker-1")))}
    with record(bridge.open("embedded"), tmp_path / "a.mcap", sensors=wanted) as engine:
        engine.load(embedded_town())
        engine.reset(seed=0)
        engine.step({}, 10)
        assert engine.stop().readings == 2 + 3  # touch and fix at the start, all three after ten ticks
    with Recording(tmp_path / "a.mcap") as recording:
        assert recording.sensors() == {"walker-1": ("gps", "touch"), ME: ("imu",)}


def test_a_recording_that_begins_later_senses_the_town_as_it_is_then(tmp_path):
    engine = Recorder(bridge.open("embedded"))
    engine.load(embedded_town())
    engine.reset(seed=0)
    engine.edit([Move(ME, Pose(np.array([10.0, -8.2, SIDEWALK_M])))])
    engine.start(tmp_path / "a.mcap", sensors=[SPARSE])
    engine.close()
    with Recording(tmp_path / "a.mcap") as recording:
        np.testing.assert_allclose(recording.reading(0, ME, "lidar").world_from_sensor[:2], [10.0, -8.2])


def test_a_sensor_that_cannot_read_is_missing_and_costs_nothing_else(tmp_path, caplog):
    with record(PointMass(), tmp_path / "a.mcap", sensors=["imu", replace(SPARSE, mount="nobody")]) as engine:
        engine.load(tiny_scene())
        engine.reset(seed=0)
        for _ in range(3):
            engine.step({})
    assert caplog.text.count("readings of 'courier-1/lidar' are missing") == 1
    with Recording(tmp_path / "a.mcap") as recording:
        assert recording.sensors() == {ME: ("imu",), "courier-2": ("imu",)}


def test_what_nobody_can_carry_is_refused_before_anything_is_recorded():
    with tempfile.TemporaryDirectory() as folder:
        engine = Recorder(PointMass(), scene=tiny_scene())
        engine.load(tiny_scene())
        with pytest.raises(UnknownName, match="Did you mean 'lidar'"):
            engine.start(Path(folder) / "a.mcap", sensors=["lidra"])
        assert not engine.is_recording
        assert list(Path(folder).iterdir()) == []
        engine.close()


def test_sensors_of_an_engine_whose_scene_nobody_told_need_it(tmp_path):
    class Afar(PointMass):
        def loaded(self):
            return self.load(tiny_scene())

    engine = Recorder(Afar())
    with pytest.raises(InvalidInput, match=r"record\(\.\.\., scene=scene\)"):
        engine.start(tmp_path / "a.mcap", sensors=["imu"])
    engine.close()


def test_boxes_tell_the_camera_that_they_are_of(told):
    with Recording(told[0]) as recording:
        assert recording.reading(1, ME, "boxes").camera == f"{ME}/front"
        assert recording.cameras[f"{ME}/front"].mount == ME
