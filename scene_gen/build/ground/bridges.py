"""Bridges: a deck with raised walks and railings that carries a street over water, on piers that stand on the bed."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import NDArray

from bridge.frames import read_only
from bridge.meshes import merge, mesh
from bridge.scene import Collider, Part
from scene_gen.build.ground.network import Edge
from scene_gen.build.ground.polygons import boxes, resampled
from scene_gen.build.ground.terrain import Ground

Array = NDArray[np.float64]
_DECK_M = 0.9
_CURB_M = 0.12
_PIER_EVERY_M = 13.0


def bridge_part(edge: Edge, ground: Ground, water_m: float, surface: tuple[str, str, str], name: str) -> Part:
    """The bridge of one stretch of street, its carriageway at the centreline's level.

    `surface` are the materials of carriageway, sidewalks and curbs.
    """
    line = resampled(edge.points, 2.0)
    step = np.gradient(line[:, :2], axis=0)
    step /= np.linalg.norm(step, axis=1, keepdims=True)
    side = np.stack([-step[:, 1], step[:, 0]], -1)
    line = line.copy()
    # the deck reaches a little under the streets at both ends, so that no gap opens
    line[0, :2] -= 0.6 * step[0]
    line[-1, :2] += 0.6 * step[-1]
    is_foot = edge.role == "footbridge"
    road, half = edge.profile.width_m / 2, edge.profile.half_m + (0.35 if is_foot else 0.0)
    z = line[:, 2]
    profile = [  # offset from the middle, height over the carriageway, material of the strip that ends here
        (-half, -_DECK_M), (-half, _CURB_M), (-road, _CURB_M), (-road, 0.0), (road, 0.0), (road, _CURB_M), (half, _CURB_M),
        (half, -_DECK_M), (-half, -_DECK_M),
    ]  # fmt: skip
    carriage, sidewalk, curb = surface
    materials = ("stone-grey", sidewalk, curb, "deck-planks" if is_foot else carriage)
    kinds = [0, 1, 2, 3, 2, 1, 0, 0]
    vertices, faces, kind = [], [], []
    count = len(line)
    for k, ((o0, h0), (o1, h1)) in enumerate(pairwise(profile)):
        a = np.column_stack([line[:, :2] + o0 * side, z + h0])
        b = np.column_stack([line[:, :2] + o1 * side, z + h1])
        base = 2 * count * k
        vertices += [a, b]
        i = np.arange(count - 1)
        faces += [
            np.column_stack([base + i, base + i + 1, base + count + i + 1]),
            np.column_stack([base + i, base + count + i + 1, base + count + i]),
        ]
        kind.append(np.full(2 * (count - 1), kinds[k]))
    body = mesh(np.concatenate(vertices), np.concatenate(faces), materials, np.concatenate(kind))
    ends = _caps(line, side, half)
    railings = _railings(line, side, half)
    parts = [body, *ends, railings]
    length = edge.length_m
    piers = int(length // _PIER_EVERY_M)
    if piers:
        at = (np.arange(piers) + 1) / (piers + 1) * (count - 1)
        middle = np.stack([np.interp(at, np.arange(count), line[:, c]) for c in range(3)], -1)
        bed = np.minimum(ground.at(middle), water_m - 0.6) - 1.0
        tall = middle[:, 2] - _DECK_M + 0.05 - bed
        yaw = np.full(piers, np.arctan2(step[count // 2, 1], step[count // 2, 0]))
        parts.append(
            boxes(
                np.column_stack([middle[:, :2], bed + tall / 2]),
                np.column_stack([np.full(piers, 1.4), np.full(piers, max(2 * half - 1.6, 1.2)), tall]),
                yaw,
                "stone-grey",
            )
        )
    outline = np.concatenate([line[:, :2] - half * side, (line[:, :2] + half * side)[::-1]])
    kind = "footbridge" if edge.role == "footbridge" else "bridge"
    return Part(name, kind, "bridge", merge(parts), (Collider("mesh"),), read_only(outline))


def _caps(line: Array, side: Array, half: float) -> list:
    """The faces that close the deck at its ends."""
    found = []
    for index, flip in ((0, False), (-1, True)):
        p, s, z = line[index, :2], side[index], line[index, 2]
        corners = np.array(
            [[*(p - half * s), z - _DECK_M], [*(p + half * s), z - _DECK_M], [*(p + half * s), z], [*(p - half * s), z]]
        )
        faces = np.array([[0, 2, 1], [0, 3, 2]]) if not flip else np.array([[0, 1, 2], [0, 2, 3]])
        found.append(mesh(corners, faces, ("stone-grey",)))
    return found


def _railings(line: Array, side: Array, half: float):
    a, b = line[:-1], line[1:]
    run = b - a
    length = np.linalg.norm(run[:, :2], axis=1)
    yaw = np.arctan2(run[:, 1], run[:, 0])
    middles, sizes, yaws = [], [], []
    for sign in (-1.0, 1.0):
        offset = sign * (half - 0.16) * (side[:-1] + side[1:]) / 2
        centre = (a + b) / 2
        low = np.minimum(a[:, 2], b[:, 2])
        middles.append(np.column_stack([centre[:, :2] + offset, low + _CURB_M + 0.48]))
        sizes.append(
            np.column_stack([length + 0.02, np.full(len(length), 0.22), np.full(len(length), 0.96) + np.abs(run[:, 2])])
        )
        yaws.append(yaw)
    return boxes(np.concatenate(middles), np.concatenate(sizes), np.concatenate(yaws), "stone-light")


def water_level_at(levels: Sequence[tuple[shapely.Polygon, float]], edge: Edge) -> float:
    """The level of the water under a bridge."""
    middle = shapely.points(edge.points[len(edge.points) // 2, :2])
    return min(levels, key=lambda item: item[0].distance(middle))[1] if levels else 0.0
