"""Lean ambient life: everybody gets on, cars keep apart and obey lights, and the same seed is the same life."""

import functools

import numpy as np

from bridge.control.timetable import Timetable
from bridge.engines import open_engine
from tests.bridge.control.towns import hamlet

TICKS = 25


@functools.cache
def lived(seed: int, looks: int = 240):
    """Places (looks, n, 2) of all, their names, how many cars, pairs of cars that touched, and the last hash."""
    life = Timetable(hamlet(), seed=seed, vehicles=4, pedestrians=8)
    touched = set()
    with open_engine("kinematic") as engine:
        engine.load(hamlet().scene)
        engine.reset(seed=seed)
        state = engine.edit(life.spawns())
        rows = [state.names.index(name) for name in life.names]
        places = []
        for _ in range(looks):
            state = engine.step(life.act(state), TICKS)
            places.append(state.poses[rows, :2])
            touched |= {pair for pair in state.contacts.names if all(name.startswith("traffic") for name in pair)}
        return np.array(places), life.names, len(life.traffic.names), touched, engine.state_hash()


def test_the_same_seed_is_the_same_life():
    assert lived(0)[4] == lived.__wrapped__(0)[4]
    assert not np.array_equal(lived(0)[0][-1], lived(1, 20)[0][-1])


def test_cars_drive_on_and_do_not_touch():
    places, _, cars, touched, _ = lived(0)
    made = np.linalg.norm(np.diff(places[:, :cars], axis=0), axis=2).sum(axis=0)
    assert cars > 0
    assert (made > 100.0).all()
    assert touched == set()


def test_walkers_get_on_at_a_walker_s_pace():
    places, names, cars, _, _ = lived(0)
    steps = np.linalg.norm(np.diff(places[:, cars:], axis=0), axis=2)
    assert len(names) > cars
    assert np.median(steps.sum(axis=0)) > 60.0
    assert np.quantile(steps / (TICKS * 0.02), 0.99) < 2.0


def test_walkers_keep_out_of_walls_and_water():
    places, _, cars, _, _ = lived(0)
    assert (hamlet().room.at(places[:, cars:]) > 0.05).mean() > 0.99
