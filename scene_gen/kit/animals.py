"""Animals: four-legged ones on one lofted body, and birds; they stand on z = 0 and look along X."""

from collections.abc import Sequence

import numpy as np

from scene_gen.kit.builder import Builder
from scene_gen.kit.recipe import Recipe, variant

_TURN = np.arange(8) * np.pi / 4
Station = tuple[float, float, float, float]
"""A cross-section of a body: x, height of its middle, half width, half height [m]."""


def _rings(stations: Sequence[Station]) -> list[list[list[float]]]:
    return [[[x, w * np.cos(t), z + h * np.sin(t)] for t in _TURN] for x, z, w, h in stations]


def _legs(b: Builder, fur: str, hoof: str, places: Sequence[tuple[float, float]], top: float, thick: float) -> None:
    """Four legs that bend a little: (x, y) of each foot, `top` the height where they join the body."""
    for i, (x, y) in enumerate(places):
        lean = 0.06 * top * (1 if x > 0 else -1) * (1 if i % 2 else -0.4)
        b.tube(
            fur,
            [(x * 0.93, y * 0.9, top), (x + lean * 0.6 - 0.02, y, top * 0.5), (x + lean, y, 0.06 * top)],
            [thick * 1.5, thick, thick * 0.75],
            sides=6,
        )
        b.cylinder(hoof, thick * 1.0, top * 0.13, (x + lean, y, 0), top=thick * 0.8, sides=6)


def dog(b: Builder, *, fur: str, tip: str) -> None:
    """A dog, 0.95 m long without its tail, 0.56 m at the shoulder (retriever, shepherd)."""
    with b.solid("hull"):
        _legs(b, fur, tip, [(0.24, 0.09), (0.26, -0.09), (-0.27, 0.09), (-0.25, -0.09)], 0.36, 0.032)
        b.loft(
            fur,
            _rings(
                [
                    (-0.38, 0.44, 0.06, 0.07),
                    (-0.28, 0.44, 0.11, 0.12),
                    (0.0, 0.42, 0.11, 0.12),
                    (0.24, 0.43, 0.125, 0.15),
                    (0.36, 0.5, 0.08, 0.1),
                ]
            ),
        )
        b.tube(fur, [(0.28, 0, 0.5), (0.42, 0, 0.64)], [0.1, 0.08], sides=8)
    b.ball(fur, (0.24, 0.18, 0.18), (0.46, 0, 0.69), detail=1)
    b.loft(fur, _rings([(0.5, 0.67, 0.06, 0.055), (0.64, 0.64, 0.04, 0.035)]))
    b.ball("paint-black", 0.045, (0.645, 0, 0.655), detail=0)
    for y in (1, -1):
        b.ball(tip, (0.08, 0.03, 0.15), (0.42, y * 0.085, 0.69), roll=y * 0.25, detail=0)
        b.ball("paint-black", 0.03, (0.55, y * 0.055, 0.72), detail=0)
    b.tube(fur, [(-0.36, 0, 0.48), (-0.5, 0, 0.56), (-0.58, 0, 0.7)], [0.04, 0.04, 0.01], sides=6)
    b.ring("paint-red", 0.088, 0.014, (0.37, 0, 0.585), pitch=0.75, sides=10)


def cat(b: Builder, *, fur: str) -> None:
    """A cat, 0.46 m long without its tail, 0.25 m at the shoulder."""
    with b.solid("hull"):
        _legs(b, fur, fur, [(0.12, 0.045), (0.13, -0.045), (-0.13, 0.045), (-0.12, -0.045)], 0.17, 0.016)
        b.loft(
            fur,
            _rings(
                [
                    (-0.2, 0.19, 0.04, 0.04),
                    (-0.12, 0.2, 0.06, 0.065),
                    (0.06, 0.19, 0.055, 0.06),
                    (0.15, 0.21, 0.045, 0.055),
                    (0.19, 0.24, 0.03, 0.04),
                ]
            ),
        )
    b.ball(fur, (0.11, 0.1, 0.095), (0.22, 0, 0.285), detail=1)
    b.ball(fur, (0.04, 0.05, 0.035), (0.272, 0, 0.27), detail=0)
    for y in (1, -1):
        b.cylinder(fur, 0.022, 0.05, (0.21, y * 0.032, 0.32), top=0.0, sides=4)
        b.ball("neon-green", 0.016, (0.268, y * 0.023, 0.3), detail=-1)
    b.tube(
        fur,
        [(-0.19, 0, 0.2), (-0.29, 0, 0.24), (-0.31, 0.02, 0.36), (-0.27, 0.04, 0.42)],
        [0.018, 0.017, 0.015, 0.006],
        sides=6,
    )


