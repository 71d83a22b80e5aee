"""A scene packed for a browser: one header in JSON and a row of arrays behind it, drawn in the page as they are.

The geometry, materials, patterns and lamps are those that our own renderers draw from (bridge.render).
"""

import gzip
import json
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bridge.render.air import RAIN_TAN, rain_tile, snow_tile
from bridge.render.batches import THIN_M, Chunks, Triangles, joined, labelled, statics
from bridge.render.canopy import TOP_M as CANOPY_TOP_M
from bridge.render.ground import drowned
from bridge.render.instances import asset_models
from bridge.render.labels import labels_of
from bridge.render.lamps import LEVELS, LampGrid, lamp_grid
from bridge.render.palette import Palette, palette_of
from bridge.render.patterns import pattern_tiles
from bridge.render.relief import relief
from bridge.render.sky import cloud_field
from bridge.riders import poses_of_riders
from bridge.scene import Scene
from bridge.viewer.outlook import first_outlook

_TERRAIN_ERROR_M = 0.09
"""How far below the true ground the page's ground may lie; it never lies above."""
_VERTEX_BYTES = 20
Arrays = dict[str, NDArray[Any]]


def packed_town(scene: Scene) -> bytes:
    """Everything a page needs to draw a scene, gzip-compressed; see `unpacked` for what is in it."""
    palette = palette_of(scene)
    header, arrays = _looks(scene, palette)
    arrays |= _standing(scene, palette)
    more, models = _models(scene, palette)
    return gzip.compress(packed(header | more, arrays | models), compresslevel=1, mtime=0)


