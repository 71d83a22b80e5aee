"""StartRecording and StopRecording: a server's recordings, one at a time, each ended with the session that began it."""

import asyncio
import logging
import re
from pathlib import Path
from typing import Any

from bridge import codec
from bridge.codec import fields
from bridge.engine import EngineInfo
from bridge.errors import (
    InvalidInput,
    NameTaken,
    NotAllowed,
    NotSupported,
    OutputExists,
    Refused,
    SimbridgeError,
    UnknownName,
)
from bridge.handlers import answered
from bridge.plugins import unknown_name
from bridge.quotas import Quotas, check
from bridge.recording.recorder import Recorder
from bridge.recording.take import Recorded
from bridge.session import Session, Sessions
from bridge.simulation import Simulation
from bridge.types import MODALITIES, Modality
from bridge.v1 import engine_service_pb2 as pb
from bridge.world import World

_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}")
_log = logging.getLogger("bridge.server")


class Recordings:
    """The two calls, for a service whose engine is a Recorder."""

    info: EngineInfo
    world: World
    sessions: Sessions
    simulation: Simulation
    quotas: Quotas
    recordings_root: Path | None = None
    _recording: Session | None = None

    @answered
    async def StartRecording(self, request: pb.StartRecordingRequest, context: Any) -> pb.StartRecordingResponse:
        session = self.sessions.controller(request.session, "record")
        path = self._path(request.name)
        cameras, modalities = self._sights_recorded(request)
        owner = self._recording
        if owner is not None:
            raise Refused(f"{self.sessions.describe(owner)} is recording. Wait until that is stopped.")
        self._recording = session
        try:
            made = await self.simulation.run(
                lambda engine: _recorder(engine).start(path, cameras=cameras, modalities=modalities), what="record"
            )
        except OutputExists:
            self._recording = None
            raise NameTaken(f"There is a recording named '{path.name}' already. Choose another name.") from None
        except BaseException:
            self._recording = None
            raise
        return pb.StartRecordingResponse(path=str(made))

    @answered
    async def StopRecording(self, request: pb.StopRecordingRequest, context: Any) -> pb.StopRecordingResponse:
        session = self.sessions.controller(request.session, "record")
        if self._recording is None:
            raise Refused("Nothing is being recorded. Start a recording first.")
        if self._recording is not session:
            raise Refused(f"{self.sessions.describe(self._recording)} is recording. Only that session may stop it.")
        made = await self._stopped()
        return pb.StopRecordingResponse(path=str(made.path), bytes=made.bytes, ticks=made.ticks)

    async def stop_orphaned_recording(self) -> None:
        """Ends the recording of a session that has ended."""
        owner = self._recording
        if owner is not None and owner not in self.sessions:
            try:
                made = await self._stopped()
                _log.info("the recording of '%s' ended with its session: %s", owner.client_name, made.path)
            except SimbridgeError as error:
                _log.error("the recording of '%s', which has gone, failed: %s", owner.client_name, error)

    async def _stopped(self) -> Recorded:
        self._recording = None
        finish = await self.simulation.run(lambda engine: _recorder(engine).cut(), what="stop recording")
        return await asyncio.to_thread(finish)

    def _path(self, name: str) -> Path:
        if self.recordings_root is None:
            raise NotSupported("This server records nothing. Start it with --recordings DIR, or record at your end.")
        if not _NAME.fullmatch(name):
            raise NotAllowed(
                f"name is '{name[:100]}'; expected a file name of letters, digits, dots, dashes and underlines, and no path."
            )
        return self.recordings_root.resolve() / name

    def _sights_recorded(self, request: pb.StartRecordingRequest) -> tuple[tuple[str, ...], tuple[Modality, ...]]:
        known = self.world.loaded.cameras
        cameras = fields.unique(request.cameras, "cameras")
        for camera in cameras:
            if camera not in known:
                raise UnknownName(f"cameras: {unknown_name('camera', camera, known)}")
        modalities = codec.modalities_of_numbers(request.modalities, "modalities")
        missing = [name for name in modalities if name in MODALITIES and name not in self.info.capabilities]
        if missing:
            raise NotSupported(f"modalities: engine '{self.info.name}' has no {', '.join(missing)}.")
        if bool(cameras) != bool(modalities):
            raise InvalidInput("cameras and modalities: one is empty and the other is not; give both, or neither.")
        pixels = sum(known[camera].width * known[camera].height for camera in cameras) * len(modalities)
        check(pixels, self.quotas.pixels, "pixels", "cameras")
        return cameras, modalities


def _recorder(engine: Any) -> Recorder:
    if not isinstance(engine, Recorder):
        raise NotSupported("This server's engine cannot be recorded. Record at the client's end.")
    return engine
