"""Robots put into scenes: an agent, and a placement for each link that is seen, so that every renderer shows them."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bridge.digest import digest
from bridge.errors import InvalidInput
from bridge.meshes import bounds
from bridge.robots.description import Robot
from bridge.robots.links import Link, home_poses, looks
from bridge.roles import BASE_KIND, LINK_KIND
from bridge.scene import Agent, Asset, Placements, Scene

_APART_M = 1.0


def with_robot(scene: Scene, robot: Robot, *, name: str, origin: ArrayLike, instruction: str = "") -> Scene:
    """The scene with a robot whose description's origin stands at a pose (7,): the agent `name`, links "name/link".

    Raises InvalidInput where something of that name is there.
    """
    taken = {row.name for row in scene.instances()} | {agent.name for agent in scene.agents}
    parts, materials = looks(robot)
    clash = next((row for row in (_full(name, part) for part in parts) if row in taken), "")
    if clash or not name or "/" in name:
        found = f"there is a '{clash}' in {scene.name} already" if clash else f"'{name}' cannot be a name"
        raise InvalidInput(
            f"Robot '{robot.source}' cannot join the scene: {found}. Give its description another name "
            '(<mujoco model="..."> or <robot name="...">).'
        )
    poses = home_poses(robot, origin)
    assets, placements = dict(scene.assets), []
    for part in parts:
        if part.mesh is None:
            continue
        asset = _asset(robot, part)
        if asset.name in assets and digest(assets[asset.name]) != digest(asset):
            asset = replace(asset, name=f"{asset.name} of {name}")
        assets[asset.name] = asset
        placements.append(Placements(asset.name, (_full(name, part),), poses[part.name][None], np.ones((1, 3))))
    agent = Agent(name, robot.name, "", tuple(poses[""].tolist()), instruction)
    return replace(
        scene,
        assets=assets,
        placements=(*scene.placements, *placements),
        materials={**scene.materials, **materials},
        agents=(*scene.agents, agent),
    )


def bring(scene: Scene, robot: Robot, place: Sequence[float] | None = None) -> Scene:
    """The scene with a robot named like its description, at x, y, z [m] and yaw [rad], or where there is room.

    A scene that has it already stays as it is. Raises InvalidInput.
    """
    if any(agent.name == agent.kind == robot.name for agent in scene.agents):
        return scene
    if place is not None and (len(place) != 4 or not np.isfinite(place).all()):
        raise InvalidInput(f"A robot was to stand at {tuple(place)}. Give x, y, z in metres and its yaw in radians.")
    origin = free_place(scene) if place is None else pose_at(place)
    x0, y0, x1, y1 = scene.bounds
    if not (x0 <= origin[0] <= x1 and y0 <= origin[1] <= y1):
        raise InvalidInput(
            f"A robot was to stand at ({origin[0]:g}, {origin[1]:g}), off the map, which spans ({x0:g}, {y0:g}) to "
            f"({x1:g}, {y1:g}). Give a place on it."
        )
    return with_robot(scene, robot, name=robot.name, origin=origin)


def free_place(scene: Scene) -> NDArray[np.float64]:
    """A pose (7,) for a robot: the first spawn for robots or people without anybody near, else the map's middle."""
    rank = {"robot": 0, "person": 1}
    spawns = sorted((spawn for spawn in scene.spawns if spawn.kind in rank), key=lambda spawn: rank[spawn.kind])
    others = np.array([agent.pose[:2] for agent in scene.agents]).reshape(-1, 2)
    for spawn in spawns:
        if (np.hypot(*(others - spawn.pose[:2]).T) > _APART_M).all():
            return np.array(spawn.pose)
    x0, y0, x1, y1 = scene.bounds
    middle = np.array([(x0 + x1) / 2, (y0 + y1) / 2])
    return np.array([*middle, float(scene.terrain.height_at(middle)), 1.0, 0.0, 0.0, 0.0])


def pose_at(place: Sequence[float]) -> NDArray[np.float64]:
    """The pose (7,) of x, y, z [m] and yaw [rad]."""
    x, y, z, yaw = place
    return np.array([x, y, z, np.cos(yaw / 2), 0.0, 0.0, np.sin(yaw / 2)])


def _full(name: str, part: Link) -> str:
    return f"{name}/{part.name}" if part.name else name


def _asset(robot: Robot, part: Link) -> Asset:
    assert part.mesh is not None
    low, high = bounds(part.mesh.vertices)
    return Asset(
        name=f"{robot.name}/{part.name}" if part.name else robot.name,
        kind=LINK_KIND if part.name else BASE_KIND,
        semantic="robot",
        lods=(part.mesh,),
        colliders=(),
        size=tuple((high - low).astype(float).tolist()),
        mass_kg=float(robot.model.body_mass[part.body]),
        licence=robot.licence,
    )
