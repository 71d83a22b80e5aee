"""Opening and closing doors, or why that came to nothing."""

from typing import TYPE_CHECKING

import numpy as np

from bridge.engine import Skill
from bridge.engines.embedded.deeds import REACH_M, Refused, in_reach, needs_hands, unknown
from bridge.engines.embedded.reach import gap_m
from bridge.frames import matrix_from_quat

if TYPE_CHECKING:
    from bridge.engines.embedded.skills import Doer, Skills


def open_or_close(skills: "Skills", doer: "Doer", skill: Skill) -> None:
    """Lets a door swing: the target, or the nearest in reach that is not so already."""
    world, is_open = skills.world, skill.verb == "open"
    needs_hands(skills, doer)
    doors = world.doors.names
    if skill.target in {part.name for part in world.parts}:
        raise Refused(
            f"The doors of {skill.target} are part of its wall and do not {skill.verb}. "
            + (f"Doors that do: {', '.join(doors[:10])}." if doors else "No door here does.")
        )
    if skill.target and skill.target not in world.things:
        raise Refused(unknown(skills, skill.target, f"to {skill.verb}"))
    if skill.target and skill.target not in doors:
        raise Refused(f"{skill.target} is a {world.things[skill.target].asset.kind}, which does not {skill.verb}.")
    near = [name for name in doors if world.doors.is_open(name) != is_open] if not skill.target else [skill.target]
    if not near:
        raise Refused(f"There is no door here to {skill.verb}.")
    things = world.things
    name = min(near, key=lambda one: (gap_m(world, doer.slot, things[one].pose, things[one].size), one))
    door = things[name]
    if world.doors.is_open(name) == is_open:
        raise Refused(f"{name} is {'open' if is_open else 'closed'} already.")
    in_reach(skills, doer, name, door.pose, door.size, REACH_M)
    ahead = (matrix_from_quat(door.pose[3:]).T @ (world.pose(doer.slot)[:3] - door.pose[:3]))[0]
    world.doors.swing(name, is_open=is_open, ahead=float(np.sign(ahead)))
