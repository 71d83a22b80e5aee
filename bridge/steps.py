"""Steps as they are asked for, by gRPC or by socket: checked, given to the world, remembered, and told to who waits."""

from typing import Any

from google.protobuf.message import DecodeError

from bridge import codec
from bridge.crashes import foreseen
from bridge.engine import Action, Engine, EngineInfo
from bridge.errors import InvalidInput, Refused, SimbridgeError, TooLate, UnknownName
from bridge.lending import Lending, is_lending, without_door
from bridge.link import MESSAGE, Port, framed, framed_error
from bridge.pacing import Asked, Done, Look, Pacing
from bridge.plugins import unknown_name
from bridge.quotas import Quotas, check
from bridge.session import Session, Sessions, UnderWay
from bridge.sights import Sights, checked_sights
from bridge.simulation import Simulation
from bridge.types import WorldState
from bridge.v1 import engine_service_pb2 as pb
from bridge.world import World


class Steps:
    """All steps of one server; lives on the event loop."""

    def __init__(
        self,
        *,
        info: EngineInfo,
        world: World,
        sessions: Sessions,
        simulation: Simulation,
        lending: Lending,
        pacing: Pacing,
        quotas: Quotas,
        timeout_s: float,
    ):
        self.info, self.world, self.sessions = info, world, sessions
        self.simulation, self.lending = simulation, lending
        self.pacing, self.quotas, self.timeout_s = pacing, quotas, timeout_s

    def take(self, request: pb.StepRequest, tell: Done, *, by_socket: bool = False) -> None:
        """Answers one request, at once or when the world has moved. Raises what is wrong with it."""
        session = self.sessions.controller(request.session, "step")
        if self.lending.session is not None and request.sequence not in session.under_way:
            self._take_when_back(session, request, tell)
            return
        lost, session.lost = session.lost, None
        if lost is not None and self.world.state is None:
            raise lost
        answer = session.recall(request.sequence)
        if answer is None:
            step = session.under_way.get(request.sequence) or self._begin(session, request, by_socket)
            step.waiting.append(tell)
        elif isinstance(answer, SimbridgeError):
            raise answer
        else:
            tell(without_door(answer), None)

    def _take_when_back(self, session: Session, request: pb.StepRequest, tell: Done) -> None:
        """The same when the engine, which is lent, is back: a command that does nothing brings it."""

        def again(_: None, error: BaseException | None) -> None:
            try:
                if error is not None and self.lending.session is not None:  # no command is taken
                    raise error
                self.take(request, tell)
            except Exception as raised:  # nobody but `tell` listens
                tell(None, raised)

        if self.lending.session is session:
            self.lending.asked = request
        self.simulation.submit(lambda engine: None, again)

    def take_message(self, payload: bytes, port: Port) -> None:
        """The same for a request from a socket; see bridge/link.py."""

        def tell(answer: Any, error: BaseException | None) -> None:
            if isinstance(error, Exception):
                port.send(framed_error(foreseen(error, "Step")))
            else:
                port.send(framed(MESSAGE, answer.SerializeToString()))

        try:
            try:
                request = pb.StepRequest.FromString(payload)
            except DecodeError:
                raise InvalidInput(f"{len(payload)} bytes are no StepRequest.") from None
            self.take(request, tell, by_socket=True)
        except Exception as error:  # the border to the wire
            tell(None, error)

    def _begin(self, session: Session, request: pb.StepRequest, by_socket: bool) -> UnderWay:
        """A step that comes to its end, and is remembered, even if its caller is gone."""
        if session.under_way:
            raise Refused(f"Step {min(session.under_way)} is under way. Ask for one step at a time.")
        actions, sights = self._checked(session, request)
        step = UnderWay(self.sessions.clock())
        offer = self.lending.offer(session, request, sights, self.info.tick_s, by_socket=by_socket)

        def done(answer: Any, error: BaseException | None) -> None:
            session.under_way.pop(request.sequence, None)
            if offer is not None and not is_lending(answer):
                self.lending.called_off(session)
            if error is None:
                session.remember(request.sequence, answer)
            failed = answer if isinstance(answer, SimbridgeError) else error
            step.end(answer, failed)

        look = self._look(session, request, sights)
        try:
            self.pacing.ask(Asked(session, actions, request.ticks, look, done, sights, request.wants_hash, offer))
        except Exception:
            self.lending.called_off(session)
            raise
        session.under_way[request.sequence] = step
        return step

    def _checked(self, session: Session, request: pb.StepRequest) -> tuple[dict[str, Action], Sights]:
        if request.ticks < 1:
            raise InvalidInput("ticks is 0; expected 1 or more.")
        check(request.ticks, self.quotas.ticks, "ticks", "ticks")
        check(len(request.actions), self.quotas.agents, "actions", "actions")
        actions = codec.actions_of_map(request.actions, "actions")
        for agent in actions:
            if agent not in self.world.agents:
                raise UnknownName(f"actions: {unknown_name('agent', agent, self.world.agents)}")
            if agent not in session.agents:
                self.sessions.check_free(session, agent)
                raise Refused(f"actions: agent '{agent}' is nobody's. Claim it first.")
        return actions, checked_sights(
            self.world, self.info, self.quotas, session.ring, request, request.cameras, path="cameras"
        )

    def _look(self, session: Session, request: pb.StepRequest, sights: Sights) -> Look:
        """What makes the answer of one step. Once the world has moved, whatever else fails is the answer, too."""
        world = self.world

        def look(engine: Engine, state: WorldState) -> pb.StepResponse | SimbridgeError:
            try:
                made = pb.StepResponse(
                    sequence=request.sequence,
                    moment=codec.message_of_moment(world.epoch, state),
                    state_hash=engine.state_hash() if request.wants_hash else 0,
                    state=world.message(state, request.known_names) if request.wants_state else None,
                )
                door = self.lending.taken_up(engine, session)
                if door is not None and door.port:
                    made.engine_port.port, made.engine_port.secret = door.port, door.secret
                elif door is not None:
                    made.engine_socket = door.socket
                if sights.cameras:
                    made.frames.extend(sights.parts(engine, state, world.epoch))
                return made
            except Exception as error:  # crosses to the event loop as the answer
                return foreseen(error, "Step")

        return look

    def give_up_late(self) -> None:
        """Tells those who have waited for longer than any step may take; the step itself goes on."""
        for step in self.sessions.late_steps(self.timeout_s):
            error = TooLate(
                f"The engine did not finish a step within {self.timeout_s:g} s. It is slow or stuck: see its log."
            )
            error.hop = "engine"
            step.end(None, error)
