"""The terrain's levels of detail: they cover the map, lie nowhere above the ground, and not further below than they say."""

import numpy as np
import pytest

from bridge.render.relief import ERRORS_M, Relief, relief
from bridge.scene import Scene, Terrain
from tests.bridge.render_town import town

CELL_M = 2.5


def rough(rows: int, cols: int) -> Scene:
    """A town on waves with a cliff; tiles at its north and east edges are cut off."""
    x, y = np.meshgrid(np.arange(cols), np.arange(rows))
    heights = 2.0 * np.sin(x / 5) * np.cos(y / 7) + 4.0 * (x + 2 * y > 40)
    surface = np.zeros((rows, cols), np.uint8)
    scene = town(houses=0, trees=0, lamps=1)
    fields = {name: getattr(scene, name) for name in scene.__dataclass_fields__}
    terrain = Terrain((-20.0, 30.0), CELL_M, heights.astype(np.float32), surface, scene.terrain.surfaces)
    return Scene(**{**fields, "terrain": terrain})


def corners(made: Relief, level: int) -> tuple[np.ndarray, np.ndarray]:
    """Corners (n,3,3) of a level's triangles without skirts, and their tiles (n,)."""
    runs = [
        np.arange(first, first + bare) for first, bare in zip(made.first[:, level], made.bare[:, level], strict=True)
    ]
    tile = np.repeat(np.arange(len(runs)), made.bare[:, level])
    return made.sheet.positions[made.sheet.indices[np.concatenate(runs)]].astype(float), tile


@pytest.mark.parametrize("shape", [(33, 33), (41, 22), (5, 9)])
@pytest.mark.parametrize("level", range(1 + len(ERRORS_M)))
def test_a_level_covers_the_map_below_the_ground_and_near_it(shape, level):
    scene = rough(*shape)
    made = relief(scene)
    triangles, tile = corners(made, level)
    (ax, ay, _), (bx, by, _), (cx, cy, _) = np.moveaxis(triangles, 0, -1)
    area = ((bx - ax) * (cy - ay) - (by - ay) * (cx - ax)) / 2
    assert (area > 0).all()
    assert area.sum() == pytest.approx((shape[0] - 1) * (shape[1] - 1) * CELL_M**2)
    weights = np.random.default_rng(level).dirichlet([1, 1, 1], size=(20, len(triangles)))
    points = np.einsum("knc,ncj->knj", weights, triangles)
    over = points[..., 2] - scene.terrain.height_at(points[..., :2])
    assert over.max() < 1e-4
    assert (-over <= made.error_m[tile, level] + 1e-4).all()


def test_level_0_is_the_ground_and_coarser_ones_have_fewer_triangles():
    made = relief(rough(65, 65))
    assert not made.error_m[:, 0].any()
    totals = made.count.sum(axis=0)
    assert (np.diff(totals) <= 0).all()
    assert totals[-1] < totals[0] / 4


def test_level_ground_is_two_triangles_a_tile():
    scene = rough(33, 33)
    scene.terrain.heights[:] = 1.0
    made = relief(scene)
    assert (made.bare[:, 1:] == 2).all()
