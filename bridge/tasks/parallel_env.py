"""A task as a PettingZoo ParallelEnv: several agents at once, each with its own goal, on any engine."""

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from gymnasium.spaces import Space
from pettingzoo import ParallelEnv

from bridge.control.seeds import stream
from bridge.observation import Observation
from bridge.plugins import load
from bridge.scene import Scene
from bridge.sensors.moment import Sensor
from bridge.sensors.outfits import OUTFITS, Config
from bridge.tasks.default_town import scene_for
from bridge.tasks.episodes import Episodes, View, closing_on_error, open_any
from bridge.tasks.spaces import Kind, action, action_space, observation_space, seen


class TaskParallelEnv(ParallelEnv[str, dict[str, np.ndarray], Any]):
    """All agents of a task; the parameters are those of `TaskEnv`. Who is done leaves `agents`."""

    metadata = {"name": "simbridge_task_v0", "render_modes": ["rgb_array"], "is_parallelizable": True}  # noqa: RUF012

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
        usual = dict(getattr(module, "ENVIRONMENT", {})) | _two_agents(module.Config)
        made = module.make(module.Config(**(usual | options)))
        self.render_mode = render_mode
        self._actions: Kind = actions
        view = View(width=size[0], height=size[1], modalities=("rgb", "depth") if cameras else ())
        with closing_on_error(open_any(engine, address=address)) as opened:
            self.episodes = Episodes(made, scene_for(made, town), opened, ticks, view, sensors, outfits)
            self.possible_agents = list(self.episodes.agents)
            self._sensors = {agent: self.episodes.suite(agent).sensors for agent in self.possible_agents}
            self.observation_spaces = {
                agent: observation_space(made.told, view, self._sensors[agent]) for agent in self.possible_agents
            }
        self.agents: list[str] = []
        self.action_spaces = {agent: action_space(actions, made) for agent in self.possible_agents}
        self._next_seed = stream(0, "parallel resets")

    def observation_space(self, agent: str) -> Space:
        """The same object every time."""
        return self.observation_spaces[agent]

    def action_space(self, agent: str) -> Space:
        """The same object every time."""
        return self.action_spaces[agent]

    def reset(
        self, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[dict[str, dict[str, np.ndarray]], dict[str, dict[str, Any]]]:
        """A new episode; without a seed the next of the stream that the last seed began."""
        if seed is not None:
            self._next_seed = stream(seed, "parallel resets")
        begun = self.episodes.begin(seed if seed is not None else int(self._next_seed.integers(1 << 31)))
        self.agents = list(self.possible_agents)
        pictures = {agent: self._seen(agent, observed) for agent, observed in begun.items()}
        return pictures, {agent: {"instruction": observed.instruction} for agent, observed in begun.items()}

    def step(self, actions: dict[str, Any]) -> tuple[dict, dict, dict, dict, dict]:
        """One step of `ticks` for all who are not done; who has no action holds still."""
        task, now = self.episodes.task, self.episodes.now()
        told = {
            agent: action(self._actions, actions[agent], task, now, agent) for agent in self.agents if agent in actions
        }
        observed, outcomes = self.episodes.step(told)
        self.agents = [agent for agent in self.agents if not (outcomes[agent].terminated or outcomes[agent].truncated)]
        return (
            {agent: self._seen(agent, observed[agent]) for agent in outcomes},
            {agent: outcome.reward for agent, outcome in outcomes.items()},
            {agent: outcome.terminated for agent, outcome in outcomes.items()},
            {agent: outcome.truncated for agent, outcome in outcomes.items()},
            {agent: dict(outcome.info) for agent, outcome in outcomes.items()},
        )

    def render(self) -> Any:
        """The first agent from behind, uint8 (480, 640, 3), in render mode "rgb_array"."""
        if self.render_mode != "rgb_array":
            return None
        return self.episodes.picture((self.agents or self.possible_agents)[0])

    def _seen(self, agent: str, observed: Observation) -> dict[str, np.ndarray]:
        return seen(observed, self.episodes.view, self._sensors[agent])

    def close(self) -> None:
        """Lets the engine go."""
        self.episodes.close()


def _two_agents(config: type) -> dict[str, int]:
    """Two agents by default, for tasks that may have several."""
    return {"agents": 2} if any(field.name == "agents" for field in dataclasses.fields(config)) else {}
