"""roads.xodr: ASAM OpenDRIVE 1.7 with lanes, sidewalks, elevation and junctions, for driving stacks.

Each stretch of street that vehicles use is a road; it ends short of its junctions, where a connecting road leads from
every lane that arrives to every street that leaves. Traffic keeps to the right. Lanes are marked where they are painted.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
from numpy.typing import NDArray

from bridge.formats.polyline import cut, kept
from bridge.scene import Scene, Street
from scene_gen.build.ground.paving import slug
from scene_gen.export.reference_line import ReferenceLine, hermite, single, through


@dataclass(frozen=True)
class Config:
    """How roads are written."""

    tolerance_m: float = 0.05
    """How far a road may run from its street's centreline."""
    speed_km_h: float = 30.0


@dataclass(frozen=True)
class _Exporter:
    config: Config

    def export(self, scene: Scene, folder: Path) -> tuple[Path, ...]:
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / "roads.xodr"
        path.write_bytes(opendrive(scene, self.config))
        return (path,)


def make(config: Config) -> _Exporter:
    """The exporter."""
    return _Exporter(config)


@dataclass(frozen=True, eq=False)
class _Arm:
    """One end of a road at a junction: lanes that arrive there and lanes that leave, the innermost first."""

    road: str
    at_start: bool
    street: Street
    line: ReferenceLine

    @property
    def lane_m(self) -> float:
        return self.street.width_m / sum(self.street.lanes)

    def lanes(self, *, arriving: bool) -> list[int]:
        """OpenDRIVE's lane ids: negative ones run with the road, positive ones against it."""
        with_road = arriving != self.at_start
        return (
            [-i - 1 for i in range(self.street.lanes[0])] if with_road else [i + 1 for i in range(self.street.lanes[1])]
        )

    def lane_start(self, lane: int, *, arriving: bool) -> tuple[NDArray[np.float64], NDArray[np.float64], float]:
        """Where a lane's inner edge meets the junction: position (3,), direction of travel (2,), slope in it."""
        position, heading, slope = self.line.end(at_start=self.at_start)
        forward = np.array([np.cos(heading), np.sin(heading)])
        left = np.array([-forward[1], forward[0]])
        offset = _lane_offset(self.street) + np.sign(lane) * (abs(lane) - 1) * self.lane_m
        sign = 1.0 if arriving != self.at_start else -1.0
        return position + np.array([*(left * offset), 0.0]), sign * forward, sign * slope


def opendrive(scene: Scene, config: Config) -> bytes:
    """The document as UTF-8 XML."""
    x0, y0, x1, y1 = scene.bounds
    root = ElementTree.Element("OpenDRIVE")
    _add(root, "header", revMajor="1", revMinor="7", name=_text(scene.name), version="1.00", north=_n(y1), south=_n(y0), east=_n(x1), west=_n(x0))  # fmt: skip
    streets = [street for street in scene.roads.streets if sum(street.lanes) and _length(street) > 1.0]
    arms: dict[int, list[_Arm]] = {}
    degree = np.bincount([j for s in streets for j in (s.start, s.end)] or [0], minlength=len(scene.roads.junctions))
    painted = {part.name.rpartition("/")[0] for part in scene.parts if part.kind == "lane-marking"}
    reach = np.zeros(len(degree))
    for street in streets:
        for junction in (street.start, street.end):
            reach[junction] = max(reach[junction], street.width_m / 2 + street.sidewalk_m + 3.0)
    for index, street in enumerate(streets):
        line = _line(street, degree, reach, config.tolerance_m)
        _road(root, str(index + 1), street, line, degree, config, is_painted=slug(street.name) in painted)
        for junction, at_start in ((street.start, True), (street.end, False)):
            arms.setdefault(junction, []).append(_Arm(str(index + 1), at_start, street, line))
    junctions, count = [], len(streets)
    for junction in sorted(arms):
        if degree[junction] > 1:
            element = ElementTree.Element("junction", id=str(junction + 1), name=f"junction-{junction}")
            count = _connect(root, element, str(junction + 1), arms[junction], count)
            junctions.append(element)
    root.extend(junctions)
    ElementTree.indent(root, " ")
    text = ElementTree.tostring(root, encoding="unicode")
    return f"<?xml version='1.0' encoding='utf-8'?>\n{text}\n".encode()


def _line(street: Street, degree: NDArray, reach: NDArray, tolerance_m: float) -> ReferenceLine:
    room = 0.35 * _length(street)
    trims = [min(room, float(reach[j])) if degree[j] > 1 else 0.0 for j in (street.start, street.end)]
    points = cut(street.centreline, from_start_m=trims[0], from_end_m=trims[1])
    return through(points[kept(points, tolerance_m)])


def _road(
    root: Any, id_: str, street: Street, line: ReferenceLine, degree: NDArray, config: Config, *, is_painted: bool
) -> None:
    broken, solid = ("broken", "solid") if is_painted else ("none", "none")
    road = _add(root, "road", name=_text(street.name), length=_n(line.length_m), id=id_, junction="-1", rule="RHT")
    link = _add(road, "link")
    for name, junction in (("predecessor", street.start), ("successor", street.end)):
        if degree[junction] > 1:
            _add(link, name, elementType="junction", elementId=str(junction + 1))
    kind = _add(road, "type", s="0", type="town")
    _add(kind, "speed", max=_n(config.speed_km_h), unit="km/h")
    _geometry(road, line)
    lanes = _add(road, "lanes")
    _add(lanes, "laneOffset", s="0", a=_n(_lane_offset(street)), b="0", c="0", d="0")
    section = _add(lanes, "laneSection", s="0")
    width = street.width_m / sum(street.lanes)
    forward, backward = street.lanes
    if backward or street.sidewalk_m:
        left = _add(section, "left")
        if street.sidewalk_m:
            _lane(left, backward + 1, "sidewalk", street.sidewalk_m, "curb")
        for lane in range(backward, 0, -1):
            _lane(left, lane, "driving", width, broken if lane < backward else solid)
    center = _add(_add(section, "center"), "lane", id="0", type="none", level="false")
    _mark(center, broken if forward and backward else solid)
    if forward or street.sidewalk_m:
        right = _add(section, "right")
        for lane in range(1, forward + 1):
            _lane(right, -lane, "driving", width, broken if lane < forward else solid)
        if street.sidewalk_m:
            _lane(right, -forward - 1, "sidewalk", street.sidewalk_m, "curb")


