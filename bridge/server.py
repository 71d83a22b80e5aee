"""A server for one engine: `serve(make_engine, Config(address="localhost:50051"))` runs until it is told to stop.

grpc.aio answers on the main thread and one thread of its own drives the engine. SIGTERM and SIGINT let the present tick
finish, tell clients and give everything back.
"""

import asyncio
import contextlib
import logging
import os
import signal
import sys
import time
import weakref
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_health.v1.health import aio as health
from grpc_reflection.v1alpha import reflection

from bridge import ring
from bridge.address import SERVER_OPTIONS, Address, check_bind, numeric_host, parse
from bridge.boot import boot_id
from bridge.credentials import ServerTls, checked_token
from bridge.edits import ByOthers
from bridge.engine import Engine, Remove, Spawn
from bridge.errors import Refused, SimbridgeError
from bridge.gate import Gate
from bridge.guard import Guard
from bridge.imagining.alongside import SERVICE_NAME as MODEL_SERVICE_NAME
from bridge.imagining.alongside import Alongside
from bridge.imagining.alongside import Settings as Dreaming
from bridge.lending import Lending, Listening
from bridge.link import Port
from bridge.pacing import Lockstep, Pacing, RealTime
from bridge.quotas import Quotas
from bridge.recording.recorder import Recorder
from bridge.scene import Scene
from bridge.service import Service
from bridge.session import Sessions
from bridge.simulation import Simulation
from bridge.steps import Steps
from bridge.v1 import engine_service_pb2_grpc, model_service_pb2_grpc
from bridge.workfolder import WorkFolder
from bridge.world import World

SERVICE_NAME = "bridge.v1.EngineService"
HEALTH_S = 0.2
_log = logging.getLogger("bridge.server")


@dataclass(frozen=True)
class Config:
    """How an engine is served."""

    address: str = "localhost:50051"
    """host:port (port 0: any free one) or unix:/path."""
    mode: Literal["lockstep", "real-time"] = "lockstep"
    missing: Literal["wait", "hold"] = "wait"
    """What the others do while one owner has not asked for its step: wait, or go on after `wait_s`."""
    wait_s: float = 10.0
    lease_s: float = 30.0
    step_timeout_s: float = 60.0
    load_timeout_s: float = 300.0
    grace_s: float = 10.0
    scenes_root: Path | None = None
    """The folder whose scenes clients may load by path; None: they upload."""
    recordings: Path | None = None
    """The folder that clients may record into; None: they record at their end."""
    shared_memory: Path | None = field(default_factory=ring.folder)
    """Where frames for clients on this computer are laid; None: all frames travel."""
    is_step_socket_offered: bool = True
    """Whether clients on this computer may step through a Unix socket of their own."""
    has_others: bool = False
    """Whether clients of a gateway act on the same engine."""
    prepare: Callable[[Scene], Scene] = lambda scene: scene
    """What the engine makes of each scene that it loads: a gateway's clients may want assets that it has not."""
    begins_anew: bool = False
    """After a crash the world is reset without a client's asking."""
    lend_port: int | None = 0
    """Where an engine that is lent waits for a client from elsewhere (0: any free port); None: it is lent to none of them."""
    tls: ServerTls | None = None
    """Certificates, for an encrypted connection."""
    token: str = field(default="", repr=False)
    """What every call has to show, but those for health; empty: nothing."""
    is_insecure_bind_forced: bool = False
    """Listen beyond localhost without encryption and token."""
    is_reflected: bool = True
    """Whether the server describes its calls to tools (gRPC reflection)."""
    quotas: Quotas = field(default_factory=Quotas)
    dream: Dreaming | None = None
    """A world model that imagines beside the engine."""


