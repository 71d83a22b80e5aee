"""Cars: saloon, hatchback, estate and off-roader bodies, taxis, police cars and vans, on one bevelled loft."""

from dataclasses import dataclass

import numpy as np

from scene_gen.kit.builder import Builder
from scene_gen.kit.recipe import Recipe, variant

Outline = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Body:
    """Side view of a car, x forward from the middle [m]: the lower body's outline and the glasshouse over it.

    `glass` is (rear foot, rear top, front top, front foot) along x, `belt` and `roof` its heights.
    """

    outline: Outline
    glass: tuple[float, float, float, float]
    belt: float
    roof: float
    width: float
    axles: tuple[float, float]
    wheel: float = 0.32
    pillars: tuple[float, ...] = (-0.1,)


SALOON = Body(
    ((-2.18, 0.3), (-2.26, 0.52), (-2.24, 0.86), (-2.1, 0.93), (-1.35, 0.96), (0.9, 0.94), (1.75, 0.83), (2.16, 0.7),
        (2.27, 0.5), (2.2, 0.24), (-2.0, 0.24)),
    (-1.72, -1.02, 0.18, 0.98), 0.94, 1.45, 1.8, (-1.35, 1.4),
)  # fmt: skip
HATCH = Body(
    ((-1.86, 0.32), (-1.96, 0.55), (-1.94, 0.9), (-1.86, 0.97), (0.8, 0.96), (1.5, 0.86), (1.86, 0.72), (1.97, 0.5),
        (1.92, 0.25), (-1.75, 0.25)),
    (-1.86, -1.55, 0.1, 0.9), 0.95, 1.5, 1.75, (-1.22, 1.25), wheel=0.31, pillars=(-0.15, -1.0),
)  # fmt: skip
ESTATE = Body(
    ((-2.2, 0.32), (-2.3, 0.55), (-2.28, 0.9), (-2.2, 0.97), (0.9, 0.96), (1.75, 0.84), (2.18, 0.7), (2.3, 0.5),
        (2.22, 0.25), (-2.05, 0.25)),
    (-2.22, -1.9, 0.15, 0.98), 0.95, 1.5, 1.82, (-1.4, 1.42), pillars=(-0.15, -1.1),
)  # fmt: skip
OFF_ROADER = Body(
    ((-2.1, 0.45), (-2.2, 0.62), (-2.18, 1.08), (-2.1, 1.14), (0.85, 1.13), (1.75, 1.04), (2.1, 0.9), (2.2, 0.66),
        (2.12, 0.38), (-2.0, 0.38)),
    (-2.1, -1.85, 0.15, 0.95), 1.12, 1.76, 1.9, (-1.35, 1.38), wheel=0.37, pillars=(-0.15, -1.05),
)  # fmt: skip
VAN = Body(
    ((-2.45, 0.42), (-2.5, 0.6), (-2.5, 1.15), (1.45, 1.15), (2.2, 1.0), (2.48, 0.85), (2.55, 0.5), (2.48, 0.3),
        (-2.35, 0.3)),
    (0.45, 0.5, 1.05, 1.75), 1.12, 2.05, 1.95, (-1.6, 1.6), wheel=0.34, pillars=(),
)  # fmt: skip


def wheels(b: Builder, axles: tuple[float, ...], half_width: float, radius: float, *, tread: float = 0.22) -> None:
    """A pair of wheels on each axle, tyres flush with the body's sides."""
    for x in axles:
        for y in (1, -1):
            b.cylinder("rubber", radius, tread, (x, y * (half_width - tread / 2 + 0.01), radius), sides=16, axis="y")
            b.cylinder(
                "steel", radius * 0.58, tread, (x, y * (half_width - tread / 2 + 0.025), radius), sides=8, axis="y"
            )


def arches(b: Builder, axles: tuple[float, ...], half_width: float, radius: float, low: float) -> None:
    """Dark wheel arches, a few millimetres proud of the body."""
    reach = radius * 1.16
    turn = np.linspace(
        np.arcsin(np.clip((low - radius) / reach, -1, 1)), np.pi - np.arcsin(np.clip((low - radius) / reach, -1, 1)), 9
    )
    outline = np.column_stack([reach * np.cos(turn), reach * np.sin(turn)])
    for x in axles:
        b.prism("rubber", outline, 2 * half_width + 0.012, (x, 0, radius), plane="xz")


