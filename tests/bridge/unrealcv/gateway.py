"""Our gateway over an engine, on a thread of its own in this process: what the engine `unrealcv` is tried on."""

import contextlib
import select
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from time import perf_counter

from bridge.engines import open_engine
from bridge.gateways.unrealcv.all_commands import all_commands
from bridge.gateways.unrealcv.listening import Settings
from bridge.gateways.unrealcv.server import Gateway
from bridge.gateways.unrealcv.stage import Stage
from bridge.scene import Scene

PATIENCE_S = 300.0
"""How long answers may take in tests: pictures are drawn on whatever cores there are."""


@dataclass
class Served:
    """Where it listens, and its stage, which belongs to the other thread: look at it while nobody asks."""

    address: str
    stage: Stage


@contextlib.contextmanager
def gateway(scene: Scene, engine: str = "embedded", **options) -> Iterator[Served]:
    """A town behind UnrealCV's protocol."""
    ready, (stop, stopped) = threading.Event(), socket.socketpair()
    made: list[Served] = []
    failures: list[BaseException] = []

    def serve() -> None:
        try:
            with open_engine(engine, **options) as inner:
                stage = Stage(inner)
                prepared = stage.prepared(scene)
                stage.begin(prepared, inner.load(prepared), inner.reset(seed=0))
                commands = all_commands()
                with Gateway(lambda line: commands.answer(stage, line), Settings(port=0)) as door:
                    made.append(Served(f"127.0.0.1:{door.port}", stage))
                    ready.set()
                    while stopped not in select.select([door, stopped], [], [], 0 if door.has_work else None)[0]:
                        door.work(perf_counter() + 0.004)
        except BaseException as error:
            failures.append(error)
        finally:
            ready.set()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        assert ready.wait(PATIENCE_S)
        assert not failures, failures
        yield made[0]
    finally:
        stop.send(b"x")
        thread.join(PATIENCE_S)
        stop.close()
        stopped.close()
    assert not failures, failures
