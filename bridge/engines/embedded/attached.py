"""Robots joined to a town's model: descriptions attached below a base, told apart from the rest by bits of contact."""

import math
from collections.abc import Mapping
from typing import Any

import mujoco

from bridge.engine import TICK_S
from bridge.engines.embedded.shapes import DECK, FIELD, MOVER, ROBOT, WALL
from bridge.errors import InvalidInput
from bridge.robots.description import Robot
from bridge.robots.links import link_bodies

_OWN_BITS = ROBOT.bit_length()
"""What descriptions say of contact among their own geoms is kept from this bit on."""
_MOST_SUBSTEPS = 40


def substeps(robots: Mapping[str, Robot], usual: int) -> int:
    """Physics steps a tick: more than usual where a description asks for shorter ones."""
    shortest = min((robot.model.opt.timestep for robot in robots.values()), default=math.inf)
    return min(max(usual, math.ceil(TICK_S / shortest - 1e-9)), _MOST_SUBSTEPS)


def attach(town: mujoco.MjSpec, robots: Mapping[str, Robot]) -> None:
    """Adds robots to a town, each below a base of its agent's name, or free; everything of theirs is "agent/name".

    The town takes over their friction cone, where it is finer than its own.
    """
    options = [robot.spec.option for robot in robots.values()]
    town.option.impratio = max([town.option.impratio, *(option.impratio for option in options)])
    if any(option.cone == mujoco.mjtCone.mjCONE_ELLIPTIC for option in options):
        town.option.cone = mujoco.mjtCone.mjCONE_ELLIPTIC
    for name, robot in robots.items():
        copy = robot.spec.copy()
        for geom in copy.geoms:
            _meet_the_town(geom, robot)
        if robot.is_fixed:
            frame = town.worldbody.add_body(name=name, mocap=True).add_frame()
        else:
            for geom in list(copy.worldbody.geoms):
                copy.delete(geom)
            frame = town.worldbody.add_frame()
        _like_the_town(copy.option, town.option)
        town.attach(copy, prefix=f"{name}/", frame=frame)


def _like_the_town(option: Any, town: Any) -> None:
    """One world has one time step, one gravity and one solver: the town's."""
    for name in dir(town):
        if not name.startswith("_"):
            setattr(option, name, getattr(town, name))


def _meet_the_town(geom: mujoco.MjsGeom, robot: Robot) -> None:
    """Geoms that touch anything in their description touch the town; among themselves they touch as before."""
    contype, conaffinity = int(geom.contype), int(geom.conaffinity)
    if not contype and not conaffinity:
        return
    if max(contype, conaffinity) >= 1 << (31 - _OWN_BITS):
        raise InvalidInput(
            f"Robot '{robot.source}' has contype {contype} and conaffinity {conaffinity} in geom '{geom.name}'. Use bits "
            f"below {31 - _OWN_BITS}: the others are the town's."
        )
    stops = DECK | WALL | MOVER | (0 if robot.is_fixed else FIELD)
    geom.contype, geom.conaffinity = stops | contype << _OWN_BITS, ROBOT | conaffinity << _OWN_BITS


def parts_of(name: str, robot: Robot) -> dict[str, int]:
    """The robot's bodies as the world's state lists them, by their full names: base, links (see bridge.robots.links)."""
    return {name: robot.base, **{f"{name}/{link}": body for link, body in link_bodies(robot).items()}}
