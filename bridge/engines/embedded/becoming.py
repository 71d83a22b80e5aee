"""How a running world comes to hold other things: from its spare bodies where it has some, else as a new model."""

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from bridge.engines.embedded.compile import DEEP_M
from bridge.engines.embedded.roster import MOVING, Thing
from bridge.engines.embedded.shapes import touch
from bridge.scene import Part

if TYPE_CHECKING:
    from bridge.engines.embedded.world import World

Array = NDArray[np.float64]


def become(world: "World", wanted: dict[str, Thing], parts: tuple[Part, ...], placed: set[str]) -> None:
    """Makes the world hold these things and parts; those in `placed` are put where they say, at rest."""
    if not _take_spares(world, wanted, parts, placed):
        _rebuild(world, wanted, parts, placed)
    world.gait.advance(0.0)
    world.state.forget()


def _take_spares(world: "World", wanted: dict[str, Thing], parts: tuple[Part, ...], placed: set[str]) -> bool:
    """Whether the model will do, and has been changed so: not where spares are too few, or what stands does so anew."""
    here = world.things
    fixed = ("static", "door")
    stands_anew = any(thing.role in fixed and here.get(name) is not thing for name, thing in wanted.items())
    stands_anew |= any(thing.role == "door" and name not in wanted for name, thing in here.items())
    arriving = [thing for name, thing in wanted.items() if thing.role in MOVING and _is_new(world, name, thing)]
    leaving = [name for name, thing in here.items() if name not in wanted or _is_new(world, name, wanted[name])]
    needs = Counter((thing.asset.name, *thing.scale.tolist()) for thing in arriving)
    spares = Counter(
        (world.compiled.assets[slot], *world.compiled.scales[slot].tolist())
        for slot, name in enumerate(world.slots)
        if not name or name in leaving
    )
    if stands_anew or needs - spares:
        return False
    gone = {*leaving, *(part.name for part in world.parts)} - {*wanted, *(part.name for part in parts)}
    gone |= {name for name in leaving if here[name].role == "static"}
    world.things, world.parts = dict(wanted), parts
    if gone:
        absent = [-1 - index for index, name in enumerate(world.compiled.standing) if name in gone]
        world.model.geom_conaffinity[np.isin(world.compiled.owner, absent)] = 0
    for name in leaving:
        if name in world.slot:
            _park(world, world.slot[name])
    for thing in arriving:
        key = thing.asset.name, *thing.scale.tolist()
        slot = next(
            slot
            for slot, name in enumerate(world.slots)
            if not name and (world.compiled.assets[slot], *world.compiled.scales[slot].tolist()) == key
        )
        world.slots[slot] = thing.name
        touch(world.model, int(world.body[slot]), thing.role, touches=True)
    world.enrol()
    for name in placed:
        _put(world, name, wanted[name].pose)
    return True


def _put(world: "World", name: str, pose: Array) -> None:
    """Puts what moves somewhere, at rest; what stands is put there by a new model."""
    if name in world.slot:
        world.place(world.slot[name], pose)
    elif name in world.robots:
        world.robots[name].place(pose)
        world.state.forget()


def _is_new(world: "World", name: str, thing: Thing) -> bool:
    """Whether a thing is not the one of that name that is here, moved or not."""
    old = world.things.get(name)
    return old is None or old.asset is not thing.asset or bool((old.scale != thing.scale).any())


def _park(world: "World", slot: int) -> None:
    """Makes a slot a spare."""
    touch(world.model, int(world.body[slot]), MOVING[world.role[slot]], touches=False)
    world.own[slot] = 0.0
    world.place(slot, np.array([0.0, 0.0, DEEP_M, 1.0, 0.0, 0.0, 0.0]))
    world.fresh.discard(slot)
    world.slots[slot] = ""


def _rebuild(world: "World", wanted: dict[str, Thing], parts: tuple[Part, ...], placed: set[str]) -> None:
    """A new model for what does not fit into this one; what stays goes on as it was."""
    environment = world.environment
    slots = {
        name: slot for name, slot in world.slot.items() if name in wanted and not _is_new(world, name, wanted[name])
    }
    kept = {name: (world.pose(slot), world.own[slot].copy(), *world.state.share(slot)) for name, slot in slots.items()}
    ajar, strides = world.doors.keep(), world.gait.keep()
    machines = {name: robot.keep() for name, robot in world.robots.items()}
    awake = dict(zip(slots, world.awake(np.array(list(slots.values()), dtype=np.int64)).tolist(), strict=True))
    follows = {world.slots[s]: (world.slots[c] if c >= 0 else "", offset) for s, (c, offset) in world.follows.items()}
    now = {
        name: replace(thing, pose=kept[name][0])
        if name in kept and name not in placed and name not in follows
        else thing
        for name, thing in wanted.items()
    }
    compiled = world.compiled_with(now, parts)
    world.things, world.parts = dict(wanted), parts
    world.use(compiled)
    world.set_weather(environment)
    world.doors.resume(ajar)
    world.gait.resume(strides)
    for name, kept_robot in machines.items():
        world.robots[name].resume(kept_robot)
        if name in placed:
            _put(world, name, wanted[name].pose)
    for name, slot in world.slot.items():
        if name in placed or name not in kept:
            world.place(slot, wanted[name].pose)
            continue
        _, own, state, rates = kept[name]
        world.own[slot] = own
        if awake[name]:
            at, dof = int(world.compiled.qpos[slot]), int(world.compiled.dof[slot])
            world.data.qpos[at : at + len(state)] = state
            world.data.qvel[dof : dof + len(rates)] = rates
            world.fresh.add(slot)
    for name, (carrier, offset) in follows.items():
        slot = world.slot[name]
        world.follows[slot] = world.slot[carrier] if carrier else -1, offset
        touch(world.model, int(world.body[slot]), MOVING[world.role[slot]], touches=False)
    world.state.follow()
