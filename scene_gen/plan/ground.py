"""The ground before anybody builds: coasts, islands, rivers, lakes and canals, hills and mountains, and the town's middle."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from scene_gen.plan.artefacts import CELLS
from scene_gen.plan.cells import CROSS, Cell, Mask, axes, best, cheapest, distance_to, groups, only
from scene_gen.plan.noise import fractal
from scene_gen.plan.waterways import around_island, canal_network, coastal_sea, lake_at, pond_by, river_past
from scene_gen.plan.wishes import Wishes
from scene_gen.seeds import stream

Field = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Ground:
    """Masks and fields over the cells (32, 32). `open_water` is sea or lake, `narrow` river or canal.

    `rise` (0 to 1) says how much a cell wants to be high ground; `to_sea` is the direction of the sea (east, north),
    (0, 0) where there is none; `centre` is the town's middle.
    """

    open_water: Mask
    narrow: Mask
    hills: Mask
    mountains: Mask
    rise: Field
    to_sea: tuple[float, float]
    centre: Cell
    hilltop: Cell | None = None

    @property
    def water(self) -> Mask:
        """All cells under water."""
        return self.open_water | self.narrow


def lay_ground(wishes: Wishes, seed: int) -> Ground:
    """Water first, then the town's middle by the water, then high ground away from both."""
    rng = stream(seed, "plan", "ground")
    x, y = axes()
    angle = rng.uniform(0, 2 * np.pi)
    toward = np.array(wishes.sides.get("sea", (np.cos(angle), np.sin(angle))))
    if not toward.any():
        toward = np.array([np.cos(angle), np.sin(angle)])
    empty = np.zeros((CELLS, CELLS), dtype=bool)
    open_water, to_sea = empty.copy(), (0.0, 0.0)
    if "island" in wishes.waters:
        open_water = around_island(stream(seed, "plan", "island"), x, y, has_port=wishes.recipe.quay > 6)
        to_sea = (float(toward[0]), float(toward[1]))
    elif "sea" in wishes.waters:
        open_water = coastal_sea(stream(seed, "plan", "sea"), x, y, toward, has_port=wishes.recipe.quay > 6)
        to_sea = (float(toward[0]), float(toward[1]))
    if "lake" in wishes.waters:
        open_water |= lake_at(stream(seed, "plan", "lake"), x, y, wishes.sides.get("lake"), _share_of_lake(wishes))
    centre = _middle(stream(seed, "plan", "middle"), x, y, open_water, wishes)
    if "oasis" in wishes.waters:
        open_water |= pond_by(stream(seed, "plan", "oasis"), x, y, centre)
        centre = _middle(stream(seed, "plan", "middle"), x, y, open_water, wishes)
    narrow = empty.copy()
    if "canal" in wishes.waters:
        narrow |= canal_network(stream(seed, "plan", "canal"), x, y, centre) & ~open_water
    if "river" in wishes.waters or ("sea" in wishes.waters and _has_river_mouth(wishes, seed)):
        narrow |= river_past(stream(seed, "plan", "river"), x, y, centre, open_water, wishes) & ~open_water
    if narrow[centre]:
        centre = best(-distance_to(only(centre)), ~(narrow | open_water)) or centre
    return _high_ground(wishes, seed, Ground(open_water, narrow, empty, empty, np.zeros_like(x), to_sea, centre))


def _has_river_mouth(wishes: Wishes, seed: int) -> bool:
    """Whether a port's bay takes in a river: one in four do, where none was refused."""
    return (
        wishes.recipe.quay > 6 and stream(seed, "plan", "river mouth").random() < 0.25 and "W" not in wishes.forbidden
    )


