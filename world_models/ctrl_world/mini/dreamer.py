"""The small Ctrl-World as a world model: pictures in, pictures, poses, success and trust out.

Errors grow with every frame that is imagined on top of imagined ones. To keep them small start anew at keyframes: whoever has an
engine beside asks for a few frames, lets the engine catch up, and gives the real frames as the past of the next question.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from bridge.errors import InvalidInput
from bridge.frames import quat_from_yaw, yaw_from_quat
from bridge.imagination import Course, ModelInfo, Past, Prediction
from world_models.asked import check_asked
from world_models.autoencoder import pictures_from_rgb, rgb_from_pictures
from world_models.ctrl_world.mini import flow
from world_models.ctrl_world.mini.asked import asked_thing
from world_models.ctrl_world.mini.geometry import maps
from world_models.ctrl_world.mini.imagining import Start, imagined
from world_models.ctrl_world.mini.poses import numbers
from world_models.ctrl_world.mini.weights import Mini

Array = NDArray[np.float64]
_STILL_M = 0.03
"""A thing read that near to where it was read at the start is believed to be where it was known to be."""
_OFF_S = 0.25
"""How far from the model's frame time the steps of a course may be, as a share of it."""


@dataclass(frozen=True)
class Habits:
    """`steps` from noise to latents: 1, 2, 4, or 0 for the mean of what could follow. `doubts` more dreams with parts of the network
    masked say how far to trust the first sample (0: no trust is told). `is_told` False hides the course: the no-action variant.
    `batch` dreams are imagined at once."""

    steps: int = 0
    doubts: int = 2
    is_told: bool = True
    batch: int = 16
    precision: torch.dtype = torch.float32

    def __post_init__(self) -> None:
        if self.steps not in (0, *flow.STEPS) or self.doubts < 0 or self.batch < 1:
            raise InvalidInput(
                f"steps is {self.steps}, doubts {self.doubts} and batch {self.batch}. Give steps 0, 1, 2 or 4, doubts of 0 or more, and a batch of at least 1."
            )


