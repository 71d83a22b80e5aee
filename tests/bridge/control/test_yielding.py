"""Who claims a crossing: those who are on it and go, those who wait; nobody who stands at the kerb for ever."""

import numpy as np

from bridge.control.bodies import Bodies
from bridge.control.yielding import Kerbs

KERBS = Kerbs(np.array([[[0.0, -5.0], [0.0, 5.0]]]))


def walker(y: float, speed: float) -> Bodies:
    """Somebody on a crossing along y from -5 to 5, going north."""
    there = np.ones(1, bool)
    return Bodies(
        ("walker",), {"walker": 0}, np.array([[0.0, y]]), np.zeros(1), np.full(1, np.pi / 2), np.array([[0.0, speed]]),
        np.full((1, 2), 0.28), there, there,
    )  # fmt: skip


def claimed(y: float, speed: float, *, waits: bool = False) -> bool:
    return bool(KERBS.claims(walker(y, speed), np.array([waits])).claimed[0])


def test_who_walks_over_a_crossing_has_it():
    assert claimed(0.0, 1.3)
    assert claimed(-5.2, 1.3)


def test_who_waits_is_let_over():
    assert claimed(-5.5, 0.0, waits=True)


def test_who_only_stands_by_the_kerb_holds_up_nobody():
    assert not claimed(-3.9, 0.0)
    assert not claimed(-5.5, 0.0)


def test_who_has_crossed_has_it_no_longer():
    assert not claimed(5.5, 1.3)
