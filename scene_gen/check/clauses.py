"""Does the town have what the sentence asks for: every clause of the Brief held against the scene, one by one."""

# shapely and scipy are typed as giving one value or many; here it is always arrays.
# pyright: reportIndexIssue=false

from collections.abc import Callable
from math import hypot

import numpy as np
import shapely
from numpy.typing import NDArray

from bridge.meshes import extent
from bridge.scene import Scene
from scene_gen.brief import Brief, Relation, Thing
from scene_gen.check.report import Clause
from scene_gen.kinds import KINDS, members
from scene_gen.plan.said import is_of_roof, shows

COMPASS = {
    "north": (0, 1), "south": (0, -1), "east": (1, 0), "west": (-1, 0), "northeast": (1, 1), "northwest": (-1, 1),
    "southeast": (1, -1), "southwest": (-1, -1),
}  # fmt: skip


class Inventory:
    """Where everything is: positions float64 (n,3) [m] by kind, and what the ground and water are like."""

    def __init__(self, scene: Scene):
        self.scene = scene
        self.size = float(scene.bounds[2] - scene.bounds[0])
        found: dict[str, list[NDArray[np.float64]]] = {}
        for building in scene.buildings:
            centre = np.array([*building.footprint.mean(axis=0), building.base_m])
            found.setdefault(building.use, []).append(centre[None])
        for part in scene.parts:
            if part.semantic != "building" and len(part.mesh.vertices):
                found.setdefault(part.kind, []).append(0.5 * np.add(*extent(part.mesh))[None])
        acting = {agent.name for agent in scene.agents}
        for group in scene.placements:
            is_thing = [name not in acting for name in group.names]
            found.setdefault(scene.assets[group.asset].kind, []).append(group.poses[is_thing, :3])
        self.by_kind = {kind: np.concatenate(places) for kind, places in found.items()}
        letters = np.array([list(row) for row in scene.provenance.lattice or ("G" * 32,) * 32])
        self.zone_share = {letter: float((letters == letter).mean()) for letter in np.unique(letters)}
        rows, cols = np.indices(letters.shape)
        cell = self.size / len(letters)
        self.cells = {
            letter: np.stack([(cols[letters == letter] + 0.5) * cell - self.size / 2,
                              self.size / 2 - (rows[letters == letter] + 0.5) * cell], axis=1)
            for letter in np.unique(letters)
        }  # fmt: skip

    def places(self, kind: str) -> NDArray[np.float64]:
        """Positions (n,3) of a kind, a group, a zone's cells, "town" or a kind of water; empty where there is none."""
        if kind in ("sea", "lake", "river", "canal", "pond", "water", "coast", "harbor", "shore"):
            return self._shore(kind)
        if kind == "street":
            lines = [street.centreline for street in self.scene.roads.streets]
            return np.concatenate(lines) if lines else np.zeros((0, 3))
        if kind in ("town", "city", "village", "center", "map"):
            return self._lifted(np.array([b.footprint.mean(axis=0) for b in self.scene.buildings]).reshape(-1, 2))
        if kind in KINDS and KINDS[kind].realised == "zone":
            return self._lifted(self.cells.get(KINDS[kind].zone, np.zeros((0, 2))))
        known = members(kind) if kind in KINDS else (kind,)
        groups = [self.by_kind[name] for name in known if name in self.by_kind]
        return np.concatenate(groups) if groups else np.zeros((0, 3))

    def count(self, kind: str) -> int:
        """How many there are; for a zone 1 if it covers anything, for water 1 if there is such a body."""
        if kind in ("street", "alley"):
            return len({street.name for street in self.scene.roads.streets})
        if kind in KINDS and KINDS[kind].realised == "zone":
            return int(len(self.places(kind)) > 0)
        return len(self.places(kind))

    def count_of_material(self, kind: str, attributes: tuple[str, ...]) -> int | None:
        """Buildings of a kind whose walls and roof are of these colours or materials; None if that cannot be told.

        Of several words for walls one is enough, and of several for roofs.
        """
        if kind not in KINDS or KINDS[kind].realised != "building":
            return None
        groups = [[w for w in attributes if is_of_roof(w) == of_roof and shows(w, "", "") is not None]
                  for of_roof in (False, True)]  # fmt: skip
        asked = [words for words in groups if words]
        if not asked:
            return None
        uses = members(kind)
        return sum(1 for b in self.scene.buildings
                   if b.use in uses and all(any(shows(w, *b.materials) for w in words) for words in asked))  # fmt: skip

    def _lifted(self, xy: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.concatenate([xy, self.scene.terrain.height_at(xy)[:, None]], axis=1) if len(xy) else np.zeros((0, 3))

    def _shore(self, kind: str) -> NDArray[np.float64]:
        same = {"water": None, "shore": None, "coast": ("sea", "lake"), "harbor": None}.get(kind, (kind,))
        if kind == "harbor" and any(name in self.by_kind for name in ("pier", "quay")):
            return np.concatenate([self.by_kind[name] for name in ("pier", "quay") if name in self.by_kind])
        bodies = [w for w in self.scene.waters if same is None or w.kind in same]
        edges = [shapely.segmentize(shapely.LinearRing(w.polygon), 8.0) for w in bodies]
        edges += [shapely.segmentize(shapely.LinearRing(hole), 8.0) for w in bodies for hole in w.holes]
        return (
            self._lifted(np.concatenate([shapely.get_coordinates(edge) for edge in edges]))
            if edges
            else np.zeros((0, 3))
        )


def judge_clauses(scene: Scene, brief: Brief) -> tuple[Clause, ...]:
    """Every clause of the brief, in the order places, weather, season, hour, things, relations, agents, size."""
    have = Inventory(scene)
    env = scene.environment
    clauses = [_place(read.value, read.source.words, have) for read in brief.places]
    for read in brief.not_places:
        clause = _place(read.value, read.source.words, have)
        clauses.append(Clause(read.source.words, f"no {read.value}", not clause.holds, clause.found))
    for read in brief.weather:
        clauses.append(
            Clause(
                read.source.words,
                f"weather {read.value}",
                _weather(read.value, scene),
                f"{env.weather}, wind {env.wind_m_s:.0f} m/s",
            )
        )
    for read in brief.not_weather:
        clauses.append(Clause(read.source.words, f"no {read.value}", not _weather(read.value, scene), env.weather))
    if brief.season:
        clauses.append(
            Clause(
                brief.season.source.words, f"season {brief.season.value}", env.season == brief.season.value, env.season
            )
        )
    if brief.time_of_day_h:
        off = abs((env.time_of_day_h - brief.time_of_day_h.value + 12) % 24 - 12)
        clauses.append(
            Clause(
                brief.time_of_day_h.source.words,
                f"{brief.time_of_day_h.value:g} h",
                off < 0.26,
                f"{env.time_of_day_h:g} h",
            )
        )
    elif brief.time_of_day:
        clauses.append(
            Clause(
                brief.time_of_day.source.words,
                brief.time_of_day.value,
                _hour(brief.time_of_day.value, env.time_of_day_h),
                f"{env.time_of_day_h:g} h",
            )
        )
    clauses += [_thing(thing, have) for thing in brief.things]
    clauses += [_relation(relation, have) for relation in brief.relations]
    for agents in brief.agents:
        count = sum(1 for agent in scene.agents if agent.kind == agents.kind)
        if agents.kind in ("pedestrian", "person", "dog"):
            count += have.count("person" if agents.kind != "dog" else "dog")
        clauses.append(
            Clause(
                agents.source.words,
                _range(agents.least, agents.most, agents.kind),
                _within(count, agents.least, agents.most),
                f"{count}",
            )
        )
    if brief.size_m:
        near = abs(have.size - brief.size_m.value) < 0.1 * brief.size_m.value
        clauses.append(Clause(brief.size_m.source.words, f"{brief.size_m.value:g} m wide", near, f"{have.size:g} m"))
    return tuple(clauses)


def _within(count: int, least: int, most: int | None) -> bool:
    return least <= count and (most is None or count <= most)


def _range(least: int, most: int | None, kind: str) -> str:
    if most == 0:
        return f"no {kind}"
    if most is None:
        return f"{kind}" if least <= 1 else f"at least {least} {kind}"
    return f"{least} {kind}" if least == most else f"{least} to {most} {kind}"


def _thing(thing: Thing, have: Inventory) -> Clause:
    """A count with adjectives binds only what they fit: by material where that can be seen, else only from below."""
    count, least, most = have.count(thing.kind), thing.least, thing.most
    asks = _range(least, most, thing.kind)
    if thing.kind in KINDS and KINDS[thing.kind].realised == "zone":
        least, most = min(least, 1), most if most == 0 else None
    if thing.attributes and most != 0:
        asks += f" ({', '.join(thing.attributes)})"
        fitting = have.count_of_material(thing.kind, thing.attributes)
        count, most = (count, None) if fitting is None else (fitting, most)
    return Clause(thing.source.words, asks, _within(count, least, most), f"{count}")


def _weather(asked: str, scene: Scene) -> bool:
    env = scene.environment
    return {
        "clear": env.weather == "clear",
        "overcast": env.weather in ("overcast", "rain", "storm", "fog", "snow") or env.cloud_cover > 0.7,
        "rain": env.rain > 0,
        "storm": env.weather == "storm",
        "fog": env.visibility_m <= 600,
        "snow": env.snowfall > 0 or env.snow_cover > 0.3,
        "wind": env.wind_m_s >= 8,
    }.get(asked, env.weather == asked)


def _hour(asked: str, hour: float) -> bool:
    spans = {"dawn": (4.5, 7.5), "morning": (6.5, 11.5), "noon": (11.5, 13), "afternoon": (12.5, 18), "evening": (17, 22),
             "dusk": (17, 21.5), "night": (20, 5), "midnight": (22.5, 2)}  # fmt: skip
    first, last = spans[asked]
    return first <= hour <= last if first < last else hour >= first or hour <= last


def _place(place: str, words: str, have: Inventory) -> Clause:
    share = have.zone_share
    count, buildings = have.count, len(have.scene.buildings)
    water = {w.kind for w in have.scene.waters}
    ground = {
        name: float((have.scene.terrain.surface == i).mean()) for i, name in enumerate(have.scene.terrain.surfaces)
    }
    relief = float(np.ptp(have.scene.terrain.heights[have.scene.terrain.heights > -0.5])) if buildings else 0.0
    rules: dict[str, Callable[[], bool]] = {
        "harbor": lambda: bool(water) and count("pier") + count("quay") > 0 and count("boat") > 0,
        "fishing-village": lambda: bool(water) and count("boat") > 0 and buildings > 0,
        "town": lambda: buildings >= 60, "city": lambda: buildings >= 120, "village": lambda: 5 <= buildings <= 260,
        "old-town": lambda: share.get("O", 0) > 0.01, "medieval": lambda: share.get("O", 0) > 0.01,
        "industrial": lambda: count("warehouse") + count("factory") >= 2,
        "campus": lambda: share.get("E", 0) > 0.01, "suburb": lambda: share.get("S", 0) > 0.03,
        "market": lambda: count("market-stall") + count("market-hall") > 0,
        "farm": lambda: share.get("A", 0) > 0.03, "ranch": lambda: share.get("A", 0) + share.get("G", 0) > 0.05,
        "vineyard": lambda: share.get("Y", 0) > 0.02, "mountain": lambda: relief > 35 or share.get("M", 0) > 0.03,
        "hills": lambda: relief > 12, "desert": lambda: share.get("D", 0) > 0.15 or ground.get("desert-sand", 0) > 0.15,
        "oasis": lambda: bool(water) and share.get("D", 0) > 0.1,
        "island": lambda: "sea" in water or "lake" in water, "coast": lambda: "sea" in water or "lake" in water,
        "river": lambda: "river" in water, "lake": lambda: bool(water & {"lake", "pond"}), "canal": lambda: "canal" in water,
        "forest": lambda: share.get("F", 0) > 0.05 and count("tree") > 50, "jungle": lambda: count("tree") > 50,
        "neon": lambda: count("neon-sign") + count("hologram") > 0, "sci-fi": lambda: count("neon-sign") + count("hologram") + count("dome") > 0,
        "ruins": lambda: count("ruin") > 0, "downtown": lambda: count("skyscraper") >= 3, "resort": lambda: count("hotel") + count("palm") + count("parasol") > 0,
    }  # fmt: skip
    rule = rules.get(place)
    holds = rule() if rule else buildings > 0
    return Clause(words, place, holds, f"{buildings} buildings, water {', '.join(sorted(water)) or 'none'}")


def _relation(relation: Relation, have: Inventory) -> Clause:
    asks = f"{relation.subject} {relation.predicate} {' and '.join(relation.objects)}"
    subject = have.places(relation.subject)
    if relation.side:
        asks = f"{relation.subject} in the {relation.side}"
        return Clause(
            relation.source.words, asks, _on_side(subject, relation.side, have.size), f"{len(subject)} of them"
        )
    others = [have.places(name) for name in relation.objects]
    if not len(subject) or not all(len(places) for places in others):
        missing = (
            [relation.subject]
            if not len(subject)
            else [n for n, p in zip(relation.objects, others, strict=True) if not len(p)]
        )
        return Clause(relation.source.words, asks, False, f"no {' or '.join(missing)}")
    holds, found = _related(relation, subject, others, have)
    return Clause(relation.source.words, asks, holds, found)


def _related(
    relation: Relation, subject: NDArray[np.float64], others: list[NDArray[np.float64]], have: Inventory
) -> tuple[bool, str]:
    other = others[0]
    gaps = np.linalg.norm(subject[:, None, :2] - other[None, :, :2], axis=2)
    nearest = float(gaps.min())
    reach = max(45.0, 0.11 * have.size)
    name = relation.predicate.removesuffix("-of")
    if name in COMPASS:
        way = np.array(COMPASS[name]) / hypot(*COMPASS[name])
        s, o = np.divmod(int(gaps.argmin()), gaps.shape[1])
        step = subject[s, :2] - (other[o, :2] if len(other) < 8 else other[:, :2].mean(axis=0))
        ahead, aside = float(step @ way), abs(float(step @ np.array([-way[1], way[0]])))
        return ahead > 0 and aside <= 2.0 * ahead + 5, f"{ahead:.0f} m that way, {aside:.0f} m beside"
    if relation.predicate == "far-from":
        return nearest > 0.25 * have.size, f"{nearest:.0f} m"
    if relation.objects[0] in ("hill", "mountain"):
        heights = have.scene.terrain.heights
        land = heights[heights > 0.3]
        rank = float((land < subject[:, 2].max()).mean())
        return rank > 0.7 or nearest < 0.08 * have.size, f"higher than {rank:.0%} of the land"
    if relation.predicate in ("along", "around"):
        share = float((gaps.min(axis=1) < reach).mean())
        return share >= 0.35 or (gaps.min(axis=1) < reach).sum() >= 8, f"{share:.0%} within {reach:.0f} m"
    if relation.predicate == "between" and len(others) > 1:
        a, b = others[0][:, :2].mean(axis=0), others[1][:, :2].mean(axis=0)
        along = (subject[:, :2] - a) @ (b - a) / max(float((b - a) @ (b - a)), 1.0)
        return bool(((along > 0.05) & (along < 0.95)).any()), f"{along.mean():.0%} of the way"
    return nearest < reach, f"{nearest:.0f} m away"


def _on_side(places: NDArray[np.float64], side: str, size: float) -> bool:
    if not len(places):
        return False
    middle = places[:, :2].mean(axis=0)
    if side == "center":
        return hypot(*middle) < 0.25 * size
    way = np.array(COMPASS[side]) / hypot(*COMPASS[side])
    return float(middle @ way) > 0.06 * size
