"""A scene as a MuJoCo model: what stands belongs to the world, what moves is a body with a place in the state.

Upright things (walkers, wheels, boats) have slides x, y, z and a hinge for yaw, so that qpos is (x, y, z, yaw); what
tumbles has a free joint. Spare bodies wait for things that are spawned; they touch nothing and sleep.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import quoteattr

import mujoco
import numpy as np
from numpy.typing import NDArray

from bridge.engine import TICK_S
from bridge.engines.embedded.attached import attach, parts_of, substeps
from bridge.engines.embedded.batches import Body, join
from bridge.engines.embedded.roster import MOVING, Thing
from bridge.engines.embedded.shapes import DECK, FIELD, ROLL, SPIN, WALL, Geom, Shapes, mass_kg, numbers, placed
from bridge.formats.ground_field import GroundField, Land, is_ground
from bridge.frames import quat_from_yaw, yaw_from_quat
from bridge.meshes import extent
from bridge.robots.description import Robot
from bridge.scene import Part, Scene

SUBSTEPS = 5
DEEP_M = -1000.0
"""Where spare bodies wait, and what was removed."""
TILE_M = 48.0
"""What stands shares a body with its neighbours; from 40 to 64 m a side steps are fastest."""
_EDGE_M, _EDGE_HEIGHT_M = 1.0, 400.0
_WALKED_ON = ("dock", "bridge")


@dataclass(frozen=True, eq=False)
class Compiled:
    """A model and where its bodies are: slot i is a thing that moves, or a spare.

    `slots` names the things, "" for spares; `assets` their assets; `role` int8 (n,) indexes MOVING; `body`, `qpos` and
    `dof` int (n,) say where they are in the model; `size` (n,3) [m] at its `scales` (n,3). `owner` int (ngeom,) says whose a geom is: a slot,
    or -1 - i for `standing[i]`, or len(slots) + i for `links[i]`, robots' links and then `doors`; `conaffinity` (ngeom,) is what it is to others while nobody touches anything. `decks` (m,4) is what decks may cover: x and y minimum and maximum.
    """

    model: mujoco.MjModel
    slots: tuple[str, ...]
    assets: tuple[str, ...]
    role: NDArray[np.int8]
    body: NDArray[np.int64]
    qpos: NDArray[np.int64]
    dof: NDArray[np.int64]
    size: NDArray[np.float64]
    scales: NDArray[np.float64]
    owner: NDArray[np.int64]
    standing: tuple[str, ...]
    conaffinity: NDArray[np.int32]
    decks: NDArray[np.float64]
    links: tuple[str, ...] = ()
    doors: tuple[str, ...] = ()
    substeps: int = SUBSTEPS


def compile_world(
    scene: Scene,
    land: Land,
    parts: Sequence[Part],
    standing: Sequence[Thing],
    moving: Sequence[Thing],
    spares: Mapping[str, tuple[Thing, int]],
    robots: Mapping[str, Robot],
    doors: Sequence[Thing],
    *,
    sleeps: bool,
    begins: Callable[[], None] = lambda: None,
) -> Compiled:
    """The model of a scene's ground, which is level until `raise_land`, with these things, doors and robots; `spares` are examples of assets and how many of each.

    `begins` is called when MuJoCo's compiler is about to, which needs no Python: from then on other threads have it to
    themselves.
    """
    shapes = Shapes()
    tiles = _Tiles()
    for index, edge in enumerate(_edges(scene.bounds)):
        tiles.add("terrain", ("edge", index), [Geom(edge)])
    for part in parts:
        low, high = extent(part.mesh)
        at = _tile(((low + high) / 2).tolist())
        tiles.add(part.name, at, shapes.part(part, DECK if part.semantic in _WALKED_ON else WALL))
    for thing in standing:
        pose = thing.pose.tolist()
        tiles.add(thing.name, _tile(pose), shapes.standing(thing), frame=placed(pose))
    bodies = tiles.bodies()
    fixed = 1 + len(bodies)  # the land, then tiles
    bodies += [_mover(shapes, thing, is_spare=False, sleeps=sleeps) for thing in moving]
    waiting = [example for example, copies in spares.values() for _ in range(copies)]
    bodies += [_mover(shapes, thing, is_spare=True, sleeps=sleeps) for thing in waiting]
    for door in doors:
        at = f'name={quoteattr(door.name)} mocap="true" {placed(door.pose.tolist())}'
        bodies.append(_body(f"<body {at}>", shapes.standing(door), name=door.name))
    steps = substeps(robots, SUBSTEPS)
    head = _head(sleeps, steps)
    spec = mujoco.MjSpec.from_string(f"{head}{_land(land)}</mujoco>")
    join(spec, head, bodies, shapes.meshes)
    attach(spec, robots)
    begins()
    model = spec.compile()
    stands = [("terrain", 1), *(stand for owners in tiles.owners.values() for stand in owners)]
    return _compiled(model, stands, fixed, moving, waiting, parts, robots, [door.name for door in doors], steps)


class _Tiles:
    """What stands, in one body for each tile of the map: MuJoCo prunes pairs of bodies, not the geoms of one."""

    def __init__(self) -> None:
        self._text: dict[tuple, list[str]] = {}
        self._geoms: dict[tuple, list[Geom]] = {}
        self.owners: dict[tuple, list[tuple[str, int]]] = {}

    def add(self, name: str, tile: tuple, geoms: Sequence[Geom], *, frame: str = "") -> None:
        """Adds the geoms of one thing, in a frame of its own if it has one."""
        if geoms:
            text = _text(geoms)
            self._text.setdefault(tile, []).append(f"<frame {frame}>{text}</frame>" if frame else text)
            self._geoms.setdefault(tile, []).extend(geoms)
            self.owners.setdefault(tile, []).append((name, len(geoms)))

    def bodies(self) -> list[Body]:
        """A body for each tile."""
        return [
            Body(f"<body>{''.join(text)}</body>", 1 + len(self._geoms[tile]), _shown(self._geoms[tile]))
            for tile, text in self._text.items()
        ]


def _body(start: str, geoms: Sequence[Geom], *, name: str = "") -> Body:
    """A body whose text starts like that, ahead of its geoms."""
    return Body(f"{start}{_text(geoms)}</body>", start.count("<") + len(geoms), _shown(geoms), name)


def _text(geoms: Sequence[Geom]) -> str:
    return geoms[0].text if len(geoms) == 1 else "".join([geom.text for geom in geoms])


def _shown(geoms: Sequence[Geom]) -> list[int]:
    return [geom.mesh for geom in geoms if geom.mesh is not None]


def _tile(at: Sequence[float]) -> tuple[int, int]:
    return int(at[0] // TILE_M), int(at[1] // TILE_M)


def _head(sleeps: bool, steps: int) -> str:
    """What the documents of a model all begin with."""
    sleep = "enable" if sleeps else "disable"
    return (
        '<mujoco><compiler angle="radian" autolimits="true" boundmass="1e-6" boundinertia="1e-9"/>'
        f'<option timestep="{TICK_S / steps!r}" integrator="implicitfast">'
        f'<flag sleep="{sleep}" multiccd="disable" autoreset="disable"/></option><size memory="256M"/>'
        '<default><geom contype="0"/></default>'
    )


def _land(land: Land) -> str:
    """The ground, its heights still to come (see `raise_land`), in a body of its own."""
    rows, cols = land.shape
    half_x, half_y = (cols - 1) * land.cell_m / 2, (rows - 1) * land.cell_m / 2
    size = numbers([half_x, half_y, max(land.high_m - land.low_m, 0.01), 5.0])
    at = numbers([land.origin[0] + half_x, land.origin[1] + half_y, land.low_m])
    return (
        f'<asset><hfield name="terrain" nrow="{rows}" ncol="{cols}" size="{size}"/></asset><worldbody><body>'
        f'<geom type="hfield" hfield="terrain" pos="{at}" conaffinity="{FIELD}" friction="0.7 {SPIN} {ROLL}"/>'
        "</body></worldbody>"
    )


def raise_land(model: mujoco.MjModel, land: Land, field: GroundField) -> None:
    """Gives a compiled model's ground its heights: MuJoCo's compiler would take 0.2 s to hand them through."""
    rise = np.float32(max(land.high_m - land.low_m, 0.01))
    model.hfield_data[:] = (np.ravel(field.heights) - np.float32(land.low_m)) / rise


def _edges(bounds: tuple[float, float, float, float]) -> Iterator[str]:
    """Walls that keep everything on the map."""
    x0, y0, x1, y1 = bounds
    middle, half = ((x0 + x1) / 2, (y0 + y1) / 2), ((x1 - x0) / 2, (y1 - y0) / 2)
    for axis in (0, 1):
        for side in (-1, 1):
            at, size = [*middle, 0.0], [*half, _EDGE_HEIGHT_M]
            at[axis] += side * (half[axis] + _EDGE_M / 2)
            size[axis] = _EDGE_M / 2
            yield f'<geom type="box" pos="{numbers(at)}" size="{numbers(size)}" conaffinity="{WALL}" friction="0.1"/>'


def _mover(shapes: Shapes, thing: Thing, *, is_spare: bool, sleeps: bool) -> Body:
    """A body, asleep; spares wait deep down."""
    sleep = "init" if sleeps else "never"
    pose = [0.0, 0.0, DEEP_M, 1.0, 0.0, 0.0, 0.0] if is_spare else thing.pose.tolist()
    geoms = shapes.moving(thing)
    if thing.role == "free":
        return _body(f'<body {placed(pose)} sleep="{sleep}"><freejoint/>', geoms)
    yaw = float(yaw_from_quat(pose[3:]))
    cos, sin = float(np.cos(yaw)), float(np.sin(yaw))
    axes = ((cos, -sin, 0.0), (sin, cos, 0.0), (0.0, 0.0, 1.0))  # the world's, in a body that is turned already
    floats = thing.role != "walker"
    damping = [0.0, 0.0, 1e4 * mass_kg(thing) if floats else 0.0]
    slides = "".join(
        f'<joint type="slide" axis="{numbers(axis)}" ref="{at!r}" damping="{held!r}"/>'
        for axis, at, held in zip(axes, pose[:3], damping, strict=True)
    )
    return _body(
        f'<body {placed([*pose[:3], *quat_from_yaw(yaw).tolist()])} sleep="{sleep}" gravcomp="{int(floats)}">'
        f'{slides}<joint type="hinge" axis="0 0 1" ref="{yaw!r}"/>',
        geoms,
    )


def _compiled(
    model: mujoco.MjModel,
    owners: Sequence[tuple[str, int]],
    fixed: int,
    moving: Sequence[Thing],
    waiting: Sequence[Thing],
    parts: Sequence[Part],
    robots: Mapping[str, Robot],
    doors: Sequence[str],
    steps: int,
) -> Compiled:
    all_things = (*moving, *waiting)
    count = len(all_things)
    standing = tuple(dict.fromkeys(name for name, _ in owners))
    number = {name: index for index, name in enumerate(standing)}
    stood = sum(geoms for _, geoms in owners)
    body = np.arange(1 + fixed, 1 + fixed + count)
    owner = np.empty(model.ngeom, dtype=np.int64)
    owner[:stood] = -1 - np.repeat([number[name] for name, _ in owners], [geoms for _, geoms in owners])
    of_body = np.concatenate(
        [np.zeros(1 + fixed, dtype=np.int64), np.arange(count), np.zeros(model.nbody, dtype=np.int64)]
    )
    links = [
        (full, name, robot, part) for name, robot in robots.items() for full, part in parts_of(name, robot).items()
    ]
    for index, (full, name, robot, part) in enumerate(links):
        for one in _welded(robot, part):
            label = mujoco.mj_id2name(robot.model, mujoco.mjtObj.mjOBJ_BODY, one)
            at = mujoco.mj_name2id(model, mujoco.mjtObj.mjOBJ_BODY, f"{name}/{label}" if one else full)
            of_body[at] = count + index
    for index, name in enumerate(doors, start=len(links)):
        of_body[mujoco.mj_name2id(model, mujoco.mjtObj.mjOBJ_BODY, name)] = count + index
    owner[stood:] = of_body[model.geom_bodyid[stood:]]
    joint = model.body_jntadr[body]
    role = np.array([MOVING.index(thing.role) for thing in all_things], dtype=np.int8)
    return Compiled(
        model=model,
        slots=tuple(thing.name for thing in moving) + ("",) * len(waiting),
        assets=tuple(thing.asset.name for thing in all_things),
        role=role,
        body=body,
        qpos=model.jnt_qposadr[joint].astype(np.int64),
        dof=model.jnt_dofadr[joint].astype(np.int64),
        size=np.array([thing.size for thing in all_things]).reshape(-1, 3),
        scales=np.array([thing.scale for thing in all_things]).reshape(-1, 3),
        owner=owner,
        standing=standing,
        conaffinity=model.geom_conaffinity.copy(),
        decks=_deck_bounds(parts),
        links=(*(full for full, *_ in links), *doors),
        doors=tuple(doors),
        substeps=steps,
    )


def _welded(robot: Robot, part: int) -> list[int]:
    """The bodies of a robot that are one link: itself, and for the base all that is welded to it."""
    if part != robot.base:
        return [part]
    return np.flatnonzero(robot.model.body_weldid == part).tolist()


def _deck_bounds(parts: Sequence[Part]) -> NDArray[np.float64]:
    """Where one may walk or drive above the ground: x and y minimum and maximum (m,4)."""
    rows = []
    for part in parts:
        if part.semantic in _WALKED_ON and part.colliders and not is_ground(part):
            low, high = extent(part.mesh)
            rows.append([low[0], low[1], high[0], high[1]])
    return np.array(rows, dtype=np.float64).reshape(-1, 4)
