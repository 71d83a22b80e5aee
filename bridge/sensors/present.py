"""The scene as it is now: what was spawned, painted, weathered, moved or removed since the reset, on any engine."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from bridge.dressed import Color, Scale, dressed
from bridge.engine import Change, Move, Paint, Remove, Resize, Spawn, Weather
from bridge.scene import Placements, Scene
from bridge.types import Pose, WorldState
from bridge.weather import changed


class Present:
    """Follows the edits of one world. `scene` has everything that is or was there; `absent` names what is gone.

    An engine that tells its scene as it is now is believed; for all others that is worked out here.
    """

    def __init__(self, engine: Any, scene: Scene) -> None:
        self._engine, self._begun = engine, scene
        self.reset()

    def reset(self) -> None:
        """Everything as the scene says."""
        self.absent: frozenset[str] = frozenset()
        self._spawned: dict[str, Placements] = {}
        self._placed: dict[str, Pose] = {}
        self._paints: dict[str, Color] = {}
        self._scales: dict[str, Scale] = {}
        self._environment = self._begun.environment
        self.scene = self._told() or self._begun

    def change(self, changes: Sequence[Change]) -> None:
        """After an edit that the engine has made."""
        before = len(self._spawned), dict(self._paints), dict(self._scales), self._environment
        for change in changes:
            if isinstance(change, Spawn):
                self.absent -= {change.name}
                if change.name not in self._spawned and not self._is_begun(change.name):
                    rows = np.array([[*change.pose.position, *change.pose.quat_wxyz]], dtype=np.float64)
                    self._spawned[change.name] = Placements(change.asset, (change.name,), rows, np.ones((1, 3)))
                self._placed[change.name] = change.pose
                if change.scale is not None:
                    self._scales[change.name] = change.scale
            elif isinstance(change, Resize):
                self._scales[change.name] = change.scale
            elif isinstance(change, Move):
                self._placed[change.name] = change.pose
            elif isinstance(change, Remove):
                self.absent |= {change.name}
                self._paints.pop(change.name, None)
                self._scales.pop(change.name, None)
            elif isinstance(change, Paint):
                red, green, blue = change.color
                self._paints[change.name] = float(red), float(green), float(blue)
            elif isinstance(change, Weather):
                self._environment = changed(self._environment, change)
        told = self._told()
        if told is not None:
            self.scene = told
        elif before != (len(self._spawned), self._paints, self._scales, self._environment):
            spawned = tuple(self._spawned.values())
            self.scene = dressed(self._begun, spawned, self._paints, self._environment, self._scales)

    def whole(self, state: WorldState) -> WorldState:
        """The state, with what was put elsewhere and stands there: engines name what can move alone."""
        stood = [name for name in self._placed if name not in self.absent and name not in state.names]
        if not stood:
            return state
        rows = np.array([[*self._placed[name].position, *self._placed[name].quat_wxyz] for name in stood])
        velocities = state.velocities
        if velocities is not None:
            velocities = np.concatenate([velocities, np.zeros((len(stood), 6))])
        poses = np.concatenate([np.asarray(state.poses, np.float64), rows])
        return replace(state, names=(*state.names, *stood), poses=poses, velocities=velocities)

    def _told(self) -> Scene | None:
        """The scene as the engine itself has it, with the links of its robots; None where it does not tell."""
        told = getattr(self._engine, "scene", None)
        return told if isinstance(told, Scene) else None

    def _is_begun(self, name: str) -> bool:
        return any(name in group.names for group in self._begun.placements)
