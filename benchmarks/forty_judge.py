"""Judges towns by their scene.json alone: each clause that a person wrote down for a prompt, true or not.

Run `python benchmarks/forty_judge.py FOLDER` on a folder of towns made by benchmarks/forty.py.
"""

import json
import math
import sys
from pathlib import Path

DIRECTIONS = {"north": (0, 1), "south": (0, -1), "east": (1, 0), "west": (-1, 0)}


class Town:
    """A scene.json, read with nothing but json: where things of each kind are."""

    def __init__(self, path: Path):
        self.data = json.loads(path.read_text(encoding="utf-8"))
        self.size = self.data["bounds"][2] - self.data["bounds"][0]
        self.env = self.data["environment"]
        self.at: dict[str, list[tuple[float, float, float]]] = {}
        for building in self.data["buildings"]:
            x, y = middle(building["footprint"])
            self.at.setdefault(building["use"], []).append((x, y, building["base_m"]))
        for part in self.data["parts"]:
            if part["semantic"] != "building":
                x, y = middle(part["outline"]) if part["outline"] else (0.0, 0.0)
                self.at.setdefault(part["kind"], []).append((x, y, 0.0))
        for group in self.data["placements"]:
            kind = self.data["assets"][group["asset"]]["kind"]
            self.at.setdefault(kind, []).extend(tuple(pose[:3]) for pose in group["poses"])

    def places(self, kinds: list[str]) -> list[tuple[float, float, float]]:
        return [place for kind in kinds for place in self.at.get(kind, [])]

    def cells(self, letter: str) -> list[tuple[float, float]]:
        rows = self.data["provenance"]["lattice"]
        cell = self.size / len(rows)
        return [((c + 0.5) * cell - self.size / 2, self.size / 2 - (r + 0.5) * cell)
                for r, row in enumerate(rows) for c, found in enumerate(row) if found == letter]  # fmt: skip

    def ground_heights(self) -> list[float]:
        """Heights of what stands on land: a sample of the terrain without reading it."""
        return sorted(
            [b["base_m"] for b in self.data["buildings"]]
            + [p[2] for kind, places in self.at.items() for p in places if p[2] > 0.2]
        )


def middle(ring: list[list[float]]) -> tuple[float, float]:
    return sum(p[0] for p in ring) / len(ring), sum(p[1] for p in ring) / len(ring)


