"""Words in, a town out: `generate("a rainy harbor town", seed=0)` gives a complete, checked scene."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from scene_gen.pipeline import generate, make_town

__all__ = ["generate", "make_town"]


def __getattr__(name: str) -> Any:
    """Imports the pipeline when it is first asked for, so that `scenegen --help` need not."""
    if name not in __all__:
        raise AttributeError(f"module 'scene_gen' has no attribute '{name}'")
    from scene_gen import pipeline

    return getattr(pipeline, name)
