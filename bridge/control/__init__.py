"""Minds of things that move, on a scene's navigation graph: the same on every engine."""

from bridge.control.ambient import Ambient
from bridge.control.company import Board, Follow
from bridge.control.going import Controller, GoTo
from bridge.control.town import Town

__all__ = ["Ambient", "Board", "Controller", "Follow", "GoTo", "Town"]
