"""Lending the engine: a client that is alone in driving the world steps it without the server between.

The server stays the one who knows: it lends with a step, takes back before it does anything else with the engine and once
a second in any case, and learns then which state, sequence number and answers there are. While the engine is lent, the
session's numbers here are old; whoever needs them has it taken back first, which any command to the engine does.
Clients on this computer come by a Unix socket, others by a port where the server has one to give.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from bridge import codec
from bridge.engine import Engine
from bridge.errors import SimbridgeError
from bridge.link import Door
from bridge.session import Session, Sessions
from bridge.sights import Sights
from bridge.types import WorldState
from bridge.v1 import engine_service_pb2, link_pb2
from bridge.world import World

LONGEST_STEP_S = 0.2
"""Steps of more simulated time go by the server, so that a take-back never waits for long."""


@dataclass(frozen=True)
class Listening:
    """Where an engine may wait for a client from elsewhere: a numeric host of this computer, and a port (0: any free one)."""

    host: str
    port: int


@dataclass(frozen=True)
class Returned:
    """What happened while an engine was lent: the last step (0: none), the last answers or errors, the state now."""

    last_sequence: int
    answers: Sequence[tuple[int, Any]]
    state: WorldState


class Lendable(Protocol):
    """An engine in another process that clients can reach; see bridge.worker.engine."""

    is_lent: bool
    door: Door

    def lend(self, licence: link_pb2.Licence) -> None:
        """With the next step, gives its client leave, if it can: `is_lent` and `door` tell."""
        ...

    def take_back(self, asked: str = "") -> Returned:
        """Ends the leave. `asked` is what its client is known to have asked for last, for the log of a crash."""
        ...


def lendable(engine: Any) -> Lendable | None:
    """The engine, if it is one of those, or wraps one and need not see each step."""
    return engine if hasattr(engine, "lend") else None


class Lending:
    """To whom the engine is lent. `offer`, `looked` and `called_off` are for the event loop, the rest for the engine's thread."""

    def __init__(self, world: World, sessions: Sessions, *, is_lockstep: bool, listening: Listening | None = None):
        self._world, self._sessions, self._is_lockstep, self._listening = world, sessions, is_lockstep, listening
        self.session: Session | None = None
        """Who may have it; from the offer until it is back."""
        self.asked: engine_service_pb2.StepRequest | None = None
        """What its client came back to the server with, while it is lent: what it had no answer to there."""
        self._jobs = 0
        self._before: tuple[Session, int] | None = None
        self._look: tuple[Session, int, bytes] | None = None

    def offer(
        self,
        session: Session,
        request: engine_service_pb2.StepRequest,
        sights: Sights,
        tick_s: float,
        *,
        by_socket: bool,
    ) -> Any:
        """What is called on the engine's thread before that step, to lend it from then on; None for no reason to.

        It is lent to who holds all agents that are held, can reach it, wants frames in shared memory or packed, and has asked
        for a step before with nothing in between but looks that were all the same: else it would be taken back at once.
        Nobody may be watching.
        """
        if not by_socket and not (self._listening is not None and request.HasField("port_secret")):
            return None
        before, self._before = self._before, (session, self._jobs)
        if before != (session, self._jobs - 1) or not self._is_lockstep or self._world.watchers:
            return None
        if any(owner is not session for owner in self._sessions.owners()) or (
            sights.cameras and not _can_pass_by(sights.way.packing, session)
        ):
            return None
        packing: Any = request.packing if sights.cameras else 0
        licence = link_pb2.Licence(
            step=engine_service_pb2.StepRequest(
                session=request.session,
                sequence=request.sequence,
                cameras=request.cameras,
                modalities=request.modalities,
                packing=packing,
                jpeg_quality=request.jpeg_quality,
                port_secret=request.port_secret,
            ),
            agents=list(session.agents),
            max_ticks=max(int(LONGEST_STEP_S / tick_s), 1),
            names_version=self._world.names_version,
            ring=codec.message_of_ring(session.ring) if session.ring is not None else None,
            look=self._look[2] if self._look is not None and self._look[:2] == (session, self._world.epoch) else b"",
        )
        if not by_socket and self._listening is not None:
            licence.host, licence.port = self._listening.host, self._listening.port
        self.session = session
        return lambda engine: self._lend(engine, licence)

    def looked(self, session: Session, request: engine_service_pb2.ObserveRequest, payload: bytes = b"") -> None:
        """A look is about to be answered by the server, as it is right; the same one need not come here again.

        `payload` is what it came as, if that is known.
        """
        look = (session, self._world.epoch, payload or request.SerializeToString())
        if look == self._look and self._before == (session, self._jobs - 1):
            self._before = (session, self._jobs)
        elif _can_pass_by(request.packing, session):
            self._look = look

    def called_off(self, session: Session) -> None:
        """The step that it was offered with did not lend it."""
        if self.session is session:
            self.session = None

    def _lend(self, engine: Engine, licence: link_pb2.Licence) -> None:
        found = lendable(engine)
        if found is not None:
            found.lend(licence)

    def taken_up(self, engine: Engine, session: Session) -> Door | None:
        """Where the session goes on, if the step has lent the engine to it."""
        found = lendable(engine)
        return found.door if found is not None and found.is_lent and self.session is session else None

    def take_back(self, engine: Engine) -> None:
        """Before each command to the engine. Raises what its death means."""
        self._jobs += 1
        found = lendable(engine)
        if found is None or not found.is_lent:
            return
        session, asked = self.session, self.asked
        try:
            returned = found.take_back(_told(asked) if asked is not None else "")
        except SimbridgeError as error:
            if session is not None:
                session.lose(error)
            raise
        else:
            self._world.show(returned.state)
            if session is not None and returned.answers:  # without a session nobody was told of the socket
                for sequence, answer in returned.answers:
                    session.remember(sequence, answer)
                self._sessions.renew(session)
        finally:
            self.session = self.asked = None


def _can_pass_by(packing: int, session: Session) -> bool:
    """Whether frames on that way need not pass through the server: the engine lays or packs them itself."""
    if packing == codec.PACKINGS["shared"]:
        return session.ring is not None
    return packing in (codec.PACKINGS["jpeg"], codec.PACKINGS["zstd"])


def is_lending(answer: Any) -> bool:
    """Whether a step's answer tells its client where the engine is."""
    return isinstance(answer, engine_service_pb2.StepResponse) and bool(answer.engine_socket or answer.engine_port.port)


def without_door(answer: engine_service_pb2.StepResponse) -> engine_service_pb2.StepResponse:
    """An answer that is told once more, when the engine is not lent by it any longer."""
    if not is_lending(answer):
        return answer
    made = engine_service_pb2.StepResponse()
    made.CopyFrom(answer)
    made.ClearField("engine_socket")
    made.ClearField("engine_port")
    return made


def _told(request: engine_service_pb2.StepRequest) -> str:
    """A request as logs may have it: without its secrets."""
    shown = engine_service_pb2.StepRequest()
    shown.CopyFrom(request)
    shown.ClearField("session")
    shown.ClearField("port_secret")
    return str(shown)
