"""One dream, from what was last really seen on: when frames become due, what the model is asked, and what is taken of its answer."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from bridge.control.seeds import stream
from bridge.episode import Edit, Episode, Step
from bridge.errors import EngineFailed, InvalidInput
from bridge.imagination import Course, Prediction, WorldModel
from bridge.robots.kinematics import gap
from world_models.cast import Cast
from world_models.memory import Instant, Memory

Array = NDArray[np.float64]
_GRIP, _WAY_M = 0.1, 0.1
"""How far a gripper and those whose way is given may be from what a frame supposed that was foreseen."""


@dataclass(frozen=True)
class Settings:
    """How one dreams. `seen_frames` are really seen before the dream begins: what moves and how fast cannot be told from one.

    The model is asked after every `chunk` frames; until it answers things stay as they were. With `ahead` frames it is asked for that
    many at once, as if everybody went on as told; they are kept as long as the body comes where it was supposed to, within `off_m` and
    `off_rad`. 0 asks for what was walked and no more.

    `keyframe_every` frames the real world is looked at again, which the inner engine, told the same, has gone on with: 0 is never.
    A model that needs depth is asked from the last seen moment on, or from the last of every `anchor_every` frames of which it
    gave depth. With `given_ways` what others on the road are told is where they go, and the model only pictures it; without, it imagines it.
    """

    seen_frames: int = 1
    chunk: int = 1
    ahead: int = 0
    off_m: float = 0.005
    off_rad: float = 0.02
    keyframe_every: int = 0
    anchor_every: int = 5
    given_ways: bool = False

    def __post_init__(self) -> None:
        if min(self.seen_frames, self.chunk, self.anchor_every) < 1 or min(self.ahead, self.keyframe_every) < 0:
            raise InvalidInput(
                f"A dream was to begin after {self.seen_frames} frames, ask every {self.chunk}, {self.ahead} ahead, with a keyframe every "
                f"{self.keyframe_every} and an anchor every {self.anchor_every}. Give 1 or more of the first two and the last, and 0 "
                "or more of the others."
            )
        if self.ahead and self.chunk > 1:
            raise InvalidInput(
                "A dream that asks ahead asks after every frame: give ahead, or a chunk above 1, not both."
            )


@dataclass(frozen=True, eq=False)
class Dreamt:
    """One frame of a dream, for those who look back: `rgb` uint8 (v,H,W,3), `success` and `trust` as the model told them, if it did.

    `is_seen` is True for what was drawn by the inner engine: what is seen before the dream begins, and keyframes.
    """

    tick: int
    time_s: float
    rgb: NDArray[np.uint8]
    is_seen: bool
    success: float | None = None
    trust: float | None = None


@dataclass(frozen=True, eq=False)
class _Foreseen:
    """A frame that will be if everybody comes where they were supposed to."""

    supposed: Instant
    prediction: Prediction
    index: int


class Dream:
    """The frames of one dream. `episode` has no events; `events` are the world's so far, that go on growing."""

    def __init__(
        self, model: WorldModel, settings: Settings, memory: Memory, episode: Episode, events: Sequence[Step | Edit],
        *, seed: int, frame_ticks: int, tick_s: float,
    ) -> None:  # fmt: skip
        self._model, self._settings, self.memory = model, settings, memory
        self._episode, self._events, self._seed = episode, events, seed
        self._frame_ticks, self._tick_s = frame_ticks, tick_s
        self._anchor, self._marks = len(memory), [len(events)] * len(memory)
        self._seen = len(memory)
        self._pending: list[Instant] = []
        self._foreseen: list[_Foreseen] = []
        self.moved: dict[str, Array] = {}
        self.removed: frozenset[str] = frozenset()

    def frame(self, tick: int, cast: Cast, told: frozenset[str]) -> list[Dreamt]:
        """A frame is due: what is imagined now, nothing as long as it waits for others. `told` are those who are told where to go."""
        names = tuple(thing.name for thing in self.memory.things)
        walked = Instant(tick * self._tick_s, cast.acting.body.copy(), cast.acting.gripper, cast.where(names))
        self._pending.append(walked)
        self._marks.append(len(self._events))
        if self._foreseen and self._comes_true(self._foreseen[0].supposed, walked):
            foreseen = self._foreseen.pop(0)
            return [self._taken(cast, foreseen.prediction, foreseen.index)]
        if len(self._pending) < self._settings.chunk:
            return []
        return self._asked(tick, cast, told)

    def forget_plans(self) -> None:
        """Nothing that was foreseen holds any more."""
        self._foreseen = []

    def _comes_true(self, supposed: Instant, walked: Instant) -> bool:
        """Whether everybody has come where a frame that was foreseen supposed them to be."""
        settings, off = self._settings, gap(supposed.body, walked.body)
        is_near = np.linalg.norm(off[:3]) <= settings.off_m and np.linalg.norm(off[3:]) <= settings.off_rad
        grips = abs((supposed.gripper or 0.0) - (walked.gripper or 0.0)) <= _GRIP
        ways = all(np.linalg.norm(pose[:3] - walked.poses[name][:3]) <= _WAY_M for name, pose in supposed.poses.items())
        return bool(is_near and grips and ways)

    def _asked(self, tick: int, cast: Cast, told: frozenset[str]) -> list[Dreamt]:
        """Asks the model for the frames that wait, and for some ahead of them; takes the former."""
        memory, info, settings = self.memory, self._model.info, self._settings
        first = self._anchor if info.needs_depth else len(memory)
        passed = [memory.at(row) for row in range(first, len(memory))]
        ahead = self._supposed(tick, cast, max(settings.ahead - len(self._pending), 0))
        way = [*passed, *self._pending, *ahead]
        grips = [one.gripper for one in way if one.gripper is not None]
        begun = self._marks[first - 1]
        deeds = [(event.actions, event.ticks) for event in self._events[begun:] if isinstance(event, Step)]
        course = Course(
            np.array([one.time_s for one in way]),
            np.stack([one.body for one in way]),
            np.array(grips) if len(grips) == len(way) else None,
            self._given(way, len(passed), told),
            self.removed,
            (*deeds, *[({}, self._frame_ticks)] * len(ahead)),
        )
        episode = replace(self._episode, events=tuple(self._events[:begun]))
        key = int(stream(self._seed, "dream", f"{memory.at(first - 1).time_s:.3f}").integers(1 << 31))
        prediction = self._model.predict(memory.past(first, episode), course, samples=1, seed=key)
        if prediction.rgb.shape[1:] != (len(way), *memory.shape):
            raise EngineFailed(
                f"The world model '{info.name}' was asked for {len(way)} frames of {memory.shape} and answered with pictures of "
                f"the shape {prediction.rgb.shape}. It has to answer with one frame a moment, in the views of the past."
            )
        index, waiting = len(passed), len(self._pending)
        taken = [self._taken(cast, prediction, index + row) for row in range(waiting)]
        self._foreseen = [_Foreseen(one, prediction, index + waiting + row) for row, one in enumerate(ahead)]
        if not info.needs_depth:
            self.moved = {}
        elif len(memory) - self._anchor >= settings.anchor_every and memory.has_depth:
            self._anchor, self.moved, self._foreseen = len(memory), {}, []
        return taken

    def _supposed(self, tick: int, cast: Cast, count: int) -> list[Instant]:
        """The next frames, if everybody goes on as told."""
        if not count:
            return []
        acting, ticks = cast.acting.copy(), self._frame_ticks
        names = tuple(thing.name for thing in self.memory.things) if self._settings.given_ways else ()
        ways = cast.ways(names, ticks, count)
        found = []
        for index in range(count):
            acting.advance(ticks)
            poses = {name: way[index] for name, way in ways.items()}
            found.append(
                Instant((tick + (index + 1) * ticks) * self._tick_s, acting.body.copy(), acting.gripper, poses)
            )
        return found

    def _given(self, way: Sequence[Instant], passed: int, told: frozenset[str]) -> dict[str, Array]:
        """The ways (n,7) of those whose way is given: what was moved by hand, and with `given_ways` who is told where to go."""
        given = {}
        for thing in self.memory.things:
            name = thing.name
            is_told = self._settings.given_ways and name in told
            if name in self.removed or not (is_told or name in self.moved):
                continue
            rows = [one.poses.get(name, thing.poses[-1]) for one in way]
            if name in self.moved:
                rows = [*rows[:passed], *[self.moved[name]] * (len(way) - passed)]
            given[name] = np.stack(rows)
        return given

    def _taken(self, cast: Cast, prediction: Prediction, index: int) -> Dreamt:
        """The first frame that waits is as the model says."""
        walked, memory = self._pending.pop(0), self.memory
        said = {name: np.asarray(way[0, index], dtype=np.float64) for name, way in prediction.poses.items()}
        said = {name: pose for name, pose in said.items() if name not in self.removed}
        rgb = prediction.rgb[0, index]
        before = memory.at(len(memory) - 1).poses
        body = said.get(cast.body, walked.body)
        depth = None if prediction.depth is None else prediction.depth[0, index]
        memory.add(replace(walked, body=body, poses={**walked.poses, **said}), rgb, depth)
        if not self._pending:
            cast.imagine(said, before, self._frame_ticks * self._tick_s)
        success = None if prediction.success is None else float(prediction.success[0, index])
        trust = None if prediction.trust is None else float(prediction.trust[index])
        return Dreamt(round(walked.time_s / self._tick_s), walked.time_s, rgb, False, success, trust)
