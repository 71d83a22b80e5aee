"""One collected episode: a rollout, recorded as states and actions, then seen through the views of its task and kept as a clip."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from bridge.engine import Action
from bridge.errors import EngineFailed, InvalidInput
from bridge.observation import Observation
from bridge.scene import Scene
from bridge.sensors.present import Present
from bridge.tasks.task import Outcome
from bridge.types import Camera, Renderer, WorldState
from evaluation.collect_seen import SIGHTS, frames_at, seen
from evaluation.lasting import STANDS, lasting
from evaluation.trial import Trial, made, world
from policies.policy import Policy
from world_models.clips import Clip, write_shard
from world_models.views import FRAME_S, cameras, windscreen

RUN = "evaluation.collect_episode:run"
_FINE_S = 0.1
"""How long rollouts' steps are at most while somebody acts."""


@dataclass(frozen=True)
class Take:
    """An episode to be collected: the `trial`, by a `behaviour` of that name, `frames` of it from `from_s` on.

    The clip goes to `clip`, and the recording to `recording` unless that is "".
    """

    trial: Trial
    behaviour: str
    frames: int
    from_s: float = 0.0
    clip: str = ""
    recording: str = ""


def run(take: Take) -> dict[str, Any]:
    """Runs the episode and writes its clip; what the store keeps of it. Raises what loading, setting up and drawing raise, and
    EngineFailed where the engine gave up.
    """
    from bridge.recording import Recorder, Recording
    from evaluation.rollout import Settings, rollout

    trial = take.trial
    at_home = None if trial.town else (trial.task, trial.task_config)
    scene, town, engine, loaded = world(trial.town, trial.town_digest, trial.engine, trial.engine_config, at_home)
    frame_s = FRAME_S[trial.task]
    lasts_s = take.from_s + (take.frames - 1) * frame_s
    task = lasting(made("bridge.tasks", trial.task, "task", trial.task_config), max(lasts_s, _FINE_S))
    (agent,) = task.agents(scene)
    stands: dict[int, bool] = {}

    def note(state: WorldState, outcomes: Mapping[str, Outcome]) -> None:
        stands[state.tick] = bool(outcomes[agent].info[STANDS])

    path = Path(take.clip)
    path.parent.mkdir(parents=True, exist_ok=True)
    recorded = Path(take.recording) if take.recording else path.with_suffix(".mcap")
    recorded.parent.mkdir(parents=True, exist_ok=True)
    recorded.unlink(missing_ok=True)  # left by an attempt that did not end
    recorder = Recorder(engine, scene=scene)
    recorder.describe(task=trial.task, policies={agent: take.behaviour})
    recorder.start(recorded, has_scene=False)
    hearing = _Hearing(made("policies", trial.policy, "policy", trial.policy_config))
    try:
        try:
            result = rollout(
                task, scene, recorder, {agent: hearing}, seed=trial.seed, on_step=note, town=town,
                settings=Settings(coarse=False), names={agent: take.behaviour},
            )  # fmt: skip
        finally:
            recorder.stop()
        if result.ended == "engine":
            raise EngineFailed(f"At {result.simulated_s:.1f} s of the episode: {result.failure}")
    except BaseException:
        world.cache_clear()
        engine.close()
        raise
    row = result.rows[agent]
    if row["mind_errors"]:
        why = next((e.details["why"] for e in result.events if e.kind == "mind errors"), "")
        raise InvalidInput(f"Policy '{trial.policy}' cannot act in task '{trial.task}': {why}")
    with Recording(recorded) as opened:
        (episode,) = opened.episodes()
    states = frames_at(episode, frame_s, take.frames, from_s=take.from_s)
    shown = Present(engine, scene).scene
    looked = cameras(trial.task, agent, {**loaded.cameras, **_windscreen(shown, agent)})
    sight = SIGHTS[trial.task]
    past = seen(episode, states, shown, _renderer(), looked, sight, instruction=hearing.instruction)
    judged = np.array(sorted(stands))
    success = [stands[int(judged[min(np.searchsorted(judged, state.tick), len(judged) - 1)])] for state in states]
    rows = {name: value for name, value in row.items() if name not in _COUNTS}
    clip = Clip(
        trial.task, past, np.array(success, dtype=bool), str(getattr(trial.task_config, "skill", "")), take.behaviour,
        trial.seed, trial.town_digest, rows,
    )  # fmt: skip
    write_shard(path, [clip])
    size = recorded.stat().st_size
    if not take.recording:
        recorded.unlink()
    return {"rows": rows, "frames": len(clip), "success": bool(success[-1]), "recording_bytes": size,
            "wall_s": result.wall_s, "simulated_s": result.simulated_s}  # fmt: skip


_COUNTS = ("terminated", "truncated", "decisions", "refused", "skills_failed", "mind_errors", "mind_timeouts", STANDS)
"""What rollouts say in rows that is nothing to learn from."""


class _Hearing:
    """A Policy that keeps what its inner policy was told to do, in words."""

    def __init__(self, inner: Policy) -> None:
        self._inner, self.instruction = inner, ""

    def reset(self, *, seed: int, agent: str, instruction: str) -> None:
        self.instruction = instruction
        self._inner.reset(seed=seed, agent=agent, instruction=instruction)

    def act(self, observation: Observation) -> Action:
        return self._inner.act(observation)

    def close(self) -> None:
        self._inner.close()


def _windscreen(scene: Scene, agent: str) -> dict[str, Camera]:
    """The front camera of a car that was spawned, which an engine did not know of when it loaded the scene."""
    for group in scene.placements:
        asset = scene.assets[group.asset]
        if agent in group.names and asset.semantic == "vehicle":
            camera = windscreen(agent, (np.array(asset.size) * group.scale[group.names.index(agent)]).tolist())
            return {camera.name: camera}
    return {}


@lru_cache(maxsize=1)
def _renderer() -> Renderer:
    """One for all episodes of a process."""
    from bridge.render import open_renderer

    return open_renderer()