def _connect(root: Any, junction: Any, id_: str, arms: list[_Arm], count: int) -> int:
    """Adds the connecting roads of one junction; returns how many roads there are now."""
    number = 0
    for arriving in arms:
        for leaving in arms:
            is_u_turn = leaving.road == arriving.road and leaving.at_start == arriving.at_start
            outgoing = leaving.lanes(arriving=False)
            if is_u_turn or not outgoing:
                continue
            for index, lane in enumerate(arriving.lanes(arriving=True)):
                target = outgoing[min(index, len(outgoing) - 1)]
                start, end = arriving.lane_start(lane, arriving=True), leaving.lane_start(target, arriving=False)
                if np.linalg.norm(end[0][:2] - start[0][:2]) < 0.05:
                    continue
                count += 1
                line = single(hermite(start[0], start[1], start[2], end[0], end[1], end[2]))
                _connecting_road(root, str(count), id_, line, arriving, lane, leaving, target)
                entry = _add(junction, "connection", id=str(number), incomingRoad=arriving.road, connectingRoad=str(count), contactPoint="start")  # fmt: skip
                _add(entry, "laneLink", **{"from": str(lane), "to": "-1"})
                number += 1
    return count


def _connecting_road(
    root: Any, id_: str, junction: str, line: ReferenceLine, arriving: _Arm, lane: int, leaving: _Arm, target: int
) -> None:
    road = _add(root, "road", name="", length=_n(line.length_m), id=id_, junction=junction, rule="RHT")
    link = _add(road, "link")
    for name, arm in (("predecessor", arriving), ("successor", leaving)):
        _add(link, name, elementType="road", elementId=arm.road, contactPoint="start" if arm.at_start else "end")
    _add(road, "type", s="0", type="town")
    _geometry(road, line)
    section = _add(_add(road, "lanes"), "laneSection", s="0")
    _add(_add(section, "center"), "lane", id="0", type="none", level="false")
    entry = _add(_add(section, "right"), "lane", id="-1", type="driving", level="false")
    lane_link = _add(entry, "link")
    _add(lane_link, "predecessor", id=str(lane))
    _add(lane_link, "successor", id=str(target))
    rise, length = leaving.lane_m - arriving.lane_m, line.length_m
    _add(entry, "width", sOffset="0", a=_n(arriving.lane_m), b="0", c=_n(3 * rise / length**2), d=_n(-2 * rise / length**3))  # fmt: skip


def _geometry(road: Any, line: ReferenceLine) -> None:
    plan = _add(road, "planView")
    for piece in line.pieces:
        geometry = _add(plan, "geometry", s=_n(piece.s_m), x=_n(piece.x), y=_n(piece.y), hdg=_n(piece.heading_rad), length=_n(piece.length_m))  # fmt: skip
        if np.abs(piece.v).max() < 1e-9:
            _add(geometry, "line")
            continue
        cubic = {f"{letter}{axis}": _n(values[i]) for axis, values in (("U", piece.u), ("V", piece.v)) for i, letter in enumerate("abcd")}  # fmt: skip
        _add(geometry, "paramPoly3", **cubic, pRange="normalized")
    profile = _add(road, "elevationProfile")
    for before, piece in zip((None, *line.pieces), line.pieces, strict=False):
        if before is not None and np.array_equal(before.elevation, piece.elevation) and not piece.elevation[1:].any():
            continue
        _add(profile, "elevation", s=_n(piece.s_m), **{k: _n(v) for k, v in zip("abcd", piece.elevation, strict=True)})


def _lane(side: Any, id_: int, kind: str, width_m: float, mark: str) -> None:
    lane = _add(side, "lane", id=str(id_), type=kind, level="false")
    _add(lane, "width", sOffset="0", a=_n(width_m), b="0", c="0", d="0")
    if mark != "curb":
        _mark(lane, mark)


def _mark(lane: Any, kind: str) -> None:
    _add(lane, "roadMark", sOffset="0", type=kind, weight="standard", color="standard", width="0.12")


def _lane_offset(street: Street) -> float:
    """How far left of the centreline the line between the two directions lies."""
    forward, backward = street.lanes
    return (forward - backward) / (forward + backward) * street.width_m / 2


def _length(street: Street) -> float:
    return float(np.linalg.norm(np.diff(street.centreline[:, :2], axis=0), axis=1).sum())


def _add(parent: Any, tag: str, **attributes: str) -> Any:
    return ElementTree.SubElement(parent, tag, attributes)


def _n(value: float) -> str:
    return repr(round(float(value), 12) + 0.0)


def _text(text: str) -> str:
    """Text without the characters that XML cannot carry."""
    return "".join(c if c.isprintable() else " " for c in text).encode("utf-8", "replace").decode()