def _middle(rng: np.random.Generator, x: Field, y: Field, open_water: Mask, wishes: Wishes) -> Cell:
    """The town's middle: near the waterfront where there is one, else near the map's middle."""
    aim = np.array(wishes.sides.get("town", (0.0, 0.0))) * 0.5 + rng.uniform(-0.16, 0.16, 2)
    score = -1.1 * np.hypot(x - aim[0], y - aim[1]) + 0.05 * fractal(rng, x, y, frequency=2.0, octaves=2)
    shore = distance_to(open_water)
    if np.isfinite(shore).all():
        wanted = 4.5 if wishes.recipe.quay else 5.5
        score = score - 0.16 * np.abs(shore - wanted)
        big, _ = groups(~open_water)
        return best(score, (big == 1) & (shore > 2)) or (CELLS // 2, CELLS // 2)
    return best(score, ~open_water) or (CELLS // 2, CELLS // 2)


def _high_ground(wishes: Wishes, seed: int, ground: Ground) -> Ground:
    """Hills away from the water, mountains as a backdrop at the edges of the map."""
    rng = stream(seed, "plan", "high ground")
    x, y = axes()
    recipe = wishes.recipe
    land = ~ground.water
    away = np.minimum(distance_to(ground.open_water), 12.0) / 12.0 if ground.open_water.any() else np.full(x.shape, 0.6)
    from_town = np.hypot(x - x[ground.centre], y - y[ground.centre])
    noise = fractal(rng, x, y, frequency=1.1, octaves=3)
    rise = 0.8 * away + 0.55 * from_town + 0.5 * noise - 0.35 * np.exp(-((distance_to(ground.narrow) / 3.0) ** 2))
    turn = rng.uniform(0, 2 * np.pi)
    inland = (-ground.to_sea[0], -ground.to_sea[1]) if any(ground.to_sea) else (np.cos(turn), np.sin(turn))
    asked = wishes.sides.get("M") or wishes.sides.get("H")
    high_side, pull = (asked, 1.3) if asked is not None and any(asked) else (inland, 0.75)
    rise = rise + pull * (x * high_side[0] + y * high_side[1])
    wants_mountains = 0.0 if "M" in wishes.forbidden else max(recipe.mountains, 0.16 if "M" in wishes.groups else 0.0)
    wants_hills = 0.0 if "H" in wishes.forbidden else max(recipe.hills, 0.10 if "H" in wishes.groups else 0.0)
    spare = max(int(land.sum()) - int(wishes.built * CELLS * CELLS * 1.12) - 40, 0)
    edge = np.maximum(np.abs(x), np.abs(y))
    mountains = np.zeros(x.shape, dtype=bool)
    if wants_mountains:
        backdrop = rise + 0.9 * edge - 1.0 * np.exp(-((from_town / 0.42) ** 2))
        mountains = cheapest(np.where(land & (from_town > 0.3), -backdrop, np.inf), int(wants_mountains * spare))
        mountains = _without_thin_parts(mountains) & land
    hills = np.zeros(x.shape, dtype=bool)
    if wants_hills or mountains.any():
        lumps = rise + 0.9 * fractal(rng, x, y, frequency=1.7, octaves=2) - 1.2 * np.exp(-((from_town / 0.34) ** 2))
        near_peaks = 1.4 * np.exp(-distance_to(mountains) / 2.0) if mountains.any() else 0.0
        free = land & ~mountains & (from_town > 0.26) & (distance_to(ground.water) > 1.5)
        hills = cheapest(np.where(free, -(lumps + near_peaks), np.inf), int(max(wants_hills, 0.06) * spare))
        hills = _without_thin_parts(hills) & free
    hilltop = _hilltop(rng, x, y, ground, land & ~mountains, wishes) if wishes.hilltop else None
    if hilltop is not None:
        crown = np.hypot(x - x[hilltop], y - y[hilltop]) < (4.3 + 0.5 * noise) * 2 / CELLS
        hills |= crown & land & ~mountains & (np.hypot(x - x[ground.centre], y - y[ground.centre]) > 2.5 * 2 / CELLS)
    if wishes.town_on_hill:
        hills &= from_town > 0.5
    return Ground(
        ground.open_water, ground.narrow, hills, mountains, rise, ground.to_sea, ground.centre, hilltop
    )  # fmt: skip


def _hilltop(rng: np.random.Generator, x: Field, y: Field, ground: Ground, land: Mask, wishes: Wishes) -> Cell | None:
    """A hill at the town's edge that a road can climb."""
    far = np.hypot(x - x[ground.centre], y - y[ground.centre]) * CELLS / 2
    edge = np.minimum(1 - np.abs(x), 1 - np.abs(y)) * CELLS / 2
    score = -np.abs(far - 8.5) - 1.5 * np.maximum(5 - distance_to(ground.water), 0) - 2.0 * np.maximum(4 - edge, 0)
    score = score + rng.uniform(0, 3, x.shape)
    side = wishes.sides.get("H")
    if side is not None:
        score = score + 4.0 * (x * side[0] + y * side[1])
    return best(score, land & (far > 6))


def _share_of_lake(wishes: Wishes) -> float:
    return 0.16 if "lake" in wishes.places or "lake" in wishes.sides else 0.09


def _without_thin_parts(mask: Mask) -> Mask:
    return np.asarray(ndimage.binary_opening(np.pad(mask, 2, mode="edge"), CROSS), dtype=bool)[2:-2, 2:-2]
