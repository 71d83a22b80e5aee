"""Where a page first looks from: a slant view of the middle of the town's life, clear of roofs and trees."""

import numpy as np
from numpy.typing import NDArray

from bridge.scene import Scene

_RISE, _AWAY = 0.34, 1.0
_NEAR_M, _FAR_M = 60.0, 170.0
_BEARINGS = 24
_STEPS = 24


def first_outlook(scene: Scene) -> dict[str, list[float]]:
    """`eye` and `target` [m], world frame: from over the water, if there is some, else from where least is in the way."""
    target = _middle_of_life(scene)
    tops_xy, tops_z = _tops(scene)
    x0, y0, x1, y1 = scene.bounds
    side = min(x1 - x0, y1 - y0)
    away = float(np.clip(0.28 * side, _NEAR_M, _FAR_M))
    best, worst_score = None, np.inf
    for bearing in np.arange(_BEARINGS) * (2 * np.pi / _BEARINGS):
        toward = np.array([np.cos(bearing), np.sin(bearing)])
        eye_xy = target[:2] + toward * away * _AWAY
        ground = float(scene.terrain.height_at(eye_xy))
        eye = np.array([*eye_xy, max(ground, _water_level(scene), target[2]) + away * _RISE])
        score = _hidden(eye, target, tops_xy, tops_z, scene) - 0.6 * (ground < _water_level(scene))
        score += 0.3 * float((eye_xy < [x0, y0]).any() or (eye_xy > [x1, y1]).any())
        if score < worst_score - 1e-9:
            best, worst_score = eye, score
    assert best is not None
    return {"eye": [round(v, 2) for v in best.tolist()], "target": [round(v, 2) for v in target.tolist()]}


def _middle_of_life(scene: Scene) -> NDArray[np.float64]:
    """A place between the boats and the houses, the agents and the houses, or amid what of these there is."""
    x0, y0, x1, y1 = scene.bounds
    boats = [group.poses[:, :2] for group in scene.placements if scene.assets[group.asset].semantic == "boat"]
    agents = [np.array([agent.pose[:2]]) for agent in scene.agents[:1]]
    houses = np.array([np.asarray(house.footprint).mean(axis=0) for house in scene.buildings]).reshape(-1, 2)
    lively = boats or agents
    middle = np.median(np.concatenate(lively), axis=0) if lively else np.array([(x0 + x1) / 2, (y0 + y1) / 2])
    if len(houses):
        nearest = np.argsort(np.linalg.norm(houses - middle, axis=1))[:24]
        middle = 0.4 * middle + 0.6 * houses[nearest].mean(axis=0)
    return np.array([*middle, max(float(scene.terrain.height_at(middle)), _water_level(scene)) + 3.0])


def _water_level(scene: Scene) -> float:
    return max((water.level_m for water in scene.waters), default=-np.inf)


def _tops(scene: Scene) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Middles (n,2) and ridges (n,) of the houses [m]."""
    houses = scene.buildings
    xy = np.array([np.asarray(building.footprint).mean(axis=0) for building in houses]).reshape(-1, 2)
    return xy, np.array([building.base_m + building.height_m + building.roof_m for building in houses])


def _hidden(eye: NDArray, target: NDArray, tops_xy: NDArray, tops_z: NDArray, scene: Scene) -> float:
    """How much of the line of sight goes through the ground or through houses (taken to be 14 m wide), 0 to 2."""
    along = np.linspace(0.0, 0.92, _STEPS)[:, None]
    points = eye + (target - eye) * along
    in_ground = points[:, 2] < scene.terrain.height_at(points[:, :2]) + 1.0
    if not len(tops_xy):
        return float(in_ground.mean())
    gap = np.linalg.norm(points[:, None, :2] - tops_xy[None], axis=2)
    in_house = ((gap < 9.0) & (points[:, None, 2] < tops_z[None] + 2.0)).any(axis=1)
    return float(in_ground.mean() + in_house.mean())
