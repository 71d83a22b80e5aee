"""The grain of a town: how wide parcels, how deep blocks and how broad streets are, by lattice letter."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Grain:
    """Parcels are `width_m` (least, most) wide and `depth_m` deep; blocks up to `block_m` long between `street`s."""

    width_m: tuple[float, float]
    depth_m: float
    block_m: float
    street: str
    is_attached: bool = False


@dataclass(frozen=True)
class Profile:
    """A kind of street across: carriageway, each sidewalk [m], driving lanes each way."""

    width_m: float
    sidewalk_m: float
    lanes: int

    @property
    def half_m(self) -> float:
        """From the middle to the building line."""
        return self.width_m / 2 + self.sidewalk_m


GRAINS: dict[str, Grain] = {
    "O": Grain((6.5, 9.5), 13.5, 62.0, "lane", True),
    "R": Grain((8.5, 12.5), 17.0, 90.0, "street", True),
    "S": Grain((16.0, 22.0), 26.0, 125.0, "street"),
    "C": Grain((14.0, 21.0), 20.0, 84.0, "street", True),
    "T": Grain((34.0, 46.0), 40.0, 105.0, "street"),
    "I": Grain((34.0, 56.0), 40.0, 150.0, "street"),
    "V": Grain((20.0, 32.0), 24.0, 84.0, "street"),
    "E": Grain((38.0, 60.0), 42.0, 150.0, "street"),
    "X": Grain((13.0, 20.0), 16.0, 70.0, "lane"),
    "Q": Grain((15.0, 24.0), 19.0, 90.0, "street", True),
    "A": Grain((34.0, 44.0), 38.0, 150.0, "street"),
}

PROFILES: dict[str, Profile] = {
    "main": Profile(7.0, 2.5, 1),
    "street": Profile(6.0, 2.0, 1),
    "lane": Profile(3.6, 1.2, 0),
    "road": Profile(6.5, 0.0, 1),
    "track": Profile(4.2, 0.0, 1),
    "path": Profile(2.4, 0.0, 0),
}


def grain(letter: str) -> Grain:
    """The grain of a lattice letter; open land is as fine as a suburb."""
    return GRAINS.get(letter, GRAINS["S"])
