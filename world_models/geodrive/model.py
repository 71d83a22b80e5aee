"""GeoDrive at a small size: the past's last picture as a cloud, seen along the course, its things moved, completed by a refiner.

Source: GeoDrive, arXiv 2505.22421. What is imagined joins the cloud, so that it stays what it was when it is seen again.
"""

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from bridge.errors import InvalidInput
from bridge.imagination import Course, ModelInfo, Past, Prediction
from bridge.render.camera import View, view_of
from bridge.types import Camera
from world_models.geodrive import filling, inputs
from world_models.geodrive.cloud import Cloud, cloud_of, joined
from world_models.geodrive.depth import Corruption, DepthEstimator, corrupted
from world_models.geodrive.splatting import Splat, splat
from world_models.geodrive.things import body_moves, moves, told_apart, ways

Floats = NDArray[np.floating]
Pictures = tuple[NDArray[np.uint8], NDArray[np.float32]]


class Completer(Protocol):
    """Makes whole pictures of splats. `name` says with which weights, "" for none."""

    @property
    def name(self) -> str: ...

    def completed(self, splats: list[Splat], reference: Floats, ahead_s: Floats, *, seed: int) -> Pictures:
        """rgb (n,H,W,3) and depth (n,H,W) [m] of splats, given the last seen picture with its nearness (H,W,4) and the times since [s]."""
        ...

    def trust(self, coverage: Floats) -> Floats:
        """How far to trust pictures of which such a share was covered, 0 to 1."""
        ...


@dataclass(frozen=True)
class Filler:
    """Leaves holes black, or fills them in a simple way: from the nearest pixel, or smoothly from all around."""

    how: str = "smooth"
    name: str = ""

    def completed(self, splats: list[Splat], reference: Floats, ahead_s: Floats, *, seed: int) -> Pictures:
        """See Completer; nothing is drawn by lot here."""
        wholes = [self._whole(one, reference) for one in splats]
        whole = np.stack(wholes)
        return (whole[..., :3] * 255 + 0.5).clip(0, 255).astype(np.uint8), inputs.depth_of(whole[..., 3])

    def _whole(self, seen: Splat, reference: Floats) -> Floats:
        if self.how == "smooth":
            return inputs.filled(seen, inputs.backdrop(reference))
        picture = np.concatenate([seen.rgb.astype(np.float32) / 255, inputs.nearness(seen.depth)[..., None]], axis=-1)
        return filling.nearest(picture, seen.mask) if self.how == "nearest" else picture * seen.mask[..., None]

    def trust(self, coverage: Floats) -> Floats:
        """The share of the picture that was covered."""
        return coverage


@dataclass(frozen=True)
class Rules:
    """What a GeoDrive does beside completing: `editing` moves the points of things, `keyframe` is how many frames it imagines
    before what filled the holes of the last joins the cloud (0: never), `corruption` spoils depth."""

    editing: bool = True
    keyframe: int = 5
    corruption: Corruption = field(default_factory=Corruption)


