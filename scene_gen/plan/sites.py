"""Where things like to stand: for each kind the lattice letters it prefers, and how well each cell suits it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from scene_gen.kinds import KINDS
from scene_gen.plan.artefacts import BUILT, CELLS
from scene_gen.plan.cells import (
    Cell,
    Letters,
    Mask,
    axes,
    beside,
    built,
    distance_to,
    groups,
    is_any,
    letters_of,
    roomy,
    wet,
    widened,
)
from scene_gen.plan.shoreline import at_cells

Field = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Lay:
    """A finished lattice as the places for things see it: letters, ground height [m] by cell, the town's middle."""

    letters: Letters
    height_m: Field
    size_m: float
    centre: Cell
    open_water: Mask
    narrow: Mask
    quay: Mask
    town: Mask

    @property
    def water(self) -> Mask:
        """Cells under water, bridges included."""
        return self.open_water | self.narrow

    @property
    def cell_m(self) -> float:
        """Side of a cell [m]."""
        return self.size_m / CELLS

    def xy(self) -> tuple[Field, Field]:
        """World x and y [m] of every cell's middle."""
        x, y = axes()
        return x * self.size_m / 2, y * self.size_m / 2


def lay_of(lattice: tuple[str, ...], heights: NDArray[np.floating], size_m: float) -> Lay:
    """Reads a lattice: which water is open, where the town and its middle are."""
    letters = letters_of(lattice)
    water = wet(letters)
    open_water = roomy(water)
    town = built(letters)
    return Lay(letters, at_cells(heights), size_m, _middle(letters, town), open_water, water & ~open_water,
               letters == "Q", town)  # fmt: skip


def _middle(letters: Letters, town: Mask) -> Cell:
    """The middle cell of the largest civic, else commercial, else old, else any built group; else of the map."""
    for symbols in ("V", "T", "C", "O", BUILT):
        mask = is_any(letters, symbols)
        if mask.any():
            labels, _ = groups(mask)
            place = np.argwhere(labels == 1)
            nearest = np.argmin(((place - place.mean(axis=0)) ** 2).sum(axis=1))
            return int(place[nearest][0]), int(place[nearest][1])
    return CELLS // 2, CELLS // 2


_PREFERRED: dict[str, str] = {}
for _letters, _kinds in {
    "VOCR": "church cathedral chapel town-hall market-hall theater clock-tower bell-tower fountain well statue obelisk "
            "market-stall flagpole square monastery mosque temple pagoda synagogue",
    "OVRC": "tower-house alley steps lantern",
    "OVR": "castle town-wall gate watchtower",
    "RSO": "house home building",
    "SRO": "cottage cabin villa shed mailbox snowman dog cat hedge",
    "ORC": "townhouse",
    "RTC": "apartment-block bin hydrant bicycle scooter car van lamp",
    "COVR": "shop bakery restaurant cafe inn bank pharmacy post-office police-station fire-station bus-stop sign parking-lot",
    "TCRV": "hotel office skyscraper hologram neon-sign billboard taxi antenna traffic-light robot quadruped police-car",
    "EVCR": "school university library museum hospital",
    "CRI": "station bus tram street",
    "IQRS": "warehouse factory workshop chimney truck container pallet crane",
    "QIBCR": "crate barrel fishing-net bollard seagull fish-market boathouse promenade quay",
    "QB": "pier jetty marina breakwater",
    "BQGHM": "lighthouse",
    "WQ": "boat ship fishing-boat sailing-boat rowing-boat motor-boat ferry cargo-ship tugboat yacht buoy duck",
    "SRIO": "farmhouse barn greenhouse",
    "IASY": "silo",
    "AGYS": "tractor hay-bale cow sheep windmill power-pole horse goat chicken cart scarecrow",
    "ISGA": "water-tower",
    "SCIR": "gas-station",
    "XOGR": "ruin",
    "PVES": "bench playground flower-bed flower planter bush fruit-tree",
    "PVOG": "gravestone",
    "FPGS": "tree oak pine birch willow maple cherry-tree palm cypress olive-tree dead-tree campfire",
    "DGB": "cactus camel yurt",
    "GFDB": "tent rock boulder",
    "BPQ": "parasol",
    "Y": "vine",
    "GAS": "fence stone-wall animal",
    "HGAD": "wind-turbine dome solar-panel",
    "VCRPQ": "person chair table vehicle",
    "WB": "reed",
}.items():  # fmt: skip
    for _kind in _kinds.split():
        _PREFERRED[_kind] = _letters


def preferred(kind: str) -> str:
    """Letters where a kind stands best, best first."""
    row = KINDS.get(kind)
    if row is not None and row.zone:
        return row.zone
    return _PREFERRED.get(kind, "VCROSP")


