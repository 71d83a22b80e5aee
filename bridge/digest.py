"""Digests of frozen data: the same values give the same hexadecimal string on every machine."""

import hashlib
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np


def digest(value: Any) -> str:
    """SHA-256 of a tree of dataclasses, mappings, sequences, arrays, strings, numbers and None, as 64 hex digits."""
    hasher = hashlib.sha256()
    _feed(hasher, value)
    return hasher.hexdigest()


def _feed(hasher: Any, value: Any) -> None:
    if isinstance(value, np.ndarray):
        little = np.ascontiguousarray(value, dtype=value.dtype.newbyteorder("<"))
        hasher.update(f"a{little.dtype.str}{little.shape}".encode())
        hasher.update(little.data if little.size else b"")
    elif is_dataclass(value) and not isinstance(value, type):
        hasher.update(f"d{type(value).__name__}".encode())
        for item in fields(value):
            hasher.update(f".{item.name}=".encode())
            _feed(hasher, getattr(value, item.name))
    elif isinstance(value, Mapping):
        hasher.update(f"m{len(value)}".encode())
        for key in sorted(value):
            hasher.update(f".{key}=".encode())
            _feed(hasher, value[key])
    elif isinstance(value, (tuple, list)):
        hasher.update(f"t{len(value)}".encode())
        for item in value:
            _feed(hasher, item)
    elif value is None or isinstance(value, (bool, int, str)):
        hasher.update(f"{type(value).__name__}{value!r};".encode())
    elif isinstance(value, (float, np.floating)):
        hasher.update(f"f{float(value)!r};".encode())
    else:
        raise TypeError(f"no digest is defined for a {type(value).__name__}")