def _grazer(
    b: Builder, fur: str, hoof: str, length: float, back: float, girth: float, leg: float, patches: str = ""
) -> None:
    """A large grazing animal: `length` of the trunk, `back` its height, `girth` half its width [m], `leg` a share."""
    half = length / 2
    with b.solid("hull"):
        _legs(
            b,
            fur,
            hoof,
            [
                (half * 0.72, girth * 0.62),
                (half * 0.8, -girth * 0.62),
                (-half * 0.82, girth * 0.62),
                (-half * 0.74, -girth * 0.62),
            ],
            back - 1.3 * girth,
            girth * leg,
        )
        mid = back - girth * 1.12
        b.loft(fur, _rings([(-half * 1.05, mid + 0.1 * girth, girth * 0.5, girth * 0.6), (-half * 0.85,
            mid + 0.08 * girth, girth * 0.9, girth * 1.0), (-half * 0.3, mid - 0.05 * girth, girth, girth * 1.08),
                            (half * 0.4, mid, girth * 0.96, girth * 1.1), (half * 0.85, mid + 0.1 * girth,
                                girth * 0.75, girth * 0.95), (half * 1.08, mid + 0.25 * girth, girth * 0.45,
                                    girth * 0.6)]))  # fmt: skip
    if patches:
        for x, y, z, r in (
            (-0.3, 1, 0.15, 0.5),
            (0.35, 1, -0.1, 0.42),
            (-0.55, -1, 0.0, 0.45),
            (0.15, -1, 0.2, 0.5),
            (0.7, 1, 0.35, 0.3),
        ):
            b.ball(
                patches,
                (half * r * 1.3, girth * 0.55, girth * 1.0 * r * 1.8),
                (x * half, y * girth * 0.77, mid + z * girth),
                detail=1,
            )


def horse(b: Builder, *, fur: str, mane: str) -> None:
    """A horse, 2.3 m long, 1.55 m at the withers, 500 kg."""
    _grazer(b, fur, "paint-black", 1.55, 1.55, 0.33, 0.16)
    b.tube(fur, [(0.62, 0, 1.3), (0.9, 0, 1.62), (1.06, 0, 1.9)], [0.27, 0.18, 0.12], sides=8)
    b.loft(
        fur,
        _rings(
            [(0.96, 1.92, 0.1, 0.13), (1.14, 1.86, 0.1, 0.12), (1.38, 1.68, 0.065, 0.08), (1.48, 1.62, 0.06, 0.065)]
        ),
    )
    b.tube(mane, [(0.66, 0, 1.6), (0.84, 0, 1.82), (0.98, 0, 2.04), (1.1, 0, 2.02)], [0.04, 0.06, 0.055, 0.03], sides=5)
    for y in (0.07, -0.07):
        b.cylinder(fur, 0.04, 0.15, (1.0, y, 2.0), top=0.0, sides=5)
        b.ball("paint-black", 0.045, (1.18, y * 1.35, 1.88), detail=0)
    b.tube(mane, [(-0.8, 0, 1.38), (-0.98, 0, 1.2), (-1.0, 0, 0.7)], [0.06, 0.08, 0.02], sides=6)


