"""Colliders as MuJoCo's geoms: walls, decks, what tumbles, the capsule of who walks; and who can touch whom."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import mujoco
import numpy as np
from numpy.typing import NDArray

from bridge.engines.embedded.roster import Role, Thing
from bridge.formats.ground_field import is_ground
from bridge.formats.solids import convex_points, posts, prisms, scaled, volume
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
_UPRIGHT = [1.0, 0.0, 0.0, 0.0]
IDENTITY = (0.0, 0.0, 0.0, *_UPRIGHT)


@dataclass(frozen=True)
class Geom:
    """A geom's text, and which of `Shapes.meshes` it shows, or None."""

    text: str
    mesh: int | None = None


class Shapes:
    """Writes geoms as MuJoCo's XML; things that are alike share their text and their `meshes`."""

    def __init__(self) -> None:
        self.meshes: list[str] = []
        self._numbers: dict[bytes, int] = {}
        self._known: dict[tuple[Asset, tuple[float, ...], Role], list[Geom]] = {}

    def part(self, part: Part, kind: int) -> list[Geom]:
        """The geoms of something that exists once and stands; `kind` is what its convex solids are to others."""
        more = _standing(kind)
        geoms = [self._solid(solid, more) for solid in part.colliders if solid.shape != "mesh"]
        if len(geoms) < len(part.colliders) and not is_ground(part):
            geoms += self._pieces(part.mesh)
        return geoms

    def standing(self, thing: Thing) -> list[Geom]:
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

    def moving(self, thing: Thing) -> list[Geom]:
        """The geoms of something that moves, with its mass; they touch nothing until told (see `touch`)."""
        key = thing.asset, tuple(thing.scale.tolist()), thing.role
        if key not in self._known:
            self._known[key] = _walker(thing) if thing.role == "walker" else self._mover(thing)
        return self._known[key]

    def _mover(self, thing: Thing) -> list[Geom]:
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

    def _pieces(self, mesh: Mesh) -> list[Geom]:
        """A mesh that is walked on, in convex pieces: its upper side is a deck, its sides and posts are walls."""
        standing, rest = posts(mesh)
        pieces = prisms(rest)
        is_deck = np.abs(pieces[:, 3:, :2] - pieces[:, :3, :2]).max(axis=(1, 2), initial=0) < 1e-9
        return [self._solid(post, _standing(WALL)) for post in standing] + [
            self._of_mesh(points, _standing(DECK if deck else WALL))
            for points, deck in zip(pieces, is_deck.tolist(), strict=True)
        ]

    def _solid(self, solid: Collider, more: str) -> Geom:
        if solid.shape == "hull":
            return self._of_mesh(_thick(convex_points(solid)), more)
        x, y, z = map(float, solid.size)
        if solid.shape == "box":
            size = [x / 2, y / 2, z / 2]
        elif solid.shape == "cylinder":
            size = [x / 2, z / 2]
        else:
            size = [x / 2] if solid.shape == "sphere" else [x / 2, max(z - x, 1e-4) / 2]
        return Geom(f'<geom type="{solid.shape}" size="{numbers(size)}" {placed(solid.pose)} {more}/>')

    def _of_mesh(self, points: NDArray[np.float64], more: str) -> Geom:
        key = np.ascontiguousarray(points, dtype=np.float64).tobytes()
        number = self._numbers.get(key)
        if number is None:
            number = self._numbers[key] = len(self.meshes)
            vertices = numbers(points.reshape(-1).tolist())
            self.meshes.append(f'<mesh name="{_mesh_name(number)}" inertia="convex" vertex="{vertices}"/>')
        return Geom(f'<geom type="mesh" mesh="{_mesh_name(number)}" {more}/>', number)


def _mesh_name(number: int) -> str:
    return f"solid-{number}"


def _condim(thing: Thing, solid: Collider) -> int:
    """What is round and loose needs friction against rolling as well, or it never comes to rest."""
    return 6 if thing.role == "free" and solid.shape in ("cylinder", "sphere", "capsule") else 3


def _walker(thing: Thing) -> list[Geom]:
    """An upright capsule without friction; who is longer than wide has a lying one as trunk besides."""
    radius, height = walker_size(thing)
    mass, long = mass_kg(thing), trunk_m(thing)
    half = max(height / 2 - radius, 1e-3)
    more = 'conaffinity="0" priority="1" condim="1"'
    upright = f'<geom type="capsule" size="{radius!r} {half!r}" pos="0 0 {radius + half!r}" mass="{mass!r}" {more}/>'
    geoms = [Geom(upright)]
    if long:
        low = max(0.65 * height, radius + 0.1)
        ends = f"{-long!r} 0 {low!r} {long!r} 0 {low!r}"
        geoms.append(Geom(f'<geom type="capsule" size="{radius!r}" fromto="{ends}" mass="{0.2 * mass!r}" {more}/>'))
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


def trunk_m(thing: Thing) -> float:
    """How far ahead and behind its middle the trunk of somebody on feet reaches, but for the rounding of its ends; 0 for
    who has none.
    """
    radius, length = walker_size(thing)[0], float(thing.size[0])
    return length / 2 - radius if length > 3 * radius and thing.asset.semantic != "person" else 0.0


def walker_size(thing: Thing) -> tuple[float, float]:
    """Radius and height [m] of an upright body; umbrellas and stretched arms do not count."""
    x, y, _ = thing.size
    tops = [solid.pose[2] + solid.size[2] / 2 for solid in thing.asset.colliders if solid.shape in ("cylinder", "box")]
    height = float(max(tops) * thing.scale[2]) if tops else float(thing.size[2])
    height = max(height, 0.2)
    return float(np.clip(0.5 * min(x, y), 0.06, min(0.28, 0.45 * height))), height


def numbers(values: Iterable[float]) -> str:
    """Numbers as XML wants them, to the last bit."""
    return " ".join(map(repr, map(float, values)))


def placed(pose: Sequence[float]) -> str:
    """The attributes of a pose (7,)."""
    x, y, z, *quat = map(float, pose)
    turn = "" if quat == _UPRIGHT else f' quat="{numbers(quat)}"'
    return f'pos="{x!r} {y!r} {z!r}"{turn}'


def _standing(kind: int) -> str:
    return f'conaffinity="{kind}" friction="{FRICTION["static"]} {SPIN} {ROLL}"'


def _thick(points: NDArray) -> NDArray:
    """The points, and where they lie in a plane a copy 1 mm lower, so that they have a hull."""
    about = points - points.sum(axis=0) / len(points)
    spread = np.linalg.eigvalsh(about.T @ about)[0]
    return points if spread > 1e-8 else np.concatenate([points, points - [0.0, 0.0, 1e-3]])
