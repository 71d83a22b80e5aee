"""Sensors in observations: what agents carry, read when somebody looks, the same on every engine and for every seed."""

from dataclasses import replace

import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env
from pettingzoo.test import parallel_api_test

from bridge.engine import Action, Move, Paint, Remove, Spawn, Velocity, Weather
from bridge.engines import open_engine
from bridge.errors import InvalidInput, NameTaken, NotSupported, Refused, UnknownBody, UnknownCamera, UnknownName
from bridge.sensors import gps, imu, lidar
from bridge.sensors.outfits import NAMED, OUTFITS, Config, carried
from bridge.sensors.sensing import Sensing
from bridge.sensors.suite import SensorSuite
from bridge.tasks.envs import parallel_env
from bridge.tasks.gym_env import TaskEnv
from bridge.tasks.sensed import sensed, sensor_space
from bridge.types import Pose
from tests.bridge.embedded_town import COURIER_XY, SIDEWALK_M, embedded_town
from tests.bridge.point_mass import PointMass
from tests.bridge.serving import serving
from tests.scenes import tiny_scene

ID, ME = "simbridge/Navigate-v0", "courier-1"
ALL = tuple(NAMED)
AHEAD = np.array([1.0, 0.0, 0.0], np.float32)
SPARSE = lidar.Config(elevations_rad=(0.0, -0.2), columns=36, is_ideal=True)


@pytest.fixture(scope="module")
def env():
    with gymnasium.make(ID, sensors=ALL, size=(32, 24)) as made:
        yield made


def world(*suites, seed: int = 0):
    """The town by hand, running, and what its courier senses."""
    engine = open_engine("embedded", renderer="rays")
    scene = embedded_town()
    engine.load(scene)
    sensing = Sensing(engine, scene)
    sensing.carry({ME: SensorSuite(tuple(suites))})
    sensing.begin(engine.reset(seed=seed), seed=seed)
    return engine, sensing


def step(engine, sensing, ticks: int = 1, **velocity):
    sensing.move_on(engine.step({ME: Action(Velocity(**velocity))}, ticks))
    return sensing.readings(ME)


def edit(engine, sensing, *changes):
    sensing.change(changes, engine.edit(changes))
    return sensing.readings(ME)


# ---- environments


def test_gymnasium_s_checker_passes_with_every_sensor(env):
    check_env(env.unwrapped)


def test_pettingzoo_s_checker_passes_with_every_sensor():
    env = parallel_env(agents=3, sensors=ALL, size=(32, 24))
    parallel_api_test(env, num_cycles=4)
    env.close()


def test_every_reading_lies_in_the_space_and_is_of_this_town(env):
    env.reset(seed=0)
    for _ in range(5):
        seen, *_ = env.step(AHEAD)
        assert env.observation_space.contains(seen)
    observed = env.unwrapped.observed
    assert set(observed.readings) == set(ALL)
    np.testing.assert_allclose(seen["imu"][:3], observed.imu.specific_force, rtol=1e-6)
    assert np.linalg.norm(observed.gps.position - observed.pose.position) < 12.0  # four standard deviations
    assert observed.lidar.is_return.mean() > 0.3
    assert (seen["lidar"] > 0).mean() == observed.lidar.is_return.mean()
    assert observed.imu.tick == observed.lidar.tick == observed.boxes.tick == observed.tick


def test_without_sensors_an_observation_has_none():
    with gymnasium.make(ID) as env:
        seen, _ = env.reset(seed=0)
        observed = env.unwrapped.observed
    assert set(seen) == {"velocity", "touches", "goal"}
    assert (observed.lidar, observed.imu, observed.gps, observed.boxes) == (None, None, None, None)


def test_the_same_seed_reads_the_same_and_another_does_not(env):
    def episode(seed: int) -> list[np.ndarray]:
        env.reset(seed=seed)
        return [env.step(AHEAD)[0][name] for _ in range(3) for name in ("imu", "gps", "lidar")]

    one, again, other = episode(3), episode(3), episode(4)
    assert all((a == b).all() for a, b in zip(one, again, strict=True))
    assert not any((a == b).all() for a, b in zip(one, other, strict=True))


def test_every_agent_s_sensors_have_noise_of_their_own():
    env = parallel_env(agents=2, sensors=("gps",))
    env.reset(seed=0)
    errors = [env.episodes.sensing.readings(a)["gps"].position for a in env.agents]
    true = [env.episodes.now().poses[env.episodes.now().names.index(a), :3] for a in env.agents]
    assert np.abs((errors[0] - true[0]) - (errors[1] - true[1])).max() > 1e-3
    env.close()


