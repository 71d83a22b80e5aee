"""The roofs of ordinary buildings: the shape that fits the mass, with windows in its gables, dormers and chimneys."""

from collections.abc import Sequence

from scene_gen.build.houses import facade, roofs
from scene_gen.build.houses.compose import walls_of
from scene_gen.build.houses.decided import Design
from scene_gen.build.houses.dice import Dice
from scene_gen.build.houses.lots import Lot, Point
from scene_gen.build.houses.roofs import Point3
from scene_gen.build.houses.sketch import STANDING, Sketch


def topped(
    sketch: Sketch, frame: int, lot: Lot, quad: list[Point], z: float, d: Design, dice: Dice, reach: Sequence[float]
) -> tuple[float, list[Point3], str]:
    """Put the roof on a mass whose walls end at z; gives its rise, the points of its top and the shape it got."""
    over = [min(d.overhang, r, max(0.05, (z - 2.35) / max(d.pitch, 0.1))) for r in reach]
    shape, width, depth = d.roof_shape, lot.width, lot.depth
    edge = "frame-white" if d.trim in ("frame-white", "plaster-white", "plaster-cream") else "wood-dark"
    is_row = lot.party[0] or lot.party[1]
    if shape in ("hip", "pyramid") and is_row and not (lot.party[0] != lot.party[1] and width > depth):
        shape = "gable"
    if shape == "sawtooth" and (not lot.is_rectangle or min(width, depth) < 9):
        shape = "gable"
    if shape in ("dome",):
        shape = "flat"
    to_street = _gable_to_street(lot, d, dice)
    most = min(6.0, 1.25 * z + 0.5)
    if shape in ("gable", "half-hip"):
        turned = roofs.turned(quad, not to_street)
        half = (width if to_street else depth) / 2
        rise = min(half * d.pitch, most)
        ends = (over[0], over[2]) if to_street else (over[3], over[1])
        eaves = min(over[1], over[3]) if to_street else min(over[0], over[2])
        eaves = min(eaves, max(0.05, (z - 2.35) * half / rise))
        clip = 0.4 if shape == "half-hip" and rise > 2 else 0.0
        total, peak = roofs.gable(
            sketch, frame, turned, z, rise, d.roof, d.wall, eaves=eaves, ends=ends, clip=clip, edge=edge,
            holes=d.broken and dice.chance(0.6),
        )  # fmt: skip
        _attic(sketch, frame, lot, z, rise, half, d, dice, to_street, over, clip > 0)
        return total, peak, shape
    if shape in ("hip", "pyramid"):
        rise, peak = roofs.hip(sketch, frame, quad, z, d.pitch, d.roof, eaves=over, edge=edge, most=most)
        _attic(sketch, frame, lot, z, rise, depth / 2, d, dice, False, over, True)
        return rise, peak, shape
    if shape == "mansard":
        party = lot.party
        rise, peak, _ = roofs.mansard(sketch, frame, quad, z, d.roof, party=party, trim=d.trim)
        for x in facade.bays(width, max(d.bay, 2.4), 0.8):
            roofs.dormer(sketch, frame, x, z + 0.55, 0.28, 3.2, d.roof, d.roof, d.frame, facade.pane(d, dice))
        if d.chimney:
            roofs.chimney(
                sketch, frame, (width * dice.pick((0.15, 0.85)), depth * 0.5), (z + 2, z + rise + 1.2), "brick-red"
            )
        return rise, peak, shape
    if shape == "shed":
        sides = (over[3], over[1])
        rise, peak = roofs.shed(
            sketch, frame, quad, z, min(depth * 0.22, 2.5), d.roof, d.wall, eaves=min(over[0], over[2]), sides=sides
        )
        return rise, peak, shape
    if shape == "sawtooth":
        rise, peak = roofs.sawtooth(sketch, frame, quad, z, d.roof, d.wall)
        return rise, peak, shape
    parapet = 0.5 if d.storeys < 3 else 0.8
    rise, peak = roofs.flat(sketch, frame, quad, z, d.roof, d.wall, parapet=parapet, cap=d.trim)
    if lot.is_rectangle:
        if d.storeys > 2 or d.use in ("office", "hospital", "apartment-block", "hotel"):
            roofs.roof_gear(sketch, frame, quad, z, dice)
        elif d.style.vigas and dice.chance(0.5) and width > 5 and depth > 6:
            x = width * dice.between(0.15, 0.5)
            sketch.box(frame, (x, x + 2.6), (depth * 0.5, depth * 0.5 + 2.8), (z, z + 2.2), d.wall, STANDING)
    return rise, peak, "flat"


