"""Draws with OpenGL (moderngl): one geometry pass gives depth, ids and normals, and the picture is shaded from it."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from bridge.errors import RendererUnavailable, SimbridgeError
from bridge.render.camera import view_of
from bridge.render.passes import Passes
from bridge.scene import Scene
from bridge.types import MODALITIES, Camera, Frame, Modality, WorldState

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Config:
    """`quality`: "fast" for sensors, "high" for stills (four samples a pixel, finer shadows, glare).

    `shadows`: whether the sun casts them. `shadow_px`: side of the shadow map.
    """

    quality: Literal["fast", "high"] = "fast"
    shadows: bool = True
    shadow_px: int = 4096


class GlRenderer:
    """The `Renderer` of bridge.types on OpenGL 3.3 or newer, in software (llvmpipe) as well as on a graphics card."""

    name = "gl"

    def __init__(self, config: Config) -> None:
        self._config = config
        self._ctx = _context()
        self._passes: Passes | None = None
        self.device: str = self._ctx.info["GL_RENDERER"]

    def load(self, scene: Scene) -> None:
        """Prepares a scene for drawing; replaces the one before."""
        with self._context() as ctx:
            if self._passes is not None:
                self._passes.release()
                self._passes = None
            config = self._config
            self._passes = Passes(ctx, scene, config.quality == "high", config.shadows, config.shadow_px)

    def pose(self, state: WorldState) -> None:
        """Moves placements to their poses and parts by them (a part's pose is the motion of its world-frame mesh)."""
        with self._context():
            self._loaded().move(state)

    def observe(self, cameras: Sequence[Camera], modalities: Sequence[Modality] = MODALITIES) -> tuple[Frame, ...]:
        """One frame a camera, in the order given, all of the same tick."""
        passes = self._loaded()
        views = [view_of(camera, passes.bodies.pose_of(camera.mount)) for camera in cameras]
        with self._context():
            seen = passes.frames(views, modalities)
        return tuple(Frame(camera.name, passes.bodies.tick, **one) for camera, one in zip(cameras, seen, strict=True))

    def close(self) -> None:
        """Gives everything back; the renderer cannot be used afterwards."""
        if self._ctx is None:
            return
        with self._ctx:
            if self._passes is not None:
                self._passes.release()
                self._passes = None
        self._ctx.release()
        self._ctx = None

    def __enter__(self) -> "GlRenderer":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _context(self) -> Any:
        if self._ctx is None:
            raise SimbridgeError("This renderer was closed. Open another with bridge.render.open_renderer().")
        return self._ctx

    def _loaded(self) -> Passes:
        self._context()
        if self._passes is None:
            raise SimbridgeError("This renderer has no scene yet. Call load(scene) first.")
        return self._passes


def make(config: Config) -> GlRenderer:
    """The renderer; raises RendererUnavailable where there is no OpenGL 3.3."""
    return GlRenderer(config)


def _context() -> Any:
    """An OpenGL context without a window."""
    import sys

    remedy = (
        "On Debian or Ubuntu: apt-get install libegl1 libgl1-mesa-dri. Or draw without OpenGL: open_renderer('rays')."
    )
    try:
        import moderngl
    except ImportError as error:
        raise RendererUnavailable(f"moderngl is not installed ({error}). pip install moderngl") from error
    options: dict[str, Any] = {"backend": "egl"} if sys.platform.startswith("linux") else {}
    try:
        ctx = moderngl.create_context(standalone=True, require=330, **options)
    except Exception as error:
        raise RendererUnavailable(f"No OpenGL 3.3 context could be made ({error}). {remedy}") from error
    _LOG.debug("OpenGL %s on %s", ctx.version_code, ctx.info["GL_RENDERER"])
    return ctx
