"""The judge: every check of a scene, exact because the whole scene graph is at hand; it changes nothing."""

import numpy as np

from bridge.scene import Scene
from scene_gen.check.clauses import judge_clauses
from scene_gen.check.fidelity import check_lattice
from scene_gen.check.ground import Ground
from scene_gen.check.network import (
    check_doors_reachable,
    check_lanes,
    check_slopes,
    check_streets_joined,
    check_ways_free,
)
from scene_gen.check.report import Check, Finding, Report
from scene_gen.check.settle import check_settled
from scene_gen.check.solids import placement_solids
from scene_gen.check.standing import (
    Surroundings,
    check_bounds,
    check_buildings_apart,
    check_buildings_off,
    check_buildings_on_ground,
    check_lanes_free,
    check_things_apart,
    check_things_off,
    check_things_on_ground,
)
from scene_gen.plan.artefacts import Plan

ASKED_FOR = "everything asked for is there"


def judge(scene: Scene, plan: Plan) -> Report:
    """Every check and every clause of the plan's sentence."""
    around = Surroundings(scene, placement_solids(scene))
    ground = Ground(scene)
    clauses = judge_clauses(scene, plan.brief)
    checks = (
        check_complete(scene),
        check_geometry(scene),
        check_bounds(around),
        check_buildings_apart(around),
        *check_buildings_off(around),
        check_buildings_on_ground(around),
        check_things_apart(around),
        check_things_on_ground(around, ground),
        *check_things_off(around),
        check_lanes_free(around),
        check_streets_joined(scene),
        check_doors_reachable(scene),
        check_ways_free(around),
        check_lanes(scene),
        check_slopes(scene, plan.look.max_street_slope),
        check_lattice(scene, plan),
        check_settled(scene, ground),
        check_light(scene),
        check_asked(clauses),
    )
    return Report(checks, clauses)


def check_complete(scene: Scene) -> Check:
    """Names are unique and everything that is referred to is there."""
    findings = []
    names = [row.name for row in scene.instances()]
    seen: set[str] = set()
    for name in names:
        if name in seen:
            findings.append(Finding(name, "has the name of another thing", "Give every instance its own name."))
        seen.add(name)
    used = {name for part in scene.parts for name in part.mesh.materials}
    used |= {name for asset in scene.assets.values() for lod in asset.lods for name in lod.materials}
    used |= set(scene.terrain.surfaces)
    findings += [
        Finding(n, "is a material that is not defined", "Add it.") for n in sorted(used - set(scene.materials))
    ]
    part_names = {part.name for part in scene.parts}
    findings += [Finding(b.name, "has no mesh", "Add its part.") for b in scene.buildings if b.name not in part_names]
    if not scene.buildings:
        findings.append(Finding(scene.name, "has no buildings", "Use a larger --size-m or another --seed."))
    if not scene.spawns:
        findings.append(Finding(scene.name, "has no place to start from", "Use another --seed."))
    return Check("complete", tuple(findings), f"{len(names)} instances")


def check_geometry(scene: Scene) -> Check:
    """All numbers are finite, all triangles refer to vertices, all rotations are unit quaternions."""
    findings = []
    meshes = [(part.name, part.mesh) for part in scene.parts]
    meshes += [(asset.name, lod) for asset in scene.assets.values() for lod in asset.lods]
    for name, mesh in meshes:
        if not np.isfinite(mesh.vertices).all():
            findings.append(Finding(name, "has a vertex that is not a number", "Report it: this is a defect."))
        elif len(mesh.triangles) and (mesh.triangles.min() < 0 or mesh.triangles.max() >= len(mesh.vertices)):
            findings.append(Finding(name, "has a triangle without vertices", "Report it: this is a defect."))
    for group in scene.placements:
        unit = np.abs(np.linalg.norm(group.poses[:, 3:], axis=1) - 1) < 1e-6
        if not (np.isfinite(group.poses).all() and unit.all() and (group.scale > 0).all()):
            findings.append(Finding(group.asset, "is placed with a broken pose", "Report it: this is a defect."))
    if not np.isfinite(scene.terrain.heights).all():
        findings.append(Finding("terrain", "has a height that is not a number", "Report it: this is a defect."))
    triangles = sum(len(part.mesh.triangles) for part in scene.parts)
    return Check("geometry is sound", tuple(findings), f"{triangles} triangles in parts")


def check_light(scene: Scene) -> Check:
    """Weather, hour and lamps fit together: after dark the lamps are lit, and there are some."""
    env, findings = scene.environment, []
    fractions = (env.cloud_cover, env.rain, env.snowfall, env.snow_cover, env.wetness)
    if not all(0 <= value <= 1 for value in fractions) or not 0 <= env.time_of_day_h < 24 or env.visibility_m <= 0:
        findings.append(Finding("environment", "has a value out of its range", "Correct the plan's environment."))
    is_dark = env.time_of_day_h < 5 or env.time_of_day_h > 21
    if is_dark and not env.lamps_lit:
        findings.append(Finding("environment", "is dark with the lamps out", "Set lamps_lit in the plan."))
    if env.lamps_lit and not len(scene.lights.owners):
        findings.append(Finding("lights", "are lit but there are none", "Raise the plan's props density."))
    return Check("weather, hour and lamps agree", tuple(findings), f"{env.weather}, {env.time_of_day_h:g} h")


def check_asked(clauses: tuple) -> Check:  # type: ignore[type-arg]
    """Everything the sentence asks for is there."""
    broken = [clause for clause in clauses if not clause.holds]
    fix = "Use another --seed, a larger --size-m, or say it another way."
    found = tuple(
        Finding(f'"{clause.words}"', f"asks for {clause.asks}, found {clause.found}", fix) for clause in broken
    )
    return Check(ASKED_FOR, found, f"{len(clauses) - len(broken)} of {len(clauses)} clauses")