def _gable_to_street(lot: Lot, d: Design, dice: Dice) -> bool:
    if lot.party[0] or lot.party[1]:
        likely = {"maritime": 0.5, "colorful": 0.5, "medieval": 0.65, "nordic": 0.4}.get(d.style_name, 0.1)
        return dice.chance(likely if lot.width < 1.1 * lot.depth else 0.1)
    if d.style_name == "alpine":
        return True
    return dice.chance(0.8 if lot.width < lot.depth * 0.9 else 0.25 if lot.width < lot.depth * 1.3 else 0.05)


def _attic(
    sketch: Sketch,
    frame: int,
    lot: Lot,
    z: float,
    rise: float,
    half: float,
    d: Design,
    dice: Dice,
    to_street: bool,
    over: Sequence[float],
    is_clipped: bool,
) -> None:
    """Windows in the gables, dormers and chimneys."""
    width, depth = lot.width, lot.depth
    pitch = rise / half
    if rise > (3.2 if is_clipped else 2.2) and d.roof_shape in ("gable", "half-hip"):
        walls = walls_of(sketch, frame, lot.corners, lot.party)
        for index in (0, 2) if to_street else (1, 3):
            wall = walls[index]
            if wall.is_party:
                continue
            middle = wall.length / 2
            tall = min(1.25, rise * 0.36)
            if rise > 3.4 and wall.length > 5:
                for dx in (-0.85, 0.85):
                    facade.opening(sketch, wall.frame, middle + dx, z + 0.75, (0.85, tall), d, dice)
            else:
                facade.opening(sketch, wall.frame, middle, z + 0.7, (0.85, tall), d, dice)
            if d.timber:
                for share in (0.22, 0.62):
                    run = half * (1 - share)
                    sketch.beam(
                        wall.frame,
                        (middle - run, z + rise * share),
                        (middle + run, z + rise * share),
                        0.15,
                        d.timber,
                        0.04,
                    )
                for side in (-1, 1):
                    for out, low in ((0.34, 0.0), (0.62, 0.0)):
                        x = middle + side * half * out
                        sketch.beam(wall.frame, (x, z + low), (x, z + rise * (1 - out)), 0.14, d.timber, 0.04)
    if d.dormers and not to_street and rise > 2.2 and pitch > 0.6 and d.roof != "thatch":
        middles = facade.bays(width, max(3.0, d.bay * 1.4), 0.9)
        inner = [
            x
            for x in middles
            if half * (d.roof_shape == "hip") + 0.6 < x < width - half * (d.roof_shape == "hip") - 0.6
        ]
        level = 0.6
        for x in inner:
            roofs.dormer(
                sketch, frame, x, z + level, level / pitch * 0.35, pitch, d.roof, d.wall, d.frame, facade.pane(d, dice)
            )
    if d.chimney:
        x = width * dice.pick((0.2, 0.8, 0.5)) if not to_street else width * 0.5
        y = depth * 0.5 if not to_street else depth * dice.pick((0.3, 0.7))
        material = "stone-grey" if d.wall.startswith("stone") else "brick-red" if not d.style.vigas else d.wall
        shift = 0.5 if not to_street else 0.0
        roofs.chimney(
            sketch, frame, (x + (0.5 if to_street else 0.0), y + shift), (z + rise * 0.4, z + rise + 0.9), material
        )