def packed(header: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """A header and named arrays as bytes: length of the JSON (uint32), JSON, then the arrays, each on a 4-byte border.

    The JSON gains `arrays`: for each its `dtype`, `shape`, and `offset` from the end of the JSON.
    """
    table, blobs, offset = {}, [], 0
    for name, array in arrays.items():
        blob = np.ascontiguousarray(array).tobytes()
        table[name] = {"dtype": array.dtype.name, "shape": list(array.shape), "offset": offset}
        blob += bytes(-len(blob) % 4)
        blobs.append(blob)
        offset += len(blob)
    text = json.dumps({**header, "arrays": table}, separators=(",", ":"), allow_nan=False).encode()
    text += b" " * (-len(text) % 4)
    return b"".join([len(text).to_bytes(4, "little"), text, *blobs])


def unpacked(content: bytes) -> tuple[dict[str, Any], Arrays]:
    """The header and the arrays (read-only) of `packed`."""
    end = 4 + int.from_bytes(content[:4], "little")
    header = json.loads(content[4:end])
    arrays = {}
    for name, entry in header["arrays"].items():
        count = int(np.prod(entry["shape"]))
        arrays[name] = np.frombuffer(content, entry["dtype"], count, end + entry["offset"]).reshape(entry["shape"])
    return header, arrays


def _looks(scene: Scene, palette: Palette) -> tuple[dict[str, Any], Arrays]:
    """The header's general part, and textures: materials, patterns, ground, lamps, rain and snow."""
    terrain = scene.terrain
    numbers = palette.indices(terrain.surfaces)[terrain.surface]
    lamps = lamp_grid(scene.lights, terrain)
    noise = np.rint(cloud_field() * 255).astype(np.uint8)
    tiles = pattern_tiles(palette.patterns)
    rows, cols = terrain.heights.shape
    header = {
        "name": scene.name,
        "prompt": scene.provenance.prompt,
        "bounds": scene.bounds,
        "terrain": [*terrain.origin, (cols - 1) * terrain.cell_m, (rows - 1) * terrain.cell_m],
        "lamp_map": [*lamps.low.tolist(), *(lamps.high - lamps.low).tolist()],
        "lamp_levels": LEVELS,
        "lamp_lux": float(lamps.lux.max(initial=0.0)),
        "canopy_top_m": CANOPY_TOP_M,
        "rain_tan": RAIN_TAN,
        "thin_m": THIN_M,
        "patterns": palette.patterns,
        "first_water": palette.first_water,
        "outlook": first_outlook(scene),
    }
    arrays = {
        "materials": palette.packed()[0],
        "tiles": np.concatenate([tiles, np.repeat(noise[None, :, :, None], 4, axis=3)]),
        "ground_color": _root_bytes(palette.rows[:, :3])[numbers],
        "ground_height": terrain.heights.astype(np.float32),
        "ground_material": numbers.astype(np.uint16),
        **_lamp_textures(lamps),
        "lamp_heads": np.asarray(scene.lights.positions, np.float32).reshape(-1, 3),
        "lamp_colors": np.asarray(scene.lights.colors, np.float32).reshape(-1, 3),
        "rain": rain_tile(),
        "snow": snow_tile(),
    }
    return header, arrays


def _lamp_textures(lamps: LampGrid) -> Arrays:
    """Light of lamps: mean direction and root of the part of the brightest light in bytes; and its colour from above."""
    lux = lamps.lux.max(axis=-1, keepdims=True)
    share = np.sqrt(lux / max(float(lux.max(initial=0.0)), 1e-9))
    light = np.concatenate([np.clip(lamps.toward, -1, 1) * 0.5 + 0.5, share], axis=-1)
    color = lamps.lux.sum(axis=0)
    color = color / np.maximum(color.max(axis=-1, keepdims=True), 1e-9)
    color = np.concatenate([color, np.ones_like(color[..., :1])], axis=-1)
    return {"lamp_light": np.rint(light * 255).astype(np.uint8), "lamp_color": np.rint(color * 255).astype(np.uint8)}


def _standing(scene: Scene, palette: Palette) -> Arrays:
    """What exists once: terrain, land beyond it, parts, waters; and the chunks in which it is culled."""
    made = statics(scene, palette, has_terrain=False, shares_corners=True)
    ground, tiles = _terrain(scene)
    solid = joined([ground, made.solid])
    chunks, start = made.chunks, len(ground.indices)
    none = len(tiles["first"])
    stout = np.concatenate([np.repeat(tiles["count"][:, None], len(THIN_M) + 1, axis=1), chunks.stout])
    return {
        "solid_vertices": vertex_bytes(solid),
        "solid_indices": solid.indices,
        "chunk_low": np.concatenate([tiles["low"], chunks.low]).astype(np.float32),
        "chunk_high": np.concatenate([tiles["high"], chunks.high]).astype(np.float32),
        "chunk_first": np.concatenate([tiles["first"], chunks.first + start]).astype(np.uint32),
        "chunk_stout": stout.astype(np.uint32),
        "chunk_part": np.concatenate([np.full(none, -1), chunks.part]).astype(np.int32),
        "chunk_layer": np.concatenate([np.zeros(none), chunks.layer]).astype(np.uint8),
        "chunk_smooth": np.concatenate([np.ones(none, bool), chunks.is_smooth]).astype(np.uint8),
        "water_vertices": vertex_bytes(made.water),
        "water_indices": made.water.indices,
        **_boxes("water", made.water_chunks),
    }


def _boxes(name: str, chunks: Chunks) -> Arrays:
    return {
        f"{name}_low": chunks.low.astype(np.float32),
        f"{name}_high": chunks.high.astype(np.float32),
        f"{name}_first": chunks.first.astype(np.uint32),
        f"{name}_count": chunks.count.astype(np.uint32),
    }


def _terrain(scene: Scene) -> tuple[Triangles, Arrays]:
    """The terrain's tiles at the level of detail that is true enough, without those on the sea's floor."""
    made = relief(scene)
    tile = np.arange(len(made.first))
    level = (made.error_m <= _TERRAIN_ERROR_M).sum(axis=1) - 1
    first, count = made.first[tile, level], made.count[tile, level]
    runs = [made.sheet.indices[begin : begin + number] for begin, number in zip(first, count, strict=True)]
    corners = [made.sheet.positions[run.ravel()] for run in runs]
    low = np.array([points.min(axis=0) for points in corners])
    high = np.array([points.max(axis=0) for points in corners])
    kept = np.flatnonzero(~drowned(scene.waters, low, high))
    used, local = np.unique(np.concatenate([runs[index].ravel() for index in kept]), return_inverse=True)
    sheet = labelled(made.sheet, 1, 0)
    triangles = Triangles(
        sheet.positions[used],
        sheet.normals[used],
        sheet.ids[used],
        sheet.materials[used],
        local.reshape(-1, 3).astype(np.uint32),
    )
    ends = np.cumsum(count[kept])
    return triangles, {"first": ends - count[kept], "count": count[kept], "low": low[kept], "high": high[kept]}


def _models(scene: Scene, palette: Palette) -> tuple[dict[str, Any], Arrays]:
    """Assets at all levels of detail, and everything that is a copy of one, with its name, class and place."""
    made = asset_models(scene, palette, shares_corners=True, also=poses_of_riders(scene.assets))
    shapes = [model for models in made.values() for model in models]
    together = joined([model.triangles for model in shapes])
    count = np.array([len(model.triangles.indices) for model in shapes], np.uint32)
    order = {name: index for index, name in enumerate(made)}
    boxes = [_box(scene, name) for name in made]
    labels = labels_of(scene)
    groups = scene.placements
    header = {
        "assets": [[name, scene.assets[name].kind, scene.assets[name].semantic] for name in made],
        "placed": [name for group in groups for name in group.names],
        "parts": [part.name for part in scene.parts],
        "first_placed_id": labels.first_placed_id,
        "agents": [[agent.name, agent.kind, agent.instruction] for agent in scene.agents],
    }
    arrays = {
        "model_vertices": vertex_bytes(together),
        "model_indices": together.indices,
        "model_first": (np.cumsum(count) - count).astype(np.uint32),
        "model_count": count,
        "model_smooth": np.array([model.is_smooth for model in shapes], np.uint8),
        "asset_shape": np.cumsum([0, *(len(models) for models in made.values())]).astype(np.uint32),
        "asset_box": np.array(boxes, np.float32).reshape(-1, 6),
        "placed_asset": np.repeat([order[group.asset] for group in groups], np.diff(labels.starts)).astype(np.uint16),
        "placed_pose": labels.poses.astype(np.float32),
        "placed_scale": labels.scales.astype(np.float32),
    }
    return header, arrays


def _box(scene: Scene, asset: str) -> list[float]:
    vertices = scene.assets[asset].lods[0].vertices
    return [*vertices.min(axis=0).tolist(), *vertices.max(axis=0).tolist()]


def vertex_bytes(triangles: Triangles) -> NDArray[np.uint8]:
    """Interleaved vertices (n,20): position 3 float32, normal 4 int8 (the last is 0), id and material << 22 in uint32."""
    rows = np.zeros((len(triangles.positions), _VERTEX_BYTES), np.uint8)
    rows[:, :12] = np.ascontiguousarray(triangles.positions, dtype=np.float32).view(np.uint8).reshape(-1, 12)
    rows[:, 12:15] = np.rint(triangles.normals * 127).astype(np.int8).view(np.uint8)
    label = (triangles.ids | triangles.materials << np.uint32(22)).astype(np.uint32)
    rows[:, 16:] = label.view(np.uint8).reshape(-1, 4)
    return rows


def _root_bytes(linear: NDArray) -> NDArray[np.uint8]:
    """Square roots of linear rgb (..., 3) as four bytes, the last 255."""
    padded = np.full((*linear.shape[:-1], 4), 255, np.uint8)
    padded[..., :3] = np.rint(np.sqrt(np.clip(linear, 0, 1)) * 255)
    return padded
