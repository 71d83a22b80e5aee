"""The engine's world as Unreal shows it: actors by name, cameras by number, a clock; and how it is changed.

What commands change is kept here first and reaches the engine in one batch, before anybody steps it or takes a picture
(`flush`): a town that a client builds with seven commands an object is one edit. Commands see their own effects at once,
since they ask the stage. Everything here is in the world's metres; see units.py for Unreal's.
"""

import itertools
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from bridge.edits import Ledger
from bridge.engine import (
    SCALES,
    TICK_S,
    Action,
    Actions,
    Change,
    Engine,
    Hide,
    Loaded,
    Move,
    Remove,
    Resize,
    Skill,
    Spawn,
)
from bridge.errors import SimbridgeError, UsageError
from bridge.gateways.unrealcv.actors import (
    ORIGIN,
    Actor,
    class_of_asset,
    is_acting,
    level_name,
    unreal_name,
)
from bridge.gateways.unrealcv.commands import CommandFailed
from bridge.gateways.unrealcv.company import NOT_FOUND as NOT_FOUND
from bridge.gateways.unrealcv.company import Company
from bridge.gateways.unrealcv.draft import Draft
from bridge.gateways.unrealcv.images import Files
from bridge.gateways.unrealcv.kit import furnished
from bridge.gateways.unrealcv.sights import HEIGHT, WIDTH, Sight, eyes, players_place
from bridge.gateways.unrealcv.units import Pose7, Triple, is_far, pose7
from bridge.riders import poses_of_riders
from bridge.robots.placing import BASE_KIND, LINK_KIND
from bridge.scene import Scene
from bridge.types import AgentState, WorldState

T = TypeVar("T")
INVALID = "Argument Invalid"
_log = logging.getLogger("bridge.unrealcv")


@dataclass
class Clock:
    """How time passes for clients: `is_paused` by one of them; `is_driven` since one ticks by itself.

    `rate_hz` is the fixed frame rate, None for the engine's own; `interval_s` what one tick of a client takes, None for
    one frame. `dilation` is how much faster than the clock on the wall time passes.
    """

    is_paused: bool = False
    is_driven: bool = False
    rate_hz: float | None = None
    interval_s: float | None = None
    dilation: float = 1.0
    _owed: float = 0.0

    def passing(self, ticks: int) -> int:
        """How many ticks pass in so many of the clock on the wall: fewer or more where time is dilated, none while it is held."""
        if self.is_paused or self.is_driven:
            return 0
        self._owed += ticks * self.dilation
        whole = int(self._owed)
        self._owed -= whole
        return whole

    @property
    def ticks(self) -> int:
        """How many of the engine's ticks a client's tick is: one at least."""
        seconds = self.interval_s or (1.0 / self.rate_hz if self.rate_hz else TICK_S)
        return max(1, round(seconds / TICK_S))


