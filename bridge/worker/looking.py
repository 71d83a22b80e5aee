"""What a server asks an engine in another process to look at, and the frames that come back: laid in rings, or as they travel."""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bridge import codec, ring
from bridge.codec import fields
from bridge.link import error_named
from bridge.sights import Sights
from bridge.types import Camera, Frame, Modality
from bridge.v1 import link_pb2 as pb

_log = logging.getLogger("bridge.server")


class Looking:
    """Looks of clients go to their own rings, all others to one between engine and server, made when it is needed."""

    def __init__(self, shared_memory: Path | None):
        self._place, self.can_pack = shared_memory or ring.folder(), False
        """Whether the engine's process can pack frames itself."""
        self._own: tuple[ring.RingWriter, ring.RingReader] | None = None

    def order(self, cameras: Sequence[str | Camera], modalities: Sequence[Modality]) -> pb.Look:
        """A look of the server's own."""
        return _look(cameras, modalities, self._own_ring())

    def order_of(self, sights: Sights) -> pb.Look:
        """A look for a client."""
        way = sights.way
        if self._is_packed_there(way):
            made = _look(sights.cameras, sights.modalities, None)
            packing: Any = way.packing
            made.packing, made.jpeg_quality = packing, way.quality
            return made
        return _look(sights.cameras, sights.modalities, way.ring if is_direct(way) else self._own_ring())

    def frames(self, seen: Any, cameras: Sequence[str | Camera], modalities: Sequence[Modality]) -> tuple[Frame, ...]:
        """The frames of a look of the server's own. Raises what it failed of."""
        check_seen(seen)
        sizes = [(c, None) if isinstance(c, str) else (c.name, (c.height, c.width)) for c in cameras]
        album = codec.Album(sizes, modalities, ring=self._own[1] if self._own else None)
        for part in seen.parts:
            album.add(part)
        return album.frames()

    def parts(self, seen: Any, sights: Sights, moment: Any) -> list[Any]:
        """The frames of a client's look as they travel to it. Raises what it failed of."""
        if is_direct(sights.way) or self._is_packed_there(sights.way):
            check_seen(seen)
            return list(seen.parts)
        return codec.parts_of_frames(self.frames(seen, sights.cameras, sights.modalities), moment, sights.way)

    def _is_packed_there(self, way: codec.Way) -> bool:
        return self.can_pack and way.packing in (codec.PACKINGS["jpeg"], codec.PACKINGS["zstd"])

    def close(self) -> None:
        """Gives the ring back; frames that are kept stay what they are."""
        own, self._own = self._own, None
        if own is not None:
            own[1].close()
            own[0].close()

    def _own_ring(self) -> ring.RingWriter | None:
        if self._own is None:
            try:
                made = ring.RingWriter(self._place)
                self._own = made, ring.RingReader(str(made.path), size=made.bytes, slots=made.slots, key=made.key)
            except OSError as error:
                _log.warning("No shared memory in %s (%s): frames travel instead.", self._place, error)
                return None
        return self._own[0]


def waves(cameras: Sequence[str | Camera]) -> list[list[str | Camera]]:
    """The cameras in as few looks as there may be, since no two of one name go into one."""
    made: list[dict[str, str | Camera]] = []
    for camera in cameras:
        wave = next((wave for wave in made if name_of(camera) not in wave), None)
        if wave is None:
            made.append(wave := {})
        wave[name_of(camera)] = camera
    return [list(wave.values()) for wave in made]


def in_order(cameras: Sequence[str | Camera], drawn: Sequence[Sequence[Frame]]) -> tuple[Frame, ...]:
    """The frames of those looks, one a camera, as the cameras were asked for."""
    left = [{frame.camera: frame for frame in wave} for wave in drawn]
    found: dict[str, int] = {}
    made: list[Frame] = []
    for name in map(name_of, cameras):
        found[name] = found.get(name, -1) + 1
        made.append(left[found[name]][name])
    return tuple(made)


def name_of(camera: str | Camera) -> str:
    """What a camera is called, whether it was named or described."""
    return camera if isinstance(camera, str) else camera.name


def is_direct(way: codec.Way) -> bool:
    """Whether the frames go to the client's own ring, so that the server need not touch them."""
    return way.ring is not None and way.is_shared


def check_seen(seen: Any) -> None:
    """Raises what a look failed of."""
    if seen.HasField("failure"):
        raise error_named(seen.failure.kind, seen.failure.message, "engine")


def _look(cameras: Sequence[str | Camera], modalities: Sequence[Modality], shared: ring.RingWriter | None) -> pb.Look:
    made = pb.Look(
        names=[fields.name(camera, "camera") for camera in cameras if isinstance(camera, str)],
        cameras=[codec.message_of_camera(camera) for camera in cameras if not isinstance(camera, str)],
        modalities=codec.numbers_of_modalities(modalities),
    )
    if shared is not None:
        made.ring.CopyFrom(codec.message_of_ring(shared))
    return made
