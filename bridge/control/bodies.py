"""The moving bodies of a world as flat arrays: where they are, how fast, how large, and who is no obstacle."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from bridge.control.clearance import plan_size
from bridge.frames import yaw_from_quat
from bridge.scene import Asset, Scene
from bridge.types import WorldState

Array = NDArray[np.float64]
_STRANGER_M = (0.5, 0.5)
"""Length and width of a body nobody told of."""
_OUT_OF_REACH_M = -100.0
_INSET = 0.6
"""How far before the ends of long bodies their outer discs lie, in half widths."""


@dataclass(frozen=True, eq=False)
class Bodies:
    """Bodies seen from above: `xy` (n,2) [m], `yaw` (n,) [rad], `velocity` (n,2) [m/s], `half` (n,2) half length and width.

    `is_there` (n,) is False for what is carried or rides, and so gets in nobody's way of its own.
    """

    names: tuple[str, ...]
    index: Mapping[str, int]
    xy: Array
    z: Array
    yaw: Array
    velocity: Array
    half: Array
    is_person: NDArray[np.bool_]
    is_there: NDArray[np.bool_]

    def discs(self) -> tuple[NDArray[np.int64], Array, Array]:
        """Discs that cover the bodies, corners too: whose, centres (k,2), radii (k,). Long bodies get three."""
        return self._covers

    @cached_property
    def _covers(self) -> tuple[NDArray[np.int64], Array, Array]:
        whose = np.flatnonzero(self.is_there)
        half = self.half[whose]
        is_long = half[:, 0] > 1.3 * half[:, 1]
        ahead = np.stack([np.cos(self.yaw[whose]), np.sin(self.yaw[whose])], axis=1)
        reach = np.maximum(half[:, 0] - _INSET * half[:, 1], 0.0)[:, None] * ahead
        centre, radius = self.xy[whose], np.hypot(1.0, _INSET) * half.min(axis=1)
        longs = np.flatnonzero(is_long)
        radius = np.where(is_long, radius, half.max(axis=1))
        return (
            np.concatenate([whose, whose[longs], whose[longs]]),
            np.concatenate([centre, (centre + reach)[longs], (centre - reach)[longs]]),
            np.concatenate([radius, radius[longs], radius[longs]]),
        )


class Census:
    """Knows how large the things of a scene are, and reads the bodies out of states."""

    def __init__(self, scene: Scene) -> None:
        self._sizes: dict[str, tuple[float, float]] = {}
        self._persons: set[str] = {agent.name for agent in scene.agents}
        for group in scene.placements:
            asset = scene.assets[group.asset]
            for name, scale in zip(group.names, group.scale, strict=True):
                self.enter(name, asset, scale)
        self._known: tuple[tuple[str, ...], Mapping[str, int], Array, NDArray[np.bool_]] | None = None
        self._last: tuple[WorldState, Bodies] | None = None

    def enter(self, name: str, asset: Asset, scale: NDArray[np.float64] | None = None) -> None:
        """Notes how large a thing of some name is; for what is spawned."""
        x, y = np.array(plan_size(asset)) * (1.0 if scale is None else scale[:2])
        if asset.semantic == "person":
            x = y = min(float(x), float(y), 0.56)
            self._persons.add(name)
        self._sizes[name] = float(x), float(y)
        self._known = self._last = None

    def bodies(self, state: WorldState) -> Bodies:
        """The bodies of one tick; many minds ask for those of the same state."""
        if self._last is None or self._last[0] is not state:
            self._last = state, self._read(state)
        return self._last[1]

    def _read(self, state: WorldState) -> Bodies:
        if self._known is None or (self._known[0] is not state.names and self._known[0] != state.names):
            half = 0.5 * np.array([self._sizes.get(name, _STRANGER_M) for name in state.names]).reshape(-1, 2)
            persons = np.array([name in self._persons for name in state.names], dtype=bool)
            index = {name: row for row, name in enumerate(state.names)}
            self._known = state.names, index, half, persons
        _, index, half, persons = self._known
        there = state.poses[:, 2] > _OUT_OF_REACH_M
        for agent in state.agents:
            for name in (*agent.holding, *((agent.name,) if agent.riding else ())):
                if name in index:
                    there[index[name]] = False
        velocity = np.zeros((len(there), 2)) if state.velocities is None else state.velocities[:, :2]
        yaw = yaw_from_quat(state.poses[:, 3:])
        return Bodies(state.names, index, state.poses[:, :2], state.poses[:, 2], yaw, velocity, half, persons, there)
