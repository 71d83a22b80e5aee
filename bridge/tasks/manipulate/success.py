"""Whether work at a table is done, and how far it is from being done: pure functions of the state."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bridge.frames import matrix_from_quat
from bridge.robots.tabletop import CUBE_M
from bridge.tasks.manipulate.config import Config
from bridge.tasks.manipulate.tables import ARM, DRAWER, HANDLE_M, TRAY, Errand
from bridge.types import WorldState

Array = NDArray[np.float64]
_IN_BOWL_M, _LEVEL_M, _ON_TOP_M, _FLAT = 0.05, 0.02, 0.01, 0.95


@dataclass(frozen=True)
class Progress:
    """How an errand stands: whether it `is_done`, and what is `left_m`: of the tool to what it has to take hold of, and of that to where it
    belongs, together [m]."""

    is_done: bool
    left_m: float


def pose(state: WorldState, name: str) -> Array:
    """A thing's pose (7,)."""
    return state.poses[state.names.index(name)]


def handle(state: WorldState) -> Array:
    """Where the drawer's bar is (3,) [m], world frame."""
    tray = pose(state, TRAY)
    return tray[:3] + matrix_from_quat(tray[3:]) @ np.array(HANDLE_M)


def opening_m(state: WorldState) -> float:
    """How far the drawer is pulled out of its cabinet."""
    cabinet, tray = pose(state, DRAWER), pose(state, TRAY)
    return float(-(matrix_from_quat(cabinet[3:]).T @ (tray[:3] - cabinet[:3]))[0])


def progress(errand: Errand, state: WorldState, config: Config) -> Progress:
    """How an errand stands at a state."""
    tool = pose(state, f"{ARM}/tool")[:3]
    if errand.skill == "reach":
        assert errand.goal is not None
        away = float(np.linalg.norm(tool - errand.goal))
        return Progress(away <= config.reach_m, away)
    if errand.skill == "drawer":
        shut = max(config.open_m - opening_m(state), 0.0)
        return Progress(shut <= 0.0, shut + float(np.linalg.norm(tool - handle(state))))
    thing = pose(state, errand.moved)
    middle = thing[:3] + matrix_from_quat(thing[3:]) @ [0.0, 0.0, CUBE_M / 2]
    rests = _rests(state, errand.moved, config)
    to_tool = float(np.linalg.norm(tool - middle))
    if errand.skill == "push":
        assert errand.goal is not None
        away = float(np.linalg.norm(thing[:2] - errand.goal[:2]))
        lies = bool(abs(thing[2] - errand.goal[2]) < _LEVEL_M)
        return Progress(away <= config.push_m and lies and rests, away + to_tool)
    under = pose(state, errand.onto)
    aside = float(np.linalg.norm(middle[:2] - under[:2]))
    is_let_go = not _held(state, errand.moved)
    if errand.skill == "stack":
        top = under[:3] + matrix_from_quat(under[3:]) @ [0.0, 0.0, 1.5 * CUBE_M]
        away = float(np.linalg.norm(middle - top))
        is_on_top = bool(aside <= config.stack_m and abs(middle[2] - top[2]) < _ON_TOP_M)
        return Progress(is_on_top and rests and is_let_go, away + to_tool)
    is_inside = bool(aside <= _IN_BOWL_M and -0.01 < middle[2] - under[2] < 2 * CUBE_M)
    is_upright = float(matrix_from_quat(under[3:])[2, 2]) > _FLAT
    away = float(np.linalg.norm(middle - under[:3]))
    return Progress(is_inside and is_upright and rests and is_let_go, away + to_tool)


def _rests(state: WorldState, name: str, config: Config) -> bool:
    """Whether a thing is at rest; engines that know no velocities are believed that it is."""
    if state.velocities is None:
        return True
    return float(np.linalg.norm(state.velocities[state.names.index(name), :3])) < config.rest_m_s


def _held(state: WorldState, name: str) -> bool:
    """Whether some part of the arm touches a thing."""
    pairs = state.contacts.names if state.contacts is not None else ()
    return any(name in pair and any(one.startswith(f"{ARM}/") for one in pair) for pair in pairs)
