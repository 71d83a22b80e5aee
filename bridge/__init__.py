"""The vocabulary of simbridge (scenes, poses, frames, errors) and the way to its engines."""

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

from bridge.arrival import register_with_gymnasium

if TYPE_CHECKING:
    from bridge.client import connect
    from bridge.client_async import connect_async
    from bridge.credentials import Tls
    from bridge.engines import open_engine as open
    from bridge.formats.scene_folder import read_scene
    from bridge.recording import record

__all__ = ["Tls", "connect", "connect_async", "open", "read_scene", "record"]

_HOMES = {
    "Tls": ("bridge.credentials", "Tls"),
    "connect": ("bridge.client", "connect"),
    "connect_async": ("bridge.client_async", "connect_async"),
    "open": ("bridge.engines", "open_engine"),
    "read_scene": ("bridge.formats.scene_folder", "read_scene"),
    "record": ("bridge.recording", "record"),
}
"""Where names live that need more than NumPy, so that the vocabulary alone does not."""


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        module, attribute = _HOMES[name]
        return getattr(import_module(module), attribute)
    raise AttributeError(f"module 'bridge' has no attribute '{name}'")


os.environ.setdefault("GRPC_VERBOSITY", "ERROR")  # what gRPC tells of every handshake that failed is no user's news
register_with_gymnasium()
