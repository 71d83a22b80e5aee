"""The map: a legible plan of a town with street names, landmarks, legend, scale bar and north."""

from functools import cache
from math import atan2, degrees, log10

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from bridge.meshes import area_vectors
from bridge.scene import Part, Scene
from scene_gen.pictures.named import named_places

SIDE_PX = 1200
PANEL_PX = 330
OVERSAMPLE = 2
PAPER, INK, FAINT = (247, 244, 236), (52, 48, 44), (120, 114, 106)
WATER, SHORE = (158, 194, 212), (108, 150, 172)

GROUND = {
    "grass": (206, 220, 180), "lawn": (200, 219, 168), "dry-grass": (226, 220, 178), "meadow": (211, 221, 178),
    "forest-floor": (170, 196, 150), "sand": (240, 226, 184), "desert-sand": (238, 214, 170), "soil": (220, 205, 180),
    "crops": (222, 219, 160), "crops-gold": (235, 218, 156), "rock": (208, 203, 195), "red-rock": (222, 190, 168),
    "snow": (240, 244, 247), "paving": (226, 221, 212), "seabed": (200, 205, 190), "mud": (208, 196, 178),
}  # fmt: skip
COVERED = {
    "cobble": ((228, 222, 211), "cobbled street"), "cobble-sand": ((243, 231, 208), "cobbled street"),
    "gravel": ((240, 233, 216), "gravel street"), "dirt-road": ((228, 208, 176), "dirt road"),
    "packed-sand": ((251, 242, 222), "sand street"),
}  # fmt: skip
"""Colours and names of carriageways, and of lots, that are not asphalt."""
USES = {
    "homes": ((214, 172, 148), {"house", "cottage", "cabin", "villa", "townhouse", "apartment-block", "farmhouse", "tower-house"}),
    "shops and offices": ((222, 150, 120), {"shop", "bakery", "restaurant", "cafe", "inn", "hotel", "office", "pharmacy", "bank", "market-hall", "gas-station", "fish-market", "theater"}),
    "public buildings": ((178, 104, 104), {"school", "university", "library", "museum", "hospital", "police-station", "fire-station", "town-hall", "station", "post-office"}),
    "places of worship": ((132, 96, 142), {"church", "cathedral", "chapel", "monastery", "mosque", "temple", "pagoda", "synagogue"}),
    "industry and farms": ((160, 160, 166), {"warehouse", "factory", "workshop", "barn", "greenhouse", "shed", "boathouse"}),
    "towers": ((120, 138, 170), {"skyscraper"}),
    "castle and ruins": ((128, 112, 96), {"castle", "ruin"}),
}  # fmt: skip
SURFACES = {
    "carriageway": (255, 253, 247), "sidewalk": (236, 231, 220), "square": (244, 232, 208), "quay": (206, 201, 194),
    "pier": (176, 146, 112), "jetty": (176, 146, 112), "bridge": (250, 240, 205), "breakwater": (150, 146, 140),
    "path": (238, 226, 200), "promenade": (240, 230, 210), "parking-lot": (226, 224, 220), "town-wall": (110, 100, 90),
    "gate": (110, 100, 90), "steps": (225, 215, 200), "footbridge": (250, 240, 205), "marina": (176, 146, 112),
}  # fmt: skip


def draw_map(scene: Scene) -> Image.Image:
    """The town from above, north up, RGB, 1530×1200 px."""
    paper = _Paper(scene)
    paper.ground()
    paper.water()
    paper.surfaces()
    paper.things(("tree", "vegetation"), (122, 160, 104), 1.0)
    paper.buildings()
    paper.things(("boat",), (84, 92, 112), 1.0)
    picture = paper.image.reduce(OVERSAMPLE)
    sheet = Image.new("RGB", (SIDE_PX + PANEL_PX, SIDE_PX), PAPER)
    sheet.paste(picture, (0, 0))
    taken = np.zeros((SIDE_PX, SIDE_PX), dtype=bool)
    _landmarks(sheet, scene, paper, taken)
    _street_names(sheet, scene, paper, taken)
    _panel(sheet, scene)
    return sheet


