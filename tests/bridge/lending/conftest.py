"""The ways in which an engine is lent, a server on that way, and a client who drives."""

from typing import Any

import pytest

import bridge
from tests.bridge.lending.borrowing import in_a_worker, manner_of
from tests.bridge.serving import serving


@pytest.fixture(params=["socket", "port"])
def way(request) -> dict[str, Any]:
    """How a server is set up: clients come by its Unix socket, or as if they were on another computer."""
    return {} if request.param == "socket" else {"is_step_socket_offered": False, "shared_memory": None}


@pytest.fixture
def server(way):
    with serving(in_a_worker(watchdog_s=20), **way) as made:
        yield made


@pytest.fixture
def driver(server):
    with bridge.connect(server.address, client_name="driver", timeout_s=30, **manner_of(server)) as afar:
        yield afar
