"""A surveyed place: its streets and footprints as they are, instead of streets and lots of our own."""

# shapely and scipy are typed as giving one value or many; here it is always arrays.
# pyright: reportArgumentType=false

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString, Polygon
from shapely.geometry.base import BaseGeometry

from bridge.frames import read_only
from scene_gen.build.ground.drawing import Way
from scene_gen.build.ground.lattice import Lattice
from scene_gen.build.ground.network import Network
from scene_gen.build.ground.numbering import STEP_UP_M
from scene_gen.build.ground.polygons import Height, polygons_of, resampled, ring
from scene_gen.build.site import Parcel
from scene_gen.plan.artefacts import BUILT, Plan
from scene_gen.plan.survey import Survey

Array = NDArray[np.float64]
ROLE = "surveyed:"
"""Roles of surveyed ways begin with this; the street's name follows."""
_SHORTEST_M = 12.0
_HOUSE_LOSS = 0.35


def survey_ways(plan: Plan, survey: Survey) -> list[Way]:
    """The surveyed streets as ways, cut to the map. Bridges come back where they cross water."""
    half = plan.size_m / 2
    frame = shapely.box(-half, -half, half, half)
    ways: list[Way] = []
    for street in survey.streets:
        if len(street.line) < 2:
            continue
        inside = LineString(street.line[:, :2]).intersection(frame)
        for piece in getattr(inside, "geoms", [inside]):
            if isinstance(piece, LineString) and piece.length > (_SHORTEST_M if street.kind == "path" else 1.0):
                kind = "street" if street.kind == "bridge" else street.kind
                ways.append(Way(resampled(np.asarray(piece.coords), 5.0), kind, ROLE + street.name))
    return ways


def survey_town(survey: Survey, paved: BaseGeometry | None = None) -> BaseGeometry:
    """The ground about the surveyed buildings, without what is paved."""
    shapes = shapely.union_all([Polygon(building.footprint).buffer(16.0) for building in survey.buildings])
    return shapes if paved is None else shapes.difference(paved)


def named_chains(net: Network) -> tuple[Network, dict[int, str]]:
    """The network with one chain for each surveyed name, and the names by chain."""
    by_name: dict[str, int] = {}
    edges = []
    fresh = 1 + max((edge.chain for edge in net.edges), default=-1)
    for edge in net.edges:
        name = edge.role.removeprefix(ROLE) if edge.role.startswith(ROLE) else ""
        if name:
            chain = by_name.setdefault(name, fresh + len(by_name))
            edge = replace(edge, chain=chain)
        edges.append(edge)
    order = {chain: k for k, chain in enumerate(dict.fromkeys(edge.chain for edge in edges))}
    names = {order[chain]: name for name, chain in by_name.items()}
    return Network(net.nodes, tuple(replace(edge, chain=order[edge.chain]) for edge in edges)), names


def survey_parcels(
    plan: Plan,
    survey: Survey,
    net: Network,
    names: Sequence[str],
    paved: BaseGeometry,
    water: BaseGeometry,
    level: Height,
) -> list[Parcel]:
    """A parcel for each surveyed footprint, its front the side nearest to a street; those on streets or in water fall out."""
    lines = [LineString(edge.points[:, :2]) for edge in net.edges]
    tree = shapely.STRtree(lines)
    blocked = shapely.union_all([paved.buffer(0.05), water.buffer(1.0)])
    zones = Lattice(plan)
    half = plan.size_m / 2 - 0.5
    frame = shapely.box(-half, -half, half, half)
    numbers: dict[str, int] = {}
    parcels: list[Parcel] = []
    for building in survey.buildings:
        whole = Polygon(building.footprint).buffer(0)
        pieces = polygons_of(whole.intersection(frame).difference(blocked), 20.0)
        if not pieces or pieces[0].area < (1 - _HOUSE_LOSS) * whole.area:
            continue
        corners = ring(pieces[0].simplify(0.05))
        following = np.roll(corners, -1, axis=0)
        middle, length = (corners + following) / 2, np.linalg.norm(following - corners, axis=1)
        away = shapely.distance(lines[int(tree.nearest(Polygon(corners)))], shapely.points(middle))
        side = int(np.argmin(np.where(length > 2.5, away, away + 40.0)))
        corners = np.roll(corners, -side, axis=0)
        edge = net.edges[int(tree.nearest(shapely.points(corners[:2].mean(axis=0))))]
        known = [name for name in (building.street,) if name in names]
        street = known[0] if known else names[edge.chain]
        numbers[street] = numbers.get(street, 0) + 1
        digits = "".join(c for c in building.number if c.isdigit())[:4]
        letter = str(zones.at(corners.mean(axis=0)))
        parcels.append(
            Parcel(
                name=f"parcel-{len(parcels) + 1}",
                polygon=read_only(corners),
                front=read_only(corners[:2]),
                base_m=round(float(level(corners[:2].mean(axis=0)[None])[0]) + STEP_UP_M, 4),
                zone=letter if letter in BUILT else "R",
                street=street,
                number=int(digits) if digits else numbers[street],
                use=building.use,
                attributes=("surveyed",),
            )
        )
    return parcels
