"""A small honest market: couriers on a grid of streets, orders that come and go, bids, bodies that tire; seconds as steps."""

import json
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from bridge.engine import Skill
from bridge.observation import Message, Observation
from bridge.types import Pose
from policies.policy import Policy
from tests.policies.seen import VERBS

WALK_M_S, PATIENCE_S, BIDDING_S, MOST = 2.0, 30, 45, 3


@dataclass
class Order:
    """An order of the market; `price` is what its courier gets for it."""

    id: str
    shop: str
    to: str
    pay: float
    placed_s: int
    ready_s: int
    deadline_s: int
    items: int
    state: str = "open"
    agent: str = ""
    price: float = 0.0
    bids: dict[str, tuple[float, int]] = field(default_factory=dict)
    offers: list[tuple[str, str]] = field(default_factory=list)


@dataclass
class Courier:
    """A courier of the market: where, how rich, how rested, and at what."""

    xy: np.ndarray
    money: float = 100.0
    energy: float = 100.0
    bag: list[str] = field(default_factory=list)
    wares: list[str] = field(default_factory=list)
    skill: Skill | None = None
    doing: str = ""
    until_s: float = 0.0
    to_pct: float = 0.0
    failure: str = ""
    news: bool = True
    since_s: int = 0
    messages: list[Message] = field(default_factory=list)
    delivered: int = 0
    on_time: int = 0
    refused: int = 0
    handed: int = 0
    said: int = 0
    used: float = 0.0