class _Paper:
    """An oversampled square drawing of the map's bounds."""

    def __init__(self, scene: Scene):
        self.scene = scene
        self.pixels = SIDE_PX * OVERSAMPLE
        self.low = np.array(scene.bounds[:2])
        self.span = float(scene.bounds[2] - scene.bounds[0])
        self.image = Image.new("RGB", (self.pixels, self.pixels), PAPER)
        self.pen = ImageDraw.Draw(self.image)

    def at(self, xy: NDArray[np.floating], pixels: int | None = None) -> NDArray[np.float64]:
        """Pixel coordinates of world points (..., 2)."""
        scale = (pixels or self.pixels) / self.span
        xy = (np.asarray(xy, dtype=np.float64)[..., :2] - self.low) * scale
        return np.stack([xy[..., 0], (pixels or self.pixels) - xy[..., 1]], axis=-1)

    def ring(self, xy: NDArray[np.float64]) -> list[tuple[float, float]]:
        return [tuple(point) for point in self.at(xy)]

    def ground(self) -> None:
        terrain = self.scene.terrain
        colors = np.array([GROUND.get(name, (216, 216, 196)) for name in terrain.surfaces], dtype=np.float64)
        slope_y, slope_x = np.gradient(terrain.heights.astype(np.float64), terrain.cell_m)
        light = np.clip(1.0 + 0.55 * (slope_x - slope_y), 0.72, 1.14)
        shaded = np.clip(colors[terrain.surface] * light[..., None], 0, 255).astype(np.uint8)[::-1]
        side = terrain.heights.shape[1] - 1
        scale = self.pixels / self.span
        offset = self.at(np.array(terrain.origin) + [0, (terrain.heights.shape[0] - 1) * terrain.cell_m])
        size = (round(side * terrain.cell_m * scale), round((terrain.heights.shape[0] - 1) * terrain.cell_m * scale))
        picture = Image.fromarray(shaded).resize(size, Image.Resampling.BILINEAR)
        self.image.paste(picture, (round(offset[0]), round(offset[1])))

    def water(self) -> None:
        mask = Image.new("L", self.image.size, 0)
        pen = ImageDraw.Draw(mask)
        for water in self.scene.waters:
            pen.polygon(self.ring(water.polygon), fill=255)
            for hole in water.holes:
                pen.polygon(self.ring(hole), fill=0)
        self.image.paste(WATER, mask=mask)
        for water in self.scene.waters:
            for ring in (water.polygon, *water.holes):
                self.pen.line([*self.ring(ring), tuple(self.at(ring[0]))], fill=SHORE, width=2 * OVERSAMPLE)

    def surfaces(self) -> None:
        order = {kind: index for index, kind in enumerate(("quay", "square", "sidewalk", "path", "carriageway"))}
        parts = [part for part in self.scene.parts if part.kind in SURFACES]
        for part in sorted(parts, key=lambda part: order.get(part.kind, 9)):
            vertices, triangles = part.mesh.vertices, part.mesh.triangles
            up = area_vectors(vertices, triangles)[:, 2] > 1e-4
            color = _surface(part)[0]
            for corners in self.at(vertices[triangles[up]]).reshape(-1, 6).tolist():
                self.pen.polygon(corners, fill=color)

    def things(self, classes: tuple[str, ...], color: tuple[int, int, int], grow: float) -> None:
        scale = self.pixels / self.span
        for group in self.scene.placements:
            asset = self.scene.assets[group.asset]
            if asset.semantic not in classes:
                continue
            if asset.semantic == "boat":
                half = 0.5 * np.array(asset.size[:2])
                hull = np.array([[1, 0], [0.5, 0.9], [-1, 0.8], [-1, -0.8], [0.5, -0.9]]) * half
                yaw = 2 * np.arctan2(group.poses[:, 6], group.poses[:, 3])
                turn = np.stack(
                    [np.stack([np.cos(yaw), -np.sin(yaw)], -1), np.stack([np.sin(yaw), np.cos(yaw)], -1)], -2
                )
                for outline in np.einsum("nij,kj->nki", turn, hull) + group.poses[:, None, :2]:
                    self.pen.polygon(self.ring(outline), fill=color)
                continue
            radii = 0.42 * grow * asset.size[0] * group.scale[:, 0] * scale
            for (x, y), r in zip(self.at(group.poses[:, :2]), np.maximum(radii, 1.6), strict=True):
                self.pen.ellipse((x - r, y - r, x + r, y + r), fill=color)

    def buildings(self) -> None:
        for building in self.scene.buildings:
            ring = self.ring(building.footprint)
            self.pen.polygon(ring, fill=_use_color(building.use))
            self.pen.line([*ring, ring[0]], fill=(120, 98, 86), width=OVERSAMPLE)


