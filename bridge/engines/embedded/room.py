"""How much room there is around points of a running world: as its scene has it, or as it is since something was changed."""

from dataclasses import replace
from typing import TYPE_CHECKING

from bridge.control.clearance import Clearance, clearance
from bridge.engines.embedded.roster import MOVING, Thing
from bridge.scene import Placements

if TYPE_CHECKING:
    from bridge.engines.embedded.world import World


class Room:
    """The room of one world, measured anew when something that stands comes or goes."""

    def __init__(self, world: "World") -> None:
        self._world = world
        self._known: Clearance | None = None
        self._of: dict[str, Thing] | None = None

    def now(self) -> Clearance:
        """How far it is to the nearest wall or water [m]."""
        world = self._world
        if self._known is None or self._of is not world.things:
            self._of = world.things
            fixed = {name: thing for name, thing in world.things.items() if thing.role not in MOVING}
            first = {name: thing for name, thing in world.start.items() if thing.role not in MOVING}
            is_first = world.parts == world.scene.parts and fixed.keys() == first.keys()
            if is_first and all(fixed[name] is first[name] for name in fixed):
                self._known = clearance(world.scene)
            else:
                stands = tuple(
                    Placements(thing.asset.name, (name,), thing.pose[None], thing.scale[None])
                    for name, thing in fixed.items()
                )
                self._known = Clearance(replace(world.scene, parts=world.parts, placements=stands))
        return self._known
