"""Decides what one building looks like: its style, its use and the words said about it, in that order of weakness."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from scene_gen.build.houses.decided import Design
from scene_gen.build.houses.dice import Dice
from scene_gen.build.houses.local import walls_of_use
from scene_gen.build.houses.lots import Room
from scene_gen.build.houses.styles import NEONS, Style, canonical, style_named
from scene_gen.build.site import Parcel
from scene_gen.kit.materials import MATERIALS
from scene_gen.plan.artefacts import Plan
from scene_gen.plan.said import roofs_said


@dataclass(frozen=True)
class Habit:
    """What a use does to a building whatever its style; None leaves it to the style and the plan."""

    room: Room = Room(1.2, 1.0, 2.5, 13.0, 11.0)  # noqa: RUF009  (frozen)
    storeys: tuple[int, int] | None = None
    ground_m: float | None = None
    storey_m: float | None = None
    walls: str = ""
    roofs: str = ""
    shapes: str = ""
    is_shop: bool = False
    plinth_m: float | None = None


def _room(front: float, side: float, back: float, width: float, depth: float) -> Room:
    return Room(front, side, back, width, depth)


_STONE = "stone-light stone-warm stone-grey"
_CIVIC = "stone-light plaster-cream plaster-white brick-red stone-warm"
_SHOP = Habit(_room(0.8, 0.8, 2.5, 15, 13), ground_m=3.6, is_shop=True, plinth_m=0.2)

HABITS: dict[str, Habit] = {
    "house": Habit(_room(2.0, 1.4, 3.0, 12.5, 10.5)),
    "cottage": Habit(_room(2.2, 1.4, 3.0, 10.5, 7.5), (1, 1), 2.85),
    "cabin": Habit(_room(2.5, 1.5, 2.0, 8.5, 6.5), (1, 1), 2.6, walls="planks-natural planks-dark", shapes="gable"),
    "villa": Habit(_room(4.5, 2.5, 4.0, 17, 12), (2, 2), 3.2, 3.1),
    "townhouse": Habit(_room(0.5, 0.5, 3.0, 9.5, 12.5)),
    "apartment-block": Habit(_room(1.8, 1.5, 3.0, 34, 15), None, 3.1, 2.9),
    "shop": _SHOP,
    "bakery": _SHOP,
    "restaurant": Habit(_room(1.2, 0.8, 2.5, 17, 13), (1, 2), 3.6, is_shop=True, plinth_m=0.2),
    "cafe": Habit(_room(1.2, 0.8, 2.5, 13, 12), (1, 2), 3.5, is_shop=True, plinth_m=0.2),
    "pharmacy": _SHOP,
    "inn": Habit(_room(1.0, 0.8, 2.5, 18, 13), (2, 3), 3.2),
    "hotel": Habit(_room(2.0, 1.5, 3.0, 32, 16), (4, 6), 4.0, 3.1),
    "office": Habit(_room(2.0, 1.5, 3.0, 32, 20), None, 4.0, 3.5, shapes="flat"),
    "bank": Habit(_room(1.2, 1.0, 2.5, 20, 15), (2, 3), 4.2, 3.6, walls=_STONE, shapes="hip flat"),
    "post-office": Habit(_room(1.2, 1.0, 2.5, 18, 13), (2, 2), 4.0, 3.4, walls="brick-red stone-light plaster-yellow"),
    "police-station": Habit(_room(2.0, 1.2, 2.5, 22, 14), (2, 3), 3.6, 3.2, walls="plaster-white brick-red concrete-light"),
    "fire-station": Habit(_room(2.5, 1.2, 2.5, 24, 15), (2, 2), 4.6, 3.2, walls="brick-red plaster-red"),
    "library": Habit(_room(2.5, 1.5, 2.5, 28, 18), (2, 2), 4.2, 3.8, walls=_CIVIC),
    "museum": Habit(_room(3.0, 2.0, 2.5, 40, 24), (2, 2), 4.6, 4.0, walls="stone-light stone-warm plaster-cream"),
    "theater": Habit(_room(2.5, 1.5, 2.5, 30, 26), (2, 3), 4.6, 3.8, walls="plaster-cream stone-light plaster-rose plaster-red"),
    "school": Habit(_room(3.0, 2.0, 3.0, 42, 14), (2, 3), 3.6, 3.4, walls="brick-red plaster-yellow plaster-cream brick-yellow"),
    "university": Habit(_room(4.0, 2.0, 3.0, 48, 18), (3, 3), 4.2, 3.8, walls="brick-red stone-light stone-warm brick-brown"),
    "hospital": Habit(_room(4.0, 2.0, 3.0, 46, 18), (4, 5), 4.0, 3.4, walls="plaster-white concrete-light", shapes="flat"),
    "town-hall": Habit(_room(2.0, 1.5, 2.5, 28, 16), (2, 3), 4.2, 3.8, walls=_CIVIC, shapes="hip"),
    "station": Habit(_room(2.5, 1.5, 2.5, 46, 16), (2, 2), 4.4, 3.6, walls="brick-red brick-yellow stone-light"),
    "market-hall": Habit(_room(2.0, 1.5, 2.0, 40, 24), (1, 1), 5.5),
    "warehouse": Habit(_room(1.5, 1.2, 1.5, 34, 26), (1, 2), 5.2, 3.4),
    "factory": Habit(_room(3.0, 2.0, 2.5, 46, 36), (1, 1), 6.0, walls="brick-red brick-brown brick-dark"),
    "workshop": Habit(_room(1.5, 1.0, 2.0, 18, 14), (1, 1), 4.0, walls="brick-red brick-brown planks-weathered corrugated-grey"),
    "church": Habit(_room(2.5, 1.5, 1.5, 30, 40), (1, 1), 8.0),
    "cathedral": Habit(_room(3.0, 2.0, 2.0, 50, 70), (1, 1), 14.0, walls=_STONE),
    "chapel": Habit(_room(2.0, 1.2, 1.5, 14, 18), (1, 1), 4.6),
    "monastery": Habit(_room(2.0, 1.5, 2.0, 50, 50), (2, 2), 3.8, 3.4, walls="stone-warm stone-light plaster-white"),
    "mosque": Habit(_room(2.5, 1.5, 1.5, 34, 36), (1, 1), 8.0),
    "synagogue": Habit(_room(2.0, 1.2, 1.5, 22, 26), (1, 1), 9.0, walls="stone-light brick-yellow stone-warm"),
    "temple": Habit(_room(2.5, 1.5, 2.0, 28, 28), (1, 1), 5.0),
    "pagoda": Habit(_room(2.5, 1.5, 2.0, 14, 14), (3, 5), 3.6),
    "castle": Habit(_room(1.5, 1.0, 1.0, 60, 60), (3, 3), 4.0, walls="stone-grey stone-warm stone-dark"),
    "tower-house": Habit(_room(1.5, 1.2, 1.5, 11, 11), (4, 5), 3.6, 3.2, walls="stone-grey stone-warm"),
    "ruin": Habit(_room(1.0, 1.0, 1.5, 14, 12), (1, 2), 3.2, 2.9, walls="stone-grey stone-warm brick-brown"),
    "farmhouse": Habit(_room(3.0, 2.0, 3.0, 16, 9.5), (1, 2), 2.9, 2.7),
    "barn": Habit(_room(2.0, 1.5, 2.0, 24, 14), (1, 1), 4.4, walls="planks-red planks-red planks-weathered planks-dark"),
    "greenhouse": Habit(_room(1.2, 1.0, 1.2, 24, 10), (1, 1), 2.4),
    "shed": Habit(_room(1.0, 0.6, 0.8, 5, 4), (1, 1), 2.3, walls="planks-natural planks-weathered planks-green", shapes="gable shed"),
    "boathouse": Habit(_room(1.0, 1.0, 1.0, 14, 16), (1, 1), 4.0, walls="planks-red planks-blue planks-white planks-weathered"),
    "fish-market": Habit(_room(2.0, 1.2, 1.5, 32, 18), (1, 1), 4.6),
    "gas-station": Habit(_room(2.0, 1.5, 1.5, 30, 26), (1, 1), 3.8, walls="plaster-white", shapes="flat"),
    "skyscraper": Habit(_room(3.0, 2.0, 2.0, 44, 44), None, 5.0, 3.6),
}  # fmt: skip

HOMES = ("house", "cottage", "cabin", "villa", "townhouse", "apartment-block", "farmhouse", "tower-house")
_FLAT_ROOFS = ("roof-gravel", "plaster", "concrete")
_ZONE_STOREYS = {"S": (1, 2), "T": (4, 8), "C": (2, 4), "R": (2, 4), "O": (2, 3), "Q": (2, 3), "I": (1, 2), "V": (2, 3),
                 "E": (2, 4), "X": (1, 2), "A": (1, 2), "Y": (1, 2), "G": (1, 2)}  # fmt: skip
_COLORS = {
    "red": "red", "blue": "blue", "green": "green", "yellow": "yellow", "white": "white", "pink": "rose", "rose": "rose",
    "orange": "terracotta", "black": "black", "grey": "grey", "gray": "grey", "brown": "brown", "cream": "cream",
    "beige": "sand", "turquoise": "mint", "mint": "mint", "dark": "dark", "navy": "navy", "ochre": "ochre",
    "golden": "ochre", "purple": "rose", "violet": "rose",
}  # fmt: skip
_FAMILIES = {
    "wooden": "planks", "wood": "planks", "timber": "planks", "brick": "brick", "stone": "stone", "concrete": "concrete",
    "plaster": "plaster", "clay": "plaster-adobe", "adobe": "plaster-adobe", "mud": "plaster-adobe",
    "glass": "curtain-wall", "metal": "corrugated", "tin": "corrugated", "steel": "corrugated",
}  # fmt: skip


def habit(use: str) -> Habit:
    """The habits of a use; those of a house where it has none."""
    return HABITS.get(use, HABITS["house"])


def design(plan: Plan, parcel: Parcel, dice: Dice) -> Design:
    """Decides about the building on one parcel. The order of draws is part of the result."""
    look, use, words = plan.look, parcel.use, parcel.attributes
    style_name = _style_said(words) or canonical(look.style)
    style = style_named(style_name)
    if use in ("cottage", "farmhouse", "cabin") and style is style_named("modern"):
        style = style_named("rustic")
    custom = habit(use)
    if parcel.zone == "X" or any(word in ("abandoned", "ruined", "derelict", "broken") for word in words):
        style_broken = True
    else:
        style_broken = dice.chance(style.broken)
    walls = walls_of_use(use, style_name, custom.walls)
    wall = _wall(walls, look.walls, style, words, dice, style_broken)
    roof_weights = _weights(custom.roofs) or _known(tuple(look.roofs.items())) or style.roofs
    roof = dice.weigh(roof_weights)
    is_country = style_name in ("rustic", "medieval", "maritime", "modern", "alpine", "victorian")
    if use == "cottage" and is_country and not look.roofs and dice.chance(0.6):
        roof = "thatch"
    if style_broken and dice.chance(0.4):
        roof = "corrugated-rust"
    said = roofs_said(words)
    if said:
        roof = dice.weigh(said)
    own_shapes = _weights(custom.shapes) if not style.vigas else {}
    shape = dice.weigh(own_shapes or look.roof_shapes or style.shapes)
    storeys = _storeys(use, custom, look.storeys.get(parcel.zone), parcel.zone, style, words, dice)
    storey = custom.storey_m or dice.between(*style.storey_m)
    ground = custom.ground_m or storey + dice.between(0.0, 0.25)
    is_tall = storeys > 4
    if (
        shape not in ("flat", "mansard", "sawtooth", "shed")
        and is_tall
        and use not in ("hotel", "town-hall", "tower-house")
    ):
        shape = "flat"
    if said and shape == "flat" and not roof.startswith(_FLAT_ROOFS):
        shape = "gable"
    if roof == "thatch" and shape in ("flat", "mansard"):
        shape = "gable"
    if shape == "flat" and not roof.startswith(_FLAT_ROOFS):
        roof = "plaster-adobe" if style.vigas else "roof-gravel"
    if shape != "flat" and roof.startswith(_FLAT_ROOFS):
        roof = "roof-tiles-orange" if style.vigas else "roof-metal"
    pitch = dice.between(*style.pitch)
    timber = ""
    if (
        wall.startswith("plaster")
        and use in (*HOMES, "shop", "bakery", "inn", "restaurant", "cafe", "workshop")
        and dice.chance(style.timber)
    ):
        timber = "wood-dark" if dice.chance(0.8) else "wood"
    if roof == "thatch":
        pitch = max(pitch, 1.0)
    is_small = storeys == 1
    size = style.window
    family = wall.split("-")[0]
    shop = custom.is_shop
    return Design(
        use=use,
        style_name=style_name,
        style=style,
        wall=wall,
        ground_wall="stone-warm" if timber and dice.chance(0.45) else wall,
        trim=_trim(wall, style, dice),
        frame=dice.pick(style.frames),
        roof=roof,
        roof_shape=shape,
        pitch=pitch,
        storeys=storeys,
        ground_m=ground,
        storey_m=storey,
        plinth_m=dice.between(0.25, 0.5) if custom.plinth_m is None else custom.plinth_m,
        window=(size[0] * dice.between(0.92, 1.08), min(size[1] * dice.between(0.94, 1.06), storey - 1.15)),
        panes=style.panes,
        bay=style.bay * dice.between(0.92, 1.1),
        overhang=style.overhang + (0.25 if roof == "thatch" else 0.0),
        door=dice.pick(style.doors),
        lit=look.lit_windows * dice.between(0.5, 1.5),
        lit_glass="glass-lit-cool" if use in ("office", "skyscraper", "hospital", "factory") else "glass-lit",
        window_shape="round" if dice.chance(style.arched) else "plain",
        shutters=dice.pick(style.shutter_colors) if dice.chance(style.shutters) and not timber else "",
        timber=timber,
        jetty_m=0.4 if timber and storeys > 1 and dice.chance(style.jetty) else 0.0,
        dormers=dice.chance(style.dormers) and shape in ("gable", "hip", "half-hip", "mansard"),
        chimney=dice.chance(style.chimney) and use in (*HOMES, "inn", "bakery", "shop", "cafe", "restaurant"),
        balconies=_balconies(use, style_name, style, is_small, dice),
        cornice=dice.chance(style.cornice),
        band=dice.chance(style.band) and not timber,
        quoins=dice.chance(style.quoins) and family in ("brick", "plaster", "stone"),
        corner_boards=dice.chance(style.corner_boards) and family == "planks",
        porch=dice.chance(style.porch) and use in HOMES and not parcel.is_attached,
        neon=dice.pick(NEONS)
        if dice.chance(style.neon)
        else "",
        broken=style_broken,
        awning=dice.pick(style.awnings) if shop and dice.chance(0.75) else "",
        sign=dice.pick(style.signs) if shop or use in ("inn", "hotel") else "",
        attributes=words,
    )  # fmt: skip


def _style_said(words: tuple[str, ...]) -> str:
    styles = {"half-timbered": "medieval", "timbered": "medieval", "victorian": "victorian", "medieval": "medieval",
              "modern": "modern", "futuristic": "futuristic", "colonial": "colonial", "rustic": "rustic",
              "neon": "neon", "abandoned": "abandoned", "colorful": "colorful", "colourful": "colorful"}  # fmt: skip
    return next((styles[word] for word in words if word in styles), "")


@lru_cache(maxsize=256)
def _weights(names: str) -> dict[str, float]:
    table: dict[str, float] = {}
    for name in names.split():
        table[name] = table.get(name, 0.0) + 1.0
    return table


@lru_cache(maxsize=256)
def _known(items: tuple[tuple[str, float], ...]) -> dict[str, float]:
    """The weights with a family's name ("plaster") shared out among its materials; empty where nothing is known."""
    table: dict[str, float] = {}
    for name, weight in items:
        matching = [name] if name in MATERIALS else [m for m in MATERIALS if m.startswith(f"{name}-")]
        for material in matching:
            table[material] = table.get(material, 0.0) + weight / len(matching)
    return {name: weight for name, weight in table.items() if weight > 0}


