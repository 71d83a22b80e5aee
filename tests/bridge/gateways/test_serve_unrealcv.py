"""`simbridge serve TOWN --unrealcv PORT`: a program of its own, clients of both kinds, and how it starts and ends."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import bridge
from bridge.commands.serve import Config, run
from bridge.errors import InvalidInput, NotAllowed
from bridge.formats.scene_folder import write_scene
from tests.bridge.embedded_town import embedded_town
from tests.bridge.gateways.talking import PATIENCE_S, Doors, Talker
from tests.bridge.serving import ROOT

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals")


@pytest.fixture(scope="module")
def town(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("town") / "quay"
    write_scene(embedded_town(), folder)
    return folder


def command(town: Path, *flags: str) -> list[str]:
    return [
        sys.executable,
        "-m",
        "bridge.cli",
        "serve",
        str(town),
        "--port",
        "0",
        "--engine",
        "kinematic",
        "--json",
        *flags,
    ]


@contextmanager
def serving(town: Path, *flags: str) -> Iterator[tuple[subprocess.Popen, dict[str, Any]]]:
    """The program, and what it says about where it answers."""
    program = subprocess.Popen(
        command(town, *flags), cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=dict(os.environ)
    )
    try:
        assert program.stdout is not None
        yield program, json.loads(program.stdout.readline())
    finally:
        if program.poll() is None:
            program.kill()
        program.communicate(timeout=PATIENCE_S)


def test_clients_of_both_kinds_share_one_world_that_ends_with_a_signal(town):
    with serving(town, "--unrealcv", "0") as (program, told):
        doors = Doors(told["unrealcv_port"], told["unrealcv_socket"])
        with (
            bridge.connect(told["address"]) as afar,
            Talker(doors) as by_port,
            Talker(doors, by_socket=True) as by_path,
        ):
            assert by_port.ask(b"1:vset /object/PARCEL-1/location 100 200 300") == b"1:ok"
            assert by_path.ask(b"1:vget /object/parcel-1/location") == b"1:100.000 200.000 300.000"
            state = afar.state()
            assert state.poses[state.names.index("parcel-1"), :3].tolist() == [1.0, -2.0, 3.0]
            end = time.monotonic() + PATIENCE_S
            while afar.state().tick < state.tick + 5:  # nobody steps: time passes by the clock
                assert time.monotonic() < end
            program.send_signal(signal.SIGTERM)
            assert by_port.take() is None
            assert by_path.take() is None
        assert program.wait(PATIENCE_S) == 0
        assert not os.path.exists(told["unrealcv_socket"])


def test_time_stands_still_where_lockstep_is_asked_for(town):
    with serving(town, "--unrealcv", "0", "--mode", "lockstep") as (_, told), bridge.connect(told["address"]) as afar:
        with Talker(Doors(told["unrealcv_port"], "")) as unreal:
            assert unreal.ask(b"1:vset /object/parcel-1/location 0 0 500") == b"1:ok"
        assert afar.state().tick == 0
        assert afar.step({}).tick == 1


def test_one_client_alone_is_let_in_if_that_is_wished_and_who_has_no_token_is_told_so(town, tmp_path):
    secret = tmp_path / "token"
    secret.write_text("open-sesame-open-sesame")
    secret.chmod(0o600)
    flags = ("--unrealcv", "0", "--unrealcv-alone", "--unrealcv-token-file", str(secret))
    with serving(town, *flags) as (_, told):
        doors = Doors(told["unrealcv_port"], "")
        with Talker(doors) as first, Talker(doors, greets=False) as second:
            assert second.take() is None
            assert first.ask(b"1:vget /objects").startswith(b"1:error Authentication required")
            assert first.ask(b"2:vset /unrealcv/auth open-sesame-open-sesame") == b"2:Authentication succeeded"
            assert b"parcel-1" in first.ask(b"3:vget /objects")


def test_a_port_in_use_is_said_in_one_sentence(town):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        found = subprocess.run(
            command(town, "--unrealcv", str(port)), cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
        )
    assert found.returncode == 1
    assert found.stderr == (
        f"Refused: Nothing can listen at localhost:{port}: another program listens there. Stop it, or choose another "
        "port; 0 takes any free one.\n"
    )


@pytest.mark.parametrize(
    ("flags", "kind", "says"),
    [
        ({"unrealcv": 70_000}, InvalidInput, "port is 70000"),
        ({"unrealcv_alone": True}, InvalidInput, "Add --unrealcv 9000"),
        ({"unrealcv": 0, "in_process": True}, InvalidInput, "Leave out --in-process"),
        ({"unrealcv": 0, "unrealcv_host": "0.0.0.0"}, NotAllowed, "can be reached from other computers"),
    ],
)
def test_flags_that_cannot_be_served_are_refused(town, flags, kind, says):
    with pytest.raises(kind, match=says):
        run(Config(town, port=0, engine="kinematic", **flags))
