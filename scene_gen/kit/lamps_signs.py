"""What stands on a pole: street lamps, lanterns, signs, traffic lights, billboards, flags, power poles, neon signs."""

import numpy as np

from scene_gen.kit.builder import Builder
from scene_gen.kit.recipe import Recipe, variant


def arm_lamp(b: Builder, *, arms: int, height: float = 6.0) -> None:
    """A modern street lamp of 6 m (residential 4-6 m, main streets 8 m) with one or two arms."""
    with b.solid("cylinder"):
        b.lathe("iron-dark", [(0.14, 0), (0.14, 0.5), (0.085, 0.62), (0.055, height)], sides=10)
    for sign in (1, -1)[:arms]:
        b.tube(
            "iron-dark",
            [(0, 0, height - 0.3), (sign * 0.35, 0, height - 0.02), (sign * 1.1, 0, height + 0.08)],
            [0.05, 0.045, 0.04],
            sides=6,
        )
        with b.at((sign * 1.45, 0, height), yaw=0 if sign > 0 else np.pi):
            b.box("iron-dark", (0.8, 0.28, 0.12), (0, 0, 0.02), taper=(0.8, 0.6))
            b.box("lamp-glow-white", (0.62, 0.22, 0.04), (0, 0, -0.015))
    b.light = (1.45, 0.0, height - 0.1) if arms == 1 else (0.0, 0.0, height - 0.1)


def post_lamp(b: Builder, *, heads: int) -> None:
    """A cast-iron lamp of 4.2 m with glazed lanterns (gas-light style, typical 3.5-4.5 m)."""
    with b.solid("cylinder"):
        b.lathe(
            "iron-dark",
            [(0.2, 0), (0.2, 0.18), (0.12, 0.3), (0.13, 0.75), (0.065, 0.9), (0.045, 3.3), (0.08, 3.36), (0.04, 3.45)],
            sides=10,
        )
    spots = [(0.0, 0.0)] if heads == 1 else [(0.0, 0.5), (0.0, -0.5)]
    if heads == 2:
        b.tube("iron-dark", [(0, 0.5, 3.42), (0, 0.3, 3.2), (0, -0.3, 3.2), (0, -0.5, 3.42)], 0.03, sides=6)
        b.cylinder("iron-dark", 0.04, 0.5, (0, 0, 3.4), top=0.0, sides=6)
    for x, y in spots:
        _lantern_head(b, (x, y, 3.44))
    b.light = (0.0, 0.0, 3.7)


def _lantern_head(b: Builder, at: tuple[float, float, float], scale: float = 1.0) -> None:
    with b.at(at, scale=scale):
        b.cylinder("iron-dark", 0.1, 0.05, sides=8)
        b.lathe("lamp-glow", [(0.1, 0.05), (0.2, 0.46)], sides=6)
        for i in range(6):
            t = i * np.pi / 3
            b.beam(
                "iron-dark",
                (0.105 * np.cos(t), 0.105 * np.sin(t), 0.05),
                (0.205 * np.cos(t), 0.205 * np.sin(t), 0.46),
                0.018,
            )
        b.lathe("iron-dark", [(0.25, 0.46), (0.22, 0.5), (0.07, 0.66), (0.07, 0.72), (0.0, 0.8)], sides=6)


def bollard_lamp(b: Builder) -> None:
    """A modern slim path light of 4.0 m with a disc of light."""
    with b.solid("cylinder"):
        b.cylinder("plastic-grey", 0.06, 3.8, top=0.05, sides=10)
        b.cylinder("plastic-grey", 0.13, 0.12, sides=10)
    b.lathe("lamp-glow-white", [(0.12, 3.74), (0.3, 3.8), (0.3, 3.86), (0.12, 3.88)], sides=14)
    b.lathe("plastic-grey", [(0.34, 3.86), (0.34, 3.92), (0.06, 4.0)], sides=14)
    b.light = (0.0, 0.0, 3.7)


def lantern(b: Builder, *, paper: bool) -> None:
    """A lantern: of iron and glass on a low post (1.5 m), or a red paper one on a wooden frame (2.1 m)."""
    if not paper:
        with b.solid("cylinder"):
            b.box("stone-grey", (0.34, 0.34, 0.3), taper=0.85)
            b.cylinder("iron-dark", 0.04, 0.6, (0, 0, 0.3), sides=8)
        _lantern_head(b, (0, 0, 0.88), 0.78)
        b.light = (0.0, 0.0, 1.1)
        return
    with b.solid():
        for y in (0.45, -0.45):
            b.box("wood-dark", (0.09, 0.09, 2.0), (0, y, 0))
            b.box("wood-dark", (0.36, 0.1, 0.08), (0, y, 0))
        b.box("wood-dark", (0.12, 1.3, 0.1), (0, 0, 2.0))
        b.box("wood-dark", (0.08, 0.9, 0.06), (0, 0, 1.82))
    b.lathe("fabric-red", [(0.12, 1.1), (0.24, 1.2), (0.27, 1.4), (0.24, 1.6), (0.12, 1.7)], sides=12)
    b.lathe("lamp-glow", [(0.1, 1.04), (0.13, 1.1), (0.13, 1.12)], sides=8)
    b.cylinder("wood-dark", 0.13, 0.05, (0, 0, 1.7), sides=10)
    b.beam("rope", (0, 0, 1.72), (0, 0, 1.84), 0.02)
    b.beam("fabric-red", (0, 0, 0.82), (0, 0, 1.05), 0.05)
    b.light = (0.0, 0.0, 1.3)


