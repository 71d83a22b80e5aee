"""The tables that manipulation happens at, and where its things lie at the start of an episode."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from bridge.engine import Change, Move
from bridge.frames import pose_array, quat_from_yaw
from bridge.meshes import mesh
from bridge.robots.description import read_robot
from bridge.robots.placing import with_robot
from bridge.robots.tabletop import CUBE_M, REACH_X, REACH_Y, TABLE_M, tabletop_scene
from bridge.scene import Asset, Placements, Scene
from bridge.tasks.manipulate.config import SkillName
from bridge.types import Pose

Array = NDArray[np.float64]
ARM, BOWL, CAN, DRAWER, TRAY, MARK = "panda", "bowl", "can", "drawer", "drawer/tray", "mark"
CUBES = ("red-cube", "green-cube", "blue-cube")
HANDLE_M = (-0.183, 0.0, 0.098)
"""The bar of the drawer in its tray's frame, the site "handle" of its description [m]."""
_DRAWER_AT = (0.7, 0.0)
_APART_M, _PUSHED_M, _MARK_M = 0.13, (0.12, 0.2), 0.045
_AROUND_PUSH_M, _BEHIND_M = 0.1, 0.1
_FAR_UP_M = (0.12, 0.4)


@dataclass(frozen=True, eq=False)
class Errand:
    """What is to be done in one episode: `moved` the thing that has to get somewhere, "" if it is the tool; `onto` what it goes onto or into.

    `goal` (3,) [m], world frame, is where it has to be as far as that is fixed from the start; `words` are the instruction.
    """

    skill: SkillName
    words: str
    moved: str = ""
    onto: str = ""
    goal: Array | None = None

    @property
    def things(self) -> tuple[str, ...]:
        """What is to be known about: the names of things whose places are told."""
        return tuple(name for name in (self.moved, self.onto) if name)


def table(skill: SkillName) -> Scene:
    """The scene of a skill: things on a table before an arm; for the drawer a cabinet instead of the things."""
    scene = tabletop_scene(robot=ARM)
    if skill == "drawer":
        loose = (*CUBES, CAN, BOWL)
        bare = replace(
            scene, name="tabletop-drawer", placements=tuple(p for p in scene.placements if p.asset not in loose)
        )
        return with_robot(bare, read_robot("drawer"), name=DRAWER, origin=pose_array([*_DRAWER_AT, TABLE_M], 0.0))
    if skill == "push":
        mark = Placements(MARK, (MARK,), pose_array([[0.5, 0.0, TABLE_M]], [0.0]), np.ones((1, 3)))
        return replace(
            scene, name="tabletop-push", assets={**scene.assets, MARK: _mark()}, placements=(*scene.placements, mark)
        )
    return scene


def _mark() -> Asset:
    """A yellow disc to be seen on the table; it is in nothing's way."""
    angle = np.arange(32) * (2 * np.pi / 32)
    ring = np.column_stack([_MARK_M * np.cos(angle), _MARK_M * np.sin(angle), np.full(32, 0.0015)])
    fan = [[32, i, (i + 1) % 32] for i in range(32)]
    shape = mesh(np.vstack([ring, [0.0, 0.0, 0.0015]]), np.array(fan), ("yellow",))
    return Asset(MARK, MARK, "tabletop-object", (shape,), (), (2 * _MARK_M, 2 * _MARK_M, 0.002), 0.01)


def laid(skill: SkillName, rng: np.random.Generator) -> tuple[Errand, list[Change]]:
    """An errand, and everything at a place of its own."""
    if skill == "drawer":
        x, y, yaw = rng.uniform([0.67, -0.15, -0.3], [0.73, 0.15, 0.3])
        return Errand(skill, "Open the drawer.", moved=TRAY, onto=DRAWER), [_put(DRAWER, np.array([x, y]), yaw)]
    cube, other = (str(name) for name in rng.permutation(CUBES)[:2])
    names = (*CUBES, CAN, BOWL)
    while True:
        spots, yaws = _strewn(len(names), rng), rng.uniform(-np.pi / 4, np.pi / 4, len(names))
        changes: list[Change] = [
            _put(name, spot, yaw) for name, spot, yaw in zip(names, spots, yaws.tolist(), strict=True)
        ]
        if skill == "reach":
            low, high = (REACH_X[0], REACH_Y[0], _FAR_UP_M[0]), (REACH_X[1], REACH_Y[1], _FAR_UP_M[1])
            goal = rng.uniform(low, high) + [0.0, 0.0, TABLE_M]
            at = ", ".join(f"{number:.2f}" for number in goal)
            return Errand(skill, f"Bring the tool to ({at}).", goal=goal), changes
        if skill == "pick-place":
            return Errand(skill, f"Put the {_called(cube)} into the bowl.", cube, BOWL), changes
        if skill == "stack":
            return Errand(skill, f"Put the {_called(cube)} on the {_called(other)}.", cube, other), changes
        spot = _pushed(spots, names.index(cube), rng)
        if spot is not None:
            goal = np.array([*spot, TABLE_M])
            words = f"Push the {_called(cube)} onto the yellow mark."
            return Errand(skill, words, cube, "", goal), [*changes, _put(MARK, spot, 0.0)]


def _called(name: str) -> str:
    return name.replace("-", " ")


def _put(name: str, spot: Array, yaw: float) -> Move:
    return Move(name, Pose(np.array([*spot, TABLE_M]), quat_from_yaw(yaw)))


def _strewn(count: int, rng: np.random.Generator) -> Array:
    """Places (n,2) within reach, no two nearer than 13 cm."""
    while True:
        spots = rng.uniform([REACH_X[0], REACH_Y[0]], [REACH_X[1], REACH_Y[1]], (40, 2))
        kept: list[Array] = []
        for spot in spots:
            if all(np.hypot(*(spot - other)) > _APART_M for other in kept):
                kept.append(spot)
            if len(kept) == count:
                return np.array(kept)


def _pushed(spots: Array, row: int, rng: np.random.Generator) -> Array | None:
    """Where a thing may be pushed to, straight and past nothing else; None if there is no such place."""
    start, others = spots[row], np.delete(spots, row, axis=0)
    for _ in range(40):
        angle, far = rng.uniform(-np.pi, np.pi), rng.uniform(*_PUSHED_M)
        ahead = np.array([np.cos(angle), np.sin(angle)])
        end, behind = start + far * ahead, start - _BEHIND_M * ahead
        fits = all((REACH_X[0] <= p[0] <= REACH_X[1]) and (REACH_Y[0] <= p[1] <= REACH_Y[1]) for p in (end, behind))
        along = np.clip((others - behind) @ ahead, 0.0, far + _BEHIND_M + CUBE_M)
        if fits and np.linalg.norm(others - behind - along[:, None] * ahead, axis=1).min() > _AROUND_PUSH_M:
            return end
    return None
