"""The repair loop: what can be mended by moving or removing a placed thing is mended; the rest is named."""

from dataclasses import replace

import numpy as np

from bridge.scene import Lights, Placements, Scene
from scene_gen.check.ground import Ground
from scene_gen.check.judge import judge
from scene_gen.check.report import Check, Report
from scene_gen.plan.artefacts import Plan

ROUNDS = 3
REMOVABLE = ("things stand apart", "streets are free", "nothing stands in water", "inside the map", "things stay put",
             "things stand on the ground")  # fmt: skip


def repair(scene: Scene, plan: Plan) -> tuple[Scene, Report]:
    """The scene mended as far as it can be, and the report of the last look; `report.repairs` says what was done.

    Collateral edits are kept small: first a floating thing is set down, then of two things that overlap the one found
    first is removed; what was asked for by name is removed last.
    """
    done: list[str] = []
    report = judge(scene, plan)
    for turn in range(ROUNDS):
        failed = [check for check in report.failed if check.name in REMOVABLE]
        if not failed:
            break
        scene, said = _mend(scene, plan, failed, settle_first=turn == 0)
        done += said
        if not said:
            break
        report = judge(scene, plan)
    return scene, replace(report, repairs=tuple(done))


def _mend(scene: Scene, plan: Plan, failed: list[Check], *, settle_first: bool) -> tuple[Scene, list[str]]:
    placed = {name for group in scene.placements for name in group.names}
    floating = {
        f.name for check in failed if check.name == "things stand on the ground" for f in check.findings
    } & placed
    if floating and settle_first:
        return _set_down(scene, floating), [f"set {name} on the ground" for name in sorted(floating)]
    asked = {landmark.kind for landmark in plan.landmarks if landmark.clause >= 0} | set(plan.amounts)
    kinds = {name: scene.assets[group.asset].kind for group in scene.placements for name in group.names}
    doomed: set[str] = set()
    for check in failed:
        for finding in check.findings:
            pair = [name for name in (finding.name, finding.found.removeprefix("stands in ")) if name in placed]
            if not pair or doomed & set(pair):
                continue
            doomed.add(min(pair, key=lambda name: (kinds[name] in asked, name != finding.name)))
    return without(scene, doomed), [f"removed {name}" for name in sorted(doomed)]


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
    assets = {name: asset for name, asset in scene.assets.items() if name in used}
    return replace(scene, placements=tuple(groups), lights=lights, assets=assets)
