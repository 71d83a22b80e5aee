"""A plan in one line: what the lattice holds and what the sky is like."""

import math

import numpy as np

from scene_gen.plan.artefacts import CELLS, Plan
from scene_gen.plan.atmosphere import sun_height_rad
from scene_gen.plan.cells import Letters, axes, built, is_any, letters_of, wet

_POINTS = ("east", "north-east", "north", "north-west", "west", "south-west", "south", "south-east")
_LAND = (("M", "mountains"), ("H", "hills"), ("F", "forest"), ("A", "fields"), ("Y", "vineyards"), ("D", "desert"))


def describe(plan: Plan) -> str:
    """The CLI's line: "32×32 lattice: sea to the south-west, 38 % built · wet, overcast, lamps lit"."""
    letters = letters_of(plan.lattice)
    ground = [*_waters(plan, letters), *_land(letters), f"{100 * built(letters).mean():.0f} % built"]
    size = f"{plan.size_m / 1000:g} km" if plan.size_m >= 1000 else f"{plan.size_m:g} m"
    return f"{CELLS}×{CELLS} lattice, {size}: {', '.join(ground)} · {', '.join(_sky(plan))}"


def _waters(plan: Plan, letters: Letters) -> list[str]:
    water = wet(letters)
    if not water.any():
        return []
    if letters[0, 0] == letters[-1, -1] == letters[0, -1] == letters[-1, 0] == "W" and plan.waters[:1]:
        return [f"{plan.waters[0].kind} all around", *(other.kind for other in plan.waters[1:])]
    words = []
    for index, body in enumerate(plan.waters):
        if index == 0 and body.kind in ("sea", "lake"):
            words.append(f"{body.kind} to the {_side(water)}")
        else:
            words.append({"canal": "canals"}.get(body.kind, f"a {body.kind}"))
    return words or ["water"]


def _land(letters: Letters) -> list[str]:
    words = []
    for symbol, name in _LAND:
        mask = letters == symbol
        if mask.mean() > 0.10:
            words.append(f"{name} to the {_side(mask)}" if symbol in "MH" else name)
    if is_any(letters, "T").mean() > 0.08:
        words.append("towers")
    return words[:3]


def _side(mask: np.ndarray) -> str:
    x, y = axes()
    east, north = float(x[mask].mean()), float(y[mask].mean())
    if math.hypot(east, north) < 0.12:
        return "middle"
    return _POINTS[round(math.atan2(north, east) / (math.pi / 4)) % 8]


def _sky(plan: Plan) -> list[str]:
    sky = plan.environment
    words = []
    if sky.snow_cover > 0.4:
        words.append("snow lies")
    elif sky.wetness > 0.4:
        words.append("wet")
    words.append(
        {"rain": "rain", "storm": "storm", "fog": "fog", "snow": "snow falls", "overcast": "overcast"}.get(
            sky.weather, "clear"
        )
    )
    words.append(sky.season)
    height = sun_height_rad(sky.time_of_day_h, sky.season, sky.latitude_rad)
    hour = f"{int(sky.time_of_day_h):d}:{int(sky.time_of_day_h % 1 * 60):02d}"
    words.append(f"{hour}, dark" if height < -0.1 else hour)
    if sky.lamps_lit:
        words.append("lamps lit")
    return words
