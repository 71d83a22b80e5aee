"""Furnishing a town: everything that stands, grows, floats, parks and walks, where it belongs and never in the way."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bridge.scene import Agent, Asset, Lights, Placements, Spawn
from scene_gen.build.furnishing.moored import moor
from scene_gen.build.furnishing.parked import park
from scene_gen.build.furnishing.people import populate
from scene_gen.build.furnishing.placing import Grounds
from scene_gen.build.furnishing.planting import plant
from scene_gen.build.furnishing.plaza import furnish_squares
from scene_gen.build.furnishing.quayside import furnish_quays
from scene_gen.build.furnishing.spawning import lights, spawns_and_agents
from scene_gen.build.furnishing.street_furniture import furnish_streets
from scene_gen.build.furnishing.wishes import grant_landmarks, pay_debts, stand_reserved
from scene_gen.build.site import Raised, Site
from scene_gen.plan.artefacts import Plan


@dataclass(frozen=True, eq=False)
class Furnished:
    """The assets in use by name, their placements, and what comes with them.

    `clauses` says which clause of the brief an instance answers, by its name.
    """

    assets: dict[str, Asset]
    placements: tuple[Placements, ...]
    lights: Lights
    spawns: tuple[Spawn, ...]
    agents: tuple[Agent, ...]
    notes: tuple[str, ...]
    clauses: Mapping[str, int] = field(default_factory=dict)


def furnish(plan: Plan, site: Site, raised: Raised, *, seed: int, catalog: Any) -> Furnished:
    """Everything but ground and houses. `catalog` has `asset(name)`, `names_of_kind(kind)`, `for_season(kind, season)`.

    What was asked for comes first, then what needs most room; each group draws from its own random stream, so that a
    change of one moves another only where they compete for ground.
    """
    grounds = Grounds(plan, site, raised, seed=seed, catalog=catalog)
    stand_reserved(grounds)
    grant_landmarks(grounds)
    moor(grounds)
    furnish_squares(grounds)
    furnish_streets(grounds)
    park(grounds)
    furnish_quays(grounds)
    plant(grounds)
    populate(grounds)
    grant_landmarks(grounds, last=True)
    pay_debts(grounds)
    spawns, agents = spawns_and_agents(grounds)
    placements = grounds.placements()
    assets = {group.asset: grounds.stock.asset(group.asset) for group in placements}
    assets |= _riding(grounds, placements, agents)
    return Furnished(
        assets=assets,
        placements=placements,
        lights=lights(assets, placements, raised),
        spawns=spawns,
        agents=agents,
        notes=tuple(grounds.notes),
        clauses=dict(grounds.clauses),
    )


def _riding(grounds: Grounds, placements: Sequence[Placements], agents: Sequence[Agent]) -> dict[str, Asset]:
    """The riding poses of agents, which no placement has."""
    acting = {agent.name for agent in agents}
    ridden = [grounds.stock.riding(group.asset) for group in placements if acting & set(group.names)]
    return {name: grounds.stock.asset(name) for name in ridden if name}
