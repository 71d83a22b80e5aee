"""What rays from one point meet in a scene at a world state: for lidars, and for what a camera would see of one thing.

What can move is met in its own frame, so that nothing is built anew from one tick to the next.
"""

from collections.abc import Collection
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from bridge.frames import transform_from_pose
from bridge.meshes import bounds
from bridge.render.batches import joined
from bridge.render.embree import Hit, Solids, nearest, open_embree
from bridge.render.labels import Bodies
from bridge.render.palette import Palette
from bridge.render.solid_scene import SolidScene
from bridge.scene import Scene
from bridge.types import WorldState

_STILL = np.array([0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0])


class Tracer:
    """A scene that rays can be cast into, at any state; what it keeps between calls changes no answer."""

    def __init__(self, scene: Scene) -> None:
        self._embree = open_embree()
        self._scene, self._shapes = scene, SolidScene(scene)
        self._fixed: tuple[frozenset[str], Solids] | None = None
        self._alone: dict[tuple[str, int], Solids] = {}

    @property
    def palette(self) -> Palette:
        """The table that `Hit.materials` number."""
        return self._shapes.palette

    def hits(
        self,
        origin: NDArray,
        directions: NDArray,
        state: WorldState,
        *,
        most_m: float = np.inf,
        absent: Collection[str] = (),
        passes: Collection[str] = (),
    ) -> Hit:
        """The first thing that each ray meets, at the finest level of detail.

        `origin` (3,) [m] and `directions` (n,3), world frame; what lies farther than `most_m` may be left out. Names in
        `absent` are in the scene but gone from the world; rays pass through those in `passes`.
        """
        bodies = Bodies(self._shapes.labels)
        bodies.move(state)
        rays = np.ascontiguousarray(directions, dtype=np.float32)
        origins = np.tile(np.asarray(origin, np.float32), (len(rays), 1))
        apart = frozenset(state.names) | frozenset(absent) | frozenset(passes)
        hit = nearest(origins, rays, [self._standing(apart)])
        keys = [key for name in sorted(apart - set(absent) - set(passes)) if (key := self._key(name)) is not None]
        if not keys:
            return hit
        matrices = self._matrices(keys, bodies)
        centres, radii = self._spheres(keys, matrices)
        offset = centres - np.asarray(origin, np.float64)
        front = np.linalg.norm(offset, axis=1) - radii
        near = np.flatnonzero(front <= most_m)
        near = near[np.argsort(front[near], kind="stable")]
        length = np.linalg.norm(rays, axis=1)
        units = rays / length[:, None]
        room = (offset[near] ** 2).sum(axis=1) - radii[near] ** 2
        # Seen from outside, a sphere is met by rays that go at least as far along its middle as its tangents are long.
        tangent = np.where(room < 0, -np.inf, np.sqrt(np.maximum(room, 0.0))) * (1 - 1e-6)
        meets = offset[near].astype(np.float32) @ units.T >= tangent.astype(np.float32)[:, None]
        for which, met in zip(near.tolist(), meets, strict=True):
            some = np.flatnonzero(met)
            some = some[hit.depth[some] * length[some] > front[which]]
            self._meet(keys[which], matrices[which], some, origin, rays, hit)
        return hit

    def covered(self, name: str, origin: NDArray, directions: NDArray, state: WorldState) -> NDArray[np.bool_]:
        """Which rays (n,3) would meet the placement or part `name` if nothing stood before it, shape (n,)."""
        key = self._key(name)
        if key is None:
            return np.zeros(len(directions), bool)
        bodies = Bodies(self._shapes.labels)
        bodies.move(state)
        local = _local(self._matrices([key], bodies)[0], origin, np.asarray(directions))
        return self._solids(key).blocked(*local)

    def _standing(self, apart: frozenset[str]) -> Solids:
        """Everything but what is named, where the scene says."""
        labels = self._shapes.labels
        apart = frozenset(name for name in apart if name in labels.placed or name in labels.parts)
        if self._fixed is None or self._fixed[0] != apart:
            rows = np.array([row for name, row in labels.placed.items() if name not in apart], np.int64)
            parts = sorted(labels.parts[name] for name in apart if name in labels.parts)
            self._fixed = apart, _baked(_Standing(self._scene, self._shapes, rows, tuple(parts)))
        return self._fixed[1]

    def _key(self, name: str) -> tuple[str, int] | None:
        """Which shape a name has: a placement's row or a part's index; None for what the scene does not draw."""
        labels = self._shapes.labels
        if name in labels.placed:
            return "placed", labels.placed[name]
        return ("part", labels.parts[name]) if name in labels.parts else None

    def _matrices(self, keys: list[tuple[str, int]], bodies: Bodies) -> NDArray[np.float64]:
        """World from shape (k,4,4)."""
        is_placed = np.array([what == "placed" for what, _ in keys])
        poses, scales = np.tile(_STILL, (len(keys), 1)), np.ones((len(keys), 3))
        rows = np.array([index for what, index in keys if what == "placed"], np.int64)
        poses[is_placed], scales[is_placed] = bodies.placed[rows], self._shapes.labels.scales[rows]
        for at in np.flatnonzero(~is_placed).tolist():
            poses[at] = bodies.moved_parts.get(keys[at][1], _STILL)
        return transform_from_pose(poses, scales)

    def _solids(self, key: tuple[str, int]) -> Solids:
        """A shape in its own frame; placements of one asset share theirs."""
        what, index = key
        own = (what, int(self._shapes.group[index])) if what == "placed" else key
        if own not in self._alone:
            shape = self._shapes.models[own[1]][0].triangles if what == "placed" else self._shapes.part(index)
            self._alone[own] = Solids(self._embree, shape)
        return self._alone[own]

    def _spheres(self, keys: list[tuple[str, int]], matrices: NDArray) -> tuple[NDArray, NDArray]:
        """Spheres around shapes in the world: centres (k,3) and radii (k,) [m]."""
        centres, radii = np.zeros((len(keys), 3)), np.zeros(len(keys))
        is_placed = np.array([what == "placed" for what, _ in keys])
        rows = np.array([index for what, index in keys if what == "placed"], np.int64)
        centres[is_placed], radii[is_placed] = self._shapes.local_centre[rows], self._shapes.radius()[rows]
        for at in np.flatnonzero(~is_placed).tolist():
            positions = self._solids(keys[at]).triangles.positions
            if len(positions):
                low, high = bounds(positions)
                centres[at], radii[at] = (low + high) / 2, np.linalg.norm(high - low) / 2
        return np.einsum("nij,nj->ni", matrices[:, :3, :3], centres) + matrices[:, :3, 3], radii

    def _meet(
        self, key: tuple[str, int], matrix: NDArray, some: NDArray, origin: NDArray, rays: NDArray, hit: Hit
    ) -> None:
        """Writes what of `some` rays meet one shape before anything else into `hit`."""
        if not len(some):
            return
        found = nearest(*_local(matrix, origin, rays[some]), [self._solids(key)])
        first = found.depth < hit.depth[some]
        at = some[first]
        hit.depth[at], hit.materials[at] = found.depth[first], found.materials[first]
        labels = self._shapes.labels
        hit.ids[at] = labels.first_placed_id + key[1] if key[0] == "placed" else found.ids[first]
        normals = found.normals[first] @ np.linalg.inv(matrix[:3, :3])
        hit.normals[at] = normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)


