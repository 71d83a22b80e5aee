"""What food is and how it fares: temperature towards the room's, smells taken on, damage, and the stars for all that.

What acts on all that a courier carries is kept once a courier, as a running sum: `chill` (cooling rate times seconds)
and `jolt` (damage to the most fragile food). An item remembers where the sums stood when it was last looked at.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bridge.tasks.delivery import config as constants


@dataclass(frozen=True)
class Dish:
    """A kind of food: served at `serve_c` [°C]; `smell` it gives off, `takes_smell` and `fragile`, 0 to 1 (ours)."""

    name: str
    serve_c: float
    smell: float
    takes_smell: float
    fragile: float


DISHES: dict[str, Dish] = {
    dish.name: dish
    for dish in (
        Dish("bread", 30.0, 0.1, 0.3, 0.1), Dish("cake", 8.0, 0.1, 0.8, 0.9), Dish("coffee", 75.0, 0.2, 0.4, 0.8),
        Dish("sandwich", 15.0, 0.2, 0.6, 0.3), Dish("soup", 80.0, 0.5, 0.2, 0.9), Dish("pizza", 70.0, 0.6, 0.3, 0.4),
        Dish("stew", 75.0, 0.7, 0.2, 0.5), Dish("fish", 4.0, 1.0, 0.2, 0.2), Dish("sushi", 6.0, 0.4, 0.6, 0.6),
        Dish("groceries", 18.0, 0.1, 0.3, 0.3), Dish("ice-cream", -12.0, 0.0, 0.5, 0.4), Dish("medicine", 20.0, 0.1, 0.1, 0.2),
    )
}  # fmt: skip
MENUS: dict[str, tuple[str, ...]] = {
    "bakery": ("bread", "cake", "coffee"),
    "cafe": ("coffee", "cake", "sandwich"),
    "restaurant": ("pizza", "soup", "stew", "sushi"),
    "inn": ("stew", "soup", "fish"),
    "hotel": ("soup", "sushi", "cake"),
    "fish-market": ("fish", "sushi"),
    "market-hall": ("groceries", "fish", "bread"),
    "shop": ("groceries", "ice-cream", "sandwich"),
    "pharmacy": ("medicine",),
}
"""What is ordered where, by a building's use (ours)."""
KITCHEN = ("sandwich", "soup", "groceries")
"""What comes out of any other building that has to do as a shop."""
KEEPS, LOST = 0.8, 0.3
"""Food is as it should be while this share of the difference to the room is left, and spoilt at the other (ours)."""

TIME_STARS = ((1.0, 5.0), (1.1, 4.0), (1.25, 3.0), (1.5, 2.0))
"""Stars up to so much of the time allowed; 1 beyond (DeliveryBench)."""


@dataclass(frozen=True)
class Item:
    """One thing of an order, as it was when last looked at: `temp_c`, `smell` taken on and `damage`, 0 to 1.

    `chill`, `jolt` and `seen_s` are the holder's sums and the time of that look.
    """

    name: str
    order: str
    dish: str
    temp_c: float
    seen_s: float
    chill: float = 0.0
    jolt: float = 0.0
    smell: float = 0.0
    damage: float = 0.0


def temperature(start_c: float, chill: float, room_c: float) -> float:
    """The temperature [°C] of what began at `start_c` after a cooling rate times seconds of `chill`."""
    return room_c + (start_c - room_c) * math.exp(-chill)


def shelved(item: Item, now_s: float, food: constants.Food) -> Item:
    """An item after its time on the shop's shelf."""
    chill = food.cooling_per_s * food.shelf * max(now_s - item.seen_s, 0.0)
    return replace(item, temp_c=temperature(item.temp_c, chill, food.room_c), seen_s=now_s)


def carried(item: Item, mates: Sequence[Item], now_s: float, chill: float, jolt: float, food: constants.Food) -> Item:
    """An item after its time in a bag together with `mates`; `chill` and `jolt` are the bearer's sums now."""
    dish, lasted_s = DISHES[item.dish], max(now_s - item.seen_s, 0.0)
    around = sum(DISHES[mate.dish].smell for mate in mates if mate.order != item.order)
    return replace(
        item,
        temp_c=temperature(item.temp_c, chill - item.chill, food.room_c),
        smell=min(item.smell + dish.takes_smell * around * food.smell_per_s * lasted_s, 1.0),
        damage=min(item.damage + dish.fragile * (jolt - item.jolt), 1.0),
        seen_s=now_s,
        chill=chill,
        jolt=jolt,
    )


def warmth(item: Item, room_c: float) -> float:
    """How near to its serving temperature an item is, 1 as it should be, 0 spoilt; warmed up ice counts as cold soup."""
    meant = DISHES[item.dish].serve_c - room_c
    left = (item.temp_c - room_c) / meant
    return min(max((left - LOST) / (KEEPS - LOST), 0.0), 1.0)


def food_stars(items: Sequence[Item], food: constants.Food) -> float:
    """Stars for what is dropped off, 1 to 5, not rounded; the worst item counts."""
    warm, clean, whole = food.weights
    return min(
        1.0 + 4.0 * (warm * warmth(item, food.room_c) + clean * (1 - item.smell) + whole * (1 - item.damage))
        for item in items
    )


def time_stars(ratio: float) -> float:
    """Stars for time taken over time allowed."""
    return next((stars for limit, stars in TIME_STARS if ratio <= limit), 1.0)


def stars(ratio: float, items: Sequence[Item], food: constants.Food) -> int:
    """The customer's stars, 1 to 5: the mean of time and food, halves rounded up (ours)."""
    return int(math.floor(0.5 * (time_stars(ratio) + food_stars(items, food)) + 0.5))
