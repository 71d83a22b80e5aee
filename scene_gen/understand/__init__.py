"""Sentence in, Brief out."""

from scene_gen.understand.describe import describe
from scene_gen.understand.reader import understand

__all__ = ["describe", "understand"]
