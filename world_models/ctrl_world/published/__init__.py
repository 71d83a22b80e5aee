"""Ctrl-World as it was published (Guo et al., arXiv 2510.10125): 1.5 billion parameters, for those who have the weights."""

from typing import TYPE_CHECKING

from bridge.errors import Unavailable
from world_models.ctrl_world.published.config import Published

if TYPE_CHECKING:
    from world_models.ctrl_world.published.model import PublishedCtrlWorld

__all__ = ["Published", "make_published"]


def make_published(config: Published) -> "PublishedCtrlWorld":
    """The world model of a folder of weights.

    Raises Unavailable where PyTorch, diffusers or transformers are not installed or files are not there, and InvalidInput
    for weights that do not fit.
    """
    try:
        from world_models.ctrl_world.published import model
    except ModuleNotFoundError as error:
        raise Unavailable(
            f'Ctrl-World needs {error.name}, which is not installed. Install it: pip install "simbridge[world-models]"'
        ) from error
    return model.make_published(config)
