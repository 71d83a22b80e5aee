"""A stand-in for an openpi server: its wire written out by hand, so that ours is held against something else than itself."""

import threading
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import msgpack
import numpy as np
from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection, serve

Answer = Callable[[dict[str, Any], ServerConnection], Any]


def written(array: np.ndarray) -> dict[bytes, Any]:
    """An array as openpi's client and server write it."""
    return {b"__ndarray__": True, b"data": array.tobytes(), b"dtype": array.dtype.str, b"shape": array.shape}


def read(document: Any) -> Any:
    """A document in which every array was read as openpi reads it."""
    if isinstance(document, dict):
        if b"__ndarray__" in document:
            return np.ndarray(buffer=document[b"data"], dtype=np.dtype(document[b"dtype"]), shape=document[b"shape"])
        return {key: read(value) for key, value in document.items()}
    return document


class OpenpiServer:
    """Sends metadata to who connects, then answers each observation by `answer`; bytes are sent as they are."""

    def __init__(self, answer: Answer, *, metadata: bytes | None = None) -> None:
        self._answer = answer
        self._metadata = msgpack.packb({"robot": "panda"}) if metadata is None else metadata
        self.seen: list[dict[str, Any]] = []
        self.keys: list[str] = []
        self._held = ExitStack()

    def _converse(self, connection: ServerConnection) -> None:
        self.keys.append(connection.request.headers.get("Authorization", ""))
        try:
            connection.send(self._metadata)
            for message in connection:
                self.seen.append(read(msgpack.unpackb(message)))
                answer = self._answer(self.seen[-1], connection)
                if answer is not None:
                    connection.send(answer if isinstance(answer, (bytes, str)) else msgpack.packb(answer))
        except ConnectionClosed:
            return

    def __enter__(self) -> "OpenpiServer":
        serving = serve(self._converse, "127.0.0.1", 0, compression=None, max_size=None, ping_interval=None)
        self._server = self._held.enter_context(serving)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        self.address = f"ws://127.0.0.1:{self._server.socket.getsockname()[1]}"
        return self

    def __exit__(self, *_: object) -> None:
        self._held.close()
        self._thread.join()
