"""The hero view: a camera chosen by looking. Many candidates are drawn small, scored by what they show, one is kept."""

from dataclasses import replace
from math import atan2, cos, hypot, pi, radians, sin

import numpy as np
from numpy.typing import NDArray

from bridge.frames import look_at
from bridge.scene import Scene
from bridge.semantics import CLASS_ID, CLASSES
from bridge.types import Camera, Frame, Pose
from scene_gen.pictures.glimpse import Glimpser

FOV_Y_RAD = radians(42)
WORTH = {
    "building": 1.0, "boat": 1.6, "tree": 0.7, "vehicle": 0.9, "person": 1.2, "lamp": 0.7, "dock": 0.9, "bridge": 0.9,
    "street-furniture": 0.8, "water": 0.5, "road": 0.4, "sidewalk": 0.3, "animal": 1.2, "sign": 0.8, "vegetation": 0.4,
    "wall": 0.4, "container": 0.6, "crate": 0.6, "fence": 0.3, "terrain": 0.2,
}  # fmt: skip
LOOKS = (((48, 27), 16), ((128, 72), 1))
"""Sizes of the frames that candidates are judged by, and how many stay: a glance at all, a look at the best."""
GROUND = ("terrain", "water", "road", "sidewalk", "crossing", "dock", "bridge", "sky")
"""Classes that are no things: what things stand on, float on, or stand out against."""
IS_GROUND = np.isin(CLASSES, GROUND)


def hero_camera(scene: Scene, *, width: int = 1600, height: int = 900) -> Camera:
    """The view of the town that shows most of it: an elevated street, quay or hillside view, whoever draws it."""
    candidates, glimpser = _candidates(scene), Glimpser(scene)
    classes, landmarks = scene.class_of_id(), _landmark_ids(scene)
    for (columns, rows), kept in LOOKS:
        frames = glimpser.glimpse([replace(camera, width=columns, height=rows) for camera in candidates])
        scores = np.array([score(frame, classes, landmarks) for frame in frames])
        candidates = [candidates[index] for index in np.argsort(-scores, kind="stable")[:kept]]
    return replace(candidates[0], name="hero", width=width, height=height)


def score(frame: Frame, class_of_id: NDArray[np.int32], landmarks: NDArray[np.int32]) -> float:
    """How much a small frame tells: many kinds of things at a middle distance, some sky, nothing in the way.

    A roof before the middle of the picture is in the way of what happens in the streets.
    """
    assert frame.segmentation is not None
    assert frame.depth is not None
    ids = frame.segmentation
    classes = class_of_id[np.clip(ids, 0, len(class_of_id) - 1)]
    pixels = ids.size
    share = np.bincount(classes.ravel(), minlength=len(CLASSES)) / pixels
    sky = float(share[CLASS_ID["sky"]])
    total = sum(worth * min(float(share[CLASS_ID[name]]) / 0.05, 1.0) ** 0.5 for name, worth in WORTH.items())
    seen, counts = np.unique(ids, return_counts=True)
    seen = seen[counts >= 0.00065 * pixels]
    total += 0.35 * np.log2(1 + len(seen))
    total += 1.5 * min(len(np.intersect1d(seen, landmarks)), 3)
    total -= 9.0 * abs(sky - 0.22)
    ground = IS_GROUND[classes]
    total -= 7.0 * float((frame.depth < 14.0).mean())
    total -= 9.0 * float(((frame.depth < 32.0) & ~ground).mean())
    total -= 12.0 * max(0.0, _largest_share(ids, classes) - 0.07)
    rows, columns = ids.shape
    before = np.s_[int(0.62 * rows) :, int(0.15 * columns) : int(0.85 * columns)]
    total -= 5.0 * float(((frame.depth[before] < 60.0) & (classes[before] == CLASS_ID["building"])).mean())
    total -= 5.0 * max(0.0, float(share[CLASS_ID["terrain"]]) - 0.28)
    total -= 3.0 * max(0.0, float(share[CLASS_ID["water"]]) - 0.32)
    return float(total)


def _largest_share(ids: NDArray[np.int32], classes: NDArray[np.int32]) -> float:
    """The share of the picture that the largest single thing takes; ground, water and sky are no things."""
    solid = ~IS_GROUND[classes]
    if not solid.any():
        return 0.0
    _, counts = np.unique(ids[solid], return_counts=True)
    return float(counts.max()) / ids.size