def _surface(part: Part) -> tuple[tuple[int, int, int], str]:
    """Colour and word of a piece of ground."""
    word = "street" if part.kind == "carriageway" else part.kind.replace("-", " ")
    usual = SURFACES[part.kind], word
    if part.kind not in ("carriageway", "parking-lot") or not part.mesh.materials:
        return usual
    color, covered = COVERED.get(part.mesh.materials[0], usual)
    return color, covered if part.kind == "carriageway" else word


def _use_color(use: str) -> tuple[int, int, int]:
    return next((color for color, uses in USES.values() if use in uses), USES["homes"][0])


@cache
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size=size)


def _text(text: str, size: int, color: tuple[int, int, int]) -> Image.Image:
    """The words with a paper-coloured halo on a transparent strip."""
    font = _font(size)
    left, top, right, bottom = font.getbbox(text, stroke_width=2)
    strip = Image.new("RGBA", (int(right - left) + 6, int(bottom - top) + 6), (0, 0, 0, 0))
    halo = (255, 253, 247, 235)
    ImageDraw.Draw(strip).text(
        (3 - left, 3 - top), text, font=font, fill=(*color, 255), stroke_width=2, stroke_fill=halo
    )
    return strip


def _street_names(sheet: Image.Image, scene: Scene, paper: _Paper, taken: NDArray[np.bool_]) -> None:
    """Each street's name once, along its straightest stretch, where no other label lies."""
    longest: dict[str, NDArray[np.float64]] = {}
    for street in scene.roads.streets:
        line = street.centreline[:, :2]
        if street.name and (street.name not in longest or _length(line) > _length(longest[street.name])):
            longest[street.name] = line
    for name, line in sorted(longest.items(), key=lambda item: (-_length(item[1]), item[0])):
        pixels = paper.at(line, SIDE_PX)
        label = _text(name, 15, INK)
        if _length(pixels) < label.width * 0.85:
            continue
        along = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(pixels, axis=0), axis=1))])
        half = label.width / 2
        for middle in along[-1] * np.array([0.5, 0.35, 0.65, 0.25, 0.75]):
            ends = [[np.interp(at, along, pixels[:, axis]) for axis in (0, 1)] for at in (middle - half, middle + half)]
            (x0, y0), (x1, y1) = ends
            angle = degrees(atan2(y0 - y1, x1 - x0))
            angle = angle - 180 if angle > 90 else angle + 180 if angle < -90 else angle
            turned = label.rotate(angle, expand=True, resample=Image.Resampling.BICUBIC)
            if _stamp(sheet, taken, turned, ((x0 + x1) / 2, (y0 + y1) / 2)):
                break


def _stamp(sheet: Image.Image, taken: NDArray[np.bool_], label: Image.Image, middle: tuple[float, float]) -> bool:
    """Puts a label where it fits wholly on the map and over no other; says whether it did."""
    x, y = int(middle[0] - label.width / 2), int(middle[1] - label.height / 2)
    if x < 2 or y < 2 or x + label.width > SIDE_PX - 2 or y + label.height > SIDE_PX - 2:
        return False
    inked = np.asarray(label.getchannel("A")) > 60
    window = taken[y : y + label.height, x : x + label.width]
    if (window & inked).any():
        return False
    window |= inked
    sheet.paste(label, (x, y), label)
    return True


