"""A courier's shift in a town, as pure functions: what happens is read from the world's states, never from agents' words."""

import weakref
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bridge.control.town import Town
from bridge.engine import Action, Actions, Change, Skill
from bridge.errors import Refused, UnknownBody
from bridge.frames import yaw_from_quat
from bridge.plugins import unknown_name
from bridge.scene import Scene
from bridge.tasks.delivery import automatic, body, clockwork, gauges, staff, timed, vehicles
from bridge.tasks.delivery.config import Config, cents, check
from bridge.tasks.delivery.gauges import SCOOTER, WALK, Rates
from bridge.tasks.delivery.ledger import Ledger
from bridge.tasks.delivery.notes import next_stop, notes
from bridge.tasks.delivery.orders import Order, drawn
from bridge.tasks.delivery.parking import Parks
from bridge.tasks.delivery.personas import persona
from bridge.tasks.delivery.places import Places
from bridge.tasks.delivery.state import Courier, Shift, World
from bridge.tasks.delivery.summary import rows
from bridge.tasks.delivery.verbs import USAGE, arguments, carry_out, said
from bridge.tasks.task import Affairs, Briefings, Outcome
from bridge.types import WorldState

Array = NDArray[np.float64]
_FLOORS = ("terrain", "road", "sidewalk", "crossing", "lane-marking", "dock", "bridge")
_QUIET = Outcome()


