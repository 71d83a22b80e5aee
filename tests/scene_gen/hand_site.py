"""A small site made by hand: a crossroads with a square, a quay, a pier in the sea, houses, a park and a forest."""

import numpy as np

from bridge.meshes import mesh
from bridge.scene import Building, Door, Environment, Part, RoadNetwork, Street, Terrain, Water
from scene_gen.brief import Brief
from scene_gen.build.site import Area, Mooring, Parcel, Raised, Reserved, Site
from scene_gen.build.ways.along import Ways
from scene_gen.plan.artefacts import CELLS, AgentsPlanned, Look, Plan, PlannedWater

SIZE_M = 320.0
LEVEL_M = 2.0


def rectangle(x0: float, y0: float, x1: float, y1: float) -> np.ndarray:
    return np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]], dtype=float)


def slab(name: str, kind: str, semantic: str, ring: np.ndarray, top_m: float) -> Part:
    """A flat plate with four corners."""
    corners = np.column_stack([ring, np.full(4, top_m)])
    return Part(name, kind, semantic, mesh(corners, [[0, 1, 2], [0, 2, 3]], ("paving",)), (), ring)


def strip(
    name: str, kind: str, semantic: str, ways: Ways, street: int, left_m: float, right_m: float, lift_m: float
) -> Part:
    """A band along a street between two offsets."""
    arc = np.linspace(0, ways.length_m[street], 30)
    a, b = (ways.at(np.full(30, street), arc, offset)[0] for offset in (left_m, right_m))
    vertices = np.column_stack([np.concatenate([a, b]), np.full(60, LEVEL_M + lift_m)])
    i = np.arange(29)
    faces = np.concatenate([np.stack([i, i + 30, i + 31], 1), np.stack([i, i + 31, i + 1], 1)])
    return Part(name, kind, semantic, mesh(vertices, faces, ("asphalt",)), (), None)


def bands(streets: tuple[Street, ...]) -> tuple[Part, ...]:
    """Carriageways, and sidewalks 12 cm above them."""
    ways, parts = Ways(streets), []
    for i, s in enumerate(streets):
        half = s.width_m / 2
        parts.append(strip(f"carriageway-{i}", "carriageway", "road", ways, i, half, -half, 0.02))
        if s.sidewalk_m:
            parts.append(strip(f"sidewalk-{i}-left", "sidewalk", "sidewalk", ways, i, half + s.sidewalk_m, half, 0.14))
            parts.append(
                strip(f"sidewalk-{i}-right", "sidewalk", "sidewalk", ways, i, -half, -half - s.sidewalk_m, 0.14)
            )
    return tuple(parts)


def plan(**changes) -> Plan:
    """The sea in the south, a forest in the north-west, a park in the north-east, houses between."""
    rows = []
    for row in range(CELLS):
        y = SIZE_M / 2 - (row + 0.5) * SIZE_M / CELLS
        if y < -100:
            rows.append("W" * CELLS)
        elif y < -80:
            rows.append("Q" * CELLS)
        elif y > 90:
            rows.append("F" * 16 + "P" * 16)
        else:
            rows.append("R" * CELLS)
    given = {
        "name": "by-hand",
        "brief": Brief(prompt="by hand"),
        "size_m": SIZE_M,
        "lattice": tuple(rows),
        "heights": np.full((33, 33), LEVEL_M, np.float32),
        "environment": Environment(),
        "look": Look(style="maritime", trees={"oak": 2.0, "pine": 1.0}),
        "waters": (PlannedWater("sea"),),
        "agents": (AgentsPlanned("courier", 2, "scooter", "deliver"),),
    }
    return Plan(**{**given, **changes})


