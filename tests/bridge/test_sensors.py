"""A suite of sensors: what is due, noise keyed by (seed, name, tick), drift, satellite fixes, touch, and the example."""

import runpy
import subprocess
import sys
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import bridge
from bridge.engine import Action, Move, Velocity
from bridge.errors import InvalidInput, NameTaken, NotSupported, UnknownBody
from bridge.formats.scene_folder import write_scene
from bridge.frames import pose_array
from bridge.sensors import SensorSuite, boxes, flow, gps, imu, lidar, touch
from bridge.sensors.moment import Moment
from bridge.sensors.noise import drift
from bridge.types import Contacts, Pose, WorldState
from tests.bridge.embedded_town import embedded_town
from tests.bridge.serving import served
from tests.scenes import tiny_scene

SCENE = tiny_scene()
EXAMPLES = Path(__file__).parents[2] / "examples"


def state(tick: int, *poses, velocities=None, names=("robot",), contacts=None) -> WorldState:
    """A world of a few bodies at a tick."""
    rows = None if velocities is None else np.asarray(velocities, float).reshape(-1, 6)
    return WorldState(tick, tick * 0.02, names, np.array(poses, float).reshape(-1, 7), rows, contacts)


STANDING = pose_array([3.0, 4.0, 5.0], 0.5)


def stood(tick: int) -> WorldState:
    return state(tick, STANDING, velocities=np.zeros(6))


def suite() -> SensorSuite:
    return SensorSuite((imu.Config(mount="robot"), gps.Config(mount="robot")))


def test_a_suite_reads_what_is_due():
    """At 5 Hz a fix comes every tenth tick, at 50 Hz an inertial reading with every one."""
    read = [suite().sense(SCENE, stood(k), stood(k + 1), seed=0) for k in range(40)]
    assert all("imu" in one for one in read)
    assert [k + 1 for k, one in enumerate(read) if "gps" in one] == [10, 20, 30, 40]


def test_steps_of_several_ticks_miss_no_turn():
    assert "gps" in suite().sense(SCENE, stood(7), stood(12), seed=0)
    assert "gps" not in suite().sense(SCENE, stood(11), stood(19), seed=0)


def test_at_an_episodes_start_everything_reads_that_needs_no_past():
    assert set(suite().sense(SCENE, None, stood(0), seed=0)) == {"gps"}


def test_the_same_episode_gives_the_same_readings_in_whatever_order_they_are_asked():
    forwards = {k: suite().sense(SCENE, stood(k - 1), stood(k), seed=3) for k in range(1, 60)}
    for tick in reversed(range(1, 60)):
        again = suite().sense(SCENE, stood(tick - 1), stood(tick), seed=3)
        assert again.keys() == forwards[tick].keys()
        assert again["imu"].specific_force.tobytes() == forwards[tick]["imu"].specific_force.tobytes()
        if "gps" in again:
            assert again["gps"].position.tobytes() == forwards[tick]["gps"].position.tobytes()


def test_seed_name_and_tick_each_change_the_noise():
    def force(seed: int, name: str, tick: int) -> bytes:
        one = imu.Config(name, mount="robot").read(Moment(SCENE, stood(tick - 1), stood(tick), seed=seed))
        return one.specific_force.tobytes()

    assert len({force(0, "imu", 1), force(1, "imu", 1), force(0, "other", 1), force(0, "imu", 2)}) == 4


def test_two_sensors_of_one_name_are_refused():
    with pytest.raises(NameTaken, match="'imu'"):
        SensorSuite((imu.Config(), imu.Config()))


def test_a_mount_that_is_not_there_is_named_with_the_near_one():
    with pytest.raises(UnknownBody, match="Did you mean 'robot'"):
        gps.Config(mount="robt").read(Moment(SCENE, None, stood(0)))


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: imu.Config(rate_hz=0), "rate_hz"),
        (lambda: gps.Config(wander_m=-1), "wander_m"),
        (lambda: lidar.Config(elevations_rad=(15.0, -15.0)), "radians, not degrees"),
        (lambda: lidar.Config(columns=0), "columns"),
        (lambda: imu.Config(force_bias_m_s2=float("nan")), "force_bias_m_s2"),
    ],
)
def test_sensors_that_cannot_be_are_refused_where_they_are_described(make, words):
    with pytest.raises(InvalidInput, match=words):
        make()


# Drift.


