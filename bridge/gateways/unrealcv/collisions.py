"""Who has run into what since it was last asked, as blueprints count it: by what was touched, a meeting once."""

from collections import Counter

from bridge.gateways.unrealcv.actors import Actor
from bridge.gateways.unrealcv.functions import Out, function
from bridge.gateways.unrealcv.reach import RIDDEN, carrier
from bridge.gateways.unrealcv.stage import Stage

KINDS = ("HumanCollision", "ObjectCollision", "BuildingCollision", "VehicleCollision")
_GROUND = ("terrain", "road", "sidewalk", "crossing", "lane-marking", "water", "dock", "bridge")
_MOST_EVENTS = 1000
_APART_TICKS = 5
"""Who comes apart for fewer ticks still touches: bodies that slide along each other part for moments."""


class Collisions:
    """Meetings of everybody on a stage, counted since this was first asked for."""

    def __init__(self, stage: Stage) -> None:
        self._touching: dict[tuple[str, str], int] = {}
        self._counts: dict[str, Counter[str]] = {}
        self._events: dict[str, list[tuple[float, str]]] = {}
        self._semantic = {row.name: row.semantic for row in stage.scene.instances()}
        stage.watchers.append(self)

    def __call__(self, stage: Stage) -> None:
        """A new state."""
        state = stage.state
        if state is None or state.contacts is None:
            return
        for one, other in state.contacts.names:
            for name, touched in ((one, other), (other, one)):
                self._meet(stage, name, touched, state.tick)
        if len(self._touching) > 10_000:
            self._touching = {pair: tick for pair, tick in self._touching.items() if state.tick - tick <= _APART_TICKS}

    def _meet(self, stage: Stage, name: str, touched: str, tick: int) -> None:
        kind = self._kind(stage, touched)
        if not kind:
            return
        last = self._touching.get((name, touched))
        self._touching[name, touched] = tick
        if last is None or tick - last > _APART_TICKS:
            self._counts.setdefault(name, Counter())[kind] += 1
            if name in self._events and len(self._events[name]) < _MOST_EVENTS:
                self._events[name].append((stage.state.time_s if stage.state is not None else 0.0, touched))

    def _kind(self, stage: Stage, touched: str) -> str:
        """Which of KINDS touching a thing is, "" for what one walks on."""
        actor = stage.of_thing(touched)
        asset = stage.scene.assets.get(actor.asset) if actor is not None else None
        semantic = asset.semantic if asset is not None else self._semantic.get(touched, "other")
        if semantic in _GROUND or touched == "world":
            return ""
        if semantic == "person":
            return KINDS[0]
        return KINDS[2] if semantic in ("building", "wall", "door") else KINDS[3] if semantic in RIDDEN else KINDS[1]

    def track(self, name: str, *, is_tracked: bool) -> None:
        """From now on keeps when a body meets what, or no longer."""
        if is_tracked:
            self._events.setdefault(name, [])
        else:
            self._events.pop(name, None)

    def events(self, name: str) -> list[tuple[float, str]]:
        """When [s] a body that is tracked met what since this was last asked."""
        events = self._events.get(name, [])
        if events:
            self._events[name] = []
        return events

    def taken(self, *names: str) -> Counter[str]:
        """What the bodies of these names have run into since this was last asked of them."""
        total: Counter[str] = Counter()
        for name in names:
            total += self._counts.pop(name, Counter())
        return total


def taken(stage: Stage, actor: Actor) -> Counter[str]:
    """The collisions of an actor and of what it rides since they were last asked for; own vehicle and load apart."""
    counts = stage.kept(Collisions)
    return counts.taken(*{actor.thing, carrier(stage, actor).thing})


@function("GetCollisionNum")
def collision_num(stage: Stage, actor: Actor) -> Out:
    """How often it met people, things, houses and vehicles since this was last asked."""
    found = taken(stage, actor)
    return {kind: str(found[kind]) for kind in KINDS}


@function("get_hit")
def hit(stage: Stage, actor: Actor) -> Out:
    """1 if it met anything since this was last asked, else 0."""
    return {"Hit": "1" if sum(taken(stage, actor).values()) else "0"}
