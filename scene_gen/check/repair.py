"""The repair loop: what can be mended by moving or removing a placed thing is mended; the rest is named."""

from dataclasses import replace

import numpy as np

from bridge.frames import read_only
from bridge.riders import riding_name
from bridge.scene import Lights, Placements, Scene
from scene_gen.check.ground import Ground
from scene_gen.check.judge import judge
from scene_gen.check.network import blocked_ways, check_doors_reachable
from scene_gen.check.report import Check, Report
from scene_gen.check.solids import placement_solids
from scene_gen.check.standing import Surroundings
from scene_gen.kinds import KINDS, members
from scene_gen.plan.artefacts import Plan

ROUNDS = 4
PLACED = ("things stand apart", "streets are free", "lanes are free", "nothing stands in water", "inside the map", "things stay put",
          "things stand on the ground")  # fmt: skip
BUILT = ("buildings stand apart", "no building on a street", "no building in water", "buildings stand on the ground",
         "every door can be reached", "inside the map")  # fmt: skip
APART, WAYS = "things stand apart", "ways are free"


def repair(scene: Scene, plan: Plan) -> tuple[Scene, Report]:
    """The scene mended as far as it can be, and the report of the last look; `report.repairs` says what was done.

    Collateral edits are kept small: first a floating thing is set down and a way through a wall is closed if there is
    another; then of two things that overlap the one found first is removed, and a building that breaks a rule is left
    out. What was asked for by name stays, and is named in the report.
    """
    done: list[str] = []
    report = judge(scene, plan)
    for turn in range(ROUNDS):
        failed = {check.name: check for check in report.failed}
        scene, said = _mend(scene, plan, [failed[name] for name in PLACED if name in failed], settle_first=turn == 0)
        if WAYS in failed:
            scene, closed = _close_ways(scene)
            said += closed
        if not said or turn > 1:
            left = [failed[name] for name in (*BUILT, APART, WAYS) if name in failed]
            scene, left_out = _leave_out(scene, plan, left)
            said += left_out
        if not said:
            break
        done += said
        report = judge(scene, plan)
    return scene, replace(report, repairs=tuple(done))


def _close_ways(scene: Scene) -> tuple[Scene, list[str]]:
    """Without the walking edges through walls and over water, as far as every door stays reachable."""
    through, wet = blocked_ways(Surroundings(scene, placement_solids(scene)))
    nav, said = scene.navigation, []
    keep = np.ones(len(nav.edges), dtype=bool)
    for edge in sorted({row for row, _ in through} | set(wet)):
        keep[edge] = False
        trial = replace(nav, edges=nav.edges[keep], edge_kind=nav.edge_kind[keep])
        if check_doors_reachable(replace(scene, navigation=trial)).passed:
            x, y = nav.nodes[nav.edges[edge]].mean(axis=0)[:2]
            said.append(f"closed the way at ({x:.0f}, {y:.0f})")
        else:
            keep[edge] = True
    nav = replace(nav, edges=read_only(nav.edges[keep], np.int32), edge_kind=read_only(nav.edge_kind[keep], np.uint8))
    return (replace(scene, navigation=nav), said) if said else (scene, [])


def _leave_out(scene: Scene, plan: Plan, failed: list[Check]) -> tuple[Scene, list[str]]:
    """Without the buildings that break a rule, or that a way must pass through, unless they were asked for."""
    asked = {use for kind in _asked(plan) for use in members(kind)}
    uses = {building.name: building.use for building in scene.buildings}
    words = [word for check in failed for f in check.findings for word in (f.name, f.found.split()[-1])]
    doomed = {word for word in words if word in uses and uses[word] not in asked}
    if not doomed or len(doomed) >= len(uses):
        return scene, []
    nodes = {door.node for b in scene.buildings if b.name in doomed for door in b.doors}
    nav = scene.navigation
    keep = ~np.isin(nav.edges, sorted(nodes)).any(axis=1) if nodes else np.ones(len(nav.edges), dtype=bool)
    nav = replace(nav, edges=read_only(nav.edges[keep], np.int32), edge_kind=read_only(nav.edge_kind[keep], np.uint8))
    return replace(
        scene,
        buildings=tuple(b for b in scene.buildings if b.name not in doomed),
        parts=tuple(part for part in scene.parts if part.name not in doomed),
        navigation=nav,
    ), [f"left {name} out" for name in sorted(doomed)]


def _asked(plan: Plan) -> set[str]:
    """Kinds that the sentence asks for."""
    asked = {landmark.kind for landmark in plan.landmarks if landmark.clause >= 0} | set(plan.amounts)
    return {kind for kind in asked if kind in KINDS}


def _mend(scene: Scene, plan: Plan, failed: list[Check], *, settle_first: bool) -> tuple[Scene, list[str]]:
    if not failed:
        return scene, []
    placed = {name for group in scene.placements for name in group.names}
    floating = {
        f.name for check in failed if check.name == "things stand on the ground" for f in check.findings
    } & placed
    if floating and settle_first:
        return _set_down(scene, floating), [f"set {name} on the ground" for name in sorted(floating)]
    asked = {name for kind in _asked(plan) for name in members(kind)}
    kinds = {name: scene.assets[group.asset].kind for group in scene.placements for name in group.names}
    doomed: set[str] = set()
    for check in failed:
        for finding in check.findings:
            pair = [name for name in (finding.name, finding.found.removeprefix("stands in ")) if name in placed]
            if not pair or doomed & set(pair) or (len(pair) == 1 and kinds[pair[0]] in asked and check.name == APART):
                continue
            doomed.add(min(pair, key=lambda name: (kinds[name] in asked, name != finding.name)))
    return without(scene, doomed) if doomed else scene, [f"removed {name}" for name in sorted(doomed)]


def _set_down(scene: Scene, names: set[str]) -> Scene:
    """The scene with those things standing on what is under them."""
    ground = Ground(scene)
    groups = []
    for group in scene.placements:
        poses = group.poses.copy()
        chosen = [index for index, name in enumerate(group.names) if name in names]
        if chosen:
            level = ground.below(poses[chosen, :3] + [0, 0, 1.5])
            poses[chosen, 2] = np.where(np.isfinite(level), level, poses[chosen, 2])
        groups.append(Placements(group.asset, group.names, poses, group.scale) if chosen else group)
    return replace(scene, placements=tuple(groups))


def without(scene: Scene, names: set[str]) -> Scene:
    """The scene without the placements of those names; lights they own go with them."""
    groups = []
    for group in scene.placements:
        keep = np.array([name not in names for name in group.names], dtype=bool)
        if keep.all():
            groups.append(group)
        elif keep.any():
            kept = tuple(name for name in group.names if name not in names)
            groups.append(Placements(group.asset, kept, group.poses[keep], group.scale[keep]))
    lit = np.array([owner not in names for owner in scene.lights.owners], dtype=bool)
    lights = scene.lights
    if len(lit) and not lit.all():
        owners = tuple(owner for owner in lights.owners if owner not in names)
        lights = Lights(owners, lights.positions[lit], lights.colors[lit], lights.lumens[lit], lights.range_m[lit])
    used = {group.asset for group in groups}
    used |= {riding_name(name) for name in used}
    assets = {name: asset for name, asset in scene.assets.items() if name in used}
    return replace(scene, placements=tuple(groups), lights=lights, assets=assets)
