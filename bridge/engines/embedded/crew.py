"""Who of a scene is a robot: agents whose kind is a description that comes along, and the one that the user brings."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from bridge.errors import Refused
from bridge.robots.description import Robot, built_in, read_robot
from bridge.robots.legs import with_legs
from bridge.robots.links import link_bodies
from bridge.robots.placing import BASE_KIND, LINK_KIND, bring, with_robot
from bridge.scene import Scene


@dataclass(frozen=True, eq=False)
class Crew:
    """A scene with all links of its robots; `robots` by their agents' names, quadrupeds' sizes in `legged`."""

    scene: Scene
    robots: Mapping[str, Robot]
    legged: Mapping[str, float]


def crewed(scene: Scene, robot: str | Path, place: tuple[float, ...] | None) -> Crew:
    """The scene with its robots' links.

    `robot` is a file or a name to bring besides, "" for none; `place` its x, y, z [m] and yaw [rad], None for a free
    spawn. Raises InvalidInput or UnknownName, and Refused for a scene with a robot whose description is not here.
    """
    known: dict[str, Robot] = {}
    robots: dict[str, Robot] = {}
    for agent in scene.agents:
        if agent.kind not in built_in():
            continue
        described = known.setdefault(agent.kind, read_robot(agent.kind))
        robots[agent.name] = described
        names = {name for group in scene.placements for name in group.names}
        if not any(f"{agent.name}/{link}" in names for link in link_bodies(described)):
            others = tuple(other for other in scene.agents if other.name != agent.name)
            bare = replace(scene, agents=others)
            scene = with_robot(bare, described, name=agent.name, origin=agent.pose, instruction=agent.instruction)
    if str(robot):
        brought = read_robot(robot)
        scene = bring(scene, brought, place)
        robots[brought.name] = brought
    _check_known(scene, robots)
    scene, legged = with_legs(scene)
    return Crew(scene, robots, legged)


def _check_known(scene: Scene, robots: Mapping[str, Robot]) -> None:
    """A scene shows its robots; how they move only their descriptions tell."""
    shown: dict[bool, set[str]] = {True: set(), False: set()}
    for group in scene.placements:
        is_robots = scene.assets[group.asset].kind in (BASE_KIND, LINK_KIND)
        shown[is_robots].update(name.partition("/")[0] if is_robots else name for name in group.names)
    kinds = {agent.name: agent.kind for agent in scene.agents}
    missing = sorted((shown[True] & kinds.keys()) - shown[False] - robots.keys())
    if missing:
        raise Refused(
            f"{scene.name} has the robot '{missing[0]}', whose description ('{kinds[missing[0]]}') is not here; here are "
            f"{', '.join(built_in())}. Give its file: --robot FILE, or open_engine('embedded', robot=FILE)."
        )