def _landmarks(sheet: Image.Image, scene: Scene, paper: _Paper, taken: NDArray[np.bool_]) -> None:
    """Names of public buildings and landmarks, beside a dot; piers and the like by number where there are several."""
    pen = ImageDraw.Draw(sheet)
    for words, xy in named_places(scene):
        x, y = paper.at(xy, SIDE_PX)
        labels = [_text(word.replace("-", " "), 14, (112, 38, 38)) for word in words]
        aside = [(label, (label.width / 2 + 6, -label.width / 2 - 6)) for label in labels]
        places = [(label, x + dx, y) for label, ways in aside for dx in ways]
        places += [(label, x, y + dy) for label in labels for dy in (-14, 14)]
        if any(_stamp(sheet, taken, label, (across, down)) for label, across, down in places):
            pen.ellipse((x - 3, y - 3, x + 3, y + 3), fill=(112, 38, 38), outline=(255, 253, 247))


def _panel(sheet: Image.Image, scene: Scene) -> None:
    """Title, legend, scale bar and north beside the map."""
    pen = ImageDraw.Draw(sheet)
    left, y = SIDE_PX + 24, 28
    for line in _wrapped(scene.provenance.prompt or scene.name, 25)[:6]:
        pen.text((left, y), line, font=_font(24), fill=INK)
        y += 31
    hour = scene.environment.time_of_day_h
    clock = f"{int(hour):02d}:{int(hour % 1 * 60):02d}"
    pen.text((left, y + 4), f"seed {scene.provenance.seed} · {scene.environment.weather} · {scene.environment.season} · {clock}",
             font=_font(15), fill=FAINT)  # fmt: skip
    y += 44
    used = {_use_color(building.use) for building in scene.buildings}
    rows = [(color, name) for name, (color, _) in USES.items() if color in used]
    kinds = {part.kind for part in scene.parts}
    streets = {word: color for color, word in map(_surface, (p for p in scene.parts if p.kind == "carriageway"))}
    rows += [(WATER, "water")] if scene.waters else []
    rows += [(streets[word], word) for word in sorted(streets, key=lambda word: (word != "street", word))]
    rows += [(SURFACES[kind], label) for kind, label in (("square", "square"), ("quay", "quay"),
             ("pier", "pier, boat"), ("bridge", "bridge"), ("breakwater", "breakwater"), ("town-wall", "town wall")) if kind in kinds]  # fmt: skip
    rows += [((122, 160, 104), "tree")]
    rows += [(GROUND[name], name.replace("-", " ")) for name in scene.terrain.surfaces
             if name in GROUND and (scene.terrain.surface == scene.terrain.surfaces.index(name)).mean() > 0.02]  # fmt: skip
    for color, name in rows:
        pen.rectangle((left, y, left + 28, y + 17), fill=color, outline=FAINT)
        pen.text((left + 40, y - 1), name, font=_font(17), fill=INK)
        y += 27
    _scale_bar(pen, scene, left, SIDE_PX - 70)
    tip = (SIDE_PX + PANEL_PX - 62, SIDE_PX - 190)
    pen.polygon([tip, (tip[0] - 14, tip[1] + 52), (tip[0], tip[1] + 40), (tip[0] + 14, tip[1] + 52)], fill=INK)
    pen.text((tip[0] - 8, tip[1] - 32), "N", font=_font(24), fill=INK)


def _scale_bar(pen: ImageDraw.ImageDraw, scene: Scene, left: int, y: int) -> None:
    per_m = SIDE_PX / (scene.bounds[2] - scene.bounds[0])
    longest = 220 / per_m
    power = 10 ** int(log10(longest))
    length = max(step * power for step in (1, 2, 5) if step * power <= longest)
    for index in range(4):
        x = left + index * length * per_m / 4
        fill = INK if index % 2 == 0 else PAPER
        pen.rectangle((x, y, x + length * per_m / 4, y + 9), fill=fill, outline=INK)
    pen.text((left, y + 15), "0", font=_font(16), fill=INK)
    pen.text((left + length * per_m - 20, y + 15), f"{length:g} m", font=_font(16), fill=INK)


def _wrapped(text: str, width: int) -> list[str]:
    lines = [""]
    for word in text.split():
        word = word if len(word) <= width else word[: width - 1] + "…"
        if len(lines[-1]) + len(word) + 1 > width and lines[-1]:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


def _length(line: NDArray[np.float64]) -> float:
    return float(np.linalg.norm(np.diff(line[:, :2], axis=0), axis=1).sum())
