"""Who works in a shift, where they begin, and which scooters are theirs from the start."""

import numpy as np
from numpy.typing import NDArray

from bridge.control.seeds import stream
from bridge.control.town import Town
from bridge.engine import Change, Spawn
from bridge.errors import InvalidScene
from bridge.frames import quat_from_yaw
from bridge.scene import Scene
from bridge.tasks.delivery.config import Config
from bridge.tasks.delivery.parking import Parks
from bridge.tasks.delivery.places import Places
from bridge.types import Pose

Array = NDArray[np.float64]
_ROOM_M, _APART_M, _LIFT_M, _BESIDE_M = 0.45, 1.5, 0.03, 6.0


def names(scene: Scene, count: int) -> tuple[str, ...]:
    """The town's own couriers first, then newcomers whose names nobody has."""
    own = [agent.name for agent in scene.agents if agent.kind == "courier"][:count]
    taken = {row.name for row in scene.instance_table} | {agent.name for agent in scene.agents}
    fresh = (name for number in range(1, len(taken) + count + 2) if (name := f"courier-{number}") not in taken)
    return (*own, *(next(fresh) for _ in range(count - len(own))))


def begun(
    scene: Scene, town: Town, places: Places, parks: Parks, config: Config, agents: tuple[str, ...], seed: int
) -> tuple[Array, dict[str, str], list[Change]]:
    """Where everybody begins (n,2), whose scooter is which, and what has to be put there. Raises InvalidScene."""
    own = {agent.name: agent for agent in scene.agents}
    stands = np.array([pose[:2] for group in scene.placements for pose in group.poses]).reshape(-1, 2)
    stands = np.vstack([stands, *(np.array(agent.pose[:2])[None] for agent in scene.agents)])
    bodies = sorted(asset.name for asset in scene.assets.values() if asset.semantic == "person")
    changes: list[Change] = []
    starts = []
    for name in agents:
        if name in own:
            starts.append(np.array(own[name].pose[:2]))
            continue
        if not bodies:
            raise InvalidScene(
                f"Scene '{scene.name}' has no person to play {name}. Ask for at most {len(starts)} couriers, or generate "
                "a town with couriers in its sentence."
            )
        pose = _start(town, places, stands, stream(seed, name, "start"))
        if pose is None:
            raise InvalidScene(
                f"Scene '{scene.name}' has room for {len(starts)} couriers, and {len(agents)} were asked for. Ask for "
                "fewer, or take a larger town."
            )
        stands = np.vstack([stands, pose.position[:2]])
        starts.append(pose.position[:2])
        changes.append(Spawn(name, bodies[int(stream(seed, name, "body").integers(len(bodies)))], pose, is_agent=True))
    scooters = {} if config.scooters == "none" else _own_scooters(scene, agents)
    if config.scooters == "all":
        if not places.vehicle_assets["scooter"]:
            raise InvalidScene(f"Scene '{scene.name}' has no scooter to copy. Choose scooters=town, or another town.")
        for name, start in zip(agents, starts, strict=True):
            if name not in scooters:
                pose = parks.spot(start, stands, length_m=2.0, width_m=0.9)
                if pose is None:
                    raise InvalidScene(
                        f"Scene '{scene.name}' has no room for a scooter near {name}. Choose scooters=town."
                    )
                scooters[name] = f"{name}-scooter"
                changes.append(Spawn(scooters[name], places.vehicle_assets["scooter"], pose))
                stands = np.vstack([stands, pose.position[:2]])
    return np.array(starts), scooters, changes


def _own_scooters(scene: Scene, agents: tuple[str, ...]) -> dict[str, str]:
    """The two-wheelers that stand beside those couriers whom the town gives one, the nearest to each."""
    wheels = [
        (name, pose[:2])
        for group in scene.placements
        if scene.assets[group.asset].semantic in ("scooter", "bicycle")
        for name, pose in zip(group.names, group.poses, strict=True)
    ]
    found: dict[str, str] = {}
    for agent in scene.agents:
        if agent.name in agents and agent.vehicle != "foot":
            free = [
                (float(np.hypot(*(at - agent.pose[:2]))), name) for name, at in wheels if name not in found.values()
            ]
            if free and min(free)[0] <= _BESIDE_M:
                found[agent.name] = min(free)[1]
    return found


def _start(town: Town, places: Places, stands: Array, random: np.random.Generator) -> Pose | None:
    """A free place on the ways, wherever places can be reached from; None if there is none."""
    nodes = town.scene.navigation.nodes
    reached = np.flatnonzero(np.isfinite(places.from_node_m[:, 0]))
    for node in random.permutation(reached).tolist():
        at = nodes[node]
        if town.room.at(at[None, :2])[0] > _ROOM_M and (
            not len(stands) or np.hypot(*(stands - at[:2]).T).min() > _APART_M
        ):
            return Pose(at + [0.0, 0.0, _LIFT_M], quat_from_yaw(float(random.uniform(-np.pi, np.pi))))
    return None
