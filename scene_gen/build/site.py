"""What the builder's steps hand to each other: a site with streets, parcels, open areas and moorings."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from bridge.scene import Building, Part, RoadNetwork, Terrain, Water


@dataclass(frozen=True, eq=False)
class Parcel:
    """A lot with street frontage, flattened to `base_m`, on which one building may stand.

    `polygon` float64 (k,2), open ring, counter-clockwise. `front` float64 (2,2): the edge on the street, in the ring's
    direction, so that the outward normal (dy, -dx) points at the street. `use` is "" until it is assigned (a kind of
    scene_gen.kinds); a parcel left with "" stays a garden. `is_attached` says that houses stand wall to wall along
    the street. `clause` is the landmark's clause, -1 for none.
    """

    name: str
    polygon: NDArray[np.float64]
    front: NDArray[np.float64]
    base_m: float
    zone: str
    street: str
    number: int
    use: str = ""
    is_attached: bool = False
    attributes: tuple[str, ...] = ()
    clause: int = -1


@dataclass(frozen=True, eq=False)
class Area:
    """An open place: `kind` square, park, garden, field, vineyard, forest, meadow, beach, yard, quay, parking-lot,
    cemetery, promenade, desert, rock, ruins. `polygon` (k,2), open ring, counter-clockwise, with `holes`; `level_m`
    where it is flat, None where it follows the terrain."""

    kind: str
    polygon: NDArray[np.float64]
    holes: tuple[NDArray[np.float64], ...] = ()
    level_m: float | None = None
    name: str = ""


@dataclass(frozen=True)
class Mooring:
    """A place for one boat: pose x, y, heading; the longest and deepest that fits; water level."""

    x: float
    y: float
    yaw_rad: float
    length_m: float
    level_m: float


@dataclass(frozen=True, eq=False)
class Reserved:
    """Ground kept for an asset that was asked for: stand it at `position` (x, y, z), heading `yaw_rad`.

    `clause` and `kind` as in scene_gen.plan.artefacts.Landmark; `on` says what it stands on (terrain, pier, square,
    breakwater, water).
    """

    kind: str
    position: tuple[float, float, float]
    yaw_rad: float
    on: str = "terrain"
    attributes: tuple[str, ...] = ()
    clause: int = -1


@dataclass(frozen=True, eq=False)
class Site:
    """The ground, ready to build on: everything flat is flat, everything wet is under water."""

    terrain: Terrain
    waters: tuple[Water, ...]
    roads: RoadNetwork
    parts: tuple[Part, ...]
    """Carriageways, sidewalks, crossings, markings, squares, quays, piers, bridges, breakwaters, walls."""
    parcels: tuple[Parcel, ...]
    areas: tuple[Area, ...]
    moorings: tuple[Mooring, ...]
    reserved: tuple[Reserved, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Raised:
    """Buildings with their parts, in the same order."""

    buildings: tuple[Building, ...] = ()
    parts: tuple[Part, ...] = ()
    extras: tuple[Part, ...] = field(default=())
    """Garden walls, fences and steps that come with buildings."""