def cow(b: Builder, *, fur: str, patches: str) -> None:
    """A cow, 2.4 m long, 1.45 m at the withers, 650 kg."""
    _grazer(b, fur, "paint-black", 1.75, 1.45, 0.38, 0.19, patches)
    b.tube(fur, [(0.75, 0, 1.2), (1.1, 0, 1.3)], [0.28, 0.18], sides=8)
    b.loft(fur, _rings([(1.02, 1.38, 0.12, 0.13), (1.2, 1.34, 0.13, 0.14), (1.42, 1.2, 0.09, 0.1)]))
    b.ball("flowers-pink", (0.14, 0.2, 0.16), (1.44, 0, 1.18), detail=1)
    for y in (1, -1):
        b.ball(patches, (0.06, 0.2, 0.1), (1.05, y * 0.2, 1.42), detail=0)
        b.tube(
            "paint-cream",
            [(1.08, y * 0.09, 1.5), (1.12, y * 0.2, 1.58), (1.16, y * 0.22, 1.68)],
            [0.03, 0.025, 0.0],
            sides=5,
        )
        b.ball("paint-black", 0.045, (1.26, y * 0.125, 1.37), detail=0)
    b.ball("flowers-pink", (0.36, 0.3, 0.2), (-0.5, 0, 0.62), detail=0)
    b.tube(fur, [(-0.9, 0, 1.3), (-1.0, 0, 1.0), (-0.98, 0, 0.6)], [0.03, 0.025, 0.02], sides=5)
    b.ball("paint-black", (0.09, 0.09, 0.18), (-0.98, 0, 0.55), detail=0)


def sheep(b: Builder, *, wool: str, face: str) -> None:
    """A sheep, 1.15 m long, 0.72 m at the shoulder, 65 kg."""
    with b.solid("hull"):
        _legs(b, face, "paint-black", [(0.28, 0.13), (0.3, -0.13), (-0.3, 0.13), (-0.28, -0.13)], 0.34, 0.03)
        for x, z, s in (
            (0.0, 0.52, 0.56),
            (0.24, 0.54, 0.5),
            (-0.26, 0.53, 0.52),
            (-0.08, 0.6, 0.44),
            (0.14, 0.6, 0.42),
        ):
            b.ball(wool, (s, s * 0.84, s * 0.82), (x, 0.02 if x > 0 else -0.02, z), detail=1, yaw=x * 3)
    b.tube(wool, [(0.36, 0, 0.62), (0.5, 0, 0.72)], [0.15, 0.12], sides=7)
    b.loft(face, _rings([(0.46, 0.76, 0.075, 0.085), (0.58, 0.73, 0.07, 0.075), (0.69, 0.66, 0.045, 0.045)]))
    b.ball(wool, (0.16, 0.17, 0.12), (0.48, 0, 0.84), detail=0)
    for y in (1, -1):
        b.ball(face, (0.05, 0.13, 0.05), (0.5, y * 0.11, 0.76), roll=-y * 0.4, detail=0)
        b.ball("paint-black", 0.025, (0.6, y * 0.065, 0.75), detail=0)
    b.ball(wool, (0.1, 0.1, 0.18), (-0.52, 0, 0.48), detail=0)


def goat(b: Builder, *, fur: str) -> None:
    """A goat, 1.1 m long, 0.72 m at the shoulder, with horns and beard, 55 kg."""
    _grazer(b, fur, "paint-black", 0.75, 0.74, 0.16, 0.17)
    b.tube(fur, [(0.3, 0, 0.64), (0.44, 0, 0.86)], [0.11, 0.07], sides=7)
    b.loft(fur, _rings([(0.4, 0.92, 0.06, 0.065), (0.5, 0.89, 0.06, 0.065), (0.63, 0.8, 0.035, 0.04)]))
    b.cylinder("fur-white", 0.03, 0.13, (0.58, 0, 0.66), top=0.01, sides=5)
    for y in (1, -1):
        b.tube(
            "hair-grey",
            [(0.42, y * 0.03, 0.97), (0.38, y * 0.05, 1.1), (0.27, y * 0.07, 1.15)],
            [0.022, 0.018, 0.0],
            sides=5,
        )
        b.ball(fur, (0.05, 0.14, 0.04), (0.42, y * 0.1, 0.92), roll=-y * 0.3, detail=0)
        b.ball("paint-black", 0.022, (0.53, y * 0.056, 0.91), detail=0)
    b.tube(fur, [(-0.38, 0, 0.7), (-0.46, 0, 0.8)], [0.025, 0.008], sides=5)


