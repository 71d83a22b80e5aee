"""The task of driving: sets cars and traffic up, has rides judged, and tells drivers what is ahead."""

import weakref
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bridge.control.ambient import Ambient
from bridge.control.clearance import plan_size
from bridge.control.town import Town
from bridge.control.yielding import Kerbs
from bridge.engine import Action, Actions, Change, Drive, Skill, Spawn
from bridge.errors import InvalidScene
from bridge.frames import quat_from_yaw
from bridge.scene import Asset, Scene
from bridge.tasks.drive import ahead, ride
from bridge.tasks.drive.config import Config
from bridge.tasks.drive.ride import Ride, Street
from bridge.tasks.drive.roads import Roads
from bridge.tasks.task import Briefings, Outcome
from bridge.types import Pose, WorldState

_FLOORS = ("terrain", "road", "sidewalk", "crossing", "lane-marking", "dock", "bridge")
_VEHICLES = ("vehicle", "bicycle", "scooter")
_PEOPLE = ("person", "animal", "robot")
_KINDS, _WIDEST_M, _LIFT_M = ("car", "taxi", "pickup", "van"), 1.92, 0.05
_COLOURS, _STOPPED = ("green", "amber", "red"), Action(Drive(brake=1.0))


@dataclass(frozen=True, eq=False)
class DriveState:
    """All rides of an episode by car, what they are judged by, and the life in the streets, which has a mind of its own."""

    rides: Mapping[str, Ride]
    street: Street
    life: Ambient
    kerbs: Kerbs
    begun_s: float | None = None


