"""Is it the town that was planned: the lattice read back from the scene, beside the one that was asked for."""

# shapely and scipy are typed as giving one value or many; here it is always arrays.
# pyright: reportArgumentType=false

import numpy as np
import shapely
from numpy.typing import NDArray

from bridge.scene import Scene
from scene_gen.check.report import Check, Finding
from scene_gen.plan.artefacts import BUILT, CELLS, Plan

CLASSES = ("water", "built", "open")
LEAST_MIOU = 0.55
MOST_SHARE_ERROR = 0.12


def check_lattice(scene: Scene, plan: Plan) -> Check:
    """Mean intersection over union of water, built and open cells, and the error of each class's share."""
    asked = asked_classes(plan.lattice)
    found = found_classes(scene)
    miou, shares = agreement(asked, found)
    findings = []
    if miou < LEAST_MIOU:
        findings.append(
            Finding("lattice", f"agrees with the plan to mIoU {miou:.2f}, below {LEAST_MIOU}", "Use another --seed.")
        )
    for name, error in zip(CLASSES, shares, strict=True):
        if abs(error) > MOST_SHARE_ERROR:
            findings.append(Finding("lattice", f"{name} cells are {error:+.0%} of the map off", "Use another --seed."))
    zones = [b.zone for b in scene.buildings]
    standing = plan.zone_at(np.array([b.footprint.mean(axis=0) for b in scene.buildings]).reshape(-1, 2))
    agree = float(np.mean([a == b for a, b in zip(zones, standing, strict=True)])) if zones else 1.0
    return Check("the lattice is kept", tuple(findings), f"mIoU {miou:.2f}, {agree:.0%} of the buildings in their zone")


def asked_classes(lattice: tuple[str, ...]) -> NDArray[np.int8]:
    """0 water, 1 built, 2 open, shape (32, 32), north row first."""
    letters = np.array([list(row) for row in lattice])
    return np.where(letters == "W", 0, np.where(np.isin(letters, list(BUILT) + ["#"]), 1, 2)).astype(np.int8)


def found_classes(scene: Scene) -> NDArray[np.int8]:
    """The same, read from the scene: most of a cell is water; or buildings and streets come near most of it."""
    low, side = scene.bounds[0], scene.bounds[2] - scene.bounds[0]
    fine = 4 * CELLS
    line = low + side * (np.arange(fine) + 0.5) / fine
    points = shapely.points(*(grid.ravel() for grid in np.meshgrid(line, -line)))
    water = _covered(points, [shapely.make_valid(shapely.Polygon(w.polygon, w.holes)) for w in scene.waters])
    works = [shapely.Polygon(b.footprint) for b in scene.buildings]
    works += [shapely.LineString(street.centreline[:, :2]) for street in scene.roads.streets]
    built_kinds = ("square", "quay", "parking-lot", "promenade")
    works += [
        shapely.Polygon(p.outline)
        for p in scene.parts
        if p.kind in built_kinds and p.outline is not None and len(p.outline) > 2
    ]
    reach = 0.45 * side / CELLS
    built = _covered(points, list(shapely.buffer(np.array(works, dtype=object), reach, quad_segs=2))) & ~water
    shares = [layer.reshape(CELLS, 4, CELLS, 4).mean(axis=(1, 3)) for layer in (water, built)]
    return np.where(shares[0] >= 0.5, 0, np.where(shares[1] >= 0.5, 1, 2)).astype(np.int8)


def agreement(asked: NDArray[np.int8], found: NDArray[np.int8]) -> tuple[float, list[float]]:
    """Mean IoU over the classes that were asked for, and found minus asked share of each class."""
    ious = []
    for index in range(len(CLASSES)):
        either = ((asked == index) | (found == index)).sum()
        if (asked == index).sum() > CELLS // 4:
            ious.append(((asked == index) & (found == index)).sum() / either)
    shares = [float((found == index).mean() - (asked == index).mean()) for index in range(len(CLASSES))]
    return float(np.mean(ious)) if ious else 1.0, shares


def _covered(points: NDArray[np.object_], shapes: list[shapely.Geometry]) -> NDArray[np.bool_]:
    inside = np.zeros(len(points), dtype=bool)
    if shapes:
        inside[shapely.STRtree(points).query(np.array(shapes, dtype=object), predicate="intersects")[1]] = True
    return inside
