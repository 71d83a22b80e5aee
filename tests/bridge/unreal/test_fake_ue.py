"""The engine and the renderer `unreal` over simbridge-fake-ue, the plug-in's own core: run with `pytest -m cpp`."""

import json
import sys

import numpy as np
import pytest

import bridge
from bridge.cli import main
from bridge.conformance import conform, proving_ground
from bridge.engine import Action, Spawn, Velocity
from bridge.engines import open_engine
from bridge.errors import EngineFailed, EngineUnavailable, NameTaken, NotAllowed
from bridge.formats.scene_folder import write_scene
from bridge.types import Pose
from bridge.worker import WorkerEngine
from scene_gen.cli import Config as SceneGen
from scene_gen.cli import run as scenegen
from tests.bridge.control.towns import hamlet
from tests.bridge.serving import serving
from tests.bridge.unreal.fake_ue import fake_ue
from tests.scenes import tiny_scene

pytestmark = [pytest.mark.cpp, pytest.mark.skipif(sys.platform == "win32", reason="it has no sockets there")]
SEEN = ("depth", "segmentation")


def ran(capsys, *arguments) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        main([str(argument) for argument in arguments])
    said = capsys.readouterr()
    return int(ended.value.code or 0), said.out, said.err


def not_kept(engine) -> list[tuple[str, str]]:
    return [(verdict.name, verdict.found) for verdict in conform(engine) if verdict.outcome != "kept"]


def test_it_keeps_the_contract_at_a_port(tmp_path):
    with fake_ue(token=tmp_path / "token") as far:
        assert not_kept(open_engine("unreal", **far.options)) == []


def test_it_keeps_the_contract_when_frames_come_late(tmp_path):
    with fake_ue("--unix", str(tmp_path / "far"), "--latency-ms", "5") as far:
        assert not_kept(open_engine("unreal", shared_memory="never", **far.options)) == []


def test_the_renderer_keeps_the_contract_with_it():
    with fake_ue() as far:
        drawn = {"renderer": "unreal", "renderer_address": far.address}
        assert not_kept(open_engine("embedded", **drawn)) == []


def test_a_puppet_shows_what_our_own_renderer_shows():
    with (
        fake_ue() as far,
        open_engine("kinematic", renderer="unreal", renderer_address=far.address) as afar,
        open_engine("kinematic", renderer="rays") as here,
    ):
        for engine in (afar, here):
            engine.load(tiny_scene())
            engine.reset(seed=0)
            engine.edit([Spawn("crate-9", "crate-a", Pose(np.array([-26.0, -9.0, 2.2])))])
            engine.step({"courier-1": Action(Velocity(1.4, yaw_rate_rad_s=0.5))}, 20)
        (one,), (other,) = (engine.observe(["courier-1/follow"], SEEN) for engine in (afar, here))
        assert one.tick == other.tick == 20
        alike = one.segmentation == other.segmentation
        assert alike.mean() > 0.97
        near = alike & (other.depth < 200)
        assert np.mean(np.abs(one.depth[near] - other.depth[near]) < 0.05 * other.depth[near]) > 0.97


def test_ten_thousand_things_come_in_one_batch_or_none_does():
    with fake_ue() as far, open_engine("unreal", **far.options) as engine:
        engine.load(proving_ground())
        before = engine.reset(seed=0)
        side = np.arange(100) * 0.6 - 30
        batch = [
            Spawn(f"crate-{100 * row + column + 2}", "crate", Pose(np.array([side[row], side[column], 20.0])))
            for row in range(100)
            for column in range(100)
        ]
        with pytest.raises(NameTaken, match=batch[-1].name):
            engine.edit([*batch[1:], batch[-1]])
        assert engine.step({}).names == before.names
        after = engine.edit(batch)
        assert after.names == before.names + tuple(change.name for change in batch)
        np.testing.assert_allclose(after.poses[-1, :2], [side[99], side[99]], atol=1e-9)


