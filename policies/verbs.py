"""Verbs that every task has, with their usage: going somewhere (bridge.control) and what engines carry out themselves."""

import json
from collections.abc import Mapping

from bridge.engine import Action, Skill
from bridge.observation import Observation

GOING = {
    "go_to": 'go_to TARGET: walk or drive to an address, a name or a point "x,y" [m]',
    "follow": "follow TARGET: walk behind somebody",
    "board": "board TARGET: walk to a vehicle and get on",
}
WORLD = {
    "pick_up": "pick_up TARGET: take a thing within reach",
    "put_down": "put_down: lay down what you hold",
    "sit": "sit TARGET: sit down on something within reach",
    "stand": "stand: get up",
    "ride": "ride TARGET: get on a vehicle within reach",
    "dismount": "dismount: get off",
    "open": "open TARGET: open a door within reach",
    "close": "close TARGET: close a door within reach",
    "wait": 'wait {"s"}: stay where you are for so many seconds',
}
"""One line for each of engine.VERBS."""


def usage(observation: Observation) -> dict[str, str]:
    """Every verb an agent may be told, with a line on its use; the task's word goes before ours."""
    return {**GOING, **WORLD, **observation.verbs}


def skill(verb: str, target: str = "", arguments: Mapping[str, object] | None = None, *, say: str = "") -> Action:
    """An action that carries a skill out, its arguments as JSON in `text`."""
    text = json.dumps(dict(arguments), ensure_ascii=False, sort_keys=True) if arguments else ""
    return Action(Skill(verb, target, text), say=say)


def waiting(seconds: float) -> Action:
    """Staying where one is for a while [s]."""
    return skill("wait", arguments={"s": round(seconds, 2)})
