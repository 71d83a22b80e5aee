"""Plans by rules: recipes for places, noise for coastlines and relief, solved relations; offline, in a fraction of a second."""

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bridge.errors import InvalidPlan
from scene_gen.brief import Brief
from scene_gen.plan.artefacts import Plan, PlannedWater
from scene_gen.plan.asked import agents_planned
from scene_gen.plan.atmosphere import climate_of, environment_of
from scene_gen.plan.cells import Letters, groups, lattice_of, letters_of, roomy, wet
from scene_gen.plan.given import ground_of_heights, is_flat, resampled
from scene_gen.plan.ground import lay_ground
from scene_gen.plan.landmarks import place_all
from scene_gen.plan.looks import look_of, styles_of
from scene_gen.plan.relief import fit_to_lattice, relief
from scene_gen.plan.repair import repair
from scene_gen.plan.roads import plan_roads, quay_of
from scene_gen.plan.sites import lay_of
from scene_gen.plan.validate import validate_lattice, validate_plan
from scene_gen.plan.wishes import Wishes, wishes_of
from scene_gen.plan.zoning import zone


@dataclass(frozen=True)
class Config:
    """Nothing to set: the sentence says it all."""


def make(config: Config) -> "RulesPlanner":
    """The planner."""
    return RulesPlanner(config)


class RulesPlanner:
    """Composes lattice, heights and environment from a Brief; see scene_gen.plan.planner.Planner."""

    def __init__(self, config: Config | None = None) -> None:
        self.config = config or Config()

    def plan(
        self,
        brief: Brief,
        *,
        seed: int,
        size_m: float | None = None,
        lattice: tuple[str, ...] | None = None,
        heights: NDArray[np.floating] | None = None,
        name: str | None = None,
    ) -> Plan:
        """A valid plan for the brief. What is given wins over what the sentence says. Raises InvalidPlan."""
        if size_m is not None and not (np.isfinite(size_m) and size_m > 0):
            raise InvalidPlan(f"size_m is {size_m}; expected the side of the map in metres, 240 to 6000.")
        wishes = wishes_of(brief, size_m=size_m)
        notes = list(wishes.notes)
        rows, ground_m = self._artefacts(wishes, seed, lattice, heights, notes)
        styles = styles_of(brief)
        climate = climate_of(brief, styles)
        environment, sky_notes = environment_of(brief, climate=climate, style=styles[0], seed=seed)
        look, look_notes = look_of(brief, environment, climate=climate)
        ground_m.setflags(write=False)
        placed = place_all(brief, lay_of(rows, ground_m, wishes.size_m), wishes, look.style, seed)
        plan = Plan(
            name=name or name_of(brief, seed),
            brief=brief,
            size_m=wishes.size_m,
            lattice=rows,
            heights=ground_m,
            environment=environment,
            look=look,
            waters=_waters(letters_of(rows), wishes),
            landmarks=placed.landmarks,
            amounts=placed.amounts,
            absent=placed.absent,
            agents=agents_planned(brief),
            planner="rules",
            notes=(*notes, *sky_notes, *look_notes, *placed.notes),
        )
        return validate_plan(plan)

    def _artefacts(
        self,
        wishes: Wishes,
        seed: int,
        lattice: tuple[str, ...] | None,
        heights: NDArray[np.floating] | None,
        notes: list[str],
    ) -> tuple[tuple[str, ...], NDArray[np.float32]]:
        """Lattice and heights, made or given."""
        if lattice is not None:
            rows = validate_lattice(tuple(lattice), where="lattice")
            if heights is None:
                return rows, relief(rows, size_m=wishes.size_m, seed=seed)
            given = resampled(heights, size_m=wishes.size_m)
            return rows, fit_to_lattice(given, rows, size_m=wishes.size_m, seed=seed)
        if heights is not None:
            given = resampled(heights, size_m=wishes.size_m)
            if is_flat(given):
                notes.append("The height map is flat, so water and land lie as the words ask.")
                return self._artefacts(wishes, seed, None, None, notes)
            ground, given = ground_of_heights(given, wishes, notes)
        else:
            ground, given = lay_ground(wishes, seed), None
        quay = quay_of(ground, wishes)
        roads = plan_roads(ground, wishes, quay, seed)
        rows = lattice_of(repair(zone(ground, wishes, roads, quay, seed)))
        return rows, given if given is not None else relief(rows, size_m=wishes.size_m, seed=seed)


def name_of(brief: Brief, seed: int) -> str:
    """A name fit for a folder: the sentence's first words and the seed."""
    words = re.sub(r"[^\w]+", "-", brief.prompt.lower(), flags=re.UNICODE).strip("-_")
    short = words[:48].rsplit("-", 1)[0] if len(words) > 48 and "-" in words[:48] else words[:48]
    return f"{short or 'town'}-{seed}"


def _waters(letters: Letters, wishes: Wishes) -> tuple[PlannedWater, ...]:
    """The kinds of water on the lattice, the largest first, all at the datum."""
    water = wet(letters)
    if not water.any():
        return ()
    open_water = roomy(water)
    kinds: dict[str, None] = {}
    if open_water.any():
        labels, _ = groups(open_water)
        first = labels == 1
        rim = first.copy()
        rim[1:-1, 1:-1] = False
        if {"sea", "island"} & set(wishes.waters) or (rim.sum() > 12 and not {"lake", "oasis"} & set(wishes.waters)):
            kinds["sea"] = None
        elif "oasis" in wishes.waters:
            kinds["pond"] = None
        elif "lake" in wishes.waters or first.sum() >= 30:
            kinds["lake"] = None
        if "lake" in wishes.waters:
            kinds["lake"] = None
    if (water & ~open_water).any():
        kinds["canal" if "canal" in wishes.waters and "river" not in wishes.waters else "river"] = None
    if "canal" in wishes.waters:
        kinds["canal"] = None
    return tuple(PlannedWater(kind) for kind in kinds)
