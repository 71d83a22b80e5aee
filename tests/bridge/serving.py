"""Servers for tests: in this process on the one event loop that gRPC allows, or in a process of their own to be killed."""

import asyncio
import contextlib
import functools
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Coroutine, Iterator
from pathlib import Path
from typing import Any

import bridge
from bridge.client import RemoteEngine
from bridge.server import Config, Server
from tests.bridge.point_mass import PointMass
from tests.scenes import tiny_scene

ROOT = Path(__file__).resolve().parents[2]


@functools.cache
def loop() -> asyncio.AbstractEventLoop:
    """The event loop of this process, on a thread of its own."""
    made = asyncio.new_event_loop()
    threading.Thread(target=made.run_forever, name="event-loop", daemon=True).start()
    return made


def wait(coroutine: Coroutine[Any, Any, Any], timeout_s: float = 20.0) -> Any:
    """What a coroutine returns, run on that loop."""
    return asyncio.run_coroutine_threadsafe(coroutine, loop()).result(timeout_s)


@contextlib.contextmanager
def serving(make_engine=PointMass, *, scene=True, address="localhost:0", **config) -> Iterator[Server]:
    """A server with the tiny town, reset, and short waits."""
    settings = {"lease_s": 5.0, "wait_s": 5.0, "grace_s": 2.0} | config

    async def start() -> Server:
        made = Server(make_engine, Config(address=address, **settings), scene=tiny_scene() if scene else None)
        await made.start()
        return made

    server = wait(start())
    try:
        yield server
    finally:
        wait(server.stop())


@contextlib.contextmanager
def served(make_engine=PointMass, *, client=None, **config) -> Iterator[RemoteEngine]:
    """A client of such a server."""
    with serving(make_engine, **config) as server, bridge.connect(server.address, **(client or {})) as engine:
        yield engine


class Process:
    """A server in a process of its own."""

    def __init__(self, address: str, *options: str):
        command = [sys.executable, "-m", "tests.bridge.serving", address, *options]
        self.process = subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=dict(os.environ)
        )
        assert self.process.stdout is not None
        self.address = self.process.stdout.readline().strip()

    def kill(self) -> None:
        self.process.kill()

    def terminate(self) -> tuple[int, str]:
        """Sends SIGTERM; exit status and what was logged."""
        self.process.send_signal(signal.SIGTERM)
        _, logged = self.process.communicate(timeout=20)
        return self.process.returncode, logged

    def __enter__(self) -> "Process":
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate(timeout=20)


def main() -> None:
    """`python -m tests.bridge.serving ADDRESS [delay_s] [lease_s] [worker]`"""
    from bridge.server import serve
    from bridge.worker import WorkerEngine

    address, delay_s, lease_s, where = (*sys.argv[1:], *("", "0", "5", "here")[len(sys.argv) - 1 :])
    config = Config(address=address, lease_s=float(lease_s), grace_s=3.0)
    make = functools.partial(PointMass, delay_s=float(delay_s))
    if where == "worker":
        make = functools.partial(WorkerEngine, "tests.bridge.point_mass", {"delay_s": float(delay_s)})
    serve(make, config, scene=tiny_scene(), on_start=lambda told: print(told, flush=True))


if __name__ == "__main__":
    main()
