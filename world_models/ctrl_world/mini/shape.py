"""How the small model is built: its sizes, and the switches that ablations turn."""

from dataclasses import dataclass, field
from typing import Literal, get_args

from bridge.errors import InvalidInput

STRIDE = 8
"""Pixels per latent, along each side."""

Memory = Literal["none", "implicit", "nearest"]
Conditioning = Literal["frame", "clip", "none"]


@dataclass(frozen=True)
class Shape:
    """Stored with the weights; two models of one shape have the same tensors.

    `views` by name, `width` and `height` [px], `frame_s` between frames. `new_frames` are imagined at once, given the current
    frame and `memories` earlier ones: "none", "implicit" (every `stride`-th before now, as Ctrl-World) or the "nearest" (those whose
    poses of the tool are nearest to the coming ones). `conditioning` tells each "frame" its own pose, or all frames of a "clip" the
    same, or "none". `is_joint`: all views are predicted together, else each by itself. `latents`, `width_ae`: the autoencoder's;
    `dim`, `layers`, `heads`: the transformer's, over patches of `patch` x `patch` latents. `plane_m` is the height of the table.
    """

    views: tuple[str, ...] = ("exterior-1", "exterior-2", "wrist")
    width: int = 64
    height: int = 64
    frame_s: float = 0.3
    new_frames: int = 4
    memories: int = 2
    stride: int = 3
    memory: Memory = "nearest"
    conditioning: Conditioning = "frame"
    is_joint: bool = True
    latents: int = 16
    widths: tuple[int, int, int] = (32, 64, 128)
    dim: int = 160
    layers: int = 6
    heads: int = 5
    patch: int = 2
    stem: int = 64
    plane_m: float = 0.75
    things: tuple[str, ...] = field(default=("red-cube", "green-cube", "blue-cube", "can", "bowl"))

    def __post_init__(self) -> None:
        for what, known in (("memory", Memory), ("conditioning", Conditioning)):
            if getattr(self, what) not in get_args(known):
                raise InvalidInput(
                    f"The small model has no {what} '{getattr(self, what)}'. Choose one of {', '.join(get_args(known))}."
                )
        side = STRIDE * self.patch
        if self.width % side or self.height % side or min(self.width, self.height) < side:
            raise InvalidInput(
                f"Pictures of {self.width}x{self.height} do not divide into patches. Make both sides multiples of {side} px."
            )
        if self.dim % self.heads or min(self.new_frames, self.layers, self.stride) < 1 or self.memories < 0:
            raise InvalidInput(
                f"dim {self.dim} has to be a multiple of heads {self.heads}; new_frames, layers and stride at least 1."
            )

    @property
    def context(self) -> int:
        """How many frames are given: those remembered, and the current one as the last."""
        return (0 if self.memory == "none" else self.memories) + 1

    @property
    def grid(self) -> tuple[int, int]:
        """Rows and columns of latents a view."""
        return self.height // STRIDE, self.width // STRIDE
