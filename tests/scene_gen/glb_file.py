"""A reader of .glb files for tests, which takes nothing from the writer."""

import json
import struct
from pathlib import Path

import numpy as np

TYPES = {5123: np.dtype("<u2"), 5125: np.dtype("<u4"), 5126: np.dtype("<f4")}
WIDTHS = {"SCALAR": 1, "VEC3": 3, "VEC4": 4}


def read_glb(path: Path) -> tuple[dict, bytes]:
    """The JSON document and the binary chunk."""
    data = path.read_bytes()
    magic, version, length = struct.unpack_from("<III", data)
    assert (magic, version, length) == (0x46546C67, 2, len(data))
    size, kind = struct.unpack_from("<II", data, 12)
    assert kind == 0x4E4F534A
    assert size % 4 == 0
    document = json.loads(data[20 : 20 + size])
    if 20 + size == len(data):
        return document, b""
    blob_size, kind = struct.unpack_from("<II", data, 20 + size)
    assert kind == 0x004E4942
    return document, data[28 + size : 28 + size + blob_size]


def values(document: dict, blob: bytes, index: int) -> np.ndarray:
    """The numbers of one accessor, shape (count, width)."""
    accessor = document["accessors"][index]
    view = document["bufferViews"][accessor["bufferView"]]
    dtype, width = TYPES[accessor["componentType"]], WIDTHS[accessor["type"]]
    assert view.get("byteStride", dtype.itemsize * width) == dtype.itemsize * width
    start = view["byteOffset"] + accessor["byteOffset"]
    assert start % dtype.itemsize == 0
    assert accessor["byteOffset"] + accessor["count"] * width * dtype.itemsize <= view["byteLength"]
    return np.frombuffer(blob, dtype, accessor["count"] * width, start).reshape(-1, width)
