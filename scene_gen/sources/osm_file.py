"""The three spellings of an OpenStreetMap extract (XML, PBF, Overpass JSON) as ways with their places."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.parsers import expat

import numpy as np
import shapely
from numpy.typing import NDArray

from bridge.errors import InvalidInput, Unavailable

MAX_NODES = 3_000_000


@dataclass(frozen=True)
class Way:
    """Tags and rings or a line of (longitude, latitude) in degrees; `holes` only for areas from relations."""

    tags: Mapping[str, str]
    line: NDArray[np.float64]
    holes: tuple[NDArray[np.float64], ...] = ()


def ways_from_overpass(path: Path) -> list[Way]:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise InvalidInput(f"{path}: is not JSON ({error}). Save an Overpass answer with [out:json].") from error
    elements = data.get("elements") if isinstance(data, dict) else None
    if not isinstance(elements, list):
        raise InvalidInput(f"{path}: has no list 'elements'. Save an Overpass answer with [out:json].")
    try:
        nodes = {
            e["id"]: (float(e["lon"]), float(e["lat"])) for e in elements if e.get("type") == "node" and "lon" in e
        }
        ways = []
        for e in elements:
            tags = {str(k): str(v) for k, v in e.get("tags", {}).items()}
            if e.get("type") == "way":
                places = (
                    [(p["lon"], p["lat"]) for p in e["geometry"] if p]
                    if "geometry" in e
                    else [nodes[n] for n in e.get("nodes", []) if n in nodes]
                )
                ways.append((e.get("id"), tags, _array(places)))
            elif e.get("type") == "relation" and tags.get("type") == "multipolygon":
                ways.append(
                    (
                        None,
                        {
                            **tags,
                            "_members": json.dumps(
                                [
                                    [
                                        m.get("ref"),
                                        m.get("role"),
                                        [[p["lon"], p["lat"]] for p in m.get("geometry") or [] if p],
                                    ]
                                    for m in e.get("members", [])
                                    if m.get("type") == "way"
                                ]
                            ),
                        },
                        _array([]),
                    )
                )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InvalidInput(
            f"{path}: an element is not as Overpass writes it ({error!r}). Save the answer again."
        ) from error
    lines = {key: line for key, _, line in ways if key is not None}
    plain = [Way(tags, line) for key, tags, line in ways if key is not None]
    for _, tags, _ in ways:
        if "_members" in tags:
            members = [
                (role, _array(own) if own else lines.get(ref, _array([])))
                for ref, role, own in json.loads(tags["_members"])
            ]
            plain += _multipolygon({k: v for k, v in tags.items() if k != "_members"}, members)
    return plain


def ways_from_xml(path: Path) -> list[Way]:
    """Streams the file through expat with declarations of entities refused, so that nothing can expand."""
    nodes: dict[str, tuple[float, float]] = {}
    ways: dict[str, tuple[dict[str, str], list[str]]] = {}
    relations: list[tuple[dict[str, str], list[tuple[str, str]]]] = []
    current: dict[str, Any] = {}
    parser = expat.ParserCreate()

    def start(tag: str, attributes: dict[str, str]) -> None:
        if tag == "node":
            nodes[attributes["id"]] = (float(attributes["lon"]), float(attributes["lat"]))
            if len(nodes) > MAX_NODES:
                raise InvalidInput(f"{path}: more than {MAX_NODES:,} nodes. Export a smaller extract.")
        elif tag in ("way", "relation"):
            current.update(id=attributes.get("id", ""), tags={}, refs=[])
        elif current and tag == "nd":
            current["refs"].append(attributes["ref"])
        elif current and tag == "member" and attributes.get("type") == "way":
            current["refs"].append((attributes["ref"], attributes.get("role", "")))
        elif current and tag == "tag":
            current["tags"][attributes["k"]] = attributes["v"]

    def end(tag: str) -> None:
        if tag == "way":
            ways[current["id"]] = (current["tags"], current["refs"])
        elif tag == "relation":
            relations.append((current["tags"], current["refs"]))
        if tag in ("way", "relation"):
            current.clear()

    def refuse(*_: object) -> None:
        raise InvalidInput(f"{path}: declares an XML entity, which OpenStreetMap never does. Export it again.")

    parser.StartElementHandler, parser.EndElementHandler, parser.EntityDeclHandler = start, end, refuse
    try:
        with path.open("rb") as file:
            parser.ParseFile(file)
    except expat.ExpatError as error:
        raise InvalidInput(
            f"{path}: line {error.lineno}: is not XML ({expat.errors.messages[error.code]}). Export it again."
        ) from error
    except (KeyError, ValueError) as error:
        raise InvalidInput(
            f"{path}: line {parser.CurrentLineNumber}: {error!r} is missing or wrong. Export it again."
        ) from error
    lines = {key: _array([nodes[ref] for ref in refs if ref in nodes]) for key, (_, refs) in ways.items()}
    found = [Way(tags, lines[key]) for key, (tags, _) in ways.items()]
    for tags, refs in relations:
        if tags.get("type") == "multipolygon":
            found += _multipolygon(tags, [(role, lines.get(ref, _array([]))) for ref, role in refs])
    return found


def ways_from_pbf(path: Path) -> list[Way]:
    try:
        import osmium
    except ImportError as error:
        raise Unavailable(f"{path}: reading .pbf needs osmium. Install it: pip install 'simbridge[geo]'") from error
    found: list[Way] = []
    try:
        for item in osmium.FileProcessor(os.fspath(path)).with_locations().with_areas():
            tags = dict(item.tags)
            if (item.is_way() and not item.is_closed()) or (item.is_way() and "highway" in tags):
                found.append(Way(tags, _array([(n.lon, n.lat) for n in item.nodes if n.location.valid()])))
            elif item.is_area():
                for outer in item.outer_rings():
                    holes = tuple(_array([(n.lon, n.lat) for n in inner]) for inner in item.inner_rings(outer))
                    found.append(Way(tags, _array([(n.lon, n.lat) for n in outer]), holes))
    except (RuntimeError, osmium.InvalidLocationError) as error:
        raise InvalidInput(f"{path}: is not a readable .pbf ({error}). Download it again.") from error
    return found


def _multipolygon(tags: Mapping[str, str], members: list[tuple[str, NDArray[np.float64]]]) -> list[Way]:
    """Areas of a relation: outer ways joined to rings, inner ones as holes of the ring they lie in."""
    outers, inners = (
        [shapely.get_coordinates(ring.exterior) for ring in shapely.get_parts(shapely.polygonize(lines)).tolist()]
        if (lines := [shapely.LineString(line) for role, line in members if role in roles and len(line) > 1]) else []
        for roles in (("outer", ""), ("inner",))
    )  # fmt: skip
    return [
        Way(
            tags,
            outer,
            tuple(hole for hole in inners if shapely.contains(shapely.Polygon(outer), shapely.Point(hole[0]))),
        )
        for outer in outers
    ]


def _array(places: object) -> NDArray[np.float64]:
    return np.array(places, dtype=np.float64).reshape(-1, 2)
