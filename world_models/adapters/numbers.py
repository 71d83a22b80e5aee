"""The fitted numbers of followers, as they come along: fitted.json beside this file, made by `fit`."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from bridge.errors import UnknownName
from bridge.plugins import unknown_name
from world_models.adapters.arm import Lag
from world_models.adapters.car import Chassis

FITTED = Path(__file__).parent / "fitted.json"


@cache
def _fitted() -> dict[str, dict[str, Any]]:
    return json.loads(FITTED.read_text(encoding="utf-8"))


def lag(robot: str) -> Lag:
    """How an arm's servos come after what they are told. Raises UnknownName for an arm that nobody fitted."""
    known = _fitted()["arms"]
    if robot not in known:
        raise UnknownName(f"{unknown_name('fitted arm', robot, known)} Fit it: `python -m world_models.adapters.fit`.")
    own = known[robot]
    return Lag(tuple(own["pulse_rad_s"]), tuple(own["damping"]), own["grip"])


def chassis() -> Chassis:
    """What the cars that agents drive can do."""
    return Chassis(**_fitted()["car"])
