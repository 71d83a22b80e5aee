"""Everything that goes on in a town by itself: traffic, pedestrians and signals, seeded, over any engine."""

import numpy as np
from numpy.typing import NDArray

from bridge.control.bodies import Bodies
from bridge.control.clearance import is_moving, plan_size
from bridge.control.crowd import Crowd
from bridge.control.lane_map import LaneMap, crossing_segments, lane_map
from bridge.control.seeds import stream
from bridge.control.signals import Signals, signals
from bridge.control.town import Town
from bridge.control.traffic import Traffic
from bridge.control.yielding import Kerbs
from bridge.engine import TICK_S, Action, Spawn
from bridge.frames import quat_from_yaw
from bridge.riders import poses_of_riders
from bridge.scene import Asset
from bridge.types import Pose, WorldState

Array = NDArray[np.float64]
THINKS_TICKS = 5
"""How often minds look at the world: ten times a second."""
_KINDS = ("car", "van", "taxi", "police-car", "pickup")
_APART_M, _WALKERS_APART_M, _OFF_CARS_M, _OFF_LANES_M = 9.0, 1.2, 4.0, 1.6
_LIFT_M = 0.05
_WIDEST_M = 1.92
"""Wider cars do not get past what parks beside the lanes."""


class Ambient:
    """The ambient life of one world. Make what `spawns` says, then send what `act` says before every step.

    `vehicles` and `pedestrians` are how many are asked for; `names` says who there is, which is fewer where a town has
    no lanes, no cars of its own, or no room. The same town, seed and states give the same actions. `lanes` are those
    of an earlier Ambient of the same town, which saves making them again.
    """

    def __init__(
        self, town: Town, *, seed: int, vehicles: int = 10, pedestrians: int = 20, lanes: LaneMap | None = None
    ) -> None:
        self._town, self._seed = town, seed
        riding = poses_of_riders(town.scene.assets)
        assets = [asset for name, asset in town.scene.assets.items() if name not in riding]
        cars = [asset for asset in assets if asset.semantic == "vehicle" and asset.kind in _KINDS]
        self._cars = [asset for asset in cars if plan_size(asset)[1] <= _WIDEST_M]
        self._people = [asset for asset in assets if asset.semantic == "person"]
        crossings = crossing_segments(town.walks)
        if lanes is None:
            lanes = lane_map(town.scene, town.lanes, crossings, town.room, _parked(town))
        self.lanes: LaneMap = lanes
        self.signals: Signals = signals(town.scene, self.lanes, seed=seed)
        self._kerbs = Kerbs(crossings)
        self._needs_s = self._kerbs.length_m / 1.2
        cars = tuple(f"traffic-{i + 1}" for i in range(vehicles if self._cars and self.lanes.used.any() else 0))
        walkers = tuple(f"pedestrian-{i + 1}" for i in range(pedestrians if self._people else 0))
        self._spots = self._lane_spots(cars)
        self.traffic = Traffic(self.lanes, self.signals, cars[: len(self._spots)], seed=seed)
        self.traffic.begin([(edge, sample) for edge, sample, _ in self._spots])
        graph, step_s = town.scene.navigation, THINKS_TICKS * TICK_S
        crowd = Crowd(graph, town.walks, town.room, walkers, seed=seed, step_s=step_s)
        self._feet = self._apart(crowd.starts(), walkers)
        self.crowd = Crowd(graph, town.walks, town.room, tuple(self._feet), seed=seed, step_s=step_s)
        self.names = (*self.traffic.names, *self.crowd.names)
        self._due_tick = -1
        self._known: tuple[tuple[str, ...], NDArray[np.int64], NDArray[np.int64]] | None = None

    def spawns(self) -> list[Spawn]:
        """What brings everybody into the world."""
        changes = []
        for name, (_, _, at) in zip(self.traffic.names, self._spots, strict=True):
            changes.append(self._spawn(name, self._cars, at[:3], float(at[3])))
        for name in self.crowd.names:
            yaw = float(stream(self._seed, name, "faces").uniform(-np.pi, np.pi))
            changes.append(self._spawn(name, self._people, self._feet[name], yaw))
        return changes

    def _spawn(self, name: str, among: list[Asset], at: Array, yaw_rad: float) -> Spawn:
        asset = among[int(stream(self._seed, name, "body").integers(len(among)))]
        self._town.census.enter(name, asset)
        return Spawn(name, asset.name, Pose(at + [0.0, 0.0, _LIFT_M], quat_from_yaw(yaw_rad)), is_agent=True)

    def act(self, state: WorldState) -> dict[str, Action]:
        """What everybody does from now on; empty between two looks at the world, when all go on as they do."""
        if self._due_tick >= 0 and state.tick < self._due_tick and state.tick >= self._due_tick - THINKS_TICKS:
            return {}
        self._due_tick = state.tick + THINKS_TICKS
        bodies = self._town.census.bodies(state)
        cars, walkers = self._rows(bodies)
        may_walk = self.signals.may_walk(state.time_s, self._needs_s)
        waiting = self.crowd.waiting(len(self._needs_s)) & may_walk  # who waits for the light holds up nobody
        claims = self._kerbs.claims(bodies, waiting)
        actions: dict[str, Action] = {}
        if len(cars):
            actions |= self.traffic.act(state.time_s, bodies, cars, claims)
        if len(walkers):
            actions |= self.crowd.act(state.time_s, bodies, walkers, claims, may_walk)
        return actions

    def _rows(self, bodies: Bodies) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        known = self._known
        if known is None or known[0] is not bodies.names:
            cars = np.array([bodies.index[name] for name in self.traffic.names], dtype=np.int64)
            walkers = np.array([bodies.index[name] for name in self.crowd.names], dtype=np.int64)
            known = self._known = bodies.names, cars, walkers
        return known[1], known[2]

    def _lane_spots(self, names: tuple[str, ...]) -> list[tuple[int, int, Array]]:
        """Where cars begin: edge, sample of it, and (x, y, z, yaw); apart from each other, not in junctions."""
        lanes = self.lanes
        leads_on = np.repeat(
            [not lanes.is_turn[e] and lanes.used[e] for e in range(len(lanes.edges))], np.diff(lanes.first)
        )
        x0, y0, x1, y1 = self._town.scene.bounds
        inside = ((lanes.points > [x0 + 6, y0 + 6]) & (lanes.points < [x1 - 6, y1 - 6])).all(axis=1)
        edge_of = np.repeat(np.arange(len(lanes.edges)), np.diff(lanes.first))
        sample_of = np.arange(len(edge_of)) - lanes.first[edge_of]
        left = np.diff(lanes.first)[edge_of] - 1 - sample_of
        open_ = np.flatnonzero(leads_on & inside & (lanes.crossing < 0) & (sample_of >= 5) & (left >= 7))
        found: list[tuple[int, int, Array]] = []
        taken = np.zeros((0, 2))
        for name in names:
            random = stream(self._seed, name, "begins")
            for _ in range(30 if len(open_) else 0):
                at = int(open_[int(random.integers(len(open_)))])
                xy = lanes.points[at]
                if not len(taken) or np.linalg.norm(taken - xy, axis=1).min() > _APART_M:
                    yaw = np.arctan2(*lanes.headings[at][::-1])
                    found.append((int(edge_of[at]), int(sample_of[at]), np.array([*xy, lanes.z[at], yaw])))
                    taken = np.vstack([taken, xy])
                    break
        return found

    def _apart(self, starts: Array, names: tuple[str, ...]) -> dict[str, Array]:
        """The places of those who have room where they begin."""
        persons = [
            group.poses[:, :2]
            for group in self._town.scene.placements
            if is_moving(self._town.scene.assets[group.asset])
            or self._town.scene.assets[group.asset].semantic == "person"
        ]
        taken = np.concatenate([*persons, np.zeros((0, 2))])
        cars = np.array([at[:2] for _, _, at in self._spots]).reshape(-1, 2)
        lanes = self.lanes.points[np.repeat(self.lanes.used, np.diff(self.lanes.first))]
        found: dict[str, Array] = {}
        for name, at in zip(names, starts, strict=False):
            random = stream(self._seed, name, "steps aside")
            for _ in range(12):
                spot = at + np.append(random.uniform(-1.5, 1.5, 2), 0.0)
                gaps = np.linalg.norm(taken - spot[:2], axis=1)
                off_cars = not len(cars) or np.linalg.norm(cars - spot[:2], axis=1).min() > _OFF_CARS_M
                off_lanes = not len(lanes) or np.linalg.norm(lanes - spot[:2], axis=1).min() > _OFF_LANES_M
                is_apart = not len(gaps) or gaps.min() > _WALKERS_APART_M
                if off_cars and off_lanes and is_apart and self._town.room.at(spot[:2]) > 0.5:
                    found[name] = spot
                    taken = np.vstack([taken, spot[:2]])
                    break
        return found


def _parked(town: Town) -> tuple[Array, Array]:
    """What stands in the scene and could be on a lane, as discs: centres (n,2), radii (n,)."""
    centres, radii = [], []
    for group in town.scene.placements:
        asset = town.scene.assets[group.asset]
        if is_moving(asset) and asset.semantic != "boat":
            for pose, scale in zip(group.poses, group.scale, strict=True):
                half = np.array(plan_size(asset)) * scale[:2] / 2
                yaw = 2 * np.arctan2(pose[6], pose[3])
                reach = max(float(half.max() - half.min()), 0.0)
                long = np.array([np.cos(yaw), np.sin(yaw)] if half[0] >= half[1] else [-np.sin(yaw), np.cos(yaw)])
                for share in np.linspace(-reach, reach, 1 + 2 * int(np.ceil(reach / max(half.min(), 0.1)))):
                    centres.append(pose[:2] + share * long)
                    radii.append(float(half.min()))
    return np.array(centres).reshape(-1, 2), np.array(radii)
