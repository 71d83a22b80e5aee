"""Works at a table from what the task tells: reach, push, pick and place, stack, drawer, as stages of the tool."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bridge.engine import Action, EndEffector
from bridge.errors import InvalidInput
from bridge.frames import matrix_from_quat, quat_from_yaw, quat_product
from bridge.observation import Observation
from bridge.types import Pose

Array = NDArray[np.float64]
_DOWN = np.array([0.0, 1.0, 0.0, 0.0])
_NEAR_M, _NEAR_RAD = 0.008, 0.04


@dataclass(frozen=True)
class Config:
    """Flags of the policy `manipulate-expert`: how high it carries things, how long it grasps, when a stage is given up."""

    above_m: float = 0.16
    grasp_s: float = 0.5
    stage_s: float = 4.0
    cube_m: float = 0.05


@dataclass(frozen=True, eq=False)
class Stage:
    """Where the tool goes, pointing down: `at` (3,) [m] in the base's frame, `yaw_rad`, with the gripper so; for `dwell_s` longer than it takes."""

    at: Array
    yaw_rad: float
    gripper: float
    dwell_s: float = 0.0


class ManipulateExpert:
    """The mind of an arm. It plans stages from where things are, and plans anew when they are through and it is not over."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._stages: list[Stage] = []
        self._since_s, self._there_s = 0.0, None

    def reset(self, *, seed: int, agent: str, instruction: str) -> None:
        """A new episode."""
        self._stages, self._since_s, self._there_s = [], 0.0, None

    def act(self, observation: Observation) -> Action:
        """Where the tool goes now. Raises InvalidInput for a task that does not tell what it needs."""
        skill = str(observation.notes.get("skill", ""))
        if (
            skill not in _PLANS
            or "goal" not in observation.told
            or (skill != "reach" and "objects" not in observation.told)
        ):
            raise InvalidInput(
                "manipulate-expert needs the task 'manipulate' with is_privileged: it is told no 'goal' and 'objects' here."
            )
        if self._stages and self._is_through(observation, self._stages[0]):
            self._stages.pop(0)
            self._since_s, self._there_s = observation.time_s, None
        if not self._stages:
            self._stages = _PLANS[skill](self._config, observation)
            self._since_s, self._there_s = observation.time_s, None
        stage = self._stages[0]
        turn = quat_product(quat_from_yaw(stage.yaw_rad), _DOWN)
        return Action(EndEffector(Pose(stage.at.copy(), turn)), gripper=stage.gripper)

    def _is_through(self, observation: Observation, stage: Stage) -> bool:
        tool, now_s = observation.told["tool"], observation.time_s
        off = _yaw(tool[3:]) - stage.yaw_rad
        turned = abs(float(np.arctan2(np.sin(off), np.cos(off))))
        is_there = float(np.linalg.norm(tool[:3] - stage.at)) < _NEAR_M and turned < _NEAR_RAD
        if is_there and self._there_s is None:
            self._there_s = now_s
        if self._there_s is not None and now_s - self._there_s >= stage.dwell_s - 1e-9:
            return True
        return now_s - self._since_s > self._config.stage_s + stage.dwell_s

    def close(self) -> None:
        """Nothing to give back."""


def _things(observation: Observation) -> Array:
    """Poses (k,7) of what the errand is about."""
    return np.asarray(observation.told["objects"], dtype=np.float64).reshape(-1, 7)


def _yaw(quat: Array) -> float:
    rotation = matrix_from_quat(np.asarray(quat, dtype=np.float64))
    return float(np.arctan2(rotation[1, 0], rotation[0, 0]))


def _nearest(yaw: float, *, turn: float) -> float:
    """The same grasp with the hand turned least: `yaw` up to whole `turn`s."""
    return float(yaw - turn * np.round(yaw / turn))


def _reach(config: Config, observation: Observation) -> list[Stage]:
    return [Stage(observation.told["goal"], 0.0, 0.0)]


def _carried(config: Config, observation: Observation, *, release_m: float) -> list[Stage]:
    """Takes the first thing and lets it go `release_m` over the second's underside."""
    thing, under = _things(observation)
    lift = np.array([0.0, 0.0, config.above_m])
    at, yaw = thing[:3] + [0.0, 0.0, config.cube_m / 2], _nearest(_yaw(thing[3:]), turn=np.pi / 2)
    over = under[:3] + [0.0, 0.0, release_m]
    put_yaw = _nearest(_yaw(under[3:]), turn=np.pi / 2)
    return [
        Stage(at + lift, yaw, 0.0),
        Stage(at, yaw, 0.0, 0.1),
        Stage(at, yaw, 1.0, config.grasp_s),
        Stage(at + lift, yaw, 1.0),
        Stage(over + lift, put_yaw, 1.0, 0.1),
        Stage(over, put_yaw, 1.0, 0.3),
        Stage(over, put_yaw, 0.0, config.grasp_s),
        Stage(over + lift, put_yaw, 0.0, 0.3),
    ]


