"""Who is here: the calls of EngineService that give seats and agents, keep them and take them back."""

import contextlib
import logging
from pathlib import Path
from typing import Any

from bridge import codec, ring
from bridge.codec import fields
from bridge.engine import EngineInfo
from bridge.errors import EngineUnavailable, InvalidInput, Refused, SimbridgeError
from bridge.handlers import answered
from bridge.lending import Lending
from bridge.pacing import Pacing
from bridge.quotas import Quotas, check
from bridge.session import Sessions
from bridge.simulation import Simulation
from bridge.v1 import engine_service_pb2 as pb
from bridge.world import World

_log = logging.getLogger("bridge.server")


class Seats:
    """The calls, for a service that has sessions; and taking the engine back from the session that it is lent to."""

    info: EngineInfo
    world: World
    sessions: Sessions
    simulation: Simulation
    pacing: Pacing
    quotas: Quotas
    lending: Lending
    ring_folder: Path | None
    boot_id: str
    step_socket: str
    is_lockstep: bool
    is_closing: bool
    _is_called_back: bool

    @answered
    async def GetServerInfo(self, request: pb.GetServerInfoRequest, context: Any) -> pb.GetServerInfoResponse:
        quotas = self.quotas
        return pb.GetServerInfoResponse(
            version=codec.version(),
            engine=codec.message_of_info(self.info),
            quotas=pb.Quotas(
                request_bytes=quotas.request_bytes,
                pixels=quotas.pixels,
                agents=quotas.agents,
                instances=quotas.instances,
                ticks=quotas.ticks,
            ),
            is_lockstep=self.is_lockstep,
        )

    @answered
    async def CreateSession(self, request: pb.CreateSessionRequest, context: Any) -> pb.CreateSessionResponse:
        if self.is_closing:
            raise EngineUnavailable("The server is being stopped and takes no more sessions. Connect to another.")
        if request.version.major != codec.MAJOR:
            raise Refused(
                f"The client speaks version {request.version.major}.{request.version.minor} of the contract, this server "
                f"{codec.MAJOR}.{codec.MINOR}. Install the same simbridge at both ends."
            )
        if request.role not in (pb.ROLE_CONTROLLER, pb.ROLE_OBSERVER):
            raise InvalidInput(f"role is {request.role}; expected ROLE_CONTROLLER (1) or ROLE_OBSERVER (2).")
        client = fields.name(request.client_name, "client_name")
        fields.text(request.boot_id, "boot_id", limit=fields.MAX_NAME)
        if request.resume_token:
            await self._back()
            session = self.sessions.resume(request.resume_token)
            if session.ring is not None:  # whoever had the session before may still look at what lies there
                session.ring.close()
                session.ring = None
        else:
            session = self.sessions.create(client, is_observer=request.role == pb.ROLE_OBSERVER)
        made = pb.CreateSessionResponse(
            session=session.token,
            resume_token=session.resume_token,
            lease_s=self.sessions.lease_s,
            version=codec.version(),
            last_sequence=session.last_sequence,
            step_socket=self.step_socket if request.boot_id == self.boot_id else "",
        )
        if session.ring is None and self.ring_folder is not None and request.boot_id == self.boot_id:
            try:
                session.ring = ring.RingWriter(self.ring_folder)
            except OSError as error:
                _log.warning("No shared memory in %s (%s): frames travel instead.", self.ring_folder, error)
        if session.ring is not None:
            made.shared_memory.CopyFrom(codec.message_of_ring(session.ring))
        return made

    @answered
    async def RenewSession(self, request: pb.RenewSessionRequest, context: Any) -> pb.RenewSessionResponse:
        session = self.sessions.find(request.session)
        await self._back()
        return pb.RenewSessionResponse(
            lease_s=self.sessions.lease_s,
            last_sequence=session.last_sequence,
            sequence_under_way=min(session.under_way, default=0),
        )

    @answered
    async def CloseSession(self, request: pb.CloseSessionRequest, context: Any) -> pb.CloseSessionResponse:
        self.sessions.end(self.sessions.find(request.session))
        self._call_back()
        self.pacing.look_again()
        return pb.CloseSessionResponse()

    @answered
    async def ClaimAgents(self, request: pb.ClaimAgentsRequest, context: Any) -> pb.ClaimAgentsResponse:
        session = self.sessions.controller(request.session, "claim agents")
        agents = fields.unique(request.agents, "agents")
        check(len(session.agents) + len(agents), self.quotas.agents, "agents", "agents")
        self.sessions.claim(session, agents, self.world.agents)
        await self._back()
        return pb.ClaimAgentsResponse(lease_s=self.sessions.lease_s)

    @answered
    async def ReleaseAgents(self, request: pb.ReleaseAgentsRequest, context: Any) -> pb.ReleaseAgentsResponse:
        session = self.sessions.find(request.session)
        for index, agent in enumerate(fields.unique(request.agents, "agents")):
            if agent not in session.agents:
                raise Refused(f"agents[{index}] is '{agent}', which this session does not hold. Leave it out.")
        self.sessions.release(session, request.agents)
        await self._back()
        self.pacing.look_again()
        return pb.ReleaseAgentsResponse()

    async def _back(self) -> None:
        """Waits until an engine that is lent is back, dead or alive: any command brings it."""
        if self.lending.session is not None:
            with contextlib.suppress(SimbridgeError):  # its death is told to those who step it
                await self.simulation.run(lambda engine: None, what="step")

    def _call_back(self) -> None:
        """The same without waiting."""
        if self.lending.session is not None and not self._is_called_back:
            self._is_called_back = True
            self.simulation.submit(lambda engine: None, lambda result, error: setattr(self, "_is_called_back", False))
