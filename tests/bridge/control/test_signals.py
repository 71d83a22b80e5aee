"""Signals: cross traffic never has green together, walkers only while traffic is held, the same seed the same lights."""

import numpy as np

from bridge.control.signals import AMBER_S, CLEAR_S, GREEN_S, Signals


def lights(offset_s: float = 3.0) -> Signals:
    """Two turns that cross, one without lights; a crossing over the first turn's street."""
    phase = np.array([0, 1, -1])
    return Signals(phase, np.array([offset_s, offset_s, 0.0]), np.array([0, -1]), np.array([offset_s, 0.0]))


def test_cross_traffic_never_has_green_together():
    for time_s in np.arange(0.0, 100.0, 0.1):
        first, second, free = lights().may_enter(float(time_s))
        assert not (first and second)
        assert free


def test_between_two_greens_everybody_waits_for_amber_and_clearing():
    waits = sum(not lights().may_enter(t)[:2].any() for t in np.arange(0.0, 2 * (GREEN_S + AMBER_S + CLEAR_S), 0.02))
    assert abs(waits * 0.02 - 2 * (AMBER_S + CLEAR_S)) < 0.2


def test_nobody_begins_to_walk_unless_traffic_is_held_for_long_enough():
    needs = np.array([6.0, 6.0])
    for time_s in np.arange(0.0, 100.0, 0.1):
        if lights().may_walk(float(time_s), needs)[0]:
            held = [lights().may_enter(time_s + ahead)[0] for ahead in np.arange(0.0, 6.0, 0.2)]
            assert not any(held)


def test_a_crossing_without_lights_is_always_open():
    assert all(lights().may_walk(t, np.array([6.0, 6.0]))[1] for t in np.arange(0.0, 60.0, 1.0))
