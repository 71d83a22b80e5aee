"""Makes frames of what is answered, part by part, while it comes."""

from collections.abc import Callable

from bridge.codec import Album
from bridge.errors import DamagedData, SimbridgeError
from bridge.types import Frame
from bridge.v1 import engine_service_pb2 as pb


class ArrivingFrames:
    """The frames of one answer; see bridge.deeds.TakesFrames. What is wrong with a part is raised when they are asked for."""

    def __init__(self, make_album: Callable[[], Album]):
        self._make, self._album = make_album, make_album()
        self._error: SimbridgeError | None = None

    def begin(self) -> None:
        """An answer begins, or another attempt at it."""
        self._album, self._error = self._make(), None

    def take(self, part: pb.FramePart) -> None:
        """The next part of it. After one that is wrong the others are of no use."""
        if self._error is None:
            try:
                self._album.add(part)
            except SimbridgeError as error:
                self._error = error

    def frames(self) -> tuple[Frame, ...]:
        """One frame a camera, in the order asked for. Raises InvalidInput, DamagedData."""
        if self._error is not None:
            raise self._error
        return self._album.frames()


class Sightings:
    """Makes frames of the answers to a watch, part by part."""

    def __init__(self, make_album: Callable[[], Album]):
        self._make, self._album, self._dropped = make_album, make_album(), 0

    def add(self, answer: pb.WatchResponse) -> tuple[tuple[Frame, ...], int] | None:
        """The frames of one tick and how many ticks were left out before it, when its last part has come."""
        try:
            self._album.add(answer.part)
        except DamagedData:  # too slow for the ring: that tick is left out, too
            self._album, self._dropped = self._make(), self._dropped + 1
            return None
        if not self._album.is_complete():
            return None
        made = self._album.frames(), answer.dropped + self._dropped
        self._album, self._dropped = self._make(), 0
        return made
