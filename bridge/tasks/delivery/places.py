"""The town as couriers see it: shops, homes and services by address, and how far everything is along the ways."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bridge.control.town import Town
from bridge.errors import InvalidScene
from bridge.scene import Building, Scene
from bridge.tasks.delivery.bus import Line, lines_of
from bridge.tasks.delivery.food import KITCHEN, MENUS
from bridge.tasks.delivery.wares import sold_by

Array = NDArray[np.float64]
_MOST_SHOPS, _MOST_HOMES = 24, 120
_DWELLINGS = (
    "house", "townhouse", "apartment-block", "villa", "cottage", "cabin", "farmhouse", "tower-house", "skyscraper",
)  # fmt: skip
_SERVICES: dict[str, tuple[int, tuple[str, ...]]] = {
    "charger": (4, ("gas-station", "workshop", "post-office", "town-hall", "bank", "office", "hotel")),
    "rest": (5, ("cafe", "inn", "hotel", "library", "church", "chapel", "restaurant", "temple", "mosque")),
    "rental": (2, ("gas-station", "workshop", "hotel", "warehouse", "office", "town-hall")),
    "hospital": (1, ("hospital", "pharmacy", "monastery", "church", "town-hall")),
    "dealer": (1, ("workshop", "gas-station", "factory", "shop", "market-hall")),
}
"""How many of a service a town has at most, and the uses of buildings that it is found in, the likeliest first (ours)."""


@dataclass(frozen=True)
class Shop:
    """Where orders come from: its row among the places, name, dishes, and prices [$] of what it sells to couriers."""

    place: int
    name: str
    menu: tuple[str, ...]
    sells: dict[str, float]


class Places:
    """Places of a town. Row i of every array is `addresses[i]`; `doors` (n,3) [m] is where one stands to be there."""

    def __init__(self, town: Town, *, bus_stop_m: float = 90.0) -> None:
        scene, self._ways = town.scene, town.walks
        houses = _addressed(scene, town)
        if len(houses) < 2:
            raise InvalidScene(
                f"Scene '{scene.name}' has {len(houses)} addresses with doors that ways lead to; deliveries need two and "
                'more. Generate a town with houses: scenegen "a small village with a bakery".'
            )
        selling, living = _roles(houses)
        services = {what: _spread(_likely(houses, uses), count) for what, (count, uses) in _SERVICES.items()}
        used = dict.fromkeys(row for rows in (selling, living, *services.values()) for row in rows)
        lines = lines_of(scene, [(house.address, node) for house, node in houses], bus_stop_m)
        by_address = {house.address: index for index, (house, _) in enumerate(houses)}
        used |= dict.fromkeys(by_address[stop] for line in lines for stop in line.stops)
        rows = {index: row for row, index in enumerate(used)}
        kept = [houses[index] for index in used]
        self.scene_name = scene.name
        self.addresses = tuple(house.address for house, _ in kept)
        self.names = tuple(house.name for house, _ in kept)
        self.row = {address: row for row, address in enumerate(self.addresses)}
        self.nodes = np.array([node for _, node in kept], dtype=np.int64)
        self.doors = scene.navigation.nodes[self.nodes]
        self.services = {what: tuple(rows[index] for index in found) for what, found in services.items()}
        dealer = self.services["dealer"][0]
        self.vehicle_assets = {"scooter": _two_wheeler(scene), "car": _car(scene)}
        shops = [self._shop(rows[index], houses[index][0], dealer) for index in selling]
        if dealer not in {shop.place for shop in shops}:
            index = next(index for index, row in rows.items() if row == dealer)
            shops.append(self._shop(dealer, houses[index][0], dealer, cooks=False))
        self.shops = tuple(shops)
        self.kitchens = tuple(index for index, shop in enumerate(shops) if shop.menu)
        self.shop_at = {shop.place: shop for shop in shops}
        self.homes = tuple(rows[index] for index in living)
        self.lines: tuple[Line, ...] = lines
        self.stops = {stop for line in lines for stop in line.stops}

    def _shop(self, row: int, house: Building, dealer: int, *, cooks: bool = True) -> Shop:
        sells = sold_by(house.use, is_dealer=row == dealer)
        if not self.vehicle_assets["scooter"]:
            sells.pop("scooter", None)
        prices = {name: ware.price for name, ware in sells.items()}
        return Shop(row, house.name, MENUS.get(house.use, KITCHEN) if cooks else (), prices)

    @cached_property
    def from_node_m(self) -> Array:
        """How far it is from each node of the ways to each place [m], shape (nodes, places); inf where no way leads."""
        from scipy.sparse import csr_array
        from scipy.sparse.csgraph import dijkstra

        ways, count = self._ways, len(self._ways.nodes)
        tails, heads = ways.edges.T
        order = np.lexsort((ways.length_m, np.maximum(tails, heads), np.minimum(tails, heads)))
        low, high = np.minimum(tails, heads)[order], np.maximum(tails, heads)[order]
        once = np.r_[True, (np.diff(low) != 0) | (np.diff(high) != 0)]  # of parallel edges the shortest
        sizes = np.maximum(ways.length_m[order][once], 1e-9)
        matrix = csr_array((sizes, (low[once], high[once])), shape=(count, count))
        return np.ascontiguousarray(dijkstra(matrix, directed=False, indices=self.nodes).T)

    @cached_property
    def trip_m(self) -> Array:
        """How far it is from place to place along the ways [m], shape (n, n)."""
        return self.from_node_m[self.nodes]

    def away_m(self, xy: ArrayLike) -> Array:
        """How far all places are from a point (2,) along the ways [m], shape (n,), the steps onto them included."""
        at = np.asarray(xy, dtype=np.float64)[:2]
        best = np.full(len(self.addresses), np.inf)
        for hold in self._ways.footholds(at, count=3):
            length = self._ways.length_m[hold.edge]
            tail, head = self._ways.edges[hold.edge]
            best = np.minimum(best, hold.away_m + hold.share * length + self.from_node_m[tail])
            best = np.minimum(best, hold.away_m + (1 - hold.share) * length + self.from_node_m[head])
        straight = self.straight_m(at)
        return np.where(straight < 2.0, straight, np.maximum(best, straight))

    def straight_m(self, xy: ArrayLike) -> Array:
        """How far all doors are from a point as the crow flies [m], shape (n,)."""
        return np.hypot(*(self.doors[:, :2] - np.asarray(xy, dtype=np.float64)[:2]).T)

    def at(self, xy: ArrayLike, reach_m: float) -> int | None:
        """The nearest place within reach of a point."""
        straight = self.straight_m(xy)
        row = int(np.argmin(straight))
        return row if straight[row] <= reach_m else None

    def find(self, text: str) -> int | None:
        """The place of an address, or of a building's name; None if there is none among the places."""
        wanted = text.strip().rstrip(".").casefold()
        return next(
            (row for row, names in enumerate(zip(self.addresses, self.names, strict=True))
             if wanted in (names[0].casefold(), names[1].casefold())), None,
        )  # fmt: skip


