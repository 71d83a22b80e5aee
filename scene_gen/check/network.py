"""Can one get about: streets joined, doors reachable, ways free of walls and water, slopes that can be climbed."""

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from bridge.scene import EDGE_KINDS, NavigationGraph, Scene
from scene_gen.check.report import Check, Finding
from scene_gen.check.standing import Surroundings

LANE = EDGE_KINDS.index("lane")
DOOR = EDGE_KINDS.index("door")


def check_streets_joined(scene: Scene) -> Check:
    """The street graph is one piece."""
    streets = scene.roads.streets
    if not streets:
        return Check("streets are joined", (Finding("streets", "there are none", "Use another --seed."),))
    ends = np.array([(s.start, s.end) for s in streets])
    label = _components(len(scene.roads.junctions), ends)[ends[:, 0]]
    main = np.bincount(label).argmax()
    stray = sorted({s.name for s, piece in zip(streets, label, strict=True) if piece != main})
    found = tuple(Finding(name, "is not joined to the other streets", "Add a stretch or a bridge.") for name in stray)
    length = sum(float(np.linalg.norm(np.diff(s.centreline, axis=0), axis=1).sum()) for s in streets)
    return Check("streets are joined", found, f"{len(streets)} stretches, {length / 1000:.2f} km")


def check_doors_reachable(scene: Scene) -> Check:
    """From every door one can walk to every other."""
    nav = scene.navigation
    walk = nav.edges[nav.edge_kind != LANE]
    doors = [(b.name, door.node) for b in scene.buildings for door in b.doors]
    findings = [Finding(b.name, "has no door", "Give it one.") for b in scene.buildings if not b.doors]
    if doors:
        nodes = np.array([node for _, node in doors])
        label = _components(len(nav.nodes), walk)
        main = np.bincount(label[nodes[nodes >= 0]]).argmax() if (nodes >= 0).any() else -1
        cut_off = [name for name, node in doors if node < 0 or label[node] != main]
        findings += [Finding(n, "cannot be reached on foot", "Join its door to a sidewalk.") for n in cut_off]
    return Check("every door can be reached", tuple(findings), f"{len(doors)} doors")


def check_ways_free(around: Surroundings) -> Check:
    """No walking edge passes through a building or over open water."""
    nav = around.scene.navigation
    walk = nav.edges[nav.edge_kind != LANE]
    if not len(walk):
        return Check("ways are free", (Finding("navigation", "has no ways to walk", "Use another --seed."),))
    walls, wet = blocked_ways(around)
    findings = [_way(nav, edge, f"passes through {name}") for edge, name in walls]
    findings += [_way(nav, edge, "crosses open water") for edge in wet]
    length = float(np.linalg.norm(np.diff(nav.nodes[walk], axis=1), axis=-1).sum())
    return Check("ways are free", tuple(findings), f"{length / 1000:.2f} km to walk")


def blocked_ways(around: Surroundings) -> tuple[list[tuple[int, str]], list[int]]:
    """Walking edges (rows of `edges`) that pass a wall, each with the building's name, and those over open water."""
    nav = around.scene.navigation
    rows = np.flatnonzero(nav.edge_kind != LANE)
    ends = nav.nodes[nav.edges[rows]][..., :2]
    walls = shapely.buffer(around.footprints, -0.25)
    through: list[tuple[int, str]] = []
    if len(walls) and len(rows):
        edge, which = shapely.STRtree(walls).query(shapely.linestrings(ends), predicate="intersects")
        through = [(int(rows[e]), around.scene.buildings[w].name) for e, w in zip(edge, which, strict=True)]
    samples = ends[:, :1] + np.linspace(0.08, 0.92, 9)[None, :, None] * (ends[:, 1:] - ends[:, :1])
    wet = around.is_wet(samples.reshape(-1, 2)).reshape(len(rows), -1).sum(axis=1) >= 2
    return through, [int(row) for row in rows[wet]]


def _way(nav: NavigationGraph, edge: int, found: str) -> Finding:
    x, y = nav.nodes[nav.edges[edge]].mean(axis=0)[:2]
    return Finding(f"way at ({x:.0f}, {y:.0f})", found, "Remove the edge and join its ends another way.")


def check_lanes(scene: Scene) -> Check:
    """Cars can drive from nearly everywhere to nearly everywhere: the largest strongly connected part of the lanes."""
    nav = scene.navigation
    lanes = nav.edges[nav.edge_kind == LANE]
    if not len(lanes):
        wanted = any(sum(street.lanes) for street in scene.roads.streets)
        found = (Finding("lanes", "streets for cars have no lanes", "Use another --seed."),) if wanted else ()
        return Check("cars can drive round", found, "no streets for cars")
    used = np.unique(lanes)
    label = _components(len(nav.nodes), lanes, directed=True)[used]
    share = float(np.bincount(label).max() / len(used))
    found = () if share >= 0.85 else (Finding("lanes", f"only {share:.0%} are joined both ways", "Add turning ways."),)
    return Check("cars can drive round", found, f"{share:.0%} of the lanes")


def check_slopes(scene: Scene, limit: float) -> Check:
    """No street is steeper than the limit over any 8 m of it."""
    findings, steepest = [], 0.0
    for street in scene.roads.streets:
        line = street.centreline
        along = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(line[:, :2], axis=0), axis=1))])
        if along[-1] < 1.0:
            continue
        starts = np.linspace(0, max(along[-1] - 8.0, 0.0), max(2, int(along[-1] / 2)))
        ends = np.minimum(starts + 8.0, along[-1])
        rise = np.abs(np.interp(ends, along, line[:, 2]) - np.interp(starts, along, line[:, 2])) / (ends - starts)
        steepest = max(steepest, float(rise.max()))
        if rise.max() > limit + 0.005:
            findings.append(Finding(street.name, f"climbs {rise.max():.1%}", f"Cut it down to {limit:.0%}."))
    return Check("streets can be climbed", tuple(findings), f"steepest {steepest:.1%}")


def _components(count: int, edges: NDArray, *, directed: bool = False) -> NDArray[np.int32]:
    ones = np.ones(len(edges), dtype=np.int8)
    graph = coo_array((ones, (edges[:, 0], edges[:, 1])), shape=(count, count))
    return connected_components(graph, directed=directed, connection="strong" if directed else "weak")[1]
