"""The far end of a link: carries out a server's orders on an engine. Needs NumPy and protobuf, and what the engine needs.

Whoever runs an engine in a foreign Python connects a socket and calls `answer_all`. Frames are laid in the rings that
orders name, so that the server passes on where they are and never touches a pixel.
"""

from collections.abc import Callable, Mapping
from json import loads
from pathlib import Path
from typing import Any

from google.protobuf.message import DecodeError

from bridge import codec
from bridge.codec import fields
from bridge.crashes import foreseen
from bridge.engine import Engine, Loaded
from bridge.errors import DamagedData, EngineFailed, InvalidInput, OverQuota
from bridge.formats.scene_folder import read_scene
from bridge.link import MAX_BYTES, MESSAGE, Link, framed, framed_error, known_kind
from bridge.ring import RingWriter
from bridge.types import WorldState
from bridge.v1 import link_pb2 as pb

OpenEngine = Callable[[str, Mapping[str, Any]], Engine]


def answer_all(link: Link, open_engine: OpenEngine) -> None:
    """Answers orders until the other end is gone or has closed the engine."""
    answering = Answering(open_engine)
    try:
        while not answering.is_over and (payload := link.take()) is not None:
            link.give(answering.answer(payload))
    finally:
        answering.close()


class Answering:
    """One engine, told what to do by messages; used by one thread, that of the engine."""

    def __init__(self, open_engine: OpenEngine):
        self._open_engine = open_engine
        self._engine: Engine | None = None
        self._state: WorldState | None = None
        self._names: tuple[str, ...] | None = None
        self._names_version = 0
        self._rings: dict[int, RingWriter] = {}
        self.is_over = False

    def answer(self, payload: bytes) -> bytes:
        """The framed answer to an order; whatever fails is an answer, too."""
        what = "order"
        try:
            try:
                order = pb.Order.FromString(payload)
            except DecodeError as error:
                raise DamagedData(f"{len(payload)} bytes are no Order: {error}.") from None
            what = order.WhichOneof("what") or what
            made = self._report(order, what).SerializeToString()
            if len(made) > MAX_BYTES:
                raise OverQuota(
                    f"The answer has {len(made):,} bytes and no room in shared memory; at most {MAX_BYTES:,} travel. "
                    "Ask for fewer or smaller frames at a time."
                )
            return framed(MESSAGE, made)
        except Exception as error:  # the border to another process
            return framed_error(foreseen(error, what))

    def close(self) -> None:
        """Gives engine and rings back."""
        self.is_over = True
        engine, self._engine = self._engine, None
        rings, self._rings = self._rings, {}
        for ring in rings.values():
            ring.close()
        if engine is not None:
            engine.close()

    def _report(self, order: pb.Order, what: str) -> pb.Report:
        report = pb.Report(number=order.number)
        match what:
            case "open":
                self._engine = self._open_engine(order.open.engine, loads(order.open.options_json or "{}"))
                report.engine.CopyFrom(codec.message_of_info(self._engine.info))
            case "load":
                report.scene.CopyFrom(self._load(Path(order.load.path)))
            case "reset":
                self._state = self._opened().reset(seed=order.reset.seed)
            case "advance":
                actions = codec.actions_of_map(order.advance.actions, "actions")
                self._state = self._opened().step(actions, order.advance.ticks)
            case "edit":
                self._state = self._opened().edit(codec.changes_of_messages(order.edit.changes, "changes"))
            case "close":
                self.close()
            case "stand_still":
                pass
            case _:
                raise InvalidInput("An order says nothing of what to do. Install the same simbridge at both ends.")
        self._tell(order, report)
        return report

    def _tell(self, order: pb.Order, report: pb.Report) -> None:
        """What the order wants to know of the world as it is now. A look that fails does not undo what was done."""
        if order.wants_state and self._state is not None:
            if self._state.names != self._names:
                self._names, self._names_version = self._state.names, self._names_version + 1
            message = codec.message_of_state(
                self._state, epoch=order.epoch, names_version=self._names_version, known_names=order.known_names
            )
            report.state.CopyFrom(message)
        if order.wants_hash:
            report.state_hash = self._opened().state_hash()
        for look in order.looks:
            seen = report.seen.add()
            try:
                seen.parts.extend(self._parts(order.epoch, look))
            except Exception as error:  # crosses to the server as the answer of this look
                told = foreseen(error, "observe")
                seen.failure.kind, seen.failure.message = known_kind(told), str(told)[: fields.MAX_TEXT]

    def _load(self, folder: Path) -> Any:
        loaded: Loaded = self._opened().load(read_scene(folder))
        self._state = None
        return codec.message_of_scene(loaded, (), epoch=0, scene_digest="")

    def _parts(self, epoch: int, look: pb.Look) -> list[Any]:
        if self._state is None:
            raise EngineFailed("The world has not begun. Reset it before looking at it.")
        described = [codec.camera_of_message(camera, "camera") for camera in look.cameras]
        modalities = codec.modalities_of_numbers(look.modalities, "modalities")
        frames = self._opened().observe([*look.names, *described], modalities)
        way = codec.Way(codec.PACKINGS["shared"], ring=self._ring(look) if look.HasField("ring") else None)
        return codec.parts_of_frames(frames, codec.message_of_moment(epoch, self._state), way)

    def _ring(self, look: pb.Look) -> RingWriter | None:
        """The ring of a look, kept as long as its file is there."""
        told = look.ring
        found = self._rings.get(told.key)
        if found is None:
            for key in [key for key, ring in self._rings.items() if ring.is_gone()]:
                self._rings.pop(key).close()
            found = RingWriter.attached(told.path, size=told.bytes, slots=told.slots, key=told.key)
            self._rings[told.key] = found
        return found

    def _opened(self) -> Engine:
        if self._engine is None:
            raise EngineFailed("No engine is open here. The first order opens one.")
        return self._engine
