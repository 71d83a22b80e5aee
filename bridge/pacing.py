"""Who decides when the world advances: all who hold agents together (lockstep), or the clock (real time)."""

import asyncio
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from bridge.engine import Action, Engine
from bridge.errors import Refused, TooLate
from bridge.session import Session, Sessions
from bridge.simulation import Simulation
from bridge.types import WorldState
from bridge.world import World

Look = Callable[[Engine, WorldState], Any]
"""Runs on the engine's thread right after a step: what one session wants to know of that tick. It must not raise."""


class Pacing(Protocol):
    """How steps of several sessions become steps of one world."""

    async def advance(self, session: Session, actions: dict[str, Action], ticks: int, look: Look) -> Any:
        """What `look` says of the world after the step."""
        ...

    def look_again(self) -> None:
        """Agents changed hands."""
        ...

    async def close(self) -> None:
        """Ends what still waits."""
        ...


@dataclass(eq=False)
class Asked:
    """One session's wish to advance."""

    session: Session
    actions: dict[str, Action]
    ticks: int
    look: Look
    answer: asyncio.Future


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
        self._tasks: set[asyncio.Task] = set()

    async def advance(self, session: Session, actions: dict[str, Action], ticks: int, look: Look) -> Any:
        self._world.present()
        asked = Asked(session, actions, ticks, look, asyncio.get_running_loop().create_future())
        if not self._asked and all(owner is session for owner in self._sessions.owners()):
            return (await self._together([asked]))[0]
        if session in self._asked:
            raise Refused("This session has asked for a step already and waits for it. Ask one at a time.")
        for other in self._asked.values():
            if other.ticks != ticks:
                raise Refused(
                    f"ticks is {ticks}; {self._sessions.describe(other.session)} waits with {other.ticks}. Sessions "
                    "that step one world together ask for the same number."
                )
        self._asked[session] = asked
        self.look_again()
        await asyncio.wait([asked.answer], timeout=self._wait_s)
        if not asked.answer.done() and self._asked.get(session) is asked:
            if self._missing == "wait":
                del self._asked[session]
                raise TooLate(self._who_is_missing())
            self._go()
        return await asked.answer

    def look_again(self) -> None:
        if self._asked and all(owner in self._asked for owner in self._sessions.owners()):
            self._go()

    def _go(self) -> None:
        batch = sorted(self._asked.values(), key=lambda asked: asked.session.since)
        self._asked.clear()
        task = asyncio.ensure_future(self._settle(batch))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _settle(self, batch: Sequence[Asked]) -> None:
        try:
            seen = await self._together(batch)
        except Exception as error:  # goes to all who asked
            _fail(batch, error)
        else:
            _give(batch, seen)

    async def _together(self, batch: Sequence[Asked]) -> list[Any]:
        """One step for all who asked, and what each of them sees."""
        actions = {agent: action for asked in batch for agent, action in asked.actions.items()}

        def job(engine: Engine) -> tuple[WorldState, list[Any]]:
            state = self._world.show(engine.step(actions, batch[0].ticks))
            return state, [asked.look(engine, state) for asked in batch]

        _, seen = await self._simulation.run(job, what="step", timeout_s=math.inf)
        self._world.wake()
        return seen

    def _who_is_missing(self) -> str:
        late = [owner for owner in self._sessions.owners() if owner not in self._asked]
        agents = ", ".join(agent for owner in late for agent in owner.agents)
        names = "; ".join(self._sessions.describe(owner) for owner in late)
        return (
            f"The world waits for {agents or 'nobody'} of {names}: no step came within {self._wait_s:g} s. Step again."
        )

    async def close(self) -> None:
        _fail(list(self._asked.values()), Refused(_STOPPED))
        self._asked.clear()
        await asyncio.gather(*self._tasks, return_exceptions=True)


class RealTime:
    """The world advances with the clock, one tick at a time; a step asks for so many ticks from now.

    An engine slower than the clock is not hurried: the world then runs slower than real time.
    """

    def __init__(self, world: World, simulation: Simulation, *, tick_s: float):
        self._world, self._simulation, self._tick_s = world, simulation, tick_s
        self._fresh: list[Asked] = []
        self._asked: list[Asked] = []
        self._task = asyncio.ensure_future(self._run())

    async def advance(self, session: Session, actions: dict[str, Action], ticks: int, look: Look) -> Any:
        self._world.present()
        asked = Asked(session, actions, ticks, look, asyncio.get_running_loop().create_future())
        self._fresh.append(asked)
        return await asked.answer

    def look_again(self) -> None:
        pass

    async def _run(self) -> None:
        due = time.monotonic()
        while True:
            due = max(due + self._tick_s, time.monotonic() - 10 * self._tick_s)
            await asyncio.sleep(due - time.monotonic())
            if self._world.state is None:
                continue
            await self._tick()

    async def _tick(self) -> None:
        actions = {agent: action for asked in self._fresh for agent, action in asked.actions.items()}
        self._asked += self._fresh
        self._fresh = []
        for asked in self._asked:
            asked.ticks -= 1
        done = [asked for asked in self._asked if asked.ticks <= 0]
        self._asked = [asked for asked in self._asked if asked.ticks > 0]

        def job(engine: Engine) -> list[Any]:
            state = self._world.show(engine.step(actions, 1))
            return [asked.look(engine, state) for asked in done]

        try:
            seen = await self._simulation.run(job, what="step", timeout_s=math.inf)
        except Exception as error:  # goes to those whose actions it was about
            _fail(done, error)
            return
        self._world.wake()
        _give(done, seen)

    async def close(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        _fail([*self._asked, *self._fresh], Refused(_STOPPED))


_STOPPED = "The server is being stopped. Connect to another."


def _give(batch: Sequence[Asked], answers: Sequence[Any]) -> None:
    for asked, answer in zip(batch, answers):
        if not asked.answer.done():
            asked.answer.set_result(answer)


def _fail(batch: Sequence[Asked], error: Exception) -> None:
    for asked in batch:
        if not asked.answer.done():
            asked.answer.set_exception(error)