def camel(b: Builder, *, fur: str) -> None:
    """A dromedary, 2.9 m long, 2.0 m at the hump, head at 2.15 m, 500 kg, with a saddle cloth."""
    _grazer(b, fur, "hair-brown", 1.5, 1.65, 0.34, 0.18)
    b.ball(fur, (0.9, 0.5, 0.85), (-0.1, 0, 1.58), detail=1)
    b.tube(fur, [(0.65, 0, 1.32), (1.0, 0, 1.22), (1.25, 0, 1.5), (1.35, 0, 1.95)], [0.22, 0.16, 0.12, 0.1], sides=8)
    b.loft(fur, _rings([(1.27, 2.02, 0.1, 0.11), (1.42, 2.02, 0.1, 0.11), (1.68, 1.93, 0.06, 0.065)]))
    for y in (1, -1):
        b.ball(fur, (0.05, 0.06, 0.1), (1.28, y * 0.09, 2.13), detail=0)
        b.ball("paint-black", 0.04, (1.48, y * 0.085, 2.06), detail=0)
    b.tube(fur, [(-0.78, 0, 1.45), (-0.92, 0, 1.2), (-0.9, 0, 0.95)], [0.04, 0.03, 0.03], sides=5)
    cloth = [
        [[x, 0.36 * np.cos(t), 1.52 + 0.52 * np.sin(t)] for t in np.linspace(-0.55, np.pi + 0.55, 7)]
        for x in (-0.42, -0.1, 0.22)
    ]
    b.sheet("fabric-red", cloth, 0.03)
    b.box("fabric-blue", (0.4, 0.32, 0.12), (-0.1, 0, 2.0), bevel=0.04)


def chicken(b: Builder, *, fur: str) -> None:
    """A hen, 0.4 m long, 0.42 m high, 2.5 kg."""
    with b.solid("hull"):
        b.ball(fur, (0.3, 0.2, 0.2), (0, 0, 0.2), detail=1, pitch=-0.2)
        for y in (0.045, -0.045):
            b.beam("paint-yellow", (0.0, y, 0.0), (0.0, y, 0.13), 0.014)
            b.box("paint-yellow", (0.08, 0.05, 0.01), (0.02, y, 0))
    b.tube(fur, [(0.08, 0, 0.24), (0.15, 0, 0.34)], [0.07, 0.045], sides=7)
    b.ball(fur, 0.09, (0.16, 0, 0.36), detail=1)
    b.cylinder("paint-yellow", 0.016, 0.05, (0.2, 0, 0.355), top=0.0, sides=4, pitch=np.pi / 2)
    b.box("paint-red", (0.07, 0.012, 0.045), (0.16, 0, 0.395))
    b.ball("paint-red", (0.02, 0.02, 0.04), (0.195, 0, 0.325), detail=-1)
    for y in (1, -1):
        b.ball(fur, (0.2, 0.03, 0.12), (-0.02, y * 0.095, 0.21), detail=0, pitch=-0.2)
        b.ball("paint-black", 0.014, (0.19, y * 0.035, 0.375), detail=-1)
    b.box(fur, (0.1, 0.03, 0.17), (-0.14, 0, 0.22), pitch=-0.7, taper=(1.4, 0.6))


