"""Couriers' bodies: resting, and the hospital for those who had no energy left."""

from dataclasses import replace

import numpy as np

from bridge.engine import Move
from bridge.errors import Refused
from bridge.frames import quat_from_yaw
from bridge.tasks.delivery.config import cents
from bridge.tasks.delivery.state import Busy, Shift
from bridge.tasks.delivery.vehicles import at_service
from bridge.types import AgentState, Pose

_LIFT_M = 0.03


def rest(shift: Shift, name: str, to_pct: float) -> Shift:
    """Rests at a resting place up to a level of energy."""
    place = at_service(shift, name, "rest", "rest")
    level = shift.gauge(name, "energy")
    if level >= to_pct:
        raise Refused(f"You are rested to {level:.0f} % already.")
    shift = shift.with_busy(name, Busy("rest", from_pct=level, to_pct=to_pct, begun_s=shift.now_s, start=place))
    return shift.note("resting", name, from_pct=round(level, 1), to_pct=to_pct)


def collapse(shift: Shift, name: str) -> Shift:
    """No energy is left: to hospital, for a fee and a while; what one carries stays in the bag."""
    config = shift.config.body
    busy = Busy("hospital", until_s=shift.now_s + config.hospital_s, begun_s=shift.now_s, is_away=True)
    shift = shift.pay(name, "hospital", cents(config.hospital_fee), "hospital").counting(name, collapses=1)
    shift = shift.with_gauge(name, energy=0.0).with_busy(name, busy)
    shift = set_down(shift, name, shift.world.places.services["hospital"][0])
    shift = shift.tell(name, f"You had no energy left and are in hospital for {config.hospital_s:.0f} s.")
    return shift.note("collapsed", name)


def discharge(shift: Shift, name: str) -> Shift:
    """Leaves hospital with new energy."""
    shift = shift.with_gauge(name, energy=min(shift.config.body.hospital_pct, 100.0)).with_busy(name, None)
    return shift.tell(name, "You may leave the hospital.").note("discharged", name)


def can_be_moved(shift: Shift, name: str) -> bool:
    """Whether somebody stands on their own feet, so that the world can put them elsewhere."""
    agents = shift.state.agents if shift.state is not None else ()
    own = next((agent for agent in agents if agent.name == name), AgentState(name))
    return not own.riding and not own.doing


def set_down(shift: Shift, name: str, place: int) -> Shift:
    """Puts a courier before a place's door, if they stand on their own feet; a step aside where somebody is."""
    if not can_be_moved(shift, name):
        return shift
    assert shift.state is not None
    index = shift.state.names.index(name)
    others = np.delete(shift.state.poses[:, :2], index, axis=0)
    fresh = [change.pose.position[:2] for change in shift.changes if isinstance(change, Move) and change.name != name]
    spot = shift.world.parks.standing(shift.world.places.doors[place], np.vstack([others, *(at[None] for at in fresh)]))
    pose = Pose(spot + [0.0, 0.0, _LIFT_M], quat_from_yaw(0.0))
    xy = shift.xy.copy()
    xy[shift.couriers[name].row] = pose.position[:2]
    return replace(shift, xy=xy, changes=(*shift.changes, Move(name, pose)))
