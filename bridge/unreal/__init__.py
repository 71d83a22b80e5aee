"""The way to Unreal with our plug-in: the line, scenes told piece by piece, frames proven of their tick.

An engine (bridge/engines/unreal) and a renderer (bridge/render/unreal.py) are made of it. Not run against a real Unreal
here: what it was tried on is simbridge-fake-ue, the plug-in's own core with a small world behind it.
"""

from bridge.unreal.channel import Channel, Reach, reach
from bridge.unreal.looks import Looks
from bridge.unreal.telling import tell

__all__ = ["Channel", "Looks", "Reach", "reach", "tell"]