class Delivery:
    """The task; holds nothing of an episode but what can be looked up again (a town's ways, rows of bodies)."""

    told: Mapping[str, tuple[tuple[float, float], ...]] = {
        "goal": ((0.0, 1e5), (-np.pi, np.pi)),
        "levels": ((0.0, 1.0),) * 4,
    }
    verbs: Mapping[str, str] = USAGE

    def __init__(self, config: Config) -> None:
        check(config)
        self.config = config
        self._towns: weakref.WeakKeyDictionary[Scene, tuple[Town, Places, Parks]] = weakref.WeakKeyDictionary()
        self._rows: dict[int, tuple[tuple[str, ...], tuple[str, ...], NDArray[np.int64]]] = {}

    def town(self, scene: Scene) -> tuple[Town, Places, Parks]:
        """What is known of a scene's ways and places; made once. Raises InvalidScene."""
        if scene not in self._towns:
            town = Town(scene)
            self._towns[scene] = town, Places(town, bus_stop_m=self.config.transport.bus_stop_m), Parks(town)
        return self._towns[scene]

    def agents(self, scene: Scene) -> tuple[str, ...]:
        """The town's couriers first, then newcomers."""
        return staff.names(scene, self.config.agents)

    def setup(self, scene: Scene, rng: np.random.Generator) -> tuple[Shift, Sequence[Change], Briefings]:
        """A shift before its first second: couriers in their places with their money, all orders drawn."""
        config, seed = self.config, int(rng.integers(1 << 62))
        town, places, parks = self.town(scene)
        agents, sky = self.agents(scene), scene.environment
        starts, scooters, changes = staff.begun(scene, town, places, parks, config, agents, seed)
        couriers, ledger = {}, Ledger()
        for row, name in enumerate(agents):
            who = persona(config.personas, seed, name)
            couriers[name] = Courier(name, row, who, config.bag_slots, scooter=scooters.get(name, ""))
            ledger = ledger.pay("savings", name, cents(config.start_money), "start money")
        world = World(
            config=config, places=places, rates=Rates.of(config, sky.weather), weather=sky.weather,
            speed_factor=config.transport.weather.get(sky.weather, 1.0), begin_h=sky.time_of_day_h, agents=agents,
            floors=frozenset({"terrain", *(part.name for part in scene.parts if part.semantic in _FLOORS)}),
            taken_names=frozenset(row.name for row in scene.instance_table), parks=parks,
        )  # fmt: skip
        has_scooter = np.array([bool(couriers[name].scooter) for name in agents])
        shift = Shift(
            world, couriers, gauges.begun(len(agents), config, has_scooter), ledger,
            drawn(places, config, seed, sky.time_of_day_h), starts,
        )  # fmt: skip
        return shift, changes, {name: self._briefing(shift, name) for name in agents}

    def _briefing(self, shift: Shift, name: str) -> str:
        shares = {
            "competitive": "You keep what your customers pay.",
            "cooperative": "What customers pay is divided equally among all couriers.",
            "mixed": "Half of what your customers pay is yours, half is divided equally among all couriers.",
        }[self.config.setting]
        return (
            f"You are {name}, a courier, one of {self.config.agents}. For {self.config.hours:g} hours, take orders, fetch them "
            f"at shops, bring them to customers in time, warm and whole, and earn as much as you can. {shares}"
        )

    def advance(
        self, task_state: Shift, before: WorldState, actions: Actions, after: WorldState
    ) -> tuple[Shift, Mapping[str, Outcome], Briefings]:
        """One step of the shift; rewards are dollars earned and spent. The end of the shift truncates, with the summary."""
        if task_state.is_over:
            return task_state, {}, {}
        shift = self._moved(task_state, before, after)
        shift = timed.went_on(clockwork.strike(shift), after.time_s - before.time_s)
        for name in shift.world.agents:
            if name in actions:
                shift = _acted(shift, name, actions[name])
        if self.config.automatic:
            shift = automatic.help_out(shift)
        for row in np.flatnonzero(shift.gauges.energy <= 0.0).tolist():
            name = shift.world.agents[row]
            if name not in shift.busy or shift.busy[name].verb != "hospital":
                shift = body.collapse(timed.interrupted(shift, name), name)
        if shift.now_s >= shift.ends_s - 1e-9:
            shift = clockwork.close(shift)
        return shift, _outcomes(task_state, shift), {}

    def _moved(self, old: Shift, before: WorldState, after: WorldState) -> Shift:
        """The step's metres, touches and vehicles, as the world has them."""
        begun_s = before.time_s if old.begun_s is None else old.begun_s
        lasted_s, agents = after.time_s - before.time_s, old.world.agents
        xy = after.poses[self._rows_of(after, agents), :2]
        before_xy = before.poses[self._rows_of(before, agents), :2]
        riding = {agent.name: agent.riding for agent in after.agents if agent.riding and agent.name in old.couriers}
        is_busy = np.zeros(len(agents), dtype=bool)
        for name, busy in old.busy.items():
            row = old.couriers[name].row
            is_busy[row] = busy.verb != "wait"
            if busy.is_away:
                before_xy[row] = xy[row]
        now_s = after.time_s - begun_s
        levels = gauges.moved(
            old.gauges,
            xy,
            before_xy,
            vehicles.modes(old, riding),
            is_busy,
            now_s,
            lasted_s,
            old.world.rates,
            self.config,
        )
        shift = replace(
            old, gauges=levels, xy=xy, riding=riding, state=after, begun_s=begun_s, now_s=now_s,
            news={}, failures={}, inbox={}, events=(), changes=(),
        )  # fmt: skip
        return _touched(shift, after)

    def _rows_of(self, state: WorldState, agents: tuple[str, ...]) -> NDArray[np.int64]:
        """The couriers' rows in a state; looked up anew only when the names change. Raises UnknownBody."""
        key = id(state.names)
        known = self._rows.get(key)
        if known is None or known[0] is not state.names or known[1] != agents:
            index = {name: row for row, name in enumerate(state.names)}
            missing = next((name for name in agents if name not in index), None)
            if missing is not None:
                raise UnknownBody(unknown_name("body", missing, state.names))
            if len(self._rows) > 8:
                self._rows.clear()
            known = state.names, agents, np.array([index[name] for name in agents], dtype=np.int64)
            self._rows[key] = known
        return known[2]

    def tells(self, task_state: Shift, state: WorldState) -> Mapping[str, Mapping[str, Array]]:
        """Where each has to go next as the crow flies (distance [m], bearing [rad], left positive; 0, 0 for nowhere), and
        levels, 0 to 1: energy, battery, bag, time left."""
        shift = task_state
        mine: dict[str, list[Order]] = {name: [] for name in shift.couriers}
        for id in shift.live:
            for name in shift.orders[id].carriers():
                mine[name].append(shift.orders[id])
        poses = state.poses[self._rows_of(state, shift.world.agents)]
        yaws = yaw_from_quat(poses[:, 3:])
        left = max(1.0 - shift.now_s / shift.ends_s, 0.0)
        told = {}
        for name, courier in shift.couriers.items():
            goal, place = np.zeros(2), next_stop(shift, name, mine[name])
            if place is not None:
                way = shift.world.places.doors[place, :2] - poses[courier.row, :2]
                off = float(np.arctan2(way[1], way[0]) - yaws[courier.row])
                goal = np.array([np.hypot(*way), np.arctan2(np.sin(off), np.cos(off))])
            load = 1.0 - shift.free_slots(name) / courier.slots if mine[name] else 0.0
            energy, battery = shift.gauges.energy[courier.row], shift.gauges.battery[courier.row]
            levels = np.clip([energy / 100.0, battery / 100.0, load, left], 0.0, 1.0)
            told[name] = {"goal": goal, "levels": levels}
        return told

    def shows(self, task_state: Shift, state: WorldState, agent: str) -> Mapping[str, Any]:
        """The clock, the courier, orders, board, shops, places and others, with units in the keys."""
        row = self._rows_of(state, task_state.world.agents)[task_state.couriers[agent].row]
        return notes(task_state, agent, state.poses[row, :2])

    def refuses(self, task_state: Shift, state: WorldState, agent: str, action: Action) -> str:
        """Why an action can come to nothing as things stand; "" if it may go on."""
        motion = action.motion
        if motion is None:
            return ""
        try:
            if isinstance(motion, Skill) and motion.verb in USAGE:
                carry_out(task_state, agent, motion)
            else:
                task_state.need_free(agent)
            if isinstance(motion, Skill) and motion.verb in ("ride", "board"):
                return vehicles.may_ride(task_state, agent, motion.target)
        except Refused as reason:
            return str(reason)
        return ""

    def means(self, task_state: Shift, state: WorldState, agent: str, action: Action) -> Action:
        """`set_transport` is to board one's own vehicle, or to get off; everything else is what it is."""
        motion = action.motion
        if not isinstance(motion, Skill) or motion.verb != "set_transport":
            return action
        courier, riding = task_state.couriers[agent], task_state.riding.get(agent, "")
        mode = _mode_asked(motion)
        vehicle = {"scooter": courier.scooter, "car": courier.car}.get(mode, "")
        if vehicle == riding:
            return replace(action, motion=None)
        return replace(action, motion=Skill("board", vehicle) if vehicle else Skill("dismount"))

    def changes(self, task_state: Shift) -> Sequence[Change]:
        """Vehicles bought, rented and given back; who was set down by a bus or brought to hospital."""
        return task_state.changes

    def affairs(self, task_state: Shift, agent: str) -> Affairs:
        """The timed verb under way, why the last one failed, news, messages, and how fast one gets on."""
        shift, busy = task_state, task_state.busy.get(agent)
        courier, pace = shift.couriers[agent], shift.world.rates.pace_m_s
        riding = shift.riding.get(agent, "") or courier.scooter or courier.car
        drives = gauges.CAR if riding and riding == courier.car else SCOOTER
        if drives == SCOOTER and courier.scooter and shift.gauges.battery[courier.row] <= 0:
            drives = gauges.DRAG
        return Affairs(
            doing="" if busy is None else busy.verb,
            failure=shift.failures.get(agent, ""),
            news=shift.news.get(agent, ""),
            messages=shift.inbox.get(agent, ()),
            walk_m_s=float(pace[WALK]),
            drive_m_s=float(pace[drives]),
        )


