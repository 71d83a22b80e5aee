"""A client's ways beside gRPC: a Unix socket of the server's, and the engine's own socket or port while it is lent to the client.

All take the same steps. The engine's is tried first while it is open to us; whatever it does not do, the server does, who
knows which steps were made.
"""

from collections.abc import Callable
from time import monotonic
from typing import Any

from google.protobuf.message import DecodeError

from bridge.deeds import TakesFrames
from bridge.errors import DamagedData, EngineFailed, EngineUnavailable, SimbridgeError, TooLate
from bridge.link import LAPSED, LOOK, MESSAGE, Door, Link
from bridge.status import no_server, told_error
from bridge.v1.engine_service_pb2 import StepResponse

REACH_S = 1.0
"""How long a port may take to let us in. One that does not is not tried again: a firewall or a tunnel is in the way."""
MOST_REFUSALS = 3
"""One that refuses may only have been shut again meanwhile; after so many in a row it is not tried again either."""


class Sockets:
    """The ways of one connection to `address`; used by one thread at a time.

    `host` is the server's computer, where an engine's port can be reached as it is; empty where none can. `ask_server` asks the
    server something by another way, if nothing comes from here: it may be stopped or hang, or only be at a long step. It raises
    EngineUnavailable if there is no answer.
    """

    def __init__(self, address: str, host: str, ask_server: Callable[[], None]):
        self._address, self._host, self._ask_server = address, host, ask_server
        self._gone: SimbridgeError | None = None
        self._path = ""
        self._link: Link | None = None
        self._engine: Link | None = None
        self._engine_door = self._lent = NOWHERE
        self._refusals = 0

    def use(self, path: str) -> None:
        """The server listens at that path; empty where it does not."""
        self._path = path

    def step(self, request: Any, limit_s: float, frames: TakesFrames | None = None) -> StepResponse | None:
        """The answer to a StepRequest; None where it has to go by gRPC, whose answer `heard` is to be shown.

        `frames` are told each part of a frame when it comes; a way that comes to nothing is begun anew.
        """
        request.ClearField("port_secret")
        if not self._reach() and self._host:
            request.port_secret = self._engine_door.secret if self._engine is not None else b""
        answer = self._answer(request.SerializeToString(), limit_s, MESSAGE, frames)
        if answer is not None:
            self.heard(answer)
        return answer

    def look(self, request: Any, limit_s: float, frames: TakesFrames) -> StepResponse | None:
        """The answer to an ObserveRequest; None where it has to go by gRPC."""
        return self._answer(request.SerializeToString(), limit_s, LOOK, frames)

    def heard(self, answer: StepResponse) -> None:
        """A step's answer, which may say where the engine is."""
        if answer.engine_socket:
            self._lent = Door(socket=answer.engine_socket)
        elif answer.engine_port.port:
            self._lent = Door(port=answer.engine_port.port, secret=answer.engine_port.secret)

    def close(self) -> None:
        """Ends all."""
        self._path, self._host, self._lent = "", "", NOWHERE
        for link in (self._link, self._engine):
            if link is not None:
                link.close()

    def _reach(self) -> bool:
        """Whether the server can be reached by its socket."""
        if self._link is None and self._path:
            try:
                self._link = Link.to(self._path)
            except OSError:  # another container, say, or the server is gone: gRPC tells
                self._path = ""
        return self._link is not None

    def _answer(self, payload: bytes, limit_s: float, kind: int, frames: TakesFrames | None) -> StepResponse | None:
        end = monotonic() + limit_s
        answer = self._straight(payload, limit_s, kind, frames) if self._lent != NOWHERE else None
        if answer is None:
            self._lent = NOWHERE
            if self._reach():
                answer = self._by_server(payload, max(end - monotonic(), 0.001), kind, frames, limit_s)
        return answer

    def _straight(self, payload: bytes, limit_s: float, asked: int, frames: TakesFrames | None) -> StepResponse | None:
        """The engine's own answer; None when it is not lent any more or cannot be reached."""
        link = self._engine if self._engine_door == self._lent else None
        if link is None:
            self._leave()
            link = self._link_to_engine(limit_s)
        if link is None:
            return None
        self._engine, arriving = None, _Arriving(frames)
        try:
            kind, last = self._exchanged(link, payload, limit_s, asked, arriving)
        except TimeoutError:
            link.close()
            self._lent = NOWHERE
            raise late(self._address, "a look" if asked == LOOK else "a step", limit_s) from None
        except (
            OSError,
            SimbridgeError,
        ) as error:  # its process may be gone: the server tells, unless that is gone, too
            link.close()
            self._lent = NOWHERE
            if error is self._gone:
                raise
            return None
        self._engine, self._engine_door = link, self._lent
        return None if kind == LAPSED else self._understood(kind, last, arriving)

    def _exchanged(
        self, link: Link, payload: bytes, limit_s: float, kind: int, arriving: "_Arriving"
    ) -> tuple[int, bytes]:
        """The last message of the answer and its kind; what has come of a StepResponse is in `arriving` then."""
        found, last = link.exchange(payload, limit_s, kind, when_silent=self._when_silent, more=arriving.add)
        if found == MESSAGE:
            arriving.add(last)
        return found, last

    def _link_to_engine(self, limit_s: float) -> Link | None:
        door = self._lent
        try:
            if door.socket:
                return Link.to(door.socket, timeout_s=min(limit_s, 2.0))
            made = Link.at(self._host, door.port, door.secret, timeout_s=min(limit_s, REACH_S))
            self._refusals = 0
            return made
        except OSError as error:
            self._refusals += MOST_REFUSALS if isinstance(error, TimeoutError) else 1
            if door.port and self._refusals >= MOST_REFUSALS:
                self._host = ""
            return None

    def _leave(self) -> None:
        """Ends the connection to an engine that is lent to us by another door now."""
        link, self._engine = self._engine, None
        if link is not None:
            link.close()

    def _by_server(
        self, payload: bytes, limit_s: float, kind: int, frames: TakesFrames | None, told_limit_s: float
    ) -> StepResponse:
        link, self._link = self._link, None
        assert link is not None
        arriving = _Arriving(frames)
        try:
            found, last = self._exchanged(link, payload, limit_s, kind, arriving)
        except TimeoutError:
            link.close()
            raise late(self._address, "a look" if kind == LOOK else "a step", told_limit_s) from None
        except EngineUnavailable as error:
            link.close()
            raise error if error is self._gone else no_server(self._address, str(error)) from None
        except SimbridgeError:
            link.close()
            raise
        self._link = link
        return self._understood(found, last, arriving)

    def _when_silent(self) -> None:
        try:
            self._ask_server()
        except EngineUnavailable as error:
            self._gone = error
            raise

    def _understood(self, kind: int, last: bytes, arriving: "_Arriving") -> StepResponse:
        if kind == MESSAGE:
            return arriving.answer
        name, hop, message = (*last.decode("utf-8", "replace").split("\n", 2), "", "")[:3]
        raise told_error(name, hop, message, self._address) or EngineFailed(message)


class _Arriving:
    """An answer that comes in parts, each of which is merged into it when it comes."""

    def __init__(self, frames: TakesFrames | None):
        self.answer = StepResponse()
        self._frames, self._told = frames, 0
        if frames is not None:
            frames.begin()

    def add(self, part: bytes) -> None:
        """The next part. Raises DamagedData for what is none."""
        try:
            self.answer.MergeFromString(part)
        except DecodeError as error:
            raise DamagedData(f"{len(part)} bytes are no StepResponse: {error}. Connect again.") from None
        told, self._told = self._told, len(self.answer.frames)
        if self._frames is not None:
            for number in range(told, self._told):
                self._frames.take(self.answer.frames[number])


NOWHERE = Door()


def late(address: str, what: str, limit_s: float) -> TooLate:
    """What a client is told when its deadline is over."""
    return TooLate(
        f"The server at {address} did not answer {what} within {limit_s:g} s. It may be slow or stuck: look at its log, "
        "or connect with a longer timeout_s."
    )
