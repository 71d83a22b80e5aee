"""Whether somebody can take hold of something now, as engines will find it: for blueprints that must answer at once.

Engines carry skills out over a moment and say afterwards why one failed. Unreal's functions say `Success` when they are
called. So what can be seen beforehand is looked at here: who, what, how far, how heavy, and whether somebody has it.
"""

import math

from bridge.gateways.unrealcv.actors import Actor
from bridge.gateways.unrealcv.stage import Stage
from bridge.types import AgentState, WorldState

REACH_M, BOARD_M, STRONGEST_KG, HANDS, LEVELS_M = 1.5, 3.0, 40.0, 2, 2.0
"""How far hands and a step aboard a boat reach, the heaviest load, how many things one holds, and the highest step."""
RIDDEN = ("vehicle", "scooter", "bicycle", "boat")
SEATS = ("bench", "chair")


class _Agents:
    """What everybody is up to in one state, found by name: whole towns ask for one after the other."""

    def __init__(self, stage: Stage) -> None:
        self._state: WorldState | None = None
        self.doings: dict[str, AgentState] = {}
        self.riders: dict[str, str] = {}
        self.holders: dict[str, str] = {}

    def now(self, stage: Stage) -> "_Agents":
        if stage.state is not self._state:
            self._state = stage.state
            agents = stage.state.agents if stage.state is not None else ()
            self.doings = {agent.name: agent for agent in agents}
            self.riders = {agent.riding: agent.name for agent in agents if agent.riding}
            self.holders = {thing: agent.name for agent in agents for thing in agent.holding}
        return self


def _agents(stage: Stage) -> _Agents:
    return stage.kept(_Agents).now(stage)


def doings(stage: Stage, actor: Actor) -> AgentState:
    """What somebody is up to."""
    return _agents(stage).doings.get(actor.thing) or AgentState(actor.thing)


def rider(stage: Stage, vehicle: Actor) -> Actor | None:
    """Who rides something."""
    who = _agents(stage).riders.get(vehicle.thing)
    return stage.of_thing(who) if who and vehicle.thing else None


def driver(stage: Stage, actor: Actor) -> Actor:
    """Who an order to an actor is for: whoever rides it, or itself."""
    return rider(stage, actor) or actor


def carrier(stage: Stage, actor: Actor) -> Actor:
    """What moves when an actor is told to: what it rides, or itself."""
    riding = doings(stage, actor).riding
    return (stage.of_thing(riding) if riding else None) or actor


def holder(stage: Stage, thing: Actor) -> str:
    """Who holds something, "" if nobody does."""
    return _agents(stage).holders.get(thing.thing, "")


def gap_m(stage: Stage, actor: Actor, thing: Actor) -> float:
    """How far [m] somebody stands from a thing's outline, seen from above; inf from one on another level."""
    here, there = stage.pose(actor), stage.pose(thing)
    if abs(here[2] - there[2]) > LEVELS_M:
        return math.inf
    size = stage.scene.assets[thing.asset].size if thing.asset else (0.0, 0.0, 0.0)
    w, x, y, z = there[3:]
    yaw = math.atan2(2 * (w * z + x * y), 1 - 2 * (y * y + z * z))
    dx, dy = here[0] - there[0], here[1] - there[1]
    ahead, aside = dx * math.cos(yaw) + dy * math.sin(yaw), dy * math.cos(yaw) - dx * math.sin(yaw)
    return math.hypot(
        max(abs(ahead) - 0.5 * size[0] * thing.scale[0], 0.0), max(abs(aside) - 0.5 * size[1] * thing.scale[1], 0.0)
    )


def can_take(stage: Stage, actor: Actor, thing: Actor) -> bool:
    """Whether somebody could pick a thing up."""
    own = doings(stage, actor)
    asset = stage.scene.assets.get(thing.asset)
    return (
        asset is not None and asset.is_movable and asset.semantic not in (*RIDDEN, "person", "animal", "robot")
        and asset.mass_kg * math.prod(thing.scale) <= STRONGEST_KG
        and len(own.holding) < HANDS and not holder(stage, thing) and _has_hands(stage, actor)
        and gap_m(stage, actor, thing) <= REACH_M
    )  # fmt: skip


def can_ride(stage: Stage, actor: Actor, thing: Actor) -> bool:
    """Whether somebody on foot could get on or into something."""
    own, asset = doings(stage, actor), stage.scene.assets.get(thing.asset)
    if asset is None or asset.semantic not in RIDDEN or own.riding or own.doing == "sit" or rider(stage, thing):
        return False
    most = BOARD_M if asset.semantic == "boat" else REACH_M
    return _has_hands(stage, actor) and gap_m(stage, actor, thing) <= most


def can_sit(stage: Stage, actor: Actor, thing: Actor) -> bool:
    """Whether somebody on foot could sit down on something."""
    own, asset = doings(stage, actor), stage.scene.assets.get(thing.asset)
    return (
        asset is not None and asset.kind in SEATS and not own.riding and own.doing != "sit"
        and _has_hands(stage, actor) and gap_m(stage, actor, thing) <= REACH_M
    )  # fmt: skip


def nearest(stage: Stage, actor: Actor, semantics: tuple[str, ...], kinds: tuple[str, ...] = ()) -> Actor | None:
    """The nearest thing of some classes or kinds, None if there is none on this level."""
    assets = stage.scene.assets
    found = [
        (gap_m(stage, actor, other), other.name, other)
        for other in stage.actors()
        if other.asset and other is not actor
        and (assets[other.asset].semantic in semantics or assets[other.asset].kind in kinds)
    ]  # fmt: skip
    gap, _, thing = min(found, key=lambda one: one[:2], default=(math.inf, "", None))
    return thing if gap < math.inf else None


def _has_hands(stage: Stage, actor: Actor) -> bool:
    return not actor.asset or stage.scene.assets[actor.asset].semantic in ("person", "robot")
