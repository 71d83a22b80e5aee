"""The landscape: whether Unreal can have it, where its vertices lie and how high a sample of the height map stands.

Unreal's rule (Landscape Technical Guide): a vertex stands at location + index * scale in x and y, and at
location z + (sample - 32768) / 128 * scale z; all 65536 samples span 512 cm at a z scale of 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from .faults import InvalidTown
from .folder import TownFolder
from .images import check_grey
from .reading import entries, number, numbers, text, whole

SECTION_QUADS = (7, 15, 31, 63, 127, 255)
"""Quads a side that a section of a component may have."""
SECTIONS = (1, 2)
"""Sections a side that a component may have."""
MOST_COMPONENTS = 32
"""Components a side that a landscape should not exceed: 1024 in all."""
MIDDLE, STEPS_PER_UNIT = 32768, 128.0


@dataclass(frozen=True)
class Layer:
    """One surface's weight map, 8 bits grey, and the linear rgb it is painted in."""

    name: str
    weight_map: Path
    color_linear: tuple[float, float, float]


@dataclass(frozen=True)
class Ground:
    """A landscape as Unreal wants it; `size` vertices a side; `location_cm` is vertex (0, 0) at sample 32768."""

    heightmap: Path
    size: int
    components: int
    sections: int
    section_quads: int
    location_cm: tuple[float, float, float]
    scale: tuple[float, float, float]
    layers: tuple[Layer, ...]

    def vertex_cm(self, column: int, row: int, sample: int) -> tuple[float, float, float]:
        """Where Unreal puts the vertex of a sample; row 0 is north, and Unreal's y points south."""
        return (
            self.location_cm[0] + column * self.scale[0],
            self.location_cm[1] + row * self.scale[1],
            self.location_cm[2] + (sample - MIDDLE) / STEPS_PER_UNIT * self.scale[2],
        )

    def bounds_cm(self) -> tuple[tuple[float, float, float], tuple[float, float, float]]:
        """The lowest and the highest corner that the landscape can reach."""
        return self.vertex_cm(0, 0, 0), self.vertex_cm(self.size - 1, self.size - 1, 65535)


def ground(folder: TownFolder) -> Ground:
    """The landscape of a folder. Raises InvalidTown where Unreal could not have it, or its files disagree."""
    sidecar, where = folder.landscape, "heightmap.json"
    size, components = whole(sidecar, "size", where), whole(sidecar, "components", where)
    sections, quads = whole(sidecar, "sections_per_component", where), whole(sidecar, "quads_per_section", where)
    if sections not in SECTIONS or quads not in SECTION_QUADS:
        raise InvalidTown(
            f"{where} wants components of {sections} sections a side with {quads} quads a side each; Unreal has "
            f"{_either(SECTIONS)} sections with {_either(SECTION_QUADS)} quads. Export the town again."
        )
    if not 1 <= components <= MOST_COMPONENTS:
        raise InvalidTown(
            f"{where} wants {components} components a side; 1 to {MOST_COMPONENTS} were expected. "
            "Export the town again with a smaller largest landscape."
        )
    if components * sections * quads + 1 != size:
        raise InvalidTown(
            f"{where} says {size} vertices a side, but {components} components of {sections} sections of {quads} quads "
            f"make {components * sections * quads + 1}. Export the town again."
        )
    heightmap = folder.file(text(sidecar, "heightmap", where), where)
    check_grey(heightmap, size=size, bits=16)
    location, scale = _triple(numbers(sidecar, "location_cm", 3, where)), _triple(numbers(sidecar, "scale", 3, where))
    if min(scale) <= 0:
        raise InvalidTown(f"{where} has the scale {scale}; three numbers above 0 were expected. Export the town again.")
    _check_heights(sidecar, location[2], scale[2])
    return Ground(heightmap, size, components, sections, quads, location, scale, _layers(folder, size))


def _check_heights(sidecar: dict, location_z: float, scale_z: float) -> None:
    """Both ways in which the sidecar tells heights have to mean the same."""
    where = "heightmap.json"
    step, lowest = number(sidecar, "height_m_per_step", where), number(sidecar, "height_m_at_0", where)
    by_scale = (location_z - MIDDLE / STEPS_PER_UNIT * scale_z, location_z + (MIDDLE - 1) / STEPS_PER_UNIT * scale_z)
    by_steps = (lowest * 100, (lowest + 65535 * step) * 100)
    if max(abs(a - b) for a, b in zip(by_scale, by_steps)) > 0.01:
        raise InvalidTown(
            f"{where} disagrees with itself: location and scale make heights of {by_scale[0]:.2f} to {by_scale[1]:.2f} "
            f"cm, height_m_at_0 and height_m_per_step {by_steps[0]:.2f} to {by_steps[1]:.2f} cm. Export the town again."
        )


def _layers(folder: TownFolder, size: int) -> tuple[Layer, ...]:
    where = "heightmap.json"
    colors = {
        text(material, "name", "materials.json"): _triple(numbers(material, "base_color_linear", 3, "materials.json"))
        for material in entries(folder.materials, "materials", "materials.json")
    }
    layers = []
    for layer in entries(folder.landscape, "layers", where):
        name = text(layer, "surface", where)
        if name not in colors:
            raise InvalidTown(f"{where} paints '{name}', which materials.json does not have. Export the town again.")
        weight_map = folder.file(text(layer, "weight_map", where), where)
        check_grey(weight_map, size=size, bits=8)
        layers.append(Layer(name, weight_map, colors[name]))
    if not layers or len({layer.name for layer in layers}) != len(layers):
        raise InvalidTown(f"{where} has no layers, or one of them twice. Export the town again.")
    return tuple(layers)


def _triple(values: tuple[float, ...]) -> tuple[float, float, float]:
    return values[0], values[1], values[2]


def _either(values: tuple[int, ...]) -> str:
    return f"{', '.join(map(str, values[:-1]))} or {values[-1]}"
