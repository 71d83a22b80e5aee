"""`--engine-address` in every command that opens an engine; and whose verdict it is, said in each result."""

import json
import sys
from pathlib import Path

import pytest

import bridge
from bridge.cli import main
from bridge.commands import engine_flags
from bridge.engine import Action, Velocity
from bridge.engines import embedded, open_engine, unreal
from bridge.errors import EngineFailed, EngineUnavailable, InvalidInput
from bridge.formats.scene_folder import write_scene
from bridge.worker import WorkerEngine
from scene_gen.cli import Config as SceneGen
from scene_gen.cli import run as scenegen
from tests.bridge.control.towns import hamlet
from tests.bridge.serving import serving
from tests.bridge.unreal.far_end import far_end
from tests.bridge.unreal.puppet import Puppet

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Unix sockets")


def kinematic():
    return open_engine("kinematic")


def ran(capsys, *arguments) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        main([str(argument) for argument in arguments])
    said = capsys.readouterr()
    return int(ended.value.code or 0), said.out, said.err


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    folder = tmp_path_factory.mktemp("towns") / "hamlet"
    write_scene(hamlet().scene, folder)
    return folder


# ---- whom the flags are for


def test_an_address_is_the_engines_or_its_renderers():
    told = engine_flags.options("unreal", "localhost:50061", Path("token"))
    assert told == {"engine_address": "localhost:50061", "token_file": "token"}
    told = engine_flags.options("embedded", "localhost:50061", Path("token"), renderer="unreal")
    assert told == {"renderer_address": "localhost:50061", "renderer_token_file": "token"}
    assert engine_flags.options("embedded", "", renderer="rays") == {}
    config = engine_flags.addressed("unreal", unreal.Config(step_timeout_s=3.0), "unix:/tmp/far")
    assert config == unreal.Config("unix:/tmp/far", step_timeout_s=3.0)
    assert engine_flags.is_elsewhere(config)
    assert not engine_flags.is_elsewhere(embedded.Config())


@pytest.mark.parametrize(
    ("arguments", "more", "said"),
    [
        (("embedded", "localhost:50061"), {}, "runs here"),
        (("embedded", "localhost:50061"), {"renderer": "gl"}, "runs here, and so does its renderer 'gl'"),
        (("embedded", ""), {"renderer": "unreal"}, "Say where it listens"),
        (("unreal", "", Path("token")), {}, "without --engine-address"),
    ],
)
def test_addresses_that_nobody_asked_for_are_refused(arguments, more, said):
    with pytest.raises(InvalidInput, match=said):
        engine_flags.options(*arguments, **more)


def test_a_command_without_the_address_says_what_to_give(capsys, town, tmp_path):
    for command in (("conformance",), ("serve", town), ("deliver", town, "--out", tmp_path / "shift")):
        code, _, said = ran(capsys, *command, "--engine", "unreal")
        assert code == 2
        assert "--engine-address" in said


def test_a_command_for_an_unreal_that_is_not_up_ends_with_3(capsys):
    code, _, said = ran(capsys, "conformance", "--engine", "unreal", "--engine-address", "unix:/nowhere/at/all.sock")
    assert code == 3
    assert "EngineUnavailable: Unreal is not up" in said


# ---- each command


def test_conformance_names_the_unreal_that_was_examined(capsys, tmp_path):
    with far_end(kinematic, tmp_path) as end:
        flags = ("--engine-address", end.address)
        code, said, _ = ran(capsys, "conformance", "--engine", "unreal", *flags)
    assert code == 0
    assert said.splitlines()[-1].endswith(f"kept: unreal kinematic 1 at {end.address}")


def test_a_shift_in_unreal_says_so(capsys, town, tmp_path):
    """And goes as it would go here: the same policy on the same engine afar, looked after as closely."""
    with far_end(kinematic, tmp_path) as end:
        where = ("--engine", "unreal", "--engine-address", end.address)
        short = ("--couriers", 2, "--policy", "route", "--hours", 0.005, "--pedestrians", 2, "--vehicles", 1)
        code, _, told = ran(capsys, "deliver", town, *short, *where, "--out", tmp_path / "afar")
    assert code == 0
    assert f"on engine unreal kinematic 1 at {end.address}" in told
    found = json.loads((tmp_path / "afar/results.json").read_text())
    assert found["engine"] == f"unreal kinematic 1 at {end.address}"
    assert found["simulated_s"] == pytest.approx(18.0)
    manifest = json.loads((tmp_path / "afar/manifest.json").read_text())
    assert manifest["configuration"]["engine flags"]["engine_address"] == end.address


