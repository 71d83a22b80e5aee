"""A town written as an OpenStreetMap extract, the way a mapper would have drawn it: streets, footprints, water."""

from collections.abc import Iterable
from math import cos, radians, sin
from pathlib import Path
from xml.sax.saxutils import quoteattr

import numpy as np

from bridge.scene import Scene

LATITUDE, LONGITUDE = 43.7, 7.2
DEGREES_A_METRE = 1 / 111_319.49
HIGHWAY = {
    "main": "secondary",
    "street": "residential",
    "lane": "living_street",
    "path": "footway",
    "bridge": "residential",
}


def write_extract(scene: Scene, path: Path, *, turn_rad: float = 0.0) -> None:
    """Writes an .osm file; `turn_rad` turns the town about its middle, so that nothing lies on the axes."""
    nodes: dict[tuple[float, float], int] = {}
    ways: list[str] = []

    def add(points: np.ndarray, tags: dict[str, str], *, is_closed: bool = False) -> None:
        refs = [nodes.setdefault(place, len(nodes) + 1) for place in _turned(points, turn_rad)]
        refs += refs[:1] if is_closed else []
        content = [f'<nd ref="{ref}"/>' for ref in refs]
        content += [f"<tag k={quoteattr(key)} v={quoteattr(value)}/>" for key, value in tags.items()]
        ways.append(f'<way id="{len(ways) + 1}" version="1">{"".join(content)}</way>')

    for street in scene.roads.streets:
        bridge = {"bridge": "yes"} if street.kind == "bridge" else {}
        add(street.centreline[:, :2], {"highway": HIGHWAY[street.kind], "name": street.name, **bridge})
    for building in scene.buildings:
        number, _, street = building.address.partition(" ")
        tags = {"building": "yes", "building:levels": str(building.storeys)}
        add(building.footprint, {**tags, "addr:housenumber": number, "addr:street": street}, is_closed=True)
    for water in scene.waters:
        add(water.polygon, {"natural": "water"}, is_closed=True)
    scale = DEGREES_A_METRE / cos(radians(LATITUDE))
    rows = [
        f'<node id="{number}" version="1" lat="{LATITUDE + y * DEGREES_A_METRE:.7f}" lon="{LONGITUDE + x * scale:.7f}"/>'
        for (x, y), number in nodes.items()
    ]
    path.write_text("\n".join(['<osm version="0.6">', *rows, *ways, "</osm>"]), "utf-8")


def _turned(points: np.ndarray, turn_rad: float) -> Iterable[tuple[float, float]]:
    turn = np.array([[cos(turn_rad), -sin(turn_rad)], [sin(turn_rad), cos(turn_rad)]])
    return [(x, y) for x, y in np.round(points @ turn.T, 2).tolist()]
