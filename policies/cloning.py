"""A small network that learned from decisions of other couriers which of the things it could do next to do."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bridge.engine import Action
from bridge.observation import Message
from policies.courier.atlas import Atlas
from policies.courier.care import Habits
from policies.courier.courier import Courier
from policies.courier.routes import Route, Visit
from policies.courier.situation import Situation
from policies.imitation.choices import Choice, choices, features
from policies.imitation.scorer import load
from policies.verbs import skill

_SHIPPED = Path(__file__).parent / "imitation" / "courier.npz"


@dataclass(frozen=True)
class Config:
    """Flags of the policy `cloning`."""

    weights: str = ""
    """Weights as `python -m policies.imitation.train` writes them; those that come with the package if empty."""
    asks_share: float = 0.97
    """The share of an order's pay that it bids."""


class Cloning:
    """A strategy: the choice with the highest score. How a choice is carried out, and when to rest at the latest, is not
    learned. Raises InvalidInput for weights that are none.
    """

    def __init__(self, config: Config) -> None:
        self._config = config
        self._scorer = load(Path(config.weights) if config.weights else _SHIPPED)
        self.habits = Habits()

    def reset(self, *, agent: str, instruction: str, atlas: Atlas, random: np.random.Generator) -> None:
        """It remembers nothing but the way."""
        self._atlas = atlas

    def words(self, now: Situation, heard: Sequence[Message], per_s: float) -> Iterable[Action]:
        """Takes an order on, if that scores highest."""
        ranked = self._ranked(now)
        if ranked and ranked[0].kind == "take":
            order = next(order for order in now.open if order.id == ranked[0].order)
            if now.now_s >= order.bids_end_s:
                yield skill("accept", order.id)
            else:
                price = max(round(self._config.asks_share * order.pay, 2), 0.01)
                yield skill("bid", order.id, {"price": price})

    def route(self, now: Situation, per_s: float) -> Route:
        """What scores highest of going somewhere and resting; nothing where waiting does."""
        ranked = [choice for choice in self._ranked(now) if choice.kind != "take"]
        busy = [choice for choice in ranked if choice.kind in ("fetch", "bring")]
        if ranked[0].kind == "wait":
            return ()
        return tuple(_visit(choice, now) for choice in ([ranked[0]] if ranked[0].kind == "rest" else busy))

    def _ranked(self, now: Situation) -> list[Choice]:
        """All choices, the one with the highest score first."""
        found = choices(now, self._atlas)
        scores = self._scorer.scores(features(now, self._atlas, found))
        return [found[i] for i in np.argsort(-scores, kind="stable").tolist()]


def _visit(choice: Choice, now: Situation) -> Visit:
    if choice.kind == "rest":
        return Visit("rest", "", choice.address, to_pct=min(max(60.0, now.me.energy_pct + 20.0), 98.0))
    if choice.kind == "bring":
        return Visit("drop_off", choice.order, choice.address)
    order = next(order for order in now.mine if order.id == choice.order)
    return Visit("pick_up", choice.order, choice.address, order.ready_s)


def make(config: Config) -> Courier:
    """A policy for one agent. Raises InvalidInput for weights that are none."""
    return Courier(Cloning(config))
