"""Skills carried out, or refused with the reason: what is in reach, free and light enough."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from bridge.engine import Skill
from bridge.engines.embedded.reach import gap_m, is_clear, standing_place, surface_m
from bridge.engines.embedded.shapes import mass_kg, walker_size
from bridge.frames import quat_from_yaw, yaw_from_quat
from bridge.plugins import unknown_name

if TYPE_CHECKING:
    from bridge.engines.embedded.skills import Doer, Skills

Array = NDArray[np.float64]
REACH_M, BOARD_M, STRONGEST_KG, HANDS = 1.5, 3.0, 40.0, 2
"""How far hands and a step aboard a boat reach, the heaviest load, and how many things one holds."""
SEATS = ("bench", "chair")
_SEAT_M = 0.45
_SADDLES = {"scooter": (-0.22, 0.09), "bicycle": (-0.21, 0.2)}
"""Where the soles of a standing rider would be, ahead of a two-wheeler's middle and above the ground [m]."""
_STEPS_M = {"wheels": (0.15,), "boat": (0.15, 0.8, 1.5, 2.2)}
"""How far from the side of what they ride people step off."""


class Refused(Exception):
    """Why a skill came to nothing, for `AgentState.failure`."""


def pick_up(skills: "Skills", doer: "Doer", skill: Skill) -> None:
    """Takes something that can be carried into the hands."""
    world = skills.world
    needs_hands(skills, doer)
    name = skill.target or _nearest(skills, doer, ("free",), REACH_M)
    thing = world.things.get(name)
    if thing is None:
        raise Refused(unknown(skills, name, "to pick up"))
    if thing.role != "free":
        raise Refused(f"{name} is a {thing.asset.kind}, which cannot be carried.")
    if name in doer.holding:
        raise Refused(f"{doer.name} holds {name} already.")
    if holder := skills.holder(name):
        raise Refused(f"{name} is held by {holder}.")
    if len(doer.holding) >= HANDS:
        raise Refused(f"{doer.name} has both hands full with {' and '.join(doer.holding)}.")
    if (mass := mass_kg(thing)) > STRONGEST_KG:
        raise Refused(f"{name} weighs {mass:.0f} kg; {doer.name} lifts {STRONGEST_KG:.0f} kg.")
    slot = world.slot[name]
    in_reach(skills, doer, name, world.pose(slot), thing.size, REACH_M)
    radius, height = walker_size(world.things[doer.name])
    lift = 0.5 * height + sum(float(world.things[held].size[2]) for held in doer.holding)
    offset = [radius + 0.5 * float(thing.size[0]) + 0.05, 0.0, lift, 1.0, 0.0, 0.0, 0.0]
    doer.holding.append(name)
    world.attach(slot, doer.slot, np.array(offset))


def put_down(skills: "Skills", doer: "Doer", skill: Skill) -> None:
    """Puts what is held (the last thing taken, or the target) on whatever is in front."""
    world = skills.world
    if not doer.holding:
        raise Refused(f"{doer.name} holds nothing.")
    name = skill.target or doer.holding[-1]
    if name not in doer.holding:
        raise Refused(f"{doer.name} does not hold {name}, but {' and '.join(doer.holding)}.")
    thing, slot = world.things[name], world.slot[name]
    pose = world.pose(doer.slot)
    radius, height = walker_size(world.things[doer.name])
    yaw = float(yaw_from_quat(pose[3:]))
    away = radius + 0.5 * float(thing.size[0]) + 0.15
    spot = pose[:3] + away * np.array([np.cos(yaw), np.sin(yaw), 0.0])
    body, chest = int(world.body[doer.slot]), np.array([0.0, 0.0, 0.7 * height])
    edge = spot + 0.5 * float(thing.size[0]) * np.array([np.cos(yaw), np.sin(yaw), 0.0])
    if doer.riding:
        raise Refused(f"{doer.name} rides {doer.riding}. Dismount before putting {name} down.")
    if not is_clear(world, pose[:3] + chest, edge + chest, body):
        raise Refused(f"There is no room for {name} in front of {doer.name}.")
    level = surface_m(world, spot, 0.7 * height, body)
    if level < pose[2] - 1.0:
        raise Refused(f"There is nothing in front of {doer.name} to put {name} on.")
    doer.holding.remove(name)
    world.detach(slot, np.array([*spot[:2], level + 0.01, *quat_from_yaw(yaw)]))
    for index, held in enumerate(doer.holding):
        carrier, offset = world.follows[world.slot[held]]
        offset[2] = 0.5 * height + sum(float(world.things[h].size[2]) for h in doer.holding[:index])
        world.follows[world.slot[held]] = carrier, offset


def ride(skills: "Skills", doer: "Doer", skill: Skill) -> None:
    """Mounts a vehicle, a two-wheeler or a boat: the target, or the nearest in reach."""
    world = skills.world
    _needs_feet(skills, doer)
    name = skill.target or _nearest(skills, doer, ("wheels", "boat"), REACH_M)
    thing = world.things.get(name)
    if thing is None:
        raise Refused(unknown(skills, name, "to ride"))
    if thing.role not in ("wheels", "boat"):
        raise Refused(f"{name} is a {thing.asset.kind}, which cannot be ridden.")
    if rider := skills.rider(name):
        raise Refused(f"{name} is ridden by {rider}.")
    slot = world.slot[name]
    in_reach(skills, doer, name, world.pose(slot), thing.size, BOARD_M if thing.role == "boat" else REACH_M)
    _, tall = walker_size(world.things[doer.name])
    length, height = float(thing.size[0]), float(thing.size[2])
    seat = {"vehicle": (0.0, height - 0.1 - tall), "boat": (-0.15 * length, 0.1)} | _SADDLES
    x, z = seat.get(thing.asset.semantic, (-0.12 * length, 0.12))
    skills.mount(doer, name)
    world.attach(doer.slot, slot, np.array([x, 0.0, min(z, 0.3), 1.0, 0.0, 0.0, 0.0]))


