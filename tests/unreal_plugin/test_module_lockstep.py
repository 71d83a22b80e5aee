"""The module's server in an engine's loop: sockets, threads, and the gate that holds frames, with the core's fake world.

Unreal's part is played by loop/game_loop.cpp and the stand-in headers; the server is the module's own, to the letter.
"""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from bridge.conformance import conform
from bridge.engines import open_engine
from tests.unreal_plugin.test_module_source import CORE, HERE, PRIVATE, PUBLIC, STUBS, compiled

PLUGIN = HERE.parents[1] / "unreal_plugin"
FAKE = PLUGIN / "fake_ue"
LIBRARIES = ("libsimbridge_fake_world.a", "libsimbridge_core.a", "libsimbridge_messages.a")


def built_core() -> list[Path]:
    """The core's libraries, which CMake lays beside simbridge-fake-ue."""
    program = os.environ.get("SIMBRIDGE_FAKE_UE") or shutil.which("simbridge-fake-ue")
    assert program, (
        "simbridge-fake-ue is not built. Build unreal_plugin with CMake, and name the program in SIMBRIDGE_FAKE_UE."
    )
    return [Path(program).resolve().parent / name for name in LIBRARIES]


@pytest.fixture(scope="module")
def loop(tmp_path_factory) -> Path:
    """The program; the server's sources are copied, so that they find the fake world where Unreal's would be."""
    folder = tmp_path_factory.mktemp("loop")
    for source in (PRIVATE / "Server.h", PRIVATE / "Server.cpp", *(HERE / "loop").iterdir()):
        shutil.copy(source, folder)
    world = (FAKE / "FakeWorld.h").read_text("utf-8")
    assert "class FakeWorld final" in world
    (folder / "FakeWorld.h").write_text(world.replace("class FakeWorld final", "class FakeWorld"), "utf-8")
    compiled(
        *("-std=c++20", "-O1", "-fno-exceptions", "-pthread", "-o", folder / "game-loop"),
        *(f"-I{path}" for path in (folder, PRIVATE, PUBLIC, STUBS, CORE / "Public", FAKE)),
        *(folder / "game_loop.cpp", folder / "Server.cpp", PRIVATE / "Connections.cpp", PRIVATE / "UnixTransport.cpp"),
        *built_core(),
    )
    return folder / "game-loop"


@pytest.fixture
def path() -> Iterator[str]:
    """A short path, as sockets need it."""
    folder = tempfile.mkdtemp(prefix="ue-")
    yield f"{folder}/s"
    shutil.rmtree(folder)


@pytest.mark.cpp
@pytest.mark.parametrize("mode", [[], ["pause"]], ids=["without a player", "with a player who can pause"])
def test_the_server_keeps_the_contract_frame_by_frame(loop, path, mode):
    game = subprocess.Popen([str(loop), path, *mode], stdout=subprocess.PIPE, text=True)
    assert game.stdout is not None
    assert game.stdout.readline() == "ready\n"
    try:
        with closing(open_engine("unreal", engine_address=f"unix:{path}")) as engine:
            verdicts = list(conform(engine))
        assert not [verdict for verdict in verdicts if verdict.outcome == "broken"]
        assert sum(verdict.outcome == "kept" for verdict in verdicts) > 50
        game.send_signal(signal.SIGTERM)
        said = game.communicate(timeout=60)[0]
    finally:
        game.kill()
    assert said.endswith("and time is the game's own again\n")