def _pick_place(config: Config, observation: Observation) -> list[Stage]:
    return _carried(config, observation, release_m=0.07)


def _stack(config: Config, observation: Observation) -> list[Stage]:
    return _carried(config, observation, release_m=1.5 * config.cube_m + 0.003)


def _push(config: Config, observation: Observation) -> list[Stage]:
    """Two fingertips, half closed, behind the cube and on to the mark."""
    (thing,), goal = _things(observation), np.asarray(observation.told["goal"])
    way = goal[:2] - thing[:2]
    far = float(np.linalg.norm(way))
    ahead = way / max(far, 1e-6)
    yaw = _nearest(float(np.arctan2(ahead[1], ahead[0])), turn=np.pi)
    across = config.cube_m * float(np.abs(np.cos(_turned(thing, ahead))) + np.abs(np.sin(_turned(thing, ahead)))) / 2
    low = thing[2] + 0.02
    behind = np.array([*(thing[:2] - (across + 0.035) * ahead), low])
    end = np.array([*(goal[:2] - (config.cube_m / 2 + 0.011) * ahead), low])
    lift = np.array([0.0, 0.0, config.above_m])
    steps = max(int(np.ceil(far / 0.04)), 1)
    led = [behind + share * (end - behind) for share in np.linspace(0.0, 1.0, steps + 1)[1:]]
    back = end - np.array([*(0.03 * ahead), 0.0])
    return [
        Stage(behind + lift, yaw, 0.6),
        Stage(behind, yaw, 0.6, 0.1),
        *(Stage(at, yaw, 0.6) for at in led),
        Stage(end, yaw, 0.6, 0.3),
        Stage(back, yaw, 0.6),
        Stage(back + lift, yaw, 0.6),
    ]


def _turned(thing: Array, ahead: Array) -> float:
    return _yaw(thing[3:]) - float(np.arctan2(ahead[1], ahead[0]))


def _drawer(config: Config, observation: Observation) -> list[Stage]:
    """Takes the bar from above, a finger on either side, and pulls it to where it has to be."""
    (bar,), goal = _things(observation), np.asarray(observation.told["goal"])
    yaw = _nearest(_yaw(bar[3:]) + np.pi / 2, turn=np.pi)
    at, lift = bar[:3].copy(), np.array([0.0, 0.0, 0.1])
    out = goal - at
    end = goal + 0.02 * out / max(float(np.linalg.norm(out)), 1e-6)
    return [
        Stage(at + lift, yaw, 0.5),
        Stage(at, yaw, 0.5, 0.1),
        Stage(at, yaw, 1.0, config.grasp_s),
        Stage(end, yaw, 1.0, 0.3),
        Stage(end, yaw, 0.4, 0.3),
        Stage(end + lift, yaw, 0.4),
    ]


_PLANS: dict[str, Callable[[Config, Observation], list[Stage]]] = {
    "reach": _reach, "push": _push, "pick-place": _pick_place, "stack": _stack, "drawer": _drawer,
}  # fmt: skip


def make(config: Config) -> ManipulateExpert:
    """A policy for one arm."""
    return ManipulateExpert(config)
