"""A scene: everything about a town that an engine, a renderer, a task or an exporter needs; frozen data.

World frame right-handed, Z up, metres, radians, kilograms; X east, Y north, the origin at the middle of the town and
at sea level. A scene is not a simulator: nothing here moves.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from bridge.digest import digest
from bridge.semantics import CLASS_ID

SCHEMA_VERSION = 1

Pattern = Literal[
    "plain", "plaster", "brick", "stone", "cobble", "planks", "concrete", "metal", "corrugated", "glass", "curtain-wall",
    "roof-tiles", "shingles", "thatch", "asphalt", "paving", "gravel", "grass", "sand", "soil", "crops", "rock", "snow",
    "water", "foliage", "bark", "fabric", "sign",
]  # fmt: skip


@dataclass(frozen=True)
class Material:
    """A metallic-roughness material: linear-light `base_color` and `emission` (rgb), with a hint for surface detail.

    `emission` is radiance relative to white paper in daylight; `glows_at_night` materials emit only after dusk.
    Renderers may draw `pattern` procedurally in world units; formats without it show the plain colour.
    """

    name: str
    base_color: tuple[float, float, float]
    roughness: float = 0.9
    metallic: float = 0.0
    emission: tuple[float, float, float] = (0.0, 0.0, 0.0)
    glows_at_night: bool = False
    pattern: Pattern = "plain"


@dataclass(frozen=True, eq=False)
class Mesh:
    """Triangles with a material each, counter-clockwise seen from outside.

    `vertices` float32 (n,3) [m]; `triangles` int32 (m,3); `material` uint16 (m,), indices into `materials`, which are
    names in `Scene.materials`. `normals` float32 (n,3) makes the surface smooth; None means flat faces.
    """

    vertices: NDArray[np.float32]
    triangles: NDArray[np.int32]
    material: NDArray[np.uint16]
    materials: tuple[str, ...]
    normals: NDArray[np.float32] | None = None


@dataclass(frozen=True, eq=False)
class Collider:
    """A convex solid in its owner's frame, or ("mesh") the owner's own triangles, for things that never move.

    box: `size` is the full extents; cylinder: (diameter, diameter, height) along z; sphere: (diameter,) * 3;
    capsule: (diameter, diameter, whole height) along z; hull: `points` float32 (n,3). `pose` (7,) is owner_from_solid.
    """

    shape: Literal["box", "cylinder", "sphere", "capsule", "hull", "mesh"]
    size: tuple[float, float, float] = (0.0, 0.0, 0.0)
    pose: tuple[float, float, float, float, float, float, float] = (0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0)
    points: NDArray[np.float32] | None = None


@dataclass(frozen=True, eq=False)
class Asset:
    """A thing that is placed many times. Origin at the middle of its underside, X forward, Z up; boats float at z = 0.

    `kind` is the word for it ("oak", "fishing-boat"); `semantic` its class; `lods` from fine to coarse; `size` full
    extents [m] of the finest mesh; `footprint_radius` [m] a circle that keeps others away; `is_movable` says whether
    physics may push it, with `mass_kg`. `light`, where it has one, is the lamp's place (x, y, z) in the asset's frame.
    """

    name: str
    kind: str
    semantic: str
    lods: tuple[Mesh, ...]
    colliders: tuple[Collider, ...]
    size: tuple[float, float, float]
    mass_kg: float
    is_movable: bool = False
    light: tuple[float, float, float] | None = None
    licence: str = "CC0-1.0"


@dataclass(frozen=True, eq=False)
class Placements:
    """Instances of one asset: `poses` float64 (n,7) world_from_asset, `scale` float64 (n,3)."""

    asset: str
    names: tuple[str, ...]
    poses: NDArray[np.float64]
    scale: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Part:
    """A thing that exists once, with its own mesh in the world frame: a building, a street's surface, a pier.

    `kind` is the word for it ("pier", "square", "carriageway"); `outline` float64 (k,2) its plan, open ring,
    counter-clockwise, or None where a plan means nothing.
    """

    name: str
    kind: str
    semantic: str
    mesh: Mesh
    colliders: tuple[Collider, ...] = ()
    outline: NDArray[np.float64] | None = None


@dataclass(frozen=True, eq=False)
class Terrain:
    """A height field. `heights` float32 (rows, cols) [m]: row 0 is south, column 0 west, `cell_m` apart from `origin`.

    `surface` uint8 (rows, cols) indexes `surfaces`, names of materials (grass, sand, rock ...), one a vertex.
    Between vertices a cell is two triangles split along its south-west to north-east diagonal.
    """

    origin: tuple[float, float]
    cell_m: float
    heights: NDArray[np.float32]
    surface: NDArray[np.uint8]
    surfaces: tuple[str, ...]

    def height_at(self, xy: Any) -> NDArray[np.float64]:
        """Ground height [m] at points (..., 2), on the very triangles the mesh has; outside, that of the edge."""
        xy = np.asarray(xy, dtype=np.float64)
        rows, cols = self.heights.shape
        u = np.clip((xy[..., 0] - self.origin[0]) / self.cell_m, 0, cols - 1)
        v = np.clip((xy[..., 1] - self.origin[1]) / self.cell_m, 0, rows - 1)
        i, j = np.minimum(v.astype(int), rows - 2), np.minimum(u.astype(int), cols - 2)
        fu, fv = u - j, v - i
        at = np.stack([i * cols + j, i * cols + j + 1, (i + 1) * cols + j, (i + 1) * cols + j + 1])
        sw, se, nw, ne = self.heights.reshape(-1)[at].astype(np.float64)
        below = sw + fu * (se - sw) + fv * (ne - se)
        above = sw + fv * (nw - sw) + fu * (ne - nw)
        return np.where(fu >= fv, below, above)


@dataclass(frozen=True, eq=False)
class Water:
    """A body of still water: `polygon` float64 (k,2), open ring, with `holes`; its surface lies at `level_m`."""

    name: str
    kind: Literal["sea", "lake", "river", "canal", "pond"]
    polygon: NDArray[np.float64]
    level_m: float
    holes: tuple[NDArray[np.float64], ...] = ()


@dataclass(frozen=True, eq=False)
class Street:
    """One stretch between two junctions. `centreline` float64 (k,3) on the paving, from junction `start` to `end`.

    `name` is shared by the stretches of one street. `width_m` is the carriageway, `sidewalk_m` each sidewalk (0: none),
    `lanes` driving lanes in each direction (0: no cars).
    """

    name: str
    kind: Literal["main", "street", "lane", "path", "bridge"]
    start: int
    end: int
    centreline: NDArray[np.float64]
    width_m: float
    sidewalk_m: float
    lanes: tuple[int, int]


@dataclass(frozen=True, eq=False)
class RoadNetwork:
    """Streets between `junctions` float64 (n,3)."""

    junctions: NDArray[np.float64]
    streets: tuple[Street, ...]


@dataclass(frozen=True)
class Door:
    """A way in: the middle of the threshold [m], the direction out of the house [rad], and its navigation node."""

    position: tuple[float, float, float]
    yaw_rad: float
    width_m: float
    height_m: float
    node: int


@dataclass(frozen=True, eq=False)
class Building:
    """What a building is; its mesh and colliders are the `Part` of the same name.

    `use` says what for ("house", "shop", "church"); `footprint` float64 (k,2), open ring, counter-clockwise; `base_m`
    is the ground floor's level, `height_m` the eaves above it, `roof_m` the ridge above the eaves. `zone` is the
    lattice letter it stands in, `materials` the names of its wall and roof materials.
    """

    name: str
    use: str
    address: str
    footprint: NDArray[np.float64]
    base_m: float
    height_m: float
    roof_m: float
    storeys: int
    roof: str
    zone: str
    materials: tuple[str, str]
    doors: tuple[Door, ...]


@dataclass(frozen=True, eq=False)
class Lights:
    """Lamps: `positions` float64 (n,3) [m], `colors` float64 (n,3) linear rgb, `lumens` float64 (n,), `range_m` (n,).

    `owners` names the instance each belongs to. They shine when `Environment.lamps_lit`.
    """

    owners: tuple[str, ...]
    positions: NDArray[np.float64]
    colors: NDArray[np.float64]
    lumens: NDArray[np.float64]
    range_m: NDArray[np.float64]


@dataclass(frozen=True)
class Environment:
    """Season, weather and hour. Fractions are 0 to 1; `wind_from_rad` is the heading the wind blows from, 0 = east.

    `time_of_day_h` is local solar time; with `latitude_rad` and the season it places the sun.
    `visibility_m` is the meteorological range (contrast 5 %).
    """

    season: Literal["spring", "summer", "autumn", "winter"] = "summer"
    weather: Literal["clear", "overcast", "rain", "storm", "fog", "snow"] = "clear"
    time_of_day_h: float = 14.0
    latitude_rad: float = 0.785
    cloud_cover: float = 0.2
    rain: float = 0.0
    snowfall: float = 0.0
    snow_cover: float = 0.0
    wetness: float = 0.0
    visibility_m: float = 20_000.0
    wind_m_s: float = 3.0
    wind_from_rad: float = 0.0
    lamps_lit: bool = False


NODE_KINDS = ("sidewalk", "crossing", "lane", "door", "path", "quay", "square")
EDGE_KINDS = ("sidewalk", "crossing", "lane", "door", "path", "quay", "square")


@dataclass(frozen=True, eq=False)
class NavigationGraph:
    """Where one can walk and drive. `nodes` float64 (n,3) on the ground; `node_kind` uint8 (n,) indexes NODE_KINDS.

    `edges` int32 (m,2); `edge_kind` uint8 (m,) indexes EDGE_KINDS. Edges of kind "lane" are one-way, from the first
    node to the second, for vehicles; all others are for walkers, both ways.
    """

    nodes: NDArray[np.float64]
    node_kind: NDArray[np.uint8]
    edges: NDArray[np.int32]
    edge_kind: NDArray[np.uint8]


@dataclass(frozen=True)
class Spawn:
    """A free place to put somebody or something: `kind` is person, car, scooter, boat or robot; `pose` is (7,)."""

    name: str
    kind: str
    pose: tuple[float, float, float, float, float, float, float]


@dataclass(frozen=True)
class Agent:
    """Somebody who acts from the start: `kind` ("courier", "robot"), place, what it was told; the placement of the same
    name is its body, and `vehicle` ("foot", "scooter") stands beside it.
    """

    name: str
    kind: str
    vehicle: str
    pose: tuple[float, float, float, float, float, float, float]
    instruction: str = ""


@dataclass(frozen=True)
class Provenance:
    """Where the scene came from: the words, the seed, the planner, versions, and the plan's lattice, north row first."""

    prompt: str = ""
    seed: int = 0
    planner: str = ""
    simbridge: str = ""
    lattice: tuple[str, ...] = ()
    attribution: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    """What the builder could not do as asked, in sentences."""


