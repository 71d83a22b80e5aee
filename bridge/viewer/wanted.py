"""The pictures that watchers want: through which cameras, when the next are due, and that they cost no more than a share."""

import math
import time
from collections.abc import Callable, Iterable

from bridge.engine import Engine
from bridge.errors import NotRecorded, SimbridgeError, UnknownBody
from bridge.plugins import unknown_name
from bridge.viewer.news import News, Notice, Picture

PICTURE_EVERY_S = 0.1
_SHARE = 0.25
"""How much of the engine's time pictures may take."""
_SETTLES_S = 0.4
"""Engines draw no picture while the weather is still being turned: each one may cost them a second."""


class Wanted:
    """Who watches through which camera; used on the engine's thread alone."""

    def __init__(self, hear: Callable[[News], None]) -> None:
        self._hear = hear
        self._cameras: dict[object, str] = {}
        self._due_s, self._tick = -math.inf, -1

    def want(self, watcher: object, camera: str, known: Iterable[str]) -> None:
        """Pictures of this camera for a watcher from now on; "" for none. Raises UnknownBody."""
        self._cameras.pop(watcher, None)
        self._tick, self._due_s = -1, min(self._due_s, time.monotonic() + PICTURE_EVERY_S)
        if camera:
            if camera not in set(known):
                raise UnknownBody(unknown_name("camera", camera, known))
            self._cameras[watcher] = camera

    def outdated(self) -> None:
        """The last pictures no longer show the world, though its tick may be the same."""
        self._tick = -1

    def after_the_light(self) -> None:
        """The next pictures are due when the weather, which has changed, has settled."""
        self._tick, self._due_s = -1, time.monotonic() + _SETTLES_S

    def due_s(self, tick: int) -> float:
        """When, on the monotonic clock, pictures of a world at this tick are due [s]; infinity if nobody wants any."""
        return self._due_s if self._cameras and self._tick != tick else math.inf

    def take(self, engine: Engine, tick: int, sky: int) -> None:
        """Takes them and tells of them; `sky` numbers the light they show."""
        names = tuple(dict.fromkeys(self._cameras.values()))
        began = time.monotonic()
        try:
            frames = engine.observe(names, ("rgb",))
        except NotRecorded:  # a recording has pictures of some ticks only: the last one stays
            self._tick = tick
            return
        except SimbridgeError as error:
            self._cameras.clear()
            self._hear(Notice(f"There are no pictures: {error}", ends_pictures=True))
            return
        took = time.monotonic() - began
        self._due_s, self._tick = began + max(PICTURE_EVERY_S, took / _SHARE), tick
        for frame in frames:
            assert frame.rgb is not None
            self._hear(Picture(frame.camera, frame.tick, frame.rgb, sky))
