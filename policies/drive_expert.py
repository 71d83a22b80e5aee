"""Drives a route from what the task tells: pure pursuit along the waypoints, a speed for bends, limits, lights and others."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bridge.engine import Action, Drive
from bridge.errors import InvalidInput
from bridge.observation import Observation

Array = NDArray[np.float64]
_NEEDS = ("waypoints", "speed", "limit", "signal", "ahead", "junction", "crossing", "left")
_RED, _GREEN = 2, 0


@dataclass(frozen=True)
class Config:
    """Flags of the policy `drive-expert`: what it takes its car for, and how it likes to drive.

    `limit_share` of what is allowed is driven; `across_m_s2` bounds bends, `brake_m_s2` what it plans to brake with.
    """

    wheelbase_m: float = 2.4
    most_steer_rad: float = 0.6
    engine_m_s2: float = 3.5
    strongest_brake_m_s2: float = 8.0
    limit_share: float = 0.9
    across_m_s2: float = 1.8
    speed_up_m_s2: float = 1.4
    brake_m_s2: float = 2.0
    standstill_m: float = 2.5
    before_line_m: float = 1.0


class DriveExpert:
    """One car's driver. Has nothing in mind but what it is told now, and what it asked of the pedals last."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._push = 0.0

    def reset(self, *, seed: int, agent: str, instruction: str) -> None:
        """A new ride."""
        self._push = 0.0

    def act(self, observation: Observation) -> Action:
        """Pedals and wheel. Raises InvalidInput for a task that does not tell a driver what it needs."""
        told = observation.told
        missing = [name for name in _NEEDS if name not in told]
        if missing:
            raise InvalidInput(f"drive-expert is not told {', '.join(missing)}. Use it for the task 'drive'.")
        speed = float(told["speed"][0])
        throttle, brake = self._pedals(speed, self._wanted(told, max(speed, 0.0)))
        return Action(Drive(throttle, self._steer(told, speed), brake))

    def _wanted(self, told: Mapping[str, Array], speed: float) -> float:
        """The speed to aim for [m/s]."""
        config = self._config
        top = config.limit_share * float(told["limit"][0])
        points = np.vstack([np.zeros(2), np.asarray(told["waypoints"]).reshape(-1, 2)])
        arcs, bends = _bends(points)
        bend_m_s = np.sqrt(config.across_m_s2 / np.maximum(bends, 1e-3))
        top = min(top, float(np.sqrt(bend_m_s**2 + 2 * config.brake_m_s2 * np.maximum(arcs - 2.0, 0.0)).min()))
        stops = [float(told["left"][0]) - 0.5]
        signal_m, colour = told["signal"]
        needs_m = speed**2 / (2 * config.brake_m_s2 * 1.6)
        if colour == _RED or (colour != _GREEN and signal_m > needs_m):
            stops.append(signal_m - config.before_line_m)
        junction_m, is_taken = told["junction"]
        if is_taken and junction_m > 0.3:
            stops.append(junction_m - config.before_line_m)
        if told["crossing"][0] > 0.5 and told["crossing"][0] > needs_m:
            stops.append(float(told["crossing"][0]) - 2.2)
        top = min(top, *(self._braked(stop, 0.0) for stop in stops))
        gap, pace = told["ahead"]
        return min(top, self._braked(gap - config.standstill_m, float(pace)))

    def _braked(self, gap_m: float, pace_m_s: float) -> float:
        """The speed from which one stops in time behind somebody who does likewise."""
        brake, lag_s = self._config.brake_m_s2, 0.5
        free = (brake * lag_s) ** 2 + pace_m_s**2 + 2 * brake * max(gap_m, 0.0)
        return max(-brake * lag_s + float(np.sqrt(free)), 0.0)

    def _pedals(self, speed: float, wanted: float) -> tuple[float, float]:
        """Throttle and brake; what is asked of them [m/s2] changes only so fast, unless there is need."""
        config = self._config
        if wanted < 0.1 and speed < 0.4:
            self._push = 0.0
            return 0.0, 0.4
        push = float(np.clip(1.5 * (wanted - speed), -6.0, config.speed_up_m_s2))
        gentle = 0.35 if push > -1.3 * config.brake_m_s2 else 1.5
        self._push += float(np.clip(push - self._push, -gentle, gentle))
        return max(self._push, 0.0) / config.engine_m_s2, max(-self._push, 0.0) / config.strongest_brake_m_s2

    def _steer(self, told: Mapping[str, Array], speed: float) -> float:
        """The wheel for an arc to a point ahead on the route (pure pursuit, Coulter 1992)."""
        points = np.asarray(told["waypoints"]).reshape(-1, 2)
        look = float(np.clip(0.7 * speed, 3.0, 8.0))
        away = np.linalg.norm(points, axis=1)
        after = int(np.argmax(away >= look)) if (away >= look).any() else len(points) - 1
        first = points[after - 1] if after else np.zeros(2)
        share = np.clip((look - np.linalg.norm(first)) / max(away[after] - np.linalg.norm(first), 1e-6), 0.0, 1.0)
        aim = first + share * (points[after] - first)
        bend = 2.0 * aim[1] / max(float(aim @ aim), 0.25)
        angle = np.arctan(bend * self._config.wheelbase_m)
        return float(np.clip(angle / self._config.most_steer_rad, -1.0, 1.0))

    def close(self) -> None:
        """Nothing to give back."""


def _bends(points: Array) -> tuple[Array, Array]:
    """How far each inner point of a line (n,2) is along it [m], and how much the line bends there [1/m]."""
    steps = np.diff(points, axis=0)
    length = np.linalg.norm(steps, axis=1)
    turn = np.diff(np.unwrap(np.arctan2(steps[:, 1], steps[:, 0])))
    bends = np.abs(turn) / np.maximum((length[1:] + length[:-1]) / 2, 0.5)
    return np.cumsum(length)[:-1], bends


def make(config: Config) -> DriveExpert:
    """A policy for one car."""
    return DriveExpert(config)