def test_a_server_s_town_reads_as_one_here():
    here = TaskEnv(sensors=("lidar", "imu", "gps", "boxes", "touch"), agents=3)
    with serving(lambda: open_engine("embedded"), scene=False) as server:
        there = TaskEnv(address=server.address, sensors=("lidar", "imu", "gps", "boxes", "touch"), agents=3)
        for env in (here, there):
            env.reset(seed=3)
        for _ in range(2):
            ours, theirs = (env.step(np.array([1.0, 0.0, 0.2], np.float32))[0] for env in (here, there))
        for name in ours:
            np.testing.assert_array_equal(ours[name], theirs[name], err_msg=name)
        there.close()
    here.close()


# ---- what is carried


def test_kinds_carry_sensors_in_places_of_their_own():
    engine = open_engine("embedded")
    scene = embedded_town()
    cameras = engine.load(scene).cameras
    walker, car = (carried(name, ["lidar", "imu", "boxes"], scene, cameras | {"car-1/front": cameras[f"{ME}/front"]})
                   for name in (ME, "car-1"))  # fmt: skip
    assert walker.sensors[0].mount_from_sensor.position[2] == pytest.approx(1.75 + 0.15)
    assert car.sensors[0].mount_from_sensor.position[2] == pytest.approx(1.5 + 0.25)
    assert len(car.sensors[0].elevations_rad) == 32
    assert [sensor.mount for sensor in car.sensors[:2]] == ["car-1", "car-1"]
    assert walker.sensors[2].camera.name == f"{ME}/front"
    engine.close()


def test_a_description_of_one_s_own_is_put_where_the_kind_carries_such():
    scene = embedded_town()
    mine = replace(SPARSE, name="mine")
    placed = replace(mine, name="low", mount_from_sensor=Pose(np.array([0.0, 0.0, 0.2])))
    elsewhere = replace(mine, name="other", mount="car-1")
    suite = carried(ME, [mine, placed, elsewhere], scene, {})
    assert [one.mount for one in suite.sensors] == [ME, ME, "car-1"]
    assert [one.mount_from_sensor.position[2] for one in suite.sensors] == pytest.approx([1.9, 0.2, 0.0])


def test_an_outfit_of_one_s_own_is_worn():
    env = TaskEnv(sensors=("lidar",), outfits={**OUTFITS, "person": Config(lidar=SPARSE)})
    assert env.observation_space["lidar"].shape == (2, 36)
    env.close()


@pytest.mark.parametrize(
    ("sensors", "error", "words"),
    [
        (("lidra",), UnknownName, "Did you mean 'lidar'"),
        (("imu", "imu"), NameTaken, "Two sensors are called 'imu'"),
        ("imu", InvalidInput, r"expected a list: \['imu'\]"),
        ((replace(SPARSE, name="goal"),), NameTaken, "as something else in the observation"),
    ],
)
def test_what_cannot_be_carried_is_refused_when_the_environment_is_made(sensors, error, words):
    with pytest.raises(error, match=words):
        TaskEnv(sensors=sensors)


def test_who_has_no_camera_has_no_boxes():
    with pytest.raises(UnknownCamera, match="courier-1/front"):
        carried(ME, ["boxes"], embedded_town(), {})


def test_a_sensor_of_no_fixed_shape_has_no_space():
    class Odd:
        name, rate_hz = "odd", 1.0

    with pytest.raises(NotSupported, match=r"Look its readings up in `observed.readings`"):
        sensor_space(Odd())


def test_a_reading_that_is_not_there_yet_is_zeros():
    assert not sensed(imu.Config(), None).any()


# ---- as the world goes on


class Counting:
    """A sensor that tells how often it was read."""

    def __init__(self, rate_hz: float = 50.0) -> None:
        self.name, self.rate_hz, self.reads = "counting", rate_hz, 0
        self._fix = gps.Config(mount=ME)

    def read(self, moment):
        self.reads += 1
        return self._fix.read(moment)


def test_what_nobody_asks_for_is_never_read_and_what_is_asked_twice_once():
    sensor = Counting()
    engine, sensing = world(sensor)
    for _ in range(10):
        readings = step(engine, sensing)
    assert sensor.reads == 0
    assert readings["counting"] is readings["counting"]
    assert sensor.reads == 1
    engine.close()


def test_nobody_looks_through_a_camera_for_sensors_that_are_not_asked(env):
    looks = []
    engine = env.unwrapped.episodes.engine
    observe = engine.observe
    engine.observe = lambda *given: looks.append(given) or observe(*given)
    episodes = env.unwrapped.episodes
    observed = episodes.begin(0)[ME]
    observed, _ = episodes.step({})
    assert looks == []
    assert observed[ME].readings["boxes"] is not None
    assert observed[ME].readings["boxes-3d"] is not None
    assert len(looks) == 1  # one look serves both
    engine.observe = observe


def test_a_reading_lasts_until_the_next_is_due_and_asking_late_changes_nothing():
    # At 5 Hz a fix is due every tenth tick.
    said = {}
    for asks in (range(1, 26), (9, 25)):
        engine, sensing = world(gps.Config(mount=ME))
        for tick in range(1, 26):
            readings = step(engine, sensing, forward_m_s=1.0)
            if tick in asks:
                said.setdefault(tick, []).append(readings["gps"])
        engine.close()
    assert [said[tick][0].tick for tick in (9, 10, 19, 25)] == [0, 10, 10, 20]
    for tick in (9, 25):
        one, other = said[tick]
        assert one.position.tobytes() == other.position.tobytes()


