"""What a call wants to see, checked before anything is drawn: cameras, modalities, pixels, and how frames travel."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from bridge import codec
from bridge.codec import fields
from bridge.engine import Engine, EngineInfo
from bridge.errors import InvalidInput, NotSupported, UnknownName
from bridge.plugins import unknown_name
from bridge.quotas import Quotas, check
from bridge.ring import RingWriter
from bridge.types import MODALITIES, Camera, Modality, WorldState
from bridge.v1 import engine_service_pb2 as pb
from bridge.world import World

MAX_TICK_ARRAYS = 256


@dataclass(frozen=True)
class Sights:
    """What a call wants to see: cameras (names or descriptions), modalities, and how frames travel."""

    cameras: tuple[str | Camera, ...]
    modalities: tuple[Modality, ...]
    way: codec.Way

    def parts(self, engine: Engine, state: WorldState, epoch: int) -> list[pb.FramePart]:
        """The frames as they travel; called on the engine's thread. Raises Refused if they show another tick."""
        if not self.cameras or not self.modalities:
            return []
        moment = codec.message_of_moment(epoch, state)
        far = foreseeing(engine)
        if far is not None:
            return far.parts(self, moment)
        return codec.parts_of_frames(engine.observe(self.cameras, self.modalities), moment, self.way)


class Foreseeing(Protocol):
    """An engine that is far: what is seen after a step is fetched with the step, and may never pass through here."""

    def foresee(self, sights: Sequence[Sights], *, wants_hash: bool, epoch: int) -> None:
        """What will be asked for after the next step."""
        ...

    def parts(self, sights: Sights, moment: Any) -> list[pb.FramePart]:
        """The frames as they travel. Raises Refused if they show another tick."""
        ...


def foreseeing(engine: Any) -> Foreseeing | None:
    """The engine, if it is one of those."""
    return engine if hasattr(engine, "foresee") else None


NOTHING = Sights((), (), codec.Way())


def checked_sights(
    world: World,
    info: EngineInfo,
    quotas: Quotas,
    ring: RingWriter | None,
    request: Any,
    names: Sequence[str],
    described: Sequence[Any] = (),
    *,
    path: str,
) -> Sights:
    """What a request wants to see, if the world has such cameras, the engine such modalities, and the quotas room.

    `request` says modalities, packing and jpeg_quality; `path` is what its field of `names` is called.
    """
    if not names and not described:
        return NOTHING
    known = world.loaded.cameras
    wanted: list[str | Camera] = []
    sizes: list[Camera] = []
    for name in fields.unique(names, path):
        if name not in known:
            raise UnknownName(f"{path}: {unknown_name('camera', name, known)}")
        wanted.append(name)
        sizes.append(known[name])
    for index, message in enumerate(described):
        camera = codec.camera_of_message(message, f"cameras[{index}]")
        if camera.name in [item.name for item in sizes]:
            raise InvalidInput(f"cameras[{index}].name is '{camera.name}', which is asked for already. Rename it.")
        wanted.append(camera)
        sizes.append(camera)
    modalities = codec.modalities_of_numbers(request.modalities, "modalities")
    missing = [name for name in modalities if name not in info.capabilities and name in MODALITIES]
    if missing:
        raise NotSupported(f"modalities: engine '{info.name}' has no {', '.join(missing)}.")
    check(len(wanted) * len(modalities), MAX_TICK_ARRAYS, "arrays", path)
    check(sum(camera.width * camera.height for camera in sizes) * len(modalities), quotas.pixels, "pixels", path)
    way = codec.way_of_message(request.packing, request.jpeg_quality, ring, "")
    return Sights(tuple(wanted), modalities, way)
