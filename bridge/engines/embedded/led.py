"""A world whose bodies are led along courses many ticks at a time, each anew when it is told or put somewhere."""

from collections.abc import Callable

from numpy.typing import NDArray

from bridge.engines.embedded.compile import Compiled
from bridge.engines.embedded.courses import Courses
from bridge.engines.embedded.crew import Crew
from bridge.engines.embedded.motion import MODE, ORDER
from bridge.engines.embedded.outlines import FREE
from bridge.engines.embedded.room import Room
from bridge.engines.embedded.world import World


class LedWorld(World):
    """What worlds that leap have in common; how they `go` is their own."""

    leaps = True

    def __init__(
        self, crew: Crew, *, reserve: int, sleeps: bool, meanwhile: Callable[[], object] = lambda: None
    ) -> None:
        self._room = Room(self)
        super().__init__(crew, reserve=reserve, sleeps=sleeps, meanwhile=meanwhile)

    def use(self, compiled: Compiled) -> None:
        """Starts from a model's first state."""
        super().use(compiled)
        self.courses = Courses(self)

    def enrol(self) -> None:
        """Lists anew who is there."""
        super().enrol()
        self._upright = self.order[self.role[self.order] != FREE]

    def place(self, slot: int, pose: NDArray) -> None:
        """Puts a slot somewhere, at rest."""
        super().place(slot, pose)
        self.begin_course(slot)

    def order_of(self, slot: int, mode: float, numbers: tuple[float, float, float]) -> None:
        """Tells a body what to do until it is told otherwise."""
        was = self.own[slot].tolist()
        is_same = was[MODE] == mode and tuple(was[ORDER]) == numbers
        super().order_of(slot, mode, numbers)
        if not is_same:
            self.begin_course(slot)

    def begin_course(self, slot: int) -> None:
        """From now on a body goes another way than it would have gone."""
        self.courses.begin(slot, self.tick)
