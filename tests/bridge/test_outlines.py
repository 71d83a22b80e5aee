"""How far apart bodies are, seen from above: worked by hand for boxes and discs, and the same from either side."""

import numpy as np
import pytest

from bridge.conformance import proving_ground
from bridge.engines import open_engine
from bridge.engines.embedded.outlines import Outlines

CAR, VAN, WALKER = 0, 1, 2


@pytest.fixture(scope="module")
def outlines():
    """A car of 4 by 2 m, a van of 6 by 2 m and a walker of 0.25 m radius, in a world of at least as many slots."""
    with open_engine("embedded", detail="near") as engine:
        engine.load(proving_ground())
        found = Outlines(engine._world)
    found.half[[CAR, VAN, WALKER]] = [2.0, 1.0], [3.0, 1.0], [0.0, 0.0]
    found.round[[CAR, VAN, WALKER]] = 0.0, 0.0, 0.25
    return found


def apart(outlines, one, x, y, yaw, other, their_x, their_y, their_yaw) -> float:
    places = [np.array([[[x, y]]]), np.array([[yaw]]), np.array([[[their_x, their_y]]]), np.array([[their_yaw]])]
    here, there = np.array([one]), np.array([other])
    found = outlines.apart(here, places[0], places[1], there, places[2], places[3])
    back = outlines.apart(there, places[2], places[3], here, places[0], places[1])
    assert found == pytest.approx(back)
    return found.item()


@pytest.mark.parametrize(
    ("pair", "expected"),
    [
        ((CAR, 0, 0, 0, VAN, 7, 0, 0), 2.0),  # nose to tail: 7 - 2 - 3
        ((CAR, 0, 0, 0, VAN, 0, 5, 0), 3.0),  # side by side: 5 - 1 - 1
        ((CAR, 0, 0, 0, VAN, 0, 6, np.pi / 2), 2.0),  # the van's nose towards the car's side: 6 - 1 - 3
        ((CAR, 0, 0, 0, VAN, 8, 6, 0), 5.0),  # corner to corner: 8 - 5 = 3 and 6 - 2 = 4
        ((CAR, 0, 0, 0, WALKER, 0, 2, 1.0), 0.75),  # beside the middle of its side: 2 - 1 - 0.25
        ((VAN, 0, 0, 0, WALKER, 1.5, 1.5, 0), 0.25),  # beside its long side, far from its middle
        ((WALKER, 0, 0, 0, WALKER, 3, 4, 2.0), 4.5),
        ((CAR, 0, 0, 0, VAN, 4.5, 0.5, 0), -0.5),  # a corner half a metre into it
        ((CAR, 0, 0, 0, WALKER, 0, 0.9, 0), -0.35),  # its middle 0.1 m inside, and its radius
    ],
)
def test_gaps_are_those_worked_by_hand(outlines, pair, expected):
    assert apart(outlines, *pair) == pytest.approx(expected)


def test_turning_the_whole_scene_changes_no_gap(outlines):
    random = np.random.default_rng(0)
    for _ in range(50):
        (x, y, u, v), (yaw, its_yaw, turn) = random.uniform(-8, 8, 4), random.uniform(-np.pi, np.pi, 3)
        cos, sin = np.cos(turn), np.sin(turn)
        turned = (
            cos * x - sin * y,
            sin * x + cos * y,
            yaw + turn,
            VAN,
            cos * u - sin * v,
            sin * u + cos * v,
            its_yaw + turn,
        )
        assert apart(outlines, CAR, *turned) == pytest.approx(apart(outlines, CAR, x, y, yaw, VAN, u, v, its_yaw))
