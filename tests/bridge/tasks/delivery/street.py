"""A world of points for the delivery task: couriers are where tests put them, and changes are made as an engine would."""

import json

import numpy as np

from bridge.engine import Action, Move, Remove, Skill, Spawn
from bridge.tasks.delivery import Config, Delivery
from bridge.tasks.delivery.state import Shift
from bridge.types import AgentState, Contacts, WorldState
from tests.bridge.control.towns import hamlet


class Street:
    """A shift under way. `put` places somebody, `do` carries one verb out, `go` lets seconds pass."""

    def __init__(
        self, config: Config | None = None, *, seed: int = 0, task: Delivery | None = None, scene=None
    ) -> None:
        self.scene = hamlet().scene if scene is None else scene
        self.task = task or Delivery(config or Config(agents=3, hours=1.0))
        self.shift, changes, self.briefings = self.task.setup(self.scene, np.random.default_rng(seed))
        self.names = list(self.shift.world.agents)
        self.poses = {agent.name: np.array(agent.pose) for agent in self.scene.agents}
        self.riding: dict[str, str] = {}
        self.touching: tuple[tuple[str, str], ...] = ()
        self.time_s = 100.0
        self.outcomes = {}
        self.events: list[dict] = []
        self._change(changes)
        for courier in self.shift.couriers.values():  # the town's own scooters stand beside their owners
            if courier.scooter and courier.scooter not in self.poses:
                self.poses[courier.scooter] = self.poses[courier.name] + [1, 0, 0, 0, 0, 0, 0]
        self._before = self.state()

    def state(self) -> WorldState:
        """The present state."""
        names = tuple(self.poses)
        agents = tuple(AgentState(name, self.riding.get(name, "")) for name in self.names)
        contacts = Contacts(self.touching, np.zeros((len(self.touching), 3)), np.ones(len(self.touching)))
        poses = np.array(list(self.poses.values()), dtype=float)
        return WorldState(round(self.time_s / 0.02), self.time_s, names, poses, None, contacts, agents)

    def step(self, actions: dict[str, Action] | None = None, s: float = 0.2) -> Shift:
        """One step of the task, with the changes it makes to the world."""
        self.time_s += s
        after = self.state()
        self.shift, self.outcomes, _ = self.task.advance(self.shift, self._before, actions or {}, after)
        self.events += [event for outcome in self.outcomes.values() for event in outcome.info.get("events", ())]
        self._change(self.task.changes(self.shift))
        self._before = self.state()
        return self.shift

    def go(self, seconds: float, *, step_s: float = 1.0) -> Shift:
        """Lets time pass."""
        whole = int(seconds // step_s)
        for _ in range(whole):
            self.step(s=step_s)
        if seconds - whole * step_s > 1e-6:
            self.step(s=seconds - whole * step_s)
        return self.shift

    def put(self, name: str, where) -> None:
        """Puts somebody (or something) at an address, the place of a row, or a point; it counts as no way gone."""
        places = self.shift.world.places
        if isinstance(where, str):
            where = places.row[where]
        at = places.doors[where, :2] if isinstance(where, int | np.integer) else np.asarray(where, dtype=float)
        self.poses[name] = np.array([*at, 2.0, 1, 0, 0, 0])
        if name in self.riding:
            self.poses[self.riding[name]] = self.poses[name].copy()
        self._before = self.state()

    def move(self, name: str, by) -> None:
        """Moves somebody by (2,) [m] within the next step, and what they ride."""
        for body in (name, *([self.riding[name]] if name in self.riding else [])):
            self.poses[body] = self.poses[body] + np.array([*by, 0, 0, 0, 0, 0])

    def do(self, name: str, verb: str, target: str = "", **given) -> str:
        """Carries a verb out in one short step; why it was refused, "" if it was not."""
        self.step({name: Action(Skill(verb, target, json.dumps(given) if given else ""))})
        return self.shift.failures.get(name, "")

    def order(self, *, until_s: float = 3000.0):
        """The next order that is placed."""
        known = set(self.shift.orders)
        while self.time_s - 100.0 < until_s:
            self.step(s=1.0)
            if fresh := [id for id in self.shift.live if id not in known]:
                return self.shift.orders[fresh[0]]
        raise AssertionError("no order was placed")

    def money(self, name: str) -> float:
        """Dollars in somebody's pocket."""
        return self.shift.ledger.balance(name) / 100

    def _change(self, changes) -> None:
        for change in changes:
            if isinstance(change, Spawn):
                assert change.name not in self.poses
                assert change.asset in self.scene.assets
                self.poses[change.name] = np.r_[change.pose.position, change.pose.quat_wxyz]
            elif isinstance(change, Move):
                assert change.name not in self.riding, "an engine moves nobody who rides"
                self.poses[change.name] = np.r_[change.pose.position, change.pose.quat_wxyz]
            elif isinstance(change, Remove):
                assert change.name not in self.riding.values(), "an engine removes nothing that is ridden"
                del self.poses[change.name]
            else:
                raise AssertionError(change)