def _acted(shift: Shift, name: str, action: Action) -> Shift:
    """What one courier decided for this step."""
    motion = action.motion
    try:
        if isinstance(motion, Skill) and motion.verb in USAGE:
            shift = carry_out(shift, name, motion)
        elif motion is not None:
            shift.need_free(name)
            shift = timed.interrupted(shift, name)
        if action.say.strip():
            near = np.hypot(*(shift.xy - shift.at(name)).T) <= shift.config.hearing_m
            heard = [
                other for other, is_near in zip(shift.world.agents, near, strict=True) if is_near and other != name
            ]
            shift = said(shift, name, action.say.strip(), heard)
    except Refused as reason:
        shift = shift.fail(name, str(reason)).counting(name, refused=1)
        shift = shift.note("refused", name, reason=str(reason))
    return shift


def _touched(shift: Shift, after: WorldState) -> Shift:
    """New touches of anything but the ground, one's own vehicle and what one holds; each jolts the bag."""
    if after.contacts is None or not after.contacts.names:
        return replace(shift, touches=frozenset()) if shift.touches else shift
    bodies = {vehicle: name for name, vehicle in shift.riding.items()} | {name: name for name in shift.couriers}
    floors, touches = shift.world.floors, set()
    for a, b in after.contacts.names:
        for one, other in ((a, b), (b, a)):
            if one in bodies and other not in floors and bodies.get(other) != bodies[one]:
                touches.add((bodies[one], other))
    fresh = touches - shift.touches
    if not fresh:
        return replace(shift, touches=frozenset(touches)) if touches != shift.touches else shift
    held = {(agent.name, thing) for agent in after.agents for thing in agent.holding}
    own = {(name, vehicle) for name, who in shift.couriers.items() for vehicle in (who.scooter, who.car) if vehicle}
    fresh -= held | own
    jolt = shift.gauges.jolt.copy()
    for name, other in sorted(fresh):
        jolt[shift.couriers[name].row] += shift.config.food.jolt_collision_pct / 100.0
        shift = shift.counting(name, collisions=1).note("collision", name, touched=other)
    return replace(shift, gauges=replace(shift.gauges, jolt=jolt), touches=frozenset(touches))


def _outcomes(before: Shift, shift: Shift) -> Mapping[str, Outcome]:
    """Rewards [$] and events of a step by courier; at the end of the shift the summary too."""
    agents = shift.world.agents
    if shift.ledger is before.ledger and not shift.events and not shift.is_over:
        return dict.fromkeys(agents, _QUIET)
    events: dict[str, list[Mapping[str, Any]]] = {}
    for event in shift.events:
        events.setdefault(event["agent"] or agents[0], []).append(event)
    summary = rows(shift) if shift.is_over else {}
    found = {}
    for name in agents:
        info: dict[str, Any] = {"events": events[name]} if name in events else {}
        if shift.is_over:
            info |= summary[name]
        reward = (shift.ledger.balance(name) - before.ledger.balance(name)) / 100
        found[name] = Outcome(reward, truncated=shift.is_over, info=info)
    return found


def _mode_asked(skill: Skill) -> str:
    try:
        return str(arguments(skill).get("mode", skill.target)).strip()
    except Refused:
        return skill.target.strip()
