"""A connection to a policy server that speaks openpi's wire: metadata first, then an observation out and actions back."""

import os
import time
from collections.abc import Mapping
from contextlib import ExitStack
from typing import Any

from bridge.errors import DamagedData, EngineFailed, NotSupported, TooLate, Unavailable
from policies.remote.arrays import packed, unpacked

_MOST_BYTES = 64 << 20


class PolicyServer:
    """One connection, opened at the first question and again after a fault; every wait has a deadline."""

    def __init__(self, address: str, *, api_key_env: str, first_timeout_s: float, timeout_s: float) -> None:
        if "://" in address and not address.startswith(("ws://", "wss://")):
            raise NotSupported(f"'{address}' is no address of a websocket. Give ws://HOST:PORT.")
        self._uri = address if "://" in address else f"ws://{address}"
        self._api_key_env, self._first_timeout_s, self._timeout_s = api_key_env, first_timeout_s, timeout_s
        self._connection: Any = None
        self._held = ExitStack()
        self._is_warm = False
        self.metadata: Mapping[str, Any] = {}

    def infer(self, observation: Mapping[str, Any]) -> Mapping[str, Any]:
        """What the server makes of an observation. Raises Unavailable, TooLate, DamagedData or EngineFailed.

        The first answer of a connection has `first_timeout_s`: models are compiled while it is waited for.
        """
        from websockets.exceptions import WebSocketException

        seconds = self._timeout_s if self._is_warm else self._first_timeout_s
        try:
            connection = self._connection or self._connect()
            connection.send(packed(observation))
            answer = connection.recv(timeout=seconds)
        except TimeoutError as error:
            self.close()
            raise TooLate(f"the policy at {self._uri} did not answer within {seconds:g} s") from error
        except (WebSocketException, OSError) as error:
            self.close()
            raise Unavailable(
                f"no policy answers at {self._uri} ({error}). Start its server, or give its address."
            ) from error
        if isinstance(answer, str):  # openpi sends a traceback as text, and closes
            self.close()
            raise EngineFailed(f"the policy at {self._uri} failed: {answer.strip()[-400:]}")
        document = self._document(answer)
        self._is_warm = True
        return document

    def close(self) -> None:
        """Ends the connection; the next question opens another."""
        self._connection, self._is_warm = None, False
        self._held.close()

    def _connect(self) -> Any:
        from websockets.sync.client import connect

        key = os.environ.get(self._api_key_env, "")
        begun = time.monotonic()
        # No keepalive: openpi's server infers in its event loop and answers no ping meanwhile.
        opened = connect(
            self._uri,
            compression=None,
            max_size=_MOST_BYTES,
            open_timeout=self._timeout_s,
            close_timeout=1.0,
            ping_interval=None,
            additional_headers={"Authorization": f"Api-Key {key}"} if key else None,
        )
        self._connection = self._held.enter_context(opened)
        hello = self._connection.recv(timeout=max(self._timeout_s - (time.monotonic() - begun), 0.01))
        self.metadata = self._document(hello)
        return self._connection

    def _document(self, message: str | bytes) -> Mapping[str, Any]:
        try:
            found = unpacked(message if isinstance(message, bytes) else message.encode())
        except DamagedData:
            self.close()
            raise
        if not isinstance(found, Mapping):
            self.close()
            raise DamagedData(f"the policy at {self._uri} sent a {type(found).__name__}, not a mapping")
        return found
