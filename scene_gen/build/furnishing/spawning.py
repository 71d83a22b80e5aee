"""Free places to start from, those who act from the start, and the lamps' light."""

from collections.abc import Iterator, Mapping

import numpy as np
import shapely
from numpy.typing import NDArray

from bridge.frames import matrix_from_quat, pose_array, read_only, yaw_from_quat
from bridge.scene import Agent, Asset, Lights, Placements, Spawn
from scene_gen.build.furnishing.people import sidewalk_places
from scene_gen.build.furnishing.placing import Grounds
from scene_gen.build.site import Raised
from scene_gen.kinds import KINDS
from scene_gen.plan.artefacts import AgentsPlanned

Array = NDArray[np.float64]
WARM, WHITE, BEACON = (1.0, 0.72, 0.42), (0.86, 0.93, 1.0), (1.0, 0.92, 0.72)
LIGHT: dict[str, tuple[float, float, tuple[float, float, float]]] = {
    "lamp": (6_000.0, 26.0, WARM),
    "lantern": (1_200.0, 14.0, WARM),
    "lighthouse": (120_000.0, 160.0, BEACON),
    "campfire": (1_500.0, 14.0, (1.0, 0.5, 0.18)),
    "hologram": (1_500.0, 16.0, (0.2, 0.85, 1.0)),
    "neon-sign": (2_600.0, 16.0, (1.0, 0.25, 0.65)),
    "billboard": (3_000.0, 20.0, WHITE),
    "crane": (4_000.0, 30.0, WHITE),
    "bus-stop": (1_500.0, 10.0, WHITE),
    "buoy": (300.0, 12.0, (1.0, 0.3, 0.2)),
}
"""Luminous flux [lm], reach [m] and colour by kind; everything else that shines is a small warm lamp."""
TUBES = {
    "neon-pink": (1.0, 0.2, 0.6), "neon-cyan": (0.15, 0.85, 1.0), "neon-violet": (0.55, 0.25, 1.0),
    "neon-green": (0.2, 1.0, 0.45), "neon-orange": (1.0, 0.5, 0.12), "neon-blue": (0.2, 0.4, 1.0),
    "neon-yellow": (1.0, 0.88, 0.2),
}  # fmt: skip
"""The light of things with neon tubes, by the tubes' material."""
SMALL = (800.0, 9.0, WARM)
RIDE_ASIDE_M = 0.4
"""How far from the middle of their place riders and what they ride stand."""
FREE_M = {"person": 0.5, "robot": 0.6, "scooter": 1.0, "car": 2.6}


FACADE_LM, FACADE_REACH_M, FACADE_GAP_M, FACADE_LEVEL_M = 7_000.0, 26.0, 16.0, 4.5
"""A facade with tubes shines like so much light every so many metres, at that height."""


def lights(assets: Mapping[str, Asset], placements: tuple[Placements, ...], raised: Raised) -> Lights:
    """The lights of all placed assets that have a lamp, and of facades with neon tubes."""
    owners: list[str] = []
    positions, rows = [np.zeros((0, 3))], [np.zeros((0, 5))]
    for group in placements:
        asset = assets[group.asset]
        if asset.light is None:
            continue
        lumens, reach, color = LIGHT.get(asset.kind, SMALL)
        color = next((TUBES[name] for name in asset.lods[0].materials if name in TUBES), color)
        lamp = np.asarray(asset.light) * group.scale
        positions.append(np.einsum("nij,nj->ni", matrix_from_quat(group.poses[:, 3:]), lamp) + group.poses[:, :3])
        rows.append(np.tile([lumens, reach, *color], (len(group.names), 1)))
        owners += group.names
    for name, places, color in _facades(raised):
        positions.append(places)
        rows.append(np.tile([FACADE_LM, FACADE_REACH_M, *color], (len(places), 1)))
        owners += [name] * len(places)
    table = np.concatenate(rows)
    return Lights(
        owners=tuple(owners),
        positions=read_only(np.concatenate(positions)),
        colors=read_only(table[:, 2:]),
        lumens=read_only(table[:, 0]),
        range_m=read_only(table[:, 1]),
    )


def _facades(raised: Raised) -> Iterator[tuple[str, Array, tuple[float, float, float]]]:
    """Buildings with neon tubes: their name, where their open sides shine from (n,3) [m], and the colour."""
    tubes = {
        part.name: next((TUBES[name] for name in part.mesh.materials if name in TUBES), None) for part in raised.parts
    }
    grounds = shapely.STRtree([shapely.Polygon(building.footprint) for building in raised.buildings])
    for building in raised.buildings:
        color = tubes.get(building.name)
        if color is None:
            continue
        a = building.footprint
        side = np.roll(a, -1, axis=0) - a
        length = np.hypot(*side.T)
        count = np.maximum(np.round(length / FACADE_GAP_M), length > 0.4 * FACADE_GAP_M).astype(int)
        edge = np.repeat(np.arange(len(a)), count)
        rank = np.arange(len(edge)) - np.repeat(np.cumsum(count) - count, count)
        outward = np.stack([side[:, 1], -side[:, 0]], axis=1)[edge] / length[edge, None]
        xy = a[edge] + side[edge] * ((rank + 0.5) / count[edge])[:, None] + 0.3 * outward
        hidden = np.unique(grounds.query(shapely.points(xy + 1.2 * outward), predicate="intersects")[0])
        xy = np.delete(xy, hidden, axis=0)
        level = building.base_m + min(FACADE_LEVEL_M, 0.8 * building.height_m)
        yield building.name, np.column_stack([xy, np.full(len(xy), level)]), color


