"""Training GeoDrive's refiner: what it is told, and the way to the network, which needs PyTorch only then."""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bridge.errors import InvalidInput, Unavailable

Say = Callable[[str], None]


@dataclass(frozen=True)
class Training:
    """How the refiner is trained on clips with depth: `steps` of `batch` pictures, or as many as fit into `minutes` of wall clock.

    `ahead` is the furthest it looks, in frames. `spoilt_share` of the examples have depth with an estimator's errors, and in
    `guessed_share` things go on as they went instead of as they did. `channels` and `has_condition` shape the network;
    `editing` False trains the ablation without dynamic editing. `held_out` is the share of the clips that trust is measured on.
    """

    steps: int = 4000
    minutes: float | None = None
    batch: int = 8
    rate: float = 1e-3
    ahead: int = 10
    spoilt_share: float = 0.2
    guessed_share: float = 0.25
    noise_share: float = 0.3
    held_out: float = 0.05
    channels: tuple[int, ...] = (32, 64, 128, 160)
    has_condition: bool = True
    editing: bool = True
    seed: int = 0
    threads: int = 0
    device: str = "auto"
    precision: str = "auto"

    def __post_init__(self) -> None:
        if self.batch < 2 or self.batch % 2 or self.ahead < 1 or self.steps < 1:
            raise InvalidInput(
                f"Training was given batch={self.batch}, ahead={self.ahead}, steps={self.steps}. Give an even batch of at least 2, and at least one frame and one step."
            )


def train(settings: Training, data: Path, out: Path, say: Say) -> Path:
    """Trains on a folder of shards and answers the weights' file in `out`; killed and called again it goes on where it was.

    Raises InvalidInput for data without depth, Unavailable without PyTorch.
    """
    with needs_torch("Training GeoDrive"):
        from world_models.geodrive.learning import learn
    return learn(settings, data, out, say)


@contextlib.contextmanager
def needs_torch(what: str) -> Iterator[None]:
    """Says what to install where PyTorch or safetensors is missing. Raises Unavailable."""
    try:
        yield
    except ImportError as error:
        if error.name is None or error.name.split(".")[0] not in ("torch", "safetensors"):
            raise
        raise Unavailable(
            f'{what} needs PyTorch and safetensors ({error}): pip install "simbridge[world-models]"'
        ) from error
