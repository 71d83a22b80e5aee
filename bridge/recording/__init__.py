"""Recordings: engines that remember what passes through them, and files that tell it again."""

from bridge.recording.reader import Recording
from bridge.recording.recorder import Recorder, record
from bridge.recording.tape import Habits

__all__ = ["Habits", "Recorder", "Recording", "record"]
