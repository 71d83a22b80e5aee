"""The land beyond the map: continuous with its edge, never flat like the sea, shaped as the map's own land is."""

from dataclasses import replace

import numpy as np
import pytest

from bridge.render.ground import apron, apron_sectors
from bridge.render.horizon import RINGS_M, far_land
from tests.scenes import tiny_scene

PLACES = np.stack(np.meshgrid(np.linspace(-5000, 5000, 60), np.linspace(-5000, 5000, 60)), axis=-1).reshape(-1, 2)


def scene_on(letter: str):
    made = tiny_scene()
    return replace(made, provenance=replace(made.provenance, lattice=(letter * 32,) * 32))


def heights(letter: str, distance: float) -> np.ndarray:
    return far_land(scene_on(letter))(PLACES, distance)


@pytest.mark.parametrize("letter", list("MDHFGRW"))
def test_the_land_goes_on_level_at_the_edge_and_rises_and_falls_far_away(letter: str):
    assert np.abs(heights(letter, 0.0)).max() == 0.0
    assert np.ptp(heights(letter, 4000.0)) > 40.0
    assert heights(letter, 4000.0).min() >= 0.0


def test_mountains_go_on_as_the_highest_and_deserts_as_table_mountains():
    far = {letter: heights(letter, 4000.0) for letter in "MHGD"}
    assert np.median(far["M"]) > 2 * np.median(far["H"]) > 2 * np.median(far["G"])
    share_of_tables = (far["D"] > 150.0).mean()
    assert 0.1 < share_of_tables < 0.6


def test_the_apron_is_one_ring_of_land_out_to_the_last_distance():
    sheet = apron(scene_on("G"))
    assert np.isfinite(sheet.positions).all()
    assert (sheet.normals[:, 2] > 0).all()
    assert np.abs(sheet.positions[:, :2]).max() == pytest.approx(64.0 + RINGS_M[-1], rel=0.01)


def test_sectors_are_the_apron_cut_into_pieces():
    """Sorted corners of all triangles are those of the whole."""
    whole, sectors = apron(scene_on("G")), list(apron_sectors(scene_on("G")))
    corners = [sheet.positions[sheet.indices].reshape(-1, 9) for sheet in (whole, *sectors)]
    together = np.concatenate(corners[1:])
    assert len(sectors) > 8
    np.testing.assert_array_equal(together[np.lexsort(together.T)], corners[0][np.lexsort(corners[0].T)])