def test_drift_has_mean_0_and_variance_1():
    values = np.concatenate([drift(seed, "a", 777, correlation_s=10.0, size=50) for seed in range(200)])
    assert abs(values.mean()) < 0.04  # four standard errors of 10,000
    assert values.std() == pytest.approx(1.0, abs=0.03)


@pytest.mark.parametrize("apart", [1, 10, 50, 130])
def test_drift_forgets_exponentially(apart):
    """Over 1 s = 50 ticks the correlation falls to 1/e, whether or not the ticks lie in one half of a bridge."""
    pairs = [
        (drift(seed, "a", at, correlation_s=1.0, size=50), drift(seed, "a", at + apart, correlation_s=1.0, size=50))
        for seed in range(100)
        for at in (0, 1000)
    ]
    a, b = (np.concatenate(some) for some in zip(*pairs, strict=True))
    assert np.corrcoef(a, b)[0, 1] == pytest.approx(np.exp(-apart / 50), abs=0.04)


def test_drift_without_memory_is_white():
    values = np.array([drift(0, "a", tick, correlation_s=0.0, size=3) for tick in range(2000)])
    assert abs(np.corrcoef(values[:-1, 0], values[1:, 0])[0, 1]) < 0.09


# Satellites.


def test_a_metre_east_north_and_up_in_wgs84():
    """At 45° one metre east is 1/(N cos 45°) rad and one metre north 1/M, with the ellipsoid's two radii there."""
    start = np.array([np.pi / 4, 0.3, 20.0])
    sine2 = 0.5
    e2 = 2 / 298.257223563 - 1 / 298.257223563**2
    across = 6378137.0 / np.sqrt(1 - e2 * sine2)
    along = 6378137.0 * (1 - e2) / (1 - e2 * sine2) ** 1.5
    moved = gps.wgs84_from_enu(np.eye(3), start) - start
    assert moved[0, 1] == pytest.approx(1 / ((across + 20) * np.cos(np.pi / 4)), rel=1e-6)
    assert moved[1, 0] == pytest.approx(1 / (along + 20), rel=1e-6)
    assert moved[2, 2] == pytest.approx(1.0, abs=1e-8)


@settings(max_examples=50, deadline=None)
@given(
    st.tuples(st.floats(-5e3, 5e3), st.floats(-5e3, 5e3), st.floats(-200, 2000)),
    st.floats(-1.5, 1.5), st.floats(-3.1, 3.1), st.floats(-100, 3000),
)  # fmt: skip
def test_enu_and_wgs84_are_each_others_inverse(point, latitude, longitude, altitude):
    start = np.array([latitude, longitude, altitude])
    back = gps.enu_from_wgs84(gps.wgs84_from_enu(point, start), start)
    np.testing.assert_allclose(back, point, atol=2e-6)


def test_a_fix_without_error_is_where_the_antenna_is():
    """The town's latitude is its environment's; the antenna sits 2 m above a body that stands at (3, 4, 5)."""
    exact = gps.Config(
        mount="robot", mount_from_sensor=Pose(np.array([0.0, 0.0, 2.0])), wander_m=0, wander_up_m=0, noise_m=0,
        velocity_noise_m_s=0,
    )  # fmt: skip
    fix = exact.read(Moment(SCENE, None, stood(0)))
    np.testing.assert_allclose(fix.position, [3, 4, 7])
    start = np.array([SCENE.environment.latitude_rad, 0, 0])
    place = [fix.latitude_rad, fix.longitude_rad, fix.altitude_m]
    np.testing.assert_allclose(gps.enu_from_wgs84(place, start), [3, 4, 7], atol=1e-6)


def test_the_error_of_2000_fixes_is_the_one_described():
    config = gps.Config(mount="robot", wander_m=1.5, wander_up_m=3.0, noise_m=0.4, correlation_s=0.5)
    fixes = [config.read(Moment(SCENE, None, stood(tick), seed=5)) for tick in range(0, 2000 * 100, 100)]
    errors = np.array([fix.position for fix in fixes]) - [3, 4, 5]
    # 2 s apart what wanders has forgotten all but 2 %, so that 2,000 errors are as good as independent.
    expected = np.array([fixes[0].accuracy_m, fixes[0].accuracy_m, fixes[0].accuracy_up_m])
    np.testing.assert_allclose(expected, [np.hypot(1.5, 0.4), np.hypot(1.5, 0.4), np.hypot(3.0, 0.4)])
    np.testing.assert_allclose(errors.std(axis=0), expected, rtol=0.05)
    assert (np.abs(errors.mean(axis=0)) < 4 * expected / np.sqrt(2000)).all()