class Market:
    """One shift. Distances are along streets: the sum of both differences [m]."""

    def __init__(
        self, minds: dict[str, Policy], *, seed: int, hours: float = 1.0, shares: bool = False, orders_h: float = 9.0
    ):
        random = np.random.default_rng([seed, 77])
        self.minds, self.shares, self.ends_s, self.now_s = minds, shares, int(3600 * hours), 0
        spots = random.permutation(np.array([(x, y) for x in range(0, 541, 60) for y in range(0, 541, 60)]))
        self.spots = {f"{i} Grid Street": np.array(spot, float) for i, spot in enumerate(spots[:40], start=1)}
        names = list(self.spots)
        self.shops, self.homes, self.rests = names[:6], names[6:36], names[36:40]
        self.couriers = {name: Courier(self.spots[names[12 + i]].copy()) for i, name in enumerate(minds)}
        count = random.poisson(orders_h * hours * len(minds))
        self.coming = []
        for i, at in enumerate(sorted(random.integers(0, self.ends_s, count).tolist()), start=1):
            shop, to = str(random.choice(self.shops)), str(random.choice(self.homes))
            prepare, trip = int(random.integers(60, 420)), self.metres(self.spots[shop], to)
            pay = round((4.0 + 0.012 * trip) * float(np.exp(random.normal(0, 0.15))), 2)
            due = round(at + 420 + prepare + 0.9 * trip)
            self.coming.append(Order(f"order-{i}", shop, to, pay, at, at + prepare, due, int(random.integers(1, 4))))
        self.orders: dict[str, Order] = {}
        for name, mind in minds.items():
            mind.reset(seed=seed, agent=name, instruction="Earn what you can.")
        self.log: list[tuple[int, str, str, str, str]] = []

    def metres(self, xy: np.ndarray, address: str) -> float:
        return float(np.abs(xy - self.spots[address]).sum())

    def run(self) -> dict[str, float]:
        """Profit by courier."""
        while self.now_s < self.ends_s:
            self.tick()
        return {name: round(one.money - 100.0, 2) for name, one in self.couriers.items()}

    def tick(self) -> None:
        while self.coming and self.coming[0].placed_s <= self.now_s:
            order = self.coming.pop(0)
            self.orders[order.id] = order
            for name, courier in self.couriers.items():
                courier.news |= not any(one.agent == name for one in self.orders.values() if one.state != "done")
        for order in list(self.orders.values()):
            self.strike(order)
        for name, courier in self.couriers.items():
            if courier.doing == "hospital" and self.now_s < courier.until_s:
                continue
            for _ in range(12):  # words cost no time
                due = courier.doing == "" or courier.news or self.now_s - courier.since_s >= PATIENCE_S
                if not due or not self.decide(name, courier):
                    break
            self.move(name, courier)
        self.now_s += 1

    def strike(self, order: Order) -> None:
        if order.state == "open" and order.bids and self.now_s >= order.placed_s + BIDDING_S:
            ranked = sorted((price, at, name) for name, (price, at) in order.bids.items())
            for name in order.bids:
                self.couriers[name].news = True
            order.bids = {}
            for price, _, name in ranked:
                if self.load(name) < MOST:
                    order.state, order.agent, order.price = "assigned", name, price
                    break
        elif order.state == "open" and self.now_s >= order.placed_s + 900:
            order.state = "done"
        elif order.state in ("assigned", "carried") and self.now_s >= order.placed_s + 2 * (
            order.deadline_s - order.placed_s
        ):
            self.earn(order.agent, -4.0)
            self.couriers[order.agent].bag = [one for one in self.couriers[order.agent].bag if one != order.id]
            self.couriers[order.agent].news = True
            order.state = "done"

    def load(self, name: str) -> int:
        return sum(order.agent == name and order.state in ("assigned", "carried") for order in self.orders.values())

    def earn(self, name: str, amount: float) -> None:
        for one in self.couriers if self.shares else [name]:
            self.couriers[one].money += amount / (len(self.couriers) if self.shares else 1)

    def decide(self, name: str, courier: Courier) -> bool:
        """Asks a courier's mind; whether it has time for another word."""
        seen = self.observed(name, courier)
        courier.news, courier.messages, courier.failure, courier.since_s = False, [], "", self.now_s
        action = self.minds[name].act(seen)
        motion = action.motion
        if motion is None:
            courier.skill, courier.doing = None, ""
            return False
        assert isinstance(motion, Skill)
        if courier.doing and motion == courier.skill:
            return False  # it goes on
        was = courier.skill, courier.doing, courier.until_s
        courier.skill, courier.doing = motion, ""
        told = json.loads(motion.text) if motion.text else {}
        courier.failure = self.carry_out(name, courier, motion.verb, motion.target, told)
        self.log.append((self.now_s, name, motion.verb, motion.target, courier.failure))
        courier.refused += bool(courier.failure)
        if was[1] == "rest" and courier.doing == "":
            courier.doing = "rest"  # one bids while one rests
        return courier.doing in ("", "rest") and not courier.failure

    def carry_out(self, name: str, courier: Courier, verb: str, target: str, told: dict[str, Any]) -> str:
        """Does what a courier was told; why not, or ""."""
        order = self.orders.get(target)
        if (
            verb in ("bid", "accept", "decline", "pick_up_order", "drop_off", "hand_over", "take_over")
            and order is None
        ):
            return f"No order named '{target}'."
        if verb == "go_to":
            if target not in self.spots:
                return f"no way there: No place named '{target}'."
            courier.doing = verb
        elif verb == "wait":
            courier.doing, courier.until_s = verb, self.now_s + float(told.get("s", 5.0))
        elif verb == "rest":
            if not any(self.metres(courier.xy, place) < 3 for place in self.rests):
                return "You can rest elsewhere only."
            if courier.energy >= told["to_pct"]:
                return "You are rested already."
            courier.doing, courier.to_pct = verb, float(told["to_pct"])
        elif verb in ("bid", "accept"):
            assert order is not None
            if order.state != "open":
                return f"{order.id} is {order.state}."
            price = float(told.get("price", order.pay))
            if not 0.01 <= price <= order.pay:
                return f"A bid for {order.id} is $0.01 to ${order.pay:.2f}."
            if self.now_s < order.placed_s + BIDDING_S:
                order.bids[name] = price, self.now_s
            elif verb == "bid":
                return "Bidding is over."
            elif self.load(name) >= MOST:
                return "You have too many orders."
            else:
                order.state, order.agent, order.price = "assigned", name, order.pay
        elif verb == "pick_up_order":
            assert order is not None
            if order.agent != name or order.state != "assigned" or self.metres(courier.xy, order.shop) > 3:
                return f"{order.id} is not here, or not yours."
            if self.now_s < order.ready_s:
                return f"{order.id} is ready in {order.ready_s - self.now_s} s."
            if self.slots(courier) < order.items:
                return "Your bag is full."
            order.state = "carried"
            courier.bag.append(order.id)
        elif verb == "drop_off":
            assert order is not None
            if order.id not in courier.bag or self.metres(courier.xy, order.to) > 3:
                return f"The customer of {order.id} is not here, or you carry nothing for them."
            courier.bag.remove(order.id)
            order.state = "done"
            ratio = (self.now_s - order.placed_s) / (order.deadline_s - order.placed_s)
            stars = 5 if ratio <= 1.1 else 4 if ratio <= 1.5 else 3
            self.earn(name, order.price * (max(0.5, min(1.0, 1 / ratio)) + (0, 0, 0, 0.05, 0.1, 0.15)[stars]))
            self.earn(name, (0, 0, 0, 0.0, 1.5, 3.0)[stars])
            courier.delivered += 1
            courier.on_time += ratio <= 1.0
        elif verb == "hand_over":
            assert order is not None
            if order.agent != name or order.state != "assigned":
                return f"{order.id} is not yours to hand over."
            order.offers = [(name, told["to"])]
            self.couriers[told["to"]].news = True
        elif verb in ("take_over", "decline"):
            assert order is not None
            if verb == "take_over" and (not any(to == name for _, to in order.offers) or self.load(name) >= MOST):
                return f"Nobody offers {order.id} to you, or you have too much."
            if verb == "take_over":
                self.couriers[order.agent].handed += 1
                order.agent = name
            order.offers = []
        elif verb == "say":
            courier.said += 1
            for other in self.couriers if told["to"] == "all" else [told["to"]]:
                if other != name:
                    self.couriers[other].messages.append(Message(name, told["text"], self.now_s * 50))
                    self.couriers[other].news = True
        elif verb not in VERBS:
            return f"No verb named '{verb}'."
        else:
            return "That is not to be had in this market."
        return ""

    def slots(self, courier: Courier) -> int:
        return 4 - sum(self.orders[one].items for one in courier.bag)

    def move(self, name: str, courier: Courier) -> None:
        """One second of what is under way."""
        if courier.doing == "go_to" and courier.skill is not None:
            left, way = WALK_M_S, self.spots[courier.skill.target] - courier.xy
            for axis in (0, 1):
                part = float(np.clip(way[axis], -left, left))
                courier.xy[axis] += part
                left -= abs(part)
            courier.energy -= 0.08 * (WALK_M_S - left)
            courier.used += 0.08 * (WALK_M_S - left)
            if self.metres(courier.xy, courier.skill.target) < 1e-6:
                courier.doing = ""
            if courier.energy <= 0:
                courier.doing, courier.until_s, courier.energy = "hospital", self.now_s + 900, 100.0
                courier.money -= 5.0
                courier.xy = self.spots[self.rests[0]].copy()
        elif courier.doing == "rest":
            courier.energy = min(courier.energy + 7.5 / 60, courier.to_pct)
            if courier.energy >= courier.to_pct:
                courier.doing = ""
        elif courier.doing in ("wait", "hospital") and self.now_s + 1 >= courier.until_s:
            courier.doing = ""

    def observed(self, name: str, courier: Courier) -> Observation:
        """What a courier's mind is given."""
        xy = courier.xy
        near = next((address for address in self.spots if self.metres(xy, address) <= 3), "")
        clock = {
            "now_s": float(self.now_s),
            "ends_s": float(self.ends_s),
            "time_of_day_h": 12.0,
            "weather": "clear",
            "speed_factor": 1.0,
        }
        me = {
            "name": name, "money": round(courier.money, 2), "energy_pct": round(courier.energy, 1),
            "at_xy_m": xy.round(1).tolist(), "near": near, "transport": "walk", "owns_scooter": False, "battery_pct": None,
            "carrying": list(courier.bag), "wares": [], "bag_slots_free": self.slots(courier), "on_time": courier.on_time,
            "delivered": courier.delivered, "stars_mean": None, "doing": courier.doing if courier.doing == "rest" else "",
            "persona": {},
        }  # fmt: skip
        live = [order for order in self.orders.values() if order.state != "done"]
        others = [one for one in self.couriers if one != name]
        notes = {
            "clock": clock, "me": me, "board": [], "setting": "cooperative" if self.shares else "competitive",
            "orders": {
                "open": [self.row(order, name, xy) for order in live if order.state == "open"],
                "mine": [self.row(order, name, xy) for order in live
                         if name == order.agent or any(to == name for _, to in order.offers)],
            },
            "shops": [{"name": shop, "address": shop, "sells": {}, "away_m": self.metres(xy, shop)} for shop in self.shops],
            "places": {"charger": [], "rest": list(self.rests), "rental": []},
            "couriers": [{"name": one, "away_m": float(np.hypot(*(self.couriers[one].xy - xy)))} for one in others],
            "at_xy_m": {place: self.spots[place].tolist() for place in self.rests},
        }  # fmt: skip
        return Observation(
            self.now_s * 50, float(self.now_s), name, Pose(np.array([*xy, 0.0])), np.zeros(6), notes=notes, verbs=VERBS,
            messages=tuple(courier.messages), failure=courier.failure,
            doing=courier.skill.verb if courier.doing and courier.skill else "",
        )  # fmt: skip

    def row(self, order: Order, name: str, xy: np.ndarray) -> dict[str, Any]:
        row: dict[str, Any] = {
            "id": order.id, "shop": order.shop, "shop_address": order.shop, "to_address": order.to,
            "pay": order.price or order.pay, "deadline_s": float(order.deadline_s), "ready_s": float(order.ready_s),
            "bids_end_s": float(order.placed_s + BIDDING_S), "my_bid": order.bids.get(name, (None, 0))[0],
            "state": order.state, "shop_away_m": self.metres(xy, order.shop),
            "trip_m": self.metres(self.spots[order.shop], order.to), "food": ["bread"] * order.items, "wish": "door",
            "shop_xy_m": self.spots[order.shop].tolist(), "to_xy_m": self.spots[order.to].tolist(),
        }  # fmt: skip
        if order.state == "open":
            return row
        return row | {
            "agent": order.agent, "partner": "", "my_part": 1.0 if order.agent == name else 0.0,
            "offers": [{"kind": "hand-over", "from": source, "part": 0.0} for source, to in order.offers if to == name],
            "to_away_m": self.metres(xy, order.to), "carried": ["x"] * order.items if order.id in self.couriers[name].bag else [],
        }  # fmt: skip
