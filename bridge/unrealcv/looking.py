"""Pictures by a server's cameras: one spawned for each of ours, put in its place, and what it sees proven to be of now.

UnrealCV draws when it is asked, and a camera or a body that was just moved may be seen where it was a frame before. So
places are asked for before and after the pictures, and, where the server cannot say which moment it shows, one picture
is asked for again a frame later: frames count when nothing differs.
"""

import logging
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bridge.errors import DamagedData, EngineFailed, NotSupported
from bridge.frames import world_quat_from_unreal_rotator
from bridge.types import Camera, Frame, Modality
from bridge.unrealcv import images
from bridge.unrealcv.answers import all_ok, refusal, rows, text
from bridge.unrealcv.border import Border, camera_rotator_deg, said
from bridge.unrealcv.channel import A_FRAME, Channel

Array = NDArray[np.float64]
_KINDS: dict[Modality, str] = {
    "rgb": "lit bmp", "depth": "depth npy", "segmentation": "object_mask bmp", "normals": "normal bmp",
}  # fmt: skip
_STEADIEST: tuple[Modality, ...] = ("depth", "segmentation", "normals", "rgb")
"""Which picture is asked for again: those without noise first."""
_NEAR_CM, _NEAR_DEG = 0.1, 0.1
"""How far a camera may be from where it was put: what is printed, and what Unreal keeps, is rounded."""
_log = logging.getLogger("bridge.unrealcv")


@dataclass(frozen=True)
class Witness:
    """What proves the moment of pictures: `lines` asked for before and after them, and whether they tell it alone.

    `finds` says what is wrong with their answers, "" if nothing is.
    """

    lines: tuple[str, ...] = ()
    tells_the_moment: bool = False
    finds: Callable[[Sequence[bytes]], str] = lambda answers: ""


@dataclass(frozen=True, eq=False)
class _Shot:
    """One camera to look through: `number` there, where it shall be (lines to put it there), and how large."""

    camera: Camera
    number: int
    at: Array
    lines: tuple[str, ...]


class Looking:
    """The cameras of one server."""

    def __init__(self, channel: Callable[[], Channel], *, timeout_s: float, tries: int) -> None:
        self._channel, self._timeout_s, self._tries = channel, timeout_s, tries
        self._mine: list[str] = []
        self._numbers: list[int] = []
        self._shown: dict[int, tuple[str, ...]] = {}
        self._count = b""

    def observe(
        self,
        cameras: Sequence[Camera],
        modalities: Sequence[Modality],
        *,
        tick: int,
        border: Border,
        witness: Witness,
        id_of: Mapping[tuple[int, int, int], int],
    ) -> tuple[Frame, ...]:
        """One frame a camera, all mounted in the world. Raises EngineFailed when no try showed one moment only."""
        if not cameras or not modalities:
            return tuple(Frame(camera.name, tick) for camera in cameras)
        why = ""
        for attempt in range(self._tries):
            shots = self._set_up(cameras, border)
            answers, why = self._taken(shots, modalities, witness)
            if not why:
                return tuple(
                    _frame(shot.camera, tick, modalities, group, id_of)
                    for shot, group in zip(shots, answers, strict=True)
                )
            _log.info("pictures of tick %d, try %d: %s", tick, attempt + 1, why)
        raise EngineFailed(
            f"No picture of tick {tick} could be proven to be of it in {self._tries} tries: {why}. Pause what else moves the "
            "game, or give the engine more tries (tries)."
        )

    def forget(self) -> None:
        """After another level or connection: cameras are spawned anew."""
        self._mine, self._numbers, self._shown, self._count = [], [], {}, b""

    def _set_up(self, cameras: Sequence[Camera], border: Border) -> list[_Shot]:
        """Every camera in its place. Those that stand right are not touched."""
        self._hire(len(cameras))
        shots = []
        for camera, number in zip(cameras, self._numbers, strict=False):
            location = border.location_cm(camera.mount_from_camera.position)
            rotator = camera_rotator_deg(camera.mount_from_camera.quat_wxyz)
            fov = 2 * math.degrees(math.atan(math.tan(camera.fov_y_rad / 2) * camera.width / camera.height))
            lines = (
                f"vset /camera/{number}/location {said(location)}",
                f"vset /camera/{number}/rotation {said(rotator)}",
                f"vset /camera/{number}/fov {said(fov)}",
                f"vset /camera/{number}/size {camera.width} {camera.height}",
            )
            shots.append(_Shot(camera, number, np.concatenate([location, rotator]), lines))
        news = [
            (shot.number, line, at) for shot in shots for at, line in enumerate(shot.lines) if not self._has(shot, at)
        ]
        told = [line for _, line, _ in news]
        all_ok(told, self._channel().ask(told, self._timeout_s))
        self._shown |= {shot.number: shot.lines for shot in shots}
        return shots

    def _has(self, shot: _Shot, at: int) -> bool:
        return self._shown.get(shot.number, ("",) * 4)[at] == shot.lines[at]

    def _hire(self, count: int) -> None:
        """Spawns cameras until there are enough, and finds the numbers of ours: they shift as cameras come and go."""
        channel = self._channel()
        (listed,) = channel.ask(["vget /cameras"], self._timeout_s)
        if listed == self._count and len(self._numbers) >= count:
            return
        missing = max(count - len(self._mine), 0)
        lines = ["vset /cameras/spawn"] * missing + ["vget /cameras"]
        *spawned, after = channel.ask(lines, self._timeout_s)
        names = [text(line, answer) for line, answer in zip(lines, spawned, strict=False)]
        before, now = text("vget /cameras", listed).split(), text("vget /cameras", after).split()
        self._mine += _listed_as(names, before, now)
        lost = [name for name in self._mine if name not in now]
        if lost:
            self._mine = [name for name in self._mine if name in now]
            raise EngineFailed(
                f"Unreal no longer has the camera {lost[0]} that was spawned. Ask for the picture again."
            )
        self._numbers, self._count = [now.index(name) for name in self._mine], after
        self._shown = {}

    def _taken(
        self, shots: Sequence[_Shot], modalities: Sequence[Modality], witness: Witness
    ) -> tuple[list[list[bytes]], str]:
        """The pictures of each camera, and why they cannot be trusted, "" if they can."""
        places = [f"vget /camera/{shot.number}/{what}" for shot in shots for what in ("location", "rotation")]
        proof = [*witness.lines, "vget /cameras", *places]
        pictures = [f"vget /camera/{shot.number}/{_KINDS[kind]}" for shot in shots for kind in modalities]
        answers = self._channel().ask([*proof, *pictures, *proof], self._timeout_s)
        before, seen, after = answers[: len(proof)], answers[len(proof) : -len(proof)], answers[-len(proof) :]
        for line, answer in zip(pictures, seen, strict=True):
            if why := refusal(answer):
                raise NotSupported(f"Unreal refused '{line}': {why}. Ask this engine for other pictures.")
        groups = [seen[at : at + len(modalities)] for at in range(0, len(seen), len(modalities))]
        if before != after:
            return groups, "something moved while they were taken"
        if wrong := witness.finds(before[: len(witness.lines)]):
            return groups, wrong
        if before[len(witness.lines)] != self._count:
            return groups, "cameras came or went, which changes their numbers"
        told = rows(places, before[len(witness.lines) + 1 :], 3).reshape(-1, 6)
        wanted = np.array([shot.at for shot in shots])
        away_cm = float(np.linalg.norm(told[:, :3] - wanted[:, :3], axis=1).max())
        turned_deg = float(_angle_deg(told[:, 3:], wanted[:, 3:]).max())
        if away_cm > _NEAR_CM or turned_deg > _NEAR_DEG:
            self._shown = {}
            return groups, f"a camera stands {away_cm:.2f} cm and {turned_deg:.2f} degrees from where it was put"
        if witness.tells_the_moment:
            return groups, ""
        return groups, self._differs(shots, modalities, groups)

    def _differs(self, shots: Sequence[_Shot], modalities: Sequence[Modality], groups: list[list[bytes]]) -> str:
        """Whether a picture taken a frame later shows something else: then the first was of a moment before."""
        kind: Modality = next(kind for kind in _STEADIEST if kind in modalities)
        pictures = [f"vget /camera/{shot.number}/{_KINDS[kind]}" for shot in shots]
        again = self._channel().ask([*A_FRAME, *pictures], self._timeout_s)[len(A_FRAME) :]
        at = list(modalities).index(kind)
        for shot, group, later in zip(shots, groups, again, strict=True):
            if group[at] != later and not (kind == "rgb" and _alike(group[at], later, shot.camera)):
                return f"camera '{shot.camera.name}' saw something else a frame later"
        return ""


