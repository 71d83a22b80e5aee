"""The seam for planners: a Brief becomes a Plan. A planner is a module of this package with `Config` and `make(config)`."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from scene_gen.brief import Brief
from scene_gen.plan.artefacts import Plan

PACKAGE = "scene_gen.plan"
"""Where planners are looked up by name (see bridge.plugins)."""


class Planner(Protocol):
    """Decides what is where; the same brief, seed and inputs give the same plan."""

    def plan(
        self,
        brief: Brief,
        *,
        seed: int,
        size_m: float | None = None,
        lattice: tuple[str, ...] | None = None,
        heights: NDArray[np.floating] | None = None,
        name: str | None = None,
    ) -> Plan:
        """A valid plan. `size_m`, `lattice` (32 rows, north first) and `heights` [m], shape (r, c), row 0 south, are
        given by the user and win over the brief. Raises InvalidPlan or InvalidInput."""
        ...
