"""A task as a Gymnasium environment: one agent, on any engine."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np

from bridge.observation import Observation
from bridge.plugins import load
from bridge.scene import Scene
from bridge.sensors.moment import Sensor
from bridge.sensors.outfits import OUTFITS, Config
from bridge.tasks.default_town import scene_for
from bridge.tasks.episodes import Episodes, View, closing_on_error, open_any
from bridge.tasks.spaces import Kind, action, action_space, observation_space, seen


class TaskEnv(gymnasium.Env[dict[str, np.ndarray], Any]):
    """The first agent of a task, in `town` (a folder, a scene, or None for what comes along: the hamlet, or the task's own table).

    `engine` is a name from `simbridge engines`; with an `address` a running server does the work, and gets the town.
    `actions` is "continuous" or "discrete" (see bridge.tasks.spaces); `cameras` adds the front camera's `rgb` and
    `depth` to the observation, `size` (width, height) [px]. `sensors` adds more, by name ("lidar", "imu", "gps", "boxes",
    "boxes-3d", "touch", "flow": see bridge.tasks.sensed for shapes, units and frames), as the agent's kind carries them
    (`outfits`, see bridge.sensors.outfits), or as descriptions of your own; `observed.readings` has them whole. A step
    takes `ticks` of 20 ms. What is left in `options` are fields of the task's Config; a task may have others for
    environments than elsewhere (its module's ENVIRONMENT).
    """

    metadata = {"render_modes": ["rgb_array"], "render_fps": 5}  # noqa: RUF012

    def __init__(
        self,
        task: str = "navigate",
        town: Scene | Path | str | None = None,
        engine: str = "embedded",
        address: str = "",
        actions: Kind = "continuous",
        cameras: bool = False,
        size: tuple[int, int] = (128, 96),
        sensors: Sequence[str | Sensor] = (),
        outfits: Mapping[str, Config] = OUTFITS,
        ticks: int = 10,
        render_mode: str | None = None,
        **options: Any,
    ) -> None:
        module = load("bridge.tasks", task, what="task")
        made = module.make(module.Config(**(dict(getattr(module, "ENVIRONMENT", {})) | options)))
        self.render_mode = render_mode
        self._actions: Kind = actions
        view = View(width=size[0], height=size[1], modalities=("rgb", "depth") if cameras else ())
        with closing_on_error(open_any(engine, address=address)) as opened:
            self.episodes = Episodes(made, scene_for(made, town), opened, ticks, view, sensors, outfits)
            self.agent = self.episodes.agents[0]
            self._sensors = self.episodes.suite(self.agent).sensors
            self.observation_space = observation_space(made.told, view, self._sensors)
        self.action_space = action_space(actions, made)
        self.metadata = {**self.metadata, "render_fps": round(50 / ticks)}
        self.observed: Observation | None = None

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
        """A new episode; without a seed the next of the stream that the last seed began."""
        super().reset(seed=seed)
        begun = self.episodes.begin(seed if seed is not None else int(self.np_random.integers(1 << 31)))
        self.observed = begun[self.agent]
        return self._seen(self.observed), {"instruction": self.observed.instruction}

    def step(self, action_: Any) -> tuple[dict[str, np.ndarray], float, bool, bool, dict[str, Any]]:
        """One step of `ticks`; terminated when the task is over, truncated when its time is."""
        told = action(self._actions, action_, self.episodes.task, self.episodes.now(), self.agent)
        observed, outcomes = self.episodes.step({self.agent: told})
        self.observed, outcome = observed[self.agent], outcomes[self.agent]
        beside = {**outcome.info, "instruction": self.observed.instruction}
        picture = self._seen(self.observed)
        return picture, outcome.reward, outcome.terminated, outcome.truncated, beside

    def render(self) -> Any:
        """The agent from behind, uint8 (480, 640, 3), in render mode "rgb_array"."""
        return self.episodes.picture(self.agent) if self.render_mode == "rgb_array" else None

    def _seen(self, observed: Observation) -> dict[str, np.ndarray]:
        return seen(observed, self.episodes.view, self._sensors)

    def close(self) -> None:
        """Lets the engine go."""
        self.episodes.close()