def test_an_evaluation_says_which_engine_judged(capsys, town, tmp_path):
    with far_end(kinematic, tmp_path) as end:
        where = ("--engine", "unreal", "--engine-address", end.address)
        what = ("--policies", "route", "--seeds", 2, "--hours", 0.003, "--delivery.agents", 1, "--workers", 2)
        less = ("--films", "none", "--record", "none", "--pedestrians", 0, "--vehicles", 0)
        code, _, told = ran(capsys, "evaluate", town, *what, *where, *less, "--out", tmp_path / "verdict")
        assert end.opened == 1
    assert code == 0
    assert "one episode runs after another" in told
    assert f"unreal kinematic 1 at {end.address}" in (tmp_path / "verdict/report.html").read_text()


# ---- served, and towns put in while it runs


def test_a_server_runs_unreal_in_its_worker_and_takes_new_towns_while_it_runs(capsys, tmp_path):
    with far_end(kinematic, tmp_path) as end:
        make = lambda: WorkerEngine("unreal", end.options)  # noqa: E731
        with serving(make, lease_s=30.0) as server:
            with bridge.connect(server.address, role="observer") as eve:
                assert eve.info.version == f"kinematic 1 at {end.address}"
                small = {"size_m": 260.0, "export": ("none",), "renderer": "none"}
                config = SceneGen(
                    "a courier in a small fishing village", out=tmp_path / "new", to=server.address, **small
                )
                assert scenegen(config, ["..."]) == 0
                assert f"at {server.address}, on engine unreal kinematic 1 at {end.address}" in capsys.readouterr().err
                state = eve.state()
                assert state.tick == 0
                assert {row.name for row in eve.instances()} >= set(state.names)
            with bridge.connect(server.address) as driver:
                (agent, *_) = driver.loaded().agents
                assert driver.step({agent: Action(Velocity(1.0))}, 10).tick == 10
                (frame,) = driver.observe([f"{agent}/follow"], ["rgb", "depth"])
                assert frame.tick == 10
                assert frame.rgb.std() > 3


def test_a_server_that_lost_unreal_says_so_and_a_reset_finds_it_again(tmp_path):
    with far_end(kinematic, tmp_path) as end:
        make = lambda: WorkerEngine("unreal", end.options)  # noqa: E731
        with serving(make, lease_s=30.0) as server, bridge.connect(server.address) as engine:
            before = engine.step({})
            end.misbehave = lambda what, answer: None
            with pytest.raises((EngineUnavailable, EngineFailed), match=r"broke in 'step'|was lost"):
                engine.step({})
            end.misbehave = lambda what, answer: answer
            after = engine.reset(seed=0)
            assert (after.tick, after.epoch > before.epoch) == (0, True)
            assert engine.step({}).tick == 1


def test_a_server_draws_with_unreal(tmp_path):
    with far_end(Puppet, tmp_path) as end:
        options = {"renderer": "unreal"} | engine_flags.options("kinematic", end.address, renderer="unreal")
        make = lambda: WorkerEngine("kinematic", options)  # noqa: E731
        with serving(make, lease_s=30.0) as server, bridge.connect(server.address) as engine:
            engine.step({}, 3)
            (frame,) = engine.observe(["courier-1/follow"], ["rgb"])
            assert frame.tick == 3
            assert frame.rgb.std() > 3
    assert "set_poses" in end.orders


def test_the_list_of_engines_says_what_was_not_tried(capsys):
    code, said, _ = ran(capsys, "engines")
    assert code == 0
    (line,) = [line for line in said.splitlines() if line.startswith("unreal ")]
    assert "not run against a real Unreal here" in line
