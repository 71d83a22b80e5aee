"""What the renderers leave out because it cannot be seen, and what must stay."""

import numpy as np

from bridge.meshes import merge, mesh
from bridge.render.batches import THIN_M, models, statics
from bridge.render.camera import FAR_M, View, Views
from bridge.render.canopy import Canopy
from bridge.render.hidden import Curtain
from bridge.render.instances import kept_of
from bridge.render.palette import palette_of
from bridge.scene import Mesh, Part, Scene
from tests.bridge.render_town import town


def slab(width: float, depth: float, height: float) -> Mesh:
    """A box with its corner at the origin; the first two triangles are its underside."""
    corners = np.array([[x, y, z] for z in (0, height) for y in (0, depth) for x in (0, width)], float)
    quads = [[0, 2, 3, 1], [4, 5, 7, 6], [0, 1, 5, 4], [1, 3, 7, 5], [3, 2, 6, 7], [2, 0, 4, 6]]
    return mesh(corners, [[q[0], q[k], q[k + 1]] for q in quads for k in (1, 2)], ("plaster",))


def kept(part: Mesh) -> list[int]:
    """How many of a part's triangles are drawn: all, and without those thinner than each of THIN_M."""
    scene = town(houses=0, trees=0, lamps=1)
    fields = {name: getattr(scene, name) for name in scene.__dataclass_fields__}
    scene = Scene(**{**fields, "parts": (Part("thing", "thing", "building", part),)})
    chunks = statics(scene, palette_of(scene)).chunks
    return chunks.stout[chunks.part == 0].sum(axis=0).tolist()


def test_the_edges_of_a_slab_go_before_its_faces():
    """A shelf 2 m by 1 m, 0.2 m thick: four of its six sides, eight triangles, are 0.2 m high."""
    expected = [12 if thin <= 0.2 else 4 for thin in (0.0, *THIN_M)]
    assert kept(slab(2.0, 1.0, 0.2)) == expected


def test_a_thin_bar_goes_as_a_whole_and_a_cube_stays():
    bar = kept(slab(3.0, 0.05, 0.05))
    assert bar[0] == 12
    assert bar[1:] == [0] * len(THIN_M)
    assert kept(slab(1.0, 1.0, 1.0)) == [12] * (1 + len(THIN_M))


def test_details_are_judged_one_by_one():
    both = merge([slab(3.0, 0.05, 0.05), slab(1.0, 1.0, 1.0)])
    assert kept(both) == [24] + [12] * len(THIN_M)


def upright(side: float, y: float) -> Mesh:
    """A square that stands around the origin and faces -y."""
    corners = np.array([[x, y, z] for z in (-side / 2, side / 2) for x in (-side / 2, side / 2)])
    return mesh(corners, [[0, 1, 3], [0, 3, 2]], ("plaster",))


def test_a_board_behind_a_pane_is_as_thick_as_what_shows_around_it():
    """A pane of 1 m before a board of 1.15 m: without details thinner than 0.16 m, the pane alone is left."""
    window = merge([upright(1.15, 0.0), upright(1.0, -0.02)])
    assert kept(window) == [4 if thin <= 0.15 else 2 for thin in (0.0, *THIN_M)]


def test_a_board_stays_where_what_comes_next_does_not_hide_most_of_it():
    everything = [4] * (1 + len(THIN_M))
    assert kept(merge([upright(2.0, 0.0), upright(1.0, -0.02)])) == everything
    assert kept(merge([upright(1.15, 0.0), upright(1.0, 0.02)])) == everything
    assert kept(merge([upright(1.15, 0.0), upright(1.0, -0.5)])) == everything


def test_a_placed_model_lists_its_thin_details_last():
    """A bar 3 m long before a cube with a side of 1 m: without the bar, the first twelve triangles are the cube's."""
    placed = merge([slab(3.0, 0.05, 0.05), slab(1.0, 1.0, 1.0)])
    (model,) = models([placed], palette_of(town(houses=0, trees=0, lamps=1)))
    assert model.stout.tolist() == [24] + [12] * len(THIN_M)
    assert model.triangles.positions[model.triangles.indices[:12]].max() == 1.0
    assert model.triangles.positions[model.triangles.indices[12:]].max() == 3.0


def test_of_a_placed_thing_that_is_thin_all_over_the_stoutest_detail_stays():
    assert kept_of(np.array([24, 12, 12, 0, 0])).tolist() == [24, 12, 12, 12, 12]
    assert kept_of(np.array([8, 8, 0])).tolist() == [8, 8, 8]
    assert kept_of(np.zeros(3, np.int64)).tolist() == [0, 0, 0]


def test_what_stands_around_is_told_over_the_ground_and_nothing_at_the_edges():
    """Cells of 1 m whose near average is 26 m and whose far average is 4 m at x = 1.5 m, 8 m at x = 2.5 m; ground 5 m up."""
    heights = np.full((4, 4, 2), 26.0, np.float32)
    heights[..., 1] = [0.0, 4.0, 8.0, 8.0]
    canopy = Canopy(heights, np.zeros(2), np.full(2, 4.0))
    x, y, ground = np.array([0.5, 1.5, 2.0, 2.5, 3.5]), np.array([0.5, 1.0, 2.0, 3.5]), np.full((4, 5), 5.0)
    near, far = (canopy.above(x, y, ground, average) for average in (0, 1))
    assert near[1].tolist() == [0.0, 21.0, 21.0, 21.0, 0.0]
    assert far[2].tolist() == [0.0, 0.0, 1.0, 3.0, 0.0]
    assert not near[[0, -1]].any()


def test_a_wall_hides_what_is_behind_it_and_not_what_looks_out():
    """A camera that looks along x at a wall 10 m away which fills its picture."""
    axes = np.array([[0.0, 0.0, 1.0], [-1.0, 0.0, 0.0], [0.0, -1.0, 0.0]])
    view = View(np.zeros(3), axes, 64, 48, 1.0, 0.75)
    buffer = (1 / 0.5 - 1 / 10.0) / (1 / 0.5 - 1 / FAR_M)  # of what is 10 m away, where the nearest is 0.5 m away
    curtain = Curtain(np.full((1, 48, 64), buffer, np.float32), np.array([0.5]), Views([view]))
    low = np.array([[20.0, -1.0, -1.0], [9.0, -1.0, -1.0]])
    assert curtain.hides(np.zeros(2, int), low, low + [2.0, 2.0, 2.0]).tolist() == [True, False]


def test_a_wall_that_fills_half_the_picture_hides_all_that_is_behind_that_half():
    """Boxes of all widths behind the left 40 of 80 columns, which show a wall 10 m away; the rest is sky."""
    axes = np.array([[0.0, 0.0, 1.0], [-1.0, 0.0, 0.0], [0.0, -1.0, 0.0]])
    view = View(np.zeros(3), axes, 80, 80, 1.0, 1.0)
    buffer = np.ones((80, 80), np.float32)
    buffer[:, :40] = (1 / 0.5 - 1 / 10.0) / (1 / 0.5 - 1 / FAR_M)
    width = np.array([0.5, 3.0, 8.0, 15.0, 19.0])
    low = np.column_stack([np.full(5, 20.0), np.full(5, 0.5), -width / 2])
    high = np.column_stack([np.full(5, 20.5), 0.5 + width, width / 2])
    curtain = Curtain(buffer[None], np.array([0.5]), Views([view]))
    assert curtain.hides(np.zeros(5, int), low, high).all()
    assert not curtain.hides(np.zeros(5, int), low - [0, 2.0, 0], high).any()
