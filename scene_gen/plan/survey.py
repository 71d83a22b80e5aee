"""A real place on the plan: streets and footprints that were surveyed, which the builder keeps as they are."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class SurveyedStreet:
    """A street's centreline float64 (k,2) [m], its name ("" if it has none) and its kind as in bridge.scene.Street."""

    name: str
    kind: Literal["main", "street", "lane", "path", "bridge"]
    line: NDArray[np.float64]
    width_m: float
    is_one_way: bool = False


@dataclass(frozen=True, eq=False)
class SurveyedBuilding:
    """A footprint float64 (k,2) [m], open ring, counter-clockwise; `use` a building kind; 0 storeys: not known."""

    footprint: NDArray[np.float64]
    use: str
    storeys: int = 0
    street: str = ""
    number: str = ""


@dataclass(frozen=True, eq=False)
class SurveyedArea:
    """Water or land: `kind` sea, lake, river, canal, pond, or a letter of the lattice; `polygon` float64 (k,2)."""

    kind: str
    polygon: NDArray[np.float64]
    holes: tuple[NDArray[np.float64], ...] = ()


@dataclass(frozen=True, eq=False)
class Survey:
    """What was read of a real place, in metres around its middle, X east, Y north, cut to a square of `size_m`."""

    size_m: float
    streets: tuple[SurveyedStreet, ...]
    buildings: tuple[SurveyedBuilding, ...]
    areas: tuple[SurveyedArea, ...]
    attribution: str
    notes: tuple[str, ...] = ()