def sign(b: Builder, *, face: str, shape: str) -> None:
    """A road or place sign: a plate of 0.6-1.1 m on a 2.6 m post (lower edge at 2 m)."""
    with b.solid("cylinder"):
        b.cylinder("steel", 0.038, 2.7, sides=8)
        b.cylinder("concrete-grey", 0.12, 0.05, sides=8)
    turn = np.arange(16) * 2 * np.pi / 16
    with b.at((0.055, 0, 0)):
        if shape == "round":
            b.prism(face, np.column_stack([0.33 * np.cos(turn), 2.38 + 0.33 * np.sin(turn)]), 0.03, plane="yz")
            b.prism(
                "paint-white", np.column_stack([0.24 * np.cos(turn), 2.38 + 0.24 * np.sin(turn)]), 0.042, plane="yz"
            )
            b.box("paint-black", (0.05, 0.28, 0.07), (0, 0, 2.345))
        elif shape == "octagon":
            ring = (np.arange(8) + 0.5) * np.pi / 4
            b.prism(
                "paint-white", np.column_stack([0.37 * np.cos(ring), 2.38 + 0.37 * np.sin(ring)]), 0.028, plane="yz"
            )
            b.prism(face, np.column_stack([0.34 * np.cos(ring), 2.38 + 0.34 * np.sin(ring)]), 0.036, plane="yz")
            b.box("paint-white", (0.046, 0.44, 0.13), (0, 0, 2.315))
        elif shape == "triangle":
            b.prism(face, [(-0.42, 2.1), (0.42, 2.1), (0, 2.8)], 0.03, plane="yz")
            b.prism("paint-white", [(-0.28, 2.17), (0.28, 2.17), (0, 2.63)], 0.042, plane="yz")
            b.box("paint-black", (0.05, 0.06, 0.2), (0, 0, 2.28))
        else:
            for z, reach in ((2.4, 0.5), (2.1, -0.5)):
                end = 1.15 * np.sign(reach)
                b.prism(
                    face,
                    [
                        (-0.12 * np.sign(reach), z),
                        (end, z),
                        (end + 0.14 * np.sign(reach), z + 0.11),
                        (end, z + 0.22),
                        (-0.12 * np.sign(reach), z + 0.22),
                    ],
                    0.03,
                    plane="yz",
                )
                b.box("paint-white", (0.042, 0.75, 0.06), (0, reach, z + 0.08))


def traffic_light(b: Builder) -> None:
    """A traffic light, 3.4 m, three lamps of 0.2 m facing X, and a walker's signal (typical 3-3.5 m)."""
    with b.solid("cylinder"):
        b.cylinder("paint-grey", 0.06, 3.4, sides=10)
        b.cylinder("paint-grey", 0.12, 0.3, sides=10)
    b.box("paint-black", (0.24, 0.34, 1.0), (0.14, 0, 2.35), bevel=0.04)
    b.box("paint-black", (0.03, 0.56, 1.2), (0.03, 0, 2.25))
    for z, name in ((3.15, "paint-black"), (2.85, "paint-black"), (2.52, "signal-green")):
        lamp = {3.15: "tail-lamp", 2.85: "sign-yellow", 2.52: name}[z]
        b.cylinder(lamp, 0.1, 0.03, (0.265, 0, z), sides=12, axis="x")
        hood = [[[x, 0.12 * np.cos(t), z + 0.12 * np.sin(t)] for t in np.linspace(0, np.pi, 5)] for x in (0.26, 0.42)]
        b.sheet("paint-black", hood, 0.012)
    b.box("paint-black", (0.22, 0.2, 0.46), (0, 0.17, 2.0), bevel=0.03)
    b.box("signal-red", (0.02, 0.13, 0.14), (0.115, 0.17, 2.26))
    b.box("signal-green", (0.02, 0.13, 0.14), (-0.115, 0.17, 2.07))
    b.box("sign-yellow", (0.1, 0.1, 0.18), (0, -0.09, 1.0))


