"""Recordings in formats of others: one file a format."""

from pathlib import Path
from typing import Protocol

from bridge.recording.reader import Recording


class RecordingExporter(Protocol):
    """Writes a recording in one format."""

    def export(self, recording: Recording, out: Path) -> tuple[Path, ...]:
        """Writes to `out`, which must not be there yet; the files written. Raises OutputExists."""
        ...
