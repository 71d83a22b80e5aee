"""A plan: lattice, heights and environment config, three artefacts a person can read and change, after LatticeWorld.

The lattice is 32×32 letters, north row first, west column first. Cell (row, column) of a map with side `size_m` has
its middle at x = (column + 0.5)·cell − size/2, y = size/2 − (row + 0.5)·cell, with cell = size / 32.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from bridge.scene import Environment
from scene_gen.brief import Brief
from scene_gen.plan.survey import Survey

CELLS = 32

SYMBOLS: dict[str, str] = {
    "W": "water: sea, lake, river",
    "B": "beach: sand beside water",
    "Q": "quay: paved waterfront with cranes and moorings",
    "R": "residential: townhouses and apartment blocks",
    "S": "suburb: detached houses with gardens",
    "O": "old town: narrow streets, small parcels",
    "C": "commercial: shops, offices, restaurants",
    "T": "towers: downtown high-rise",
    "I": "industrial: warehouses, factories, yards",
    "V": "civic: square, church, town hall, market",
    "E": "education: campus with lawns",
    "P": "park: lawns, trees, paths",
    "F": "forest",
    "A": "farm: fields",
    "Y": "vineyard or orchard",
    "G": "grassland, open land",
    "H": "hill: open land, steep",
    "M": "mountain: rock",
    "D": "desert: sand",
    "X": "ruins",
    "#": "road corridor: main road or bridge",
}
BUILT = "QROSCTIVEX"
"""Letters that get streets and buildings."""


@dataclass(frozen=True)
class Landmark:
    """Something asked for, with its place: `kind` of scene_gen.kinds, `count` of them around `at` (x, y) [m].

    `radius_m` is how far from `at` it may go; `at` None means wherever it fits (its zone). `near` is the kind it belongs
    to and `relation` how ("at-end-of" the "pier"; a predicate of scene_gen.brief), both "" where it stands alone.
    `clause` is the index of the Brief's thing it answers; relations about things that are not in the list count on
    after the last thing; -1 for the planner's own idea.
    """

    kind: str
    count: int
    at: tuple[float, float] | None = None
    radius_m: float = 60.0
    near: str = ""
    attributes: tuple[str, ...] = ()
    clause: int = -1
    relation: str = ""


@dataclass(frozen=True)
class AgentsPlanned:
    """Who is there from the start: kind, number, on what vehicle, what they were told."""

    kind: str
    count: int
    vehicle: str = "foot"
    instruction: str = ""


@dataclass(frozen=True)
class Look:
    """How things are built, from coarse to fine.

    `style` picks proportions and ornaments; `walls` and `roofs` weigh materials of scene_gen.kit.materials; `roof_shapes`
    weighs hip, gable, flat, mansard, sawtooth, shed, dome, pyramid; `storeys` bounds them by lattice letter;
    `density` scales how many parcels are built on (1 normal) by letter, `props_density` scales street furniture,
    `trees_density` trees; `grid` is how straight streets are (0 organic to 1 a grid); `lit_windows` the share of windows
    lit after dusk; `max_street_slope` rise over run.
    """

    style: str = "modern"
    walls: Mapping[str, float] = field(default_factory=dict)
    roofs: Mapping[str, float] = field(default_factory=dict)
    roof_shapes: Mapping[str, float] = field(default_factory=dict)
    storeys: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    density: Mapping[str, float] = field(default_factory=dict)
    trees: Mapping[str, float] = field(default_factory=dict)
    """Kinds of tree and their weights."""
    props_density: float = 1.0
    trees_density: float = 1.0
    grid: float = 0.35
    lit_windows: float = 0.45
    max_street_slope: float = 0.12
    homes: Mapping[str, float] = field(default_factory=dict)
    """Kinds of building that most houses are, with weights; empty leaves each zone its usual mixture."""


@dataclass(frozen=True)
class PlannedWater:
    """What the water cells are: `kind` sea, lake, river, canal, pond; surface at `level_m`."""

    kind: str
    level_m: float = 0.0


@dataclass(frozen=True, eq=False)
class Plan:
    """Everything the builder needs to know; the builder adds no wishes of its own.

    `lattice`: 32 strings of 32 letters. `heights` float32 (n, n) [m], vertices evenly spaced over the whole map from
    edge to edge, row 0 south (as `Terrain`); water lies below its level. `absent` names kinds that must not appear
    ("no cars"); `amounts` bounds the number of a kind over the whole town (None: no upper bound).
    """

    name: str
    brief: Brief
    size_m: float
    lattice: tuple[str, ...]
    heights: NDArray[np.float32]
    environment: Environment
    look: Look
    waters: tuple[PlannedWater, ...] = ()
    landmarks: tuple[Landmark, ...] = ()
    amounts: Mapping[str, tuple[int, int | None]] = field(default_factory=dict)
    absent: tuple[str, ...] = ()
    agents: tuple[AgentsPlanned, ...] = ()
    planner: str = "rules"
    notes: tuple[str, ...] = ()
    survey: Survey | None = None
    """Streets and footprints of a real place, which the builder keeps; None for a town of our own."""

    @property
    def cell_m(self) -> float:
        """Side of a lattice cell [m]."""
        return self.size_m / CELLS

    def zone_at(self, xy: NDArray[np.float64]) -> NDArray[np.str_]:
        """Lattice letters at points (..., 2) [m]; outside the map, those of its edge."""
        xy = np.asarray(xy, dtype=np.float64)
        letters = np.array([list(row) for row in self.lattice])
        column = np.clip(((xy[..., 0] + self.size_m / 2) / self.cell_m).astype(int), 0, CELLS - 1)
        row = np.clip(((self.size_m / 2 - xy[..., 1]) / self.cell_m).astype(int), 0, CELLS - 1)
        return letters[row, column]
