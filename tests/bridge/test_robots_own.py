"""Robots that users bring: MJCF and URDF files join a town with their joints, servos, sensors, cameras and looks."""

import json

import numpy as np
import pytest

from bridge.engine import Action, EndEffector, Joints, Move, Velocity
from bridge.engines import open_engine
from bridge.errors import InvalidAction, InvalidInput, UnknownName
from bridge.formats.scene_folder import read_scene, write_scene
from bridge.robots.description import built_in, read_robot
from bridge.robots.placing import bring
from bridge.robots.tabletop import tabletop_scene
from bridge.types import Pose, WorldState
from tests.bridge.embedded_town import STREET_M, embedded_town
from tests.bridge.robots_by_hand import ARM, ROVER, URDF, urdf_package, written

AT = (10.0, -12.0, STREET_M, 0.0)


def opened(path, place=AT, **options):
    """An engine with the town and a robot, reset."""
    engine = open_engine("embedded", renderer="rays", robot=str(path), robot_at=place, **options)
    loaded = engine.load(embedded_town())
    return engine, loaded, engine.reset(seed=0)


def pose(state: WorldState, name: str) -> np.ndarray:
    return state.poses[state.names.index(name)]


def agent(state: WorldState, name: str):
    return next(one for one in state.agents if one.name == name)


def test_an_mjcf_robot_joins_the_town_as_an_agent(tmp_path):
    engine, loaded, state = opened(written(tmp_path, ARM))
    with engine:
        assert loaded.agents == ("courier-1", "reacher")
        assert [name for name in state.names if name.startswith("reacher")] == [
            "reacher", "reacher/upper", "reacher/lower", "reacher/tool",
        ]  # fmt: skip
        np.testing.assert_allclose(pose(state, "reacher")[:3], AT[:3])
        np.testing.assert_allclose(pose(state, "reacher/tool")[:3], [10.7, -12.0, STREET_M + 0.15], atol=1e-6)


def test_joints_are_told_in_the_order_of_the_bodies_and_motors_become_servos(tmp_path):
    engine, _, _ = opened(written(tmp_path, ARM))
    with engine:
        state = engine.step({"reacher": Action(Joints(np.array([0.5, -0.8])))}, 150)
        np.testing.assert_allclose(agent(state, "reacher").joints, [0.5, -0.8], atol=0.01)
        tip = np.array([0.4 + 0.3 * np.cos(0.8), 0.0, 0.15 + 0.3 * np.sin(0.8)])
        turn = np.array([[np.cos(0.5), -np.sin(0.5), 0], [np.sin(0.5), np.cos(0.5), 0], [0, 0, 1]])
        np.testing.assert_allclose(pose(state, "reacher/tool")[:3], turn @ tip + AT[:3], atol=0.01)
        with pytest.raises(InvalidAction, match="turn, bend"):
            engine.step({"reacher": Action(Joints(np.zeros(3)))})
        with pytest.raises(InvalidAction, match="gripper"):
            engine.step({"reacher": Action(gripper=1.0)})


def test_a_site_named_tool_can_be_led(tmp_path):
    engine, _, _ = opened(written(tmp_path, ARM))
    with engine:
        yaw, pitch = 0.4, -0.6
        quat = np.array([np.cos(yaw / 2) * np.cos(pitch / 2), -np.sin(yaw / 2) * np.sin(pitch / 2),
                         np.cos(yaw / 2) * np.sin(pitch / 2), np.sin(yaw / 2) * np.cos(pitch / 2)])  # fmt: skip
        reach = 0.4 + 0.3 * np.cos(pitch)
        target = np.array([reach * np.cos(yaw), reach * np.sin(yaw), 0.15 - 0.3 * np.sin(pitch)])
        state = engine.step({"reacher": Action(EndEffector(Pose(target, quat)))}, 150)
        np.testing.assert_allclose(agent(state, "reacher").joints, [yaw, pitch], atol=0.02)


def test_its_sensors_are_read_with_the_state(tmp_path):
    engine, _, _ = opened(written(tmp_path, ARM))
    with engine:
        state = engine.step({"reacher": Action(Joints(np.array([0.0, 0.7])))}, 150)
        readings = agent(state, "reacher").readings
        assert readings.names == ("bend_angle", "acceleration")
        assert readings.of("bend_angle") == pytest.approx(agent(state, "reacher").joints[1], abs=1e-3)
        assert readings.of("acceleration").shape == (3,)


def test_its_cameras_look_from_where_they_are_mounted(tmp_path):
    engine, loaded, _ = opened(written(tmp_path, ARM), place=(34.0, -20.0, 2.0, np.pi / 2))
    with engine:
        camera = loaded.cameras["reacher/eye"]
        assert (camera.mount, camera.width, camera.height) == ("reacher/lower", 320, 240)
        assert camera.fov_y_rad == pytest.approx(np.radians(60))
        frame = engine.observe(["reacher/eye"], ["segmentation", "depth"])[0]
        ids = {row.name: row.id for row in engine.scene.instances()}
        assert ids["warehouse-1"] not in frame.segmentation  # it looks north, along its arm; the warehouse is west
        assert ids["terrain"] in frame.segmentation