def _addressed(scene: Scene, town: Town) -> list[tuple[Building, int]]:
    """Buildings with an address and a door on the largest connected piece of the ways, with the door's node."""
    walked = set(np.unique(town.walks.edges).tolist())
    found: dict[str, tuple[Building, int]] = {}
    for house in scene.buildings:
        if house.address and house.doors and house.doors[0].node in walked:
            found.setdefault(house.address.casefold(), (house, house.doors[0].node))
    pieces = town.walks.pieces
    sizes = np.bincount([pieces[node] for _, node in found.values()], minlength=1)
    return [row for row in found.values() if pieces[row[1]] == int(np.argmax(sizes))]


def _roles(houses: Sequence[tuple[Building, int]]) -> tuple[list[int], list[int]]:
    """Which buildings sell and which are lived in; where a town has none, others take the part."""
    selling = [index for index, (house, _) in enumerate(houses) if house.use in MENUS]
    if not selling:
        other = [index for index, (house, _) in enumerate(houses) if house.use not in _DWELLINGS]
        every = list(range(0, len(houses), 6))
        selling = other[:_MOST_SHOPS] or every
    selling = sorted(_spread([(index, houses[index]) for index in selling], _MOST_SHOPS))
    taken = set(selling)
    living = [index for index, (house, _) in enumerate(houses) if house.use in _DWELLINGS and index not in taken]
    living = living or [index for index in range(len(houses)) if index not in taken]
    if not living:
        selling, living = selling[:1], [index for index in range(len(houses)) if index != selling[0]]
    step = max(len(living) // _MOST_HOMES, 1)
    return selling, living[::step][:_MOST_HOMES]


def _likely(houses: Sequence[tuple[Building, int]], uses: Sequence[str]) -> list[tuple[int, tuple[Building, int]]]:
    """Buildings of the first uses that the town has, some of each kind; any, where it has none of them."""
    rows = [(index, row) for index, row in enumerate(houses) if row[0].use in uses]
    return sorted(rows, key=lambda row: uses.index(row[1][0].use)) or list(enumerate(houses))


def _spread(rows: Sequence[tuple[int, tuple[Building, int]]], count: int) -> list[int]:
    """At most `count` buildings far from each other: the first, then always the one farthest from those chosen."""
    if len(rows) <= count:
        return [index for index, _ in rows]
    middles = np.array([house.doors[0].position[:2] for _, (house, _) in rows])
    chosen = [0]
    gaps = np.hypot(*(middles - middles[0]).T)
    while len(chosen) < count:
        chosen.append(int(np.argmax(gaps)))
        gaps = np.minimum(gaps, np.hypot(*(middles - middles[chosen[-1]]).T))
    return [rows[index][0] for index in chosen]


def _two_wheeler(scene: Scene) -> str:
    """The asset of the scooters that are sold: a scooter, or a bicycle with a motor; "" if the town knows neither."""
    found = [asset for kind in ("scooter", "bicycle") for asset in scene.assets.values() if asset.semantic == kind]
    return found[0].name if found else ""


def _car(scene: Scene) -> str:
    """The asset of the cars that are rented out; "" if the town has none."""
    found = [
        a for kind in ("car", "taxi", "van") for a in scene.assets.values() if (a.semantic, a.kind) == ("vehicle", kind)
    ]
    return found[0].name if found else ""