class Stage(Company):
    """One world and who is in it. `begin` follows every load of the engine, `took` every state that somebody else got of it."""

    prepared = staticmethod(furnished)

    def __init__(
        self,
        engine: Engine,
        *,
        files: Files | None = None,
        project: str = "simbridge",
        port: int = 9000,
        size: tuple[int, int] = (WIDTH, HEIGHT),
    ) -> None:
        """`size` is that of every camera's pictures [px] until it is told another."""
        self.size = size
        self.engine, self.clock = engine, Clock()
        self.files, self.project, self.port = files or Files(), project, port
        self.before_tick: list[Callable[[Stage], None]] = []
        """Called before each tick: what moves actors over many ticks."""
        self.puts_off: Callable[[Draft], bool] = lambda draft: False
        """Whether what was changed may wait when a tick comes; see `settle`."""
        self.watchers: list[Callable[[Stage], None]] = []
        """Called with each new state: what counts what happens."""

    # What was loaded, and what became of it

    def begin(self, scene: Scene, loaded: Loaded, state: WorldState | None = None) -> None:
        """A scene was loaded; `state` is that of the reset, if it has come already."""
        self.scene, self.loaded = scene, loaded
        self._restart()
        if state is not None:
            self.took(state)

    def _restart(self) -> None:
        self.state: WorldState | None = None
        self.before: WorldState | None = None
        """The state of the tick before, None at the start."""
        self.clock = Clock()
        self.ledger = Ledger()
        self.before_tick.clear()
        self.watchers.clear()
        self._kept: dict[Any, Any] = {}
        self._draft = Draft()
        self._orders: dict[str, Action] = {}
        self.view_mode, self.viewport_size = "lit", self.size
        self.takes_input = True
        self._rows: dict[str, int] = {}
        self._names: tuple[str, ...] = ()
        robots = (BASE_KIND, LINK_KIND)
        kit = {name: asset for name, asset in self.scene.assets.items() if asset.kind not in robots}
        poses = poses_of_riders(self.scene.assets)
        self.classes = {class_of_asset(name).casefold(): name for name in kit if name not in poses}
        """Assets by the names, in lower case, of the classes that clients may spawn; blueprints add theirs."""
        self.assemble(self.scene, self.loaded.added)
        pawn = self.add_plain("DefaultPawn_C_0", "DefaultPawn_C", pose=players_place(self.scene))
        self.sights: list[Sight] = []
        """The player's camera, then one at the eyes of each agent, then those that were spawned."""
        self.add_sight(Sight("PlayerCamera", pawn))
        for actor in self.actors():
            if actor.sort == "agent":
                self.add_sight(eyes(actor, self.scene))

    def took(self, state: WorldState, changes: Sequence[Change] = ()) -> None:
        """The world's latest state, and with which changes somebody else came to it. A reset begins everything anew."""
        if self.state is not None and state.revision == 0 and (state.tick < self.state.tick or self.state.revision):
            self._restart()
        if self.state is not None and state.tick != self.state.tick:
            self.before = self.state
        self.state = state
        if state.names is not self._names:
            self._names, self._rows = state.names, {name: row for row, name in enumerate(state.names)}
        self.ledger.take(changes)
        for change in changes:
            match change:
                case Spawn(name, asset, pose, is_agent, scale):
                    sort = "agent" if is_agent else "thing"
                    called = self.free_name(unreal_name(name))
                    size = scale or (1.0, 1.0, 1.0)
                    self.enter(
                        Actor(called, class_of_asset(asset), sort, name, asset, pose7(pose), size, is_agent=is_agent)
                    )
                case Resize(name, scale) if name in self.by_thing:
                    self.by_thing[name].scale = scale
                case Hide(name, is_hidden) if name in self.by_thing:
                    self.by_thing[name].is_hidden = is_hidden
                case Move(name, pose) if name in self.by_thing:
                    self.by_thing[name].pose = pose7(pose)
                case Remove(name) if name in self.by_thing:
                    self._depart(self.by_thing[name])
        for watcher in self.watchers:
            watcher(self)

    def kept(self, make: "Callable[[Stage], T]") -> T:
        """What `make` made of this world when it was first asked for; another one after a load or reset."""
        if make not in self._kept:
            self._kept[make] = make(self)
        return self._kept[make]  # type: ignore[no-any-return]

    # Where everything is

    def pose(self, actor: Actor) -> Pose7:
        """Where an actor is in the world, what it was just told included."""
        thing = actor.thing
        if thing not in self._draft.placed and thing not in self._draft.spawned:
            row = self._rows.get(thing)
            if row is not None and self.state is not None:
                return tuple(self.state.poses[row].tolist())
        return actor.pose

    def velocity(self, actor: Actor) -> tuple[float, ...]:
        """Linear [m/s] and angular [rad/s] velocity in the world; zeros for what stands, or where none is known."""
        row = self._rows.get(actor.thing)
        if row is None or self.state is None or self.state.velocities is None or actor.thing in self._draft.placed:
            return (0.0,) * 6
        return tuple(self.state.velocities[row].tolist())

    def place(self, actor: Actor, pose: Pose7) -> None:
        """Puts an actor somewhere, at rest. Raises CommandFailed for one that is Static or in somebody's hands."""
        if actor.mobility == "Static":
            raise CommandFailed(f"{actor.name} is Static. Only Movable actors can be moved.")
        if is_far(pose):
            raise CommandFailed(INVALID)
        self._in_nobodys_hands(actor)
        actor.pose = pose
        if not actor.thing:
            return
        if actor.is_off:
            self._draft.spawned[actor.thing] = actor
        elif actor.thing not in self._draft.spawned:
            self._draft.placed[actor.thing] = actor

    def _in_nobodys_hands(self, actor: Actor) -> None:
        if self.state is None or not actor.thing:
            return
        for agent in self.state.agents:
            if actor.thing in agent.holding or (actor.thing == agent.name and agent.riding):
                other = agent.riding if actor.thing == agent.name else agent.name
                raise CommandFailed(f"{actor.name} is attached to {other}. Move that, or detach it first.")

    def resize(self, actor: Actor, scale: Triple) -> None:
        """Gives an actor another scale. Raises CommandFailed for one that is Static."""
        if actor.mobility == "Static":
            raise CommandFailed(f"{actor.name} is Static. Only Movable actors can be scaled.")
        if not all(SCALES[0] <= share <= SCALES[1] for share in scale):
            raise CommandFailed(INVALID)
        self._in_nobodys_hands(actor)
        actor.pose, actor.scale = self.pose(actor), scale
        if actor.thing and not actor.is_off and actor.thing not in self._draft.spawned:
            self._draft.resized[actor.thing] = actor

    def hide(self, actor: Actor, is_hidden: bool) -> None:
        """Makes an actor invisible, or visible again; what touches it still does."""
        if actor.sort in ("terrain", "water"):
            raise CommandFailed(f"{actor.name} is the ground. Only what stands on it can be hidden.")
        actor.is_hidden = is_hidden
        if actor.thing:
            self._draft.hidden[actor.thing] = actor

    # Coming and going

    def _depart(self, actor: Actor) -> None:
        self.leave(actor)
        self._orders.pop(actor.thing, None)
        self.sights = [sight for sight in self.sights if sight.mount is not actor]

    def spawn(
        self,
        name: str,
        asset: str,
        *,
        class_name: str = "",
        pose: Pose7 = ORIGIN,
        scale: Triple = (1.0, 1.0, 1.0),
        is_agent: bool | None = None,
    ) -> Actor:
        """A new actor, a copy of an asset of the scene; `is_agent` None: if such things act. Raises CommandFailed."""
        if self.actor(name) is not None:
            raise CommandFailed(f"Failed to spawn {name}, object exists.")
        kit = self.scene.assets.get(asset)
        if kit is None:
            raise CommandFailed(f"Can not find a class with name '{class_name or asset}'")
        acts = is_acting(kit) if is_agent is None else is_agent
        called, sort = unreal_name(name), "agent" if acts else "thing"
        thing = self.thing_name(called, asset)
        made = Actor(called, class_name or class_of_asset(asset), sort, thing, asset, pose, scale, is_agent=acts)
        self.enter(made)
        self._draft.spawned[made.thing] = made
        return made

    def add_sight(self, sight: Sight) -> None:
        """Another camera, with the next number."""
        sight.width, sight.height = self.size
        self.sights.append(sight)

    def give_eyes(self, actor: Actor) -> None:
        """A camera at the eyes of somebody who was spawned, as Unreal's characters have one."""
        asset = self.scene.assets.get(actor.asset)
        if actor.is_agent and asset is not None and asset.semantic in ("person", "animal", "robot"):
            self.add_sight(eyes(actor, self.scene))

    def add_plain(self, name: str, class_name: str, *, pose: Pose7 = ORIGIN) -> Actor:
        """An actor that the engine has nothing of: empty, or a camera."""
        if self.actor(name) is not None:
            raise CommandFailed(f"Failed to spawn {name}, object exists.")
        made = Actor(unreal_name(name), class_name, "plain", pose=pose)
        self.enter(made)
        return made

    def destroy(self, actor: Actor) -> None:
        """Takes an actor away, with the cameras on it; whoever rides or holds it lets go of it first."""
        if actor.sort in ("terrain", "water"):
            raise CommandFailed(f"{actor.name} is the ground. Only what stands on it can be destroyed.")
        if actor.thing:
            if user := self._user(actor.thing):
                is_ridden = user.riding == actor.thing
                self._orders[user.name] = Action(Skill("dismount") if is_ridden else Skill("put_down", actor.thing))
                self.lingering.add(actor.thing)
            elif actor.thing not in self._draft.spawned and not actor.is_off:
                self._draft.removed.append(actor.thing)
            self._draft.forget(actor.thing)
        self._depart(actor)

    def _user(self, thing: str) -> AgentState | None:
        """Who of those that are still there rides or holds a thing."""
        agents = self.state.agents if self.state is not None else ()
        users = (agent for agent in agents if agent.riding == thing or thing in agent.holding)
        return next((agent for agent in users if agent.name in self.by_thing), None)

    def _part(self) -> None:
        """What was let go of after it was destroyed goes with the next changes."""
        for thing in sorted(self.lingering):
            if self._user(thing) is None:
                self.lingering.remove(thing)
                self._draft.removed.append(thing)

    # What the engine is told

    def edit(self, changes: Sequence[Change]) -> None:
        """Changes in the engine's own words, made with the next flush: paint, weather."""
        self._draft.others += changes

    def flush(self) -> None:
        """Tells the engine all that was changed. What it refuses is left out, with a warning, and the rest made."""
        self._part()
        draft = self._draft
        if not draft or self.state is None:
            return
        self._draft = Draft()
        self._make(draft.changes(self.scene.bounds))

    def settle(self) -> None:
        """Before a tick: the same, unless it is put off while clients are still building."""
        if not self.puts_off(self._draft):
            self.flush()

    def _make(self, changes: list[Change]) -> None:
        """All changes in one edit, or else the halves of them by themselves."""
        if not changes:
            return
        try:
            state = self.engine.edit(changes)
        except UsageError as error:
            if len(changes) == 1:
                self._refused(changes[0], error)
                return
            half = len(changes) // 2
            self._make(changes[:half])
            self._make(changes[half:])
            return
        self.ledger.take(changes)
        self.took(state)

    def _refused(self, change: Change, error: SimbridgeError) -> None:
        _log.warning("%s was left out: %s", type(change).__name__, error)
        actor = self.by_thing.get(getattr(change, "name", ""))
        if actor is not None and isinstance(change, Spawn):
            actor.is_off = True
        elif actor is not None and isinstance(change, Remove):
            actor.is_off = False

    def act(self, actor: Actor, action: Action) -> None:
        """What an agent does from the next tick on, until it is told otherwise. Raises CommandFailed."""
        if not actor.is_agent:
            raise CommandFailed(f"{actor.name} cannot act")
        self._orders[actor.thing] = action

    def step(self, actions: Actions, ticks: int = 1) -> WorldState:
        """Advances the world by so many ticks, with what clients and whoever else steps tell its agents."""
        self.settle()
        told = dict(actions)
        for count in itertools.repeat(1, ticks) if self.before_tick or self.lingering else (ticks,):
            for mind in tuple(self.before_tick):
                mind(self)
            self.settle()
            self._advance(told, count)
            told = {}
        assert self.state is not None
        return self.state

    def _advance(self, told: Actions, ticks: int) -> None:
        """One step of the engine. Orders to whoever is not there yet wait; one that the engine refuses costs nobody else his."""
        waiting = {thing: order for thing, order in self._orders.items() if thing not in self._rows}
        orders = {thing: order for thing, order in self._orders.items() if thing not in waiting}
        self._orders = waiting
        told = {thing: order for thing, order in told.items() if thing not in self._draft.spawned}
        while True:
            try:
                self.took(self.engine.step({**orders, **told}, ticks))
                return
            except UsageError as error:
                if not orders:
                    raise
                _log.warning("An order was left out: %s", error)
                named = {thing for thing in orders if f"'{thing}'" in str(error)} or set(orders)
                orders = {thing: order for thing, order in orders.items() if thing not in named}

    def tick(self, ticks: int = 1) -> WorldState:
        """Advances the world by so many ticks."""
        return self.step({}, ticks)

    def restart(self) -> None:
        """The level from its start, as after a reset."""
        state = self.engine.reset(seed=0)
        self._restart()
        self.took(state)

    @property
    def tick_rate_hz(self) -> float:
        """How many of the engine's ticks a second has."""
        return 1.0 / self.engine.info.tick_s

    # Cameras

    def viewport(self) -> Sight:
        """What the player sees, in the size of the viewport. Raises CommandFailed where there is no player any more."""
        player = self.sight(0)
        if (player.width, player.height) == self.viewport_size:
            return player
        screen = self.kept(_screen)
        width, height = self.viewport_size
        vars(screen).update({**vars(player), "width": width, "height": height, "adapted": screen.adapted})
        return screen

    def sight(self, number: int) -> Sight:
        """The camera of a number. Raises CommandFailed."""
        if not 0 <= number < len(self.sights):
            raise CommandFailed("Invalid sensor id")
        return self.sights[number]

    @property
    def level(self) -> str:
        """The level's name."""
        return level_name(self.scene)


def _screen(stage: Stage) -> Sight:
    return replace(stage.sights[0])