def test_a_program_that_is_killed_loses_the_world_and_another_makes_it_anew(tmp_path):
    path = str(tmp_path / "far")
    with fake_ue("--unix", path) as far:
        engine = open_engine("unreal", **far.options)
        engine.load(proving_ground())
        engine.reset(seed=0)
        far.process.kill()
        far.process.wait(20)
        with pytest.raises(EngineUnavailable, match="broke in 'step'"):
            engine.step({})
        with pytest.raises(EngineUnavailable, match="not up"):
            engine.reset(seed=0)
    with fake_ue("--unix", path):
        with pytest.raises(EngineFailed, match="was lost"):
            engine.step({})
        assert engine.reset(seed=0).tick == 0
        assert engine.step({"walker-1": Action(Velocity(1.0))}, 5).tick == 5
        engine.close()


def test_another_token_is_not_let_in(tmp_path):
    with fake_ue(token=tmp_path / "token") as far:
        other = tmp_path / "other"
        other.touch(mode=0o600)
        other.write_text("00" * 32)
        with pytest.raises(NotAllowed, match="not the same token"):
            open_engine("unreal", engine_address=far.address, token_file=str(other))


def test_a_shift_runs_there_and_its_result_says_where(capsys, tmp_path):
    write_scene(hamlet().scene, tmp_path / "hamlet")
    with fake_ue() as far:
        where = ("--engine", "unreal", "--engine-address", far.address)
        short = ("--couriers", 2, "--policy", "route", "--hours", 0.05, "--pedestrians", 2, "--vehicles", 2)
        code, _, told = ran(capsys, "deliver", tmp_path / "hamlet", *short, *where, "--out", tmp_path / "shift")
    assert code == 0
    assert "on engine unreal simbridge-fake-ue" in told
    found = json.loads((tmp_path / "shift/results.json").read_text())
    assert found["engine"].endswith(f"at {far.address}")
    assert found["simulated_s"] == pytest.approx(180.0)


def test_an_evaluation_says_which_engine_judged(capsys, tmp_path):
    write_scene(hamlet().scene, tmp_path / "hamlet")
    with fake_ue() as far:
        where = ("--engine", "unreal", "--engine-address", far.address)
        what = ("--policies", "random,route", "--seeds", 2, "--hours", 0.01, "--delivery.agents", 2)
        less = ("--films", "none", "--record", "none", "--pedestrians", 2, "--vehicles", 2)
        code, _, _ = ran(capsys, "evaluate", tmp_path / "hamlet", *what, *where, *less, "--out", tmp_path / "verdict")
    assert code == 0
    assert f"at {far.address}" in (tmp_path / "verdict/report.html").read_text()
    assert "unreal simbridge-fake-ue" in (tmp_path / "verdict/report.html").read_text()


def test_a_new_town_comes_into_it_while_it_runs(capsys, tmp_path):
    with fake_ue(token=tmp_path / "token") as far:
        make = lambda: WorkerEngine("unreal", far.options)  # noqa: E731
        with serving(make, lease_s=30.0) as server:
            config = SceneGen(
                "two couriers in a small fishing village", size_m=260.0, export=("none",), renderer="none",
                out=tmp_path / "new", to=server.address,
            )  # fmt: skip
            assert scenegen(config, ["..."]) == 0
            assert "on engine unreal simbridge-fake-ue" in capsys.readouterr().err
            with bridge.connect(server.address) as engine:
                (agent, *_) = engine.loaded().agents
                assert engine.step({agent: Action(Velocity(1.0))}, 10).tick == 10
                (frame,) = engine.observe([f"{agent}/follow"])
                assert frame.tick == 10
                assert len(np.unique(frame.segmentation)) > 3


def test_the_doctor_finds_it(capsys):
    with fake_ue() as far:
        _, said, _ = ran(capsys, "doctor", "--engine-address", far.address)
    (line,) = [line for line in said.splitlines() if line.startswith("Unreal at")]
    assert "simbridge-fake-ue" in line
    assert "works" in line
