"""Machines of town and future: solar panels, antennas, wind turbines, delivery robots and four-legged ones."""

import numpy as np

from scene_gen.kit.builder import Builder
from scene_gen.kit.recipe import Recipe, variant


def solar_panel(b: Builder) -> None:
    """A ground-mounted row of four modules, 4.2 × 2.0 m, tilted 30° towards X (modules are 1.0 × 1.7 m)."""
    tilt = np.radians(30)
    with b.solid("hull"), b.at((0, 0, 1.02), pitch=tilt):
        b.box("steel", (1.9, 4.3, 0.05), (0, 0, -0.05))
        for i in range(4):
            b.box("frame-white", (1.8, 1.02, 0.05), (0, -1.59 + 1.06 * i, 0))
            b.box("solar", (1.72, 0.95, 0.02), (0, -1.59 + 1.06 * i, 0.04))
    for y in (-1.6, 1.6):
        b.beam("steel", (0.55, y, 0), (0.55, y, 0.7), 0.08)
        b.beam("steel", (-0.55, y, 0), (-0.55, y, 1.3), 0.08)
        b.beam("steel", (0.55, y, 0.05), (-0.55, y, 1.15), 0.05)
        b.box("concrete-grey", (1.6, 0.3, 0.1), (0, y, 0))


def antenna(b: Builder) -> None:
    """A lattice radio mast of 18 m with panel antennas, dishes and a warning light (street-side masts 15-30 m)."""
    corners = [(np.cos(t), np.sin(t)) for t in (0.0, 2 * np.pi / 3, 4 * np.pi / 3)]
    with b.solid("hull"):
        b.box("concrete-grey", (2.6, 2.6, 0.3), (0.0, 0, 0))
        for x, y in corners:
            b.beam("paint-silver", (x * 0.95, y * 0.95, 0.3), (x * 0.28, y * 0.28, 16.0), 0.12)
    for i in range(10):
        z0, z1 = 0.4 + 1.55 * i, 0.4 + 1.55 * (i + 1)
        k0, k1 = 0.95 - 0.67 * z0 / 16, 0.95 - 0.67 * z1 / 16
        for j in range(3):
            (x0, y0), (x1, y1) = corners[j], corners[(j + 1) % 3]
            b.beam("paint-red" if i % 4 < 2 else "paint-white", (x0 * k0, y0 * k0, z0), (x1 * k1, y1 * k1, z1), 0.06)
    for j in range(3):
        t = j * 2 * np.pi / 3 + np.pi / 3
        b.box("paint-white", (0.16, 0.32, 2.0), (0.62 * np.cos(t), 0.62 * np.sin(t), 13.8), yaw=t)
        b.beam("steel", (0.2 * np.cos(t), 0.2 * np.sin(t), 14.6), (0.6 * np.cos(t), 0.6 * np.sin(t), 14.6), 0.06)
    for t, z in ((0.6, 11.0), (3.4, 9.4)):
        with b.at((0.75 * np.cos(t), 0.75 * np.sin(t), z), yaw=t, pitch=np.pi / 2):
            b.lathe("paint-white", [(0.12, -0.2), (0.5, 0.0), (0.55, 0.12), (0.42, 0.1), (0.0, 0.02)], sides=12)
    b.cylinder("paint-silver", 0.05, 2.0, (0, 0, 16.0), sides=6)
    b.cylinder("signal-red", 0.1, 0.2, (0, 0, 17.9), sides=6)
    b.box("paint-grey", (0.9, 0.7, 1.6), (0.0, 1.9, 0.0))
    b.light = (0.0, 0.0, 18.0)


