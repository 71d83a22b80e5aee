"""A language model that sees: what the agent's cameras show goes into the question."""

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from bridge.errors import UsageError
from bridge.observation import Observation
from policies import llm
from policies.chat import config as chat
from policies.chat.mind import Mind

_MOST_BYTES = 400_000
"""Of one picture; beyond, it is packed harder."""


@dataclass(frozen=True)
class Config(chat.Config):
    """Flags of the policy `vlm`: those of `llm`, and what it sees."""

    cameras: tuple[str, ...] = ()
    """Names of cameras ("front"), in the order shown; all of them if none is named."""
    most_pictures: int = 2
    longest_px: int = 512
    """Longer side of a picture; larger ones are scaled down."""
    jpeg_quality: int = 80
    detail: Literal["auto", "low", "high"] = "auto"
    """How closely the server shall look, where it knows the field."""


def make(config: Config) -> Mind:
    """A mind for one agent. Raises UsageError or UnknownName where the config cannot be used."""
    if config.longest_px < 16 or not 1 <= config.jpeg_quality <= 95 or config.most_pictures < 1:
        raise UsageError(
            "Pictures have 16 pixels and more a side, a JPEG quality of 1 to 95, and there is at least one."
        )
    return Mind(config, pictures=lambda seen: pictures(seen, config), fallback=llm.fallback(config.fallback))


def pictures(observation: Observation, config: Config) -> Sequence[dict[str, Any]]:
    """The parts of a chat message that show what the cameras see, each with a line that names the camera."""
    names = config.cameras or tuple(sorted(observation.frames))
    parts: list[dict[str, Any]] = []
    for name in names[: config.most_pictures]:
        frame = observation.frames.get(name)
        if frame is None or frame.rgb is None:
            continue
        packed = base64.b64encode(jpeg(frame.rgb, longest_px=config.longest_px, quality=config.jpeg_quality)).decode()
        parts.append({"type": "text", "text": f"What your camera '{name}' shows:"})
        shown = {"url": f"data:image/jpeg;base64,{packed}", "detail": config.detail}
        parts.append({"type": "image_url", "image_url": shown})
    return parts


def jpeg(rgb: NDArray[np.uint8], *, longest_px: int, quality: int) -> bytes:
    """A picture (H,W,3) sRGB as JPEG, its longer side no longer than `longest_px`, of 400 kB at most."""
    from PIL import Image

    picture = Image.fromarray(np.ascontiguousarray(rgb))
    picture.thumbnail((longest_px, longest_px), Image.Resampling.LANCZOS)
    while True:
        with io.BytesIO() as packed:
            picture.save(packed, "JPEG", quality=quality)
            found = packed.getvalue()
        if len(found) <= _MOST_BYTES or quality <= 20:
            return found
        quality -= 15
