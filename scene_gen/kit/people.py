"""People: standing, walking, waiting and riding, with varied clothes, skin, hair and things in their hands."""

import numpy as np

from scene_gen.kit import shapes
from scene_gen.kit.builder import Builder
from scene_gen.kit.recipe import Recipe, variant

_TURN = np.arange(10) * np.pi / 5


def _body(sections: list[tuple[float, float, float, float]]) -> list[list[list[float]]]:
    """Rings (z, half depth, half width, forward) of a torso or a skirt."""
    return [[[x + wx * np.cos(t), wy * np.sin(t), z] for t in _TURN] for z, wx, wy, x in sections]


def person(b: Builder, *, height: float, top: str, legs: str, skin: str, hair: str, pose: str = "stand",
           shoes: str = "paint-black", wears: str = "jacket", head: str = "short",
               holds: str = "") -> None:  # fmt: skip
    """A person of `height` 1.2-1.9 m; proportions after the eight-heads figure (head 1/7.5, hips at 0.53)."""
    if pose == "ride":
        _rider(
            b, height=height, top=top, legs=legs, skin=skin, hair=hair, shoes=shoes, wears=wears, head=head, holds=holds
        )
        return
    k = height / 1.75
    with b.solid("cylinder"), b.at(scale=(k, k, k)):
        stride = {"walk": 0.26, "stand": 0.03, "wait": 0.0}[pose]
        for side, way in ((1, 1), (-1, -1)):
            foot, y = stride * way, side * 0.1
            bend = 0.06 if way < 0 and pose == "walk" else 0.02
            heel = 0.05 if way < 0 and pose == "walk" else 0.0
            knee = (foot * 0.45 + bend, y, 0.5)
            if wears != "dress":
                b.tube(
                    legs,
                    [(0, side * 0.09, 0.92), knee, (foot - (0.05 if heel else 0.0), y, 0.1 + heel)],
                    [0.095, 0.075, 0.058],
                    sides=8,
                )
            else:
                b.tube(skin, [(knee[0], y, 0.52), (foot, y, 0.09 + heel)], [0.055, 0.042], sides=8)
            b.box(shoes, (0.26, 0.1, 0.09), (foot + 0.045, y, heel), bevel=0.03, pitch=0.25 if heel else 0.0)
        if wears == "dress":
            b.loft(
                top,
                _body(
                    [
                        (0.42, 0.2, 0.25, 0),
                        (0.8, 0.15, 0.18, 0),
                        (1.02, 0.105, 0.14, 0),
                        (1.28, 0.125, 0.175, 0.01),
                        (1.42, 0.09, 0.17, 0),
                        (1.48, 0.05, 0.06, 0),
                    ]
                ),
            )
        elif wears == "coat":
            b.loft(
                top,
                _body(
                    [
                        (0.55, 0.17, 0.21, 0),
                        (0.9, 0.145, 0.19, 0),
                        (1.08, 0.13, 0.17, 0),
                        (1.3, 0.145, 0.21, 0.01),
                        (1.43, 0.1, 0.19, 0),
                        (1.49, 0.06, 0.07, 0),
                    ]
                ),
            )
            for z in (0.8, 1.0, 1.2):
                b.box("paint-black", (0.02, 0.03, 0.03), (0.145, 0, z))
        else:
            b.loft(
                top,
                _body(
                    [
                        (0.84, 0.125, 0.18, 0),
                        (1.02, 0.12, 0.165, 0),
                        (1.28, 0.14, 0.21, 0.01),
                        (1.42, 0.1, 0.19, 0),
                        (1.49, 0.055, 0.065, 0),
                    ]
                ),
            )
            b.cylinder(legs, 0.1, 0.08, (0, 0, 0.82), sides=8)
        if wears == "apron":
            b.box("fabric-white", (0.03, 0.26, 0.62), (0.13, 0, 0.6))
        if wears == "vest":
            b.box("neon-yellow", (0.27, 0.37, 0.1), (0.01, 0, 1.05))
            b.box("paint-silver", (0.28, 0.375, 0.04), (0.01, 0, 1.08))
        swing = 0.24 if pose == "walk" else 0.03
        for side in (1, -1):
            fore = -swing * side
            hand = np.array([fore * 1.15 + 0.06, side * 0.27, 0.86])
            elbow = np.array([fore * 0.45 - 0.03, side * 0.27, 1.13])
            if pose == "wait" and side < 0:
                elbow, hand = np.array([0.02, -0.27, 1.14]), np.array([0.27, -0.16, 1.22])
            if holds in ("umbrella", "parcel") and (side < 0 or holds == "parcel"):
                elbow, hand = (
                    np.array([0.03, side * 0.26, 1.13]),
                    np.array([0.27, side * (0.2 if holds == "umbrella" else 0.17), 1.14]),
                )
            b.ball(top, 0.14, (0, side * 0.195, 1.375), detail=0)
            b.tube(top, [(0, side * 0.205, 1.365), elbow, hand + (elbow - hand) * 0.18], [0.065, 0.055, 0.042], sides=7)
            b.ball(skin, 0.1, hand, detail=0)
        b.cylinder(skin, 0.055, 0.1, (0.005, 0, 1.45), sides=8)
        b.ball(skin, (0.2, 0.165, 0.245), (0.015, 0, 1.625), detail=1)
        b.ball(skin, (0.05, 0.035, 0.05), (0.118, 0, 1.615), detail=0)
        _head(b, head, hair, top)
    with b.at(scale=(k, k, k)):
        _held(b, holds)


