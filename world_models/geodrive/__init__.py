"""GeoDrive: the first picture in 3D, seen along the course of a car, others moved by their boxes, completed by a network."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal, cast

from bridge.errors import InvalidInput
from bridge.imagination import ModelInfo, WorldModel
from bridge.plugins import load
from world_models.geodrive.depth import Corruption, DepthEstimator
from world_models.geodrive.model import Completer, Filler, GeoDrive, Rules
from world_models.geodrive.training import Training, needs_torch, train
from world_models.views import FRAME_S, SIZES, VIEWS

__all__ = ["Config", "Training", "make", "train"]
WEIGHTS = Path(__file__).parent / "weights" / "geodrive-mini.safetensors"


@dataclass(frozen=True)
class Config:
    """How GeoDrive works.

    `size` "mini" is the small model; "published" the dual branch on CogVideoX, for those who have its weights. `weights` is a
    file or folder of weights, "" those that come along. `steps` (1 to 4) of denoising; `keyframe` is how many frames are
    imagined before what was imagined joins the cloud (0: never); `editing` moves the points of other vehicles; `refine`
    False fills holes in a simple way instead. `corruption` spoils the depth; `estimator` is a dotted module whose `make()` gives a
    DepthEstimator. `device` is auto, cpu or cuda; `precision` auto is bfloat16 where it is fast.
    """

    size: Literal["mini", "published"] = "mini"
    weights: str = ""
    steps: int = 1
    keyframe: int = 5
    editing: bool = True
    refine: bool = True
    corruption: Corruption = field(default_factory=Corruption)
    estimator: str = ""
    device: str = "auto"
    precision: Literal["auto", "float32", "bfloat16"] = "auto"

    def __post_init__(self) -> None:
        if not 1 <= self.steps <= 4 or self.keyframe < 0:
            raise InvalidInput(
                f"GeoDrive was given steps={self.steps} and keyframe={self.keyframe}. Give 1 to 4 steps, and a keyframe of 0 or more."
            )


def make(config: Config) -> WorldModel:
    """The model, its weights read. Raises Unavailable without PyTorch, InvalidInput for weights that are none."""
    if config.size == "published":
        return _published(config)
    estimator = _estimator(config)
    rules = Rules(config.editing, config.keyframe, config.corruption)
    width, height = SIZES["drive"]
    info = ModelInfo(
        "geodrive", "drive", VIEWS["drive"], width, height, FRAME_S["drive"], config.keyframe or 1, estimator is None
    )
    if not config.refine:
        return GeoDrive(info, Filler(), rules, estimator)
    with needs_torch("GeoDrive"):
        from world_models.geodrive.weights import refining
    path = Path(config.weights) if config.weights else WEIGHTS
    completer = refining(path, steps=config.steps, device=config.device, precision=config.precision)
    return GeoDrive(replace(info, weights=completer.name), completer, rules, estimator)


def _published(config: Config) -> WorldModel:
    """The dual branch on CogVideoX, behind the same splats. Raises InvalidInput without weights, and what reading them raises."""
    from world_models.geodrive.published import Published, make_published

    if not config.weights:
        raise InvalidInput(
            "The published GeoDrive needs a folder of weights, and none come along. Give it with --geodrive.weights."
        )
    precision: Literal["", "float32", "bfloat16"] = "" if config.precision == "auto" else config.precision
    device = "" if config.device == "auto" else config.device
    completer = make_published(Published(Path(config.weights), precision=precision, device=device))
    info = ModelInfo(
        "geodrive", "drive", VIEWS["drive"], frame_s=FRAME_S["drive"], frames_at_once=completer.frames - 1,
        needs_depth=not config.estimator, weights=completer.name,
    )  # fmt: skip
    rules = Rules(config.editing, 0, config.corruption)
    return GeoDrive(info, cast(Completer, completer), rules, _estimator(config))  # it reads splats, which are frozen


def _estimator(config: Config) -> DepthEstimator | None:
    return load("", config.estimator, what="depth estimator").make() if config.estimator else None
