"""What tests of lending share: a server in a worker, a client that is lent its engine, and waiting for something."""

import time
from typing import Any

from bridge.engine import Action, Velocity
from bridge.worker import Supervision, WorkerEngine

FORWARD = {"courier-1": Action(Velocity(1.0))}
FRONT = ["courier-1/front"]


def in_a_worker(options=None, **supervision):
    return lambda: WorkerEngine("tests.bridge.point_mass", options or {}, Supervision(**supervision))


def manner_of(server) -> dict[str, Any]:
    """How a client connects, so that pictures come as they do from another computer where that is so."""
    return {} if server.config.is_step_socket_offered else {"frames": "zstd"}


def is_lent(server) -> bool:
    return server.service.lending.session is not None


def eventually(holds, timeout_s: float = 20.0) -> None:
    end = time.monotonic() + timeout_s
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.01)


def borrow(server, afar, **look) -> int:
    """Steps until the engine is lent to the client; the tick then. The third step in a row is the first without a server."""
    for _ in range(100):
        tick = afar.step_and_observe(FORWARD, **look)[0].tick if look else afar.step(FORWARD).tick
        if is_lent(server):
            return tick
    raise AssertionError("the engine was not lent")


def by_server(server, monkeypatch) -> list[int]:
    """The sequence numbers of the steps that come by the server from now on."""
    found, take = [], server.service.steps.take

    def counted(request, tell, **options):
        found.append(request.sequence)
        take(request, tell, **options)

    monkeypatch.setattr(server.service.steps, "take", counted)
    return found
