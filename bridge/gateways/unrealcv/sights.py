"""Cameras as UnrealCV numbers them: where each is, how it sees, and what it is to the engine."""

import math
from dataclasses import dataclass, field

from bridge.formats.views import views
from bridge.gateways.unrealcv.actors import Actor
from bridge.gateways.unrealcv.units import Pose7, Quat, composed, pose7, pose_of
from bridge.scene import Scene
from bridge.types import Camera

WIDTH, HEIGHT, FOV_DEG = 640, 480, 90.0
MOST_PIXELS, LONGEST_SIDE = 16_777_216, 8192
"""What a picture may have: more would take memory by the gigabyte."""
_BODY_FROM_OPTICAL: Quat = (0.5, -0.5, 0.5, -0.5)
"""From a camera's x right, y down, z forward to a body's x forward, y left, z up."""
_OPTICAL_FROM_BODY: Quat = (0.5, 0.5, -0.5, 0.5)
_EYE_SHARE, _AHEAD_M = 0.92, 0.35


@dataclass(eq=False)
class Sight:
    """One camera on the actor `mount`; `pose` is x forward, y left, z up, relative to it.

    `fov_deg` is horizontal. `settings` are what post-processing was told, by the name of the command.
    """

    name: str
    mount: Actor
    pose: Pose7 = (0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0)
    width: int = WIDTH
    height: int = HEIGHT
    fov_deg: float = FOV_DEG
    is_orthographic: bool = False
    ortho_width_cm: float = 512.0
    settings: dict[str, tuple] = field(default_factory=dict)
    adapted: tuple[float, float] | None = None
    """What auto exposure has come to: stops, and the time [s] of it."""

    def camera(self) -> Camera:
        """The camera as the engine takes it."""
        fov_y = 2 * math.atan(math.tan(math.radians(self.fov_deg) / 2) * self.height / self.width)
        is_on_thing = bool(self.mount.thing) and not self.mount.is_off
        mount = self.mount.thing if is_on_thing else "world"
        pose = self.pose if is_on_thing else composed(self.mount.pose, self.pose)
        optical = composed(pose, (0.0, 0.0, 0.0, *_BODY_FROM_OPTICAL))
        return Camera(self.name, self.width, self.height, fov_y, pose_of(optical), mount)


def players_place(scene: Scene) -> Pose7:
    """Where the player's pawn begins: at the first of the town's street views, or over the town."""
    start = views(scene)
    first = start[min(1, len(start) - 1)]
    return composed(pose7(first.mount_from_camera), (0.0, 0.0, 0.0, *_OPTICAL_FROM_BODY))


def eyes(actor: Actor, scene: Scene) -> Sight:
    """A camera at the eyes of somebody, or over the front of something."""
    asset = scene.assets.get(actor.asset)
    length, height = (asset.size[0], asset.size[2]) if asset is not None else (0.5, 1.75)
    sx, _, sz = actor.scale
    ahead = max(0.5 * length * sx + 0.05, _AHEAD_M)
    pose = (ahead, 0.0, _EYE_SHARE * height * sz, 1.0, 0.0, 0.0, 0.0)
    return Sight(f"{actor.name}_FusionCamera", mount=actor, pose=pose)