def _wall(
    habits: str, wished: Mapping[str, float], style: Style, words: tuple[str, ...], dice: Dice, is_broken: bool
) -> str:
    asked = _known(tuple(wished.items()))
    wall = dice.weigh(_weights(habits) if habits else asked or style.walls)
    if is_broken and not habits and dice.chance(0.5):
        wall = dice.pick(("planks-weathered", "plaster-grey", "brick-brown", "concrete-grey"))
    family = wall.rsplit("-", 1)[0]
    for word in words:
        if word in _FAMILIES:
            family = _FAMILIES[word]
            wall = family if family in MATERIALS else dice.pick([m for m in MATERIALS if m.startswith(f"{family}-")])
    for word in words:
        color = _COLORS.get(word)
        if color is None:
            continue
        wall = next(
            name
            for name in (f"{family}-{color}", f"plaster-{color}", f"planks-{color}", f"brick-{color}", wall)
            if name in MATERIALS
        )
    return wall


def _storeys(
    use: str,
    custom: Habit,
    bounds: tuple[int, int] | None,
    zone: str,
    style: Style,
    words: tuple[str, ...],
    dice: Dice,
) -> int:
    low, high = custom.storeys or bounds or _ZONE_STOREYS.get(zone, style.storeys)
    if custom.storeys is None and bounds is None:
        low, high = max(low, style.storeys[0]) if zone != "S" else low, max(high, low)
    if use in ("house", "villa"):
        low, high = min(low, 2), min(high, 3)
    if use == "apartment-block":
        low, high = max(low, 3), max(high, 4)
    if use == "office":
        low, high = max(low, 3), max(high, 4)
    if use == "skyscraper":
        low, high = max(low, 12), max(high, 26)
    storeys = dice.whole(low, max(low, high))
    if any(word in ("tall", "high", "towering") for word in words):
        storeys = max(storeys + 2, high)
    if any(word in ("small", "tiny", "little", "low") for word in words):
        storeys = low if custom.storeys else 1
    return max(1, storeys)


def _trim(wall: str, style: Style, dice: Dice) -> str:
    if style.neon:
        return dice.pick(("concrete-dark", "concrete-grey", "frame-dark"))
    if wall.startswith("brick"):
        return dice.pick(("stone-light", "plaster-cream", "stone-light", "concrete-light"))
    if wall.startswith("planks"):
        return "frame-white" if not wall.endswith("white") else dice.pick(("frame-dark", "frame-white", "planks-blue"))
    if wall.startswith("stone"):
        return "stone-light"
    if style.vigas:
        return "plaster-sand"
    return "plaster-cream" if wall.endswith("white") else "plaster-white"


def _balconies(use: str, style_name: str, style: Style, is_small: bool, dice: Dice) -> str:
    if is_small or use not in (*HOMES, "hotel", "inn"):
        return ""
    wanted = max(style.balcony, 0.75) if use in ("apartment-block", "hotel") else style.balcony
    if use in ("cottage", "farmhouse", "cabin", "tower-house") or not dice.chance(wanted):
        return ""
    return "wood" if style_name == "alpine" else "slab" if use == "apartment-block" and dice.chance(0.5) else "iron"
