"""How far it is between addresses, as a courier comes to know it: from what is told, and from where it has been."""

import math

from policies.courier.situation import Situation

_DETOUR, _UNKNOWN_M = 1.3, 150.0


class Atlas:
    """Route metres between two addresses; "" is where the courier stands.

    Known from orders' trips, and from the distances told while standing at an address. Otherwise guessed: from places in
    the plane by the detour that ways make here, else from the distances of both to the courier, at a right angle.
    """

    def __init__(self) -> None:
        self._pairs: dict[tuple[str, str], float] = {}
        self._at: dict[str, tuple[float, float]] = {}
        self._here: dict[str, float] = {}
        self._xy = (0.0, 0.0)
        self._near = ""
        self._straight_m, self._ways_m = 0.0, 0.0

    def learn(self, now: Situation) -> None:
        """Takes in what the notes tell about distances."""
        self._xy, self._near, self._here = now.me.at_xy_m, now.me.near, {}
        self._at |= now.at_xy_m
        if now.me.near:
            self._at.setdefault(now.me.near, now.me.at_xy_m)
        told = [(shop.address, shop.away_m) for shop in now.shops]
        for order in (*now.open, *now.mine):
            told += [(order.shop_address, order.shop_away_m), (order.to_address, order.to_away_m)]
            self._know(order.shop_address, order.to_address, order.trip_m)
        for address, metres in told:
            if math.isfinite(metres):
                self._here[address] = metres
                self._know(now.me.near, address, metres)
                self._compare(address, metres)

    def metres(self, a: str, b: str) -> float:
        """From an address to another [m]; "" for either is here."""
        if a == b or (self._near and {a, b} == {"", self._near}):
            return 0.0
        if "" in (a, b):
            return self._from_here(a or b)
        known = self._pairs.get((min(a, b), max(a, b)))
        if known is not None:
            return known
        if a in self._at and b in self._at:
            return self.detour * math.dist(self._at[a], self._at[b])
        return math.hypot(self._from_here(a), self._from_here(b))

    @property
    def detour(self) -> float:
        """How much longer ways are than the crow's."""
        return min(max(self._ways_m / self._straight_m, 1.0), 3.0) if self._straight_m > 200.0 else _DETOUR

    def _from_here(self, address: str) -> float:
        if address in self._here:
            return self._here[address]
        if address in self._at:
            return self.detour * math.dist(self._xy, self._at[address])
        return sum(self._here.values()) / len(self._here) if self._here else _UNKNOWN_M

    def hear(self, a: str, b: str, metres: float) -> None:
        """Takes somebody's word for how far it is between two addresses [m], where nothing better is known."""
        if (min(a, b), max(a, b)) not in self._pairs:
            self._know(a, b, metres)

    def _know(self, a: str, b: str, metres: float) -> None:
        if a and b and a != b and math.isfinite(metres):
            self._pairs[min(a, b), max(a, b)] = metres

    def _compare(self, address: str, metres: float) -> None:
        """Learns the detour from what is known in both ways; old knowledge fades."""
        if address in self._at and (straight := math.dist(self._xy, self._at[address])) > 20.0:
            self._straight_m = 0.98 * self._straight_m + straight
            self._ways_m = 0.98 * self._ways_m + metres
