"""Doors: opened and closed by who is near, swinging over time, in the way or out of it."""

from dataclasses import replace

import numpy as np
import pytest

from bridge.engine import Action, Move, Remove, Skill, Spawn, Velocity
from bridge.engines import open_engine
from bridge.frames import yaw_from_quat
from bridge.scene import Asset, Collider, Placements, Scene
from bridge.types import Pose, WorldState
from tests.bridge.embedded_town import SIDEWALK_M, embedded_town
from tests.scenes import box

GATE_X, WALK_Y = -20.0, -8.2


def gated_town() -> Scene:
    """A gate 1.2 m wide across the sidewalk, between two walls, 10 m ahead of the courier."""
    scene = embedded_town()

    def slab(name: str, kind: str, semantic: str, size: tuple[float, float, float]) -> Asset:
        at = (0.0, 0.0, size[2] / 2, 1.0, 0.0, 0.0, 0.0)
        return Asset(
            name, kind, semantic, (box(size, material="door-green"),), (Collider("box", size, at),), size, 30.0
        )

    assets = {
        "gate-a": slab("gate-a", "gate", "door", (0.06, 1.2, 2.0)), "wall-a": slab("wall-a", "wall", "wall", (0.2, 6.0, 2.0)),
    }  # fmt: skip
    rows = (("gate-a", "gate-1", WALK_Y), ("wall-a", "wall-1", WALK_Y + 3.62), ("wall-a", "wall-2", WALK_Y - 3.62))
    placed = tuple(
        Placements(asset, (name,), np.array([[GATE_X, y, SIDEWALK_M, 1.0, 0, 0, 0]]), np.ones((1, 3)))
        for asset, name, y in rows
    )
    return replace(scene, assets={**scene.assets, **assets}, placements=(*scene.placements, *placed))


@pytest.fixture(scope="module")
def loaded():
    with open_engine("embedded", renderer="rays") as engine:
        engine.load(gated_town())
        yield engine


@pytest.fixture
def engine(loaded):
    loaded.reset(seed=0)
    loaded.edit([Move("courier-1", Pose(np.array([GATE_X - 1.2, WALK_Y, SIDEWALK_M])))])
    return loaded


def pose(state: WorldState, name: str) -> np.ndarray:
    return state.poses[state.names.index(name)]


def do(engine, verb: str, target: str = "", ticks: int = 30) -> WorldState:
    return engine.step({"courier-1": Action(Skill(verb, target))}, ticks)


def walk(engine, speed: float = 1.5, ticks: int = 120) -> WorldState:
    return engine.step({"courier-1": Action(Velocity(speed))}, ticks)


def test_a_closed_gate_is_in_the_way(engine):
    state = walk(engine)
    assert pose(state, "courier-1")[0] < GATE_X
    assert ("courier-1", "gate-1") in [tuple(sorted(pair)) for pair in state.contacts.names]


def test_an_open_gate_lets_people_through(engine):
    assert do(engine, "open", "gate-1", 80).agents[0].failure == ""
    assert pose(walk(engine), "courier-1")[0] > GATE_X + 0.5


def test_a_gate_takes_its_time_and_swings_away_from_who_opens_it_on_its_hinge(engine):
    half = do(engine, "open", "", 45)
    assert 0.2 < yaw_from_quat(pose(half, "gate-1")[3:]) < 1.2
    state = engine.step({}, 60)
    assert yaw_from_quat(pose(state, "gate-1")[3:]) == pytest.approx(np.pi / 2, abs=1e-6)
    np.testing.assert_allclose(pose(state, "gate-1")[:2], [GATE_X + 0.6, WALK_Y + 0.6], atol=1e-6)


def test_a_gate_closes_again(engine):
    do(engine, "open", "gate-1", 80)
    state = do(engine, "close", "gate-1", 100)
    np.testing.assert_allclose(pose(state, "gate-1"), [GATE_X, WALK_Y, SIDEWALK_M, 1, 0, 0, 0], atol=1e-6)


def test_a_gate_waits_for_who_stands_in_it(engine):
    do(engine, "open", "gate-1", 80)
    engine.edit([Move("courier-1", Pose(np.array([GATE_X, WALK_Y, SIDEWALK_M])))])
    state = do(engine, "close", "gate-1", 150)
    assert abs(yaw_from_quat(pose(state, "gate-1")[3:])) > 0.2
    assert np.linalg.norm(pose(state, "courier-1")[:2] - [GATE_X, WALK_Y]) < 0.6
    engine.step({"courier-1": Action(Velocity(-1.5))}, 60)
    state = engine.step({"courier-1": Action()}, 100)
    assert yaw_from_quat(pose(state, "gate-1")[3:]) == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize(
    ("verb", "target", "says"),
    [
        ("open", "house-1", "part of its wall"),
        ("open", "nowhere", "nowhere"),
        ("open", "bench-1", "does not open"),
        ("close", "gate-1", "closed already"),
        ("close", "", "no door here to close"),
    ],
)
def test_what_cannot_be_opened_or_closed_is_refused_with_the_reason(engine, verb, target, says):
    assert says in do(engine, verb, target).agents[0].failure


def test_doors_are_opened_from_nearby_only(engine):
    engine.edit([Move("courier-1", Pose(np.array([GATE_X - 4.0, WALK_Y, SIDEWALK_M])))])
    assert "reaches 1.5 m" in do(engine, "open", "gate-1").agents[0].failure


def test_where_a_door_hangs_is_part_of_the_state(engine):
    before = engine.state_hash()
    do(engine, "open", "gate-1", 60)
    assert engine.state_hash() != before
    engine.edit([Spawn(f"x-{i}", "crate-a", Pose(np.array([0.0, 10.0 + 2 * i, 3.0]))) for i in range(4)])
    state = engine.step({}, 60)
    assert yaw_from_quat(pose(state, "gate-1")[3:]) == pytest.approx(np.pi / 2, abs=1e-6)  # in a new model, too
    engine.reset(seed=0)
    assert yaw_from_quat(pose(engine.step({}), "gate-1")[3:]) == 0.0


def test_doors_can_be_spawned_and_taken_away(engine):
    state = engine.edit([Spawn("gate-2", "gate-a", Pose(np.array([0.0, 10.0, 2.0])))])
    assert "gate-2" in state.names
    state = engine.edit([Remove("gate-1")])
    assert "gate-1" not in state.names
    assert pose(walk(engine), "courier-1")[0] > GATE_X + 0.5


def test_a_door_is_drawn_where_it_hangs(engine):
    do(engine, "open", "gate-1", 100)
    gate = {row.name: row.id for row in engine.scene.instances()}["gate-1"]
    frame = engine.observe(["courier-1/front"], ["segmentation", "depth"])[0]
    seen = frame.segmentation == gate
    assert seen.sum() > 20
    assert not seen[240, 320]  # nothing in the middle of the way
