"""The whole way from words to a checked scene, as Python calls; the command line adds only files and pictures."""

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from bridge import plugins
from bridge.errors import UsageError
from bridge.scene import Scene
from scene_gen.brief import Brief
from scene_gen.build.town import build
from scene_gen.check.judge import ASKED_FOR, Report
from scene_gen.check.repair import repair
from scene_gen.plan.artefacts import Plan
from scene_gen.understand import understand

_ROOMIER = (1.3, 1.7)
"""How much wider a map may become, if its size was left to us and it has no room for what was asked for."""


@dataclass(frozen=True, eq=False)
class Inputs:
    """What the user brings beside the sentence; None where nothing was brought.

    `lattice` 32 strings; `heights` float32 (n, m) [m], row 0 south; `streets` an OpenStreetMap extract already read;
    `plan` a finished plan: with a prompt it is re-themed (new weather, hour, season and style on the same lattice).
    """

    plan: Plan | None = None
    lattice: tuple[str, ...] | None = None
    heights: NDArray[np.float32] | None = None
    osm: Any = None
    size_m: float | None = None
    assets: Path | None = None


@dataclass(frozen=True, eq=False)
class Town:
    """A finished town with everything that led to it."""

    brief: Brief
    plan: Plan
    scene: Scene
    report: Report


def generate(prompt: str, *, seed: int = 0, size_m: float | None = None, planner: str = "rules") -> Scene:
    """A complete, checked town for a sentence. The same prompt and seed give the same `digest()`.

    Raises bridge.errors.InvalidScene if a check still fails after repair.
    """
    town = make_town(prompt, seed=seed, planner=planner, inputs=Inputs(size_m=size_m))
    town.report.raise_if_failed()
    return town.scene


def make_town(prompt: str, *, seed: int = 0, planner: str = "rules", inputs: Inputs | None = None) -> Town:
    """Understand, plan, build, check and repair; the report says what still fails, if anything does.

    A town that lacks what was asked for, on a map whose size nobody gave, is planned anew on a wider one.
    """
    inputs = inputs or Inputs()
    if seed < 0:
        raise UsageError(f"--seed is {seed}; it must be 0 or more.")
    return town_of(understand(prompt), seed=seed, planner=planner, inputs=inputs)


class Watch(Protocol):
    """What is told how far a town has got."""

    def step(self, name: str) -> AbstractContextManager[None]:
        """Surrounds one step of the work."""
        ...

    def planned(self, plan: Plan) -> None:
        """Hears of each plan before it is built."""
        ...

    def note(self, text: str) -> None:
        """Hears why there will be another."""
        ...


class _Unwatched:
    def step(self, name: str) -> AbstractContextManager[None]:
        return nullcontext()

    def planned(self, plan: Plan) -> None:
        pass

    def note(self, text: str) -> None:
        pass


def town_of(brief: Brief, *, seed: int, planner: str, inputs: Inputs, watch: Watch | None = None) -> Town:
    """The town for a brief, as make_town says."""
    watch = watch or _Unwatched()
    first = town = _planned(brief, seed, planner, inputs, watch)
    given = (inputs.plan, inputs.lattice, inputs.heights, inputs.osm, inputs.size_m, brief.size_m)
    is_ours = all(one is None for one in given)
    for factor in _ROOMIER if is_ours else ():
        if [check.name for check in town.report.failed] != [ASKED_FOR]:
            break
        size_m = round(factor * first.plan.size_m)
        said = f"planned anew, {size_m} m wide instead of {first.plan.size_m:g}: what was asked for had no room"
        watch.note(said)
        town = _planned(brief, seed, planner, replace(inputs, size_m=size_m), watch)
        town = replace(town, report=replace(town.report, repairs=(said, *town.report.repairs)))
    return town if town.report.passed else first


def _planned(brief: Brief, seed: int, planner: str, inputs: Inputs, watch: Watch) -> Town:
    """A plan, built and repaired."""
    with watch.step("plan"):
        plan = make_plan(brief, seed=seed, planner=planner, inputs=inputs)
    watch.planned(plan)
    with watch.step("build"):
        scene = build(plan, seed=seed, catalog=make_catalog(inputs))
    with watch.step("check"):
        scene, report = repair(scene, plan)
    return Town(plan.brief, plan, scene, report)


def make_plan(brief: Brief, *, seed: int, planner: str, inputs: Inputs) -> Plan:
    """The plan for a brief and whatever the user brought; a size that was given outdoes one that was said."""
    if inputs.size_m is not None and brief.size_m is not None:
        brief = replace(brief, size_m=None)
    if inputs.plan is not None:
        if not brief.prompt.strip():
            return inputs.plan
        from scene_gen.plan.retheme import retheme

        return retheme(inputs.plan, brief)
    module = plugins.load("scene_gen.plan", planner, what="planner")
    heights = inputs.heights if inputs.osm is None else None
    plan = module.make(module.Config()).plan(
        brief, seed=seed, size_m=inputs.size_m, lattice=inputs.lattice, heights=heights
    )
    if inputs.osm is not None:
        from scene_gen.sources.osm import apply_osm

        plan = apply_osm(plan, inputs.osm, inputs.heights)
    return plan


def make_catalog(inputs: Inputs) -> Any:
    """The user's own assets over the kit's, or None for the kit alone."""
    if inputs.assets is None:
        return None
    from scene_gen.kit.custom import catalog_with

    return catalog_with(inputs.assets)
