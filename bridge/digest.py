"""Digests of frozen data: the same values give the same hexadecimal string on every machine."""

import hashlib
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any

import numpy as np


def digest(value: Any) -> str:
    """SHA-256 of a tree of dataclasses, mappings, sequences, arrays, strings, numbers and None, as 64 hex digits."""
    told: list[bytes | memoryview] = []
    _tell(told, value)
    return hashlib.sha256(b"".join(told)).hexdigest()


def _tell(told: list[bytes | memoryview], value: Any) -> None:
    kind = type(value)
    if kind is float:
        told.append(b"f%a;" % value)
    elif kind is str:
        told.append(f"str{value!r};".encode())
    elif value is None or kind is bool or kind is int:
        told.append(f"{kind.__name__}{value!r};".encode())
    elif kind is tuple or kind is list:
        told.append(b"t%d" % len(value))
        if set(map(type, value)) == {float}:
            told.append((b"f%a;" * len(value)) % tuple(value))
            return
        for item in value:
            _tell(told, item)
    elif kind is np.ndarray:
        little = np.ascontiguousarray(value, dtype=value.dtype.newbyteorder("<"))
        told.append(f"a{little.dtype.str}{little.shape}".encode())
        if little.size:
            told.append(little.data)
    elif labels := _labels(kind):
        told.append(b"d" + kind.__name__.encode())
        for name, label in labels:
            told.append(label)
            _tell(told, getattr(value, name))
    elif isinstance(value, Mapping):
        told.append(b"m%d" % len(value))
        for key in sorted(value):
            told.append(f".{key}=".encode())
            _tell(told, value[key])
    elif isinstance(value, (int, str)):
        told.append(f"{kind.__name__}{value!r};".encode())
    elif isinstance(value, (float, np.floating)):
        told.append(b"f%a;" % float(value))
    else:
        raise TypeError(f"no digest is defined for a {kind.__name__}")


@cache
def _labels(kind: type) -> tuple[tuple[str, bytes], ...]:
    """The names of a dataclass's fields, each with what goes before its value; nothing for other types."""
    return tuple((item.name, f".{item.name}=".encode()) for item in fields(kind)) if is_dataclass(kind) else ()
