"""What minds know of a town that does not move: its ways, places, room to walk and the sizes of things."""

from functools import cached_property

from bridge.control.bodies import Census
from bridge.control.clearance import Clearance, clearance
from bridge.control.places import Gazetteer
from bridge.control.ways import Ways
from bridge.scene import Scene


class Town:
    """A scene prepared for those who find their way in it; each share is made when it is first asked for."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene

    @cached_property
    def walks(self) -> Ways:
        """Sidewalks, crossings, paths, quays, squares and the ways to doors."""
        return Ways(self.scene.navigation, lanes=False)

    @cached_property
    def lanes(self) -> Ways:
        """One-way lanes for vehicles."""
        return Ways(self.scene.navigation, lanes=True)

    @cached_property
    def places(self) -> Gazetteer:
        """Addresses and names."""
        return Gazetteer(self.scene)

    @cached_property
    def room(self) -> Clearance:
        """How far it is to the nearest wall or water."""
        return clearance(self.scene)

    @cached_property
    def census(self) -> Census:
        """Who is how large."""
        return Census(self.scene)
