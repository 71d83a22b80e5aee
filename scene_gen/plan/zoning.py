"""Who lives where: the town grown from its middle, its quarters by distance and water, and the open land around."""

from collections.abc import Mapping

import numpy as np
from scipy import ndimage

from scene_gen.plan.artefacts import CELLS
from scene_gen.plan.cells import (
    Cell,
    Letters,
    Mask,
    axes,
    beside,
    best,
    cheapest,
    distance_to,
    grow,
    labelled,
    only,
    spread,
    widened,
)
from scene_gen.plan.ground import Field, Ground
from scene_gen.plan.noise import fractal
from scene_gen.plan.wishes import Wishes
from scene_gen.seeds import stream

_FALLBACK = {"A": "G", "F": "G", "B": "G", "D": "G", "Y": "G", "H": "G", "M": "G", "P": "G", "G": "F", "S": "R", "R": "S",
             "O": "R", "C": "R", "T": "C", "I": "C", "E": "R", "V": "C", "X": "O", "Q": "R"}  # fmt: skip


def zone(ground: Ground, wishes: Wishes, roads: Mask, quay: Mask, seed: int) -> Letters:
    """Letters (32, 32) for the ground, its roads and its waterfront."""
    letters = np.full((CELLS, CELLS), "G", dtype="<U1")
    letters[ground.mountains] = "M"
    letters[ground.hills] = "H"
    letters[ground.water] = "W"
    letters[roads] = "#"
    town, reach = _town(ground, wishes, roads, quay, seed)
    _open_land(letters, ground, wishes, town, roads, seed)
    if wishes.town_on_hill:
        slope = widened(town, 3, corners=True) & is_open(letters) & ~widened(ground.water, 2)
        letters[slope] = "H"
    _quarters(letters, ground, wishes, town, reach, quay, roads, seed)
    if ground.hilltop is not None and wishes.hilltop != "H":
        crown = grow(ground.hilltop, 4, (letters == "H") | only(ground.hilltop), np.ones(letters.shape))
        letters[crown & ~roads] = "V" if "V" not in wishes.forbidden else "O"
    _asked_groups(letters, ground, wishes, seed)
    for letter in wishes.forbidden:
        letters[letters == letter] = _FALLBACK.get(letter, "G")
    return letters


