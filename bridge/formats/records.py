"""Frozen dataclasses to JSON values and back, by their type hints: exact, and every complaint names its place.

Numbers keep every bit (Python writes the shortest decimals that read back the same). Arrays become nested lists. A
`hook` for a class, or for one field as (class, name), takes over, so that big arrays can live elsewhere.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from functools import lru_cache
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import numpy as np

from bridge.errors import InvalidInput, InvalidScene

Hook = Callable[[Any, str], Any]
Hooks = Mapping[Any, Hook]

COLUMNS: dict[tuple[str, str], int] = {
    ("Placements", "poses"): 7, ("Placements", "scale"): 3, ("Part", "outline"): 2, ("Building", "footprint"): 2,
    ("Water", "polygon"): 2, ("Water", "holes"): 2, ("Street", "centreline"): 3, ("RoadNetwork", "junctions"): 3,
    ("Lights", "positions"): 3, ("Lights", "colors"): 3,
}  # fmt: skip
"""Arrays that are tables, with their number of columns; all other inline arrays have one dimension."""


def encode(value: Any, place: str, hooks: Hooks) -> Any:
    """The JSON value of a record; InvalidScene where a number is not finite or a type has no JSON form."""
    kind = type(value)
    if value is None or kind is bool or kind is int or kind is str:
        return value
    if kind is float or isinstance(value, np.floating):
        if not math.isfinite(value):
            raise InvalidScene(f"{place} is {value}. It must be a real number.")
        return float(value)
    hook = hooks.get(kind)
    if hook is not None:
        return hook(value, place)
    if kind is tuple or kind is list:
        return [encode(item, f"{place}[{index}]", hooks) for index, item in enumerate(value)]
    if kind is np.ndarray:
        if value.dtype.kind == "f" and not np.isfinite(value).all():
            raise InvalidScene(f"{place} holds a number that is not finite. Every coordinate must be a real number.")
        return value.tolist()
    if is_dataclass(kind):
        check_dtypes(value, place)
        encoded = {}
        for item in fields(kind):
            hook = hooks.get((kind, item.name))
            content, where = getattr(value, item.name), f"{place}.{item.name}"
            encoded[item.name] = hook(content, where) if hook is not None else encode(content, where, hooks)
        return encoded
    if isinstance(value, Mapping):
        return {key: encode(item, f"{place}.{key}", hooks) for key, item in value.items()}
    if isinstance(value, (int, str)):
        return value
    raise InvalidScene(f"{place} is a {kind.__name__}, which has no JSON form.")


def check_dtypes(record: Any, place: str) -> None:
    """Raises InvalidScene where an array of the record is not of the type its annotation says."""
    for name, dtype in _dtypes(type(record)).items():
        content = getattr(record, name)
        for array in content if isinstance(content, tuple) else (content,):
            if array is not None and getattr(array, "dtype", None) != dtype:
                found = getattr(array, "dtype", type(array).__name__)
                raise InvalidScene(f"{place}.{name} is {found}; expected an array of {dtype}.")


def decode(hint: Any, value: Any, place: str, hooks: Hooks, *, columns: int = 0) -> Any:
    """The record that a JSON value stands for; InvalidInput where it is not of the hinted form."""
    hook = hooks.get(hint)
    if hook is not None:
        return hook(value, place)
    origin, args = get_origin(hint), get_args(hint)
    if is_dataclass(hint):
        return _record(hint, value, place, hooks)
    if origin is np.ndarray:
        return _array(np.dtype(get_args(args[1])[0]), value, place, columns)
    if origin in (Union, UnionType):
        if value is None and NoneType in args:
            return None
        (inner,) = (arg for arg in args if arg is not NoneType)
        return decode(inner, value, place, hooks, columns=columns)
    if origin is tuple:
        return _tuple(args, value, place, hooks, columns)
    if origin is not None and _is_mapping(origin):
        entries = _expect(dict, value, place, "an object")
        return {key: decode(args[1], item, f"{place}.{key}", hooks) for key, item in entries.items()}
    if origin is Literal:
        if value not in args:
            raise InvalidInput(f"{place} is {_shown(value)}; expected one of {', '.join(map(str, args))}.")
        return value
    return _scalar(hint, value, place)


def _is_mapping(origin: Any) -> bool:
    """Whether a hint's origin is a mapping type."""
    return isinstance(origin, type) and issubclass(origin, Mapping)


