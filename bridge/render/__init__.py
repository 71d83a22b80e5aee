"""Renderers for engines that have none: `open_renderer` picks one that works here."""

import logging
from importlib import import_module
from typing import Any

from bridge.errors import RendererUnavailable
from bridge.plugins import load
from bridge.types import Renderer

_LOG = logging.getLogger(__name__)
_PREFERRED = ("gl", "rays")


def open_renderer(name: str = "auto", **options: Any) -> Renderer:
    """A renderer by name, or the first of gl and rays that works here; options are the fields of its Config.

    Raises RendererUnavailable, with what to install, where none does.
    """
    if name != "auto":
        return _made(name, options)
    reasons = []
    for candidate in _PREFERRED:
        try:
            renderer = _made(candidate, options)
        except RendererUnavailable as error:
            _LOG.info("renderer %s is not available: %s", candidate, error)
            reasons.append(f"{candidate}: {error}")
        else:
            _LOG.info("drawing with renderer %s", candidate)
            return renderer
    raise RendererUnavailable("No renderer works here. " + " ".join(reasons))


def _made(name: str, options: dict[str, Any]) -> Renderer:
    known = name in _PREFERRED
    module = import_module(f"bridge.render.{name}") if known else load("bridge.render", name, what="renderer")
    return module.make(module.Config(**options))
