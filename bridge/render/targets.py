"""The pictures that the passes of a frame draw into, for one size of camera."""

from typing import Any

import moderngl
import numpy as np
from numpy.typing import NDArray

from bridge.render.uploaded import Owned

LIST_WIDTH = 4096
"""Samples a row in the list of samples that are shaded one by one."""
_GLARE_STEP = 4
"""Glare is gathered at this fraction of a picture's size."""


MOST_SAMPLES = 1_000_000
"""Cameras are drawn together as long as they have no more samples than this, and twice as many are kept for the next."""


def depths(words: NDArray[np.uint32]) -> NDArray[np.float32]:
    """Depth [m] along the optical axis of packed samples (..., 4), inf where nothing was drawn, shape (...)."""
    with np.errstate(divide="ignore"):
        return np.reciprocal(words[..., 3].view(np.float32))


class Targets:
    """Geometry at `samples` times the size, light at the picture's size and, for stills, at that of the samples.

    `is_toned`: the picture itself takes the place of its light.
    """

    def __init__(self, ctx: Any, width: int, height: int, samples: int, *, is_toned: bool = False) -> None:
        self.own = own = Owned()
        self.size = wide, high = width * samples, height * samples
        nearest, linear = (moderngl.NEAREST, moderngl.NEAREST), (moderngl.LINEAR, moderngl.LINEAR)

        def texture(size: tuple[int, int], channels: int, dtype: str, sampling: tuple[int, int]) -> Any:
            made = own(ctx.texture(size, channels, dtype=dtype))
            made.filter = sampling
            made.repeat_x = made.repeat_y = False
            return made

        self.seen = texture((wide, high), 4, "u4", nearest)
        self.depth_map = own(ctx.depth_texture((wide, high)))
        self.depth_map.compare_func = ""
        self.depth_map.filter = nearest
        self.geometry = own(ctx.framebuffer([self.seen], self.depth_map))
        self.distances = own(ctx.framebuffer(depth_attachment=self.depth_map))
        self.water_samples = ctx.query(samples=True)
        light = "f1" if is_toned else "f2"
        self.color = texture((width, height), 4, light, nearest)
        self.behind = texture((width, height), 4, light, nearest)
        kinds = own(ctx.depth_texture((width, height)))
        self.shading = own(ctx.framebuffer([self.color], kinds))
        self.shading.depth_mask = False
        # Where no water is seen, the depth buffer itself tells surfaces from the sky.
        self.dry = own(ctx.framebuffer([self.color], self.depth_map)) if samples == 1 else self.shading
        self.dry.depth_mask = False
        # What is copied with the depths is shaded later on.
        self.unsorted = own(ctx.framebuffer([self.behind], self.depth_map)) if samples == 1 else self.shading
        self.copy = own(ctx.framebuffer([self.behind]))
        self.sorting = own(ctx.framebuffer(depth_attachment=kinds))
        self.shown = self.color if is_toned else texture((width, height), 4, "f1", nearest)
        self.final = own(ctx.framebuffer([self.shown]))
        if samples == 1:
            self.water = texture((-(-width // 2), -(-height // 2)), 4, "f2", linear)
            pools = own(ctx.depth_texture(self.water.size))
            self.pools = own(ctx.framebuffer(depth_attachment=pools))
            self.waters = own(ctx.framebuffer([self.water], pools))
            self.waters.depth_mask = False
        if samples > 1:
            self.depth_map = texture((width, height), 1, "f4", nearest)
            self.sorting = own(ctx.framebuffer([texture((width, height), 1, "f1", nearest), self.depth_map], kinds))
            self.edge_index = texture((width, height), 1, "u4", nearest)
            self.glow = texture((width, height), 4, "f2", nearest)
            self.glowing = own(ctx.framebuffer([self.glow]))
            size = max(width // _GLARE_STEP, 1), max(height // _GLARE_STEP, 1)
            self.glare = [texture(size, 4, "f2", linear) for _ in range(2)]
            self.glares = [own(ctx.framebuffer([glare])) for glare in self.glare]

    def read_words(self, words: NDArray[np.uint32]) -> None:
        """Reads the samples drawn so far (rows, columns, 4) as geometry.frag packs them."""
        self.geometry.read_into(words, components=4, dtype="u4")

    def read_depth(self, buffer: NDArray[np.float32]) -> None:
        """Reads the depth buffer's numbers so far (rows, columns), 0 to 1."""
        self.geometry.read_into(buffer, components=1, attachment=-1, dtype="f4")

    def listed_edges(self, ctx: Any, own: Owned) -> tuple[Any, Any, Any]:
        """The list of samples of pixels with an edge, a texture for their colours, and the frame to draw those into.

        Pixels are ordered by the kinds of things they see, so that neighbours in the list are shaded alike.
        """
        width, height = self.edge_index.size
        kinds = np.frombuffer(self.sorting.read(components=1), np.uint8)
        pixels = np.flatnonzero(kinds)
        pixels = pixels[np.argsort(kinds[pixels], kind="stable")]
        index = np.zeros(width * height, np.uint32)
        index[pixels] = np.arange(1, len(pixels) + 1, dtype=np.uint32)
        self.edge_index.write(index)
        rows = max(-(-4 * len(pixels) // LIST_WIDTH), 1)
        samples = np.zeros((rows * LIST_WIDTH // 4, 4, 2), np.uint16)
        y, x = np.divmod(pixels, width)
        for k in range(4):
            samples[: len(pixels), k, 0] = 2 * x + (k & 1)
            samples[: len(pixels), k, 1] = 2 * y + (k >> 1)
        listed = own(ctx.texture((LIST_WIDTH, rows), 2, samples, dtype="u2"))
        listed.filter = (moderngl.NEAREST, moderngl.NEAREST)
        shaded = own(ctx.texture((LIST_WIDTH, rows), 4, dtype="f2"))
        shaded.filter = (moderngl.NEAREST, moderngl.NEAREST)
        depth = own(ctx.depth_texture((LIST_WIDTH, rows)))
        return listed, shaded, own(ctx.framebuffer([shaded], depth))

    def release(self) -> None:
        """Gives everything back."""
        self.own.release()


class Shelf:
    """Targets kept for the next pictures of their size; those that were not used for longest go first."""

    def __init__(self, ctx: Any, samples: int, *, is_toned: bool) -> None:
        self._ctx, self._samples, self._is_toned = ctx, samples, is_toned
        self._kept: dict[tuple[int, int], list[Targets]] = {}

    def taken(self, width: int, height: int, number: int) -> list[Targets]:
        """So many targets of a size."""
        some = self._kept.pop((width, height), [])
        while len(some) < number:
            some.append(Targets(self._ctx, width, height, self._samples, is_toned=self._is_toned))
        self._kept[width, height] = some
        while len(self._kept) > 1 and self.samples > 2 * MOST_SAMPLES:
            for targets in self._kept.pop(next(iter(self._kept))):
                targets.release()
        return some[:number]

    @property
    def samples(self) -> int:
        """Samples of all that is kept."""
        return self._samples**2 * sum(width * height * len(some) for (width, height), some in self._kept.items())

    def release(self) -> None:
        """Gives everything back."""
        for some in self._kept.values():
            for targets in some:
                targets.release()
        self._kept.clear()