def wind_turbine(b: Builder) -> None:
    """A wind turbine, hub at 42 m, rotor of 44 m facing X (a small grid turbine; large ones reach hubs of 100 m)."""
    with b.solid("cylinder"):
        b.lathe("paint-white", [(1.9, 0), (1.7, 2.0), (0.95, 41.0)], sides=16)
        b.cylinder("concrete-grey", 3.2, 0.4, sides=16)
        b.box("frame-dark", (0.2, 0.9, 2.0), (1.72, 0, 0.9))
    with b.solid():
        rings = [
            [[x, r * np.cos(t), 42.0 + r * 1.05 * np.sin(t)] for t in np.arange(8) * np.pi / 4 + np.pi / 8]
            for x, r in ((-4.4, 0.8), (-3.6, 1.35), (1.0, 1.4), (1.9, 1.1))
        ]
        b.loft("paint-white", rings, crease=0.85)
        b.box("paint-red", (0.3, 0.3, 0.5), (-3.2, 0, 43.3))
    b.lathe(
        "paint-white", [(1.0, 0.0), (0.95, 0.6), (0.55, 1.4), (0.0, 1.8)], (1.95, 0, 42.0), pitch=np.pi / 2, sides=12
    )
    for k in range(3):
        with b.at((2.5, 0, 42.0), roll=k * 2 * np.pi / 3 + 0.35), b.solid("hull"):
            blade = []
            for z, chord, deep, twist in (
                (0.5, 0.8, 0.7, 0.0),
                (3.0, 1.9, 0.42, 0.45),
                (9.0, 1.5, 0.3, 0.25),
                (16.0, 0.9, 0.17, 0.12),
                (22.0, 0.25, 0.06, 0.05),
            ):
                shape = np.array([[-0.35, 0.0], [-0.1, 0.5], [0.65, 0.06], [0.65, -0.06], [-0.1, -0.5]])
                y, x = shape[:, 0] * chord, shape[:, 1] * deep
                c, s = np.cos(twist), np.sin(twist)
                blade.append(np.column_stack([x * c - y * s, x * s + y * c, np.full(5, z)]))
            b.loft("paint-white", blade)


def rover(b: Builder, *, paint: str) -> None:
    """A six-wheeled delivery robot, 0.68 × 0.56 × 0.58 m without its flag, 25 kg (typical pavement couriers)."""
    with b.solid():
        b.box(paint, (0.62, 0.44, 0.26), (0, 0, 0.18), bevel=0.05)
        b.box("paint-black", (0.6, 0.45, 0.05), (0, 0, 0.3))
        b.box(paint, (0.54, 0.42, 0.14), (-0.02, 0, 0.44), taper=(0.82, 0.84))
        for x in (-0.23, 0.0, 0.23):
            for y in (0.24, -0.24):
                b.cylinder("rubber", 0.1, 0.08, (x, y, 0.1), sides=12, axis="y")
                b.cylinder("steel", 0.05, 0.09, (x, y, 0.1), sides=6, axis="y")
    b.box("glass", (0.02, 0.34, 0.1), (0.31, 0, 0.24))
    for y in (0.1, -0.1):
        b.cylinder("head-lamp", 0.028, 0.02, (0.325, y, 0.29), sides=8, axis="x")
        b.box("tail-lamp", (0.02, 0.08, 0.03), (-0.31, y * 1.4, 0.36))
    b.cylinder("iron-dark", 0.008, 0.6, (-0.26, 0.15, 0.5), sides=4)
    b.box("neon-orange", (0.14, 0.005, 0.1), (-0.33, 0.15, 0.98))


