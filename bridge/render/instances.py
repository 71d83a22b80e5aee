"""All placements on the graphics card: where they stand, which are seen and how finely, and the drawing of them."""

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bridge.frames import transform_from_pose, yaw_from_quat
from bridge.render.batches import Model, level_of_detail, models
from bridge.render.camera import Views
from bridge.render.faces import THIN_M
from bridge.render.labels import Bodies, Labels
from bridge.render.palette import Palette
from bridge.render.uploaded import Copies, Owned
from bridge.scene import Scene

_THIN_PIXELS = {False: 0.6, True: 0.0}
"""Details thinner than so many pixels are left out, for sensors and for stills: they would only flicker."""
FACES = ((True, False), (True, True), (False, False), (False, True))
"""Kinds of models in the order they are drawn: whether no back of a face can be seen, and whether they are smooth."""
_VARIANTS = len(THIN_M) + 1
INSTANCE_COLUMNS = 2048
"""Instances a row in the table that shaders look places up in."""


def asset_models(
    scene: Scene, palette: Palette, *, shares_corners: bool = False, also: Iterable[str] = ()
) -> dict[str, list[Model]]:
    """The levels of detail of every asset that is placed, and of some others, by its key in the scene."""
    names = sorted({group.asset for group in scene.placements}.union(also))
    made = models([mesh for name in names for mesh in scene.assets[name].lods], palette, shares_corners=shares_corners)
    ends = np.cumsum([len(scene.assets[name].lods) for name in names])
    return {name: made[end - len(scene.assets[name].lods) : end] for name, end in zip(names, ends, strict=True)}


