"""From what an agent is told to the way its body takes, without any engine: one follower for arms, one for what drives.

A world model is conditioned on where the body that acts is; policies give actions. Followers lie between: they are told
the actions, tick by tick, and say where the body is. Their numbers are fitted to an engine (see `fit`).
"""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from bridge.engine import Action

Array = NDArray[np.float64]


class Follower(Protocol):
    """Where a body goes that does what it is told; a copy goes its own way from then on."""

    @property
    def body(self) -> Array:
        """The body's pose (7,), world frame: the tool of an arm, the car itself."""
        ...

    @property
    def gripper(self) -> float | None:
        """0 open to 1 closed, None without one."""
        ...

    def tell(self, action: Action) -> None:
        """What it does from now on."""
        ...

    def advance(self, ticks: int) -> None:
        """So many ticks pass."""
        ...

    def copy(self) -> "Follower":
        """One that knows what this one knows."""
        ...
