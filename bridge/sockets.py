"""A client's Unix sockets on the server's computer: the server's own, and the engine's while that is lent to the client.

Both take the same steps. The engine's is tried first while it is open to us; whatever it does not do, the server does, who
knows which steps were made.
"""

from collections.abc import Callable
from time import monotonic
from typing import Any

from bridge.errors import EngineFailed, EngineUnavailable, SimbridgeError, TooLate
from bridge.link import LAPSED, LOOK, MESSAGE, Link
from bridge.status import no_server, told_error
from bridge.v1.engine_service_pb2 import StepResponse


class Sockets:
    """The sockets of one connection to `address`; used by one thread at a time.

    `ask_server` asks the server something by another way, if nothing comes from here: it may be stopped or hang, or only be at
    a long step. It raises EngineUnavailable if there is no answer.
    """

    def __init__(self, address: str, ask_server: Callable[[], None]):
        self._address, self._ask_server = address, ask_server
        self._gone: SimbridgeError | None = None
        self._path = ""
        self._link: Link | None = None
        self._engine: Link | None = None
        self._engine_path = self._lent_path = ""

    def use(self, path: str) -> None:
        """The server listens at that path; empty where it does not."""
        self._path = path

    def reach(self) -> bool:
        """Whether the server can be reached so."""
        if self._link is None and self._path:
            try:
                self._link = Link.to(self._path)
            except OSError:  # another container, say, or the server is gone: gRPC tells
                self._path = ""
        return self._link is not None

    def step(self, request: Any, limit_s: float) -> StepResponse:
        """The answer to a StepRequest, by whoever gives one. Only after `reach`."""
        payload, end = request.SerializeToString(), monotonic() + limit_s
        answer = self._straight(payload, limit_s, MESSAGE) if self._lent_path else None
        if answer is None:
            answer = self._by_server(payload, max(end - monotonic(), 0.001), MESSAGE, limit_s)
            self._lent_path = answer.engine_socket
        return answer

    def look(self, request: Any, limit_s: float) -> StepResponse:
        """The answer to an ObserveRequest. Only after `reach`."""
        payload, end = request.SerializeToString(), monotonic() + limit_s
        answer = self._straight(payload, limit_s, LOOK) if self._lent_path else None
        if answer is None:
            answer = self._by_server(payload, max(end - monotonic(), 0.001), LOOK, limit_s)
            self._lent_path = ""
        return answer

    def close(self) -> None:
        """Ends both."""
        self._path = self._lent_path = ""
        for link in (self._link, self._engine):
            if link is not None:
                link.close()

    def _straight(self, payload: bytes, limit_s: float, asked: int) -> StepResponse | None:
        """The engine's own answer; None when it is not lent any more or cannot be reached."""
        link, self._engine = self._engine, None
        try:
            if link is None or self._engine_path != self._lent_path:
                if link is not None:
                    link.close()
                self._engine_path = self._lent_path
                link = Link.to(self._lent_path, timeout_s=min(limit_s, 2.0))
            kind, answer = link.exchange(payload, limit_s, asked, when_silent=self._when_silent)
        except TimeoutError:
            self._lent_path = ""
            if link is not None:
                link.close()
                raise self._late("a look" if asked == LOOK else "a step", limit_s) from None
            return None
        except (
            OSError,
            SimbridgeError,
        ) as error:  # its process may be gone: the server tells, unless that is gone, too
            self._lent_path = ""
            if link is not None:
                link.close()
            if error is self._gone:
                raise
            return None
        self._engine = link
        if kind == LAPSED:
            self._lent_path = ""
            return None
        return self._understood(kind, answer)

    def _by_server(self, payload: bytes, limit_s: float, kind: int, told_limit_s: float) -> StepResponse:
        link, self._link = self._link, None
        assert link is not None
        try:
            found, answer = link.exchange(payload, limit_s, kind, when_silent=self._when_silent)
        except TimeoutError:
            link.close()
            raise self._late("a look" if kind == LOOK else "a step", told_limit_s) from None
        except EngineUnavailable as error:
            link.close()
            raise error if error is self._gone else no_server(self._address, str(error)) from None
        except SimbridgeError:
            link.close()
            raise
        self._link = link
        return self._understood(found, answer)

    def _when_silent(self) -> None:
        try:
            self._ask_server()
        except EngineUnavailable as error:
            self._gone = error
            raise

    def _understood(self, kind: int, payload: bytes) -> StepResponse:
        if kind == MESSAGE:
            return StepResponse.FromString(payload)
        name, hop, message = (*payload.decode("utf-8", "replace").split("\n", 2), "", "")[:3]
        raise told_error(name, hop, message, self._address) or EngineFailed(message)

    def _late(self, what: str, limit_s: float) -> TooLate:
        return late(self._address, what, limit_s)


def late(address: str, what: str, limit_s: float) -> TooLate:
    """What a client is told when its deadline is over."""
    return TooLate(
        f"The server at {address} did not answer {what} within {limit_s:g} s. It may be slow or stuck: look at its log, "
        "or connect with a longer timeout_s."
    )
