"""Frames of Unreal's: laid in shared memory where both ends have some, and proven to be of the moment that was asked for.

A renderer that works a frame late sends pictures of the tick before: such an answer is asked for again, a few times, and
then refused. It is never handed on as something that it is not.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bridge import codec, ring
from bridge.errors import DamagedData, Refused, SimbridgeError
from bridge.link import error_named
from bridge.types import Camera, Frame, Modality
from bridge.unreal.channel import Channel
from bridge.v1 import link_pb2 as pb
from bridge.worker.looking import in_order, waves

TRIES = 6
"""How often a look is asked for until its frames are of the right moment."""
_log = logging.getLogger("bridge.engine")


@dataclass(frozen=True)
class Instant:
    """Which moment of which world pictures must show; see bridge.types.WorldState."""

    epoch: int
    tick: int
    revision: int = 0


class Looks:
    """What Unreal sees; used by one thread.

    Whether shared memory reaches the other end is found out: until frames have come that way, a look that fails is asked
    for again without it, and if that goes well it is done without from then on. `place` is None where there is none to try.
    """

    def __init__(self, channel: Channel, place: Path | None):
        self._channel, self._place = channel, place
        self._ring: tuple[ring.RingWriter, ring.RingReader] | None = None
        self._is_proven = False
        self._first: pb.Order | None = None

    def observe(
        self,
        cameras: Sequence[Camera],
        modalities: Sequence[Modality],
        instant: Instant,
        *,
        limit_s: float,
        first: pb.Order | None = None,
    ) -> tuple[Frame, ...]:
        """One frame a camera, in the order given, all of that instant. Raises Refused when none of it can be had.

        `first` is an order that makes the world what is to be seen; it is given with the first look.
        """
        self._first = first
        return in_order(cameras, [self._proven(wave, modalities, instant, limit_s) for wave in waves(cameras)])

    def close(self) -> None:
        """Gives the ring back; frames that are kept stay what they are."""
        own, self._ring = self._ring, None
        if own is not None:
            own[1].close()
            own[0].close()

    def _proven(
        self, cameras: Sequence[Any], modalities: Sequence[Modality], instant: Instant, limit_s: float
    ) -> tuple[Frame, ...]:
        shown, damage = instant, None
        for _ in range(TRIES):
            seen = self._seen(cameras, modalities, instant.epoch, limit_s)
            late = [one for one in map(_instant, seen.parts) if one != instant]
            if late:
                shown, damage = late[0], None
                continue
            try:
                return self._frames(seen, cameras, modalities)
            except DamagedData as error:  # overwritten in the ring before it was read
                damage = error
        if damage is not None:
            raise damage
        raise Refused(
            f"Unreal at {self._channel.address} was asked {TRIES} times for pictures of {_words(instant, shown)}, and still "
            f"shows {_words(shown, instant)}. They would be pictures of another moment than the state. Let Unreal render "
            "every tick (a lower resolution, fewer cameras), or observe again."
        )

    def _frames(self, seen: Any, cameras: Sequence[Any], modalities: Sequence[Modality]) -> tuple[Frame, ...]:
        sizes = [(camera.name, (camera.height, camera.width)) for camera in cameras]
        album = codec.Album(sizes, modalities, ring=self._ring[1] if self._ring is not None else None)
        shared = codec.PACKINGS["shared"]
        with self._channel.reading("observe"):
            for part in seen.parts:
                album.add(part)
                self._is_proven = self._is_proven or part.packing == shared
            return album.frames()

    def _seen(self, cameras: Sequence[Any], modalities: Sequence[Modality], epoch: int, limit_s: float) -> Any:
        look = pb.Look(
            cameras=[codec.message_of_camera(camera) for camera in cameras],
            modalities=codec.numbers_of_modalities(modalities),
        )
        mine = self._own_ring()
        if mine is not None:
            look.ring.CopyFrom(codec.message_of_ring(mine))
        seen = self._asked(look, epoch, limit_s)
        if seen.HasField("failure") and mine is not None and not self._is_proven:
            failure = seen.failure.message
            look.ClearField("ring")
            seen = self._asked(look, epoch, limit_s)
            if not seen.HasField("failure"):
                _log.info("Frames of %s travel: shared memory does not reach it (%s)", self._channel.address, failure)
                self._place = None
                self.close()
        if seen.HasField("failure"):
            raise self._said(seen.failure)
        return seen

    def _asked(self, look: pb.Look, epoch: int, limit_s: float) -> Any:
        order, self._first = self._first or pb.Order(stand_still=pb.StandStill()), None
        order.epoch = epoch
        order.looks.append(look)
        return self._channel.ask(order, "observe", limit_s).seen[0]

    def _said(self, failure: Any) -> SimbridgeError:
        return error_named(failure.kind, failure.message, "engine")

    def _own_ring(self) -> ring.RingWriter | None:
        if self._ring is None and self._place is not None:
            try:
                made = ring.RingWriter(self._place)
                self._ring = made, ring.RingReader(str(made.path), size=made.bytes, slots=made.slots, key=made.key)
            except OSError as error:
                _log.warning("No shared memory in %s (%s): frames travel instead.", self._place, error)
                self._place = None
        return self._ring[0] if self._ring is not None else None


def _instant(part: Any) -> Instant:
    return Instant(part.moment.epoch, part.moment.tick, part.moment.revision)


def _words(one: Instant, other: Instant) -> str:
    """A moment in words, as far as it differs from another."""
    if one.epoch != other.epoch:
        return f"world {one.epoch}"
    if one.tick != other.tick:
        return f"tick {one.tick}"
    return f"tick {one.tick} after {one.revision} edits"
