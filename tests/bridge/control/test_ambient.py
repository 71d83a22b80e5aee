"""Ambient life: the same seed the same town, cars in their lanes, nobody in a house or in the sea."""

import functools

import numpy as np
import pytest
import shapely

from bridge.control.ambient import Ambient
from bridge.control.town import Town
from tests.bridge.control.towns import hamlet, loaded_engine, where
from tests.scenes import tiny_scene

SECONDS = 10


@functools.cache
def hamlet_engine():
    """One engine for all lives; they begin with a reset."""
    return loaded_engine()


def lived(seed: int, seconds: int) -> tuple[Ambient, np.ndarray, int]:
    """The life, the tracks (t,n,2) of all in it, and the world's hash at the end."""
    ambient = Ambient(hamlet(), seed=seed, vehicles=4, pedestrians=12)
    engine = hamlet_engine()
    engine.reset(seed=0)
    state, track = engine.edit(ambient.spawns()), []
    for _ in range(seconds * 10):
        state = engine.step(ambient.act(state), 5)
        track.append([where(state, name)[:2] for name in ambient.names])
    return ambient, np.array(track), engine.state_hash()


@pytest.fixture(scope="module")
def life():
    return lived(3, SECONDS)


def test_everybody_asked_for_is_there(life):
    ambient, _, _ = life
    assert len(ambient.crowd.names) == 12
    assert 1 <= len(ambient.traffic.names) <= 4


def test_the_same_seed_is_the_same_life():
    first, again, other = (lived(seed, 1)[2] for seed in (5, 5, 6))
    assert first == again
    assert first != other


def test_one_more_walker_changes_nobody_s_start():
    few, many = (Ambient(hamlet(), seed=1, vehicles=0, pedestrians=count).spawns() for count in (3, 4))
    for a, b in zip(few, many[:3], strict=True):
        np.testing.assert_array_equal(a.pose.position, b.pose.position)
        assert a.asset == b.asset


def test_nobody_on_foot_begins_where_cars_drive():
    ambient = Ambient(hamlet(), seed=3, vehicles=2, pedestrians=80)
    lanes = ambient.lanes.points[np.repeat(ambient.lanes.used, np.diff(ambient.lanes.first))]
    feet = [spawn.pose.position[:2] for spawn in ambient.spawns() if spawn.name in ambient.crowd.names]
    assert len(feet) > 30
    assert len(lanes) > 50
    assert min(np.linalg.norm(lanes - at, axis=1).min() for at in feet) > 1.6


def test_cars_keep_to_their_lanes(life):
    ambient, track, _ = life
    cars = track[:, : len(ambient.traffic.names)].reshape(-1, 2)
    gaps = np.linalg.norm(cars[:, None] - ambient.lanes.points[None], axis=2).min(axis=1)
    assert np.percentile(gaps, 99) < 0.4 + 0.5  # 0.4 m off the lane, half a metre from the next sample of it


def test_nobody_walks_through_a_house_or_into_the_sea(life):
    ambient, track, _ = life
    walkers = track[:, len(ambient.traffic.names) :].reshape(-1, 2)
    houses = shapely.union_all([shapely.Polygon(b.footprint) for b in hamlet().scene.buildings])
    assert not shapely.contains_xy(houses, walkers[:, 0], walkers[:, 1]).any()
    assert hamlet().room.at(walkers).min() > 0.1


def test_everybody_gets_about(life):
    ambient, track, _ = life
    went = np.linalg.norm(np.diff(track, axis=0), axis=2).sum(axis=0)
    assert np.median(went[: len(ambient.traffic.names)]) > 0.5 * SECONDS
    assert np.median(went[len(ambient.traffic.names) :]) > 0.5 * SECONDS


def test_a_town_without_cars_or_people_has_no_life():
    assert Ambient(Town(tiny_scene()), seed=0).names == ()


def test_nobody_drives_into_anybody(life):
    ambient, track, _ = life
    cars, walkers = np.split(track, [len(ambient.traffic.names)], axis=1)
    assert np.linalg.norm(cars[:, :, None] - walkers[:, None], axis=3).min() > 0.9 + 0.28  # half a car, half a person