def dismount(skills: "Skills", doer: "Doer", skill: Skill) -> None:
    """Steps off beside the vehicle, where there is room and dry ground."""
    world = skills.world
    if not doer.riding:
        raise Refused(f"{doer.name} rides nothing.")
    name = doer.riding
    if skill.target not in ("", name):
        raise Refused(f"{doer.name} rides {name}, not {skill.target}.")
    slot, thing = world.slot[name], world.things[name]
    pose = world.pose(slot)
    speed = float(np.linalg.norm(world.data.qvel[world.compiled.dof[slot] :][:2]))
    if speed > 1.0:
        raise Refused(f"{name} goes {speed:.1f} m/s. Stop before stepping off.")
    radius, height = walker_size(world.things[doer.name])
    yaw = float(yaw_from_quat(pose[3:]))
    local = np.concatenate([_around(0.5 * thing.size[:2] + radius + further) for further in _STEPS_M[thing.role]])
    turn = np.array([[np.cos(yaw), np.sin(yaw)], [-np.sin(yaw), np.cos(yaw)]])
    spots = np.column_stack([local @ turn + pose[:2], np.full(len(local), pose[2])])
    place = standing_place(world, spots, radius, height, int(world.body[doer.slot]))
    if place is None:
        raise Refused(f"There is no free, dry place to step off {name}.")
    skills.mount(doer, "")
    world.detach(doer.slot, np.array([*place, *quat_from_yaw(yaw)]))


def _around(reach: Array) -> Array:
    """Spots (8,2) left, right, behind, ahead and at the corners of something, in its own frame."""
    x, y = reach
    return np.array([[0, y], [0, -y], [-x, 0], [x, 0], [-0.6 * x, y], [0.6 * x, y], [-0.6 * x, -y], [0.6 * x, -y]])


def sit(skills: "Skills", doer: "Doer", skill: Skill) -> None:
    """Sits down on a bench or chair: the target, or the nearest in reach."""
    world = skills.world
    _needs_feet(skills, doer)
    near = [n for n, t in world.things.items() if t.asset.kind in SEATS] if not skill.target else [skill.target]
    if skill.target and skill.target not in world.things:
        raise Refused(unknown(skills, skill.target, "to sit on"))
    gaps = [(gap_m(world, doer.slot, _pose(skills, n), world.things[n].size), n) for n in near]
    if not gaps:
        raise Refused("There is nothing here to sit on.")
    name = min(gaps)[1]
    thing = world.things[name]
    if thing.asset.kind not in SEATS:
        raise Refused(f"{name} is a {thing.asset.kind}, which is not for sitting.")
    if taken := next((d.name for d in skills.doers.values() if d.seat == name), ""):
        raise Refused(f"{name} is taken by {taken}.")
    pose = _pose(skills, name)
    in_reach(skills, doer, name, pose, thing.size, REACH_M)
    _, height = walker_size(world.things[doer.name])
    yaw = quat_from_yaw(yaw_from_quat(pose[3:]))
    doer.seat, doer.stood_at = name, world.pose(doer.slot)
    world.attach(doer.slot, -1, np.array([*pose[:2], pose[2] + _SEAT_M - 0.5 * height, *yaw]))


def stand(skills: "Skills", doer: "Doer", skill: Skill) -> None:
    """Gets up, back to where one stood."""
    if not doer.seat or doer.stood_at is None:
        raise Refused(f"{doer.name} does not sit.")
    doer.seat = ""
    skills.world.detach(doer.slot, doer.stood_at)


def needs_hands(skills: "Skills", doer: "Doer") -> None:
    if skills.world.things[doer.name].asset.semantic not in ("person", "robot"):
        raise Refused(f"{doer.name} has no hands.")


def _needs_feet(skills: "Skills", doer: "Doer") -> None:
    needs_hands(skills, doer)
    if doer.riding:
        raise Refused(f"{doer.name} rides {doer.riding} already. Dismount first.")
    if doer.seat:
        raise Refused(f"{doer.name} sits on {doer.seat} already. Stand up first.")


def _pose(skills: "Skills", name: str) -> Array:
    world = skills.world
    return world.pose(world.slot[name]) if name in world.slot else world.things[name].pose


def _nearest(skills: "Skills", doer: "Doer", roles: tuple[str, ...], reach_m: float) -> str:
    """The nearest thing of some roles that nobody has."""
    world = skills.world
    gaps = [
        (gap_m(world, doer.slot, world.pose(world.slot[name]), world.things[name].size), name)
        for name in world.names
        if world.things[name].role in roles and not skills.holder(name) and not skills.rider(name)
    ]
    if not gaps or min(gaps)[0] > reach_m:
        raise Refused(f"Nothing is within {reach_m} m of {doer.name}. Go there first.")
    return min(gaps)[1]


def in_reach(skills: "Skills", doer: "Doer", name: str, pose: Array, size: Array, reach_m: float) -> None:
    gap = gap_m(skills.world, doer.slot, pose, size)
    if gap > reach_m or abs(skills.world.pose(doer.slot)[2] - pose[2]) > 2.0:
        raise Refused(f"{name} is {gap:.1f} m from {doer.name}, who reaches {reach_m} m. Go there first.")


def unknown(skills: "Skills", name: str, what: str) -> str:
    names = skills.world.names
    return unknown_name(f"thing {what}", name, names if len(names) <= 40 else names[:40])
