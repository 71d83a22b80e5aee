"""How the published GeoDrive is run."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal


@dataclass(frozen=True)
class Published:
    """How the published GeoDrive is run.

    `weights` is the folder with CogVideoX's parts and `condition.safetensors` (see checkpoint.py). `steps` of the sampler and
    its `guidance` by the words of `prompt`; 1 takes half the time. `precision` is "bfloat16" on a GPU unless it is told
    otherwise. `device` is "cpu", "cuda" and so on, "" for the best there is. `untrained` goes on without a trained
    condition encoder, which is CogVideoX that knows of no splat.
    """

    weights: Path
    steps: int = 50
    guidance: float = 6.0
    prompt: str = "A front camera's view from a car that drives through a town."
    precision: Literal["", "float32", "bfloat16"] = ""
    device: str = ""
    untrained: bool = False
