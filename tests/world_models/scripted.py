"""A world model for tests that imagines what it is told to: things that go to given places at given frames, pictures of one colour a frame."""

from collections.abc import Mapping

import numpy as np

from bridge.imagination import Course, ModelInfo, Past, Prediction


class Scripted:
    """From frame `at` on each thing is where `moves` says (7,); frame k is all of the value k. `asked` holds what it was asked."""

    def __init__(self, moves: Mapping[str, tuple[int, np.ndarray]] | None = None, **info) -> None:
        self.info = ModelInfo("scripted", "any", **info)
        self.moves = dict(moves or {})
        self.asked: list[tuple[Past, Course, int]] = []
        self.is_closed = False

    def predict(self, past: Past, course: Course, *, samples: int = 1, seed: int = 0) -> Prediction:
        self.asked.append((past, course, seed))
        first, n = len(past.times_s), len(course.times_s)
        frames = np.arange(first, first + n)
        rgb = np.broadcast_to(
            frames[None, :, None, None, None, None].astype(np.uint8), (samples, n, *past.rgb.shape[1:])
        )
        poses = {}
        for name, (at, pose) in self.moves.items():
            thing = next(one for one in past.things if one.name == name)
            rows = [pose if frame >= at else thing.poses[-1] for frame in frames.tolist()]
            poses[name] = np.stack(rows)[None]
        success = np.clip(frames / 10.0, 0.0, 1.0)[None]
        return Prediction(course.times_s, rgb, poses, success=success, trust=np.full(n, 0.5))

    def close(self) -> None:
        self.is_closed = True
