"""What the words of a text can mean to one agent: orders, goods, places and people that it was shown."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from bridge.engine import Skill
from bridge.observation import Observation
from policies.chat.names import known_names, nearest, point
from policies.verbs import usage
from policies.words.phrases import without_number

_ARTICLE = re.compile(
    r"^(?:(?:the|a|an|my|your|our|his|her|their|its|that|this|these|those|some|any|nearest|closest|next|all|both)\s+)+"
)
_PARCEL = re.compile(
    r"\b(?:it|them|parcels?|packages?|orders?|food|meals?|deliver(?:y|ies)|goods|everything|all|box|boxes|item|items)\b"
)
_ADDRESS = re.compile(
    r"\d{1,5}[a-z]?\s+(?!(?:met(?:er|re)s?|steps?|minutes?|seconds?|hours?|times?|percent)\b)[^\W\d]{3,}", re.I
)
_KINDS = {
    "charger": r"\bcharg(?:er|ers|ing station|ing point)s?\b",
    "rest": r"\b(?:rest(?:ing)? (?:place|spot|area)|bench|park)\b",
    "rental": r"\b(?:rental|car rental|rental station)\b",
}


class Surroundings:
    """Finds what is meant, among what the observation shows; never what it does not show.

    `after` tells it of each skill that is planned, so that what was picked up is carried, and "it" is what was last handled.
    """

    def __init__(self, observation: Observation) -> None:
        notes = observation.notes
        self.names = known_names(observation)
        self.verbs = frozenset(usage(observation))
        self.holding = observation.holding
        self.me: Mapping[str, Any] = _mapping(notes.get("me"))
        orders = _mapping(notes.get("orders"))
        self.mine = _entries(orders.get("mine"))
        self.open = _entries(orders.get("open"))
        self.board = _entries(notes.get("board"))
        self.shops = _entries(notes.get("shops"))
        self.clock = _mapping(notes.get("clock"))
        self._near = str(self.me.get("near", ""))
        self.transport = str(self.me.get("transport", ""))
        self._last_orders: list[str] = []
        self._last_item = ""
        self._last_verb = ""
        self._places = _mapping(notes.get("places"))
        self._couriers = _entries(notes.get("couriers"))
        carrying = self.me.get("carrying")
        self.carrying = [_name(one) for one in carrying] if isinstance(carrying, (list, tuple)) else []

    def after(self, skill: Skill) -> None:
        """Takes a planned skill as done."""
        told = json.loads(skill.text) if skill.text else {}
        if skill.verb == "go_to":
            self._near = skill.target
        elif skill.verb == "set_transport":
            self.transport = told["mode"]
        elif skill.verb == "pick_up_order":
            self.carrying.append(skill.target)
        elif skill.verb == "drop_off":
            self.carrying = [one for one in self.carrying if one != skill.target]
        elif skill.verb == "accept":
            self.mine += [one for one in self.open if one.get("id") == skill.target]
            self.open = [one for one in self.open if one.get("id") != skill.target]
        elif skill.verb == "buy":
            self._last_item = told["item"]
        if skill.verb in ("pick_up_order", "accept", "bid"):
            self._last_orders = [
                *(self._last_orders if self._last_orders and skill.verb == self._last_verb else []),
                skill.target,
            ]
        self._last_verb = skill.verb if skill.verb != "go_to" else self._last_verb

    def has(self, verb: str) -> bool:
        """Whether the agent may be told this verb."""
        return verb in self.verbs

    def is_near(self, place: str) -> bool:
        """Whether the agent is at a place already."""
        return bool(place) and self._near.casefold() == place.casefold()

    def place(self, words: str) -> str:
        """The target that some words name: an address, a name, a point, or the nearest of a kind; "" if none."""
        words = words.strip(" .,")
        bare = _ARTICLE.sub("", words)
        for candidate in (words, bare):
            if candidate in self.names or _ADDRESS.match(candidate):
                return self.address(candidate)
            if point(candidate) is not None:
                return candidate.strip("()").replace(" ", "")
        for kind, pattern in _KINDS.items():
            if re.search(pattern, bare) and (found := self.nearest_place(kind)):
                return found
        if re.fullmatch(r"shops?|stores?|restaurants?|caf[eé]s?", bare) and self.shops:
            return self.address(str(self.shops[0].get("name", "")))
        order = next((one for one in (*self.mine, *self.open) if str(one.get("id")) in words), None)
        if order and "shop" in words:
            return str(order.get("shop_address", ""))
        if order or re.search(r"\b(?:customer|address|destination)\b", bare):
            order = order or next((one for one in self.carried() if one.get("to_address")), None)
            return str(order.get("to_address", "")) if order else ""
        near = nearest(bare, self.names)
        return self.address(near) if near else ""

    def address(self, name: str) -> str:
        """Where one goes to be at a name: a shop's address, else the name itself."""
        for shop in self.shops:
            if str(shop.get("name", "")).casefold() == name.casefold() and shop.get("address"):
                return str(shop["address"])
        return name

    def nearest_place(self, kind: str) -> str:
        """The nearest "charger", "rest" or "rental" place; "" if none was shown."""
        listed = self._places.get(kind)
        entries = [one for one in listed if _name(one)] if isinstance(listed, (list, tuple)) else []
        return _name(min(entries, key=_away_m)) if entries else ""

    def shop_with(self, item: str) -> Mapping[str, Any] | None:
        """The nearest shop that sells an item."""
        selling = [shop for shop in self.shops if item in _mapping(shop.get("sells"))]
        return min(selling, key=_away_m) if selling else None

    def item(self, words: str) -> str:
        """Goods of a shop that some words name, in the singular or plural; "" if none."""
        goods = [item for shop in self.shops for item in _mapping(shop.get("sells"))]
        bag = self.me.get("bag") or self.me.get("items") or ()
        goods += [_name(one) for one in bag] if isinstance(bag, (list, tuple)) else list(_mapping(bag))
        bare = without_number(_ARTICLE.sub("", words.strip()))
        if bare in ("it", "that", "them"):
            return self._last_item
        singular = re.sub(r"(?<=[^s])s$", "", bare)
        return (
            next((one for one in (bare, singular) if one in goods), "")
            or nearest(bare, goods)
            or nearest(singular, goods)
        )

    def person(self, words: str) -> str:
        """Somebody else who is known; "" if nobody is."""
        known = [str(one.get("name", "")) for one in self._couriers]
        bare = _ARTICLE.sub("", words.strip())
        return bare if bare in (*known, *self.names) else nearest(bare, known)

    def orders(self, words: str, pool: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        """The orders of a pool that some words name: by id, food, shop or address; all of them, or the only one."""
        if words.strip() in ("it", "that", "them", "that one"):
            last = [one for one in pool if one.get("id") in self._last_orders]
            if last:
                return last
        by_id = [one for one in pool if re.search(rf"(?<!\w){re.escape(str(one.get('id', '')))}(?!\w)", words)]
        if by_id:
            return by_id
        for key in ("food", "shop", "to_address", "shop_address"):
            found = [one for one in pool if one.get(key) and str(one[key]).casefold() in words.casefold()]
            if found:
                return found
        if re.search(r"\b(?:all|both|every|everything|them|orders|parcels|packages|deliveries)\b", words):
            return list(pool)
        return list(pool) if len(pool) == 1 and is_parcel(words) else []

    def carried(self) -> list[Mapping[str, Any]]:
        """Orders that the agent carries; those that the task lists by id alone too."""
        known = {str(one.get("id")): one for one in (*self.mine, *self.open)}
        return [known.get(item, {"id": item}) for item in self.carrying]


def is_parcel(words: str) -> bool:
    """Whether some words mean no particular thing but what a courier carries."""
    return bool(_PARCEL.search(re.sub(r"[^\W\d]+[-_# ]?\d+", " ", words)))  # "order-99" is one in particular


def bare(words: str) -> str:
    """Words without articles."""
    return _ARTICLE.sub("", words.strip(" .,"))


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _entries(value: Any) -> list[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, (list, tuple)) else []


def _name(entry: Any) -> str:
    if isinstance(entry, Mapping):
        return str(entry.get("address") or entry.get("name") or entry.get("id") or "")
    return str(entry)


def _away_m(entry: Any) -> float:
    away = entry.get("away_m") if isinstance(entry, Mapping) else None
    return float(away) if isinstance(away, (int, float)) else 0.0
