"""Engine episodes for calibration that can be seen again with a known change: a thing shifted, painted or gone, or another way of acting."""

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bridge.engine import Paint
from bridge.episode import Edit, Episode
from bridge.imagination import Past
from bridge.scene import Scene
from bridge.sensors.present import Present
from bridge.types import Camera, Renderer, WorldState
from evaluation.collect_episode import Take, run
from evaluation.collect_seen import SIGHTS, Sight, frames_at, seen
from evaluation.trial import Trial, made, world
from world_models.clips import Clip, read_shard
from world_models.views import FRAME_S, cameras

Array = NDArray[np.float64]
_OUT_OF_SIGHT_M = -50.0


@dataclass(frozen=True, eq=False)
class Staged:
    """An episode as a clip, and all it takes to look at it again."""

    clip: Clip
    episode: Episode
    states: tuple[WorldState, ...]
    scene: Scene
    looks: tuple[Camera, ...]
    sight: Sight

    def again(
        self,
        *,
        shifts: Mapping[str, Array] | None = None,
        gone: Sequence[str] = (),
        paints: Sequence[Paint] = (),
        since: int = 0,
    ) -> Past:
        """The episode seen again, from moment `since` on: things shifted by (3,) [m], out of sight, or painted.

        What is gone has poses that are nan.
        """
        events: tuple[Any, ...] = self.episode.events
        if paints:
            events = (*events, Edit(tuple(paints), self.states[-1]))
        changed = replace(self.episode, events=events)
        states = [_moved(state, shifts or {}, gone) for state in self.states[since:]]
        past = seen(changed, states, self.scene, _renderer(), self.looks, replace(self.sight, things=self._names()))
        things = tuple(replace(one, poses=np.full_like(one.poses, np.nan)) if one.name in gone else one for one in past.things)  # fmt: skip
        return replace(past, times_s=past.times_s + self.clip.seen.times_s[since], things=things)

    def _names(self) -> tuple[str, ...]:
        return tuple(one.name for one in self.clip.seen.things)


def staged(
    task: str, policy: str, policy_config: Any, *, seed: int, frames: int, town: str = "", task_config: Any = None
) -> Staged:
    """An episode of a policy: the same seed lays out the same things, whoever acts.

    `town` is a scene folder, "" the task's own place. Raises what rollouts, drawing and reading towns raise.
    """
    from bridge.formats.scene_folder import read_scene
    from bridge.recording import Recording
    from bridge.tasks.default_town import scene_for

    place = read_scene(Path(town)) if town else scene_for(made("bridge.tasks", task, "task", task_config))
    trial = Trial(town, place.digest(), task, policy, seed, task_config=task_config, policy_config=policy_config)
    with tempfile.TemporaryDirectory() as folder:
        shard, record = Path(folder) / "clip.npz", Path(folder) / "episode.mcap"
        run(Take(trial, policy, frames, clip=str(shard), recording=str(record)))
        (clip,) = read_shard(shard)
        with Recording(record) as opened:
            (episode,) = opened.episodes()
            episode.states()  # while the recording is open
    at_home = None if town else (task, task_config)
    scene, _, engine, loaded = world(town, trial.town_digest, trial.engine, trial.engine_config, at_home)
    sight = SIGHTS[task]
    if task == "drive":
        looks = tuple(replace(camera, mount=sight.body) for camera in clip.seen.cameras)
    else:
        looks = cameras(task, sight.agent, loaded.cameras)
    states = frames_at(episode, FRAME_S[task], len(clip))
    return Staged(clip, episode, states, Present(engine, scene).scene, looks, sight)


def _moved(state: WorldState, shifts: Mapping[str, Array], gone: Sequence[str]) -> WorldState:
    """A state with things elsewhere: shifted, or so far below that nothing shows them."""
    poses = np.array(state.poses, dtype=np.float64)
    for name, shift in shifts.items():
        poses[state.names.index(name), :3] += shift
    for name in gone:
        poses[state.names.index(name), 2] = _OUT_OF_SIGHT_M
    return replace(state, poses=poses)


@lru_cache(maxsize=1)
def _renderer() -> Renderer:
    from bridge.render import open_renderer

    return open_renderer()
