"""The shipped forms: what the recipes make, no more and no less, in an archive that reads back as it was written."""

import numpy as np
import pytest

from bridge.scene import Collider
from scene_gen.kit import forms
from scene_gen.kit.catalog import NAMES
from scene_gen.kit.forge import forged
from scene_gen.kit.forms import Form, form_of, packed


@pytest.fixture(scope="module")
def made() -> tuple[list[Form], dict[str, int]]:
    return forged()


def test_every_asset_has_a_form(made):
    assert set(made[1]) == set(NAMES)


def test_the_shipped_forms_are_those_that_the_recipes_make(made):
    found, of = made
    stale = [name for name in NAMES if not is_same(form_of(name), found[of[name]])]
    assert stale == [], "run `python -m scene_gen.kit.forge` after a change of recipes"


def test_assets_that_differ_in_paint_alone_share_a_form():
    assert form_of("oak-1") is form_of("oak-1-autumn")


def test_the_archive_depends_on_the_forms_alone(made):
    assert packed(*made) == packed(*made)


def test_forms_cannot_be_changed():
    with pytest.raises(ValueError, match="read-only"):
        form_of("crate-1").lods[0].vertices[0] = 0.0


def test_an_asset_that_was_never_forged_is_missed():
    with pytest.raises(KeyError):
        form_of("unicorn-1")


def test_the_archive_is_small():
    from importlib import resources

    assert len(resources.files("scene_gen.kit").joinpath(forms.FILE).read_bytes()) < 3e6


def is_same(one: Form, other: Form) -> bool:
    """Whether two forms are alike to a tenth of a millimetre."""
    if len(one.lods) != len(other.lods) or len(one.colliders) != len(other.colliders) or one.light != other.light:
        return False
    pairs = [(a, b) for a, b in zip(one.lods, other.lods, strict=True)]
    for a, b in pairs:
        if a.materials != b.materials or a.triangles.shape != b.triangles.shape or a.vertices.shape != b.vertices.shape:
            return False
        if not np.array_equal(a.triangles, b.triangles) or not np.array_equal(a.material, b.material):
            return False
        if not np.allclose(a.vertices, b.vertices, atol=1e-4):
            return False
        if (a.normals is None) != (b.normals is None):
            return False
        if a.normals is not None and b.normals is not None and not np.allclose(a.normals, b.normals, atol=1e-3):
            return False
    return all(is_same_solid(a, b) for a, b in zip(one.colliders, other.colliders, strict=True))


def is_same_solid(a: Collider, b: Collider) -> bool:
    """Whether two solids are alike to a tenth of a millimetre."""
    if a.shape != b.shape or (a.points is None) != (b.points is None):
        return False
    if (
        a.points is not None
        and b.points is not None
        and (a.points.shape != b.points.shape or not np.allclose(a.points, b.points, atol=1e-4))
    ):
        return False
    return np.allclose(a.size, b.size, atol=1e-4) and np.allclose(a.pose, b.pose, atol=1e-4)