def test_the_error_of_a_fix_wanders_instead_of_jumping():
    config = gps.Config(mount="robot", wander_m=2.0, noise_m=0.0, correlation_s=60.0)
    errors = np.array([config.read(Moment(SCENE, None, stood(tick))).position[:2] for tick in range(500)])
    # A Gauss-Markov process moves by about σ √(2 dt / τ) = 5 cm in 20 ms.
    assert np.diff(errors, axis=0).std() == pytest.approx(2.0 * np.sqrt(2 * 0.02 / 60), rel=0.15)


def test_a_fix_knows_the_speed_also_where_the_engine_does_not_tell_it():
    config = gps.Config(mount="robot", velocity_noise_m_s=0.0)
    before, after = (state(k, pose_array([0.06 * k, 0, 0])) for k in (4, 5))
    np.testing.assert_allclose(config.read(Moment(SCENE, before, after)).velocity, [3.0, 0, 0])
    assert config.read(Moment(SCENE, None, after)) is None


# Touch.


def test_touch_tells_the_contacts_of_one_body_in_its_own_frame():
    """The body stands at (1, 2, 0) and looks north; what touches it 1 m further north touches it in front."""
    contacts = Contacts(
        (("crate-1", "robot"), ("crate-1", "crate-2"), ("robot", "terrain")),
        np.array([[1.0, 3.0, 0.5], [9.0, 9.0, 9.0], [1.0, 2.0, 0.0]]), np.array([80.0, 60.0, 40.0]),
    )  # fmt: skip
    here = state(3, pose_array([1.0, 2.0, 0.0], np.pi / 2), contacts=contacts)
    felt = touch.Config(mount="robot").read(Moment(SCENE, None, here))
    assert felt.names == ("crate-1", "terrain")
    np.testing.assert_allclose(felt.positions, [[1, 0, 0.5], [0, 0, 0]], atol=1e-12)
    np.testing.assert_allclose(felt.forces, [80, 40])
    strong = touch.Config(mount="robot", least_n=50.0).read(Moment(SCENE, None, here))
    assert strong.names == ("crate-1",)


def test_touch_without_contacts_says_what_is_missing():
    with pytest.raises(NotSupported, match="needs contacts"):
        touch.Config(mount="robot").read(Moment(SCENE, None, stood(0)))


# On the embedded engine.


@pytest.fixture(scope="module")
def walked():
    """A courier that first stands, then turns on the spot; states by tick, and the scene."""
    scene = embedded_town()
    with bridge.open("embedded") as engine:
        engine.load(scene)
        states = [engine.reset(seed=0)]
        for k in range(80):
            turn = Action(Velocity(yaw_rate_rad_s=0.8)) if k >= 20 else Action()
            states.append(engine.step({"courier-1": turn}))
    return scene, states


def exact_imu(body: str) -> imu.Config:
    return imu.Config(mount=body, force_noise_m_s2_per_root_hz=0, rate_noise_rad_s_per_root_hz=0, force_bias_m_s2=0, rate_bias_rad_s=0)  # fmt: skip


def test_a_courier_who_stands_feels_g_upwards_and_who_turns_feels_the_turn(walked):
    scene, states = walked
    still = exact_imu("courier-1").read(Moment(scene, states[18], states[19]))
    np.testing.assert_allclose(still.specific_force, [0, 0, 9.81], atol=0.05)
    np.testing.assert_allclose(still.angular_rate, 0, atol=0.01)
    turning = exact_imu("courier-1").read(Moment(scene, states[79], states[80]))
    np.testing.assert_allclose(turning.angular_rate, [0, 0, 0.8], atol=0.03)


def test_what_falls_feels_nothing_and_what_has_landed_touches_the_ground():
    scene = embedded_town()
    with bridge.open("embedded") as engine:
        engine.load(scene)
        engine.reset(seed=0)
        engine.edit([Move("parcel-1", Pose(np.array([-29.0, -8.2, 6.0])))])
        states = [engine.step({}) for _ in range(12)]
        falling = exact_imu("parcel-1").read(Moment(scene, states[-2], states[-1]))
        np.testing.assert_allclose(falling.specific_force, 0, atol=0.1)
        assert touch.Config(mount="parcel-1").read(Moment(scene, None, states[-1])).names == ()
        for _ in range(100):
            after = engine.step({})
            if touch.Config(mount="parcel-1").read(Moment(scene, None, after)).names:
                break
        felt = touch.Config(mount="parcel-1").read(Moment(scene, None, after))
        assert felt.names[0] in {row.name for row in scene.instances()}
        assert felt.forces[0] > 0