def test_its_links_are_drawn_in_their_colours_under_their_names(tmp_path):
    engine, _, _ = opened(written(tmp_path, ARM))
    with engine:
        frame = engine.observe(["reacher/follow"], ["rgb", "segmentation"])[0]
        rows = {row.name: row for row in engine.scene.instances()}
        assert rows["reacher/upper"].semantic == "robot"
        for name, channel in (("reacher/upper", 0), ("reacher/lower", 2)):
            seen = frame.rgb[frame.segmentation == rows[name].id].astype(int)
            assert len(seen) > 50
            assert (np.delete(seen, channel, axis=1).max(axis=1) < seen[:, channel]).mean() > 0.9


def test_floors_and_lights_of_a_description_stay_at_home(tmp_path):
    engine, _, _ = opened(written(tmp_path, ARM))
    with engine:
        world = engine._world
        assert world.model.nlight == 0
        assert (world.model.geom_type == 0).sum() == 0


def test_a_shorter_time_step_of_a_description_is_kept(tmp_path):
    engine, _, _ = opened(written(tmp_path, ARM))
    with engine:
        assert engine._world.model.opt.timestep == pytest.approx(0.002)
        assert engine.step({}, 50).time_s == pytest.approx(1.0)


def test_a_robot_with_wheels_drives_by_the_speed_of_its_joints(tmp_path):
    """Wheels of 8 cm that turn at 5 rad/s make 0.4 m/s."""
    engine, _, _ = opened(written(tmp_path, ROVER), place=(0.0, -12.0, STREET_M, 0.0))
    with engine:
        engine.step({}, 50)
        before = engine.step({"rover": Action(Joints(np.array([5.0, 5.0])))}, 50)
        after = engine.step({}, 50)
        assert (pose(after, "rover") - pose(before, "rover"))[0] == pytest.approx(0.4, rel=0.15)
        assert pose(after, "rover")[2] == pytest.approx(STREET_M + 0.12, abs=0.02)
        held = engine.step({"rover": Action()}, 100)
        assert agent(held, "rover").readings.of("imu")[2] == pytest.approx(9.81, abs=0.5)
        assert np.abs(held.velocities[held.names.index("rover")]).max() < 0.05
        moved = engine.edit([Move("rover", Pose(np.array([20.0, -12.0, STREET_M + 0.13])))])
        assert pose(moved, "rover")[0] == pytest.approx(20.0)
        with pytest.raises(InvalidAction, match="moves by its joints"):
            engine.step({"rover": Action(Velocity(1.0))})


def test_cars_and_walkers_run_into_robots(tmp_path):
    engine, _, _ = opened(written(tmp_path, ROVER), place=(-26.0, -8.2, STREET_M + 0.1, 0.0))
    with engine:
        touched = set()
        for _ in range(150):
            state = engine.step({"courier-1": Action(Velocity(1.5))})
            touched |= {name for pair in state.contacts.names if "courier-1" in pair for name in pair}
        assert pose(state, "rover")[0] > -25.8
        assert any(name.startswith("rover") for name in touched)


def test_a_urdf_with_meshes_in_a_ros_package_is_read(tmp_path):
    path = urdf_package(tmp_path)
    robot = read_robot(path)
    assert (robot.name, robot.joints.names, robot.is_fixed) == ("crane-arm", ("lift", "reach"), True)
    np.testing.assert_allclose(robot.joints.high, [1.2, 0.3])
    engine, _, state = opened(path)
    with engine:
        state = engine.step({"crane-arm": Action(Joints(np.array([0.6, 0.25])))}, 150)
        np.testing.assert_allclose(agent(state, "crane-arm").joints, [0.6, 0.25], atol=0.01)
        frame = engine.observe(["crane-arm/follow"], ["rgb", "segmentation"])[0]
        boom = {row.name: row.id for row in engine.scene.instances()}["crane-arm/boom"]
        seen = frame.rgb[frame.segmentation == boom].astype(int)
        assert (seen[:, 0] > 2 * seen[:, 2]).mean() > 0.9  # orange, at dusk
        size = engine.scene.assets["crane-arm/boom"].size
        np.testing.assert_allclose(size, [0.5, 0.1, 0.1], atol=1e-5)  # what is seen, not what touches


def test_a_brought_robot_runs_through_servers_that_got_the_scene_with_it(tmp_path):
    path = written(tmp_path, ARM)
    scene = bring(embedded_town(), read_robot(path), AT)
    assert bring(scene, read_robot(path)) is scene
    with open_engine("embedded", robot=str(path)) as engine:
        assert engine.load(scene).agents == ("courier-1", "reacher")
        assert engine.scene.digest() == scene.digest()