def _listed_as(spawned: Sequence[str], before: Sequence[str], now: Sequence[str]) -> list[str]:
    """What spawned cameras are called in the list of cameras: as their actors, or as the sensors on these."""
    fresh = [name for name in now if name not in before]
    found = []
    for actor in spawned:
        near = [name for name in fresh if name.casefold() == actor.casefold()]
        near += [name for name in fresh if name.casefold().startswith(f"{actor}_".casefold())]
        if near:
            found.append(near[0])
    if len(found) < len(spawned) and len(fresh) == len(spawned):
        found = fresh
    if len(found) < len(spawned):
        raise EngineFailed(
            f"Unreal spawned {', '.join(spawned)}, and lists the cameras {' '.join(now)}: it cannot be told which of them are new."
        )
    return found


def _angle_deg(one: Array, other: Array) -> Array:
    """The angles (n,) between rotators (n,3) [degrees], which may say one rotation in several ways."""
    cosines = (world_quat_from_unreal_rotator(one) * world_quat_from_unreal_rotator(other)).sum(axis=1)
    return np.degrees(2 * np.arccos(np.clip(np.abs(cosines), 0, 1)))


def _alike(one: bytes, other: bytes, camera: Camera) -> bool:
    """Whether two pictures differ in no more than the renderer's noise."""
    size = camera.width, camera.height
    difference = images.bitmap(one, *size).astype(np.int16) - images.bitmap(other, *size)
    return bool(np.abs(difference).mean() < 2.0)


def _frame(
    camera: Camera,
    tick: int,
    modalities: Sequence[Modality],
    answers: Sequence[bytes],
    id_of: Mapping[tuple[int, int, int], int],
) -> Frame:
    size = camera.width, camera.height
    found: dict[str, NDArray] = {}
    try:
        for kind, answer in zip(modalities, answers, strict=True):
            if kind == "rgb":
                found[kind] = images.bitmap(answer, *size)
            elif kind == "depth":
                found[kind] = images.depth(answer, *size)
            elif kind == "segmentation":
                found[kind] = images.labels(images.bitmap(answer, *size), id_of)
            else:
                found[kind] = images.normals(images.bitmap(answer, *size), None)
    except DamagedData as error:
        raise DamagedData(f"Camera '{camera.name}': {error}") from error
    if "depth" in found and "segmentation" in found:
        found["depth"] = images.with_limit(found["depth"], found["segmentation"])
    if "normals" in found and "depth" in found:
        sky = np.isinf(found["depth"])
        found["normals"] = images.read_only(np.where(sky[..., None], np.float32(0), found["normals"]), np.float32)
    return Frame(camera.name, tick, **found)
