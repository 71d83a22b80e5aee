"""Materials by number: one table that shaders and array shading look colours, roughness and patterns up in."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bridge.errors import InvalidScene
from bridge.render.patterns import PATTERNS
from bridge.scene import Material, Scene

MAX_MATERIALS = 1024
"""Label images pack a material's number into ten bits."""

WATER_COLORS: dict[str, tuple[float, float, float]] = {
    "sea": (0.010, 0.060, 0.075),
    "lake": (0.012, 0.058, 0.060),
    "river": (0.022, 0.062, 0.048),
    "canal": (0.022, 0.050, 0.038),
    "pond": (0.028, 0.055, 0.028),
}
"""Linear colour of deep water [radiance of white paper]; clear coasts are blue-green, still inland water browner."""


@dataclass(frozen=True, eq=False)
class Palette:
    """`rows` float32 (n, 12): base rgb, roughness; emission rgb, metallic; pattern, glow, metres a tile, relief.

    `glow` is 1 for materials that emit only after dusk. Row 0 is the terrain, whose colours come from a map.
    `patterns` are the patterns in use; a row's pattern is its place among them.
    """

    names: dict[str, int]
    rows: NDArray[np.float32]
    patterns: tuple[str, ...]

    def layer(self, pattern: str) -> int:
        """The place of a pattern among those in use, -1 where it is not."""
        return self.patterns.index(pattern) if pattern in self.patterns else -1

    def packed(self) -> NDArray[np.uint32]:
        """The rows as one texel of four integers each, shape (1, n, 4), so that a shader looks a material up at once.

        Bytes from low to high: roots of base rgb, roughness; roots of emission rgb over 8, metallic; pattern, glow,
        relief in 64ths; last the bits of metres a tile.
        """
        rows = self.rows
        base, emission = np.sqrt(np.clip(rows[:, :3], 0, 1)), np.sqrt(np.clip(rows[:, 4:7] / 8, 0, 1))
        fields = [*base.T, rows[:, 3], *emission.T, rows[:, 7], rows[:, 8] / 255, rows[:, 9], rows[:, 11] * 64 / 255]
        steps = np.rint(np.clip(np.stack([*fields, 0 * rows[:, 0]], axis=1), 0, 1) * 255).astype(np.uint32)
        words = (steps.reshape(-1, 3, 4) << np.array([0, 8, 16, 24], np.uint32)).sum(axis=2, dtype=np.uint32)
        tile = np.ascontiguousarray(rows[:, 10]).view(np.uint32)
        return np.concatenate([words, tile[:, None]], axis=1)[None]

    def indices(self, names: Iterable[str]) -> NDArray[np.uint32]:
        """Numbers of materials by name, shape (n,)."""
        return np.array([self.names[name] for name in names], dtype=np.uint32)

    def water(self, kind: str) -> int:
        """The number of a kind of water."""
        return self.names[f"\0water-{kind}"]

    @property
    def first_water(self) -> int:
        """Materials from here on are waters."""
        return self.water("sea")


def palette_of(scene: Scene) -> Palette:
    """The table of a scene's materials; a mesh may name only what the scene has."""
    rows = [Material("\0terrain", (0.2, 0.2, 0.2), 1.0, pattern="grass")]
    rows += [scene.materials[name] for name in sorted(scene.materials)]
    rows += [Material(f"\0water-{kind}", color, 0.05, pattern="water") for kind, color in WATER_COLORS.items()]
    if len(rows) > MAX_MATERIALS:
        raise InvalidScene(
            f"{len(rows)} materials; at most {MAX_MATERIALS} can be drawn. Share materials between meshes."
        )
    names = {material.name: index for index, material in enumerate(rows)}
    for name, material in scene.materials.items():
        names.setdefault(name, names[material.name])
    patterns = tuple(sorted({material.pattern for material in rows}))
    return Palette(names, np.array([_row(material, patterns) for material in rows], dtype=np.float32), patterns)


def _row(material: Material, patterns: tuple[str, ...]) -> tuple[float, ...]:
    pattern = PATTERNS[material.pattern]
    return (
        *material.base_color,
        material.roughness,
        *material.emission,
        material.metallic,
        float(patterns.index(material.pattern)),
        float(material.glows_at_night),
        pattern.tile_m,
        pattern.relief,
    )
