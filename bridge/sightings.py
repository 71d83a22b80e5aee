"""Makes frames of what a watch answers, part by part."""

from typing import Any

from bridge.errors import DamagedData
from bridge.types import Frame
from bridge.v1 import engine_service_pb2 as pb


class Sightings:
    """Makes frames of the answers to a watch, part by part."""

    def __init__(self, make_album: Any):
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