class MiniCtrlWorld:
    """Imagines what an arm at a table will see and do to things."""

    def __init__(self, mini: Mini, habits: Habits | None = None) -> None:
        shape = mini.shape
        self.mini, self.habits = mini, habits or Habits()
        self.info = ModelInfo(
            "ctrl-world", "manipulate", shape.views, shape.width, shape.height, shape.frame_s, shape.new_frames,
            weights=f"ctrl-world-mini {mini.digest}" if mini.digest else "",
        )  # fmt: skip

    def predict(self, past: Past, course: Course, *, samples: int = 1, seed: int = 0) -> Prediction:
        """See WorldModel.predict. Frames between the course's moments are those of the model, `info.frame_s`; raises InvalidInput for
        others, and for other views."""
        return self.predict_many([past], [course], samples=samples, seed=seed)[0]

    def predict_many(
        self, pasts: Sequence[Past], courses: Sequence[Course], *, samples: int = 1, seed: int = 0
    ) -> list[Prediction]:
        """Many at once, which is faster; each is what `predict` says of it alone, up to rounding."""
        if len(pasts) != len(courses):
            raise InvalidInput(
                f"There are {len(pasts)} pasts and {len(courses)} courses. Give one course for each past."
            )
        for past, course in zip(pasts, courses, strict=True):
            self._check(past, course, samples)
        if not pasts:
            return []
        seen = self._latents(pasts)
        starts = [
            _start(past, course, latents, (seed, "sample", sample))
            for past, course, latents in zip(pasts, courses, seen, strict=True)
            for sample in range(samples)
        ]
        habits = self.habits
        told = {
            "has_shortcuts": self.mini.calibration.has_shortcuts,
            "steps": habits.steps,
            "is_told": habits.is_told,
            "batch": habits.batch,
            "precision": habits.precision,
        }
        dreams = imagined(self.mini.predictor, starts, **told)
        doubts = self._doubts(starts[::samples], dreams[::samples], seed, told) if habits.doubts else None
        found = []
        for index, (past, course) in enumerate(zip(pasts, courses, strict=True)):
            own = torch.stack(dreams[index * samples : (index + 1) * samples])
            found.append(self._told(past, course, seen[index], own, None if doubts is None else doubts[index]))
        return found

    def close(self) -> None:
        """Nothing to give back."""

    @torch.no_grad()
    def _latents(self, pasts: Sequence[Past]) -> list[Tensor]:
        """Latents (t,v,c,h,w) of each past."""
        flat = np.concatenate([past.rgb.reshape(-1, *past.rgb.shape[2:]) for past in pasts])
        device, precision = self._device, self.habits.precision
        parts = []
        for first in range(0, len(flat), 96):
            with torch.autocast(device.type, dtype=precision, enabled=precision != torch.float32):
                parts.append(self.mini.autoencoder.encode(pictures_from_rgb(flat[first : first + 96], device)).float())
        views = len(self.mini.shape.views)
        sizes = [len(past.rgb) * views for past in pasts]
        return [part.view(-1, views, *part.shape[1:]) for part in torch.cat(parts).split(sizes)]

    def _doubts(self, starts: Sequence[Start], first: Sequence[Tensor], seed: int, told: Mapping) -> list[Array]:
        """How far apart (n,) several masks' dreams are: the root mean square spread of latents, over all views."""
        worlds = [first]
        for mask in range(self.habits.doubts):
            worlds.append(imagined(self.mini.predictor, starts, mask_seed=(seed, "mask", mask), **told))
        return [
            torch.stack(own).var(0).mean((1, 2, 3, 4)).sqrt().double().cpu().numpy()
            for own in zip(*worlds, strict=True)
        ]

    @torch.no_grad()
    def _told(self, past: Past, course: Course, seen: Tensor, dream: Tensor, doubt: Array | None) -> Prediction:
        samples, n, views = dream.shape[:3]
        shape = self.mini.shape
        flat = dream.flatten(0, 2)
        rgb = np.concatenate([rgb_from_pictures(self.mini.autoencoder.decode(part)) for part in flat.split(96)])
        body = np.concatenate([past.body[-1:], course.body])
        grip = np.concatenate([_gripper(past.gripper, len(past.times_s))[-1:], _gripper(course.gripper, n)])
        told = numbers(body, grip, np.concatenate([past.times_s[-1:], course.times_s]), now=0)
        where = maps(past.cameras, body, grip, plane_m=shape.plane_m)
        latents = torch.cat([seen[-1:].expand(samples, -1, -1, -1, -1)[:, None], dream], 1).flatten(0, 1)

        def each(values: NDArray[np.float32]) -> Tensor:
            return torch.from_numpy(values).to(latents.device).repeat(samples, *[1] * (values.ndim - 1))

        at, turn, odds = (
            part.view(samples, n + 1, len(shape.things), -1).double().cpu().numpy()
            for part in self.mini.reader(latents, each(where), each(told))
        )
        yaw = np.arctan2(turn[..., 1], turn[..., 0]) / 4.0
        known = {thing.name: thing.poses[-1] for thing in past.things}
        poses = {
            name: _poses(at[:, :, index], yaw[:, :, index], known.get(name)) for index, name in enumerate(shape.things)
        }
        asked = asked_thing(past.instruction, shape.things)
        calibration = self.mini.calibration
        chance = None
        if asked is not None:
            chance = 1.0 / (1.0 + np.exp(-(calibration.slope * odds[:, 1:, asked, 0] + calibration.offset)))
        trust = None if doubt is None else 1.0 / (1.0 + doubt / calibration.doubt_half)
        return Prediction(
            course.times_s, rgb.reshape(samples, n, views, *rgb.shape[1:]), poses, success=chance, trust=trust
        )

    def _check(self, past: Past, course: Course, samples: int) -> None:
        check_asked(past, course, samples)
        shape = self.mini.shape
        wanted = (len(shape.views), shape.height, shape.width, 3)
        if past.rgb.shape[1:] != wanted or len(past.cameras) != len(shape.views):
            raise InvalidInput(
                f"The past has {len(past.cameras)} cameras and pictures {past.rgb.shape[1:]}; this model knows {wanted} (views, height, "
                f"width, 3): {', '.join(shape.views)}. See them so with world_models.views.cameras."
            )
        steps = np.diff(np.concatenate([past.times_s, course.times_s]))
        if (np.abs(steps - shape.frame_s) > _OFF_S * shape.frame_s).any():
            raise InvalidInput(
                f"Moments of the past and the course are {steps.min():.3g} to {steps.max():.3g} s apart; this model's frames are {shape.frame_s:g} s apart."
            )

    @property
    def _device(self) -> torch.device:
        return next(self.mini.predictor.parameters()).device


def _start(past: Past, course: Course, latents: Tensor, key: tuple[int, object, object]) -> Start:
    grips = [_gripper(past.gripper, len(past.times_s)), _gripper(course.gripper, len(course.times_s))]
    return Start(
        latents, past.cameras, np.concatenate([past.body, course.body]), np.concatenate(grips),
        np.concatenate([past.times_s, course.times_s]), key,
    )  # fmt: skip


def _gripper(values: Array | None, count: int) -> Array:
    return np.zeros(count) if values is None else np.asarray(values, dtype=np.float64)


def _poses(at: Array, yaw: Array, known: Array | None) -> Array:
    """Poses (s,n,7) of a thing read at (s,n+1,3) [m] and yaw (s,n+1) [rad], the first of which is the past's last moment, where the
    pose may be `known` (7,): then what is read to be still is there, and turns are counted from there."""
    samples, n = yaw[:, 1:].shape
    place, turned = at[:, 1:].copy(), yaw[:, 1:].copy()
    if known is not None:
        moved = np.linalg.norm(at[:, 1:] - at[:, :1], axis=-1)
        still = np.exp(-np.square(moved / _STILL_M))[..., None]
        place += still * (known[:3] - at[:, :1])
        turned += np.round((float(yaw_from_quat(known[3:])) - turned) / (np.pi / 2)) * (np.pi / 2)
    quats = np.array([quat_from_yaw(angle) for angle in turned.ravel()]).reshape(samples, n, 4)
    return np.concatenate([place, quats], -1)
