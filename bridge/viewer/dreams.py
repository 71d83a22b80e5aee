"""A thread that watches the dream beside a served world, and tells it as news."""

import logging
import threading
from collections.abc import Callable

from bridge.errors import SimbridgeError
from bridge.imagining import RemoteModel
from bridge.viewer.news import News

_log = logging.getLogger("simbridge.viewer")


class Dreams:
    """Watches from `start` to `close`; where there is no model beside the world, nothing is told."""

    def __init__(self, connect: Callable[[], RemoteModel | None], tell: Callable[[News], None]) -> None:
        self._connect, self._tell = connect, tell
        self._is_over = False
        self._model: RemoteModel | None = None
        self._thread = threading.Thread(target=self._watch, name="dreams", daemon=True)

    def start(self) -> None:
        """Begins to watch."""
        self._thread.start()

    def close(self) -> None:
        """Hangs up."""
        self._is_over = True
        if self._model is not None:
            self._model.close()
        self._thread.join(5.0)

    def _watch(self) -> None:
        try:
            self._model = self._connect()
            if self._model is None or self._is_over:
                return
            for dream in self._model.watch():
                if self._is_over:
                    return
                self._tell(dream)
        except SimbridgeError as error:
            if not self._is_over:
                _log.warning("the dream is not seen any more: %s", error)
