"""Getting out of dead ends: from before a wall, past what stands in the street, round a fence; and not for ever."""

from contextlib import closing
from itertools import pairwise
from typing import cast

import numpy as np
import pytest

from bridge.control.clearance import Clearance
from bridge.control.detour import detour
from bridge.control.going import GoTo
from bridge.control.town import Town
from bridge.engine import Action, Move, Skill
from bridge.engines import open_engine
from bridge.frames import quat_from_yaw
from bridge.types import Pose
from tests.bridge.embedded_town import SIDEWALK_M, STREET_M, embedded_town

GOAL = (30.0, -10.5)


@pytest.fixture(scope="module", params=["kinematic", "embedded"])
def street(request):
    town = Town(embedded_town())
    with closing(open_engine(request.param)) as engine:
        engine.load(town.scene)
        yield town, engine


def ridden(street, at: tuple[float, float, float], yaw: float, *moves: Move):
    """A rider who set off to GOAL from a place, and the state when that was over."""
    town, engine = street
    engine.reset(seed=0)
    x, y, z = at
    beside = Move("courier-1", Pose(np.array([x - 0.9 * np.sin(yaw), y + 0.9 * np.cos(yaw), SIDEWALK_M])))
    engine.edit([Move("scooter-1", Pose(np.array([x, y, z]), quat_from_yaw(yaw))), beside, *moves])
    state = engine.step({"courier-1": Action(Skill("ride", "scooter-1"))}, 60)
    assert next(one for one in state.agents if one.name == "courier-1").riding == "scooter-1"
    going = GoTo(town, "courier-1", GOAL, speed_m_s=2.0, drive_m_s=6.0)
    while going.status == "running" and state.time_s < 150.0:
        state = engine.step({"courier-1": going.act(state)}, 5)
    return going, state


def test_a_rider_passes_a_car_that_stands_in_the_lane(street):
    # car-1 stands in the middle of the only lane, 20 m ahead.
    going, state = ridden(street, (-30.0, -13.5, STREET_M), 0.0)
    assert (going.status, going.failure) == ("done", "")
    assert np.linalg.norm(state.poses[state.names.index("courier-1"), :2] - GOAL) < 1.0


def test_a_rider_before_a_wall_backs_off_and_turns(street):
    # The warehouse's wall is at y = -6, the scooter 1.8 m long: its nose is 10 cm before it.
    going, _ = ridden(street, (-26.0, -7.0, SIDEWALK_M), np.pi / 2)
    assert (going.status, going.failure) == ("done", "")


def test_a_rider_with_no_room_behind_gives_up(street):
    # At x = -20 a lamp stands on the sidewalk: between it and the warehouse there is room for a scooter, not for turning it.
    going, _ = ridden(street, (-20.0, -7.0, SIDEWALK_M), np.pi / 2)
    assert (going.status, going.failure) == ("failed", "blocked for 10 s by warehouse-1")


class Fence:
    """Room (...) [m] beside a thin fence from (-3, 0) to (3, 0)."""

    def at(self, points) -> np.ndarray:
        points = np.asarray(points, dtype=np.float64)
        beyond = np.maximum(np.abs(points[..., 0]) - 3.0, 0.0)
        return np.hypot(beyond, points[..., 1])

    def of(self, x: float, y: float) -> float:
        return float(self.at((x, y)))


@pytest.mark.parametrize("gap_m", [0.1, 0.15, 0.18, 0.25, 0.4])
@pytest.mark.parametrize("x", [-0.6, 0.0, 0.13])
def test_who_leans_on_a_fence_goes_round_it_not_through(gap_m, x):
    way = detour(cast(Clearance, Fence()), (x, -gap_m), (x, 2.0), radius_m=0.3)
    assert way is not None
    points = np.concatenate([np.linspace(a, b, 40) for a, b in pairwise(way)])
    crosses = np.diff(np.sign(points[:, 1])) != 0
    assert crosses.any()
    assert (np.abs(points[:-1][crosses, 0]) > 3.0).all()
    np.testing.assert_allclose(way[[0, -1]], [(x, -gap_m), (x, 2.0)])