def seagull(b: Builder) -> None:
    """A gull standing on the ground, 0.58 m long, 0.42 m high, 1 kg (herring gull)."""
    with b.solid("hull"):
        b.ball("paint-white", (0.42, 0.19, 0.19), (0, 0, 0.23), detail=1, pitch=-0.3)
        for y in (0.04, -0.04):
            b.beam("flowers-pink", (0.02, y, 0), (0.0, y, 0.16), 0.014)
            b.box("flowers-pink", (0.08, 0.06, 0.01), (0.04, y, 0))
    b.ball("paint-white", (0.13, 0.11, 0.11), (0.19, 0, 0.37), detail=1)
    b.tube("paint-white", [(0.1, 0, 0.26), (0.19, 0, 0.37)], [0.08, 0.05], sides=7)
    b.tube("paint-yellow", [(0.24, 0, 0.365), (0.31, 0, 0.36), (0.325, 0, 0.345)], [0.018, 0.014, 0.0], sides=5)
    for y in (1, -1):
        b.ball("paint-silver", (0.42, 0.04, 0.15), (-0.06, y * 0.085, 0.25), detail=1, pitch=-0.2)
        b.ball("paint-black", 0.016, (0.235, y * 0.04, 0.385), detail=-1)
        b.cylinder("paint-black", 0.03, 0.16, (-0.2, y * 0.05, 0.2), top=0.0, sides=4, pitch=-1.75)
    b.box("paint-white", (0.12, 0.09, 0.02), (-0.21, 0, 0.17), pitch=-0.3)


def duck(b: Builder, *, body: str, head: str) -> None:
    """A duck, 0.55 m long, 0.36 m high, 1.1 kg (mallard)."""
    with b.solid("hull"):
        b.ball(body, (0.44, 0.22, 0.2), (-0.02, 0, 0.15), detail=1, pitch=-0.1)
        for y in (0.05, -0.05):
            b.beam("paint-orange", (0.02, y, 0), (0.0, y, 0.08), 0.016)
            b.box("paint-orange", (0.08, 0.06, 0.01), (0.04, y, 0))
    b.tube(head, [(0.14, 0, 0.17), (0.17, 0, 0.29)], [0.06, 0.04], sides=7)
    b.ball(head, (0.13, 0.1, 0.1), (0.19, 0, 0.31), detail=1)
    b.ring("paint-white", 0.05, 0.01, (0.155, 0, 0.225), pitch=0.3, sides=8)
    b.box("paint-yellow", (0.09, 0.06, 0.02), (0.27, 0, 0.285), taper=(0.9, 0.8))
    for y in (1, -1):
        b.ball("fur-grey", (0.32, 0.04, 0.13), (-0.04, y * 0.1, 0.17), detail=1, pitch=-0.1)
        b.ball("paint-black", 0.015, (0.22, y * 0.042, 0.325), detail=-1)
    b.box("fur-black", (0.12, 0.08, 0.03), (-0.24, 0, 0.17), pitch=0.35)


TABLE = (
    Recipe("dog", dog, 30, (
        variant("brown", fur="fur-tan", tip="fur-brown"),
        variant("black", fur="fur-black", tip="fur-black"),
        variant("white", fur="fur-white", tip="fur-brown"),
    )),
    Recipe("cat", cat, 4.5, (
        variant("grey", fur="fur-grey"),
        variant("black", fur="fur-black"),
        variant("orange", fur="fur-tan"),
    )),
    Recipe("horse", horse, 500, (
        variant("brown", fur="fur-brown", mane="fur-black"),
        variant("white", fur="fur-white", mane="fur-grey"),
        variant("black", fur="fur-black", mane="fur-black"),
    )),
    Recipe("sheep", sheep, 65, (
        variant("white", wool="fur-white", face="fur-black"),
        variant("white", wool="fur-white", face="fur-tan"),
    )),
    Recipe("cow", cow, 650, (
        variant("black white", fur="fur-white", patches="fur-black"),
        variant("brown", fur="fur-brown", patches="fur-white"),
    )),
    Recipe("goat", goat, 55, (variant("white", fur="fur-white"), variant("brown", fur="fur-brown"))),
    Recipe("chicken", chicken, 2.5, (variant("brown", fur="fur-brown"), variant("white", fur="fur-white"))),
    Recipe("camel", camel, 500, (variant("brown", fur="fur-tan"),)),
    Recipe("seagull", seagull, 1.0, (variant("white"),)),
    Recipe("duck", duck, 1.1, (
        variant("brown green", body="fur-tan", head="paint-green"),
        variant("white", body="paint-white", head="paint-white"),
    )),
)  # fmt: skip
