"""Who decides when the world advances: all who hold agents together (lockstep), or the clock (real time).

Steps are asked for with a function that is told the answer, since each hop between tasks costs a tenth of a step.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from bridge.engine import Action, Engine
from bridge.errors import Refused, TooLate
from bridge.session import Session, Sessions
from bridge.sights import NOTHING, Sights, foreseeing
from bridge.simulation import Simulation
from bridge.types import WorldState
from bridge.world import World

Look = Callable[[Engine, WorldState], Any]
"""Runs on the engine's thread right after a step: what one session wants to know of that tick. It must not raise."""

Done = Callable[[Any, BaseException | None], None]
"""Told what a session saw, or why the world did not move."""


@dataclass(eq=False)
class Asked:
    """One session's wish to advance."""

    session: Session
    actions: dict[str, Action]
    ticks: int
    look: Look
    done: Done
    sights: Sights = NOTHING
    wants_hash: bool = False
    prepare: Callable[[Engine], None] | None = None
    """Runs on the engine's thread right before the step, if that is for nobody else."""
    timer: asyncio.TimerHandle | None = None


class Pacing(Protocol):
    """How steps of several sessions become steps of one world."""

    def ask(self, asked: Asked) -> None:
        """Advances the world soon and tells `asked.done`. Raises Refused for what can never come."""
        ...

    def look_again(self) -> None:
        """Agents changed hands."""
        ...

    async def close(self) -> None:
        """Refuses those who still wait."""
        ...


class Lockstep:
    """The world advances when every session that holds agents has asked for it, by the same number of ticks.

    Who is waited for longer than `wait_s` is named in the error of those who wait; with `missing="hold"` the others go
    on, and the agents of the late keep doing what they do.
    """

    def __init__(
        self,
        world: World,
        sessions: Sessions,
        simulation: Simulation,
        *,
        wait_s: float,
        missing: Literal["wait", "hold"] = "wait",
    ):
        self._world, self._sessions, self._simulation = world, sessions, simulation
        self._wait_s, self._missing = wait_s, missing
        self._asked: dict[Session, Asked] = {}

    def ask(self, asked: Asked) -> None:
        self._world.present()
        if asked.session in self._asked:
            raise Refused("This session has asked for a step already and waits for it. Ask one at a time.")
        for other in self._asked.values():
            if other.ticks != asked.ticks:
                raise Refused(
                    f"ticks is {asked.ticks}; {self._sessions.describe(other.session)} waits with {other.ticks}. "
                    "Sessions that step one world together ask for the same number."
                )
        self._asked[asked.session] = asked
        self.look_again()
        if asked.session in self._asked:
            asked.timer = asyncio.get_running_loop().call_later(self._wait_s, self._give_up, asked)

    def look_again(self) -> None:
        if self._asked and all(owner in self._asked for owner in self._sessions.owners()):
            self._go()

    def _go(self) -> None:
        batch = sorted(self._asked.values(), key=lambda asked: asked.session.since)
        self._asked.clear()
        _advance(self._world, self._simulation, batch, batch[0].ticks)

    def _give_up(self, asked: Asked) -> None:
        if self._asked.get(asked.session) is not asked:
            return
        if self._missing == "hold":
            self._go()
        else:
            error = TooLate(self._who_is_missing())
            del self._asked[asked.session]
            asked.done(None, error)

    def _who_is_missing(self) -> str:
        late = [owner for owner in self._sessions.owners() if owner not in self._asked]
        agents = ", ".join(agent for owner in late for agent in owner.agents)
        names = "; ".join(self._sessions.describe(owner) for owner in late)
        return f"The world waits for {agents} of {names}: no step came within {self._wait_s:g} s. Step again."

    async def close(self) -> None:
        waiting, self._asked = list(self._asked.values()), {}
        _refuse(waiting)


class RealTime:
    """The world advances with the clock, one tick at a time; a step asks for so many ticks from now.

    An engine slower than the clock is not hurried: the world then runs slower than real time.
    """

    def __init__(self, world: World, simulation: Simulation, *, tick_s: float):
        self._world, self._simulation, self._tick_s = world, simulation, tick_s
        self._fresh: list[Asked] = []
        self._asked: list[Asked] = []
        self._ticked = asyncio.Event()
        self._task = asyncio.ensure_future(self._run())

    def ask(self, asked: Asked) -> None:
        self._world.present()
        self._fresh.append(asked)

    def look_again(self) -> None:
        pass

    async def _run(self) -> None:
        due = time.monotonic()
        while True:
            due = max(due + self._tick_s, time.monotonic() - 10 * self._tick_s)
            await asyncio.sleep(due - time.monotonic())
            if self._world.state is not None:
                self._ticked.clear()
                self._tick()
                await self._ticked.wait()

    def _tick(self) -> None:
        for asked in (*self._asked, *self._fresh):
            asked.ticks -= 1
        both = [*self._asked, *self._fresh]
        clock = Asked(None, {}, 1, lambda engine, state: None, lambda answer, error: self._ticked.set())  # type: ignore[arg-type]
        batch = [asked for asked in both if asked.ticks <= 0]
        actions = {agent: action for asked in self._fresh for agent, action in asked.actions.items()}
        self._asked, self._fresh = [asked for asked in both if asked.ticks > 0], []
        _advance(self._world, self._simulation, [*batch, clock], 1, actions)

    async def close(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        _refuse([*self._asked, *self._fresh])


def _advance(
    world: World,
    simulation: Simulation,
    batch: Sequence[Asked],
    ticks: int,
    actions: dict[str, Action] | None = None,
) -> None:
    """One step of the engine for all who asked; each is told what it saw."""
    if actions is None:
        actions = {agent: action for asked in batch for agent, action in asked.actions.items()}
    for asked in batch:
        if asked.timer is not None:
            asked.timer.cancel()

    def job(engine: Engine) -> list[Any]:
        world.present()  # not if a scene was loaded while the step waited for the engine
        far = foreseeing(engine)
        if far is not None:
            wants_hash = any(asked.wants_hash for asked in batch)
            far.foresee([asked.sights for asked in batch], wants_hash=wants_hash, epoch=world.epoch)
        if len(batch) == 1 and batch[0].prepare is not None:
            batch[0].prepare(engine)
        state = world.show(engine.step(actions, ticks))
        return [asked.look(engine, state) for asked in batch]

    def tell(seen: list[Any] | None, error: BaseException | None) -> None:
        if error is None:
            world.wake()
        for index, asked in enumerate(batch):
            asked.done(None if seen is None else seen[index], error)

    simulation.submit(job, tell)


def _refuse(waiting: Sequence[Asked]) -> None:
    for asked in waiting:
        asked.done(None, Refused("The server is being stopped. Connect to another."))
