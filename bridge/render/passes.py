"""The passes of frames on OpenGL: cameras of one size are culled together, and each one's picture is shaded in turn."""

from collections import deque
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bridge.render.camera import View, Views
from bridge.render.frame_block import FrameBlocks
from bridge.render.geometry import Geometry
from bridge.render.instances import Instances
from bridge.render.labels import Bodies, labels_of
from bridge.render.lamps import lamp_grid
from bridge.render.light_maps import LightMaps
from bridge.render.lookups import Lookups
from bridge.render.near_maps import NearMaps
from bridge.render.palette import palette_of
from bridge.render.picture import Picture
from bridge.render.programs import geometry_programs
from bridge.render.sights import sights
from bridge.render.sky import sky_over
from bridge.render.targets import MOST_SAMPLES, Shelf, Targets, depths
from bridge.render.uploaded import Ground, Owned
from bridge.scene import Scene
from bridge.types import Modality, WorldState

_MOST_VIEWS = 8
"""Cameras are drawn together as long as they are no more than this, each with a shadow map of what moves around it."""


class Passes:
    """A scene on the card, ready to be seen from anywhere."""

    def __init__(self, ctx: Any, scene: Scene, is_fine: bool, has_shadows: bool, shadow_px: int) -> None:
        self._own, self._scene = Owned(), scene
        own = self._own
        self._is_fine, self._samples = is_fine, 2 if is_fine else 1
        self.labels = labels_of(scene)
        self.bodies = Bodies(self.labels)
        self._time_s = 0.0
        sky, palette = sky_over(scene), palette_of(scene)
        has_lamps = bool(scene.environment.lamps_lit and len(scene.lights.positions) and sky.night > 0.02)
        has_shadows = has_shadows and float(sky.sun_color.max()) > 0.02
        self._has_movers = False
        is_toned = _is_toned(is_fine, has_lamps)
        single, many = geometry_programs(ctx, own, {}), geometry_programs(ctx, own, {"INSTANCED": 1})
        shadows = {"shadow": single["shadow"], "shadow_instanced": many["shadow"]}
        self.ground = Ground(ctx, own, scene, palette, single, many, is_fine=is_fine)
        self.instances = Instances(ctx, own, scene, palette, self.labels, many, is_fine=is_fine)
        lamps = lamp_grid(scene.lights, scene.terrain, is_lit=has_lamps)
        self._lookups = Lookups(ctx, own, scene, palette, sky, lamps if has_lamps else None)
        self._lookups.place(self.labels, self.bodies)
        self._maps = LightMaps(
            ctx, own, self.ground, self.instances, shadows, scene.terrain, sky.sun, self._lookups,
            is_fine=is_fine, has_shadows=has_shadows, shadow_px=shadow_px,
        )  # fmt: skip
        self._near: NearMaps | None = None
        if has_shadows:
            self._near = NearMaps(
                ctx, own, self.ground, self.instances, self._maps, scene.terrain, sky.sun,
                is_fine=is_fine, shadow_px=shadow_px,
            )  # fmt: skip
        self._blocks = FrameBlocks(
            sky, sky.haze(), scene.terrain, self._maps, lamps,
            sky_scale=self._lookups.sky_scale, first_water=palette.first_water, is_fine=is_fine,
        )  # fmt: skip
        self._block_buffer = own(ctx.buffer(reserve=self._blocks.nbytes))
        self._geometry = Geometry(ctx, own, self.ground, self.instances, single, is_fine=is_fine)
        self._picture = Picture(
            ctx, own, scene, sky, palette, self._lookups,
            is_fine=is_fine, is_toned=is_toned, has_shadows=has_shadows, has_lamps=has_lamps,
        )  # fmt: skip
        self._words = np.empty((0, 0, 4), np.uint32)
        # Drivers set to work on what was drawn in one place when something is drawn in another.
        self._elsewhere = own(ctx.simple_framebuffer((1, 1)))
        self._shelf = Shelf(ctx, self._samples, is_toned=is_toned)

    def release(self) -> None:
        """Gives everything back."""
        self._shelf.release()
        self._picture.release()
        self._own.release()

    def move(self, state: WorldState) -> None:
        """Takes a world state over."""
        before, parts = self.bodies.is_mover.copy(), len(self.bodies.moved_parts)
        self.bodies.move(state)
        self._time_s = state.time_s
        self.instances.place(self.bodies.placed)
        self.ground.move_parts(self.bodies.moved_parts, 2 + len(self._scene.waters))
        self._lookups.place(self.labels, self.bodies)
        if (before != self.bodies.is_mover).any() or parts != len(self.bodies.moved_parts):
            self._maps.shade_still(self.bodies.is_mover)
            self._has_movers = True
            self._picture.expect_movers()

    def frames(self, views: Sequence[View], modalities: Sequence[Modality]) -> list[dict[str, NDArray]]:
        """The arrays of a Frame that were asked for, of each view."""
        seen: list[dict[str, NDArray]] = [{} for _ in views]
        for wave in _waves(views, self._samples**2):
            for place, arrays in zip(wave, self._wave([views[place] for place in wave], modalities), strict=True):
                seen[place] = arrays
        return seen

    def _wave(self, some: Sequence[View], modalities: Sequence[Modality]) -> list[dict[str, NDArray]]:
        """Frames of one size. Pictures are shaded while the main thread is at work on what later cameras see."""
        views = Views(some)
        targets = self._shelf.taken(views.width, views.height, len(views))
        has_picture = "rgb" in modalities
        near = self._near if has_picture and (self._is_fine or self._has_movers) else None
        if near is not None:
            near.aim(views)
        in_view = sights(views, self.ground, self.instances, self._scene.terrain)
        self._write_blocks(self._blocks.of(views, in_view.near_m, self._samples, self._time_s, near))
        if near is not None:
            near.line_up(self.bodies)
            near.draw()
        if has_picture:
            self._picture.begin()
        waters = self.ground.line_up_water(views)
        frames: list[dict[str, NDArray]] = [{} for _ in some]
        due: deque[int] = deque()

        def finish_next() -> None:
            if due:
                view = due.popleft()
                self._read_words(targets[view], modalities)
                if has_picture:
                    self._use_block(view)
                    if near is not None:
                        near.use(view)
                    self._shade(views, view, targets[view], waters.get(view))
                frames[view].update(self._unpacked(modalities))

        for first, last in _shifts(len(views)):
            drawn = self._geometry.draw(
                in_view.of(first, last), Views(some[first:last]), targets[first:last],
                [waters.get(view) for view in range(first, last)],
                use_block=lambda view, first=first: self._use_block(first + view), meanwhile=finish_next,
            )  # fmt: skip
            for view in drawn:
                due.append(first + view)
                if last == len(views):
                    finish_next()
        while due:
            finish_next()
        if has_picture:
            for target, seen in zip(targets, frames, strict=True):
                seen["rgb"] = np.empty((views.height, views.width, 3), np.uint8)
                target.final.read_into(seen["rgb"], components=3, alignment=1)
        for seen in frames:
            for array in seen.values():
                array.setflags(write=False)
        return frames

    def _shade(self, views: Views, view: int, target: Targets, water: slice | None) -> None:
        """A view's picture, which is worked at from now on."""
        sees_water = 0
        if water:
            sees_water = target.water_samples.samples
            if sees_water and not self._is_fine:
                self._geometry.mark_water(target, water)
        self._picture.draw(target, views.planes[view], views.position[view], sees_water)
        if len(views) > 1:
            self._elsewhere.clear()

    def _write_blocks(self, blocks: NDArray) -> None:
        self._block_buffer.orphan(max(blocks.nbytes, self._block_buffer.size))
        self._block_buffer.write(blocks)

    def _use_block(self, view: int) -> None:
        size = self._blocks.nbytes
        self._block_buffer.bind_to_uniform_block(0, offset=view * size, size=size)

    def _read_words(self, target: Targets, modalities: Sequence[Modality]) -> None:
        """Reads what geometry.frag packed of each sample, unless only pictures are asked for."""
        if not set(modalities) <= {"rgb"}:
            if self._words.shape[:2] != target.size[::-1]:
                self._words = np.empty((*target.size[::-1], 4), np.uint32)
            target.read_words(self._words)

    def _unpacked(self, modalities: Sequence[Modality]) -> dict[str, NDArray]:
        """Labels, depth and normals of the sample nearest to the middle of each pixel, as they were read."""
        picked = slice(self._samples // 2, None, self._samples)
        return _unpacked(self._words[picked, picked], modalities)


def _unpacked(words: NDArray[np.uint32], modalities: Sequence[Modality]) -> dict[str, NDArray]:
    """What was asked for of the samples (height, width, 4) that geometry.frag packed."""
    seen: dict[str, NDArray] = {}
    if "segmentation" in modalities:
        seen["segmentation"] = (words[..., 2] & 0x3FFFFF).view(np.int32)
    if "depth" in modalities:
        seen["depth"] = depths(words)
    if "normals" in modalities:
        seen["normals"] = normals = np.empty((*words.shape[:2], 3), np.float32)
        for axis in range(3):  # by axis: four times as fast as all at once
            np.multiply(words.view(np.int16)[..., axis], np.float32(1 / 32767), out=normals[..., axis])
    return seen


def _waves(views: Sequence[View], samples: int) -> Iterator[list[int]]:
    """Which views are drawn together: those of one size, as many as fit in MOST_SAMPLES and _MOST_VIEWS."""
    by_size: dict[tuple[int, int], list[int]] = {}
    for place, view in enumerate(views):
        by_size.setdefault((view.width, view.height), []).append(place)
    for (width, height), places in by_size.items():
        most = min(max(MOST_SAMPLES // (width * height * samples), 1), _MOST_VIEWS)
        for first in range(0, len(places), most):
            yield places[first : first + most]


def _shifts(number: int) -> list[tuple[int, int]]:
    """Which of so many views see their geometry drawn together: a few at first, to be shaded during that of the rest."""
    few = (number + 1) // 4 if number > 1 else 0
    return [(first, last) for first, last in ((0, few), (few, number)) if first < last]


def _is_toned(is_fine: bool, has_lamps: bool) -> bool:
    """Whether nothing is added to a pixel's light once it is shaded, so that the tone curve needs no pass of its own."""
    return not is_fine and not has_lamps
