"""Places for everything asked for, and for what the place would have anyway, solved on the lattice."""

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from scene_gen.brief import Brief, Relation
from scene_gen.kinds import KINDS, members
from scene_gen.plan.artefacts import Landmark
from scene_gen.plan.asked import LONE, Wanted, absent, amounts, wanted
from scene_gen.plan.cells import Cell, Mask, best, distance_to, is_any, labelled, middle_of
from scene_gen.plan.ideas import ideas
from scene_gen.plan.relations import MET, end_of_pier, fit
from scene_gen.plan.sites import Lay, allowed, suitability
from scene_gen.plan.wishes import FEATURES, Wishes, houses_asked
from scene_gen.seeds import stream

Points = NDArray[np.float64]

_WORSHIP = ("church", "cathedral", "chapel", "mosque", "temple", "pagoda", "synagogue", "monastery")
_NEEDS_WATER = frozenset({"pier", "breakwater", "jetty", "marina", "boathouse", "fish-market", "buoy", "lighthouse", "duck", "fishing-net",
                          "seagull", "bridge", "footbridge"})  # fmt: skip


@dataclass
class _Board:
    """What has been placed so far, and what could not be."""

    lay: Lay
    seed: int
    placed: list[Landmark] = field(default_factory=list)
    relations: dict[str, tuple[Relation, ...]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def anchors(self) -> dict[str, Points]:
        """Points (n, 2) [m] of what stands already, by kind."""
        result: dict[str, list[tuple[float, float]]] = {}
        for mark in self.placed:
            if mark.at is not None:
                result.setdefault(mark.kind, []).append(mark.at)
        return {kind: np.array(points) for kind, points in result.items()}


@dataclass(frozen=True)
class Placed:
    """The plan's landmarks with the bounds they keep to, and sentences about what could not be met."""

    landmarks: tuple[Landmark, ...]
    amounts: dict[str, tuple[int, int | None]]
    absent: tuple[str, ...]
    notes: tuple[str, ...]


def place_all(brief: Brief, lay: Lay, wishes: Wishes, style: str, seed: int) -> Placed:
    """Things asked for first, in an order in which what they refer to stands already; then the planner's own ideas."""
    board = _Board(lay, seed)
    refused, bounds = absent(brief), amounts(brief)
    for request in _in_order(wanted(brief), _own_ideas(brief, lay, wishes, style, seed, refused)):
        _place(board, request)
    _check_zones(board, brief)
    return Placed(tuple(board.placed), bounds, refused, tuple(board.notes))


def _own_ideas(brief: Brief, lay: Lay, wishes: Wishes, style: str, seed: int, refused: tuple[str, ...]) -> list[Wanted]:
    """Ideas that the sentence leaves room for."""
    asked = {thing.kind for thing in brief.things if thing.kind in KINDS} | {
        r.subject for r in brief.relations if r.subject in KINDS
    }
    taken = {name for kind in asked for name in members(kind)}
    if asked & set(_WORSHIP):
        taken |= set(_WORSHIP)
    houses = houses_asked(brief)
    public = 99 if houses is None else max(houses // 8, 1)
    has_water = bool(lay.water.any())
    result: list[Wanted] = []
    for kind, count in ideas(wishes.places, wishes.waters, style, wishes.size_m, seed).items():
        row = KINDS[kind]
        if kind in refused or kind in taken or asked & set(row.members):
            continue
        if (kind in _NEEDS_WATER or row.semantic == "boat") and not has_water:
            continue
        if kind in ("lighthouse", "pier", "breakwater", "buoy", "cargo-ship") and not lay.open_water.any():
            continue
        if kind == "crane" and not is_any(lay.letters, "QI").any():
            continue
        if row.realised == "building":
            count = min(count, public)
            public -= count
        if count > 0:
            result.append(Wanted(kind, count))
    return result


def _in_order(requests: list[Wanted], own: list[Wanted]) -> list[Wanted]:
    """Requests so that what others refer to comes first; ideas that somebody refers to come before them."""
    needed = {word for request in requests for relation in request.relations for word in relation.objects}
    early = [idea for idea in own if set(members(idea.kind)) & needed or idea.kind in needed]
    late = [idea for idea in own if idea not in early]
    waiting, order = [*early, *requests], []
    while waiting:
        kinds = {name for request in waiting for name in members(request.kind)}
        ready = [r for r in waiting if not any(word in kinds - {r.kind} for rel in r.relations for word in rel.objects)]
        following = ready[0] if ready else waiting[0]
        order.append(following)
        waiting.remove(following)
    return order + late


def _place(board: _Board, request: Wanted) -> None:
    """Puts one request on the board: one landmark, or several where each stands alone."""
    lay = board.lay
    if request.kind == "town-wall":
        board.placed.append(_town_wall(request, lay))
        return
    if request.kind == "gate" and not request.relations:
        board.placed += _gates(board, request)
        return
    score, fields = _score(board, request)
    usable = allowed(request.kind, lay)
    unmet = [r for r, f in zip(request.relations, fields) if f is None or not (usable & (f >= MET)).any()]
    if (unmet or not _all_met(usable, fields)) and _move_objects(board, request, usable):
        score, fields = _score(board, request)
    if fields and not _all_met(usable, fields) and KINDS[request.kind].realised == "asset":
        wider = ~lay.water & (lay.letters != "#")
        usable = wider if _all_met(wider, fields) else usable
    alone = request.kind in LONE or KINDS[request.kind].realised == "building"
    along = next((r for r in request.relations if r.predicate in ("along", "around")), None)
    if alone and request.count <= 12:
        shares = [1] * request.count
    elif along is not None and request.count > 1:
        shares = [len(part) for part in np.array_split(np.arange(request.count), min(5, request.count))]
    else:
        shares = [request.count]
    for index, share in enumerate(shares):
        cell = best(score, usable)
        if cell is None:
            if request.clause >= 0:
                board.notes.append(f"There is no place for {_words(request.kind, share)} on this map.")
            return
        if index == 0:
            _note_unmet(board, request, fields, cell)
        board.placed.append(_landmark(board, request, share, cell))
        x, y = lay.xy()
        apart = np.hypot(x - x[cell], y - y[cell]) / max(
            (0.16 if along else 0.10 if request.count <= 2 else 0.06) * lay.size_m, 1.6 * lay.cell_m
        )
        score = score - (2.2 if along else 1.3) * np.exp(-(apart**2))
    board.relations[request.kind] = request.relations


def _score(board: _Board, request: Wanted) -> tuple[NDArray[np.float64], list[NDArray[np.float64] | None]]:
    lay, anchors = board.lay, board.anchors()
    rng = stream(board.seed, "plan", "place", request.kind, request.clause)
    score = suitability(request.kind, lay) + rng.uniform(0, 0.25, lay.letters.shape)
    fields = [fit(relation, lay, anchors) for relation in request.relations]
    for known in fields:
        if known is not None:
            score = score + 3.0 * known + 2.0 * (known >= MET)
    x, y = lay.xy()
    inner = 0.34 if request.kind in ("breakwater", "pier", "marina", "jetty") else 0.43
    score = score - 24.0 * np.maximum(np.maximum(np.abs(x), np.abs(y)) / lay.size_m - inner, 0.0)
    if KINDS[request.kind].realised == "building" or request.kind in LONE:
        for mark in board.placed:
            if mark.at is not None and (KINDS[mark.kind].realised == "building" or mark.kind in LONE):
                gap = np.hypot(x - mark.at[0], y - mark.at[1]) / max(0.045 * lay.size_m, 0.8 * lay.cell_m)
                score = score - 0.55 * np.exp(-(gap**2))
    return score, fields


def _all_met(usable: Mask, fields: list[NDArray[np.float64] | None]) -> bool:
    together = usable.copy()
    for known in fields:
        if known is not None:
            together &= known >= MET
    return bool(together.any())


def _move_objects(board: _Board, request: Wanted, usable: Mask) -> bool:
    """Moves a thing that a relation refers to, where it is free to move, so that the relation can hold."""
    for relation in request.relations:
        for index, mark in enumerate(board.placed):
            names = {name for word in relation.objects if word in KINDS for name in members(word)}
            if mark.kind not in names or board.relations.get(mark.kind) or mark.at is None:
                continue
            others = [fit(r, board.lay, board.anchors()) for r in request.relations if r is not relation]
            goal = usable & np.logical_and.reduce([usable, *(known >= MET for known in others if known is not None)])
            pull = 2.5 * np.exp(-distance_to(goal) / 3.0) if others and goal.any() else 0.0
            order = np.where(allowed(mark.kind, board.lay), suitability(mark.kind, board.lay) + pull, -np.inf)
            for flat in np.argsort(-order.ravel(), kind="stable")[:80]:
                cell = divmod(int(flat), order.shape[1])
                if not np.isfinite(order[cell]):
                    break
                board.placed[index] = replace(mark, at=middle_of(cell, board.lay.size_m))
                fields = [fit(r, board.lay, board.anchors()) for r in request.relations]
                if all(f is not None for f in fields) and _all_met(usable, fields):
                    return True
            board.placed[index] = mark
    return False


def _note_unmet(board: _Board, request: Wanted, fields: list[NDArray[np.float64] | None], cell: Cell) -> None:
    for relation, known in zip(request.relations, fields):
        if known is None:
            board.notes.append(f"{_sentence(relation)}: there is no {' or '.join(relation.objects)} on this map.")
        elif known[cell] < MET and not _is_at_end(relation, board):
            board.notes.append(f"{_sentence(relation)}: no place on this map meets it; the nearest to it was taken.")


def _landmark(board: _Board, request: Wanted, count: int, cell: Cell) -> Landmark:
    lay = board.lay
    at = middle_of(cell, lay.size_m)
    radius = max(0.75 * lay.cell_m, 30.0) * (1.0 + 0.12 * min(count, 30))
    near, how = "", ""
    for relation in request.relations:
        if relation.side is None and relation.objects and relation.objects[0] in KINDS:
            near, how = relation.objects[0], relation.predicate
            break
    at_end = next((r for r in request.relations if _is_at_end(r, board)), None)
    if at_end is not None:
        at, radius = _pier_end(board, at_end), 15.0
    elif how in ("near", "on", "in", "at", "in-front-of", "behind", "opposite"):
        at = _closer(board, request, at)
    if request.kind == "pier" and lay.quay.any() and not request.relations:
        rows, columns = np.nonzero(lay.quay)
        radius = 0.5 * float(np.hypot(np.ptp(rows), np.ptp(columns))) * lay.cell_m + lay.cell_m
    return Landmark(
        kind=request.kind,
        count=count,
        at=(round(float(at[0]), 2), round(float(at[1]), 2)),
        radius_m=round(float(radius), 1),
        near=near,
        attributes=request.attributes,
        clause=request.clause,
        relation=how,
    )


def _is_at_end(relation: Relation, board: _Board) -> bool:
    piers = {"pier", "jetty", "breakwater", "quay", "marina"}
    return relation.predicate == "at-end-of" and any(
        mark.kind in piers & set(relation.objects) and mark.at is not None for mark in board.placed
    )


def _pier_end(board: _Board, relation: Relation) -> tuple[float, float]:
    mark = next(m for m in board.placed if m.kind in relation.objects and m.at is not None)
    end = end_of_pier(np.array(mark.at), board.lay)
    return float(end[0]), float(end[1])


def _closer(board: _Board, request: Wanted, at: tuple[float, float]) -> tuple[float, float]:
    """On maps with large cells, a point within 40 m of what it is near to."""
    anchors = board.anchors()
    words = [word for relation in request.relations for word in relation.objects if word in anchors]
    if not words:
        return at
    points = anchors[words[0]]
    start = points[np.argmin(np.hypot(points[:, 0] - at[0], points[:, 1] - at[1]))]
    step = np.array(at) - start
    length = float(np.hypot(*step))
    if length <= 40.0:
        return at
    end = start + step / length * 40.0
    return float(end[0]), float(end[1])


def _town_wall(request: Wanted, lay: Lay) -> Landmark:
    """The wall goes round the old town: a circle that holds nearly all of it."""
    x, y = lay.xy()
    core = is_any(lay.letters, "OV") if (lay.letters == "O").any() else lay.town
    if not core.any():
        core = ~lay.water
    at = float(x[core].mean()), float(y[core].mean())
    radius = float(np.quantile(np.hypot(x[core] - at[0], y[core] - at[1]), 0.9)) + lay.cell_m
    return Landmark(
        "town-wall", 1, (round(at[0], 2), round(at[1], 2)), round(radius, 1), "", request.attributes, request.clause
    )


def _gates(board: _Board, request: Wanted) -> list[Landmark]:
    """Where main roads cross the town wall; without a wall, where they leave the town."""
    lay = board.lay
    x, y = lay.xy()
    wall = next((mark for mark in board.placed if mark.kind == "town-wall" and mark.at is not None), None)
    road = (lay.letters == "#") & ~lay.water
    if wall is not None and wall.at is not None:
        off = np.abs(np.hypot(x - wall.at[0], y - wall.at[1]) - wall.radius_m)
        score, usable = -off, road & (off < 1.2 * lay.cell_m)
    else:
        inside = ndimage.uniform_filter(lay.town.astype(float), 5)
        score, usable = -np.abs(inside - 0.35), road
    result: list[Landmark] = []
    for _ in range(request.count):
        cell = best(score, usable)
        if cell is None:
            break
        at = middle_of(cell, lay.size_m)
        result.append(
            Landmark(
                "gate",
                1,
                at,
                round(1.5 * lay.cell_m, 1),
                "town-wall" if wall else "",
                request.attributes,
                request.clause,
            )
        )
        usable &= np.hypot(x - at[0], y - at[1]) > 0.15 * lay.size_m
    if not result and request.clause >= 0:
        board.notes.append("There is no main road on this map for a gate to stand on.")
    return result


def _check_zones(board: _Board, brief: Brief) -> None:
    """Names zones that the lattice could not give, and relations between zones that do not hold."""
    lay = board.lay
    for thing in brief.things:
        kind = KINDS.get(thing.kind)
        if kind is None or kind.realised != "zone":
            continue
        _, have = labelled(lay.letters == kind.zone, corners=True)
        if thing.most == 0 and thing.kind in ("sea", "lake", "river", "canal", "pond"):
            continue
        if thing.most == 0 and have:
            board.notes.append(f"'{thing.source.words}': this map still has a {thing.kind}.")
        elif thing.most != 0 and have < thing.least and kind.zone != "W":
            board.notes.append(f"'{thing.source.words}': there is room for {have} on this map, not {thing.least}.")
        elif thing.most != 0 and not have:
            board.notes.append(f"'{thing.source.words}': there is no {thing.kind} on this map.")
    for relation in brief.relations:
        if relation.subject in KINDS and KINDS[relation.subject].realised != "zone":
            continue
        feature = FEATURES.get(relation.subject, "")
        mask = lay.town if feature == "town" else lay.letters == feature if len(feature) == 1 else lay.water
        known = fit(relation, lay, board.anchors())
        if known is None:
            board.notes.append(f"{_sentence(relation)}: there is no {' or '.join(relation.objects)} on this map.")
        elif not mask.any() or not _holds(relation, mask, known, lay):
            board.notes.append(f"{_sentence(relation)}: this map does not meet it.")


def _holds(relation: Relation, mask: Mask, known: NDArray[np.float64], lay: Lay) -> bool:
    """Whether an area meets a relation: with a fair part of it for a direction, with any cell for nearness."""
    if set(relation.objects) & {"hill", "hills", "mountain"} and relation.predicate in ("in", "on", "at", "near"):
        return bool(is_any(lay.letters, "HM").any())
    share = 0.3 if relation.side is not None or relation.predicate.endswith("-of") else 0.0
    return float((known[mask] >= MET).mean()) > share


def _sentence(relation: Relation) -> str:
    words = (
        relation.source.words
        or f"{relation.subject} {relation.predicate.replace('-', ' ')} {' and '.join(relation.objects)}"
    )
    return f"'{words}'"


def _words(kind: str, count: int) -> str:
    return (
        f"{count} {KINDS[kind].plural}"
        if count > 1
        else f"{'an' if kind[0] in 'aeiou' else 'a'} {kind.replace('-', ' ')}"
    )
