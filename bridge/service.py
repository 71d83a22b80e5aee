"""The calls of EngineService, each checked field by field before the engine hears of it."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any, TypeVar

from google.protobuf.message import DecodeError

from bridge import codec
from bridge.codec import fields
from bridge.crashes import foreseen
from bridge.engine import Engine, EngineInfo, Hide, Move, Paint, Remove, Resize, Spawn
from bridge.errors import Cancelled, EngineCrashed, InvalidInput, Refused, SimbridgeError, TooLate
from bridge.formats.scene_folder import read_scene
from bridge.handlers import answered
from bridge.lending import Lending
from bridge.link import MESSAGE, Port, framed, framed_error
from bridge.pacing import Pacing
from bridge.quotas import Quotas, check
from bridge.recordings_service import Recordings
from bridge.scene import Scene
from bridge.seats_service import Seats
from bridge.session import Session, Sessions
from bridge.sights import Sights, checked_sights
from bridge.simulation import Simulation
from bridge.steps import Steps
from bridge.uploads import Upload, folder_under
from bridge.v1 import engine_service_pb2 as pb
from bridge.v1 import engine_service_pb2_grpc
from bridge.world import World

T = TypeVar("T")
_log = logging.getLogger("bridge.server")


class Service(Seats, Recordings, engine_service_pb2_grpc.EngineServiceServicer):
    """One world for many clients. Everything but the engine's work happens on the event loop."""

    def __init__(
        self,
        *,
        info: EngineInfo,
        world: World,
        sessions: Sessions,
        simulation: Simulation,
        pacing: Pacing,
        quotas: Quotas,
        steps: Steps,
        lending: Lending,
        scenes_root: Path | None,
        ring_folder: Path | None,
        boot_id: str,
        step_socket: str,
        upload_folder: Path,
        is_lockstep: bool,
        prepare: Callable[[Scene], Scene],
    ):
        self.info, self.world, self.sessions = info, world, sessions
        self.simulation, self.pacing, self.quotas = simulation, pacing, quotas
        self.steps, self.lending, self.scenes_root = steps, lending, scenes_root
        self.ring_folder, self.boot_id, self.is_lockstep = ring_folder, boot_id, is_lockstep
        self.step_socket, self.upload_folder = step_socket, upload_folder
        self._prepare = prepare
        self.is_closing = self._is_called_back = False
        self._looks: set[asyncio.Task] = set()
        self._operations: dict[tuple[Session, str], asyncio.Task] = {}

    # ---- the world

    @answered
    async def LoadScene(self, parts: AsyncIterator[pb.LoadSceneRequest], context: Any) -> pb.LoadSceneResponse:
        first = await anext(parts, None)
        if first is None or first.WhichOneof("part") != "source":
            raise InvalidInput("part: expected the source first, then the chunks of its files.")
        source = first.source
        session = self.sessions.controller(source.session, "load scenes")
        self.sessions.check_host(session, "load")
        name = (session, fields.text(source.operation, "source.operation", limit=fields.MAX_NAME))
        if name in self._operations:
            raise Refused(f"source.operation '{source.operation}' is under way already. Wait, or cancel it.")
        task = asyncio.ensure_future(self._received(source, parts))
        self._operations[name] = task
        try:
            scene = await task
        except asyncio.CancelledError:
            if context.cancelled():
                raise
            raise Cancelled(f"Loading '{source.operation}' was cancelled. The world is as it was.") from None
        finally:
            task.cancel()
            self._operations.pop(name, None)
        await _whole(self._adopt(scene))
        return pb.LoadSceneResponse(scene=self._summary())

    async def _received(self, source: pb.SceneSource, parts: AsyncIterator[pb.LoadSceneRequest]) -> Scene:
        """The scene, complete and sound; until here a load can be cancelled."""
        kind = source.WhichOneof("from")
        with contextlib.ExitStack() as stack:
            if kind == "path":
                folder = folder_under(self.scenes_root, source.path)
            elif kind == "upload":
                told, limit = source.upload, self.quotas.upload_bytes
                upload = Upload(self.upload_folder, files=told.files, size=told.bytes, limit=limit)
                folder = await stack.enter_context(upload).receive(parts)
            else:
                raise InvalidInput("source holds neither a path nor an upload; expected one of them.")
            scene = await self._read(folder)
        check(len(scene.instances()), self.quotas.instances, "instances", "scene")
        return scene

    async def _read(self, folder: Path) -> Scene:
        """The scene of a folder; an engine in a process of its own reads it meanwhile, too, and makes a world of it."""

        def job(engine: Engine) -> None:
            read_ahead = getattr(engine, "read_ahead", None)
            if read_ahead is not None:
                read_ahead(folder, most_instances=self.quotas.instances)

        ahead = asyncio.ensure_future(self.simulation.run(job, what="read"))
        try:
            scene = await asyncio.to_thread(read_scene, folder)
            (failure,) = await asyncio.gather(ahead, return_exceptions=True)
        finally:
            ahead.cancel()
        if isinstance(failure, EngineCrashed | TooLate):  # it would of the load that follows, too
            raise failure
        if isinstance(failure, SimbridgeError):  # the load that follows reads again, and says what is wrong
            _log.warning("the engine did not read a scene ahead: %s", failure)
        elif failure is not None:
            raise failure
        return scene

    async def _adopt(self, scene: Scene) -> None:
        """Gives a scene to the engine, which keeps the one before if it cannot take it."""
        world, digest = self.world, await asyncio.to_thread(scene.digest)

        def job(engine: Engine) -> None:
            world.begin(engine.load(scene), self._prepare(scene), digest)

        await self.simulation.run(job, what="load")
        world.wake()
        held = [agent for owner in self.sessions.owners() for agent in owner.agents]
        self.sessions.forget_agents([agent for agent in held if agent not in world.agents])
        self.pacing.look_again()

    @answered
    async def Cancel(self, request: pb.CancelRequest, context: Any) -> pb.CancelResponse:
        session = self.sessions.find(request.session)
        task = self._operations.get((session, request.operation))
        return pb.CancelResponse(was_running=task is not None and task.cancel())

    @answered
    async def GetScene(self, request: pb.GetSceneRequest, context: Any) -> pb.GetSceneResponse:
        self.sessions.find(request.session)
        if not self.world.is_loaded:
            raise Refused("No scene is loaded. Load one first.")
        return pb.GetSceneResponse(scene=self._summary())

    @answered
    async def GetState(self, request: pb.GetStateRequest, context: Any) -> pb.GetStateResponse:
        self.sessions.find(request.session)
        self.world.present()
        world = self.world

        def job(engine: Engine) -> pb.GetStateResponse:
            world.catch_up(engine)
            found = engine.state_hash() if request.wants_hash else 0
            return pb.GetStateResponse(state=world.message(world.present()), state_hash=found)

        return await self.simulation.run(job, what="state")

    @answered
    async def Reset(self, request: pb.ResetRequest, context: Any) -> pb.ResetResponse:
        session = self.sessions.controller(request.session, "reset")
        self.sessions.check_host(session, "reset")
        if not self.world.is_loaded:
            raise Refused("No scene is loaded. Load one first.")
        world = self.world

        def job(engine: Engine) -> Any:
            return world.message(world.restart(engine.reset(seed=request.seed)))

        state = await self.simulation.run(job, what="reset")
        world.wake()
        return pb.ResetResponse(state=state)

    @answered
    async def Edit(self, request: pb.EditRequest, context: Any) -> pb.EditResponse:
        session = self.sessions.controller(request.session, "edit")
        check(len(request.changes), self.quotas.changes, "changes", "changes")
        changes = codec.changes_of_messages(request.changes, "changes")
        world = self.world
        world.present()
        for change in changes:
            if isinstance(change, Move | Remove | Resize | Hide | Paint):
                self.sessions.check_free(session, change.name)
        arriving = [change.name for change in changes if isinstance(change, Spawn) and change.is_agent]
        leaving = [change.name for change in changes if isinstance(change, Remove)]
        check(len(world.agents) + len(arriving), self.quotas.agents, "agents", "changes")

        async def edit() -> Any:
            state = await self.simulation.run(
                lambda engine: world.message(world.edited(changes, _begun(engine, world).edit(changes))), what="edit"
            )
            world.agents.update(dict.fromkeys(arriving))
            for name in leaving:
                world.agents.pop(name, None)
            self.sessions.forget_agents(leaving)
            self.pacing.look_again()
            world.wake()
            return state

        return pb.EditResponse(state=await _whole(edit()))

    @answered
    async def GetEdits(self, request: pb.GetEditsRequest, context: Any) -> pb.GetEditsResponse:
        self.sessions.find(request.session)
        self.world.present()
        world = self.world

        def job(engine: Engine) -> pb.GetEditsResponse:
            world.catch_up(engine)
            return codec.message_of_edits(world.edits(), world.present(), epoch=world.epoch)

        return await self.simulation.run(job, what="edits")

    # ---- time

    @answered
    async def Step(self, requests: AsyncIterator[pb.StepRequest], context: Any) -> None:
        async for request in requests:
            await context.write(await self._step(request))

    async def _step(self, request: pb.StepRequest) -> pb.StepResponse:
        future = asyncio.get_running_loop().create_future()

        def tell(answer: Any, error: BaseException | None) -> None:
            if not future.done():
                _ = future.set_result(answer) if error is None else future.set_exception(error)

        self.steps.take(request, tell)
        return await future

    def take_message(self, payload: bytes, port: Port, kind: int) -> None:
        """Answers what comes by a socket of this computer: steps, and looks at the world as it stands."""
        if kind == MESSAGE:
            self.steps.take_message(payload, port)
        else:
            task = asyncio.ensure_future(self._look(payload, port))
            self._looks.add(task)
            task.add_done_callback(self._looks.discard)

    async def _look(self, payload: bytes, port: Port) -> None:
        try:
            try:
                request = pb.ObserveRequest.FromString(payload)
            except DecodeError:
                raise InvalidInput(f"{len(payload)} bytes are no ObserveRequest.") from None
            seen = pb.StepResponse(frames=await self._observed(request, payload))
            port.send(framed(MESSAGE, seen.SerializeToString()))
        except Exception as error:  # the border to the wire
            port.send(framed_error(foreseen(error, "Observe")))

    # ---- pictures

    @answered
    async def Observe(self, request: pb.ObserveRequest, context: Any) -> None:
        for part in await self._observed(request):
            await context.write(pb.ObserveResponse(part=part))

    async def _observed(self, request: pb.ObserveRequest, payload: bytes = b"") -> list[pb.FramePart]:
        session = self.sessions.find(request.session)
        self.world.present()
        sights = self._sights(session, request, request.cameras)
        if not sights.cameras or not sights.modalities:
            raise InvalidInput("names, cameras and modalities ask for no frame; expected one of each or more.")
        self.lending.looked(session, request, payload)
        return await self._seen(sights)

    @answered
    async def Watch(self, request: pb.WatchRequest, context: Any) -> None:
        session = self.sessions.find(request.session)
        sights = self._sights(session, request)
        if not sights.cameras or not sights.modalities:
            raise InvalidInput("names and modalities ask for no frame; expected one of each or more.")
        world, event = self.world, asyncio.Event()
        world.watchers.add(event)
        shown: tuple[int, int, int] | None = None
        try:
            while not self.is_closing:
                event.clear()
                self.sessions.find(session.token)
                now = None if world.state is None else (world.epoch, world.state.tick, world.state.revision)
                if now is None or now == shown:
                    with contextlib.suppress(TimeoutError):
                        async with asyncio.timeout(self.sessions.lease_s / 3):
                            await event.wait()
                    continue
                parts = await self._seen(sights)
                moment = parts[0].moment
                missed = moment.tick - shown[1] - 1 if shown and shown[0] == moment.epoch else 0
                shown = (moment.epoch, moment.tick, moment.revision)
                for part in parts:
                    await context.write(pb.WatchResponse(part=part, dropped=max(missed, 0)))
        finally:
            world.watchers.discard(event)

    async def _seen(self, sights: Sights) -> list[pb.FramePart]:
        world = self.world

        def job(engine: Engine) -> list[pb.FramePart]:
            world.catch_up(engine)
            return sights.parts(engine, world.present(), world.epoch)

        return await self.simulation.run(job, what="observe")

    # ---- shared by the calls

    def _sights(self, session: Session, request: Any, described: Sequence[Any] = ()) -> Sights:
        return checked_sights(
            self.world, self.info, self.quotas, session.ring, request, request.names, described, path="names"
        )

    def _summary(self) -> pb.SceneSummary:
        world = self.world
        made = codec.message_of_scene(world.loaded, world.instances, epoch=world.epoch, scene_digest=world.scene_digest)
        del made.agents[:]
        made.agents.extend(world.agents)
        return made

    async def sweep_forever(self) -> None:
        """Ends sessions whose leases have run out, as long as the server lives."""
        while True:
            await asyncio.sleep(min(self.sessions.lease_s / 4, 1.0))
            for session in self.sessions.sweep():
                _log.info("the session of '%s' ended: its lease ran out", session.client_name)
            self._call_back()
            self.steps.give_up_late()
            self.pacing.look_again()
            await self.stop_orphaned_recording()


async def _whole(change: Coroutine[Any, Any, T]) -> T:
    """A change of the world that comes to its end, even if its caller is gone."""
    return await asyncio.shield(asyncio.ensure_future(change))


def _begun(engine: Engine, world: World) -> Engine:
    """The engine, unless another scene was loaded while the call waited for it. Raises Refused."""
    world.present()
    return engine