def billboard(b: Builder, *, face: str, accent: str) -> None:
    """A billboard, 6.4 × 3.2 m of picture on two posts, 6.2 m high (common 18-sheet formats are 6 × 3 m)."""
    for y in (2.1, -2.1):
        with b.solid():
            b.box("steel", (0.28, 0.28, 2.9), (0, y, 0))
            b.box("concrete-grey", (0.7, 0.7, 0.12), (0, y, 0))
    with b.solid():
        b.box("frame-dark", (0.34, 6.6, 3.4), (0, 0, 2.8))
        b.box(face, (0.4, 6.3, 3.1), (0, 0, 2.95))
        b.box(accent, (0.43, 2.4, 2.3), (0, -1.6, 3.35))
        b.box("paint-white", (0.43, 2.6, 0.35), (0, 1.5, 5.1))
        for z in (4.5, 4.1, 3.7):
            b.box("paint-white", (0.43, 2.0, 0.14), (0, 1.5, z))
    for y in (-2, 0, 2):
        b.beam("iron-dark", (0.1, y, 2.75), (0.95, y, 2.55), 0.06)
        b.box("lamp-glow-white", (0.16, 0.5, 0.12), (0.98, y, 2.55))
    b.light = (1.0, 0.0, 3.0)


def flagpole(b: Builder, *, stripes: tuple[str, ...]) -> None:
    """A flagpole of 8 m with a waving flag of 2.4 × 1.5 m (typical 6-9 m)."""
    with b.solid("cylinder"):
        b.cylinder("paint-white", 0.07, 7.9, top=0.04, sides=10)
        b.cylinder("stone-grey", 0.32, 0.25, sides=10)
    b.ball("brass", 0.18, (0, 0, 7.98), detail=1)
    x = np.linspace(0, 1, 8)
    wave = 0.16 * np.sin(x * 7.5) * x**0.6
    for i, name in enumerate(stripes):
        high, low = 7.7 - 1.5 * i / len(stripes), 7.7 - 1.5 * (i + 1) / len(stripes)
        grid = [[[0.06 + 2.3 * u, w, z - 0.18 * u**2] for z in (high, low)] for u, w in zip(x, wave)]
        b.sheet(name, grid, 0.025)


def power_pole(b: Builder) -> None:
    """A wooden power pole of 9 m with a cross-arm, insulators and a transformer (typical 8-12 m)."""
    with b.solid("cylinder"):
        b.cylinder("wood-dark", 0.17, 9.0, top=0.11, sides=10)
    b.box("wood-dark", (0.12, 2.4, 0.14), (0.12, 0, 8.2))
    b.box("wood-dark", (0.1, 1.5, 0.12), (0.12, 0, 7.3))
    for y in (0.9, -0.9):
        b.beam("iron-dark", (0.1, y * 0.75, 8.2), (0.1, 0, 7.6), 0.04)
    for y in (-1.1, -0.55, 0.55, 1.1):
        b.lathe(
            "paint-brown", [(0.03, 8.34), (0.07, 8.4), (0.035, 8.46), (0.06, 8.52), (0.0, 8.58)], (0.12, y, 0), sides=6
        )
    b.cylinder("paint-grey", 0.24, 0.75, (-0.38, 0, 6.2), sides=10)
    b.cylinder("paint-grey", 0.26, 0.06, (-0.38, 0, 6.95), sides=10)
    b.box("sign-yellow", (0.02, 0.2, 0.28), (0.17, 0, 2.0))


def neon_sign(b: Builder, *, glow: str, other: str, shape: str) -> None:
    """An upright neon sign, 3.6 m, glowing letters and a figure on a dark box, on its own foot."""
    with b.solid():
        b.box("iron-dark", (0.5, 0.9, 0.2))
        b.box("iron-dark", (0.22, 0.22, 0.9), (0, 0, 0.2))
        b.box("frame-dark", (0.3, 1.1, 2.5), (0, 0, 1.0), bevel=0.05)
    for x in (0.16, -0.16):
        for a, c in (
            ((0.48, 1.08), (0.48, 3.42)),
            ((-0.48, 1.08), (-0.48, 3.42)),
            ((-0.48, 1.08), (0.48, 1.08)),
            ((-0.48, 3.42), (0.48, 3.42)),
        ):
            b.beam(glow, (x, *a), (x, *c), 0.05)
        for i in range(4):
            z = 1.32 + 0.34 * i
            b.beam(other, (x, -0.2, z), (x, 0.2, z), 0.05)
            if i % 2 == 0:
                b.beam(other, (x, -0.2, z), (x, -0.2, z + 0.24), 0.05)
                b.beam(other, (x, 0.2, z), (x, 0.05, z + 0.24), 0.05)
            else:
                b.beam(other, (x, -0.2, z + 0.24), (x, 0.2, z + 0.24), 0.05)
                b.beam(other, (x, 0.0, z), (x, 0.0, z + 0.24), 0.05)
        if shape == "circle":
            b.ring(glow, 0.27, 0.03, (x, 0, 3.02), pitch=np.pi / 2, sides=14)
        else:
            b.tube(glow, [(x, 0.3, 3.25), (x, -0.05, 2.98), (x, 0.08, 2.94), (x, -0.28, 2.72)], 0.03, sides=4)
    b.light = (0.5, 0.0, 2.2)


