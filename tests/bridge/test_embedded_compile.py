"""How the embedded engine's model is made: in batches that change nothing, the same each time, its ground exact."""

import mujoco
import numpy as np
import pytest

from bridge.engines.embedded import batches
from bridge.engines.embedded.batches import Body, join
from bridge.engines.embedded.compile import compile_world, raise_land
from bridge.engines.embedded.roster import example, things
from bridge.formats.ground_field import ground_field, land
from tests.bridge.embedded_town import embedded_town

HEAD = '<mujoco><default><geom contype="0"/></default>'
MESHES = [f'<mesh name="solid-{n}" vertex="0 0 0 {n + 1} 0 0 0 1 0 0 0 1"/>' for n in range(3)]


def wedge(number: int, at: float, name: str = "") -> Body:
    label = f'name="{name}" mocap="true" ' if name else ""
    text = f'<body {label}pos="{at} 0 0"><geom type="mesh" mesh="solid-{number}" conaffinity="4"/></body>'
    return Body(text, 2, [number], name)


def model_of(bodies: list[Body]) -> mujoco.MjModel:
    spec = mujoco.MjSpec.from_string(f"{HEAD}</mujoco>")
    join(spec, HEAD, bodies, MESHES)
    return spec.compile()


def compiled_town():
    town = embedded_town()
    field = ground_field(town)
    all_things = list(things(town, ()))
    moving = [thing for thing in all_things if thing.role not in ("static", "door")]
    standing = [thing for thing in all_things if thing.role == "static"]
    spares = {"parcel-a": (example(town.assets["parcel-a"]), 2)}
    made = compile_world(town, land(town), town.parts, standing, moving, spares, {}, [], sleeps=True)
    raise_land(made.model, land(town), field)
    return town, field, made


def test_bodies_keep_order_place_and_shape_however_many_batches_they_come_in(monkeypatch):
    bodies = [wedge(number % 3, float(number)) for number in range(12)]
    whole = model_of(bodies)
    monkeypatch.setattr(batches, "_MOST_ELEMENTS", 4)
    parted = model_of(bodies)
    assert whole.nbody == parted.nbody == 13
    np.testing.assert_array_equal(whole.body_pos, parted.body_pos)
    np.testing.assert_array_equal(whole.geom_size, parted.geom_size)
    np.testing.assert_array_equal(parted.geom_contype, np.zeros(12))


def test_a_batch_brings_a_mesh_once_and_only_what_it_shows():
    assert model_of([wedge(1, 0.0), wedge(1, 1.0)]).nmesh == 1


def test_names_are_those_of_the_bodies_not_of_their_batch():
    model = model_of([wedge(0, 0.0), wedge(1, 1.0, name="door-1")])
    assert mujoco.mj_name2id(model, mujoco.mjtObj.mjOBJ_BODY, "door-1") == 2


def test_two_compilations_of_a_town_are_one_model():
    first, second = (compiled_town()[2] for _ in range(2))
    for name in ("body_pos", "body_mass", "geom_type", "geom_size", "geom_pos", "mesh_vert", "hfield_data", "qpos0"):
        np.testing.assert_array_equal(getattr(first.model, name), getattr(second.model, name), err_msg=name)
    np.testing.assert_array_equal(first.owner, second.owner)


def test_the_land_is_as_high_as_the_field_says():
    """A ray from above each of 200 vertices meets the height field there; 0.1 mm is what float32 keeps of the rise."""
    _, field, made = compiled_town()
    data = mujoco.MjData(made.model)
    mujoco.mj_kinematics(made.model, data)
    assert made.owner[0] == -1 - made.standing.index("terrain")
    rows, cols = field.heights.shape
    rng = np.random.default_rng(0)
    for row, col in zip(rng.integers(1, rows - 1, 200), rng.integers(1, cols - 1, 200), strict=True):
        x, y = field.origin[0] + col * field.cell_m, field.origin[1] + row * field.cell_m
        eye, down = np.array([x + 1e-4, y + 0.5e-4, 500.0]), np.array([0.0, 0.0, -1.0])
        hit = mujoco.mj_rayHfield(made.model, data, 0, eye, down, None)
        assert 500.0 - hit == pytest.approx(field.heights[row, col], abs=1e-3)


def test_every_geom_of_what_stands_has_the_owner_whose_place_it_is_at():
    town, _, made = compiled_town()
    data = mujoco.MjData(made.model)
    mujoco.mj_kinematics(made.model, data)
    bench = next(group for group in town.placements if group.names == ("bench-1",))
    geoms = np.flatnonzero(made.owner == -1 - made.standing.index("bench-1"))
    assert len(geoms) == len(town.assets["bench-a"].colliders)
    assert np.linalg.norm(data.geom_xpos[geoms, :2] - bench.poses[0, :2], axis=1).max() < 1.0
