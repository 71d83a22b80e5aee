"""Colliders as MuJoCo's geoms: walls, decks, what tumbles, the capsule of who walks; and who can touch whom."""

from collections.abc import Iterable, Sequence

import mujoco
import numpy as np
from numpy.typing import NDArray

from bridge.engines.embedded.roster import Role, Thing
from bridge.formats.ground_field import is_ground
from bridge.formats.solids import convex_points, prisms, scaled, volume
from bridge.frames import transform_from_pose
from bridge.meshes import transformed
from bridge.scene import Asset, Collider, Mesh, Part

FIELD, DECK, WALL, MOVER, ROBOT = 1, 2, 4, 8, 16
"""Bits of `conaffinity`: what a geom is to others; a mover's `contype` is what stops it. Robots with joints say besides
what touches what among their own geoms (see attached)."""
STOPS: dict[Role, int] = {
    "walker": DECK | WALL | MOVER | ROBOT,
    "free": FIELD | DECK | WALL | MOVER | ROBOT,
    "wheels": WALL | MOVER | ROBOT,
    "boat": DECK | WALL | MOVER | ROBOT,
}
"""Feet and wheels find the ground by themselves (a height field costs 50 us a pair), boats the water's level."""
FRICTION: dict[Role, float] = {"walker": 0.0, "free": 0.7, "wheels": 0.3, "boat": 0.2, "static": 0.7}
SPIN, ROLL = 0.005, 0.01
"""Friction against spinning and rolling [m], as of barrels on paving."""
IDENTITY = (0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0)


class Shapes:
    """Writes geoms as MuJoCo's XML; things that are alike share their text and their meshes."""

    def __init__(self) -> None:
        self.meshes: list[str] = []
        self._names: dict[bytes, str] = {}
        self._known: dict[tuple[Asset, tuple[float, ...], Role], list[str]] = {}

    def part(self, part: Part, kind: int) -> list[str]:
        """The geoms of something that exists once and stands; `kind` is what its convex solids are to others."""
        more = _standing(kind)
        geoms = [self._solid(solid, more) for solid in part.colliders if solid.shape != "mesh"]
        if len(geoms) < len(part.colliders) and not is_ground(part):
            geoms += self._pieces(part.mesh)
        return geoms

    def standing(self, thing: Thing) -> list[str]:
        """The geoms of something placed that stands, in its own frame."""
        scale = tuple(thing.scale.tolist())
        key = thing.asset, scale, thing.role
        if key not in self._known:
            geoms = []
            for solid in thing.asset.colliders:
                if solid.shape == "mesh":
                    scaling = transform_from_pose(IDENTITY, scale)
                    geoms += self._pieces(transformed(thing.asset.lods[0], scaling))
                else:
                    geoms.append(self._solid(scaled(solid, scale), _standing(WALL)))
            self._known[key] = geoms
        return self._known[key]

    def moving(self, thing: Thing) -> list[str]:
        """The geoms of something that moves, with its mass; they touch nothing until told (see `touch`)."""
        key = thing.asset, tuple(thing.scale.tolist()), thing.role
        if key not in self._known:
            self._known[key] = _walker(thing) if thing.role == "walker" else self._mover(thing)
        return self._known[key]

    def _mover(self, thing: Thing) -> list[str]:
        solids = [scaled(solid, thing.scale) for solid in thing.asset.colliders if solid.shape != "mesh"]
        if not solids:
            x, y, z = thing.asset.size
            solids = [scaled(Collider("box", (x, y, z), (0, 0, z / 2, 1, 0, 0, 0)), thing.scale)]
        shares = np.array([volume(solid) for solid in solids])
        masses = (mass_kg(thing) * shares / shares.sum()).tolist()
        friction = f'friction="{FRICTION[thing.role]} {SPIN} {ROLL}"'
        return [
            self._solid(solid, f'conaffinity="0" condim="{_condim(thing, solid)}" {friction} mass="{mass!r}"')
            for solid, mass in zip(solids, masses, strict=True)
        ]

    def _pieces(self, mesh: Mesh) -> list[str]:
        """A mesh that is walked on, in convex pieces: its upper side is a deck, its sides are walls."""
        pieces = prisms(mesh)
        is_deck = np.abs(pieces[:, 3:, :2] - pieces[:, :3, :2]).max(axis=(1, 2), initial=0) < 1e-9
        return [
            f'<geom type="mesh" mesh="{self._mesh(points)}" {_standing(DECK if deck else WALL)}/>'
            for points, deck in zip(pieces, is_deck.tolist(), strict=True)
        ]

    def _solid(self, solid: Collider, more: str) -> str:
        if solid.shape == "hull":
            return f'<geom type="mesh" mesh="{self._mesh(_thick(convex_points(solid)))}" {more}/>'
        x, _, z = solid.size
        size = {
            "box": [0.5 * extent for extent in solid.size],
            "cylinder": [x / 2, z / 2],
            "sphere": [x / 2],
            "capsule": [x / 2, max(z - x, 1e-4) / 2],
        }[solid.shape]
        return f'<geom type="{solid.shape}" size="{numbers(size)}" {placed(solid.pose)} {more}/>'

    def _mesh(self, points: NDArray[np.float64]) -> str:
        key = np.ascontiguousarray(points, dtype=np.float64).tobytes()
        if key not in self._names:
            name = self._names[key] = f"solid-{len(self._names)}"
            vertices = numbers(points.reshape(-1).tolist())
            self.meshes.append(f'<mesh name="{name}" inertia="convex" vertex="{vertices}"/>')
        return self._names[key]