def tracer_of(scene: Scene) -> Tracer:
    """The tracer of a scene, kept for the shapes last asked for: building one of a town takes seconds.

    Another weather or hour changes no shape, and asks for no other tracer.
    """
    return _kept(_Shapes(scene))


class _Shapes:
    """A scene as a key: alike those that are made of the very same things in the same materials."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self._of: tuple = (*_single(scene), *((id(group), id(scene.assets[group.asset])) for group in scene.placements))

    def __hash__(self) -> int:
        return hash(self._of)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Shapes) and self._of == other._of and self.scene.materials == other.scene.materials


@lru_cache(maxsize=2)
def _kept(shapes: _Shapes) -> Tracer:
    return Tracer(shapes.scene)


class _Standing(_Shapes):
    """What stands still in a scene as a key: whatever moves may come and go, the rest is the same."""

    def __init__(self, scene: Scene, solid: SolidScene, rows: NDArray[np.int64], parts: tuple[int, ...]) -> None:
        self.scene, self.solid, self.rows, self.parts = scene, solid, rows, parts
        groups = [scene.placements[number] for number in np.unique(solid.group[rows]).tolist()]
        placed = ((id(group), id(scene.assets[group.asset])) for group in groups)
        self._of = (*_single(scene), parts, rows.tobytes(), *placed)

    __hash__ = _Shapes.__hash__


@lru_cache(maxsize=2)
def _baked(standing: _Standing) -> Solids:
    """All that stands as one, at the finest level of detail: what takes seconds for a town."""
    solid, rows = standing.solid, standing.rows
    pieces = [solid.single(standing.parts)]
    if len(rows):
        pieces.append(solid.placed(rows, solid.labels.poses[rows], np.zeros(len(rows), np.int64)))
    return Solids(open_embree(), joined(pieces))


def _single(scene: Scene) -> tuple:
    """What exists once, by identity."""
    return id(scene.terrain), tuple(map(id, scene.waters)), tuple(map(id, scene.parts))


def _local(matrix: NDArray, origin: NDArray, rays: NDArray) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Rays in a shape's own frame; distances in lengths of the rays stay what they are."""
    back = np.linalg.inv(matrix[:3, :3])
    start = back @ (np.asarray(origin, np.float64) - matrix[:3, 3])
    directions = np.ascontiguousarray(rays @ back.T, dtype=np.float32)
    return np.tile(start.astype(np.float32), (len(rays), 1)), directions
