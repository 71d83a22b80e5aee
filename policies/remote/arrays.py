"""Documents with NumPy arrays as msgpack, as openpi writes them; numbers only, checked before anything is allocated."""

import math
from typing import Any

import numpy as np

from bridge.errors import DamagedData, Unavailable, UsageError

_MOST_BYTES = 64 << 20
_KINDS = "biuf"
"""Booleans, integers, floats. Objects would be pickles: they are neither written nor read."""


def packed(document: Any) -> bytes:
    """A document of mappings, lists, strings, numbers and arrays as msgpack. Raises UsageError."""
    return _msgpack().packb(document, default=_pack)


def unpacked(data: bytes) -> Any:
    """The document in some msgpack. Raises DamagedData where it is none, or holds anything but data."""
    msgpack = _msgpack()
    try:
        return msgpack.unpackb(data, object_hook=_unpack, strict_map_key=False, max_bin_len=_MOST_BYTES)
    except (ValueError, TypeError, msgpack.UnpackException, RecursionError) as error:
        raise DamagedData(f"{len(data)} bytes are no msgpack with arrays in it: {error}") from error


def _pack(value: Any) -> Any:
    if isinstance(value, (np.ndarray, np.generic)) and value.dtype.kind not in _KINDS:
        raise UsageError(f"An array of {value.dtype} cannot be sent; give one of numbers.")
    if isinstance(value, np.ndarray):
        flat = np.ascontiguousarray(value)
        return {b"__ndarray__": True, b"data": flat.tobytes(), b"dtype": flat.dtype.str, b"shape": value.shape}
    if isinstance(value, np.generic):
        return {b"__npgeneric__": True, b"data": value.item(), b"dtype": value.dtype.str}
    raise UsageError(f"A {type(value).__name__} cannot be sent.")


def _unpack(value: dict[Any, Any]) -> Any:
    found: dict[Any, Any] = {key.decode() if isinstance(key, bytes) else key: one for key, one in value.items()}
    if "__ndarray__" in found:
        data, shape, dtype = found.get("data"), found.get("shape"), _dtype(found.get("dtype"))
        if not isinstance(data, bytes) or not isinstance(shape, list):
            raise DamagedData("an array without shape or data")
        if len(shape) > 16 or not all(isinstance(length, int) and length >= 0 for length in shape):
            raise DamagedData(f"an array of the shape {shape}"[:200])
        if math.prod(shape) * dtype.itemsize != len(data):
            raise DamagedData(f"an array of {tuple(shape)} {dtype} has {len(data)} bytes")
        return np.frombuffer(data, dtype).reshape(shape).copy()
    if "__npgeneric__" in found:
        return _dtype(found.get("dtype")).type(found.get("data"))
    return found


def _dtype(said: Any) -> np.dtype:
    """A type of numbers by its name. Raises DamagedData for any other."""
    try:
        dtype = np.dtype(said) if isinstance(said, str) else None
    except TypeError:
        dtype = None
    if dtype is None or dtype.kind not in _KINDS or dtype.subdtype is not None:
        raise DamagedData(f"an array of {said!r}, not of numbers")
    return dtype


def _msgpack() -> Any:
    try:
        import msgpack
    except ImportError as error:
        message = 'Policies in other processes need the package msgpack: pip install "simbridge[openpi]"'
        raise Unavailable(message) from error
    return msgpack