def allowed(kind: str, lay: Lay) -> Mask:
    """Cells where a kind can stand at all."""
    row = KINDS.get(kind)
    land = ~lay.water
    shore = beside(lay.open_water) & land
    if row is None or row.realised == "zone":
        return land & (lay.letters != "#")
    if kind in ("bridge", "footbridge"):
        over = lay.water & (widened(land) | lay.narrow)
        return over if over.any() else land
    if kind in ("pier", "jetty", "marina", "breakwater", "quay", "boathouse", "lighthouse"):
        edge = shore if shore.any() else beside(lay.narrow) & land
        if kind in ("pier", "quay", "marina", "boathouse") and (lay.quay & edge).any():
            edge = widened(lay.quay, 3, corners=True) & edge
        if edge.any():
            return edge & (lay.letters != "#") if kind != "lighthouse" else edge
        return land
    if row.semantic == "boat" or kind in ("buoy", "duck"):
        water = lay.open_water if lay.open_water.any() else lay.narrow
        return water if water.any() else land
    if kind == "crane" and lay.quay.any():
        return widened(lay.quay, 2) & land & (lay.town | lay.quay)
    if row.realised == "building":
        return lay.town & ~lay.quay if (lay.town & ~lay.quay).any() else land
    if kind in ("town-wall", "gate", "square", "street", "alley", "parking-lot", "steps"):
        return lay.town if lay.town.any() else land
    return land & (lay.letters != "#")


def suitability(kind: str, lay: Lay) -> Field:
    """How well each cell suits a kind, 0 to about 2, before anybody's wishes."""
    letters = preferred(kind)
    score = np.zeros(lay.letters.shape)
    for rank, letter in enumerate(letters):
        score[lay.letters == letter] = 1.0 - 0.18 * rank
    x, y = axes()
    middle = np.hypot(x - x[lay.centre], y - y[lay.centre])
    if kind in ("church", "cathedral", "town-hall", "fountain", "market-hall", "statue", "clock-tower", "market-stall",
                "obelisk", "well", "square", "theater", "flagpole", "bell-tower", "mosque", "temple", "pagoda"):  # fmt: skip
        return score + 0.9 * np.exp(-middle / 0.25)
    if kind in ("castle", "monastery", "wind-turbine", "watchtower"):
        spread = max(float(np.ptp(lay.height_m[lay.letters != "W"])), 1.0) if (lay.letters != "W").any() else 1.0
        return 0.5 * score + 1.2 * lay.height_m / spread
    if kind == "lighthouse":
        exposed = ndimage.uniform_filter(lay.open_water.astype(float), 7, mode="nearest")
        return 0.5 * score + 1.8 * exposed - 0.5 * lay.quay - 0.4 * np.clip(middle - 0.5, 0, None)
    if kind in ("pier", "jetty", "marina", "boathouse", "quay"):
        room = ndimage.uniform_filter(lay.open_water.astype(float), 5, mode="nearest")
        return score + 0.8 * room + 0.5 * np.exp(-middle / 0.4)
    if kind == "breakwater":
        away = np.abs(np.minimum(distance_to(lay.quay), 20) - 3.0)
        return 1.0 - 0.12 * away + 0.5 * ndimage.uniform_filter(lay.open_water.astype(float), 5, mode="nearest")
    if KINDS.get(kind) is not None and KINDS[kind].semantic == "boat":
        base = distance_to(lay.quay) if lay.quay.any() else distance_to(~lay.water) + 0.04 * middle * CELLS
        return (
            1.0 - 0.3 * middle - 0.08 * np.abs(np.minimum(base, 20) - (5.0 if kind in ("cargo-ship", "ferry") else 2.2))
        )
    if kind == "buoy":
        return 1.0 - 0.1 * np.abs(np.minimum(distance_to(~lay.water), 12) - 5.0)
    if kind in ("bridge", "footbridge"):
        return 1.0 * (lay.letters == "#") + 0.6 * np.exp(-middle / 0.3)
    if kind in ("windmill", "silo", "barn", "farmhouse", "tractor", "hay-bale", "greenhouse"):
        near_fields = np.exp(-distance_to(is_any(lay.letters, "AY")) / 2.0)
        near_town = np.exp(-distance_to(lay.town) / 3.0)
        return score + 0.7 * near_fields + 0.5 * near_town
    if kind == "crane":
        return score + 0.8 * np.exp(-distance_to(lay.letters == "I") / 2.0) + 0.8 * lay.quay
    return score + 0.25 * np.exp(-middle / 0.5)