@lru_cache(maxsize=64)
def _hints(cls: type) -> dict[str, Any]:
    return get_type_hints(cls)


@lru_cache(maxsize=64)
def _dtypes(cls: type) -> dict[str, np.dtype]:
    found = {name: _array_dtype(hint) for name, hint in _hints(cls).items()}
    return {name: dtype for name, dtype in found.items() if dtype is not None}


def _array_dtype(hint: Any) -> np.dtype | None:
    if get_origin(hint) is np.ndarray:
        return np.dtype(get_args(get_args(hint)[1])[0])
    inner = [_array_dtype(arg) for arg in get_args(hint) if get_origin(hint) in (tuple, Union, UnionType)]
    return next((dtype for dtype in inner if dtype is not None), None)


def _record(cls: Any, value: Any, place: str, hooks: Hooks) -> Any:
    entries = _expect(dict, value, place, "an object")
    hints, content = _hints(cls), {}
    unknown = sorted(set(entries) - {item.name for item in fields(cls)})
    if unknown:
        raise InvalidInput(f"{place} has a field '{unknown[0][:60]}' that a {cls.__name__} does not have.")
    for item in fields(cls):
        where = f"{place}.{item.name}"
        if item.name not in entries:
            if item.default is MISSING and item.default_factory is MISSING:
                raise InvalidInput(f"{where} is missing.")
            continue
        hook = hooks.get((cls, item.name))
        found = entries[item.name]
        columns = COLUMNS.get((cls.__name__, item.name), 0)
        content[item.name] = (
            hook(found, where) if hook else decode(hints[item.name], found, where, hooks, columns=columns)
        )
    return cls(**content)


def _tuple(args: tuple[Any, ...], value: Any, place: str, hooks: Hooks, columns: int) -> tuple[Any, ...]:
    items = _expect(list, value, place, "a list")
    if args[-1] is Ellipsis:
        return tuple(decode(args[0], item, f"{place}[{i}]", hooks, columns=columns) for i, item in enumerate(items))
    if len(items) != len(args):
        raise InvalidInput(f"{place} has {len(items)} entries; expected {len(args)}.")
    return tuple(decode(arg, item, f"{place}[{i}]", hooks) for i, (arg, item) in enumerate(zip(args, items)))


def _array(dtype: np.dtype, value: Any, place: str, columns: int) -> np.ndarray:
    rows = _expect(list, value, place, "a list of numbers")
    shape = (len(rows), columns) if columns else (len(rows),)
    try:
        array = np.array(rows, dtype=np.float64 if dtype.kind == "f" else np.int64).reshape(shape)
    except (ValueError, TypeError, OverflowError) as error:
        form = f"rows of {columns} numbers" if columns else "plain numbers"
        raise InvalidInput(f"{place} does not hold {form}.") from error
    if dtype.kind == "f" and not np.isfinite(array).all():
        raise InvalidInput(f"{place} holds a number that is not finite.")
    array = array.astype(dtype)
    array.setflags(write=False)
    return array


def _scalar(hint: Any, value: Any, place: str) -> Any:
    if hint is float and isinstance(value, (int, float)) and not isinstance(value, bool):
        if not math.isfinite(value):
            raise InvalidInput(f"{place} is {value}; expected a real number.")
        return value
    if hint in (int, str, bool) and type(value) is hint:
        return value
    names = {float: "a number", int: "a whole number", str: "text", bool: "true or false"}
    raise InvalidInput(f"{place} is {_shown(value)}; expected {names.get(hint, hint)}.")


def _expect(kind: type, value: Any, place: str, name: str) -> Any:
    if not isinstance(value, kind):
        raise InvalidInput(f"{place} is {_shown(value)}; expected {name}.")
    return value


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
