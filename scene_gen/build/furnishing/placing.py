"""Placing things so that they fit: on level enough ground, off everything else, as many as the plan allows."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from scipy.spatial import cKDTree

from bridge.control.clearance import MOVES
from bridge.frames import pose_array, quat_product, read_only
from bridge.scene import Placements
from scene_gen.build.furnishing.ground_layers import layers
from scene_gen.build.furnishing.offers import Offer, Placed, by_and_by, middles, same, tilts
from scene_gen.build.furnishing.stock import Stock
from scene_gen.build.occupancy import Occupancy, conflicts, discs, independent
from scene_gen.build.site import Raised, Site
from scene_gen.build.surfaces import Surfaces
from scene_gen.build.ways.along import Ways
from scene_gen.build.ways.driven import LANE_CLEAR_M
from scene_gen.kinds import KINDS, members
from scene_gen.plan.artefacts import Plan
from scene_gen.seeds import stream

Array = NDArray[np.float64]
Index = NDArray[np.intp]
RESTS_M = 0.012
"""How uneven the ground under a thing that physics may push can be [m], so that it stays where it is."""
SUNK_M = 0.03
"""How far things sink into uneven ground [m], so that their lower edge does not hang in the air."""
STEEPEST = 0.22
"""The steepest ground (rise over run) that tilted things stand on."""


class Grounds:
    """A site being furnished: what stands already, what may still come, and where there is room for it."""

    def __init__(self, plan: Plan, site: Site, raised: Raised, *, seed: int, catalog: Any) -> None:
        self.plan, self.site, self.raised, self.seed = plan, site, raised, seed
        self.stock = Stock(catalog, plan.environment.season, plan.environment.snow_cover)
        self.surfaces = Surfaces(site.terrain, site.parts)
        self.ways = Ways(site.roads.streets)
        self.occupancy = Occupancy()
        for name, shapes in layers(site, raised).items():
            self.occupancy.set_layer(name, shapes)
        self.placed: list[Placed] = []
        self.clauses: dict[str, int] = {}
        self.notes: list[str] = []
        self._counts: dict[str, int] = {}
        self._grounds: dict[tuple[str, ...] | None, NDArray[np.bool_]] = {}
        self._spots: dict[str, list[Array]] = {}
        self._numbers: dict[str, int] = {}
        self._names_taken = {w.name for w in site.waters} | {
            p.name for p in (*site.parts, *raised.parts, *raised.extras)
        }

    @cached_property
    def words(self) -> frozenset[str]:
        """The style and the kinds of place of this town."""
        return frozenset({self.plan.look.style, *(place.value for place in self.plan.brief.places)})

    def rng(self, group: str) -> np.random.Generator:
        """The random stream of one group of things."""
        return stream(self.seed, "furnish", group)

    def count(self, kind: str) -> int:
        """How many of a kind (or of a group's members) stand."""
        return sum(self._counts.get(name, 0) for name in members(kind))

    def spots(self, kind: str) -> Array:
        """Where things of a kind stand, (n,2) [m]."""
        return np.concatenate([np.zeros((0, 2)), *self._spots.get(kind, [])])

    def allowance(self, kind: str) -> int:
        """How many more of a kind the plan allows, room for what it still wants of others in a group kept free."""
        if any(kind in members(name) for name in self.plan.absent if name in KINDS):
            return 0
        left = 10**9
        for name, (_, most) in self.plan.amounts.items():
            if most is None or name not in KINDS or kind not in members(name):
                continue
            owed = sum(
                max(0, least - self.count(other))
                for other, (least, _) in self.plan.amounts.items()
                if other != name and other in KINDS and other in members(name) and kind not in members(other)
            )
            left = min(left, most - self.count(name) - owed)
        return max(left, 0)

    def owed(self, kind: str) -> int:
        """How many of a kind the plan still wants at least."""
        return max(0, self.plan.amounts.get(kind, (0, None))[0] - self.count(kind))

    def wanted(self, kind: str, usual: float) -> int:
        """The usual number of a kind, kept within what the plan allows and wants."""
        return int(min(max(round(usual), self.owed(kind)), self.allowance(kind)))

    def put(
        self,
        kind: str,
        xy: ArrayLike,
        yaw: ArrayLike,
        *,
        rng: np.random.Generator,
        assets: Sequence[str] | None = None,
        which: ArrayLike | None = None,
        scale: ArrayLike = 1.0,
        limit: int | None = None,
        on: Sequence[str] | None = None,
        off: Mapping[str, float] | None = None,
        spacing_m: float = 0.0,
        one_of: ArrayLike | None = None,
        tolerance_m: float = 0.04,
        level_m: ArrayLike | None = None,
        margin_m: float = 0.05,
        is_tilted: bool = False,
        is_row: bool = False,
        clause: int = -1,
    ) -> Index:
        """Stands things of one kind at the first of the places (n,2) [m] that fit; returns the places' indices.

        A place fits if the ground under the whole foot is level to within `tolerance_m`, belongs to a part of one of
        the kinds or classes in `on` ("terrain" for bare ground; None: anything but a carriageway), keeps the distances
        `off` [m] to layers of the ground (houses, doors and crossings always, lanes if it stands beside them), keeps `spacing_m` to others of its kind
        and touches nothing that stands. Of places with the same `one_of`, one is used. `assets` are the choices,
        `which` (n,) the choice at each place (None: at random). `level_m` floats the thing at that height instead. `is_tilted` things lie on the plane of the ground
        under them, which need only be even. `is_row` says that the places do not overlap each other, so that things may
        stand end to end. At most `limit`, and never more than the plan allows.
        """
        xy = np.asarray(xy, dtype=np.float64).reshape(-1, 2)
        most = min(self.allowance(kind), len(xy) if limit is None else limit)
        choices = self.stock.names(kind) if assets is None else assets
        if most <= 0 or not len(xy) or not len(choices):
            return np.zeros(0, dtype=np.intp)
        which = rng.integers(0, len(choices), len(xy)) if which is None else np.asarray(which, dtype=np.intp)
        scale = np.broadcast_to(np.asarray(scale, dtype=np.float64), (len(xy),))
        stays = level_m is None and "road" not in (on or ()) and self.stock.asset(choices[0]).semantic not in MOVES
        rolls = np.array([self.stock.asset(name).is_movable for name in choices])[which]
        offer = Offer(
            xy=xy,
            yaw=np.broadcast_to(np.asarray(yaw, dtype=np.float64), (len(xy),)),
            scale=scale,
            foot=np.array([self.stock.foot(name) for name in choices])[which] * scale[:, None],
            half=np.array([self.stock.span(name) for name in choices])[which] * scale,
            tolerance=np.where(rolls, min(tolerance_m, RESTS_M), tolerance_m),
            level=None if level_m is None else np.broadcast_to(np.asarray(level_m, dtype=np.float64), (len(xy),)),
            group=None if one_of is None else np.asarray(one_of),
            on=None if on is None else tuple(on),
            off={
                "door": 0.0,
                "crossing": 0.0,
                **({"lane": LANE_CLEAR_M} if stays else {}),
                **(off or {}),
                "house": margin_m,
            },
            spacing_m=spacing_m,
            margin_m=margin_m,
            is_tilted=is_tilted,
            is_row=is_row,
        )
        steps = [np.arange(len(xy))]
        if one_of is None and 6 * most + 60 < len(xy):
            steps = [np.arange(part.start, part.stop) for part in by_and_by(len(xy), 4 * most + 40)]
        found: list[Index] = []
        for places in steps:
            kept, poses = self._fitting(kind, offer, places)
            kept, poses = kept[:most], poses[:most]
            names = np.asarray(choices)[which[kept]]
            self._record(kind, names, poses, scale[kept], offer.foot[kept], offer.yaw[kept], clause)
            found.append(kept)
            most -= len(kept)
            if most <= 0:
                break
        return np.concatenate(found)

    def _fitting(self, kind: str, offer: Offer, places: Index) -> tuple[Index, Array]:
        """Those of the places that fit and keep off each other, and the poses (n,7) there."""
        places = places[np.abs(offer.xy[places]).max(axis=1) + offer.half[places] < self.plan.size_m / 2]
        if offer.spacing_m > 0:
            for spots in self._spots.get(kind, ()):
                away = cKDTree(spots).query(offer.xy[places], distance_upper_bound=offer.spacing_m)[0]
                places = places[away >= offer.spacing_m]
        if not len(places):
            return places, np.zeros((0, 7))
        middle = middles(offer.xy[places], offer.yaw[places], offer.foot[places])
        centre, radius, owner = discs(middle, offer.yaw[places], offer.foot[places, :2])
        blocked = self.occupancy.taken(centre, radius, gap_m=offer.margin_m)
        points = np.asarray(shapely.points(centre), dtype=object)
        for layer, distance in offer.off.items():
            open_ = np.flatnonzero(~blocked)
            blocked[open_] = self.occupancy.near(layer, points[open_], radius[open_] + distance)
        bad = np.zeros(len(places), dtype=bool)
        bad[owner[blocked]] = True
        z, slope = np.zeros(len(places)), np.zeros((len(places), 2))
        if offer.level is None:
            look = np.flatnonzero(~bad)
            good, z[look], slope[look] = self._level(offer, places[look])
            bad[look[~good]] = True
        else:
            z = offer.level[places]
        rank = np.cumsum(~bad) - 1
        open_ = np.flatnonzero(~bad)
        free = ~bad[owner]
        pairs = [np.zeros((0, 2), dtype=np.intp)]
        if not offer.is_row:
            pairs.append(conflicts(centre[free], radius[free], rank[owner[free]], gap_m=offer.margin_m))
        if offer.spacing_m > 0 and len(open_) > 1:
            pairs.append(cKDTree(offer.xy[places[open_]]).query_pairs(offer.spacing_m, output_type="ndarray"))
        if offer.group is not None:
            pairs.append(same(offer.group[places[open_]]))
        chosen = open_[independent(len(open_), np.concatenate(pairs))]
        kept = places[chosen]
        poses = pose_array(np.column_stack([offer.xy[kept], z[chosen]]), offer.yaw[kept])
        if offer.is_tilted:
            poses[:, 3:] = quat_product(poses[:, 3:], tilts(slope[chosen]))
        return kept, poses

    def free_discs(
        self, xy: Array, yaw: Array, radius_m: float, on: Sequence[str] | None, count: int
    ) -> tuple[Index, Array]:
        """The first `count` discs (n,2) that lie free, apart, on even ground of the right sort; heights (n,) [m]."""
        size = 1.2 * radius_m
        offer = Offer(
            xy=xy,
            yaw=yaw,
            scale=np.ones(len(xy)),
            foot=np.tile([size, size, 0.0, 0.0], (len(xy), 1)),
            half=np.full(len(xy), radius_m),
            tolerance=np.full(len(xy), 0.15),
            level=None,
            group=None,
            on=None if on is None else tuple(on),
            off={"house": 0.4 * radius_m, "door": 0.0},
            spacing_m=2 * radius_m,
            margin_m=0.4 * radius_m,
            is_tilted=False,
            is_row=False,
        )
        kept, poses = self._fitting("", offer, np.arange(min(len(xy), 8 * count + 60)))
        return kept[:count], poses[:count, 2]

    def _level(self, offer: Offer, places: Index) -> tuple[NDArray[np.bool_], Array, Array]:
        """Which feet stand on level (or even) ground of the right sort, their heights, and the ground's slope.

        The slope (n,2), rise over run, is along and across the thing.
        """
        xy, yaw, foot, tolerance_m = offer.xy[places], offer.yaw[places], offer.foot[places], offer.tolerance[places]
        turn = np.stack([np.cos(yaw), np.sin(yaw)], axis=1)
        side = np.stack([-turn[:, 1], turn[:, 0]], axis=1)
        corners = np.array([(1, 1), (1, -1), (-1, 1), (-1, -1)]) / 2
        local = np.concatenate([np.zeros((len(xy), 1, 2)), foot[:, None, 2:] + corners * foot[:, None, :2]], axis=1)
        probe = xy[:, None] + local[..., :1] * turn[:, None] + local[..., 1:] * side[:, None]
        tops, owners = self.surfaces.top(probe.reshape(-1, 2))
        height, part = tops.reshape(-1, 5), owners.reshape(-1, 5)
        good = self._allowed(offer.on)[part].all(axis=1)
        low, high = height.min(axis=1), height.max(axis=1)
        slope = height[:, 1:] @ (2 * corners) / 4 / np.maximum(foot[:, :2] / 2, 1e-3)
        if offer.is_tilted:
            middle = height[:, 1:].mean(axis=1) - (slope * foot[:, 2:]).sum(axis=1)
            plane = middle[:, None] + np.einsum("nki,ni->nk", local, slope)
            good &= (np.abs(plane - height).max(axis=1) <= tolerance_m) & (np.abs(slope).max(axis=1) < STEEPEST)
            z = height[:, 0]
        else:
            good &= high - low <= tolerance_m
            z = height[:, 0] - np.minimum(height[:, 0] - low, SUNK_M)
        bare = (part == -1).any(axis=1)
        if bare.any():
            wet = np.zeros(len(xy), dtype=bool)
            wet[bare] = self.occupancy.near("water", xy[bare], np.hypot(*foot[bare, :2].T) / 2)
            good &= ~wet
        return good, z, slope

    def _allowed(self, on: tuple[str, ...] | None) -> NDArray[np.bool_]:
        """Which ground parts may be stood on, by index; the last entry is bare terrain."""
        if on not in self._grounds:
            sorts = [{part.kind, part.semantic} for part in self.surfaces.parts] + [{"terrain"}]
            fits = ["road" not in sort if on is None else not sort.isdisjoint(on) for sort in sorts]
            self._grounds[on] = np.array(fits)
        return self._grounds[on]

    def _record(
        self,
        kind: str,
        assets: NDArray[np.str_],
        poses: Array,
        scale: Array,
        foot: Array,
        yaw: Array,
        clause: int,
    ) -> tuple[str, ...]:
        if not len(poses):
            return ()
        centre, radius, _ = discs(middles(poses[:, :2], yaw, foot), yaw, foot[:, :2])
        self.occupancy.add(centre, radius)
        labels = self._labels(kind, len(poses))
        self.placed.append(Placed(kind, labels, tuple(assets.tolist()), poses, np.repeat(scale[:, None], 3, axis=1)))
        self._counts[kind] = self._counts.get(kind, 0) + len(poses)
        self._spots.setdefault(kind, []).append(poses[:, :2])
        if clause >= 0:
            self.clauses.update(dict.fromkeys(labels, clause))
        return labels

    def _labels(self, kind: str, count: int) -> tuple[str, ...]:
        labels: list[str] = []
        number = self._numbers.get(kind, 0)
        while len(labels) < count:
            number += 1
            if f"{kind}-{number}" not in self._names_taken:
                labels.append(f"{kind}-{number}")
        self._numbers[kind] = number
        return tuple(labels)

    def put_at(
        self,
        kind: str,
        xyz: ArrayLike,
        yaw: ArrayLike,
        *,
        assets: Sequence[str],
        scale: ArrayLike = 1.0,
        clause: int = -1,
    ) -> tuple[str, ...]:
        """Stands things exactly at (n,3), asset by asset, without asking: ground that was reserved, stacks, roofs.

        Returns their names.
        """
        xyz = np.asarray(xyz, dtype=np.float64).reshape(-1, 3)
        yaw = np.broadcast_to(np.asarray(yaw, dtype=np.float64), (len(xyz),))
        scale = np.broadcast_to(np.asarray(scale, dtype=np.float64), (len(xyz),))
        foot = np.array([self.stock.foot(name) for name in assets]).reshape(-1, 4) * scale[:, None]
        return self._record(kind, np.array(assets), pose_array(xyz, yaw), scale, foot, yaw, clause)

    def placements(self) -> tuple[Placements, ...]:
        """Everything placed, an entry an asset, in the order in which the assets came."""
        by_asset: dict[str, tuple[list[str], list[Array], list[Array]]] = {}
        for group in self.placed:
            assets = np.array(group.assets)
            unique, first = np.unique(assets, return_index=True)
            for name in unique[np.argsort(first)].tolist():
                mine = np.flatnonzero(assets == name)
                labels, poses, scales = by_asset.setdefault(name, ([], [], []))
                labels += [group.names[i] for i in mine.tolist()]
                poses.append(group.poses[mine])
                scales.append(group.scale[mine])
        return tuple(
            Placements(name, tuple(labels), read_only(np.concatenate(poses)), read_only(np.concatenate(scales)))
            for name, (labels, poses, scales) in by_asset.items()
        )
