"""The map's edge: fields end before it, so that no stripe runs on to the horizon."""

from dataclasses import replace

import numpy as np
import pytest
import shapely

from scene_gen.build.ground.layout import lay_out
from scene_gen.build.ground.openland import rim_m
from scene_gen.plan.artefacts import CELLS
from tests.scene_gen.plans import hill_village


@pytest.fixture(scope="module")
def site():
    """The hill village among fields that the lattice carries to the very edge."""
    plan = hill_village()
    return lay_out(replace(plan, lattice=tuple(row.replace("G", "A") for row in plan.lattice)), seed=4)


def test_all_dry_ground_along_the_edge_is_of_one_sort(site):
    surface = site.terrain.surface
    edge = np.concatenate([surface[0], surface[-1], surface[:, 0], surface[:, -1]])
    (sort,) = np.unique(edge)
    assert site.terrain.surfaces[sort] not in ("crops", "crops-gold", "soil")


def test_inside_the_fields_are_still_there(site):
    shares = np.bincount(site.terrain.surface.ravel(), minlength=len(site.terrain.surfaces)) / site.terrain.surface.size
    crops = [share for name, share in zip(site.terrain.surfaces, shares, strict=True) if name.startswith("crops")]
    assert sum(crops) > 0.2


def test_fields_keep_off_the_edge(site):
    plan = hill_village()
    half, margin = CELLS * plan.cell_m / 2, rim_m(plan)
    inner = shapely.box(margin - half, margin - half, half - margin, half - margin).buffer(0.01)
    fields = [shapely.polygons(area.polygon) for area in site.areas if area.kind == "field"]
    assert len(fields) > 3
    assert all(inner.covers(field) for field in fields)
