"""The shell of scripted couriers: asks a strategy what to say and where to go, carries it out, and bears with refusals."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np

from bridge.engine import Action, Skill
from bridge.observation import Message, Observation
from policies.courier import care
from policies.courier.atlas import Atlas
from policies.courier.care import Habits
from policies.courier.legs import Legs
from policies.courier.routes import Route, Visit
from policies.courier.situation import Situation, read
from policies.courier.takings import Takings
from policies.seeds import stream
from policies.verbs import skill, waiting

_RIDE_FROM_M = 60.0
_IDLE_S = 15.0
_AGAIN_S = 12.0
"""Words that changed nothing are not said again sooner."""
_UNREACHABLE_AFTER = 3
_RIDE, _ON_FOOT = (skill("set_transport", arguments={"mode": mode}) for mode in ("scooter", "walk"))
_WEDGED_AFTER, _ON_FOOT_S = 2, 240.0
"""Who could not ride on so often gets off, and walks for so long."""


class Strategy(Protocol):
    """What makes one scripted courier different from another."""

    habits: Habits

    def reset(self, *, agent: str, instruction: str, atlas: Atlas, random: np.random.Generator) -> None:
        """A new episode; `atlas` goes on learning by itself."""
        ...

    def words(self, now: Situation, heard: Sequence[Message], per_s: float) -> Iterable[Action]:
        """What to say or settle now (bids, offers), the most urgent first; asked again after each."""
        ...

    def route(self, now: Situation, per_s: float) -> Route:
        """Where to go from here; empty for nowhere."""
        ...


class Courier:
    """A Policy that follows a strategy."""

    def __init__(self, strategy: Strategy) -> None:
        self._strategy = strategy
        self.reset(seed=0, agent="", instruction="")

    def reset(self, *, seed: int, agent: str, instruction: str) -> None:
        """A new episode."""
        self._atlas, self._takings, self._legs = Atlas(), Takings(), Legs()
        self._bans: dict[tuple[str, str], float] = {}
        self._failures: dict[tuple[str, str], int] = {}
        self._last: tuple[str, str] = ("", "")
        self._arrived, self._wedged = "", 0
        random = stream(seed, agent, "courier")
        self._strategy.reset(agent=agent, instruction=instruction, atlas=self._atlas, random=random)

    def act(self, observation: Observation) -> Action:
        """What to do now; a wait where the notes are no courier's, or nothing can be done (in hospital)."""
        now = read(observation)
        if now is None:
            return waiting(10.0)
        self._atlas.learn(now)
        self._takings.look(now)
        self._notice(observation, now)
        now = replace(
            now,
            me=replace(now.me, scooter_m_s=self._legs.scooter_m_s(now.me.scooter_m_s)),
            avoid=self._avoided(),
            is_afoot=now.me.transport == "walk" and now.now_s < self._bans.get(_key(_RIDE), -1.0),
        )
        if now.me.doing == "hospital" or now.me.transport == "bus":
            return self._told(waiting(_IDLE_S))
        per_s = self._takings.per_s
        words = [*self._strategy.words(now, observation.messages, per_s)]
        if (bite := care.snack(now)) is not None:
            words.append(bite)
        for action in words:
            key = _key(action)
            if self._bans.get(key, -1.0) <= now.now_s:
                self._bans[key] = now.now_s + _AGAIN_S
                return self._told(action)
        return self._go_on(now, per_s)

    def close(self) -> None:
        """Nothing to give back."""

    def _go_on(self, now: Situation, per_s: float) -> Action:
        """The next step of the route, the body's needs first."""
        habits, route = self._strategy.habits, self._strategy.route(now, per_s)
        needs = care.need(now, route, self._atlas, habits, per_s)
        stops = [needs] if needs is not None else []
        if habits.eats and (bite := care.treat(now, per_s)) is not None:
            stops.insert(0, bite)
        begun: set[str] = set()
        for visit in (*stops, *route):
            if visit.what in ("pick_up", "drop_off") and visit.about in begun:
                continue  # its fetching is put off, so its bringing is
            begun.add(visit.about)
            action = self._step(visit, now)
            if action is not None:
                return self._told(action)
        return self._told(waiting(_IDLE_S))

    def _step(self, visit: Visit, now: Situation) -> Action | None:
        """What to do next towards a stop; None while that is put off."""
        is_here = visit.address in (now.me.near, self._arrived)
        if not is_here:
            way = self._atlas.metres("", visit.address)
            self._legs.set_out(now, visit.address, way)
            is_wedged = now.me.transport in ("scooter", "car") and self._wedged >= _WEDGED_AFTER
            is_slower = now.me.transport == "scooter" and now.me.scooter_m_s <= now.me.walk_m_s
            if (is_wedged or is_slower) and self._bans.get(_key(_ON_FOOT), -1.0) <= now.now_s:
                self._wedged, self._bans[_key(_RIDE)] = 0, now.now_s + _ON_FOOT_S
                self._bans.pop(("go_to", visit.address), None)
                return _ON_FOOT
            if now.is_on_scooter and now.me.transport == "walk" and way > _RIDE_FROM_M:
                return _RIDE
            action = skill("go_to", visit.address)
        elif visit.what == "pick_up" and visit.from_s > now.now_s + 1.0:
            return waiting(min(visit.from_s - now.now_s + 0.5, 60.0))
        else:
            action = _done_here(visit, now)
        return action if self._bans.get(_key(action), -1.0) <= now.now_s else None

    def _notice(self, observation: Observation, now: Situation) -> None:
        """Learns from what became of the last action: where it arrived, and what not to try again at once."""
        verb, about = self._last
        if observation.failure and verb:
            count = self._failures[self._last] = self._failures.get(self._last, 0) + 1
            pause = 4.0 * (count - 1) ** 2 if verb == "go_to" else 6.0 * 2 ** min(count - 1, 5)
            self._bans[self._last] = now.now_s + max(pause, 60.0 if verb == "set_transport" else 0.0)
            self._arrived = ""
            self._wedged += verb == "go_to" and now.me.transport in ("scooter", "car")
        elif verb == "go_to":
            if not observation.doing:
                self._wedged = 0
                self._arrived = about
                self._legs.arrived(now, about)
                self._failures.pop(self._last, None)
        elif verb:
            self._failures.pop(self._last, None)

    def _told(self, action: Action) -> Action:
        self._last = _key(action)
        if self._last[0] in ("go_to", "set_transport"):
            self._arrived = ""
        return action

    def _avoided(self) -> frozenset[str]:
        """Addresses to which every way failed."""
        return frozenset(
            about for (verb, about), count in self._failures.items() if verb == "go_to" and count >= _UNREACHABLE_AFTER
        )


def _done_here(visit: Visit, now: Situation) -> Action:
    """The verb of a stop one has come to."""
    if visit.what == "pick_up":
        return skill("pick_up_order", visit.about)
    if visit.what == "drop_off":
        order = next((order for order in now.mine if order.id == visit.about), None)
        return skill("drop_off", visit.about, {"method": order.wish} if order is not None and order.wish else None)
    if visit.what == "buy":
        return skill("buy", arguments={"item": visit.about})
    return skill(visit.what, arguments={"to_pct": round(visit.to_pct, 1)})


def _key(action: Action) -> tuple[str, str]:
    """What an action is about, for remembering what became of it."""
    motion = action.motion
    if not isinstance(motion, Skill):
        return "", ""
    return motion.verb, motion.target or motion.text
