"""Reach an address on foot: "Go to 14 Quay Street.", judged by the distance along the ways."""

import weakref
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bridge.control.town import Town
from bridge.control.ways import Distances
from bridge.engine import Action, Actions, Change, Move, Spawn
from bridge.errors import InvalidInput, InvalidScene
from bridge.frames import quat_from_yaw, yaw_from_quat
from bridge.observation import touched
from bridge.riders import poses_of_riders
from bridge.scene import Scene
from bridge.tasks.task import Briefings, Outcome
from bridge.types import Pose, WorldState

_FLOORS = ("terrain", "road", "sidewalk", "crossing", "lane-marking", "dock", "bridge")
_ROOM_M, _APART_M, _LIFT_M = 0.45, 2.0, 0.03


@dataclass(frozen=True)
class Config:
    """The task's numbers: who takes part, how far it is, when it is over, and what counts how much.

    `agents` take part, each with a goal of its own. `progress_per_m` rewards every metre that the way to the goal gets
    shorter; `success` is given once, within `success_m` of the door; `per_collision` for each new touch of anything but
    the ground, `per_s` for every second.
    """

    agents: int = 1
    least_m: float = 15.0
    most_m: float = 120.0
    success_m: float = 1.0
    limit_s: float = 180.0
    progress_per_m: float = 1.0
    success: float = 10.0
    per_collision: float = -0.5
    per_s: float = -0.02


@dataclass(frozen=True, eq=False)
class Errand:
    """One agent's way so far: where to, how far it was and is along the ways, how far it went, whom it touches."""

    address: str
    goal: NDArray[np.float64]
    distances: Distances
    shortest_m: float
    left_m: float
    walked_m: float = 0.0
    collisions: int = 0
    touches: frozenset[str] = frozenset()
    is_over: bool = False


@dataclass(frozen=True, eq=False)
class NavigateState:
    """All errands of an episode by agent, what is no collision, and when it began."""

    errands: Mapping[str, Errand]
    floors: frozenset[str]
    begun_s: float | None = None