def test_a_scene_with_an_arm_is_kept_on_disk_and_runs_again(tmp_path):
    write_scene(tabletop_scene(), tmp_path / "table")
    scene = read_scene(tmp_path / "table")
    assert scene.digest() == tabletop_scene().digest()
    with open_engine("embedded") as engine:
        engine.load(scene)
        assert len(agent(engine.reset(seed=0), "panda").joints) == 7


def test_robots_that_come_along_are_brought_by_name():
    assert "panda" in built_in()
    engine, loaded, state = opened("panda", place=None)
    with engine:
        assert "panda" in loaded.agents
        others = [other.pose[:2] for other in embedded_town().agents]
        assert min(np.hypot(*(pose(state, "panda")[:2] - other)) for other in others) > 1.0


def test_two_robots_of_one_kind_live_side_by_side(tmp_path):
    from bridge.robots.placing import pose_at, with_robot

    robot = read_robot("panda")
    scene = with_robot(embedded_town(), robot, name="panda-1", origin=pose_at(AT))
    scene = with_robot(scene, robot, name="panda-2", origin=pose_at((12.0, *AT[1:])))
    with open_engine("embedded") as engine:
        engine.load(scene)
        engine.reset(seed=0)
        home = robot.home[:7]
        state = engine.step({"panda-1": Action(Joints(home + 0.1)), "panda-2": Action(Joints(home - 0.1))}, 60)
        np.testing.assert_allclose(agent(state, "panda-1").joints, home + 0.1, atol=5e-3)
        np.testing.assert_allclose(agent(state, "panda-2").joints, home - 0.1, atol=5e-3)


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("robot.xml", "<mujoco><worldbody><body>", "cannot be read"),
        ("robot.xml", "<mujoco><worldbody/></mujoco>", "no bodies"),
        ("robot.xml", ARM.replace('joint="bend"', 'joint="knee"'), "knee"),
        (
            "robot.xml",
            ARM.replace("<worldbody>", '<asset><mesh name="m" file="gone.stl"/></asset><worldbody>', 1),
            r"gone\.stl",
        ),
        ("robot.urdf", "<robot", "no XML"),
        ("robot.urdf", "<mujoco/>", "not <robot>"),
        ("robot.urdf", URDF, r"boom\.stl', which is not there"),
        ("robot.urdf", URDF.replace("package://crane_description/meshes/visual/boom.stl", "boom.dae"), "boom.dae"),
        ("robot.urdf", URDF.replace("<robot", '<robot xmlns:xacro="http://ros.org/wiki/xacro"').replace("</robot>", '<xacro:arm/></robot>'), "xacro"),
    ],
)  # fmt: skip
def test_descriptions_that_cannot_be_read_say_what_to_do(tmp_path, name, text, says):
    with pytest.raises(InvalidInput, match=says):
        read_robot(written(tmp_path, text, name))


def test_looks_in_a_format_that_is_not_read_are_named(tmp_path):
    (tmp_path / "boom.dae").write_text("<COLLADA/>", encoding="utf-8")
    text = URDF.replace("package://crane_description/meshes/visual/boom.stl", "boom.dae")
    with pytest.raises(InvalidInput, match=r"\.stl, \.obj"):
        read_robot(written(tmp_path, text, "robot.urdf"))


def test_what_is_no_robot_is_named(tmp_path):
    with pytest.raises(UnknownName, match="Did you mean 'panda'"):
        read_robot("pandaa")
    with pytest.raises(InvalidInput, match="no file"):
        read_robot(tmp_path / "gone.xml")


def test_names_that_are_taken_and_places_off_the_map_are_refused(tmp_path):
    clash = written(tmp_path, ARM.replace('model="reacher"', 'model="oak-1"'))
    with pytest.raises(InvalidInput, match="'oak-1' in tiny already"):
        opened(clash)
    with pytest.raises(InvalidInput, match="off the map"):
        opened(written(tmp_path, ARM), place=(999.0, 0.0, 0.0, 0.0))


def test_bits_of_contact_beyond_the_towns_are_refused(tmp_path):
    text = ARM.replace('fromto="0 0 0 0.3 0 0"', 'contype="1073741824" fromto="0 0 0 0.3 0 0"')
    with pytest.raises(InvalidInput, match="contype 1073741824"):
        opened(written(tmp_path, text))


def test_the_command_takes_a_robot_and_refuses_it_for_other_engines(tmp_path, capsys):
    from bridge.commands import serve
    from bridge.errors import NotSupported

    write_scene(embedded_town(), tmp_path / "town")
    config = serve.Config(tmp_path / "town", engine="replay", robot="panda")
    with pytest.raises(NotSupported, match="replay"):
        serve.run(config)
    assert json.dumps(capsys.readouterr().out) == '""'
