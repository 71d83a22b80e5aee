"""What a rule is tried with: an engine, the scene it has loaded, and words for what must hold."""

import inspect
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bridge.engine import Action, Actions, Capability, Engine, Loaded
from bridge.errors import SimbridgeError
from bridge.scene import Scene
from bridge.types import Pose, WorldState

Onlooker = Callable[[], AbstractContextManager[Any]]
"""Another client of the same server, that may look and do nothing; see bridge.client.connect."""


class Broken(Exception):
    """A rule that is not kept; the message says what was found."""


@dataclass(frozen=True)
class Rule:
    """A promise of engines: `sentence` says it, `tries` raises Broken where it is not kept, `needs` are capabilities."""

    name: str
    sentence: str
    needs: tuple[Capability, ...]
    tries: Callable[["Bench"], None]


def rule(*needs: Capability) -> Callable[[Callable[["Bench"], None]], Callable[["Bench"], None]]:
    """Makes a rule of a function; its docstring is the sentence."""

    def mark(tries: Callable[["Bench"], None]) -> Callable[["Bench"], None]:
        sentence = " ".join((inspect.getdoc(tries) or "").split())
        tries.rule = Rule(tries.__name__, sentence, needs, tries)  # type: ignore[attr-defined]
        return tries

    return mark


def rules_of(module: ModuleType) -> list[Rule]:
    """The rules in a module, in its order."""
    return [value.rule for value in vars(module).values() if isinstance(getattr(value, "rule", None), Rule)]


def must(holds: Any, found: str) -> None:
    """Raises Broken with what was found unless something holds."""
    if not holds:
        raise Broken(found)


@dataclass
class Bench:
    """An engine at the start of an episode, and what was loaded into it."""

    engine: Engine
    scene: Scene
    loaded: Loaded
    seed: int
    onlooker: Onlooker

    def begin(self) -> None:
        """The first tick, for the next rule."""
        self.start = self.engine.reset(seed=self.seed)

    @property
    def agent(self) -> str:
        """The first agent."""
        must(self.loaded.agents, "the scene has agents, and the engine names none")
        return self.loaded.agents[0]

    @property
    def camera(self) -> str:
        """A camera with a name: the first agent's, if it has one."""
        cameras = list(self.loaded.cameras)
        must(cameras, "the engine names no camera")
        return next((name for name in cameras if name.startswith(f"{self.agent}/")), cameras[0])

    def act(self, action: Action, seconds: float = 1.0) -> WorldState:
        """The first agent does something for so long."""
        return self.engine.step({self.agent: action}, self.ticks(seconds))

    def ticks(self, seconds: float) -> int:
        """That time in ticks."""
        return max(round(seconds / self.engine.info.tick_s), 1)

    def refused(self, what: str, call: Callable[[], Any]) -> SimbridgeError:
        """The error that a call ends with, having changed nothing."""
        before = self.engine.state_hash()
        error = refused(what, call)
        must(self.engine.state_hash() == before, f"{what} was refused, but changed the world")
        return error


def refused(what: str, call: Callable[[], Any]) -> SimbridgeError:
    """The error of bridge.errors that a call ends with."""
    try:
        call()
    except SimbridgeError as error:
        must(str(error).strip(), f"{what} was refused without a word ({type(error).__name__})")
        return error
    except Exception as error:
        raise Broken(f"{what} raised {type(error).__name__}: {error}; expected an error of bridge.errors") from error
    raise Broken(f"{what} was not refused")


def pose_of(state: WorldState, name: str) -> NDArray[np.float64]:
    """The pose (7,) of a body."""
    must(name in state.names, f"'{name}' is not among the names of the state")
    return state.poses[state.names.index(name)]


def placed(pose: NDArray[np.float64], offset: tuple[float, float, float] = (0.0, 0.0, 0.0)) -> Pose:
    """That pose (7,), moved by `offset` [m] in the world."""
    return Pose(np.asarray(pose[:3] + np.array(offset)), np.array(pose[3:]))


def nothing(engine: Engine, ticks: int) -> WorldState:
    """So many ticks in which nobody is told anything."""
    told: Actions = {}
    return engine.step(told, ticks)