class Instances:
    """All placements: where they are, which are seen and how finely, and the drawing of them."""

    def __init__(
        self, ctx: Any, own: Owned, scene: Scene, palette: Palette, labels: Labels, programs: dict[str, Any],
        *, is_fine: bool,
    ) -> None:  # fmt: skip
        self._labels, self._thin_pixels = labels, _THIN_PIXELS[is_fine]
        counts = np.diff(labels.starts)
        self._group = np.repeat(np.arange(len(counts)), counts)
        centres, radii, levels, first = [], [], [], []
        shapes_of = asset_models(scene, palette, shares_corners=True)
        start = dict(zip(shapes_of, np.cumsum([0, *map(len, shapes_of.values())]).tolist(), strict=False))
        shapes = [shape for some in shapes_of.values() for shape in some]
        # A model without its thin details is a variant of its own; those that are alike are drawn as the first of them.
        stout = np.array([kept_of(shape.stout) for shape in shapes], np.int64).reshape(-1, _VARIANTS)
        self._alike = (stout[:, :, None] == stout[:, None, :]).argmax(axis=2) + _VARIANTS * np.arange(len(stout))[
            :, None
        ]
        faces = [FACES.index((shape.is_closed, shape.is_smooth)) for shape in shapes]
        self._faces = np.repeat(np.array(faces, np.int64), _VARIANTS)
        self._copies = Copies(ctx, own, [shape.triangles for shape in shapes], len(self._group), programs, stout)
        for group in scene.placements:
            asset = scene.assets[group.asset]
            vertices = asset.lods[0].vertices.astype(np.float64)
            low, high = vertices.min(axis=0), vertices.max(axis=0)
            centres.append((low + high) / 2)
            radii.append(np.linalg.norm(high - low) / 2)
            levels.append(len(shapes_of[group.asset]))
            first.append(start[group.asset])
        self._local_centre = np.array(centres).reshape(-1, 3)[self._group]
        self._local_radius = np.array(radii)[self._group] if len(radii) else np.zeros(0)
        self._shape = np.array(first, np.int64)[self._group] if len(first) else np.zeros(0, np.int64)
        self._levels = np.array(levels, dtype=np.int64)[self._group] if len(levels) else np.zeros(0, np.int64)
        self.rows = np.zeros((len(self._group), 13), dtype=np.uint32)
        self.centres = np.zeros((len(self._group), 3))
        self.radii = np.zeros(len(self._group))
        self.place(labels.poses)

    def place(self, poses: NDArray[np.float64]) -> None:
        """Takes poses (n,7) of all placements over."""
        scale = self._labels.scales
        matrix = transform_from_pose(poses, scale) if len(poses) else np.zeros((0, 4, 4))
        self.rows[:, :12] = np.ascontiguousarray(matrix[:, :3, :].reshape(-1, 12).astype(np.float32)).view(np.uint32)
        self.rows[:, 12] = self._labels.first_placed_id + np.arange(len(poses))
        self.centres = np.einsum("nij,nj->ni", matrix[:, :3, :3], self._local_centre) + matrix[:, :3, 3]
        self._scale = np.abs(scale).max(axis=1, initial=0)
        self.radii = self._local_radius * self._scale

    def seen(self, views: Views) -> tuple[NDArray, NDArray, NDArray, NDArray]:
        """Which view sees which row, view by view, with their levels of detail and distances [m]."""
        inside = views.planes[:, :, :3] @ self.centres.T + views.planes[:, :, 3:] >= -self.radii
        which, rows = np.nonzero(inside.all(axis=1))
        radii = self.radii[rows]
        distance = np.linalg.norm(self.centres[rows] - views.position[which], axis=1)
        level = level_of_detail(2 * radii, distance - radii, views.pixel_rad[which], self._levels[rows])
        keep = level >= 0
        return which[keep], rows[keep], level[keep], distance[keep]

    def line_up(
        self, which: NDArray, rows: NDArray, level: NDArray, distance: NDArray, pixel_rad: NDArray
    ) -> dict[int, slice]:
        """Takes rows at their levels and distances [m] to draw for each view; says what to `show`, by view and FACES.

        Keys are four times the view plus the index in FACES. The same models come together, of each the nearest first.
        They lack the details that are too thin to be seen where pixels have some angle [rad].
        """
        pixel_m = pixel_rad * np.maximum(distance - self.radii[rows], 0.0) / np.maximum(self._scale[rows], 1e-9)
        shape = self._alike[self._shape[rows] + level, np.searchsorted(THIN_M, self._thin_pixels * pixel_m)]
        return self._in_line(4 * which + self._faces[shape], shape, rows, distance)

    def line_up_shadows(self, which: NDArray, rows: NDArray, level: NDArray) -> dict[int, slice]:
        """Takes rows at their levels, without any of their thin details left out, for each light."""
        return self._in_line(which, self._alike[self._shape[rows] + level, 0], rows, np.zeros(len(rows)))

    def _in_line(self, key: NDArray, shape: NDArray, rows: NDArray, distance: NDArray) -> dict[int, slice]:
        order = np.lexsort((distance, shape, key))
        return self._copies.line_up(key[order], shape[order], self.rows[rows[order]])

    def show(self, what: str, some: slice) -> None:
        """Draws what was lined up."""
        self._copies.show(what, some)

    def levels_of(self, wanted: int) -> NDArray[np.int64]:
        """The level `wanted` of all, or their coarsest."""
        return np.minimum(wanted, self._levels - 1)

    def levels_at(self, pixel_m: float) -> NDArray[np.int64]:
        """The levels of all in a picture from afar with pixels of some size, coarser by one than for eyes."""
        level = level_of_detail(2 * self.radii, np.ones(len(self.radii)), pixel_m, self._levels)
        return np.clip(level + 1, 0, self._levels - 1)


def kept_of(stout: NDArray[np.int64]) -> NDArray[np.int64]:
    """How many triangles are drawn without ever thinner details (k,), given how many are stouter: never none at all."""
    return np.maximum(stout, stout[stout > 0].min(initial=stout.max(initial=0)))


def instance_table(labels: Labels, bodies: Bodies) -> NDArray[np.float32]:
    """Place x, y and heading as cosine and sine by id, (rows, INSTANCE_COLUMNS, 4): patterns are fixed to things."""
    count = labels.first_placed_id + len(bodies.placed)
    table = np.zeros((-(-count // INSTANCE_COLUMNS) * INSTANCE_COLUMNS, 4), dtype=np.float32)
    table[:, 2] = 1.0
    if len(bodies.placed):
        table[labels.first_placed_id : count] = _stand(bodies.placed)
    first_part = labels.first_placed_id - len(labels.parts)
    for index, pose in bodies.moved_parts.items():
        table[first_part + index] = _stand(pose)
    return table.reshape(-1, INSTANCE_COLUMNS, 4)


def _stand(poses: NDArray[np.float64]) -> NDArray[np.float64]:
    yaw = yaw_from_quat(poses[..., 3:])
    return np.stack([poses[..., 0], poses[..., 1], np.cos(yaw), np.sin(yaw)], axis=-1)