SADDLE_M = 0.76
"""How high a rider sits above the soles' level of the standing figure, whoever it is."""


def _rider(b: Builder, *, height: float, top: str, legs: str, skin: str, hair: str, shoes: str, wears: str, head: str,
           holds: str) -> None:  # fmt: skip
    """Sits upright at SADDLE_M, knees bent over pedals or a footboard, hands on a handlebar before it.

    On a scooter (1.8 m) and a bicycle (1.75 m) of the kit alike; both hands are on the bar, and only a backpack goes along.
    """
    k = height / 1.75
    with b.solid("cylinder"), b.at((0, 0, SADDLE_M * (1 - k)), scale=(k, k, k)):
        cloth = top if wears == "dress" else legs
        for side in (1, -1):
            knee, ankle = (0.35, side * 0.15, 0.7), (0.3, side * 0.14, 0.29)
            b.tube(cloth, [(-0.06, side * 0.09, 0.86), knee], [0.098, 0.075], sides=8)
            b.tube(skin if wears == "dress" else legs, [knee, ankle], [0.072, 0.055], sides=8)
            b.box(shoes, (0.26, 0.1, 0.09), (0.345, side * 0.14, 0.2), bevel=0.03)
        with b.at((-0.07, 0, SADDLE_M + 0.03), pitch=_LEAN_RAD):
            b.loft(top, _body([(-0.02, 0.12, 0.18, 0), (0.18, 0.12, 0.165, 0), (0.44, 0.14, 0.21, 0.01),
                               (0.58, 0.1, 0.19, 0), (0.65, 0.055, 0.065, 0)]))  # fmt: skip
            if wears == "vest":
                b.box("neon-yellow", (0.27, 0.37, 0.1), (0.01, 0, 0.21))
                b.box("paint-silver", (0.28, 0.375, 0.04), (0.01, 0, 0.24))
        for side in (1, -1):
            shoulder, elbow, hand = (0.0, side * 0.2, 1.31), (0.14, side * 0.29, 1.06), (0.4, side * 0.27, 0.95)
            b.ball(top, 0.14, shoulder, detail=0)
            b.tube(top, [shoulder, elbow, hand], [0.065, 0.055, 0.042], sides=7)
            b.ball(skin, 0.1, (0.43, side * 0.27, 0.94), detail=0)
        with b.at((_AHEAD_M, 0, _DOWN_M)):
            b.cylinder(skin, 0.055, 0.1, (0.005, 0, 1.45), sides=8)
            b.ball(skin, (0.2, 0.165, 0.245), (0.015, 0, 1.625), detail=1)
            b.ball(skin, (0.05, 0.035, 0.05), (0.118, 0, 1.615), detail=0)
            _head(b, head, hair, top)
    if holds == "backpack":
        with b.at((0, 0, SADDLE_M * (1 - k)), scale=(k, k, k)), b.at((_AHEAD_M - 0.03, 0, _DOWN_M)):
            _held(b, holds)


_LEAN_RAD, _AHEAD_M, _DOWN_M = 0.12, 0.01, -0.05
"""How far riders lean forward, and where that brings their heads and shoulders from where they stand."""


