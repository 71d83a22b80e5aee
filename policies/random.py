"""Does any of what it may do, with arguments that make sense: the floor under every comparison."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bridge.engine import Action
from bridge.observation import Observation
from policies.seeds import stream
from policies.verbs import skill, waiting

_NEARBY_M = 40.0


@dataclass(frozen=True)
class Config:
    """Flags of the policy `random`."""

    keeps_on: float = 0.9
    """The probability of going on with what is under way when something else wakes it."""


class Random:
    """A Policy: every verb that has something to be done with now is as likely as any other."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self.reset(seed=0, agent="", instruction="")

    def reset(self, *, seed: int, agent: str, instruction: str) -> None:
        """A new episode."""
        self._random = stream(seed, agent, "random")
        self._last = waiting(5.0)

    def act(self, observation: Observation) -> Action:
        """One of `possible`, drawn."""
        goes_on = self._random.random() < self._config.keeps_on
        found = possible(observation, self._random)
        verb = sorted(found)[int(self._random.integers(len(found)))]
        action = found[verb][int(self._random.integers(len(found[verb])))]
        if not (observation.doing and goes_on and not observation.failure):
            self._last = action
        return self._last

    def close(self) -> None:
        """Nothing to give back."""


def possible(observation: Observation, random: np.random.Generator) -> dict[str, list[Action]]:
    """By verb, what could be done now: verbs of the task with targets from the notes, going somewhere, and waiting."""
    notes = observation.notes
    orders, places = notes.get("orders", {}), notes.get("places", {})
    opened, mine = list(orders.get("open", ())), list(orders.get("mine", ()))
    others = [row["name"] for row in notes.get("couriers", ())]
    goals = {row["address"] for row in notes.get("shops", ())}
    goals |= {row[end] for row in (*opened, *mine) for end in ("shop_address", "to_address")}
    goals |= {place for rows in places.values() for place in rows if isinstance(place, str)}
    goals |= {goal for goal in (notes.get("goal_address"),) if goal}
    step = observation.pose.position[:2] + random.uniform(-_NEARBY_M, _NEARBY_M, 2)
    targets = sorted(goals) or [f"{step[0]:.1f},{step[1]:.1f}"]
    found = _arguments(notes, opened, mine, others, random)
    found = {verb: actions for verb, actions in found.items() if verb in observation.verbs and actions}
    found["go_to"] = [skill("go_to", target) for target in targets]
    found["wait"] = [waiting(float(random.uniform(2.0, 30.0)))]
    return found


def _arguments(
    notes: Mapping[str, Any],
    opened: Sequence[Mapping[str, Any]],
    mine: Sequence[Mapping[str, Any]],
    others: Sequence[str],
    random: np.random.Generator,
) -> dict[str, list[Action]]:
    """Every verb of the delivery task with all targets that could be meant."""
    pct = round(float(random.uniform(30.0, 100.0)), 1)
    other = others[int(random.integers(len(others)))] if others else ""
    me, board = notes.get("me", {}), notes.get("board", ())
    near = me.get("near", "")
    sold = {item for shop in notes.get("shops", ()) if near and shop["address"] == near for item in shop["sells"]}
    wares = {ware.rpartition("-")[0] or ware for ware in me.get("wares", ())}
    share, price = float(random.uniform(0.1, 0.9)), float(random.uniform(0.5, 1.0))
    have = [row["id"] for row in mine]
    stops = [row["stops"] for row in notes.get("places", {}).get("bus_stops", ()) if isinstance(row, Mapping)]
    return {
        "view_orders": [skill("view_orders")],
        "bid": [skill("bid", row["id"], {"price": round(price * row["pay"], 2)}) for row in opened],
        "accept": [skill("accept", row["id"]) for row in opened],
        "decline": [skill("decline", order) for order in have],
        "pick_up_order": [skill("pick_up_order", order) for order in have],
        "drop_off": [skill("drop_off", row["id"]) for row in mine if row.get("carried")],
        "share": [skill("share", order, {"with": other, "part": round(share, 2)}) for order in have if other],
        "hand_over": [skill("hand_over", order, {"to": other}) for order in have if other],
        "take_over": [skill("take_over", row["id"]) for row in mine if row.get("offers")],
        "post_request": [skill("post_request", "", {"text": "Who helps me?", "bounty": round(3.0 * share, 2)})],
        "accept_request": [skill("accept_request", row["id"]) for row in board],
        "confirm_request": [skill("confirm_request", row["id"]) for row in board],
        "buy": [skill("buy", "", {"item": item}) for item in sorted(sold)],
        "use": [skill("use", "", {"item": item}) for item in sorted(wares)],
        "rent": [skill("rent")],
        "return_rental": [skill("return_rental")],
        "charge": [skill("charge", "", {"to_pct": pct})],
        "rest": [skill("rest", "", {"to_pct": pct})],
        "set_transport": [skill("set_transport", "", {"mode": mode}) for mode in ("walk", "scooter")],
        "ride_bus": [skill("ride_bus", "", {"to": stop}) for line in stops for stop in line],
        "say": [skill("say", "", {"to": other, "text": "Hello."})] if other else [],
    }


def make(config: Config) -> Random:
    """A policy for one agent."""
    return Random(config)
