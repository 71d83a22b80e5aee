"""OpenStreetMap extracts (.osm XML, .osm.pbf, Overpass JSON) as a Survey: streets, footprints, water and land use."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from math import cos, pi, radians
from pathlib import Path
from typing import Literal

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from bridge.errors import InvalidInput
from scene_gen.plan.artefacts import CELLS, Plan, PlannedWater
from scene_gen.plan.given import resampled
from scene_gen.plan.relief import samples
from scene_gen.plan.survey import Survey, SurveyedArea, SurveyedBuilding, SurveyedStreet
from scene_gen.sources.osm_file import Way, ways_from_overpass, ways_from_pbf, ways_from_xml

MAX_BYTES = 256 * 2**20
EARTH_RADIUS_M = 6_378_137.0
LEVEL_M = 2.0
"""How far level land lies above the water."""
ATTRIBUTION = "Map data © OpenStreetMap contributors, Open Database License (ODbL) 1.0"

Roadway = Literal["main", "street", "lane", "path", "bridge"]
STREETS: dict[str, tuple[Roadway, float]] = {
    "motorway": ("main", 9.0), "trunk": ("main", 8.0), "primary": ("main", 7.5), "secondary": ("main", 7.0),
    "tertiary": ("main", 7.0), "unclassified": ("street", 6.0), "residential": ("street", 6.0),
    "living_street": ("lane", 5.0), "service": ("lane", 4.0), "pedestrian": ("lane", 5.0), "road": ("street", 6.0),
    "footway": ("path", 2.0), "path": ("path", 1.8), "steps": ("path", 2.0), "track": ("path", 2.5),
    "cycleway": ("path", 2.2),
}  # fmt: skip
USES = {
    "apartments": "apartment-block", "residential": "apartment-block", "terrace": "townhouse", "house": "house",
    "detached": "house", "semidetached_house": "house", "bungalow": "cottage", "cabin": "cabin", "farm": "farmhouse",
    "hotel": "hotel", "commercial": "office", "office": "office", "retail": "shop", "supermarket": "shop",
    "kiosk": "shop", "industrial": "factory", "manufacture": "factory", "warehouse": "warehouse", "church": "church",
    "cathedral": "cathedral", "chapel": "chapel", "mosque": "mosque", "synagogue": "synagogue", "temple": "temple",
    "monastery": "monastery", "school": "school", "kindergarten": "school", "university": "university",
    "college": "university", "hospital": "hospital", "train_station": "station", "civic": "town-hall",
    "government": "office", "public": "library", "museum": "museum", "barn": "barn", "farm_auxiliary": "barn",
    "greenhouse": "greenhouse", "shed": "shed", "garage": "shed", "garages": "shed", "hut": "cabin",
    "ruins": "ruin", "castle": "castle", "fire_station": "fire-station", "boathouse": "boathouse",
}  # fmt: skip
AMENITIES = {
    "townhall": "town-hall", "place_of_worship": "church", "school": "school", "university": "university",
    "hospital": "hospital", "library": "library", "theatre": "theater", "restaurant": "restaurant", "cafe": "cafe",
    "bank": "bank", "pharmacy": "pharmacy", "police": "police-station", "fire_station": "fire-station",
    "post_office": "post-office", "fuel": "gas-station", "marketplace": "market-hall",
}  # fmt: skip
LAND = {
    "residential": "R", "commercial": "C", "retail": "C", "industrial": "I", "farmland": "A", "farmyard": "A",
    "meadow": "G", "grass": "G", "forest": "F", "wood": "F", "park": "P", "garden": "P", "cemetery": "P",
    "recreation_ground": "P", "pitch": "P", "vineyard": "Y", "orchard": "Y", "beach": "B", "sand": "D", "scrub": "G",
    "heath": "G", "grassland": "G", "bare_rock": "M", "education": "E",
}  # fmt: skip


def read_osm(path: Path) -> Survey:
    """The survey of an extract, cut to a square around its middle. Raises InvalidInput naming file, place, remedy."""
    path = Path(path)
    try:
        size = path.stat().st_size
    except OSError as error:
        raise InvalidInput(
            f"{path}: cannot be read ({error.strerror}). Give the path of an .osm, .pbf or .json file."
        ) from error
    if size > MAX_BYTES:
        raise InvalidInput(
            f"{path}: {size / 2**20:.0f} MiB is more than {MAX_BYTES // 2**20} MiB. Export a smaller extract."
        )
    name = path.name.lower()
    if name.endswith(".pbf"):
        ways = ways_from_pbf(path)
    elif name.endswith(".json"):
        ways = ways_from_overpass(path)
    else:
        ways = ways_from_xml(path)
    ways = [way for way in ways if len(way.line) >= 2]
    if not ways:
        raise InvalidInput(
            f"{path}: holds no ways with places. Export one with streets and buildings (Overpass: out geom)."
        )
    return _survey(path, ways)


def apply_osm(plan: Plan, survey: Survey, heights: NDArray[np.floating] | None = None) -> Plan:
    """The plan on the surveyed place: its size, lattice, streets and waters are the survey's.

    `heights` [m], any rows and columns, row 0 south, lie edge to edge over the survey's square; without them the ground
    is level. Either way it sinks under the surveyed waters.
    """
    notes, ground = [*plan.notes, *survey.notes], np.float64(LEVEL_M)
    if heights is not None:
        ground = resampled(heights, size_m=survey.size_m).astype(np.float64)
    areas: dict[str, float] = {}
    for area in survey.areas:
        if len(area.kind) > 1:
            areas[area.kind] = areas.get(area.kind, 0.0) + _shape(area).area
    return replace(
        plan,
        size_m=survey.size_m,
        waters=tuple(PlannedWater(kind) for kind in sorted(areas, key=lambda kind: -areas[kind])),
        lattice=survey_lattice(survey),
        heights=_sunk_under_water(ground, survey, notes),
        survey=survey,
        notes=tuple(notes),
        landmarks=(),
    )


def survey_lattice(survey: Survey) -> tuple[str, ...]:
    """The lattice of a survey: land use where it is mapped, "R" around houses, "#" along streets for cars, else "G"."""
    cell = survey.size_m / CELLS
    line = -survey.size_m / 2 + cell * (np.arange(CELLS) + 0.5)
    xx, yy = np.meshgrid(line, -line)
    points = shapely.points(xx.ravel(), yy.ravel())
    letters = np.full(CELLS * CELLS, "G")
    for area in survey.areas:
        if len(area.kind) == 1:
            letters[shapely.contains(_shape(area), points)] = area.kind
    if survey.buildings:
        tree = shapely.STRtree([shapely.Polygon(b.footprint) for b in survey.buildings])
        near = np.unique(tree.query(points, predicate="dwithin", distance=0.6 * cell)[0])
        letters[near[np.isin(letters[near], ["G", "A", "F"])]] = "R"
    mains = [shapely.LineString(s.line) for s in survey.streets if s.kind in ("main", "street", "bridge")]
    if mains:
        letters[np.unique(shapely.STRtree(mains).query(points, predicate="dwithin", distance=0.55 * cell)[0])] = "#"
    for area in survey.areas:
        if len(area.kind) > 1:
            letters[shapely.contains(_shape(area), points)] = "W"
    return tuple("".join(row) for row in letters.reshape(CELLS, CELLS))


def _shape(area: SurveyedArea) -> BaseGeometry:
    return shapely.make_valid(shapely.Polygon(area.polygon, area.holes))


def _sunk_under_water(
    ground: NDArray[np.float64] | np.float64, survey: Survey, notes: list[str]
) -> NDArray[np.float32]:
    """Heights (n,n) [m] over the survey's square, with the waters' level at 0: land rises from a shore by 1 in 3 at most,
    water gets 3 m deep within 8 m. Without waters the lowest ground lies at `LEVEL_M`."""
    count = samples(survey.size_m)
    line = np.linspace(-survey.size_m / 2, survey.size_m / 2, count)
    x, y = np.meshgrid(line, line)
    points, ground = shapely.points(x, y), np.broadcast_to(ground, x.shape)
    waters = shapely.union_all([_shape(area) for area in survey.areas if len(area.kind) > 1])
    inside = shapely.contains(waters, points)
    is_given = np.ptp(ground) > 0
    shift = -np.median(ground[inside]) if is_given and inside.any() else LEVEL_M - ground.min()
    if abs(shift) >= 0.05:
        level = "the surveyed water lies at 0 m" if inside.any() else f"its lowest point lies at {LEVEL_M:g} m"
        notes.append(f"The height map was moved by {shift:+.1f} m so that {level}.")
    ground = ground + shift
    if not shapely.is_empty(waters):
        away = shapely.distance(points, shapely.boundary(waters))
        land = np.minimum(np.maximum(ground, 0.5 * LEVEL_M), away / 3)
        ground = np.where(inside, -np.minimum(away * 3 / 8, 3.0), land)
    return np.round(ground, 2).astype(np.float32)


def _survey(path: Path, ways: list[Way]) -> Survey:
    every = np.concatenate([way.line for way in ways])
    if not np.isfinite(every).all() or (np.abs(every) > [180, 90]).any():
        raise InvalidInput(f"{path}: has a place that is not on Earth. Coordinates are degrees, longitude -180 to 180.")
    solid = [way.line for way in ways if "building" in way.tags or way.tags.get("highway") in STREETS]
    if not solid:
        raise InvalidInput(f"{path}: holds neither streets (highway=*) nor buildings. Export an extract with both.")
    centre = np.median(np.concatenate(solid), axis=0)
    scale = EARTH_RADIUS_M * pi / 180 * np.array([cos(radians(centre[1])), 1.0])

    def metres(line: NDArray[np.float64]) -> NDArray[np.float64]:
        return (line - centre) * scale

    reach = np.percentile(np.abs(metres(np.concatenate(solid))), 98)
    size = float(np.clip(np.ceil(2.04 * reach / 10) * 10, 240, 6000))
    square = shapely.box(-size / 2, -size / 2, size / 2, size / 2)
    inner = shapely.box(-size / 2 + 4, -size / 2 + 4, size / 2 - 4, size / 2 - 4)
    streets: list[SurveyedStreet] = []
    buildings: list[SurveyedBuilding] = []
    areas: list[SurveyedArea] = []
    outside = 0
    for way in ways:
        tags, line = way.tags, metres(way.line)
        if (highway := tags.get("highway", "").removesuffix("_link")) in STREETS and tags.get("area") != "yes":
            streets += list(_streets(tags, highway, line, square))
        elif "building" in tags and tags["building"] != "no" and len(line) >= 4:
            ring = _ring(line)
            if ring is None:
                continue
            if not shapely.contains(inner, ring):
                outside += 1
                continue
            buildings.append(_building(tags, ring))
        elif (kind := _land(tags)) and len(line) >= 4:
            areas += list(_areas(kind, line, tuple(metres(hole) for hole in way.holes), square))
    buildings, overlapping = _apart(buildings)
    notes = [
        f"{count} buildings {what}"
        for count, what in (
            (outside, "outside the square were left out"),
            (overlapping, "that overlap others were left out"),
        )
        if count
    ]
    return Survey(size, tuple(streets), tuple(buildings), tuple(areas), ATTRIBUTION, tuple(notes))


def _streets(
    tags: Mapping[str, str], highway: str, line: NDArray[np.float64], square: BaseGeometry
) -> Iterator[SurveyedStreet]:
    kind, width = STREETS[highway]
    width = _number(tags.get("width", ""), width, 1.5, 24.0)
    if tags.get("bridge", "no") != "no":
        kind = "bridge"
    for piece in shapely.get_parts(shapely.intersection(shapely.LineString(line), square)):
        if piece.geom_type == "LineString" and piece.length > 1.0:
            one_way = tags.get("oneway") in ("yes", "1", "true")
            yield SurveyedStreet(tags.get("name", "")[:80], kind, shapely.get_coordinates(piece), width, one_way)


def _building(tags: Mapping[str, str], ring: BaseGeometry) -> SurveyedBuilding:
    use = USES.get(tags["building"]) or AMENITIES.get(tags.get("amenity", ""))
    use = use or ("shop" if "shop" in tags else "house" if ring.area < 180 else "apartment-block")
    storeys = int(_number(tags.get("building:levels", ""), 0, 0, 80))
    if not storeys and tags.get("height"):
        storeys = max(1, round(_number(tags["height"], 6.0, 2.5, 300.0) / 3.1))
    corners = shapely.get_coordinates(ring)[:-1]
    return SurveyedBuilding(
        corners, use, storeys, tags.get("addr:street", "")[:80], tags.get("addr:housenumber", "")[:12]
    )


def _land(tags: Mapping[str, str]) -> str:
    if tags.get("natural") == "water" or "water" in tags or tags.get("waterway") == "riverbank":
        return {"river": "river", "canal": "canal", "pond": "pond"}.get(tags.get("water", ""), "lake")
    for key in ("landuse", "natural", "leisure", "amenity"):
        if (letter := LAND.get(tags.get(key, ""))) is not None:
            return letter
    return ""


def _areas(
    kind: str, line: NDArray[np.float64], holes: tuple[NDArray[np.float64], ...], square: BaseGeometry
) -> Iterator[SurveyedArea]:
    whole = shapely.make_valid(shapely.Polygon(line, [hole for hole in holes if len(hole) >= 4]))
    for piece in shapely.get_parts(shapely.intersection(whole, square)):
        if piece.geom_type == "Polygon" and piece.area > 4.0:
            piece = shapely.orient_polygons(piece)
            rings = [shapely.get_coordinates(ring)[:-1] for ring in (piece.exterior, *piece.interiors)]
            yield SurveyedArea(kind, rings[0], tuple(rings[1:]))


def _ring(line: NDArray[np.float64]) -> BaseGeometry | None:
    shape = shapely.make_valid(shapely.Polygon(line))
    parts = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"]
    if not parts:
        return None
    ring = max(parts, key=lambda part: part.area).exterior
    cleaned = shapely.orient_polygons(shapely.Polygon(shapely.simplify(ring, 0.15)))
    return cleaned if cleaned.is_valid and cleaned.area > 8.0 else None


def _apart(buildings: list[SurveyedBuilding]) -> tuple[list[SurveyedBuilding], int]:
    """Buildings drawn in by 3 cm, so that neighbours do not touch, without those that overlap an earlier one."""
    shapes = [shapely.buffer(shapely.Polygon(b.footprint), -0.03, join_style="mitre") for b in buildings]
    shapes = [max(shapely.get_parts(shape), key=lambda part: part.area, default=shapely.Polygon()) for shape in shapes]
    first, second = shapely.STRtree(shapes).query(shapes, predicate="intersects") if shapes else ([], [])
    doomed = {int(b) for a, b in zip(first, second) if a < b}
    kept = []
    for index, (building, shape) in enumerate(zip(buildings, shapes)):
        if index not in doomed and not shapely.is_empty(shape):
            kept.append(
                replace(building, footprint=shapely.get_coordinates(shapely.orient_polygons(shape).exterior)[:-1])
            )
    return kept, len(buildings) - len(kept)


def _number(text: str, default: float, low: float, high: float) -> float:
    try:
        value = float(text.strip().removesuffix("m").replace(",", "."))
    except ValueError:
        return default
    return float(np.clip(value, low, high)) if np.isfinite(value) else default
