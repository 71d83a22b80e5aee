"""What cameras see: frames of the present tick, drawn once for all that is asked of them, and what is made of them."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import cast, get_args

import numpy as np
from numpy.typing import NDArray

from bridge.frames import unreal_from_world_cm
from bridge.gateways.unrealcv.commands import CommandFailed
from bridge.gateways.unrealcv.images import Pixels, depth_cm
from bridge.gateways.unrealcv.sights import Sight
from bridge.gateways.unrealcv.stage import Stage
from bridge.gateways.unrealcv.tiles import tiles_of
from bridge.sensors.flow import displacement
from bridge.types import Camera, Frame, Modality, WorldState

_PROBE = 3
"""The side [px] of the pictures that tell how far the ground is."""
_FLOW_SCALE = 30.0
"""How bright motion is: a thirtieth of the picture in a tick is as bright as can be."""


@dataclass
class Album:
    """Frames of one moment by camera; and which kinds were asked of each camera at the moment before."""

    moment: tuple[int, int, int] = (-1, -1, -1)
    frames: dict[Sight, tuple[Camera, Frame]] = field(default_factory=dict)
    asked: dict[Sight, set[Modality]] = field(default_factory=dict)
    wanted: dict[Sight, set[Modality]] = field(default_factory=dict)
    then: dict[Sight, Camera] = field(default_factory=dict)
    now: dict[Sight, Camera] = field(default_factory=dict)
    before: WorldState | None = None
    here: WorldState | None = None


def frame(stage: Stage, sight: Sight, *kinds: Modality) -> Frame:
    """A frame of the present tick with these kinds; drawn together with those that were asked for at the moment before."""
    stage.flush()
    album = _album(stage)
    camera = replace(sight, fov_deg=1.0).camera() if sight.is_orthographic else sight.camera()
    album.now[sight] = camera
    wanted = album.wanted.setdefault(sight, set())
    wanted.update(kinds)
    known = album.frames.get(sight)
    if known is not None and _is_same(known[0], camera) and all(getattr(known[1], kind) is not None for kind in kinds):
        return known[1]
    asked = wanted | album.asked.get(sight, set())
    seen = _observed(stage, sight, camera, [kind for kind in get_args(Modality) if kind in asked])
    album.frames[sight] = camera, seen
    return seen


def colors(stage: Stage, sight: Sight) -> Pixels:
    """What the camera sees, sRGB, shape (H,W,3)."""
    return cast(Pixels, frame(stage, sight, "rgb").rgb)


def depth(stage: Stage, sight: Sight) -> NDArray[np.float32]:
    """Distance along the camera's axis [cm], shape (H,W)."""
    seen = cast(NDArray[np.float32], frame(stage, sight, "depth").depth)
    return depth_cm(seen)


def normals(stage: Stage, sight: Sight) -> Pixels:
    """Unreal's world normals as colours: -1 to 1 is 0 to 255; the sky is black. Shape (H,W,3)."""
    seen = cast(NDArray[np.float32], frame(stage, sight, "normals").normals)
    turned = unreal_from_world_cm(seen) / 100.0
    made = np.rint((turned * 0.5 + 0.5) * 255.0).astype(np.uint8)
    made[(seen == 0).all(axis=-1)] = 0
    return made


def masks(stage: Stage, sight: Sight) -> Pixels:
    """Each actor in its own colour, what is none in black. Shape (H,W,3)."""
    ids = cast(NDArray[np.int32], frame(stage, sight, "segmentation").segmentation)
    return stage.kept(Palette).colors(stage)[ids]


def motion(stage: Stage, sight: Sight) -> NDArray[np.float32]:
    """How far what is seen has come since the tick before, to the right and down [px], shape (H,W,2).

    The camera's own motion counts. Nothing has come from anywhere at an episode's start; what was not there is still.
    """
    if sight.is_orthographic:
        raise CommandFailed("Not Implemented")
    seen = frame(stage, sight, "depth", "segmentation")
    album = _album(stage)
    if album.before is None or album.here is None:
        return np.zeros((sight.height, sight.width, 2), np.float32)
    scene = getattr(stage.engine, "scene", stage.scene)
    back = displacement(scene, sight.camera(), seen, album.here, album.before, camera_there=album.then.get(sight))
    return -np.nan_to_num(back, nan=0.0)