class Navigate:
    """The task; holds nothing of an episode."""

    told: Mapping[str, tuple[tuple[float, float], ...]] = {"goal": ((0.0, 1e5), (-np.pi, np.pi))}
    verbs: Mapping[str, str] = {}

    def __init__(self, config: Config) -> None:
        if config.agents < 1 or not 0 < config.least_m < config.most_m or config.limit_s <= 0:
            raise InvalidInput(
                f"Navigate was given agents={config.agents}, least_m={config.least_m:g}, most_m={config.most_m:g}, "
                f"limit_s={config.limit_s:g}. Give at least one agent, 0 < least_m < most_m, and a limit above 0."
            )
        self.config = config
        self._towns: weakref.WeakKeyDictionary[Scene, Town] = weakref.WeakKeyDictionary()

    def town(self, scene: Scene) -> Town:
        """What is known of a scene's ways; made once."""
        if scene not in self._towns:
            self._towns[scene] = Town(scene)
        return self._towns[scene]

    def agents(self, scene: Scene) -> tuple[str, ...]:
        """The scene's own agents first, then newcomers."""
        own = [agent.name for agent in scene.agents][: self.config.agents]
        return (*own, *(f"navigator-{i + 1}" for i in range(self.config.agents - len(own))))

    def setup(self, scene: Scene, rng: np.random.Generator) -> tuple[NavigateState, Sequence[Change], Briefings]:
        """Seeded starts and goals that lie `least_m` to `most_m` apart. Raises InvalidScene where there are none."""
        town, errands, changes = self.town(scene), {}, []
        own = {agent.name for agent in scene.agents}
        taken = np.zeros((0, 2))
        riding = poses_of_riders(scene.assets)
        people = (name for name, asset in scene.assets.items() if asset.semantic == "person" and name not in riding)
        body = next(people, "")
        for name in self.agents(scene):
            address, start, distances = self._way(town, rng, taken)
            taken = np.vstack([taken, start[:2]])
            pose = Pose(start + [0.0, 0.0, _LIFT_M], quat_from_yaw(rng.uniform(-np.pi, np.pi)))
            if name not in own and not body:
                raise InvalidScene(
                    f"Scene '{scene.name}' has no person to play {name}. Ask for at most {len(own)} agents."
                )
            changes.append(Move(name, pose) if name in own else Spawn(name, body, pose, is_agent=True))
            left = distances.at(start)
            errands[name] = Errand(address, town.places.find(address).position, distances, left, left)
        floors = frozenset({"terrain", *(part.name for part in scene.parts if part.semantic in _FLOORS)})
        briefings = {name: f"Go to {errand.address}." for name, errand in errands.items()}
        return NavigateState(errands, floors), changes, briefings

    def _way(
        self, town: Town, rng: np.random.Generator, taken: NDArray[np.float64]
    ) -> tuple[str, NDArray[np.float64], Distances]:
        """A goal and a start at the right distance with room to stand, away from others."""
        scene, walks = town.scene, town.walks
        addresses = sorted({b.address for b in scene.buildings if b.address and b.doors})
        nodes = scene.navigation.nodes
        stands = np.array([g.poses[i, :2] for g in scene.placements for i in range(len(g.names))]).reshape(-1, 2)
        walked = np.unique(walks.edges)
        roomy = walked[town.room.at(nodes[walked, :2]) > _ROOM_M]
        for index in rng.permutation(len(addresses)).tolist():
            distances = walks.distances_to(town.places.find(addresses[index]).position)
            away = distances.from_node[roomy]
            fits = roomy[(away >= self.config.least_m) & (away <= self.config.most_m)]
            for node in rng.permutation(fits)[:20].tolist():
                others = np.vstack([stands, taken])
                if not len(others) or np.linalg.norm(others - nodes[node, :2], axis=1).min() > _APART_M / 2:
                    return addresses[index], nodes[node], distances
        raise InvalidScene(
            f"Scene '{scene.name}' has {len(addresses)} addresses and none with a start {self.config.least_m:g} to "
            f"{self.config.most_m:g} m away on foot. Change least_m and most_m, or take a larger town."
        )

    def advance(
        self, task_state: NavigateState, before: WorldState, actions: Actions, after: WorldState
    ) -> tuple[NavigateState, Mapping[str, Outcome], Briefings]:
        """Rewards progress; a goal reached terminates, the time limit truncates. Those who are done are left out."""
        begun_s = before.time_s if task_state.begun_s is None else task_state.begun_s
        errands, outcomes = dict(task_state.errands), {}
        for name, errand in task_state.errands.items():
            if not errand.is_over:
                errands[name], outcomes[name] = self._judged(name, errand, task_state.floors, begun_s, before, after)
        return NavigateState(errands, task_state.floors, begun_s), outcomes, {}

    def _judged(
        self, name: str, errand: Errand, floors: frozenset[str], begun_s: float, before: WorldState, after: WorldState
    ) -> tuple[Errand, Outcome]:
        config = self.config
        was, now = (state.poses[state.names.index(name), :3] for state in (before, after))
        left = errand.distances.at(now)
        touches = frozenset(touched(after, name)) - floors
        new = len(touches - errand.touches)
        is_there = float(np.linalg.norm(now[:2] - errand.goal[:2])) <= config.success_m
        is_late = not is_there and after.time_s - begun_s >= config.limit_s - 1e-9
        walked = errand.walked_m + float(np.linalg.norm(now[:2] - was[:2]))
        collisions = errand.collisions + new
        reward = config.progress_per_m * (errand.left_m - left) + config.per_collision * new
        reward += config.per_s * (after.time_s - before.time_s) + (config.success if is_there else 0.0)
        told: dict[str, object] = {"distance_m": left, "collisions": collisions}
        if is_there or is_late:
            share = errand.shortest_m / max(errand.shortest_m, walked, 1e-9)
            told |= {"success": is_there, "spl": share if is_there else 0.0, "walked_m": walked}
        errand = replace(
            errand, left_m=left, walked_m=walked, collisions=collisions, touches=touches, is_over=is_there or is_late
        )
        return errand, Outcome(float(reward), is_there, is_late, told)

    def tells(self, task_state: NavigateState, state: WorldState) -> Mapping[str, Mapping[str, NDArray[np.float64]]]:
        """The goal as the crow flies: distance [m] and bearing [rad] from the body's heading, left positive."""
        told = {}
        for name, errand in task_state.errands.items():
            pose = state.poses[state.names.index(name)]
            way = errand.goal[:2] - pose[:2]
            off = np.arctan2(way[1], way[0]) - float(yaw_from_quat(pose[3:]))
            told[name] = {"goal": np.array([np.hypot(*way), np.arctan2(np.sin(off), np.cos(off))])}
        return told

    def shows(self, task_state: NavigateState, state: WorldState, agent: str) -> Mapping[str, Any]:
        """Where the errand leads, and how far it still is by the ways [m]."""
        errand = task_state.errands[agent]
        at = state.poses[state.names.index(agent), :3]
        return {"goal_address": errand.address, "left_m": round(errand.distances.at(at), 1), "is_over": errand.is_over}

    def refuses(self, task_state: NavigateState, state: WorldState, agent: str, action: Action) -> str:
        """Everything is allowed."""
        return ""


def make(config: Config) -> Navigate:
    """The task."""
    return Navigate(config)