def shell(b: Builder, paint: str, body: Body) -> None:
    """The lower body: its outline across the car, drawn in at the sides."""
    outline = np.asarray(body.outline)
    centre = np.array([0.0, 0.62])
    rings = []
    for y, scale in ((-1.0, 0.965), (-0.9, 1.0), (0.9, 1.0), (1.0, 0.965)):
        points = centre + (outline - centre) * scale
        rings.append(np.column_stack([points[:, 0], np.full(len(points), y * body.width / 2), points[:, 1]]))
    b.loft(paint, np.stack(rings), is_concave=True)


def glasshouse(b: Builder, paint: str, body: Body) -> None:
    """Windows all round under a painted roof, with pillars."""
    rear, rear_top, front_top, front = body.glass
    wide, narrow = body.width / 2 - 0.09, body.width / 2 - 0.24
    low = np.array(
        [
            [rear, -wide, body.belt - 0.05],
            [front, -wide, body.belt - 0.05],
            [front, wide, body.belt - 0.05],
            [rear, wide, body.belt - 0.05],
        ]
    )
    top = np.array(
        [
            [rear_top, -narrow, body.roof - 0.06],
            [front_top, -narrow, body.roof - 0.06],
            [front_top, narrow, body.roof - 0.06],
            [rear_top, narrow, body.roof - 0.06],
        ]
    )
    b.loft("glass", np.stack([low, top]))
    lip = top + np.array([[-0.05, -0.03, -0.02], [0.05, -0.03, -0.02], [0.05, 0.03, -0.02], [-0.05, 0.03, -0.02]])
    crown = np.array([0.0, 0.0, body.roof])
    cap = (top - top.mean(axis=0)) * [0.86, 0.88, 0] + top.mean(axis=0) * [1, 1, 0] + crown
    b.loft(paint, np.stack([lip, lip + [0, 0, 0.035], cap]))
    for a, c in zip(low, top):
        out = np.array([0, np.sign(a[1]) * 0.015, 0.0])
        b.beam(paint, a + out, c + out, 0.08, 0.06)
    for x in body.pillars:
        for y in (1, -1):
            b.beam(
                paint,
                (x - 0.05, y * (wide + 0.012), body.belt - 0.05),
                (x - 0.1, y * (narrow + 0.012), body.roof - 0.05),
                0.05,
                0.09,
            )


def lights(b: Builder, body: Body, *, z: float = 0.0) -> None:
    """Head and tail lamps, bumpers, number plates and mirrors."""
    outline = np.asarray(body.outline)
    front, back = float(outline[:, 0].max()), float(outline[:, 0].min())
    level = z or 0.66 * body.belt
    for y in (1, -1):
        b.box("head-lamp", (0.16, 0.36, 0.14), (front - 0.12, y * (body.width / 2 - 0.29), level), yaw=-y * 0.14)
        b.box("tail-lamp", (0.1, 0.26, 0.16), (back + 0.06, y * (body.width / 2 - 0.24), level + 0.08))
        mirror_x = body.glass[3] - 0.3
        b.box("paint-black", (0.12, 0.2, 0.13), (mirror_x, y * (body.width / 2 + 0.01), body.belt + 0.02), bevel=0.03)
    b.box("plastic-grey", (0.1, body.width * 0.84, 0.16), (front - 0.05, 0, level - 0.28))
    b.box("plastic-grey", (0.1, body.width * 0.84, 0.16), (back + 0.05, 0, level - 0.24))
    b.box("paint-black", (0.1, 0.75, 0.13), (front - 0.06, 0, level))
    b.box("sign-white", (0.04, 0.5, 0.11), (front + 0.005, 0, level - 0.26))
    b.box("sign-white", (0.04, 0.5, 0.11), (back - 0.005, 0, level - 0.2))


