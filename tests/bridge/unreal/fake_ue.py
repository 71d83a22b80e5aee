"""The program simbridge-fake-ue, started and ended: what stands in for Unreal where the plug-in's C++ was built."""

import contextlib
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass
class Running:
    """The program as it runs: where it listens, what an engine is opened with to reach it, and its process."""

    address: str
    options: dict[str, str]
    process: subprocess.Popen


def program() -> str:
    """Where it is. Fails the test, and says how to build it, where it is not."""
    found = os.environ.get("SIMBRIDGE_FAKE_UE") or shutil.which("simbridge-fake-ue")
    if not found:
        pytest.fail(
            "simbridge-fake-ue is not on PATH. Build it: cmake -S unreal_plugin -B build && cmake --build build, and name it in "
            "SIMBRIDGE_FAKE_UE."
        )
    return found


@contextlib.contextmanager
def fake_ue(*flags: str, token: Path | None = None) -> Iterator[Running]:
    """The program at the place that `flags` name, or at a free port; with a token where a file for it is given."""
    where = list(flags) if "--unix" in flags or "--port" in flags else [*flags, "--port", "0"]
    if token is not None:
        token.touch(mode=0o600)
        token.write_text("5a" * 32)
        where += ["--token-file", str(token)]
    elif "--unix" not in where:
        where.append("--no-token")
    process = subprocess.Popen([program(), *where], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        address = json.loads(process.stdout.readline())["address"]
        yield Running(
            address, {"engine_address": address} | ({"token_file": str(token)} if token is not None else {}), process
        )
    finally:
        process.terminate()
        process.communicate(timeout=20)