def test_a_suite_knows_its_cameras_and_reads_frames_of_an_engine():
    scene = embedded_town()
    with bridge.open("embedded") as engine:
        loaded = engine.load(scene)
        eye = replace(loaded.cameras["courier-1/front"], width=160, height=120)
        mast = replace(lidar.CHANNELS_16, mount="courier-1", mount_from_sensor=Pose(np.array([0, 0, 2.0])), columns=128)
        carried = SensorSuite(
            (imu.Config(mount="courier-1"), mast, boxes.Flat(eye), boxes.Solid(eye), flow.Config(eye))
        )
        assert carried.cameras == (eye,)
        before = engine.reset(seed=0)
        readings = {}
        for _ in range(5):
            after = engine.step({"courier-1": Action(Velocity(1.0))})
            frames = engine.observe(carried.cameras, ["depth", "segmentation"])
            readings |= carried.sense(scene, before, after, frames, seed=0)
            last, before = before, after
        assert set(readings) == {"imu", "lidar", "boxes", "boxes-3d", "flow"}
        assert all(reading.tick == 5 for reading in readings.values())
        with pytest.raises(InvalidInput, match="no frame of 'courier-1/front' at tick 5"):
            carried.sense(scene, last, after, (), seed=0)


def test_an_engine_from_afar_gives_the_same_readings():
    """The embedded engine here, and one behind a server: all that sensors need travels without loss."""
    scene = embedded_town()

    def episode(engine) -> dict:
        eye = replace(engine.load(scene).cameras["courier-1/front"], width=80, height=60)
        mast = replace(lidar.CHANNELS_16, mount="courier-1", mount_from_sensor=Pose(np.array([0, 0, 2.0])), columns=64)
        body = imu.Config(mount="courier-1"), gps.Config(mount="courier-1"), touch.Config(mount="courier-1")
        carried = SensorSuite((*body, mast, boxes.Flat(eye, classes=("scooter", "road")), flow.Config(eye)))
        before, readings = engine.reset(seed=0), {}
        for _ in range(10):
            after = engine.step({"courier-1": Action(Velocity(1.0, yaw_rate_rad_s=0.3))})
            frames = engine.observe(carried.cameras, ["depth", "segmentation"])
            readings |= carried.sense(scene, before, after, frames, seed=0)
            before = after
        return readings

    with bridge.open("embedded", renderer="rays") as engine:
        here = episode(engine)
    with served(lambda: bridge.open("embedded", renderer="rays"), scene=False) as engine:
        afar = episode(engine)
    assert set(here) == set(afar) == {"imu", "gps", "touch", "lidar", "boxes", "flow"}
    for name, reading in here.items():
        for item in fields(reading):
            np.testing.assert_array_equal(
                getattr(reading, item.name), getattr(afar[name], item.name), f"{name} {item.name}"
            )


def test_readings_and_sensors_are_imported_with_numpy_alone():
    """So that programs which only take readings need nothing that makes them."""
    code = (
        "import sys\n"
        "for name in ('mujoco', 'moderngl', 'embreex', 'PIL', 'scipy', 'shapely', 'trimesh', 'pxr', 'grpc', 'google.protobuf'):\n"
        "    sys.modules[name] = None\n"
        "import bridge.sensors as s; print(s.SensorSuite((s.imu.Config(), s.lidar.CHANNELS_16)).cameras)"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, timeout=60, capture_output=True, text=True)
    assert done.stdout.strip() == "()"


def test_the_example_runs(tmp_path, monkeypatch, capsys):
    write_scene(embedded_town(), tmp_path / "town")
    monkeypatch.setattr("sys.argv", ["sensors.py", str(tmp_path / "town")])
    monkeypatch.chdir(tmp_path)
    runpy.run_path(str(EXAMPLES / "sensors.py"), run_name="__main__")
    said = capsys.readouterr().out
    assert "specific force" in said
    assert "position" in said
    assert (tmp_path / "sweep.png").stat().st_size > 1000
    assert len((EXAMPLES / "sensors.py").read_text(encoding="utf-8").splitlines()) <= 40