def car(b: Builder, *, paint: str, body: Body = SALOON, sign: str = "", police: bool = False) -> None:
    """A car of 3.9-4.6 m by 1.75-1.9 m, 1.45-1.76 m high (European small to middle class)."""
    half = body.width / 2
    with b.solid():
        shell(b, paint, body)
        arches(b, body.axles, half, body.wheel, min(z for _, z in body.outline))
        wheels(b, body.axles, half, body.wheel)
    with b.solid("hull"):
        glasshouse(b, paint, body)
    lights(b, body)
    for y in (1, -1):
        for x in body.pillars[:1]:
            b.box("chrome", (0.16, 0.03, 0.03), (x - 0.32, y * (half - 0.02), body.belt - 0.14))
    if sign:
        b.box(sign, (0.18, 0.55, 0.16), (-0.35, 0, body.roof - 0.01), taper=(0.8, 0.9))
        for y in (1, -1):
            for i in range(6):
                b.box(
                    "paint-black" if i % 2 else "paint-white",
                    (0.22, 0.03, 0.1),
                    (-1.0 + 0.3 * i, y * (half - 0.005), 0.68),
                )
    if police:
        b.box("paint-black", (0.22, 1.1, 0.06), (-0.35, 0, body.roof - 0.01))
        b.box("neon-blue", (0.2, 0.45, 0.12), (-0.35, 0.32, body.roof + 0.04))
        b.box("signal-red", (0.2, 0.45, 0.12), (-0.35, -0.32, body.roof + 0.04))
        for y in (1, -1):
            b.box("paint-blue", (2.3, 0.03, 0.2), (0.02, y * (half - 0.005), 0.6))


def van(b: Builder, *, paint: str, stripe: str = "") -> None:
    """A panel van, 5.1 × 1.95 × 2.1 m (typical delivery van)."""
    half = VAN.width / 2
    with b.solid():
        shell(b, paint, VAN)
        arches(b, VAN.axles, half, VAN.wheel, 0.3)
        wheels(b, VAN.axles, half, VAN.wheel)
    rings = [[[x, y * s, 1.1], [x, y, 1.3], [x, y * 0.93, 1.98], [x, y * 0.8, 2.08], [x, -y * 0.8, 2.08], [x,
        -y * 0.93, 1.98], [x, -y, 1.3], [x, -y * s, 1.1]]
             for x, y, s in ((-2.5, 0.95, 1.0), (-2.42, 0.975, 1.0), (0.62, 0.975, 1.0))]  # fmt: skip
    with b.solid("hull"):
        b.loft(paint, rings, crease=0.8)
        glasshouse(b, paint, VAN)
    lights(b, VAN, z=0.72)
    for y in (0.42, -0.42):
        b.box("glass", (0.05, 0.62, 0.45), (-2.5, y, 1.4))
    b.box("paint-black", (0.05, 0.03, 1.6), (-2.505, 0, 0.45))
    if stripe:
        for y in (1, -1):
            b.box(stripe, (2.6, 0.03, 0.3), (-0.9, y * (half - 0.005), 0.8))
            b.box("sign-white", (1.5, 0.03, 0.4), (-1.2, y * (half - 0.02), 1.35))


TABLE = (
    Recipe("car", car, 1300, (
        variant("red hatchback small", paint="paint-red", body=HATCH, mass_kg=1100),
        variant("silver", paint="paint-silver", body=SALOON),
        variant("blue", paint="paint-blue", body=ESTATE, mass_kg=1450),
        variant("white", paint="paint-white", body=OFF_ROADER, mass_kg=1700),
        variant("black", paint="paint-black", body=SALOON),
        variant("green small", paint="paint-green", body=HATCH, mass_kg=1100),
        variant("teal", paint="paint-teal", body=ESTATE, mass_kg=1450),
        variant("cream small", paint="paint-cream", body=HATCH, mass_kg=1100),
    )),
    Recipe("taxi", car, 1450, (
        variant("yellow", paint="paint-yellow", body=SALOON, sign="lamp-glow"),
        variant("black", paint="paint-black", body=ESTATE, sign="lamp-glow"),
    )),
    Recipe("police-car", car, 1500, (variant("white blue", paint="paint-white", body=SALOON, police=True),)),
    Recipe("van", van, 2100, (
        variant("white", paint="paint-white"),
        variant("blue", paint="paint-blue", stripe="paint-white"),
        variant("yellow", paint="paint-yellow", stripe="paint-red"),
    )),
)  # fmt: skip
