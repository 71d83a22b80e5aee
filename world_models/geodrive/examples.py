"""What the refiner learns from: splats of a clip's frame as later frames would see it, and what was to be seen then."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from bridge.errors import InvalidInput
from bridge.imagination import Course
from world_models.clips import Clip
from world_models.geodrive import inputs
from world_models.geodrive.depth import Corruption, corrupted
from world_models.geodrive.model import cloud_at, placed
from world_models.geodrive.splatting import splat
from world_models.geodrive.things import body_moves, moves

Floats = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Batch:
    """Examples, float32: `reference` (b,4,H,W), `condition` (b,c,H,W) and `ahead_s` (b,) as the refiner takes them, `target` (b,4,H,W) as it
    answers, `weight` (b,H,W) what pixels count for."""

    reference: Floats
    condition: Floats
    ahead_s: Floats
    target: Floats
    weight: Floats


@dataclass(frozen=True)
class Drawing:
    """How examples are drawn; see training.Training."""

    ahead: int = 10
    spoilt_share: float = 0.2
    guessed_share: float = 0.25
    editing: bool = True
    is_varied: bool = True


_FOG_SHARE = 0.4
_HOLE, _THING = 1.0, 2.0
"""How much more pixels count where no point is, and on things."""


def usable(clips: Sequence[Clip]) -> list[Clip]:
    """Clips with depth and at least two frames, of one view. Raises InvalidInput where there are none."""
    found = [clip for clip in clips if clip.seen.depth is not None and len(clip) > 1]
    if not found:
        raise InvalidInput(
            f"None of {len(clips)} clips has depth and two frames, which GeoDrive learns from. Collect with --task drive."
        )
    return found


def drawn(clips: Sequence[Clip], rng: np.random.Generator, size: int, drawing: Drawing) -> Batch:
    """A batch by lot: `size` examples, two of each cloud."""
    rows: list[tuple[Floats, ...]] = []
    while len(rows) < size:
        clip = clips[int(rng.integers(len(clips)))]
        now = int(rng.integers(len(clip) - 1))
        most = min(drawing.ahead, len(clip) - 1 - now)
        aheads = sorted({int(1 + most * rng.random() ** 1.3), int(1 + most * rng.random())})
        made = _examples(clip, now, [min(ahead, most) for ahead in aheads], rng, drawing)
        rows += made[: size - len(rows)]
    return Batch(*(np.stack(parts) for parts in zip(*rows, strict=True)))


def example(clip: Clip, now: int, ahead: int, drawing: Drawing | None = None) -> Batch:
    """One example as it is: exact depth, nothing varied."""
    drawing = replace(drawing or Drawing(guessed_share=1.0), spoilt_share=0.0, is_varied=False)
    rows = _examples(clip, now, [ahead], np.random.default_rng(0), drawing)
    return Batch(*(np.stack(parts) for parts in zip(*rows, strict=True)))


def _examples(
    clip: Clip, now: int, aheads: Sequence[int], rng: np.random.Generator, drawing: Drawing
) -> list[tuple[Floats, ...]]:
    seen = clip.seen
    assert seen.depth is not None
    view = int(rng.integers(len(seen.cameras)))
    depth = seen.depth[now, view]
    if rng.random() < drawing.spoilt_share:
        depth = corrupted(depth, _some_corruption(rng), seed=int(rng.integers(1 << 31)))
    fog = _some_fog(rng) if drawing.is_varied and rng.random() < _FOG_SHARE else None
    rgb = fogged(seen.rgb[now, view], seen.depth[now, view], fog)
    cloud = replace(cloud_at(seen, now, view, depth), colors=rgb.reshape(-1, 3))
    reference = inputs.reference_of(rgb, depth)
    past, course = clip.past(now), clip.course(now, max(aheads))
    if rng.random() >= drawing.guessed_share:
        course = replace(
            course, others={one.name: one.poses[now + 1 : now + 1 + len(course.times_s)] for one in seen.things}
        )
    going = _going(past, course, drawing.editing)
    is_flipped = drawing.is_varied and rng.random() < 0.5
    gain = np.exp(0.2 * rng.normal() + 0.15 * rng.normal(size=3)).astype(np.float32) if drawing.is_varied else None
    rows = []
    for ahead in aheads:
        there = now + ahead
        shown = splat(cloud, placed(seen.cameras[view], seen.body[there]), going[ahead - 1])
        whole = inputs.filled(shown, inputs.backdrop(reference))
        deep = seen.depth[there, view]
        target = inputs.reference_of(fogged(seen.rgb[there, view], deep, fog), deep)
        weight = 1 + _HOLE * ~shown.mask
        if seen.labels is not None:
            labels = seen.labels[there, view]
            weight = weight + _THING * ((labels > 0) & (labels < 255))
        parts = [reference, whole, target]
        if gain is not None:
            parts = [np.concatenate([np.minimum(one[..., :3] * gain, 1), one[..., 3:]], axis=-1) for one in parts]
        last, whole, target = parts
        maps = [
            _as_maps(last),
            inputs.condition(shown, whole),
            np.float32(seen.times_s[there] - seen.times_s[now]),
            _as_maps(target),
            weight.astype(np.float32),
        ]
        if is_flipped:
            maps = [one if np.ndim(one) < 2 else np.ascontiguousarray(one[..., ::-1]) for one in maps]
            maps[1][-1] *= -1  # the map of columns stays as it was
        rows.append(tuple(maps))
    return rows


def _going(past, course: Course, editing: bool) -> list:
    own = body_moves(past, course)
    return own if not editing else [body | others for body, others in zip(own, moves(past, course), strict=True)]


def _as_maps(picture: Floats) -> Floats:
    """(H,W,4) from 0 to 1 as (4,H,W), colours from -1 to 1."""
    maps = picture.transpose(2, 0, 1).astype(np.float32)
    maps[:3] = 2 * maps[:3] - 1
    return maps


def _some_fog(rng: np.random.Generator) -> tuple[float, Floats]:
    """A visibility [m] and the colour of a fog, 0 to 1."""
    return float(np.exp(rng.uniform(np.log(25.0), np.log(400.0)))), (
        rng.uniform(0.35, 0.9) + 0.03 * rng.normal(size=3)
    ).astype(np.float32)


def fogged(rgb: NDArray[np.uint8], depth: NDArray[np.float32], fog: tuple[float, Floats] | None) -> NDArray[np.uint8]:
    """A picture as it would be in fog: contrast falls to 5 % at the visibility (Koschmieder)."""
    if fog is None:
        return rgb
    visibility_m, color = fog
    left = np.exp(-3.0 * depth / np.float32(visibility_m))[..., None]
    return (rgb * left + 255 * color * (1 - left) + 0.5).clip(0, 255).astype(np.uint8)


def _some_corruption(rng: np.random.Generator) -> Corruption:
    scale, drift, noise = rng.random(3)
    return Corruption(0.06 * scale, 0.05 * drift, 0.04 * noise, int(rng.integers(2)))
