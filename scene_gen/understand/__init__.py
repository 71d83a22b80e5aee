"""Sentence in, Brief out: `understand` reads a sentence, `describe` says in one line what was read."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from scene_gen.understand.reader import understand
    from scene_gen.understand.summary import describe

__all__ = ["describe", "understand"]


def __getattr__(name: str) -> Any:
    """The two functions, loaded when first asked for, so that importing the package costs nothing."""
    if name == "understand":
        from scene_gen.understand.reader import understand

        return understand
    if name == "describe":
        from scene_gen.understand.summary import describe

        return describe
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
