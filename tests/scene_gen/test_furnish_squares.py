"""Wide squares are furnished: seats look at the fountain, trees and lamps stand between it and the rim, and one can pass."""

from dataclasses import replace

import numpy as np
import pytest
import shapely

import scene_gen
from bridge.frames import yaw_from_quat
from tests.scene_gen import hand_site
from tests.scene_gen.test_furnish import count, furnished, spots

SQUARE = shapely.box(10, -45, 50, -10)
MIDDLE = np.array([30.0, -27.5])


def inside(points: np.ndarray, inset_m: float = 0.0) -> np.ndarray:
    return points[shapely.contains_xy(SQUARE.buffer(-inset_m), points[:, 0], points[:, 1])]


@pytest.fixture(scope="module")
def town():
    return furnished()


def test_a_wide_square_has_something_in_its_middle(town):
    focus = np.concatenate([inside(spots(town, kind)) for kind in ("fountain", "statue", "obelisk")])
    assert np.linalg.norm(focus[:, :2] - MIDDLE, axis=1).min() < 8


def test_benches_round_the_middle_look_at_it(town):
    focus = np.concatenate([inside(spots(town, kind)) for kind in ("fountain", "statue", "obelisk")])[:, :2]
    poses = [g.poses for g in town.placements if town.assets[g.asset].kind == "bench"]
    pose = np.concatenate(poses)
    to_focus = focus[None] - pose[:, None, :2]
    nearest = np.linalg.norm(to_focus, axis=2).argmin(axis=1)
    to_focus = to_focus[np.arange(len(pose)), nearest]
    away = np.linalg.norm(to_focus, axis=1)
    ring = np.abs(away - 6.0) < 0.01
    assert ring.sum() >= 3
    yaw = yaw_from_quat(pose[ring, 3:])
    ahead = np.stack([np.cos(yaw), np.sin(yaw)], axis=1)
    np.testing.assert_allclose((ahead * to_focus[ring]).sum(axis=1) / away[ring], 1.0, atol=1e-6)


def test_trees_and_lamps_stand_inside_the_square_and_not_only_round_it(town):
    assert len(inside(spots(town, "tree"), 5.0)) >= 2
    assert len(inside(spots(town, "lamp"), 5.0)) >= 1


def test_nothing_comes_where_none_may_be():
    town = furnished(absent=("bench", "tree"), seed=3)
    assert count(town, "bench") == 0
    assert len(inside(spots(town, "tree"))) == 0


def test_a_small_square_keeps_its_middle_free_of_trees():
    site = hand_site.site()
    small = [replace(a, polygon=hand_site.rectangle(10, -30, 30, -10)) if a.kind == "square" else a for a in site.areas]
    town = furnished(site=replace(site, areas=tuple(small)))
    assert np.linalg.norm(spots(town, "tree")[:, :2] - [20.0, -20.0], axis=1).min() > 6.0


def test_a_town_round_a_furnished_square_passes_every_check():
    town = scene_gen.make_town("a modern town with a square, 400 m", seed=5)
    squares = [shapely.polygons(np.asarray(p.outline)[:, :2]) for p in town.scene.parts if p.kind == "square"]
    benches = [g.poses[:, :2] for g in town.scene.placements if town.scene.assets[g.asset].kind == "bench"]
    spots = np.concatenate(benches)
    assert max(shapely.contains_xy(square.buffer(-4.0), *spots.T).sum() for square in squares) >= 4
    town.report.raise_if_failed()