class GeoDrive:
    """The world model. `estimator` tells depth instead of the past."""

    def __init__(
        self, info: ModelInfo, completer: Completer, rules: Rules, estimator: DepthEstimator | None = None
    ) -> None:
        self.info, self.completer, self.rules, self.estimator = info, completer, rules, estimator

    def predict(self, past: Past, course: Course, *, samples: int = 1, seed: int = 0) -> Prediction:
        """See bridge.imagination.WorldModel. Needs depth of the past's last moment, unless an estimator tells it."""
        self._check(past, course, samples)
        paths = ways(past, course)
        moved = body_moves(past, course)
        if self.rules.editing:
            moved = [own | others for own, others in zip(moved, moves(past, course), strict=True)]
        shown = [[self._view(past, course, moved, view, seed, sample) for view in range(len(past.cameras))] for sample in range(samples)]  # fmt: skip
        coverage = np.mean([[one[2] for one in row] for row in shown], axis=(0, 1))
        return Prediction(
            course.times_s,
            np.stack([np.stack([one[0] for one in row], axis=1) for row in shown]),
            poses={name: np.repeat(path[None], samples, axis=0) for name, path in paths.items()},
            depth=np.stack([np.stack([one[1] for one in row], axis=1) for row in shown]),
            trust=np.asarray(self.completer.trust(coverage.astype(np.float32)), dtype=np.float64),
        )

    def close(self) -> None:
        """Nothing to give back."""

    def _view(
        self, past: Past, course: Course, moved: list, view: int, seed: int, sample: int
    ) -> tuple[NDArray[np.uint8], NDArray[np.float32], Floats]:
        """Pictures (n,H,W,3), depth (n,H,W) and the share of each that the cloud covered (n,), of one camera."""
        camera = past.cameras[view]
        depth = self.last_depth(past, view, seed)
        cloud = cloud_at(past, -1, view, depth)
        reference = inputs.reference_of(past.rgb[-1, view], depth)
        ahead_s = (np.asarray(course.times_s) - past.times_s[-1]).astype(np.float32)
        views = [placed(camera, body) for body in course.body]
        piece = self.rules.keyframe or len(views)
        found: list[Pictures] = []
        coverage = []
        for start in range(0, len(views), piece):
            part = slice(start, start + piece)
            splats = [splat(cloud, place, going) for place, going in zip(views[part], moved[part], strict=True)]
            coverage += [one.mask.mean() for one in splats]
            key = _key(seed, sample, view, start)
            rgb, deep = self.completer.completed(splats, reference, ahead_s[part], seed=key)
            found.append((rgb, deep))
            if start + piece < len(views) and not splats[-1].mask.all():
                cloud = joined(cloud, cloud_of(rgb[-1], deep[-1], views[part][-1], kept=~splats[-1].mask))
        return (
            np.concatenate([one[0] for one in found]),
            np.concatenate([one[1] for one in found]),
            np.array(coverage, np.float32),
        )

    def last_depth(self, past: Past, view: int, seed: int) -> NDArray[np.float32]:
        """Depth of the last moment (H,W) [m]: measured or estimated, and spoilt as the rules say."""
        if self.estimator is not None:
            depth = self.estimator.depth(past.rgb[-1, view], past.cameras[view])
        else:
            assert past.depth is not None
            depth = past.depth[-1, view]
        return corrupted(
            depth, self.rules.corruption, seed=seed, name=f"{past.cameras[view].name}/{past.times_s[-1]:.3f}"
        )

    def _check(self, past: Past, course: Course, samples: int) -> None:
        if past.depth is None and self.estimator is None:
            raise InvalidInput(
                f"'{self.info.name}' needs depth of the past's last moment, and nobody measured it. Observe depth, or give it a depth estimator."
            )
        if not len(past.times_s) or not past.cameras or len(course.times_s) != len(course.body) or not len(course.body):
            raise InvalidInput(
                f"A past of {len(past.times_s)} moments and {len(past.cameras)} views came with a course of {len(course.times_s)} times and "
                f"{len(course.body)} poses. Give at least one of each, and a pose for each time."
            )
        if samples < 1:
            raise InvalidInput(f"{samples} samples were asked for. Ask for at least 1.")


def placed(camera: Camera, body: NDArray[np.float64]) -> View:
    """Where a camera looks from when the body that acts is at a pose (7,)."""
    return view_of(camera, None if camera.mount == "world" else body)


def cloud_at(past: Past, moment: int, view: int, depth: NDArray[np.float32]) -> Cloud:
    """What one camera saw at a moment, with depth (H,W) [m], its points told apart by labels, or by boxes where there are none."""
    camera = past.cameras[view]
    labels = None if past.labels is None else past.labels[moment, view]
    cloud = cloud_of(past.rgb[moment, view], depth, placed(camera, past.body[moment]), labels=labels)
    return cloud if labels is not None else told_apart(cloud, past.things, at=moment)


def _key(*numbers: int) -> int:
    """One seed of several numbers."""
    return int(np.random.SeedSequence([number & 0xFFFFFFFF for number in numbers]).generate_state(1)[0])
