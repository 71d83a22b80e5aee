"""The builder: plan and seed in, scene out; each step hands frozen data to the next."""

import importlib
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from bridge.scene import Material, Part, Provenance, Scene
from scene_gen.build.furnishing.furnish import Furnished, furnish
from scene_gen.build.furnishing.solids import standing
from scene_gen.build.ground.layout import lay_out
from scene_gen.build.houses.buildings import raise_buildings
from scene_gen.build.houses.footings import footed
from scene_gen.build.houses.uses import assign_uses
from scene_gen.build.ways.navigation import connect
from scene_gen.kit.materials import MATERIALS, in_season
from scene_gen.plan.artefacts import Plan


def build(plan: Plan, *, seed: int, catalog: Any = None) -> Scene:
    """The town of a plan. `catalog` offers `asset(name)`, `names_of_kind(kind)` and `for_season(kind, season)`.

    The same plan and seed give the same scene, whatever the number of threads.
    """
    catalog = catalog or importlib.import_module("scene_gen.kit.catalog")
    site = lay_out(plan, seed=seed)
    parcels = assign_uses(plan, site.parcels, seed=seed)
    raised = raise_buildings(plan, parcels, seed=seed)
    site = replace(site, parcels=tuple(parcels))
    furnished = furnish(plan, site, raised, seed=seed, catalog=catalog)
    solids = standing(site, raised, furnished.assets, furnished.placements)
    navigation, buildings = connect(plan, site, raised, solids=solids)
    houses = footed(raised.buildings, raised.parts, site.terrain)
    parts = (*site.parts, *houses, *raised.extras)
    half = plan.size_m / 2
    return Scene(
        name=plan.name,
        bounds=(-half, -half, half, half),
        terrain=site.terrain,
        waters=site.waters,
        roads=site.roads,
        buildings=buildings,
        parts=parts,
        assets=furnished.assets,
        placements=furnished.placements,
        materials=_materials(site.terrain.surfaces, parts, furnished, catalog, plan.environment.season),
        lights=furnished.lights,
        environment=plan.environment,
        navigation=navigation,
        spawns=furnished.spawns,
        agents=furnished.agents,
        provenance=Provenance(
            prompt=plan.brief.prompt,
            seed=seed,
            planner=plan.planner,
            simbridge=installed_version(),
            lattice=plan.lattice,
            attribution=(plan.survey.attribution,) if plan.survey else (),
            notes=tuple(dict.fromkeys((*site.notes, *furnished.notes))),
        ),
    )


def installed_version() -> str:
    """The version of simbridge that runs, or "source" from a bare checkout."""
    try:
        return version("simbridge")
    except PackageNotFoundError:
        return "source"


def _materials(
    surfaces: tuple[str, ...], parts: tuple[Part, ...], furnished: Furnished, catalog: Any, season: str
) -> dict[str, Material]:
    used = set(surfaces) | {"water-sea", "water-river"}
    for part in parts:
        used.update(part.mesh.materials)
    for asset in furnished.assets.values():
        for lod in asset.lods:
            used.update(lod.materials)
    own = getattr(catalog, "materials", {})
    return {name: own[name] if name in own else in_season(MATERIALS[name], season) for name in sorted(used)}
