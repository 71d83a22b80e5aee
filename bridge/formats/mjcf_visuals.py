"""What MuJoCo's renderer shows: a mesh or two for each thing, coloured face by face from one small texture.

MuJoCo gives a mesh one material; a mesh for each colour would take half a minute to load. Texture coordinates that
point into a palette give every face its own colour. Things that glow are a second mesh with emission.
"""

import struct
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from bridge.formats.png import png
from bridge.scene import Material, Mesh

PALETTE_FILE = "assets/palette.png"
_SIDE, _BLOCK = 16, 4


class Palette:
    """The colours of up to 256 materials in one texture; further ones share the last place."""

    def __init__(self, materials: Mapping[str, Material], *, lamps_lit: bool) -> None:
        self.places = {name: min(index, _SIDE * _SIDE - 1) for index, name in enumerate(materials)}
        self.glows = {
            name: max(material.emission) > 0 and (lamps_lit or not material.glows_at_night)
            for name, material in materials.items()
        }
        colors = np.zeros((_SIDE * _SIDE, 3))
        for name, material in materials.items():
            shown = np.minimum(material.emission, 1.0).tolist() if self.glows[name] else material.base_color
            colors[self.places[name]] = display_color(shown)
        blocks = colors.reshape(_SIDE, _SIDE, 3).repeat(_BLOCK, axis=0).repeat(_BLOCK, axis=1)
        self.image = png(np.round(255 * np.clip(blocks, 0, 1)).astype(np.uint8))

    def meshes(self, mesh: Mesh) -> Iterator[tuple[str, bytes]]:
        """MuJoCo's binary mesh files for a mesh, each with the name of its material: palette or palette-glow."""
        glows = np.array([self.glows[name] for name in mesh.materials], dtype=bool)
        places = np.array([self.places[name] for name in mesh.materials], dtype=np.int64)
        for material, chosen in (("palette", ~glows), ("palette-glow", glows)):
            kept = chosen[mesh.material] if len(mesh.material) else np.zeros(0, dtype=bool)
            if kept.any():
                yield material, _msh(mesh.vertices, mesh.triangles[kept], places[mesh.material[kept]])


def display_color(linear: Sequence[float]) -> tuple[float, ...]:
    """A linear colour as a display takes it, through the sRGB curve."""
    return tuple(12.92 * c if c <= 0.0031308 else 1.055 * c ** (1 / 2.4) - 0.055 for c in linear)


def _msh(vertices: NDArray, triangles: NDArray, place: NDArray) -> bytes:
    """MuJoCo's binary mesh: counts of vertices, normals, texture coordinates and faces, then their numbers."""
    corners, faces = np.unique(np.repeat(place, 3) * len(vertices) + triangles.reshape(-1), return_inverse=True)
    column, row = corners // len(vertices) % _SIDE, corners // len(vertices) // _SIDE
    texture = np.stack([(column + 0.5) / _SIDE, (row + 0.5) / _SIDE], axis=1)
    numbers = [vertices[corners % len(vertices)].astype("<f4"), texture.astype("<f4"), faces.astype("<i4")]
    head = struct.pack("<iiii", len(corners), 0, len(corners), len(triangles))
    return head + b"".join(np.ascontiguousarray(array).tobytes() for array in numbers)
