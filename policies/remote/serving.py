"""Serves any function from observation to actions over openpi's wire; needs NumPy, msgpack and websockets only."""

import hmac
import http
import logging
import traceback
from collections.abc import Callable, Mapping
from typing import Any

from bridge.errors import DamagedData
from policies.remote.arrays import packed, unpacked

Infer = Callable[[Mapping[str, Any]], Mapping[str, Any]]
_MOST_BYTES = 64 << 20
_log = logging.getLogger(__name__)


def listening(
    infer: Infer,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    metadata: Mapping[str, Any] | None = None,
    on_begin: Callable[[], None] = lambda: None,
    api_key: str = "",
) -> Any:
    """A websockets server (a context manager; call its `serve_forever`) on a port, 0 for a free one.

    A connection is an episode: `on_begin` is called as it opens. With an `api_key`, who does not send it is turned away.
    What `infer` raises is told to the client in a line, not with its traceback, and ends the connection.
    """
    from websockets.exceptions import ConnectionClosed
    from websockets.sync.server import ServerConnection, serve

    def admit(connection: ServerConnection, request: Any) -> Any:
        if request.path == "/healthz":
            return connection.respond(http.HTTPStatus.OK, "OK\n")
        told = request.headers.get("Authorization", "")
        if api_key and not hmac.compare_digest(told.encode(), f"Api-Key {api_key}".encode()):
            return connection.respond(http.HTTPStatus.UNAUTHORIZED, "This server wants an API key.\n")
        return None

    def converse(connection: ServerConnection) -> None:
        on_begin()
        try:
            connection.send(packed(dict(metadata or {})))
            for message in connection:
                try:
                    asked = unpacked(message if isinstance(message, bytes) else message.encode())
                    if not isinstance(asked, Mapping):
                        raise DamagedData(f"an observation is a mapping, not a {type(asked).__name__}")
                    connection.send(packed(dict(infer(asked))))
                except ConnectionClosed:
                    raise
                except Exception as error:  # the border of a process: logged whole here, told in a line there
                    _log.error("The policy failed:\n%s", traceback.format_exc())
                    connection.send(f"{type(error).__name__}: {error}")
                    connection.close(1011, "the policy failed")
        except ConnectionClosed:
            return

    return serve(
        converse, host, port, compression=None, max_size=_MOST_BYTES, process_request=admit, ping_interval=None
    )  # fmt: skip
