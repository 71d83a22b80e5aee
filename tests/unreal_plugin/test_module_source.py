"""Unreal's runtime module as far as it can be checked without Unreal: it compiles against stand-in headers, and its plain
parts compute what they should.

The stand-ins (ue_stubs/) declare what the module uses as Epic's documentation has it. They catch typing errors, missing
includes and wrong arguments; that Unreal itself agrees they cannot prove.
"""

import os
import re
import shutil
import socket
import subprocess
import tempfile
import threading
from pathlib import Path

import pytest

HERE = Path(__file__).parent
SOURCE = HERE.parents[1] / "unreal_plugin" / "Source"
PRIVATE, PUBLIC = SOURCE / "SimBridge" / "Private", SOURCE / "SimBridge" / "Public"
CORE = SOURCE / "SimBridgeCore"
STUBS = HERE / "ue_stubs"
PLAIN = ("Daylight", "Pixels", "TownPlan", "Triangles")
STRICT = (
    *("-Wall", "-Wextra", "-Wshadow", "-Wno-unused-parameter", "-Wno-undefined-internal", "-Werror"),
    *("-fno-exceptions", "-fno-rtti"),
)
sources = sorted(PRIVATE.glob("*.cpp"))


def compiler() -> str:
    """The C++ compiler of this machine."""
    found = os.environ.get("CXX") or shutil.which("clang++") or shutil.which("g++")
    assert found, "There is no C++ compiler here. Install g++ or clang++, or name one in CXX."
    return found


def compiled(*arguments: str | Path) -> None:
    """Runs the compiler; what it says is the failure's text."""
    done = subprocess.run([compiler(), *map(str, arguments)], capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr[-6000:]


@pytest.mark.cpp
@pytest.mark.parametrize("with_gltf", [0, 1])
@pytest.mark.parametrize("source", sources, ids=lambda path: path.stem)
def test_the_module_compiles_against_stand_in_headers(source, with_gltf):
    if with_gltf and "SIMBRIDGE_WITH_GLTF" not in source.read_text("utf-8"):
        return
    compiled(
        *("-fsyntax-only", "-std=c++20", *STRICT, f"-DSIMBRIDGE_WITH_GLTF={with_gltf}"),
        *(f"-I{folder}" for folder in (PRIVATE, PUBLIC, STUBS, CORE / "Public")),
        source,
    )


@pytest.mark.cpp
def test_what_needs_no_engine_computes_what_was_worked_out_by_hand(tmp_path):
    program = tmp_path / "check-plain"
    compiled(
        *("-std=c++17", "-O1", *STRICT, f"-I{PRIVATE}", f"-I{CORE / 'Public'}", "-o", program),
        HERE / "plain" / "check_plain.cpp",
        *(PRIVATE / f"{name}.cpp" for name in PLAIN),
        *(CORE / "Private" / f"{name}.cpp" for name in ("HeightField", "Water")),
    )
    done = subprocess.run([str(program)], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout


@pytest.fixture(scope="module")
def echo(tmp_path_factory):
    """Starts the module's sockets and threads at a path, for so many visitors; races are found by the compiler's tool."""
    program = tmp_path_factory.mktemp("echo") / "check-connections"
    compiled(
        *("-std=c++20", "-g", "-O1", "-fsanitize=thread", *STRICT[:-1], "-pthread", "-o", program),
        *(f"-I{folder}" for folder in (PRIVATE, PUBLIC, STUBS, CORE / "Public")),
        HERE / "plain" / "check_connections.cpp",
        *(PRIVATE / f"{name}.cpp" for name in ("Connections", "UnixTransport")),
    )
    folder = tempfile.mkdtemp(prefix="ue-")

    def start(visitors: int) -> tuple[subprocess.Popen[str], str]:
        path = f"{folder}/{visitors}"
        started = subprocess.Popen([str(program), path, str(visitors)], stdout=subprocess.PIPE, text=True)
        assert started.stdout is not None
        assert started.stdout.readline() == "ready\n"
        return started, path

    yield start
    shutil.rmtree(folder)


def _visit(path: str, said: bytes) -> bytes:
    """What comes back until the other end closes."""
    with socket.socket(socket.AF_UNIX) as here:
        here.settimeout(60)
        here.connect(path)
        teller = threading.Thread(target=here.sendall, args=(said,))
        teller.start()
        heard = b""
        while piece := here.recv(1 << 16):
            heard += piece
        teller.join()
    return heard


@pytest.mark.cpp
def test_connections_answer_all_that_they_hear_and_end_after_it(echo):
    """Eight at once, of which some say more than any buffer holds before they read a byte."""
    program, path = echo(8)
    said = [bytes([97 + index]) * (1 << (2 * index + 7)) + b"q" for index in range(8)]
    heard = [b""] * len(said)

    def visit(index: int) -> None:
        heard[index] = _visit(path, said[index])

    visitors = [threading.Thread(target=visit, args=(index,)) for index in range(len(said))]
    for visitor in visitors:
        visitor.start()
    for visitor in visitors:
        visitor.join()
    assert [len(one) for one in heard] == [len(one) for one in said]
    assert heard == said
    assert program.communicate(timeout=60)[0] == "8 came, 8 went, 0 are here\n"
    assert program.returncode == 0


@pytest.mark.cpp
def test_who_leaves_amid_an_answer_disturbs_nobody(echo):
    program, path = echo(2)
    rude = socket.socket(socket.AF_UNIX)
    rude.connect(path)
    rude.sendall(b"x" * 100_000)
    rude.close()
    assert _visit(path, b"helloq") == b"helloq"
    assert program.communicate(timeout=60)[0] == "2 came, 2 went, 0 are here\n"
    assert program.returncode == 0


@pytest.mark.cpp
def test_a_socket_that_somebody_listens_at_is_not_taken_away(echo):
    """Who finds the path taken knocks there once: that is the first of two visitors."""
    program, path = echo(2)
    again = subprocess.run([program.args[0], path, "2"], capture_output=True, text=True, timeout=60, check=False)
    assert again.stdout == "refused\n"
    assert oct(os.stat(path).st_mode & 0o777) == "0o600"
    assert _visit(path, b"q") == b"q"
    assert program.communicate(timeout=60)[0].startswith("2 came, 2 went")
    assert not os.path.exists(path)


def test_plain_sources_name_no_engine():
    for name in PLAIN:
        for path in (PRIVATE / f"{name}.h", PRIVATE / f"{name}.cpp"):
            assert "CoreMinimal.h" not in path.read_text("utf-8"), path


def test_each_reflected_header_ends_its_includes_with_its_generated_one():
    """Unreal's header tool wants it last, and named after the file."""
    headers = [path for path in (*PRIVATE.glob("*.h"), *PUBLIC.glob("*.h")) if "UCLASS(" in path.read_text("utf-8")]
    assert headers
    for path in headers:
        includes = re.findall(r'^#include "([^"]+)"', path.read_text("utf-8"), re.MULTILINE)
        assert includes[-1] == f"{path.stem}.generated.h", path


def test_every_source_begins_by_saying_what_it_is_for():
    for path in (*SOURCE.glob("SimBridge/**/*.h"), *sources, *SOURCE.glob("SimBridge*/*.Build.cs")):
        first = path.read_text("utf-8").splitlines()[0]
        assert re.match(r"// \S.{20,}", first), path


def test_nothing_of_a_stand_in_is_shipped_with_the_plugin():
    assert not [path for path in (HERE.parents[1] / "unreal_plugin").rglob("*") if "UeStub" in path.name]
    assert not [path for path in sources if "UeStub" in path.read_text("utf-8")]
