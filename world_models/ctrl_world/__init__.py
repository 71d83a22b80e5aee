"""Ctrl-World: an arm at a table as three cameras will see it, imagined together from the way its tool will go."""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from bridge.errors import Unavailable
from bridge.imagination import WorldModel
from world_models.ctrl_world.config import Config, Training

__all__ = ["Config", "Training", "make", "train"]
WEIGHTS = Path(__file__).parent / "weights"
"""The small model's weights that come along."""


def make(config: Config) -> WorldModel:
    """The model, its weights read. Raises Unavailable without PyTorch, and InvalidInput for weights that are none."""
    if config.size == "published":
        from world_models.ctrl_world.published import Published, make_published

        told = Published(weights=config.weights, device="" if config.device == "auto" else config.device)
        return make_published(replace(told, steps=config.steps) if config.steps else told)
    with _torch("The small Ctrl-World"):
        from world_models.ctrl_world.mini.making import made
    return made(config, Path(config.weights) if config.weights else WEIGHTS)


def train(settings: Training, data: Path, out: Path, say: Callable[[str], None]) -> Path:
    """Trains the small model on the clips in `data`, in `out`, and answers the weights' file; killed and called again it goes on where it
    was. Raises Unavailable without PyTorch, and InvalidInput for data that does not fit."""
    with _torch("Training Ctrl-World"):
        from world_models.ctrl_world.training.together import trained_together
    return trained_together(settings, data, out, say)


@contextlib.contextmanager
def _torch(what: str) -> Iterator[None]:
    """Says what to install where something is missing."""
    try:
        yield
    except ModuleNotFoundError as error:
        if error.name is None or error.name.split(".")[0] not in ("torch", "safetensors"):
            raise
        raise Unavailable(
            f'{what} needs {error.name}, which is not installed: pip install "simbridge[world-models]"'
        ) from error