def holds(town: Town, test: str, *args) -> bool:
    """Whether one clause is true of a town."""
    env = town.env
    if test == "count":
        kinds, least, most = args[0], args[1], args[2] if len(args) > 2 else None
        count = len(town.places(kinds))
        return count >= least and (most is None or count <= most)
    if test == "buildings":
        count = len(town.data["buildings"])
        return count >= args[0] and (args[1] is None or count <= args[1])
    if test == "tall":
        return sum(b["storeys"] >= args[0] for b in town.data["buildings"]) >= args[1]
    if test == "water":
        return any(args[0] in (None, water["kind"]) for water in town.data["waters"])
    if test == "rain":
        return env["rain"] > 0 and env["weather"] in ("rain", "storm")
    if test == "storm":
        return env["weather"] == "storm" and env["wind_m_s"] >= 10
    if test == "fog":
        return env["visibility_m"] <= 600
    if test == "snow":
        return env["snow_cover"] > 0.3 or env["snowfall"] > 0
    if test == "no_snow":
        return env["snow_cover"] == 0 and env["snowfall"] == 0
    if test == "clear":
        return env["weather"] == "clear" and env["rain"] == 0 and env["cloud_cover"] < 0.5
    if test == "overcast":
        return env["cloud_cover"] > 0.7
    if test == "wind":
        return env["wind_m_s"] >= args[0]
    if test == "season":
        return env["season"] == args[0]
    if test == "hours":
        hour, first, last = env["time_of_day_h"], *args
        return first <= hour <= last if first < last else hour >= first or hour <= last
    if test == "lamps":
        return env["lamps_lit"] and len(town.data["lights"]["owners"]) > 0
    if test == "zone":
        return len(town.cells(args[0])) / 1024 >= args[1]
    if test == "size":
        return abs(town.size - args[0]) <= 0.1 * args[0]
    if test == "relief":
        heights = town.ground_heights()
        return bool(heights) and heights[-1] - heights[0] >= args[0]
    if test == "high":
        heights, places = [b["base_m"] for b in town.data["buildings"]], town.places(args[0])
        return bool(places) and sum(h < max(p[2] for p in places) for h in heights) / len(heights) >= args[1]
    if test == "near_water":
        edges = [
            point
            for water in town.data["waters"]
            for ring in (water["polygon"], *water["holes"])
            for point in densified(ring)
        ]
        homes = town.places(args[0])
        return (
            bool(edges)
            and sum(min(math.dist(h[:2], e) for e in edges) <= args[1] for h in homes) >= 0.5 * len(homes) > 0
        )
    if test == "toward":
        others, places, (dx, dy) = town.places(args[2]), town.places(args[0]), DIRECTIONS[args[1]]
        steps = [(p[0] - o[0], p[1] - o[1]) for p in places for o in others]
        return any((x * dx + y * dy) > 0 and abs(x * dy + y * dx) <= 2 * (x * dx + y * dy) for x, y in steps)
    if test == "side":
        x, y = middle([list(p) for p in town.places(args[0])] or [[0, 0]])
        dx, dy = DIRECTIONS[args[1]]
        return x * dx + y * dy > 0.05 * town.size
    if test == "zone_side":
        x, y = middle([list(p) for p in town.cells(args[0])] or [[0, 0]])
        dx, dy = DIRECTIONS[args[1]]
        return x * dx + y * dy > 0.05 * town.size
    if test == "walls":
        walls = [b["materials"][0] for b in town.data["buildings"]]
        return sum(args[0] in wall for wall in walls) >= args[1] * len(walls)
    if test == "agents":
        count = sum(agent["kind"] == args[0] for agent in town.data["agents"])
        return args[1] <= count <= args[2]
    if test == "riding":
        riders = [agent for agent in town.data["agents"] if agent["kind"] == args[0]]
        return bool(riders) and all(agent["vehicle"] == args[1] for agent in riders)
    if test == "any_agents":
        return sum(agent["kind"] in args[0] for agent in town.data["agents"]) + len(town.places(args[0])) >= args[1]
    raise ValueError(f"no test named {test}")


def densified(ring: list[list[float]], step: float = 10.0) -> list[tuple[float, float]]:
    points = []
    for (x0, y0), (x1, y1) in zip(ring, ring[1:] + ring[:1]):
        count = max(1, int(math.dist((x0, y0), (x1, y1)) / step))
        points += [(x0 + (x1 - x0) * i / count, y0 + (y1 - y0) * i / count) for i in range(count)]
    return points


def judge(folder: Path) -> list[dict]:
    """One row a prompt: its clauses with whether each holds."""
    sys.path.insert(0, str(Path(__file__).parent))
    from forty_prompts import FORTY

    rows = []
    for index, (prompt, clauses) in enumerate(FORTY):
        path = folder / f"{index:02d}" / "scene.json"
        town = Town(path) if path.is_file() else None
        verdicts = [(clause[0], clause[1], town is not None and holds(town, *clause[1:])) for clause in clauses]
        rows.append({"index": index, "prompt": prompt, "clauses": verdicts})
    return rows


if __name__ == "__main__":
    table = judge(Path(sys.argv[1]))
    asked = [holds_ for row in table for _, _, holds_ in row["clauses"]]
    for row in table:
        for words, test, good in row["clauses"]:
            if not good:
                print(f"{row['index']:02d} {row['prompt'][:60]}: {words} ({test}) does not hold")
    print(f"{sum(asked)} of {len(asked)} clauses hold ({sum(asked) / len(asked):.1%})")
    sys.exit(sum(asked) < 0.9 * len(asked))
