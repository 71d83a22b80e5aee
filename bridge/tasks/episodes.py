"""A task on an engine: sets episodes up, steps them, and hands every agent what it perceives and how it did."""

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from bridge.control.ambient import THINKS_TICKS
from bridge.control.seeds import stream
from bridge.engine import Action, Actions, Engine, Loaded
from bridge.errors import Refused
from bridge.observation import Observation, observation
from bridge.scene import Scene
from bridge.sensors.moment import Sensor
from bridge.sensors.outfits import OUTFITS, Config, carried, sized_camera
from bridge.sensors.sensing import Sensing
from bridge.sensors.suite import SensorSuite
from bridge.tasks.task import LivingTask, Outcome, PeopledTask, Task
from bridge.types import Camera, Modality, WorldState


@dataclass(frozen=True)
class View:
    """Which camera of each agent is looked through: its name, what it gives, and its size [px]."""

    camera: str = "front"
    modalities: tuple[Modality, ...] = ("rgb", "depth")
    width: int = 128
    height: int = 96


@dataclass
class Episodes:
    """One task in one loaded scene. `ticks` of the engine pass a step; without a `view` there are no pictures.

    `sensors` are what every agent carries beside cameras: names ("lidar", "imu", "gps", "boxes", "boxes-3d", "touch",
    "flow"), as its kind carries them (`outfits`), or descriptions. They read when an Observation's readings are looked up.
    """

    task: Task[Any]
    scene: Scene
    engine: Engine
    ticks: int = 10
    view: View | None = None
    sensors: Sequence[str | Sensor] = ()
    outfits: Mapping[str, Config] = field(default_factory=lambda: OUTFITS)
    state: WorldState | None = None
    task_state: Any = None
    instructions: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.agents = self.task.agents(self.scene)
        self.loaded: Loaded = self.engine.load(self.scene)
        self.sensing = Sensing(self.engine, self.scene) if self.sensors else None

    def begin(self, seed: int) -> dict[str, Observation]:
        """A new episode; the same seed is the same episode."""
        begun = self.engine.reset(seed=seed)
        self.task_state, changes, briefings = self.task.setup(self.scene, stream(seed, "task"))
        self.state = self.engine.edit(changes)
        if self.sensing is not None:
            self.sensing.begin(begun, seed=seed)
            self.sensing.change(changes, self.state)
            self.sensing.carry({agent: self.suite(agent) for agent in self.agents})
        self.instructions = dict(briefings)
        return self._observed(self.agents)

    def step(self, actions: Actions) -> tuple[dict[str, Observation], Mapping[str, Outcome]]:
        """What each agent perceives after a step, and how it did; those who are done perceive no more. Raises Refused.

        A task that leads others does so ten times a second, and judges as often: rewards of a step add up.
        """
        self.now()
        done, outcomes = 0, {}
        while done < self.ticks:
            ticks = min(THINKS_TICKS, self.ticks - done) if isinstance(self.task, PeopledTask) else self.ticks
            for agent, outcome in self._on(actions if not done else {}, ticks).items():
                earlier = outcomes[agent].reward if agent in outcomes else 0.0
                outcomes[agent] = replace(outcome, reward=earlier + outcome.reward)
            done += ticks
        return self._observed(tuple(outcomes)), outcomes

    def _on(self, actions: Actions, ticks: int) -> Mapping[str, Outcome]:
        """Goes on for some ticks, and has the task judge them."""
        before = self.now()
        led = self.task.leads(self.task_state, before) if isinstance(self.task, PeopledTask) else {}
        self.state = self.engine.step({**led, **actions}, ticks)
        if self.sensing is not None:
            self.sensing.move_on(self.state)
        self.task_state, outcomes, briefings = self.task.advance(self.task_state, before, actions, self.state)
        self.instructions |= briefings
        if isinstance(self.task, LivingTask) and (changes := self.task.changes(self.task_state)):
            self.state = self.engine.edit(changes)
            if self.sensing is not None:
                self.sensing.change(changes, self.state)
        return outcomes

    def now(self) -> WorldState:
        """The present state. Raises Refused before an episode began."""
        if self.state is None:
            raise Refused("No episode has begun. Reset the environment first.")
        return self.state

    def picture(self, agent: str, *, camera: str = "follow", width: int = 640, height: int = 480) -> np.ndarray:
        """What a camera of an agent shows now, uint8 (height, width, 3)."""
        self.now()
        (frame,) = self.engine.observe([self._camera(agent, camera, width, height)], ["rgb"])
        assert frame.rgb is not None
        return np.array(frame.rgb)

    def close(self) -> None:
        """Lets the engine go."""
        self.engine.close()

    def _observed(self, agents: Sequence[str]) -> dict[str, Observation]:
        state = self.now()
        told = self.task.tells(self.task_state, state)
        frames = {}
        if self.view is not None and self.view.modalities and agents:
            view = self.view
            cameras = [self._camera(agent, view.camera, view.width, view.height) for agent in agents]
            frames = dict(zip(agents, self.engine.observe(cameras, view.modalities), strict=True))
        return {
            agent: observation(
                state, agent, frames=[frames[agent]] if agent in frames else (),
                instruction=self.instructions.get(agent, ""), told=told.get(agent), verbs=self.task.verbs,
                notes=self.task.shows(self.task_state, state, agent),
                readings=None if self.sensing is None else self.sensing.readings(agent),
            )
            for agent in agents
        }  # fmt: skip

    def suite(self, agent: str) -> SensorSuite:
        """What an agent carries; pictures that sensors look at have the view's size. Raises UnknownName, UnknownCamera."""
        scene = self.scene if self.sensing is None else self.sensing.present.scene
        view = self.view or View()
        names = {"front", *(outfit.camera for outfit in self.outfits.values())}
        found = [self._camera(agent, name, view.width, view.height) for name in sorted(names)]
        cameras = {camera.name: camera for camera in found if isinstance(camera, Camera)}
        return carried(agent, self.sensors, scene, cameras, outfits=self.outfits)

    def _camera(self, agent: str, camera: str, width: int, height: int) -> Camera | str:
        """An agent's camera at a size; by name where the engine did not describe it (newcomers)."""
        return sized_camera(agent, camera, self.loaded.cameras, width=width, height=height)


def still(agents: Sequence[str]) -> dict[str, Action]:
    """Everybody holds still."""
    return {agent: Action() for agent in agents}


def open_any(engine: str = "embedded", *, address: str = "", **options: Any) -> Engine:
    """An engine of that name in this process, or whatever serves at an address."""
    if address:
        from bridge.client import connect

        return connect(address)
    from bridge.engines import open_engine

    return open_engine(engine, **options)


@contextlib.contextmanager
def closing_on_error(engine: Engine):
    """Closes an engine if what is done with it first fails."""
    try:
        yield engine
    except BaseException:
        engine.close()
        raise