def _condim(thing: Thing, solid: Collider) -> int:
    """What is round and loose needs friction against rolling as well, or it never comes to rest."""
    return 6 if thing.role == "free" and solid.shape in ("cylinder", "sphere", "capsule") else 3


def _walker(thing: Thing) -> list[str]:
    """An upright capsule without friction; who is longer than wide has a lying one as trunk besides."""
    radius, height = walker_size(thing)
    mass, length = mass_kg(thing), float(thing.size[0])
    half = max(height / 2 - radius, 1e-3)
    more = 'conaffinity="0" priority="1" condim="1"'
    geoms = [f'<geom type="capsule" size="{radius!r} {half!r}" pos="0 0 {radius + half!r}" mass="{mass!r}" {more}/>']
    if length > 3 * radius and thing.asset.semantic != "person":
        low, long = max(0.65 * height, radius + 0.1), length / 2 - radius
        ends = f"{-long!r} 0 {low!r} {long!r} 0 {low!r}"
        geoms.append(f'<geom type="capsule" size="{radius!r}" fromto="{ends}" mass="{0.2 * mass!r}" {more}/>')
    return geoms


def mass_kg(thing: Thing) -> float:
    """What a thing weighs at its scale; nothing is so light that physics loses it."""
    return max(thing.asset.mass_kg * float(np.prod(thing.scale)), 0.05)


def touch(model: mujoco.MjModel, body: int, role: Role, *, touches: bool) -> None:
    """Lets a moving body touch what stops its kind, or nothing at all."""
    first, count = int(model.body_geomadr[body]), int(model.body_geomnum[body])
    stops, is_stop = (STOPS[role], MOVER) if touches else (0, 0)
    model.geom_contype[first : first + count] = stops
    model.geom_conaffinity[first : first + count] = is_stop
    if role == "walker" and touches:
        model.geom_contype[first + 1 : first + count] = WALL | MOVER | ROBOT
    model.body_contype[body], model.body_conaffinity[body] = stops, is_stop


def walker_size(thing: Thing) -> tuple[float, float]:
    """Radius and height [m] of an upright body; umbrellas and stretched arms do not count."""
    x, y, _ = thing.size
    tops = [solid.pose[2] + solid.size[2] / 2 for solid in thing.asset.colliders if solid.shape in ("cylinder", "box")]
    height = float(max(tops) * thing.scale[2]) if tops else float(thing.size[2])
    height = max(height, 0.2)
    return float(np.clip(0.5 * min(x, y), 0.06, min(0.28, 0.45 * height))), height


def numbers(values: Iterable[float]) -> str:
    """Numbers as XML wants them, to the last bit."""
    return " ".join(repr(float(value)) for value in values)


def placed(pose: Sequence[float]) -> str:
    """The attributes of a pose (7,)."""
    return f'pos="{numbers(pose[:3])}" quat="{numbers(pose[3:])}"'


def _standing(kind: int) -> str:
    return f'conaffinity="{kind}" friction="{FRICTION["static"]} {SPIN} {ROLL}"'


def _thick(points: NDArray) -> NDArray:
    """The points, and where they lie in a plane a copy 1 mm lower, so that they have a hull."""
    spread = np.linalg.svd(points - points.mean(axis=0), compute_uv=False)
    return points if spread[-1] > 1e-4 else np.concatenate([points, points - [0.0, 0.0, 1e-3]])