def spawns_and_agents(grounds: Grounds) -> tuple[tuple[Spawn, ...], tuple[Agent, ...]]:
    """Agents first take the best free places on sidewalks; what stays free becomes spawns."""
    agents: list[Agent] = []
    rng = grounds.rng("agents")
    for planned in grounds.plan.agents:
        free = "scooter" if planned.vehicle != "foot" else "person"
        poses = _take(grounds, *_walks(grounds, rng), FREE_M[free], planned.count)
        if len(poses) < planned.count:
            grounds.notes.append(f"Only {len(poses)} of {planned.count} agents ({planned.kind}) found a free place.")
        agents += _bodies(grounds, planned, poses, rng)
    town = max(len(grounds.raised.buildings), 4)
    rng = grounds.rng("spawns")
    spawns: list[Spawn] = []
    for kind, count in (("person", town // 8 + 4), ("robot", 6), ("scooter", 6)):
        poses = _take(grounds, *_walks(grounds, rng), FREE_M[kind], min(count, 60))
        spawns += [Spawn(f"spawn-{kind}-{i}", kind, tuple(pose)) for i, pose in enumerate(poses.tolist(), 1)]
    poses = _take(grounds, *_lanes(grounds, rng), FREE_M["car"], 12)
    spawns += [Spawn(f"spawn-car-{i}", "car", tuple(pose)) for i, pose in enumerate(poses.tolist(), 1)]
    poses = _free_moorings(grounds)
    spawns += [Spawn(f"spawn-boat-{i}", "boat", tuple(pose)) for i, pose in enumerate(poses.tolist(), 1)]
    return tuple(spawns), tuple(agents)


def _bodies(grounds: Grounds, planned: AgentsPlanned, poses: Array, rng: np.random.Generator) -> list[Agent]:
    """Agents with a body of their own name at each pose (n,7), who stand to the left of what they ride."""
    kind = planned.kind if planned.kind in KINDS else "person"
    looks = grounds.stock.chosen(kind, (planned.kind,))
    yaw = yaw_from_quat(poses[:, 3:])
    left = np.stack([-np.sin(yaw), np.cos(yaw), np.zeros(len(yaw))], axis=1)
    at = poses[:, :3]
    if planned.vehicle != "foot":
        rides = grounds.stock.chosen(planned.vehicle, (planned.kind,))
        grounds.put_at(planned.vehicle, at - RIDE_ASIDE_M * left, yaw, assets=rng.choice(rides, len(at)).tolist())
        at = at + RIDE_ASIDE_M * left
    names = grounds.put_at(planned.kind, at, yaw, assets=rng.choice(looks, len(at)).tolist())
    starts = pose_array(at, yaw).tolist()
    return [
        Agent(name, planned.kind, planned.vehicle, tuple(pose), planned.instruction)
        for name, pose in zip(names, starts, strict=True)
    ]


def _walks(grounds: Grounds, rng: np.random.Generator) -> tuple[Array, Array, tuple[str, ...]]:
    xy, yaw = sidewalk_places(grounds, rng, 5.0)
    return xy, yaw, ("sidewalk", "square", "dock", "road", "terrain")


def _lanes(grounds: Grounds, rng: np.random.Generator) -> tuple[Array, Array, tuple[str, ...]]:
    driven = [i for i, s in enumerate(grounds.ways.streets) if s.lanes[0]]
    street, arc = grounds.ways.every(driven, 22.0, trim_m=9.0)
    width = np.array([s.width_m for s in grounds.ways.streets])[street]
    one_way = np.array([s.lanes[1] == 0 for s in grounds.ways.streets])[street]
    xy, heading = grounds.ways.at(street, arc, np.where(one_way, 0.0, -np.minimum(width / 4, 1.6)))
    order = rng.permutation(len(xy))
    return xy[order], heading[order], ("road", "bridge")


def _take(grounds: Grounds, xy: Array, yaw: Array, on: tuple[str, ...], radius_m: float, count: int) -> Array:
    """Poses (n,7) of the first free level places, which are taken from now on."""
    if not len(xy) or count <= 0:
        return np.zeros((0, 7))
    chosen, z = grounds.free_discs(xy, yaw, radius_m, on, count)
    grounds.occupancy.add(xy[chosen], np.full(len(chosen), radius_m))
    return pose_array(np.column_stack([xy[chosen], z]), yaw[chosen])


def _free_moorings(grounds: Grounds) -> Array:
    berths = grounds.site.moorings
    if not berths:
        return np.zeros((0, 7))
    xy = np.array([(m.x, m.y) for m in berths])
    taken = grounds.occupancy.taken(xy, np.array([min(0.3 * m.length_m, 3.0) for m in berths]))
    poses = pose_array(np.column_stack([xy, [m.level_m for m in berths]]), np.array([m.yaw_rad for m in berths]))
    return poses[~taken]
