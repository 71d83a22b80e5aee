"""GeoDrive as it was published (Chen et al., arXiv 2505.22421): two branches on CogVideoX, for those who have weights."""

from typing import TYPE_CHECKING

from bridge.errors import Unavailable
from world_models.geodrive.published.config import Published

if TYPE_CHECKING:
    from world_models.geodrive.published.completer import PublishedCompleter

__all__ = ["Published", "make_published"]


def make_published(config: Published) -> "PublishedCompleter":
    """What completes splats, of a folder of weights.

    Raises Unavailable where PyTorch, diffusers or transformers are not installed or files are not there, and InvalidInput
    for weights that do not fit.
    """
    try:
        from world_models.geodrive.published import completer
    except ModuleNotFoundError as error:
        raise Unavailable(
            f'GeoDrive needs {error.name}, which is not installed. Install it: pip install "simbridge[world-models]"'
        ) from error
    return completer.make_published(config)