def hologram(b: Builder, *, figure: str) -> None:
    """A holographic display: a projector plinth of 1 m and a glowing figure 2.5 m high above it (invented)."""
    with b.solid("cylinder"):
        b.lathe("iron-dark", [(0.75, 0), (0.75, 0.12), (0.55, 0.22), (0.5, 0.7), (0.62, 0.85), (0.62, 0.95)], sides=12)
        b.cylinder("neon-cyan", 0.5, 0.04, (0, 0, 0.94), sides=12)
        b.ring("neon-blue", 0.64, 0.03, (0, 0, 0.5), sides=16)
    if figure == "globe":
        for tilt in (0.0, np.pi / 3, 2 * np.pi / 3):
            b.ring("hologram", 0.85, 0.025, (0, 0, 2.3), roll=np.pi / 2, yaw=tilt, sides=20)
        for z, r in ((0.0, 0.85), (0.45, 0.72), (-0.45, 0.72)):
            b.ring("hologram", r, 0.025, (0, 0, 2.3 + z), sides=20)
        b.ball("hologram", 1.0, (0, 0, 2.3), detail=1, crease=0.99)
        b.ring("neon-pink", 1.15, 0.03, (0, 0, 2.3), roll=0.4, sides=24)
    else:
        b.lathe("hologram", [(0.0, -1.0), (0.1, -0.8), (0.3, -0.35), (0.4, 0.15), (0.3, 0.6), (0.0, 0.95)], (0, 0, 2.2),
                pitch=np.pi / 2, sides=10)  # fmt: skip
        b.prism("neon-pink", [(-0.75, 2.2), (-1.35, 2.62), (-1.2, 2.2), (-1.35, 1.78)], 0.06, plane="xz")
        b.prism("neon-pink", [(0.3, 2.52), (-0.1, 2.9), (-0.45, 2.45)], 0.05, plane="xz")
        for sign in (1, -1):
            b.prism("neon-pink", [(0.25, 0.3 * sign), (-0.2, 0.75 * sign), (-0.2, 0.3 * sign)], 0.05, (0, 0, 2.0))
            b.ball("neon-yellow", 0.12, (0.62, sign * 0.25, 2.3), detail=0)
        b.ring("neon-cyan", 0.7, 0.025, (0, 0, 1.3), sides=20)
        b.ring("neon-violet", 0.95, 0.025, (0, 0, 1.9), roll=0.15, sides=20)
    b.light = (0.0, 0.0, 2.2)


TABLE = (
    Recipe("lamp", arm_lamp, 90, (variant("modern", arms=1), variant("modern double", arms=2))),
    Recipe("lamp", post_lamp, 150, (variant("old iron", heads=1), variant("old iron double", heads=2))),
    Recipe("lamp", bollard_lamp, 60, (variant("modern slim futuristic"),)),
    Recipe("lantern", lantern, 45, (variant("old iron", paper=False), variant("red paper asian", paper=True))),
    Recipe("sign", sign, 25, (
        variant("red round", face="sign-red", shape="round"),
        variant("red stop", face="sign-red", shape="octagon"),
        variant("red warning", face="sign-red", shape="triangle"),
        variant("wooden direction", face="planks-natural", shape="arrows"),
        variant("blue direction", face="sign-blue", shape="arrows"),
    )),
    Recipe("traffic-light", traffic_light, 110),
    Recipe("billboard", billboard, 1100, (
        variant("yellow", face="sign-yellow", accent="paint-red"),
        variant("blue", face="sign-blue", accent="sign-yellow"),
    )),
    Recipe("flagpole", flagpole, 110, (
        variant("blue white", stripes=("fabric-blue", "fabric-white", "fabric-blue")),
        variant("red white", stripes=("fabric-red", "fabric-white", "fabric-red")),
        variant("green yellow", stripes=("fabric-green", "fabric-yellow", "fabric-green")),
    )),
    Recipe("power-pole", power_pole, 420),
    Recipe("neon-sign", neon_sign, 180, (
        variant("pink", glow="neon-pink", other="neon-cyan", shape="circle"),
        variant("blue", glow="neon-blue", other="neon-yellow", shape="bolt"),
        variant("green", glow="neon-green", other="neon-violet", shape="circle"),
        variant("orange", glow="neon-orange", other="neon-pink", shape="bolt"),
    )),
    Recipe("hologram", hologram, 200, (variant("globe", figure="globe"), variant("fish pink", figure="fish"))),
)  # fmt: skip
