"""`simbridge`: a town served by one command and driven by another program; what is here is said, and what is missing."""

import json
import signal
import subprocess
import sys
import time

import pytest

import bridge
from bridge.cli import COMMANDS, main
from bridge.commands import doctor, engines
from bridge.engine import Action, Velocity
from bridge.formats.scene_folder import write_scene
from tests.bridge.embedded_town import embedded_town


def ran(capsys, *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    said = capsys.readouterr()
    return ended.value.code, said.out, said.err


def test_every_command_is_listed_with_a_line_about_it(capsys):
    code, said, _ = ran(capsys, "--help")
    assert code == 0
    assert all(f"  {name}" in said for name in COMMANDS)


def test_a_wrong_command_names_the_nearest(capsys):
    code, _, said = ran(capsys, "serv")
    assert code == 2
    assert "Did you mean 'serve'?" in said


def test_help_imports_nothing_heavy():
    code = (
        "import sys, bridge.cli\ntry: bridge.cli.main(['--help'])\nexcept SystemExit: pass\nprint(sorted(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"numpy", "grpc", "mujoco", "tyro"} & set(json.loads(done.stdout.splitlines()[-1].replace("'", '"')))


def test_the_embedded_engine_is_listed(capsys):
    assert engines.run(engines.Config(json=True)) == 0
    assert "MuJoCo" in json.loads(capsys.readouterr().out)["embedded"]


def test_the_doctor_finds_what_the_tests_run_on(capsys):
    assert doctor.run(doctor.Config()) == 0
    assert "physics (MuJoCo)" in capsys.readouterr().out


def test_the_doctor_says_how_to_get_what_is_missing(monkeypatch):
    monkeypatch.setitem(doctor.EXTRAS, "nowhere", ("no-such-distribution", "video"))
    missing = [finding for finding in doctor.examine() if "no-such-distribution" in finding.name]
    assert [(finding.works, finding.remedy) for finding in missing] == [(False, 'pip install "simbridge[video]"')]


def test_a_folder_that_is_no_town_cannot_be_served(capsys, tmp_path):
    code, _, said = ran(capsys, "serve", str(tmp_path))
    assert code == 2
    assert str(tmp_path) in said


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM to end it by")
def test_a_served_town_is_driven_from_another_program(tmp_path):
    write_scene(embedded_town(), tmp_path / "town")
    command = [sys.executable, "-m", "bridge.cli", "serve", str(tmp_path / "town"), "--port", "0", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        where = json.loads(server.stdout.readline())["address"]
        with bridge.connect(where) as engine:
            agent = engine.loaded().agents[0]
            before = engine.reset(seed=0)
            after = engine.step({agent: Action(Velocity(1.0))}, ticks=50)
            assert after.tick == 50
            moved = after.poses[after.names.index(agent)] - before.poses[before.names.index(agent)]
            assert 0.5 < abs(moved[:2]).max() < 1.1
        server.send_signal(signal.SIGTERM)
        begun = time.monotonic()
        assert server.wait(timeout=15) == 0
        assert time.monotonic() - begun < 12