def flow_colors(stage: Stage, sight: Sight) -> Pixels:
    """Motion as colours: the hue is its direction, red to the right, the brightness its length. Shape (H,W,3)."""
    shift = motion(stage, sight) / np.array([sight.width, sight.height], np.float32) * _FLOW_SCALE
    value = np.minimum(np.hypot(shift[..., 0], shift[..., 1]), 1.0)
    hue = (np.arctan2(shift[..., 1], shift[..., 0]) / (2 * np.pi)) % 1.0
    wheel = np.clip(np.abs((hue[..., None] * 6 + np.array([0.0, 4.0, 2.0])) % 6 - 3) - 1, 0.0, 1.0)
    return np.rint(wheel * value[..., None] * 255).astype(np.uint8)


class Palette:
    """The colours of masks by instance id, made anew when there are others."""

    def __init__(self, stage: Stage) -> None:
        self._of: object = None
        self._table = np.zeros((1, 3), np.uint8)
        rows = (*stage.scene.instances(), *stage.loaded.added)
        self._names = [row.name for row in rows]

    def colors(self, stage: Stage) -> Pixels:
        """Colours (n,3) by id, black first."""
        of = stage.colors_changed, len(stage.ledger.rows)
        if of != self._of:
            names = [*self._names, *stage.ledger.rows]
            actors = [stage.of_thing(name) for name in names]
            self._table = np.array([(0, 0, 0), *((0, 0, 0) if one is None else one.color for one in actors)], np.uint8)
            self._of = of
        return self._table


def _album(stage: Stage) -> Album:
    """The album of the present moment."""
    album, state = stage.kept(_empty), stage.state
    assert state is not None
    moment = state.epoch, state.tick, state.revision
    if moment != album.moment:
        album.frames.clear()
        album.asked, album.wanted = album.wanted, {}
        if album.here is None or state.tick != album.here.tick:
            album.before, album.then, album.now = stage.before, dict(album.now), {}
        album.moment, album.here = moment, state
    return album


def _empty(_stage: Stage) -> Album:
    return Album()


def _observed(stage: Stage, sight: Sight, camera: Camera, kinds: Sequence[Modality]) -> Frame:
    """A frame by the engine; an orthographic one is put together of tiles, each seen from far behind with a narrow view."""
    if not sight.is_orthographic:
        (seen,) = stage.engine.observe([camera], kinds)
        return seen
    probes = [replace(tile.sight, width=_PROBE, height=_PROBE) for row in tiles_of(sight) for tile in row]
    away = tiles_of(sight)[0][0].away_m
    hits = np.array([one.depth for one in stage.engine.observe([probe.camera() for probe in probes], ["depth"])]) - away
    hits = hits[np.isfinite(hits) & (hits > 0)]
    tiles = tiles_of(sight, focus_m=float(np.median(hits)) if len(hits) else 0.0)
    frames = stage.engine.observe([tile.sight.camera() for row in tiles for tile in row], kinds)
    made: dict[str, NDArray] = {}
    for kind in kinds:
        parts = iter([cast(NDArray, getattr(one, kind)) for one in frames])
        made[kind] = np.concatenate([np.concatenate([next(parts) for _ in row], axis=1) for row in tiles], axis=0)
    if "depth" in made:
        made["depth"] = np.maximum(made["depth"] - np.float32(tiles[0][0].away_m), np.float32(0.0))
    return Frame(camera.name, frames[0].tick, **made)


def _is_same(a: Camera, b: Camera) -> bool:
    return (a.width, a.height, a.fov_y_rad, a.mount) == (b.width, b.height, b.fov_y_rad, b.mount) and bool(
        (a.mount_from_camera.position == b.mount_from_camera.position).all()
        and (a.mount_from_camera.quat_wxyz == b.mount_from_camera.quat_wxyz).all()
    )