@dataclass(frozen=True)
class Instance:
    """One row of the table of everything that can be seen: its id in label images, its name, kind and class."""

    id: int
    name: str
    kind: str
    semantic: str


@dataclass(frozen=True, eq=False)
class Scene:
    """A town, complete."""

    name: str
    bounds: tuple[float, float, float, float]
    """x and y minimum, x and y maximum [m]."""
    terrain: Terrain
    waters: tuple[Water, ...]
    roads: RoadNetwork
    buildings: tuple[Building, ...]
    parts: tuple[Part, ...]
    assets: Mapping[str, Asset]
    placements: tuple[Placements, ...]
    materials: Mapping[str, Material]
    lights: Lights
    environment: Environment
    navigation: NavigationGraph
    spawns: tuple[Spawn, ...] = ()
    agents: tuple[Agent, ...] = ()
    provenance: Provenance = field(default_factory=Provenance)

    @cached_property
    def instance_table(self) -> tuple[Instance, ...]:
        """Ids from 1, in this order: the terrain, waters, parts, placements. 0 is the sky."""
        rows = [("terrain", "terrain", "terrain")]
        rows += [(water.name, water.kind, "water") for water in self.waters]
        rows += [(part.name, part.kind, part.semantic) for part in self.parts]
        for group in self.placements:
            asset = self.assets[group.asset]
            rows += [(name, asset.kind, asset.semantic) for name in group.names]
        return tuple(Instance(index, *row) for index, row in enumerate(rows, start=1))

    def instances(self) -> tuple[Instance, ...]:
        """The table of everything that can be seen, by id."""
        return self.instance_table

    def class_of_id(self) -> NDArray[np.int32]:
        """Class ids (see bridge.semantics) by instance id, shape (instances + 1,); the sky first."""
        ids = [CLASS_ID["sky"]] + [CLASS_ID[row.semantic] for row in self.instance_table]
        return np.array(ids, dtype=np.int32)

    @cached_property
    def _layers(self) -> dict[str, str]:
        return {item.name: digest(getattr(self, item.name)) for item in fields(self)}

    def layer_digests(self) -> dict[str, str]:
        """One digest a layer (a field), so that two scenes can be told apart by what differs."""
        return dict(self._layers)

    def digest(self) -> str:
        """One digest of everything."""
        return digest(self._layers)