def test_an_old_observation_still_tells_what_was_but_not_what_nobody_looked_at(env):
    episodes = env.unwrapped.episodes
    old = episodes.begin(0)[ME]
    episodes.step({ME: Action(Velocity(1.0))})
    assert old.gps.tick == 0
    with pytest.raises(Refused, match="before the next step"):
        _ = old.boxes


def test_an_edit_moves_what_is_sensed_and_jolts_nobody():
    engine, sensing = world(SPARSE_ON_ME, imu.Config(mount=ME))
    calm = step(engine, sensing, ticks=5)["imu"]
    readings = edit(engine, sensing, Move(ME, Pose(np.array([-25.0, -8.2, SIDEWALK_M]))))
    np.testing.assert_allclose(readings["lidar"].world_from_sensor[:2], [-25.0, -8.2])
    assert readings["imu"] is not None
    assert readings["imu"].tick == calm.tick  # that of the step before
    # At rest before and after: gravity alone, give or take the bias.
    assert np.linalg.norm(step(engine, sensing)["imu"].specific_force) == pytest.approx(9.81, abs=0.2)
    engine.close()


SPARSE_ON_ME = replace(SPARSE, mount=ME, mount_from_sensor=Pose(np.array([0.0, 0.0, 0.3])))


def hit_names(engine, scan) -> set[str]:
    table = {one.id: one.name for one in engine.scene.instances()}
    return {table[number] for number in np.unique(scan.ids[scan.ids > 0]).tolist()}


def test_what_is_spawned_is_met_what_is_moved_is_met_there_and_what_is_removed_is_not():
    engine, sensing = world(SPARSE_ON_ME)
    step(engine, sensing)
    ahead = Pose(np.array([COURIER_XY[0] + 2.0, COURIER_XY[1], SIDEWALK_M]))
    scan = edit(engine, sensing, Remove("parcel-1"), Spawn("safe-1", "safe-a", ahead))["lidar"]
    assert "safe-1" in hit_names(engine, scan)
    assert "parcel-1" not in hit_names(engine, scan)
    away = Pose(np.array([30.0, 8.0, SIDEWALK_M]))
    scan = edit(engine, sensing, Move("safe-1", away), Move("bench-1", ahead), Paint("bench-1", (1.0, 0.0, 0.0)))[
        "lidar"
    ]
    assert "bench-1" in hit_names(engine, scan)
    assert "safe-1" not in hit_names(engine, scan)
    engine.close()


def test_fog_is_in_the_beams_of_engines_that_tell_no_scene():
    class Silent:
        """The engine from afar: it hides its own scene."""

        def observe(self, cameras, modalities=()):
            raise AssertionError

    engine = open_engine("embedded")
    scene = embedded_town()
    engine.load(scene)
    sensing = Sensing(Silent(), scene)
    far = replace(SPARSE_ON_ME, is_ideal=False, columns=360)
    sensing.carry({ME: SensorSuite((far,))})
    sensing.begin(engine.reset(seed=0), seed=0)
    clear = sensing.readings(ME)["lidar"]
    changes = [Weather(weather="fog", visibility_m=8.0), Spawn("safe-1", "safe-a", Pose(np.array([0.0, 0.0, 4.0])))]
    sensing.change(changes, engine.edit(changes))
    foggy = sensing.readings(ME)["lidar"]
    assert foggy.is_return.sum() < clear.is_return.sum()
    assert "safe-1" in {one.name for one in sensing.present.scene.instances()}
    engine.close()


def test_an_engine_that_tells_no_velocities_reads_from_positions():
    class Mute(PointMass):
        def _state(self):
            return replace(super()._state(), velocities=None)

    engine = Mute()
    engine.load(tiny_scene())
    sensing = Sensing(engine, tiny_scene())
    sensing.carry({ME: SensorSuite((imu.Config(mount=ME), gps.Config(mount=ME)))})
    sensing.begin(engine.reset(seed=0), seed=0)
    ready = []
    for _ in range(3):
        sensing.move_on(engine.step({ME: Action(Velocity(1.0))}))
        ready.append({name for name, found in sensing.readings(ME).items() if found is not None})
    assert ready == [set(), {"imu"}, {"imu"}]  # three states for the unit; the receiver's next turn is at tick 10


def test_who_carries_nothing_is_told_so():
    engine, sensing = world(imu.Config(mount=ME))
    with pytest.raises(UnknownBody, match="agent with sensors"):
        sensing.readings("walker-1")
    engine.close()
    with pytest.raises(Refused, match="Reset the world first"):
        Sensing(PointMass(), tiny_scene()).due()
