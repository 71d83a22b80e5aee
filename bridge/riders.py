"""Who rides: the pictures of those on two-wheelers, who sit there instead of standing.

A scene may have an asset for somebody's riding pose, named after the asset they stand in; its origin is that of the
standing figure. Ids, names and poses of the world stay those of the one who rides.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from bridge.frames import read_only
from bridge.scene import Asset, Placements, Scene
from bridge.types import Camera, Frame, WorldState

RIDING = "riding"
TWO_WHEELERS = ("scooter", "bicycle")
"""Semantic classes of what is ridden astride."""
_DEEP = np.array([0.0, 0.0, -1000.0, 1.0, 0.0, 0.0, 0.0])


def riding_name(asset: str) -> str:
    """What the asset of somebody's riding pose is called."""
    return f"{asset}-{RIDING}"


def poses_of_riders(assets: Mapping[str, Asset]) -> frozenset[str]:
    """The assets that are nothing but riding poses of others."""
    return frozenset(riding_name(name) for name in assets) & frozenset(assets)


@dataclass(frozen=True, eq=False)
class Shown:
    """A scene with a second figure for everybody who may ride, at its end; `figures` are their names by the rider's."""

    scene: Scene
    figures: Mapping[str, str]
    _true_ids: NDArray[np.int32]

    def state(self, state: WorldState, riders: Iterable[str]) -> WorldState:
        """A state as it looks: riders in their second figures, everybody else in their first."""
        poses, rows = np.array(state.poses, np.float64), {name: row for row, name in enumerate(state.names)}
        second = np.tile(_DEEP, (len(self.figures), 1))
        riding = set(riders)
        for at, name in enumerate(self.figures):
            if name in riding and name in rows:
                second[at], poses[rows[name]] = poses[rows[name]], _DEEP
        names = (*state.names, *self.figures.values())
        return WorldState(state.tick, state.time_s, names, np.concatenate([poses, second]))

    def camera(self, camera: Camera, riders: Iterable[str]) -> Camera:
        """A camera on a rider is on the figure that is shown."""
        figure = self.figures.get(camera.mount)
        return replace(camera, mount=figure) if figure is not None and camera.mount in riders else camera

    def frame(self, frame: Frame) -> Frame:
        """A frame with the ids of those who ride, not of their second figures."""
        if frame.segmentation is None or not self.figures:
            return frame
        return replace(frame, segmentation=read_only(self._true_ids[frame.segmentation], np.int32))


def shown(scene: Scene, agents: Iterable[str]) -> Shown:
    """The scene, ready to show agents that ride; those whose asset has no riding pose stand on what they ride."""
    who = set(agents)
    table = {instance.name: instance.id for instance in scene.instances()}
    groups, figures, true_ids = [], {}, list(range(len(table) + 1))
    for group in scene.placements:
        asset = riding_name(group.asset)
        for name, scale in zip(group.names, group.scale, strict=True):
            if asset in scene.assets and name in who:
                figures[name] = f"{name} {RIDING}"
                groups.append(Placements(asset, (figures[name],), _DEEP[None], np.array(scale)[None]))
                true_ids.append(table[name])
    scene = replace(scene, placements=(*scene.placements, *groups)) if groups else scene
    return Shown(scene, figures, np.array(true_ids, np.int32))
