"""What Ctrl-World is told: which size, whose weights, how it imagines; and how the small one is trained. Imports nothing heavy."""

from dataclasses import dataclass
from typing import Literal

from bridge.errors import InvalidInput


@dataclass(frozen=True)
class Config:
    """Flags of the world model `ctrl-world`.

    `size` "mini" is the small model; "published" the 1.5-billion-parameter one, for those who have its weights. `weights` is a file or a
    folder of them, "" the small ones that come along. `steps` from noise to picture: 1, 2 or 4 draw one of the things that could follow, 0
    asks for their mean, which is blurred where it is unsure (mini; the published one counts its own steps, 50 unless told otherwise).
    `doubts` more dreams with parts of the network masked say how far to trust it, 0 saves that time. `is_told` False hides the course, which
    is the no-action variant. `batch` dreams run at once. `device` is auto, cpu or cuda; `precision` auto is bfloat16 where it is fast.
    """

    size: Literal["mini", "published"] = "mini"
    weights: str = ""
    steps: int = 0
    doubts: int = 0
    is_told: bool = True
    batch: int = 16
    device: str = "auto"
    precision: Literal["auto", "float32", "bfloat16"] = "auto"


@dataclass(frozen=True)
class Training:
    """How the small model is trained on clips: steps a stage, or `minutes` of wall clock shared out among the stages.

    Stages: the autoencoder; the predictor; few steps (shortcuts, its own dreams as what is given, masks); the reader of poses and success, on
    latents seen and imagined. `processes` train together, each with `threads`, and average their gradients. `held_out` is the share of
    clips that calibration uses. `memory`, `conditioning` and `is_joint` are the switches of ablations; `autoencoder` a weights
    file whose autoencoder is taken instead of training one.
    """

    minutes: float | None = None
    autoencoder_steps: int = 4000
    predictor_steps: int = 12000
    few_steps: int = 3000
    reader_steps: int = 4000
    batch: int = 16
    rate: float = 1.5e-3
    dim: int = 160
    layers: int = 6
    memory: Literal["none", "implicit", "nearest"] = "nearest"
    conditioning: Literal["frame", "clip", "none"] = "frame"
    is_joint: bool = True
    autoencoder: str = ""
    held_out: float = 0.1
    processes: int = 1
    threads: int = 0
    seed: int = 0
    device: str = "auto"
    precision: Literal["auto", "float32", "bfloat16"] = "auto"

    def __post_init__(self) -> None:
        counts = (
            self.autoencoder_steps,
            self.predictor_steps,
            self.few_steps,
            self.reader_steps,
            self.batch,
            self.processes,
        )
        if min(counts) < 1 or not 0.0 < self.held_out < 1.0:
            raise InvalidInput(
                "Training needs at least one step in each stage, one clip a batch, one process, and held_out between 0 and 1."
            )
