"""The vocabulary of simbridge (scenes, poses, frames, errors) and the way to its engines."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bridge.client import connect
    from bridge.client_async import connect_async

__all__ = ["connect", "connect_async"]

_HOMES = {"connect": "bridge.client", "connect_async": "bridge.client_async"}
"""Where names live that need gRPC, so that the vocabulary alone does not."""


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'bridge' has no attribute '{name}'")
