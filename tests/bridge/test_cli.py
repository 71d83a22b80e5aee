"""`simbridge`: a town served by one command and driven by another program; what is here is said, and what is missing."""

import importlib.metadata
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
from bridge.errors import InvalidInput
from bridge.formats.scene_folder import write_scene
from tests.bridge.embedded_town import embedded_town
from tests.bridge.serving import serving


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


def found(name: str, **config) -> doctor.Finding:
    (one,) = [finding for finding in doctor.examine(doctor.Config(**config)) if name in finding.name]
    return one


def test_the_doctor_finds_a_server_and_where_there_is_room_for_one():
    with serving() as server:
        assert found("server", address=server.address).found == "engine 'point-mass' 1.0 answers"
        port = int(server.address.rpartition(":")[2])
        taken = found("simbridge view", page_port=port)
        assert (taken.works, "another program listens there" in taken.found) == (False, True)
    nobody = found("server", address=server.address)
    assert (nobody.works, nobody.remedy) == (False, "Start one: simbridge serve TOWN")
    assert found("simbridge view", page_port=port).works
    with serving(token="a-token-that-nobody-guesses") as server:
        assert found("server", address=server.address).found == "a server answers, and wants its token"


def test_the_doctor_says_which_address_is_none(capsys):
    code, _, said = ran(capsys, "doctor", "--address", "localhost:99999")
    assert (code, "is no port" in said) == (2, True)


def test_the_version_is_said_in_one_line_even_where_nothing_is_installed(capsys, monkeypatch):
    monkeypatch.setattr(importlib.metadata, "version", not_installed)
    assert ran(capsys, "--version")[:2] == (0, "unknown: simbridge runs from a folder here and is not installed\n")


def not_installed(name: str) -> str:
    raise importlib.metadata.PackageNotFoundError(name)


@pytest.mark.parametrize(
    ("flags", "says"),
    [
        ("--port 99999", "'99999' is no port"),
        ("--recording run.mcap", "Add --engine replay"),
        ("--episode 2", "Add --engine replay --recording FILE"),
        ("--robot-at 0 0 0 0", "Add --robot FILE"),
        ("--scenes-root nowhere", "there is no folder nowhere"),
        ("--recordings taken", "--recordings: the folder taken cannot be made (a file is in its place)"),
        ("--crash-logs taken", "--crash-logs: the folder taken cannot be made"),
        ("--token-file nowhere", "The token file nowhere cannot be read: No such file or directory"),
        ("--renderer oils --port 0 --in-process", "No renderer named 'oils'. Available: gl, rays"),
        ("--engine replay --port 0 --in-process", "serve TOWN --engine replay --recording FILE"),
    ],
)
def test_wrong_flags_of_serve_are_told_in_one_line_with_what_to_do(capsys, tmp_path, monkeypatch, flags, says):
    write_scene(embedded_town(), tmp_path / "town")
    (tmp_path / "taken").write_text("")
    monkeypatch.chdir(tmp_path)
    code, _, said = ran(capsys, "serve", "town", *flags.split())
    assert (code, len(said.splitlines())) == (2, 1), said
    assert says in said


def test_an_option_that_an_engine_does_not_have_is_told_with_the_nearest():
    with pytest.raises(InvalidInput, match=r"Engine 'embedded': No option named 'reserves'\. Did you mean 'reserve'"):
        bridge.open("embedded", reserves=2)


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
