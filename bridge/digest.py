"""Digests of frozen data: the same values give the same hexadecimal string on every machine."""

import hashlib
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any

import numpy as np


def digest(value: Any) -> str:
    """SHA-256 of a tree of dataclasses, mappings, sequences, arrays, strings, numbers and None, as 64 hex digits."""
    hasher = hashlib.sha256()
    _feed(hasher, value)
    return hasher.hexdigest()


def _feed(hasher: Any, value: Any) -> None:
    kind = type(value)
    if kind is float:
        hasher.update(f"f{value!r};".encode())
    elif value is None or kind is bool or kind is int or kind is str:
        hasher.update(f"{kind.__name__}{value!r};".encode())
    elif kind is tuple or kind is list:
        hasher.update(f"t{len(value)}".encode())
        for item in value:
            _feed(hasher, item)
    elif kind is np.ndarray:
        little = np.ascontiguousarray(value, dtype=value.dtype.newbyteorder("<"))
        hasher.update(f"a{little.dtype.str}{little.shape}".encode())
        hasher.update(little.data if little.size else b"")
    elif labels := _labels(kind):
        hasher.update(f"d{kind.__name__}".encode())
        for name, label in labels:
            hasher.update(label)
            _feed(hasher, getattr(value, name))
    elif isinstance(value, Mapping):
        hasher.update(f"m{len(value)}".encode())
        for key in sorted(value):
            hasher.update(f".{key}=".encode())
            _feed(hasher, value[key])
    elif isinstance(value, (int, str)):
        hasher.update(f"{kind.__name__}{value!r};".encode())
    elif isinstance(value, (float, np.floating)):
        hasher.update(f"f{float(value)!r};".encode())
    else:
        raise TypeError(f"no digest is defined for a {kind.__name__}")


@cache
def _labels(kind: type) -> tuple[tuple[str, bytes], ...]:
    """The names of a dataclass's fields, each with what goes before its value; nothing for other types."""
    return tuple((item.name, f".{item.name}=".encode()) for item in fields(kind)) if is_dataclass(kind) else ()