def _landmark_ids(scene: Scene) -> NDArray[np.int32]:
    telling = {"lighthouse", "church", "cathedral", "castle", "mosque", "temple", "pagoda", "windmill", "town-hall",
               "crane", "clock-tower", "water-tower", "town-wall", "bridge", "pier", "wind-turbine", "skyscraper",
               "ferry", "cargo-ship", "ruin"}  # fmt: skip
    return np.array([row.id for row in scene.instances() if row.kind in telling], dtype=np.int32)


def _candidates(scene: Scene) -> list[Camera]:
    """Cameras around the built middle and around landmarks, and, where there is a sea, looking in from the water."""
    middle = _built_middle(scene)
    reach = 0.5 * (scene.bounds[2] - scene.bounds[0])
    spread = float(np.median(np.hypot(*(_building_centres(scene) - middle).T))) if scene.buildings else 0.4 * reach
    spread = float(np.clip(spread, 50.0, 320.0))
    cameras: list[Camera] = []
    for ring, (distance, height) in enumerate(((0.55, 15.0), (0.8, 24.0), (1.15, 36.0), (1.4, 58.0))):
        for step in range(14):
            angle = 2 * pi * (step + 0.5 * (ring % 2)) / 14
            eye = middle + spread * distance * np.array([cos(angle), sin(angle)])
            cameras.append(_camera(scene, f"ring-{ring}-{step}", eye, height, middle, spread))
    for index, (target, span) in enumerate(_telling_places(scene)):
        toward = atan2(*(middle - target)[::-1]) if hypot(*(middle - target)) > 1 else 0.0
        for step, turn in enumerate((pi, pi * 0.72, pi * 1.28, pi * 0.5, pi * 1.5)):
            eye = target + span * np.array([cos(toward + turn), sin(toward + turn)])
            aim = target + 0.35 * (middle - target)
            for height in (11.0, 22.0):
                cameras.append(_camera(scene, f"place-{index}-{step}-{height:.0f}", eye, height, aim, spread))
    return cameras


def _camera(
    scene: Scene, name: str, eye: NDArray[np.float64], height: float, target: NDArray[np.float64], spread: float
) -> Camera:
    limit = np.array(scene.bounds[2:]) * 0.96
    eye = np.clip(eye, -limit, limit)
    ground = max(float(scene.terrain.height_at(eye)), max((water.level_m for water in scene.waters), default=-1e9))
    aim_ground = max(float(scene.terrain.height_at(target)), 0.0)
    position = np.array([eye[0], eye[1], ground + height])
    drop = 0.10 * hypot(*(target - eye))
    aim = np.array([target[0], target[1], max(aim_ground + 4.0, position[2] - drop - 0.25 * height)])
    eye3, quat = look_at(position, aim)
    return Camera(name, 1600, 900, FOV_Y_RAD, Pose(eye3, quat))


def _building_centres(scene: Scene) -> NDArray[np.float64]:
    return np.array([building.footprint.mean(axis=0) for building in scene.buildings]).reshape(-1, 2)


def _built_middle(scene: Scene) -> NDArray[np.float64]:
    return np.median(_building_centres(scene), axis=0) if scene.buildings else np.zeros(2)


def _telling_places(scene: Scene) -> list[tuple[NDArray[np.float64], float]]:
    """Up to ten places worth a look with how far to stand off [m]: piers, squares, bridges, landmarks."""
    places: list[tuple[NDArray[np.float64], float]] = []
    for kind, span in (("pier", 75.0), ("square", 60.0), ("bridge", 70.0), ("quay", 80.0)):
        outlines = [part.outline for part in scene.parts if part.kind == kind and part.outline is not None]
        places += [(outline.mean(axis=0), span) for outline in outlines[:2]]
    for building in scene.buildings:
        if building.use in ("church", "cathedral", "castle", "mosque", "temple", "town-hall"):
            places.append((building.footprint.mean(axis=0), 80.0))
    for group in scene.placements:
        if scene.assets[group.asset].kind in ("lighthouse", "windmill", "crane", "fountain"):
            places.append((group.poses[0, :2].copy(), 90.0))
    return places[:10]
