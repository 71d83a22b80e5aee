"""Imagined pictures as an engine's cameras would give them: found by camera, cut and resized to what is asked."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from bridge.errors import NotSupported, UnknownCamera
from bridge.plugins import unknown_name
from bridge.types import Camera, Frame

_SAME_M, _SAME_RAD = 1e-6, 1e-6


class Views:
    """The views of a dream, under their own names and those that the engine knows their cameras by."""

    def __init__(self, cameras: Sequence[Camera], aliases: Mapping[str, str]) -> None:
        self._cameras = {camera.name: camera for camera in cameras}
        self._index = {camera.name: row for row, camera in enumerate(cameras)}
        self._aliases = dict(aliases)

    @property
    def named(self) -> dict[str, Camera]:
        """All cameras that can be asked for by name."""
        found = dict(self._cameras)
        for alias, name in self._aliases.items():
            found.setdefault(alias, self._cameras[name])
        return found

    def frame(self, asked: str | Camera, rgb: NDArray[np.uint8], tick: int) -> Frame:
        """The frame of a camera, from all views (v,H,W,3). Raises UnknownCamera, or NotSupported for what no view shows."""
        name = asked if isinstance(asked, str) else asked.name
        own = self._own(asked)
        picture = rgb[self._index[own.name]]
        if isinstance(asked, Camera):
            picture = fitted(_cut(picture, asked, own), asked.width, asked.height)
        return Frame(name, tick, picture)

    def _own(self, asked: str | Camera) -> Camera:
        if isinstance(asked, str):
            known = self._cameras.get(self._aliases.get(asked, asked))
            if known is None:
                raise UnknownCamera(f"Nothing is imagined through it: {unknown_name('camera', asked, self.named)}")
            return known
        for camera in self._cameras.values():
            pose, own = asked.mount_from_camera, camera.mount_from_camera
            is_there = asked.mount == camera.mount and np.abs(pose.position - own.position).max() < _SAME_M
            if is_there and np.abs(pose.quat_wxyz - own.quat_wxyz).max() < _SAME_RAD:
                return camera
        raise NotSupported(
            f"Camera '{asked.name}' on '{asked.mount}' is none of the views that are imagined: {', '.join(self._cameras)}. Look "
            "through one of them."
        )


def _cut(picture: NDArray[np.uint8], asked: Camera, own: Camera) -> NDArray[np.uint8]:
    """The part of a view that a camera at the same place shows. Raises NotSupported where it shows more."""
    height, width, _ = picture.shape
    tall = np.tan(asked.fov_y_rad / 2) / np.tan(own.fov_y_rad / 2)
    wide = tall * (asked.width / asked.height) / (width / height)
    if max(tall, wide) > 1.0 + 1e-3:
        raise NotSupported(
            f"Camera '{asked.name}' shows more than the view '{own.name}' that is imagined: {asked.width}x{asked.height} at "
            f"{np.degrees(asked.fov_y_rad):.0f} degrees against {width}x{height} at {np.degrees(own.fov_y_rad):.0f}. Ask for less."
        )
    rows, columns = max(round(height * min(tall, 1.0)), 1), max(round(width * min(wide, 1.0)), 1)
    top, left = (height - rows) // 2, (width - columns) // 2
    return picture[top : top + rows, left : left + columns]


def fitted(picture: NDArray[np.uint8], width: int, height: int) -> NDArray[np.uint8]:
    """A picture (H,W,3) in another size: averaged over areas, which for larger ones is to repeat pixels with soft seams."""
    rows, columns = _shares(picture.shape[0], height), _shares(picture.shape[1], width)
    if (picture.shape[0], picture.shape[1]) == (height, width):
        return picture
    mixed = np.einsum("ij,jkc,lk->ilc", rows, picture.astype(np.float64), columns, optimize=True)
    return np.rint(np.clip(mixed, 0, 255)).astype(np.uint8)


def _shares(of: int, into: int) -> NDArray[np.float64]:
    """How much (into,of) of each old pixel lies in each new one; rows add up to 1."""
    edges = np.arange(into + 1) * (of / into)
    low, high = np.maximum(edges[:-1, None], np.arange(of)), np.minimum(edges[1:, None], np.arange(1, of + 1))
    shares = np.maximum(high - low, 0.0)
    return shares / shares.sum(axis=1, keepdims=True)
