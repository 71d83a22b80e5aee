"""Dataclasses as plain JSON values and back: exact, and with errors that name the key, what was found and expected."""

import math
import types
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

import numpy as np

from bridge.errors import InvalidPlan


def to_plain(value: Any) -> Any:
    """Dictionaries, lists, strings, numbers, booleans and None; nothing is left out."""
    if is_dataclass(value) and not isinstance(value, type):
        return {item.name: to_plain(getattr(value, item.name)) for item in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): to_plain(value[key]) for key in sorted(value)}
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, (tuple, list)):
        return [to_plain(item) for item in value]
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    raise TypeError(f"a {type(value).__name__} cannot be written as JSON")


def from_plain(kind: Any, value: Any, where: str) -> Any:
    """The value as `kind` (a dataclass, tuple, mapping, Literal, number ...). Raises InvalidPlan that begins with `where`.

    Keys that a dataclass has defaults for may be left out; keys that it does not have are refused.
    """
    if isinstance(kind, TypeVar):
        return _scalar(Any, value, where)
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        options = get_args(kind)
        if value is None and type(None) in options:
            return None
        return from_plain(next(option for option in options if option is not type(None)), value, where)
    if origin is Literal:
        if value not in get_args(kind):
            _refuse(where, value, "one of " + ", ".join(repr(option) for option in get_args(kind)))
        return value
    if origin is np.ndarray:
        return _array(value, where)
    if origin is tuple:
        return _tuple(get_args(kind), value, where)
    if origin is not None and issubclass(origin, Mapping):
        if not isinstance(value, dict):
            _refuse(where, value, "an object { }")
        inner = get_args(kind)[1]
        return {key: from_plain(inner, item, f"{where}.{key}") for key, item in value.items()}
    if is_dataclass(origin or kind):
        return _dataclass(kind, origin or kind, value, where)
    return _scalar(kind, value, where)


def _dataclass(kind: Any, cls: Any, value: Any, where: str) -> Any:
    if not isinstance(value, dict):
        _refuse(where, value, "an object { }")
    hints = _hints(cls)
    arguments = get_args(kind)
    known = {item.name: item for item in fields(cls)}
    for key in value:
        if key not in known:
            raise InvalidPlan(f"{where}: has a key '{key}' that means nothing; expected {', '.join(known)}.")
    values = {}
    for name, item in known.items():
        if name in value:
            hint = arguments[0] if isinstance(hints[name], TypeVar) and arguments else hints[name]
            values[name] = from_plain(hint, value[name], f"{where}.{name}")
        elif item.default is MISSING and item.default_factory is MISSING:
            raise InvalidPlan(f"{where}: has no '{name}'. Add it.")
    return cls(**values)


def _tuple(kinds: tuple[Any, ...], value: Any, where: str) -> tuple[Any, ...]:
    if not isinstance(value, list):
        _refuse(where, value, "a list [ ]")
    if len(kinds) == 2 and kinds[1] is Ellipsis:
        return tuple(from_plain(kinds[0], item, f"{where}[{index}]") for index, item in enumerate(value))
    if len(value) != len(kinds):
        _refuse(where, value, f"{len(kinds)} values")
    return tuple(
        from_plain(kind, item, f"{where}[{i}]") for i, (kind, item) in enumerate(zip(kinds, value, strict=True))
    )


def _array(value: Any, where: str) -> np.ndarray:
    """Points as a read-only array float64 (k, 2)."""
    points = _tuple((tuple[float, float], Ellipsis), value, where)
    array = np.array(points, dtype=np.float64).reshape(-1, 2)
    array.setflags(write=False)
    return array


def _scalar(kind: Any, value: Any, where: str) -> Any:
    if kind is Any:
        if not isinstance(value, (bool, int, float, str)):
            _refuse(where, value, "a word or a number")
        return value
    if kind is float:
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
            _refuse(where, value, "a number")
        return float(value)
    names = {bool: "true or false", int: "a whole number", str: "a text"}
    if kind not in names:
        raise TypeError(f"no reading is defined for {kind}")
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        _refuse(where, value, names[kind])
    return value


def _refuse(where: str, value: Any, expected: str) -> None:
    shown = repr(value)
    raise InvalidPlan(f"{where}: is {shown[:60]}{'...' if len(shown) > 60 else ''}; expected {expected}.")


@cache
def _hints(cls: Any) -> dict[str, Any]:
    return get_type_hints(cls)