class DriveTask:
    """The task; holds nothing of an episode."""

    told: Mapping[str, tuple[tuple[float, float], ...]] = ahead.TOLD
    verbs: Mapping[str, str] = {}
    controls: tuple[str, ...] = ("throttle (below 0: brake)", "steer (left positive)")
    choices: tuple[tuple[float, ...], ...] = tuple(
        (pedal, wheel) for pedal in (0.6, 0.0, -0.6) for wheel in (0.0, 0.35, -0.35)
    )

    def __init__(self, config: Config) -> None:
        self.config = config
        self._towns: weakref.WeakKeyDictionary[Scene, Town] = weakref.WeakKeyDictionary()
        self._roads: weakref.WeakKeyDictionary[Scene, Roads] = weakref.WeakKeyDictionary()

    def agents(self, scene: Scene) -> tuple[str, ...]:
        """The cars."""
        return tuple(f"ego-{i + 1}" for i in range(self.config.agents))

    def setup(self, scene: Scene, rng: np.random.Generator) -> tuple[DriveState, Sequence[Change], Briefings]:
        """Seeded routes, and traffic and pedestrians. Raises InvalidScene where cars cannot drive."""
        config, car = self.config, _car(scene)
        if scene not in self._towns:
            self._towns[scene] = Town(scene)
        town, seed = self._towns[scene], int(rng.integers(1 << 31))
        half = plan_size(car)[0] / 2, plan_size(car)[1] / 2
        for vehicles in dict.fromkeys((config.vehicles, config.vehicles // 2, config.vehicles // 4, 0)):
            lanes = self._roads[scene].lanes if scene in self._roads else None
            life = Ambient(town, seed=seed, vehicles=vehicles, pedestrians=config.pedestrians, lanes=lanes)
            roads = self._roads.setdefault(scene, Roads(town, life.lanes))
            spawns = life.spawns()
            places = np.array([spawn.pose.position[:2] for spawn in spawns if spawn.name in life.traffic.names])
            rides = self._drawn(roads, rng, half, places.reshape(-1, 2))
            if len(rides) == config.agents:
                break
        else:
            raise InvalidScene(
                f"Scene '{scene.name}' has room for {len(rides)} of {config.agents} cars on routes of {config.least_m:g} to "
                f"{config.most_m:g} m. Ask for fewer agents or shorter routes (least_m), or take a larger town."
            )
        cars: list[Change] = []
        for name, one in rides.items():
            town.census.enter(name, car)
            start = np.array([*one.route.points[0], one.route.z[0] + _LIFT_M])
            yaw = float(np.arctan2(*one.route.headings[0][::-1]))
            cars.append(Spawn(name, car.name, Pose(start, quat_from_yaw(yaw)), is_agent=True))
        street = Street(
            roads, life.signals, _floors(scene), _kinds(scene, (*rides, *life.traffic.names), life.crowd.names)
        )
        said = f"Follow your route at most as fast as allowed, and stop at its end. {len(life.names)} others are about."
        state = DriveState(rides, street, life, Kerbs(roads.lanes.crossings))
        return state, [*cars, *spawns], dict.fromkeys(rides, said)

    def _drawn(
        self, roads: Roads, rng: np.random.Generator, half: tuple[float, float], apart: NDArray[np.float64]
    ) -> dict[str, Ride]:
        """Rides for as many cars as there is room for."""
        config, rides = self.config, {}
        for index in range(config.agents):
            route = roads.draw(rng, least_m=config.least_m, most_m=config.most_m, apart=apart)
            if route is None:
                break
            apart = np.vstack([apart, route.points[0]])
            rides[f"ego-{index + 1}"] = Ride(route, half, config.spare_s + route.length_m / config.slow_m_s)
        return rides

    def leads(self, task_state: DriveState, state: WorldState) -> Actions:
        """What everybody else does now; cars whose ride is over brake."""
        over = {name: _STOPPED for name, one in task_state.rides.items() if one.ended}
        return {**over, **task_state.life.act(state)}

    def controlled(self, state: WorldState, agent: str, numbers: Sequence[float]) -> Action:
        """Pedals and wheel of two numbers from -1 to 1."""
        pedal, wheel = float(numbers[0]), float(numbers[1])
        return Action(Drive(max(pedal, 0.0), wheel, max(-pedal, 0.0)))

    def advance(
        self, task_state: DriveState, before: WorldState, actions: Actions, after: WorldState
    ) -> tuple[DriveState, Mapping[str, Outcome], Briefings]:
        """Rewards progress; arriving, straying and standing for too long terminate, the time limit truncates."""
        config, rides, outcomes = self.config, dict(task_state.rides), {}
        begun_s = before.time_s if task_state.begun_s is None else task_state.begun_s
        for name, one in task_state.rides.items():
            if one.ended:
                continue
            now, found, is_eased = ride.judged(one, name, task_state.street, config, begun_s, before, after)
            rides[name] = now
            reward = config.progress_per_m * (now.done_m - one.done_m) + config.infraction * len(found)
            reward += 0.0 if is_eased else config.discomfort_per_s * (after.time_s - before.time_s)
            reward += config.arrival if now.ended == "arrived" else 0.0
            info: dict[str, Any] = {"left_m": now.route.length_m - now.done_m, "infractions": sum(now.counts.values())}
            if found:
                info["events"] = [{"kind": kind} for kind in found]
            if now.ended:
                info |= {"success": now.ended == "arrived", "ended": now.ended, **ride.summary(now)}
            outcomes[name] = Outcome(float(reward), now.ended not in ("", "time"), now.ended == "time", info)
        state = DriveState(rides, task_state.street, task_state.life, task_state.kerbs, begun_s)
        return state, outcomes, {}

    def tells(self, task_state: DriveState, state: WorldState) -> Mapping[str, Mapping[str, NDArray[np.float64]]]:
        """What drivers see ahead (see bridge.tasks.drive.ahead)."""
        return self._told(task_state, state, tuple(task_state.rides))

    def _told(
        self, task_state: DriveState, state: WorldState, names: Sequence[str]
    ) -> dict[str, dict[str, NDArray[np.float64]]]:
        street, lanes = task_state.street, task_state.street.roads.lanes
        bodies = self._towns[street.roads.scene].census.bodies(state)
        claims = task_state.kerbs.claims(bodies, task_state.life.crowd.waiting(len(lanes.crossings)))
        return {
            name: ahead.told(
                task_state.rides[name], bodies.index[name], bodies, street.roads, street.signals, claims, state.time_s
            )
            for name in names
        }

    def shows(self, task_state: DriveState, state: WorldState, agent: str) -> Mapping[str, Any]:
        """Where the ride stands, in words and round numbers."""
        one = task_state.rides[agent]
        told = self._told(task_state, state, (agent,))[agent]
        signal_m, colour = told["signal"]
        return {
            "left_m": round(float(told["left"][0]), 1),
            "speed_m_s": round(float(told["speed"][0]), 1),
            "limit_m_s": round(float(told["limit"][0]), 1),
            "signal": None
            if signal_m >= ahead.FAR_M
            else {"away_m": round(signal_m, 1), "shows": _COLOURS[int(colour)]},
            "free_m": round(float(told["ahead"][0]), 1),
            "infractions": dict(one.counts),
            "ended": one.ended,
        }

    def refuses(self, task_state: DriveState, state: WorldState, agent: str, action: Action) -> str:
        """Cars do not walk, take hold or sit."""
        if isinstance(action.motion, Skill) and action.motion.verb != "wait":
            return f"{agent} is a car and cannot '{action.motion.verb}'. Give it Drive(throttle, steer, brake), or a Velocity."
        return ""


def _car(scene: Scene) -> Asset:
    """The car that agents get: the same in a town every time."""
    fits = [
        a
        for a in scene.assets.values()
        if a.kind in _KINDS and a.semantic == "vehicle" and plan_size(a)[1] <= _WIDEST_M
    ]
    if not fits:
        raise InvalidScene(
            f"Scene '{scene.name}' has no car to drive (kinds: {', '.join(_KINDS)}). Take a town with streets."
        )
    return min(fits, key=lambda asset: (_KINDS.index(asset.kind), asset.name))


def _floors(scene: Scene) -> frozenset[str]:
    return frozenset({"terrain", *(part.name for part in scene.parts if part.semantic in _FLOORS)})


def _kinds(scene: Scene, vehicles: Sequence[str], people: Sequence[str]) -> dict[str, str]:
    """What touching each thing counts as, where it is not static."""
    kinds = {row.name: "vehicle" for row in scene.instances() if row.semantic in _VEHICLES}
    kinds |= {row.name: "person" for row in scene.instances() if row.semantic in _PEOPLE}
    kinds |= dict.fromkeys((agent.name for agent in scene.agents), "person")
    return kinds | dict.fromkeys(vehicles, "vehicle") | dict.fromkeys(people, "person")
