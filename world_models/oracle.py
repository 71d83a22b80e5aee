"""The engine itself posing as a world model: it goes back to the past's world, acts, and draws what comes of it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from bridge.engine import Actions, Change, Engine
from bridge.engines import open_engine
from bridge.episode import Edit, Episode
from bridge.errors import InvalidInput
from bridge.frames import matrix_from_quat, quat_product
from bridge.imagination import Course, ModelInfo, Past, Prediction
from bridge.scene import Scene
from bridge.types import Camera, Pose, WorldState
from world_models.asked import check_asked
from world_models.moments import look

Array = NDArray[np.float64]
Told = Actions | Sequence[Change]


@dataclass(frozen=True)
class Config:
    """`engine` is the one that poses; `renderer` draws for it."""

    engine: str = "embedded"
    renderer: str = "auto"


class Oracle:
    """The ceiling: wrong only by what engine and renderer do not repeat. It needs where a past comes from and the course's actions.

    Beside the things it predicts the body that acts. Its world stays where a prediction ended: who goes on from there with the same
    actions does not wait for a new beginning.
    """

    info = ModelInfo("oracle", "any")

    def __init__(self, config: Config) -> None:
        self._config = config
        self._engine: Engine | None = None
        self._scene: Scene | None = None
        self._seed: int | None = None
        self._told: list[tuple[int, Told]] = []
        self._state: WorldState | None = None

    def predict(self, past: Past, course: Course, *, samples: int = 1, seed: int = 0) -> Prediction:
        """What the engine makes of the course's actions; its body need not take the course's way. All samples are alike.

        Raises InvalidInput for a past that does not say its scene and episode, or actions that do not last as long as the course.
        """
        check_asked(past, course, samples)
        if past.scene is None or past.episode is None or past.episode.seed is None:
            raise InvalidInput(
                "The oracle goes back to where a past comes from, and this one does not say: give Past.scene and Past.episode, "
                "with the seed of its reset."
            )
        body = _acting(past, past.episode)
        state = self._brought(past.scene, past.episode)
        names = [body, *(thing.name for thing in past.things if thing.name in state.names)]
        shown, ways = [], []
        for now in self._moments(state, course):
            assert self._engine is not None
            shown.append(look(self._engine, [_in_world(camera, now, body) for camera in past.cameras]).rgb)
            ways.append(np.stack([now.poses[now.names.index(name)] for name in names]))
        rgb = np.stack(shown)[None].repeat(samples, axis=0)
        poses = np.stack(ways)[None].repeat(samples, axis=0)
        found = {name: poses[:, :, row] for row, name in enumerate(names)}
        return Prediction(course.times_s, rgb, found, trust=np.ones(len(course.times_s)))

    def _moments(self, state: WorldState, course: Course) -> Iterator[WorldState]:
        """The states at the course's moments, as its actions lead there."""
        assert self._engine is not None
        tick_s = self._engine.info.tick_s
        pieces = iter(course.actions)
        actions, left = next(pieces, ({}, 0))
        for time_s in course.times_s.tolist():
            while (missing := round((time_s - state.time_s) / tick_s)) > 0:
                if not left:
                    actions, left = next(pieces, ({}, 0))
                if not left:
                    raise InvalidInput(
                        f"The course goes on until {course.times_s[-1]:g} s, and its actions end at {state.time_s:g} s. Give "
                        "Course.actions for all of it."
                    )
                run = min(left, missing)
                state = self._step(actions, run)
                actions, left = {}, left - run
            yield state

    def _brought(self, scene: Scene, episode: Episode) -> WorldState:
        """The state that an episode ended in: from where the engine is, if that is on the way, or from the episode's reset."""
        told, tick = _telling(episode)
        if self._engine is None:
            self._engine = open_engine(self._config.engine, renderer=self._config.renderer)
        if self._scene is not scene:
            self._engine.load(scene)
            self._scene, self._state = scene, None
        state, known = self._state, len(self._told)
        is_on_the_way = (
            state is not None
            and self._seed == episode.seed
            and state.tick <= tick
            and len(told) >= known
            and all(a == b[0] and c is b[1] for (a, c), b in zip(self._told, told, strict=False))
            and all(at >= state.tick for at, _ in told[known:])
        )
        if not is_on_the_way or state is None:
            assert episode.seed is not None
            self._seed, self._told, known = episode.seed, [], 0
            state = self._state = self._engine.reset(seed=episode.seed)
        ends = [at for at, _ in told[known + 1 :]] + [tick]
        for (at, what), until in zip(told[known:], ends, strict=False):
            if at > state.tick:
                state = self._step({}, at - state.tick)
            if isinstance(what, Mapping):
                state = self._step(what, until - at)
            else:
                state = self._state = self._engine.edit(what)
                self._told.append((at, what))
        return self._step({}, tick - state.tick) if tick > state.tick else state

    def _step(self, actions: Actions, ticks: int) -> WorldState:
        assert self._engine is not None
        assert self._state is not None
        if actions:
            self._told.append((self._state.tick, actions))
        self._state = self._engine.step(actions, ticks)
        return self._state

    def close(self) -> None:
        """Closes the engine."""
        if self._engine is not None:
            self._engine.close()
        self._engine = self._scene = self._state = None


def _telling(episode: Episode) -> tuple[list[tuple[int, Told]], int]:
    """What a world was told and changed by, each at its tick, and the tick at which the episode ends; time that only passes is not told."""
    told: list[tuple[int, Told]] = []
    tick = episode.begin.state.tick
    for event in episode.events:
        if isinstance(event, Edit):
            told.append((tick, event.changes))
        else:
            if event.actions:
                told.append((tick, event.actions))
            tick += event.ticks
    return told, tick


def _acting(past: Past, episode: Episode) -> str:
    """The name of the past's body: the one that is where it is at the past's first moment."""
    states = [state for state in episode.states() if abs(state.time_s - past.times_s[0]) < 1e-6]
    if not states:
        raise InvalidInput(
            f"The past begins at {past.times_s[0]:g} s, and no state of its episode is of that moment. Begin it at one that is."
        )
    away = np.linalg.norm(states[-1].poses[:, :3] - past.body[0, :3], axis=1)
    near = int(np.argmin(away))
    if away[near] > 1e-3:
        raise InvalidInput(
            f"The past's body is at {past.body[0, :3].round(3).tolist()}, and nothing of its episode is: the nearest is "
            f"'{states[-1].names[near]}', {away[near]:.3f} m away. Give the body of that episode."
        )
    return states[-1].names[near]


def _in_world(camera: Camera, state: WorldState, body: str) -> Camera:
    """A past's camera where it is now."""
    if camera.mount == "world":
        return camera
    pose = state.poses[state.names.index(body if camera.mount == "body" else camera.mount)]
    own = camera.mount_from_camera
    at = pose[:3] + matrix_from_quat(pose[3:]) @ own.position
    return replace(camera, mount="world", mount_from_camera=Pose(at, quat_product(pose[3:], own.quat_wxyz)))


def make(config: Config) -> Oracle:
    """The model, without an engine until it is asked."""
    return Oracle(config)
