"""A courier's notes as plain values: what a scripted mind reads before it decides; keys that are missing are taken lightly."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bridge.observation import Observation
from policies.courier.rules import Rules, rules

INF = float("inf")
_WALK_M_S, _SCOOTER_M_S = 2.0, 6.0


@dataclass(frozen=True)
class Offer:
    """What another courier offers about an order: a `part` of its pay ("share"), or all of it ("hand-over")."""

    kind: str
    source: str
    part: float = 0.0


@dataclass(frozen=True)
class Order:
    """An order as one courier sees it: money in $, times in seconds of the shift, metres by the ways."""

    id: str
    shop_address: str
    to_address: str
    pay: float
    deadline_s: float
    ready_s: float
    bids_end_s: float
    my_bid: float | None
    state: str
    shop_away_m: float
    trip_m: float
    to_away_m: float = INF
    items: int = 1
    carried: int = 0
    my_part: float = 1.0
    agent: str = ""
    partner: str = ""
    wish: str = ""
    offers: tuple[Offer, ...] = ()

    @property
    def is_fetched(self) -> bool:
        """Whether nothing of it waits in the shop for me."""
        return self.carried > 0


@dataclass(frozen=True)
class Shop:
    """Where food comes from, and what it sells to couriers [$]."""

    name: str
    address: str
    sells: Mapping[str, float]
    away_m: float


@dataclass(frozen=True)
class Me:
    """The courier: `near` is the address one stands at, paces are in this weather, `doing` a timed verb under way."""

    name: str
    money: float
    energy_pct: float
    at_xy_m: tuple[float, float]
    near: str
    transport: str
    owns_scooter: bool
    battery_pct: float
    bag_slots_free: int
    wares: tuple[str, ...]
    doing: str
    walk_m_s: float
    scooter_m_s: float
    persona: Mapping[str, float]


@dataclass(frozen=True)
class Situation:
    """All that a courier knows. `avoid` are addresses that it could not get to; `places` services with their addresses;
    who `is_afoot` leaves the scooter standing for now."""

    now_s: float
    ends_s: float
    me: Me
    open: tuple[Order, ...]
    mine: tuple[Order, ...]
    shops: tuple[Shop, ...]
    places: Mapping[str, tuple[str, ...]]
    couriers: Mapping[str, float]
    at_xy_m: Mapping[str, tuple[float, float]]
    rules: Rules
    avoid: frozenset[str] = frozenset()
    is_afoot: bool = False

    @property
    def load(self) -> int:
        """How many orders are mine."""
        return sum(order.agent in ("", self.me.name) for order in self.mine if not order.offers or order.my_part > 0)

    @property
    def is_on_scooter(self) -> bool:
        """Whether long ways are gone by scooter: one has one with something left in its battery, and it is faster."""
        is_faster = self.me.scooter_m_s > self.me.walk_m_s and not self.is_afoot
        return self.me.owns_scooter and self.me.battery_pct > 5.0 and is_faster


def read(observation: Observation) -> Situation | None:
    """The situation in the notes; None where they are no courier's."""
    notes = observation.notes
    if not all(part in notes for part in ("clock", "me", "orders")):
        return None
    clock, shops = notes["clock"], tuple(_shop(row) for row in notes.get("shops", ()))
    spots = {row["address"]: row["at_xy_m"] for row in notes.get("shops", ()) if "at_xy_m" in row}
    for row in (*notes["orders"].get("open", ()), *notes["orders"].get("mine", ())):
        spots |= {row[f"{end}_address"]: row[f"{end}_xy_m"] for end in ("shop", "to") if f"{end}_xy_m" in row}
    spots |= notes.get("at_xy_m", {})
    return Situation(
        now_s=float(clock["now_s"]),
        ends_s=float(clock["ends_s"]),
        me=_me(notes["me"], float(clock.get("speed_factor", 1.0))),
        open=tuple(_order(row) for row in notes["orders"].get("open", ())),
        mine=tuple(_order(row) for row in notes["orders"].get("mine", ())),
        shops=shops,
        places={
            what: tuple(rows)
            for what, rows in notes.get("places", {}).items()
            if all(isinstance(row, str) for row in rows)
        },
        couriers={row["name"]: float(row["away_m"]) for row in notes.get("couriers", ())},
        at_xy_m={address: (float(at[0]), float(at[1])) for address, at in spots.items()},
        rules=rules(notes),
    )


def _shop(row: Mapping[str, Any]) -> Shop:
    return Shop(row["name"], row["address"], row.get("sells", {}), _number(row.get("away_m"), INF))


def _me(row: Mapping[str, Any], factor: float) -> Me:
    paces = row.get("pace_m_s", {})
    return Me(
        name=row["name"],
        money=float(row["money"]),
        energy_pct=float(row["energy_pct"]),
        at_xy_m=(float(row["at_xy_m"][0]), float(row["at_xy_m"][1])),
        near=row.get("near", ""),
        transport=row.get("transport", "walk"),
        owns_scooter=bool(row.get("owns_scooter")),
        battery_pct=_number(row.get("battery_pct"), 0.0),
        bag_slots_free=int(row.get("bag_slots_free", 4)),
        wares=tuple(row.get("wares", ())),
        doing=row.get("doing", ""),
        walk_m_s=float(paces.get("walk", _WALK_M_S * factor)),
        scooter_m_s=float(paces.get("scooter", _SCOOTER_M_S * factor)),
        persona=row.get("persona", {}),
    )


def _order(row: Mapping[str, Any]) -> Order:
    food, carried = row.get("food", ()), row.get("carried", ())
    return Order(
        id=row["id"],
        shop_address=row["shop_address"],
        to_address=row["to_address"],
        pay=float(row["pay"]),
        deadline_s=float(row["deadline_s"]),
        ready_s=_number(row.get("ready_s"), 0.0),
        bids_end_s=_number(row.get("bids_end_s"), 0.0),
        my_bid=row.get("my_bid"),
        state=row.get("state", "open"),
        shop_away_m=_number(row.get("shop_away_m"), INF),
        trip_m=_number(row.get("trip_m"), INF),
        to_away_m=_number(row.get("to_away_m"), INF),
        items=1 if isinstance(food, str) else max(len(food), 1),
        carried=len(carried),
        my_part=float(row.get("my_part", 1.0)),
        agent=row.get("agent", ""),
        partner=row.get("partner", ""),
        wish=row.get("wish", ""),
        offers=tuple(Offer(o["kind"], o["from"], float(o.get("part", 0.0))) for o in row.get("offers", ())),
    )


def _number(value: Any, missing: float) -> float:
    return missing if value is None else float(value)