def _head(b: Builder, head: str, hair: str, top: str) -> None:
    if head == "bald":
        return
    if head == "hood":
        b.ball(top, (0.24, 0.24, 0.3), (-0.045, 0, 1.64), detail=1)
    elif head == "cap":
        b.ball(hair, (0.205, 0.18, 0.2), (-0.012, 0, 1.66), detail=1)
        b.lathe(top, [(0.112, 1.66), (0.11, 1.71), (0.07, 1.76), (0.0, 1.775)], sides=10)
        b.box(top, (0.12, 0.15, 0.02), (0.14, 0, 1.665))
    elif head == "hat":
        b.cylinder("straw", 0.21, 0.02, (0, 0, 1.69), sides=12)
        b.lathe("straw", [(0.12, 1.7), (0.1, 1.79), (0.06, 1.81)], sides=12)
        b.ball(hair, (0.205, 0.18, 0.2), (-0.02, 0, 1.635), detail=1)
    else:
        b.ball(hair, (0.215, 0.19, 0.2), (-0.015, 0, 1.672), detail=1)
        if head == "long":
            b.loft(hair, _body([(1.38, 0.04, 0.085, -0.085), (1.5, 0.05, 0.1, -0.075), (1.64, 0.06, 0.095, -0.055)]))
        if head == "bun":
            b.ball(hair, 0.11, (-0.11, 0, 1.73), detail=1)


def _held(b: Builder, holds: str) -> None:
    if holds == "umbrella":
        b.cylinder("iron-dark", 0.012, 1.0, (0.27, -0.2, 1.06), sides=5)
        ring = [[[0.2 + r * np.cos(t), -0.16 + r * np.sin(t), z] for t in np.arange(8) * np.pi / 4]
                for r, z in ((0.03, 2.07), (0.35, 1.99), (0.55, 1.84), (0.56, 1.855), (0.36, 2.01), (0.03,
                    2.1))]  # fmt: skip
        b.add("fabric-red", shapes.loft(ring))
    elif holds == "bag":
        b.box("leather-brown", (0.28, 0.1, 0.24), (0.03, -0.31, 0.56), bevel=0.03)
        b.beam("leather-brown", (0.03, -0.31, 0.78), (0.03, -0.29, 0.9), 0.03)
    elif holds == "parcel":
        b.box("wood-light", (0.3, 0.36, 0.26), (0.31, 0, 1.04))
        b.box("sign-white", (0.12, 0.14, 0.005), (0.31, 0.05, 1.3))
    elif holds == "backpack":
        b.box("paint-orange", (0.24, 0.38, 0.42), (-0.24, 0, 1.03), bevel=0.05)
        b.box("sign-white", (0.02, 0.22, 0.14), (-0.36, 0, 1.18))


TABLE = (
    Recipe("person", person, 75, (
        variant("man walking", height=1.79, top="fabric-blue", legs="paint-navy", skin="skin-light", hair="hair-brown",
            pose="walk"),
        variant("woman walking", height=1.67, top="fabric-red", legs="fabric-black", skin="skin-medium",
            hair="hair-dark", pose="walk", wears="coat", head="long", holds="bag", mass_kg=63),
        variant("woman standing", height=1.65, top="fabric-yellow", legs="fabric-grey", skin="skin-dark",
            hair="hair-dark", wears="dress", head="bun", shoes="leather-brown", mass_kg=60),
        variant("fisher raincoat", height=1.77, top="paint-yellow", legs="paint-yellow", skin="skin-light",
            hair="hair-grey", wears="coat", head="hood", shoes="rubber"),
        variant("umbrella", height=1.72, top="fabric-grey", legs="paint-navy", skin="skin-light", hair="hair-blond",
            pose="walk", wears="coat", holds="umbrella", mass_kg=68),
        variant("vendor", height=1.74, top="fabric-green", legs="fabric-brown", skin="skin-medium", hair="hair-dark",
            wears="apron", head="cap"),
        variant("courier", height=1.78, top="paint-orange", legs="fabric-black", skin="skin-dark", hair="hair-dark",
            pose="walk", head="cap", holds="backpack"),
        variant("worker", height=1.8, top="paint-orange", legs="paint-navy", skin="skin-light", hair="hair-brown",
            wears="vest", head="cap", pose="wait"),
        variant("old man", height=1.7, top="fabric-brown", legs="fabric-grey", skin="skin-light", hair="hair-grey",
            head="hat", pose="wait", mass_kg=72),
        variant("child", height=1.25, top="fabric-red", legs="fabric-blue", skin="skin-medium", hair="hair-brown",
            pose="walk", mass_kg=27),
    ), riding={"pose": "ride"}),
)  # fmt: skip