def site(*, reserved: tuple[Reserved, ...] = ()) -> Site:
    n = 161
    xy = np.linspace(-SIZE_M / 2, SIZE_M / 2, n)
    heights = np.full((n, n), LEVEL_M, np.float32)
    heights[xy < -101] = -4.0
    heights += np.where(xy[:, None] > 60, (xy[:, None] - 60) * 0.1, 0).astype(np.float32)
    terrain = Terrain((-SIZE_M / 2, -SIZE_M / 2), SIZE_M / (n - 1), heights, np.zeros((n, n), np.uint8), ("grass",))
    junctions = np.array(
        [[0, 0, LEVEL_M], [-140, 0, LEVEL_M], [140, 0, LEVEL_M], [0, -84, LEVEL_M], [0, 55, LEVEL_M], [60, 45, LEVEL_M]]
    )

    def street(
        name: str, kind: str, start: int, end: int, width: float, sidewalk: float, lanes: tuple[int, int], via=()
    ) -> Street:
        line = np.array([junctions[start], *[(x, y, LEVEL_M) for x, y in via], junctions[end]], dtype=float)
        return Street(name, kind, start, end, line, width, sidewalk, lanes)  # type: ignore[arg-type]

    streets = (
        street("West Road", "main", 1, 0, 9.0, 2.5, (1, 1)),
        street("East Road", "main", 0, 2, 9.0, 2.5, (1, 1), [(50, 6), (95, 6)]),
        street("Quay Street", "street", 3, 0, 6.0, 2.0, (1, 1)),
        street("Hill Street", "street", 0, 4, 6.0, 2.0, (1, 1)),
        street("Green Lane", "lane", 4, 5, 3.0, 0.0, (0, 0)),
    )
    water = Water("sea-0", "sea", rectangle(-160, -160, 160, -100), 0.0)
    parts = (
        slab("quay-0", "quay", "dock", rectangle(-150, -100, 150, -88), LEVEL_M + 0.02),
        slab("pier-0", "pier", "dock", rectangle(-52, -145, -48, -100), 1.6),
        slab("square-0", "square", "sidewalk", rectangle(10, -45, 50, -10), LEVEL_M + 0.05),
        *bands(streets),
        slab("crossing-0", "crossing", "crossing", rectangle(-16, -4.5, -12, 4.5), LEVEL_M + 0.03),
    )  # fmt: skip
    parcels, areas = [], [
        Area("square", rectangle(10, -45, 50, -10), level_m=LEVEL_M + 0.05, name="Old Square"),
        Area("quay", rectangle(-150, -100, 150, -88), level_m=LEVEL_M + 0.02),
        Area("park", rectangle(20, 95, 150, 155)),
        Area("forest", rectangle(-155, 95, -5, 155)),
        Area("field", rectangle(70, 20, 150, 55)),
        Area("cemetery", rectangle(-150, 45, -110, 75)),
    ]  # fmt: skip
    for i in range(7):
        x = -135 + 17 * i
        ring = rectangle(x, 8, x + 14, 28)
        parcels.append(
            Parcel(f"parcel-{i}", ring, ring[:2], LEVEL_M, "R", "West Road", i + 1, "shop" if i % 3 else "cafe")
        )
    moorings = tuple(
        Mooring(x, y, 0.0 if x < -50 else np.pi, 10.0, 0.0) for y in (-110, -120, -130) for x in (-60.0, -40.0)
    )
    return Site(
        terrain, (water,), RoadNetwork(junctions, streets), parts, tuple(parcels), tuple(areas), moorings, reserved
    )


def raised() -> Raised:
    """A house on every parcel, its door on the street in the south."""
    buildings, parts = [], []
    for i, parcel in enumerate(site().parcels):
        x0, y0 = parcel.polygon[0]
        ring = rectangle(x0 + 1, y0 + 2, x0 + 13, y0 + 12)
        door = Door((x0 + 7, y0 + 2, LEVEL_M), -np.pi / 2, 1.0, 2.1, -1)
        buildings.append(Building(f"{parcel.use}-{i}", parcel.use, f"{i + 1} West Road", ring, LEVEL_M, 6.0, 2.0, 2, "flat",
                                  "R", ("plaster-white", "roof-tiles-red"), (door,)))  # fmt: skip
        parts.append(slab(buildings[-1].name, parcel.use, "building", ring, LEVEL_M + 6.0))
    return Raised(tuple(buildings), tuple(parts))