def android(b: Builder, *, paint: str, glow: str) -> None:
    """A walking humanoid robot of 1.7 m with a glowing visor, 75 kg (current research humanoids are 1.3-1.8 m)."""
    with b.solid("cylinder"):
        for y in (0.1, -0.1):
            b.box("paint-black", (0.27, 0.1, 0.08), (0.04, y, 0), bevel=0.02)
            b.tube("iron-dark", [(0, y, 0.06), (0.02, y, 0.46)], [0.05, 0.065], sides=8)
            b.tube(paint, [(0.02, y, 0.14), (0.035, y, 0.42)], [0.06, 0.075], sides=8)
            b.ball("iron-dark", 0.13, (0.03, y, 0.47), detail=1)
            b.tube(paint, [(0.03, y, 0.5), (0, y * 0.95, 0.84)], [0.075, 0.095], sides=8)
        b.box("iron-dark", (0.17, 0.28, 0.14), (0, 0, 0.82), bevel=0.03)
        torso = [
            [[x + wx * np.cos(t), wy * np.sin(t), z] for t in np.arange(10) * np.pi / 5]
            for z, wx, wy, x in (
                (0.94, 0.09, 0.13, 0),
                (1.1, 0.11, 0.16, 0),
                (1.32, 0.14, 0.21, 0.01),
                (1.42, 0.1, 0.17, 0),
            )
        ]
        b.loft(paint, torso)
        b.cylinder("iron-dark", 0.05, 0.1, (0, 0, 1.41), sides=8)
        b.ball(paint, (0.22, 0.19, 0.26), (0.01, 0, 1.58), detail=1)
        b.box("paint-black", (0.1, 0.17, 0.1), (0.075, 0, 1.55), bevel=0.02)
        b.box(glow, (0.03, 0.14, 0.03), (0.115, 0, 1.59))
        b.box(glow, (0.03, 0.06, 0.06), (0.145, 0, 1.26))
    for y in (1, -1):
        b.ball("iron-dark", 0.14, (0, y * 0.24, 1.35), detail=1)
        b.tube(paint, [(0, y * 0.26, 1.32), (-0.03, y * 0.29, 1.08)], [0.055, 0.048], sides=8)
        b.tube("iron-dark", [(-0.03, y * 0.29, 1.08), (0.06, y * 0.28, 0.86)], [0.045, 0.035], sides=8)
        b.tube(paint, [(-0.01, y * 0.29, 1.04), (0.045, y * 0.285, 0.9)], [0.052, 0.044], sides=8)
        b.box("iron-dark", (0.08, 0.05, 0.11), (0.08, y * 0.28, 0.76), bevel=0.01)


def quadruped(b: Builder, *, paint: str) -> None:
    """A four-legged robot, 1.0 × 0.5 × 0.7 m, 32 kg (the size of current commercial quadrupeds)."""
    with b.solid():
        b.box(paint, (0.78, 0.24, 0.17), (0, 0, 0.48), bevel=0.04)
        b.box("paint-black", (0.5, 0.25, 0.06), (0, 0, 0.54))
        b.box("paint-black", (0.12, 0.22, 0.13), (0.42, 0, 0.5), bevel=0.03)
        b.box("paint-black", (0.1, 0.2, 0.12), (-0.41, 0, 0.5), bevel=0.03)
    b.box("neon-cyan", (0.02, 0.14, 0.03), (0.48, 0, 0.56))
    b.cylinder("iron-dark", 0.06, 0.09, (0.18, 0, 0.65), sides=10)
    for x in (0.3, -0.3):
        for y in (1, -1):
            with b.solid():
                b.cylinder("iron-dark", 0.075, 0.1, (x, y * 0.17, 0.53), sides=12, axis="y")
                knee = (x - 0.14, y * 0.23, 0.3)
                b.tube(paint, [(x, y * 0.22, 0.53), knee], [0.06, 0.045], sides=8)
                b.tube("iron-dark", [knee, (x + 0.02, y * 0.23, 0.04)], [0.035, 0.022], sides=6)
                b.ball("rubber", 0.075, (x + 0.02, y * 0.23, 0.0375), detail=1)


TABLE = (
    Recipe("solar-panel", solar_panel, 220),
    Recipe("antenna", antenna, 2600),
    Recipe("wind-turbine", wind_turbine, 95000),
    Recipe("robot", rover, 25, (
        variant("white delivery courier", paint="paint-white"),
        variant("teal delivery courier", paint="paint-teal"),
    )),
    Recipe("robot", android, 75, (
        variant("white walking humanoid", paint="paint-white", glow="neon-cyan"),
        variant("orange walking humanoid", paint="paint-orange", glow="neon-yellow"),
    )),
    Recipe("quadruped", quadruped, 32, (
        variant("orange", paint="paint-orange"),
        variant("white", paint="paint-white"),
    )),
)  # fmt: skip
