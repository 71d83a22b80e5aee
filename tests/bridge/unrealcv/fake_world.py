"""A small world behind the test server: actors that are points, walkers that go, cameras that see coloured squares.

It is written from UnrealCV's documentation, not from our client, so that both can be wrong on their own.
"""

import io
import math
import re
import struct
from dataclasses import dataclass, field

import numpy as np

MARK_CM = 50.0
"""Every actor looks like a square of this side that faces the camera."""


@dataclass
class Actor:
    """One actor: centimetres, left-handed, degrees."""

    name: str
    class_name: str
    location: list[float] = field(default_factory=lambda: [0.0, 0.0, 0.0])
    rotation: list[float] = field(default_factory=lambda: [0.0, 0.0, 0.0])
    scale: list[float] = field(default_factory=lambda: [1.0, 1.0, 1.0])
    color: tuple[int, int, int] = (0, 0, 0)
    velocity: tuple[float, float] = (0.0, 0.0)
    """Forward [cm/s] and yaw [degrees/s]."""
    lasts_s: float = math.inf
    speed: float = 200.0
    is_hidden: bool = False
    holds: str = ""
    rides: str = ""
    label: str = ""
    collisions: int = 0


@dataclass
class Camera:
    """One camera."""

    name: str
    location: list[float] = field(default_factory=lambda: [0.0, 0.0, 0.0])
    rotation: list[float] = field(default_factory=lambda: [0.0, 0.0, 0.0])
    fov: float = 90.0
    size: tuple[int, int] = (64, 48)


class FakeWorld:
    """Actors by lower-case name. `blueprints` are the classes there are, None: all."""

    def __init__(self, *, blueprints=None, capsule_cm: float = 0.0) -> None:
        self.actors: dict[str, Actor] = {}
        self.cameras = [Camera("PlayerCamera")]
        self.blueprints, self.capsule_cm = blueprints, capsule_cm
        self.is_paused, self.interval_s, self.time_s = False, 0.05, 0.0
        self.weather: dict[str, list[float]] = {}

    def add(self, name: str, location=(0.0, 0.0, 0.0), yaw: float = 0.0, class_name: str = "BP_Thing_C") -> Actor:
        actor = Actor(name, class_name, list(map(float, location)), [0.0, yaw, 0.0])
        self.actors[name.casefold()] = actor
        return actor

    def pass_time(self, seconds: float) -> None:
        self.time_s += seconds
        for actor in self.actors.values():
            lasts = min(seconds, actor.lasts_s)
            forward, turn = actor.velocity
            yaw = math.radians(actor.rotation[1] + 0.5 * turn * lasts)
            actor.location[0] += forward * lasts * math.cos(yaw)
            actor.location[1] += forward * lasts * math.sin(yaw)
            actor.rotation[1] = (actor.rotation[1] + turn * lasts + 180) % 360 - 180
            actor.lasts_s -= lasts
            if actor.lasts_s <= 0:
                actor.velocity, actor.lasts_s = (0.0, 0.0), math.inf

    def snapshot(self) -> list[tuple[list[float], tuple[int, int, int]]]:
        return [(list(one.location), one.color) for one in self.actors.values() if not one.is_hidden]

    def picture(self, camera: Camera, shown) -> tuple[np.ndarray, np.ndarray]:
        """Colours (H,W,3) and planar depth (H,W) [cm] of squares at the actors' places."""
        width, height = camera.size
        colors, depth = np.zeros((height, width, 3), np.uint8), np.full((height, width), 65504.0, np.float32)
        pitch, yaw, _ = map(math.radians, camera.rotation)
        forward = np.array([math.cos(pitch) * math.cos(yaw), math.cos(pitch) * math.sin(yaw), math.sin(pitch)])
        right = np.array([-math.sin(yaw), math.cos(yaw), 0.0])
        up = np.array([-math.sin(pitch) * math.cos(yaw), -math.sin(pitch) * math.sin(yaw), math.cos(pitch)])
        focal = 0.5 * width / math.tan(math.radians(camera.fov) / 2)
        for location, color in shown:
            away = np.array(location) - camera.location
            far = float(away @ forward)
            if far < 10:
                continue
            u, v = width / 2 + focal * float(away @ right) / far, height / 2 - focal * float(away @ up) / far
            half = max(focal * MARK_CM / 2 / far, 0.5)
            rows, cols = np.mgrid[0:height, 0:width] + 0.5
            hit = (abs(cols - u) <= half) & (abs(rows - v) <= half) & (depth > far)
            colors[hit], depth[hit] = color, far
        return colors, depth


def bmp(colors: np.ndarray, *, stray: bool) -> bytes:
    """A top-down bitmap of 32 bits; `stray` puts Unreal's count of pixels before them."""
    height, width, _ = colors.shape
    pixels = np.concatenate([colors[..., ::-1], np.full((height, width, 1), 255, np.uint8)], axis=2).tobytes()
    head = struct.pack("<2sIHHI", b"BM", 54 + len(pixels), 0, 0, 54)
    head += struct.pack("<IiiHHIIiiII", 40, width, -height, 1, 32, 0, len(pixels), 0, 0, 0, 0)
    return head + (struct.pack("<i", width * height) if stray else b"") + pixels


def npy(depth: np.ndarray) -> bytes:
    out = io.BytesIO()
    np.save(out, depth.astype("<f4"))
    return out.getvalue()


NUMBER = r"([-+]?\d*[.]?\d+)"


def numbers(text: str, count: int) -> list[float] | None:
    found = re.fullmatch(rf"\s*{' '.join([NUMBER] * count)}\s*", text)
    return [float(one) for one in found.groups()] if found else None