def _town(ground: Ground, wishes: Wishes, roads: Mask, quay: Mask, seed: int) -> tuple[Mask, Field]:
    """Cells of the town, parks included, and how far (in effort) each is from the middle."""
    rng = stream(seed, "plan", "growth")
    x, y = axes()
    recipe = wishes.recipe
    loose = 1.0 - (recipe.compact if recipe.compact is not None else 0.5)
    noise = fractal(rng, x, y, frequency=1.6, octaves=3)
    cost = 1.0 + loose * (1.2 * noise + 0.9 * np.clip(distance_to(roads) / 5.0, 0, 1)) + 0.4
    cost = np.maximum(cost, 0.35)
    cost = np.where(roads, np.minimum(cost, 1.05 - 0.45 * loose), cost)
    cost = np.where(beside(ground.open_water), cost * 0.75, cost)
    cost = cost + 4.0 * ground.hills
    cost = np.where(ground.narrow & ~roads, 1.6 if "canal" in wishes.waters else 6.0, cost)
    blocked = ground.mountains | (ground.open_water & ~roads)
    cost = np.where(blocked, np.inf, cost)
    reach, _ = spread(cost, only(ground.centre))
    edge = np.minimum(1 - np.abs(x), 1 - np.abs(y)) * CELLS / 2
    reach = reach * (1.0 + 0.22 * fractal(rng, x, y, frequency=1.1, octaves=2)) + 1.2 * np.maximum(2.5 - edge, 0)
    free = np.isfinite(reach) & ~roads & ~ground.water & ~ground.mountains
    if {"resort", "coast"} & set(wishes.places) or "B" in wishes.groups:
        free &= ~beside(ground.open_water)
    amount = int(round(wishes.built * CELLS * CELLS * (1 + (recipe.parks or 0.0))))
    town = quay.copy()
    if recipe.compact is not None and recipe.compact < 0.25:
        for start in _farmsteads(rng, free, roads, reach):
            town |= grow(start, max(amount // 8, 2), free & beside(widened(roads)) | only(start), cost)
    town |= cheapest(np.where(free & ~town, reach, np.inf), amount - int(town.sum()))
    filled = np.asarray(ndimage.binary_closing(np.pad(town | roads, 2), np.ones((2, 2))), dtype=bool)[2:-2, 2:-2]
    town |= filled & free
    town &= ~roads
    furthest = float(np.max(reach[town & np.isfinite(reach)], initial=1.0))
    return town, np.where(town, np.minimum(reach, furthest), np.inf)


def _farmsteads(rng: np.random.Generator, free: Mask, roads: Mask, reach: Field) -> list[Cell]:
    """Places beside the roads for lone farms, well apart."""
    x, y = axes()
    usable = free & beside(roads) & (np.maximum(np.abs(x), np.abs(y)) < 0.85) & (reach > 5)
    starts: list[Cell] = []
    for _ in range(4):
        cell = best(rng.uniform(0, 1, free.shape), usable)
        if cell is None:
            break
        starts.append(cell)
        usable &= np.hypot(x - x[cell], y - y[cell]) > 0.4
    return starts


def _quarters(
    letters: Letters, ground: Ground, wishes: Wishes, town: Mask, reach: Field, quay: Mask, roads: Mask, seed: int
) -> None:
    """Gives every cell of the town its letter."""
    rng = stream(seed, "plan", "quarters")
    x, y = axes()
    weights = {k: w for k, w in wishes.recipe.zones.items() if k not in wishes.forbidden}
    for letter in wishes.groups:
        if letter in "EICTOSXV":
            weights[letter] = max(weights.get(letter, 0.0), 0.12 if letter != "V" else 0.04)
    whole = sum(weights.values())
    letters[town] = "R" if "R" in weights or "S" not in weights else "S"
    letters[quay] = "Q"
    free = town & ~quay
    rough = 1.0 + 0.5 * fractal(rng, x, y, frequency=2.0, octaves=2)
    amount = int(free.sum())
    far = reach / max(float(np.max(reach[town], initial=1.0)), 1e-9)

    def share(letter: str, least: int = 0) -> int:
        weight = weights.get(letter, 0.0) / whole
        return max(round(weight * amount), least) if weight else 0

    def lay(letter: str, cells: Mask) -> None:
        nonlocal free
        cells = cells & free
        letters[cells] = letter
        free = free & ~cells

    def pull(letter: str) -> Field | float:
        side = wishes.sides.get(letter)
        return 0.0 if side is None else 3.0 * (x * side[0] + y * side[1])

    def patch(letter: str, score: Field, number: int) -> None:
        start = best(score + pull(letter), free)
        if start is not None and number > 0:
            lay(letter, grow(start, number, free, rough, through=None if letter in "IE" else roads))

    near = np.where(free, -far, -np.inf)
    squares = share("V", 1)
    if squares:
        patch("V", near, max(squares - squares // 4, min(2, squares)))
    wet_end = np.exp(-((distance_to(quay) / 2.5) ** 2)) if quay.any() else 0.0
    if weights.get("I"):
        along = x * -ground.to_sea[1] + y * ground.to_sea[0]
        way = 1.0 if rng.random() < 0.5 else -1.0
        score = 0.9 * far + (2.0 * wet_end + 0.5 * way * along if quay.any() else 0.6 * way * x)
        number = share("I", 3)
        patches = 1 if number < 60 else 2
        for _ in range(patches):
            patch("I", score, number // patches)
            score = 1.0 * far + rng.uniform(0, 0.5, x.shape)
        _dock_ends(letters, quay)
    if weights.get("E"):
        patch("E", -np.abs(far - 0.5) + rng.uniform(0, 0.25, x.shape), share("E", 4))
    if weights.get("X"):
        lay("X", cheapest(np.where(free, rough + 0.3 * far, np.inf), share("X", 4)))
    if weights.get("T"):
        lay("T", cheapest(np.where(free, far + 0.25 * rough - _lift(pull("T")), np.inf), share("T", 3)))
    if weights.get("O"):
        old = -far + 0.5 * wet_end + 0.3 * rng.uniform(0, 1, x.shape)
        patch("O", old, share("O", 3))
    if weights.get("C"):
        ribbons = far - 0.22 * beside(roads) - 0.12 * wet_end - _lift(pull("C"))
        lay("C", cheapest(np.where(free, ribbons + 0.12 * rough, np.inf), share("C", 2)))
    _parks(letters, rng, wishes, free, far, rough)
    free &= letters != "P"
    if squares >= 4:
        patch("V", -np.abs(far - 0.45) + rng.uniform(0, 0.2, x.shape), squares // 4)
    if weights.get("S"):
        lumps = 0.5 * fractal(rng, x, y, frequency=1.3, octaves=2)
        lay("S", cheapest(np.where(free, lumps - far - _lift(pull("S")), np.inf), share("S")))


def _lift(pull: Field | float) -> Field | float:
    return 0.3 * pull


def _dock_ends(letters: Letters, quay: Mask) -> None:
    """Nothing stands between a dock's sheds and its quay."""
    works = widened(letters == "I") & quay
    letters[works] = "Q"


def _parks(letters: Letters, rng: np.random.Generator, wishes: Wishes, free: Mask, far: Field, rough: Field) -> None:
    """Green in the town: one park by the middle, others further out."""
    if "P" in wishes.forbidden:
        return
    number = max(wishes.groups.get("P", 0), 0)
    cells = max(int(round((wishes.recipe.parks or 0.0) * free.sum() * 1.2)), 2 * number)
    if cells < 2:
        return
    patches = max(number, 1 + cells // 9)
    x, y = axes()
    score = -np.abs(far - 0.3) + rng.uniform(0, 0.3, far.shape)
    side = wishes.sides.get("P")
    if side is not None:
        score = score + 3.0 * (x * side[0] + y * side[1])
    allowed = free.copy()
    for _ in range(patches):
        start = best(score, allowed)
        if start is None:
            return
        park = grow(start, max(cells // patches, 2), free & (letters != "P"), rough)
        letters[park] = "P"
        allowed &= np.hypot(x - x[start], y - y[start]) > 0.3
        score = rng.uniform(0, 1, far.shape) - 0.5 * np.abs(far - 0.5)


def _open_land(letters: Letters, ground: Ground, wishes: Wishes, town: Mask, roads: Mask, seed: int) -> None:
    """Fields by the town and the roads, woods further up, grass between: patches with bent edges; beaches by the sea."""
    rng = stream(seed, "plan", "open land")
    x, y = axes()
    bend = 0.10 * fractal(rng, x, y, frequency=2.2, octaves=2), 0.10 * fractal(rng, x, y, frequency=2.2, octaves=2)
    sites = rng.uniform(-1.1, 1.1, (90, 2))
    gap = (x + bend[0])[..., None] - sites[:, 0], (y + bend[1])[..., None] - sites[:, 1]
    patch = np.argmin(gap[0] ** 2 + gap[1] ** 2, axis=-1)
    nature = {k: w for k, w in wishes.recipe.nature.items() if k not in wishes.forbidden and w > 0}
    names = sorted(nature) or ["G"]
    near_town = np.exp(-distance_to(town | roads) / 5.0)
    level = np.interp(ground.rise, [float(ground.rise.min()), float(ground.rise.max())], [0.0, 1.0])
    pulls = []
    for name in names:
        fit: Field = np.full(x.shape, np.log(nature.get(name, 1.0)))
        fit = fit + {"A": 1.2 * near_town - 0.8 * level, "Y": 0.9 * level + 0.4 * near_town, "F": 1.5 * level}.get(
            name, 0.0
        )
        side = wishes.sides.get(name)
        if side is not None and any(side):
            fit = fit + 3.0 * (x * side[0] + y * side[1])
        cells = np.maximum(np.bincount(patch.ravel(), minlength=len(sites)), 1)
        mean = np.bincount(patch.ravel(), fit.ravel(), minlength=len(sites)) / cells
        pulls.append(mean + rng.gumbel(size=len(sites)))
    choice = np.array(names)[np.argmax(np.stack(pulls), axis=0)]
    open_land = (letters == "G") & ~town & ~roads
    letters[open_land] = choice[patch][open_land]
    lido = 3.0 if "resort" in wishes.places or "B" in wishes.groups else 0.0
    sandy = lido + fractal(rng, x, y, frequency=1.6, octaves=2) > (-0.9 if "island" in wishes.waters else -0.30)
    strand = beside(ground.open_water) & is_open(letters) & ~town & ~roads & ~beside(ground.narrow)
    if "oasis" not in wishes.waters:
        letters[strand & sandy] = "B"
    else:
        letters[widened(ground.open_water, 2) & is_open(letters) & ~town & ~roads] = "P"


def is_open(letters: Letters) -> Mask:
    """Cells of open land."""
    return np.isin(letters, list("FAYGDH"))


def _asked_groups(letters: Letters, ground: Ground, wishes: Wishes, seed: int) -> None:
    """Letters that the sentence names get at least as many groups as it counts."""
    rng = stream(seed, "plan", "asked")
    x, y = axes()
    sizes: Mapping[str, int] = {"F": 14, "A": 12, "Y": 10, "G": 10, "D": 12, "P": 4, "H": 14, "M": 16, "B": 4}
    for letter, number in sorted(wishes.groups.items()):
        if letter not in sizes:
            continue
        _, have = labelled(letters == letter)
        if letter == "B":
            usable = beside(ground.open_water | ground.narrow) & (is_open(letters) | (letters == "P"))
        else:
            usable = is_open(letters) & (letters != letter) & ~widened(letters == letter)
        for _ in range(number - int(have)):
            score = rng.uniform(0, 1, x.shape)
            side = wishes.sides.get(letter) or (wishes.sides.get("sea") if letter == "B" else None)
            if side is not None:
                score = score + 2.0 * (x * side[0] + y * side[1])
            start = best(score, usable)
            if start is None:
                break
            patch = grow(start, sizes[letter], usable, 1.0 + rng.uniform(0, 0.5, x.shape))
            letters[patch] = letter
            usable &= ~widened(patch, 2)
