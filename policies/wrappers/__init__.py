"""Policies around policies: chunks of actions, frames left out, noise, and a record of what was decided."""

from policies.wrappers.chunks import Chunks
from policies.wrappers.frame_skip import FrameSkip
from policies.wrappers.noise import LEVELS, Level, Noise
from policies.wrappers.written import Written

__all__ = ["LEVELS", "Chunks", "FrameSkip", "Level", "Noise", "Written"]