class Server:
    """A running server; made and used on one event loop, of which a process has one."""

    def __init__(self, make_engine: Callable[[], Engine], config: Config = Config(), *, scene: Scene | None = None):
        self.config, self._scene = config, scene
        self._where = parse(config.address)
        self._make = make_engine
        self._tasks: list[asyncio.Task] = []
        self._folder: WorkFolder | None = None
        self._step_socket = ""
        self._health: health.HealthServicer | None = None
        self._is_serving: bool | None = None
        self._ports: weakref.WeakSet[Port] = weakref.WeakSet()
        self.address = config.address

    async def start(self) -> str:
        """Makes the engine, listens, and returns the address to connect to. Raises Refused when the place is taken."""
        config = self.config
        check_bind(
            self._where,
            is_guarded=config.tls is not None and bool(config.token),
            is_forced=config.is_insecure_bind_forced,
        )
        if config.shared_memory is not None:
            ring.sweep(config.shared_memory)
        self.world = World()
        self.sessions = Sessions(lease_s=config.lease_s, limit=config.quotas.sessions, clock=time.monotonic)
        lending = Lending(
            self.world, self.sessions, is_lockstep=config.mode == "lockstep", listening=self._listening_for_loans()
        )
        self.dream = Alongside(config.dream, self.world) if config.dream is not None else None
        if self.dream is not None:
            self.world.on_begin = self.dream.begin

        def before_each(engine: Engine) -> None:
            lending.take_back(engine)
            if self.dream is not None:
                self.dream.look(engine)

        self.simulation = Simulation(
            lambda: Recorder(self._make()),
            limit=config.quotas.commands,
            timeout_s=config.load_timeout_s,
            on_crash=self._lose_world,
            before_each=before_each,
        )
        engine = await self.simulation.start()
        self._loop = asyncio.get_running_loop()
        listen = getattr(engine, "listen", None)
        if listen is not None:
            listen(self._hear_others)
        self._folder = WorkFolder()
        if config.is_step_socket_offered and sys.platform != "win32":
            self._step_socket = str(self._folder.path / "steps.sock")
        self.pacing: Pacing = (
            Lockstep(self.world, self.sessions, self.simulation, wait_s=config.wait_s, missing=config.missing)
            if config.mode == "lockstep"
            else RealTime(self.world, self.simulation, tick_s=engine.info.tick_s)
        )
        steps = Steps(
            info=engine.info,
            world=self.world,
            sessions=self.sessions,
            simulation=self.simulation,
            lending=lending,
            pacing=self.pacing,
            quotas=config.quotas,
            timeout_s=config.step_timeout_s,
        )
        self.service = Service(
            info=engine.info,
            world=self.world,
            sessions=self.sessions,
            simulation=self.simulation,
            pacing=self.pacing,
            quotas=config.quotas,
            steps=steps,
            lending=lending,
            scenes_root=config.scenes_root,
            ring_folder=config.shared_memory,
            boot_id=boot_id(),
            step_socket=self._step_socket,
            upload_folder=self._folder.path,
            prepare=config.prepare,
            is_lockstep=config.mode == "lockstep",
        )
        self.service.recordings_root = config.recordings
        try:
            if self._scene is not None:
                await self._begin(self._scene)
            if self.dream is not None:
                await self.dream.start(self.simulation)
            await self._listen()
        except BaseException:
            if self.dream is not None:
                await self.dream.close()
            await self.pacing.close()
            await self.simulation.close(grace_s=config.grace_s)
            self._folder.close()
            raise
        self._tasks = [asyncio.ensure_future(self.service.sweep_forever()), asyncio.ensure_future(self._tell_health())]
        _log.info("engine '%s' answers at %s", engine.info.name, self.address)
        return self.address

    def _hear_others(self, made: ByOthers) -> None:
        """What a gateway's clients did at the engine; on the engine's thread."""
        self.world.heard(made)
        self._loop.call_soon_threadsafe(self._meet_others, made)

    def _meet_others(self, made: ByOthers) -> None:
        """Agents that came and went by what others did."""
        world = self.world
        gone = [name for name in world.agents if name not in world.loaded.agents] if made.have_reset else []
        if made.have_reset:
            world.agents = dict.fromkeys(world.loaded.agents)
        world.agents.update(dict.fromkeys(one.name for one in made.changes if isinstance(one, Spawn) and one.is_agent))
        leaving = [one.name for one in made.changes if isinstance(one, Remove)]
        for name in leaving:
            world.agents.pop(name, None)
        self.sessions.forget_agents([*gone, *leaving])
        self.pacing.look_again()
        world.wake()

    def _listening_for_loans(self) -> Listening | None:
        """Where engines may wait for clients from elsewhere. Not beside an encrypted port: what they say is plain."""
        port = self.config.lend_port
        if port is None or self._where.path or self.config.tls is not None or sys.platform == "win32":
            return None
        return Listening(numeric_host(self._where), port)

    async def _begin(self, scene: Scene) -> None:
        """Loads and resets the scene that the server was started with."""
        world = self.world

        def job(engine: Engine) -> None:
            world.begin(engine.load(scene), self.config.prepare(scene), scene.digest())
            world.restart(engine.reset(seed=0))

        await self.simulation.run(job, what="load")

    def _lose_world(self, crash: str) -> None:
        """The engine crashed: whoever waits is told, the world waits for a reset, and everybody keeps their seat."""
        self.sessions.forget_agents(self.world.lose(crash))
        self.pacing.look_again()
        if self._health is not None:
            self._tasks.append(asyncio.ensure_future(self._set_health(is_serving=False)))
        if self.config.begins_anew:
            self._tasks.append(asyncio.ensure_future(self._begin_anew()))

    async def _begin_anew(self) -> None:
        """The world after a crash, for those who have no word for a reset."""
        world = self.world
        try:
            await self.simulation.run(lambda engine: world.restart(engine.reset(seed=0)), what="reset")
        except SimbridgeError as error:  # it died again, and this is done again; or it is not started any more
            _log.warning("the world was not begun anew: %s", error)
        world.wake()

    async def _listen(self) -> None:
        quotas = self.config.quotas
        options = [
            *(option for option in SERVER_OPTIONS if option[0] != "grpc.max_receive_message_length"),
            ("grpc.max_receive_message_length", quotas.request_bytes),
        ]
        token = checked_token(self.config.token, "token") if self.config.token else ""
        self.gate = Gate(limit=quotas.calls, total=quotas.all_calls)
        self._grpc = grpc.aio.server(interceptors=[Guard(token, self.gate)], options=options)
        engine_service_pb2_grpc.add_EngineServiceServicer_to_server(self.service, self._grpc)
        if self.dream is not None:
            model_service_pb2_grpc.add_ModelServiceServicer_to_server(self.dream, self._grpc)
        self._health = health.HealthServicer()
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._grpc)
        if self.config.is_reflected:
            names = (SERVICE_NAME, health_pb2.DESCRIPTOR.services_by_name["Health"].full_name, reflection.SERVICE_NAME)
            names += (MODEL_SERVICE_NAME,) if self.dream is not None else ()
            reflection.enable_server_reflection(names, self._grpc)
        tls = self.config.tls
        with _private_files(bool(self._where.path)):
            try:
                if tls is None:
                    port = self._grpc.add_insecure_port(self._where.target)
                else:
                    port = self._grpc.add_secure_port(self._where.target, tls.credentials())
            except RuntimeError as error:
                raise Refused(
                    f"Nothing can listen at {self._where.target}: gRPC cannot. Choose another address."
                ) from error
            await self._grpc.start()
        if not self._where.path:
            self.address = Address(host=self._where.host, port=port).target
        if self._step_socket:
            self._steps = await asyncio.get_running_loop().create_unix_server(self._port, self._step_socket)
        await self._set_health(is_serving=True)

    def _port(self) -> Port:
        """One client's socket of steps."""
        made = Port(self.service.take_message, limit=self.config.quotas.request_bytes)
        self._ports.add(made)
        return made

    async def _set_health(self, *, is_serving: bool) -> None:
        if is_serving == self._is_serving:
            return
        if self._is_serving is not None and not self.service.is_closing:
            _log.warning("the engine %s", "answers again" if is_serving else "does not answer")
        self._is_serving = is_serving
        status = health_pb2.HealthCheckResponse.SERVING if is_serving else health_pb2.HealthCheckResponse.NOT_SERVING
        if self._health is not None:
            for name in ("", SERVICE_NAME):
                await self._health.set(name, status)

    async def _tell_health(self) -> None:
        """Keeps health what the engine is, as long as the server runs."""
        while True:
            await asyncio.sleep(HEALTH_S)
            await self._set_health(is_serving=self.simulation.is_well())
            if self.config.has_others and self.world.watchers:
                self.simulation.submit(self.world.catch_up, lambda answer, error: self.world.wake())

    async def stop(self) -> None:
        """Takes no more sessions, finishes the present tick, ends all sessions and closes the engine."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self.service.is_closing = True
        await self._set_health(is_serving=False)
        if self.dream is not None:
            await self.dream.close()
        self.world.wake()
        await self.pacing.close()
        end = time.monotonic() + self.config.grace_s
        while self.sessions.late_steps(0.0) and time.monotonic() < end:
            await asyncio.sleep(0.01)
        await asyncio.sleep(0)
        if self._step_socket:
            self._steps.close()
            for port in list(self._ports):
                port.close()
        await self._grpc.stop(0.3)
        if not await self.simulation.close(grace_s=self.config.grace_s):
            _log.error("the engine did not come to an end within %g s and is left behind", self.config.grace_s)
        self.sessions.end_all()
        if self._folder is not None:
            self._folder.close()
        if self._where.path:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(self._where.path)

    async def serve_until_stopped(self, *, on_start: Callable[[str], None] | None = None) -> None:
        """Starts, and stops on SIGTERM or SIGINT."""
        stopping = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            if sys.platform == "win32":
                signal.signal(number, lambda *_: loop.call_soon_threadsafe(stopping.set))
            else:
                loop.add_signal_handler(number, stopping.set)
        address = await self.start()
        if on_start is not None:
            on_start(address)
        await stopping.wait()
        _log.info("stopping")
        await self.stop()


def serve(
    make_engine: Callable[[], Engine],
    config: Config = Config(),
    *,
    scene: Scene | None = None,
    on_start: Callable[[str], None] | None = None,
) -> None:
    """Serves an engine until SIGTERM or SIGINT; `on_start` is told the address. Blocks."""
    asyncio.run(Server(make_engine, config, scene=scene).serve_until_stopped(on_start=on_start))


@contextlib.contextmanager
def _private_files(is_needed: bool):
    """Files made meanwhile belong to this user alone."""
    if not is_needed:
        yield
        return
    before = os.umask(0o177)
    try:
        yield
    finally:
        os.umask(before)
