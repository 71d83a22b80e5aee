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

Hook = Callable[[Any], Any]
Hooks = Mapping[Any, Hook]
Decoder = Callable[[Any], Any]

COLUMNS: dict[tuple[str, str], int] = {
    ("Placements", "poses"): 7, ("Placements", "scale"): 3, ("Part", "outline"): 2, ("Building", "footprint"): 2,
    ("Water", "polygon"): 2, ("Water", "holes"): 2, ("Street", "centreline"): 3, ("RoadNetwork", "junctions"): 3,
    ("Lights", "positions"): 3, ("Lights", "colors"): 3,
}  # fmt: skip
"""Arrays that are tables, with their number of columns; all other inline arrays have one dimension."""


class Complaint(Exception):
    """What is wrong with a value, as the rest of a sentence that its place begins.

    Raised without a place, which costs nothing as long as all is well; on its way out each container puts its part ahead.
    """

    def __init__(self, text: str, place: str = "") -> None:
        super().__init__(text)
        self.text, self.place = text, place

    def at(self, place: str) -> "Complaint":
        """The same complaint, one container further out."""
        self.place = place + self.place
        return self


def encode(value: Any, place: str, hooks: Hooks) -> Any:
    """The JSON value of a record; InvalidScene where a number is not finite or a type has no JSON form."""
    try:
        return _encoded(value, hooks)
    except Complaint as error:
        raise InvalidScene(f"{place}{error.place} {error.text}") from None


def decode(hint: Any, value: Any, place: str, hooks: Hooks) -> Any:
    """The record that a JSON value stands for; InvalidInput where it is not of the hinted form."""
    try:
        return decoder(hint, hooks)(value)
    except Complaint as error:
        raise InvalidInput(f"{place}{error.place} {error.text}") from None


def check_dtypes(record: Any) -> None:
    """Complains where an array of the record is not of the type its annotation says."""
    for name, dtype in _dtypes(type(record)).items():
        content = getattr(record, name)
        for array in content if isinstance(content, tuple) else (content,):
            if array is not None and getattr(array, "dtype", None) != dtype:
                found = getattr(array, "dtype", type(array).__name__)
                raise Complaint(f"is {found}; expected an array of {dtype}.", f".{name}")


# ---- to JSON values


def _encoded(value: Any, hooks: Hooks) -> Any:
    kind = type(value)
    if kind is str or value is None or kind is bool or kind is int:
        return value
    if kind is float or isinstance(value, np.floating):
        if not math.isfinite(value):
            raise Complaint(f"is {value}. It must be a real number.")
        return float(value)
    hook = hooks.get(kind)
    if hook is not None:
        return hook(value)
    if kind is tuple or kind is list:
        return _encoded_items(value, hooks)
    if kind is np.ndarray:
        if value.dtype.kind == "f" and not np.isfinite(value).all():
            raise Complaint("holds a number that is not finite. Every coordinate must be a real number.")
        return value.tolist()
    if is_dataclass(kind):
        check_dtypes(value)
        return {name: _encoded_entry(value, kind, name, hooks) for name in _names(kind)}
    if isinstance(value, Mapping):
        entries = {}
        for key, item in value.items():
            try:
                entries[key] = _encoded(item, hooks)
            except Complaint as error:
                raise error.at(f".{key}") from None
        return entries
    if isinstance(value, (int, str)):
        return value
    raise Complaint(f"is a {kind.__name__}, which has no JSON form.")


def _encoded_entry(record: Any, kind: type, name: str, hooks: Hooks) -> Any:
    content, hook = getattr(record, name), hooks.get((kind, name))
    try:
        return hook(content) if hook is not None else _encoded(content, hooks)
    except Complaint as error:
        raise error.at(f".{name}") from None


def _encoded_items(items: Any, hooks: Hooks) -> list[Any]:
    kinds = set(map(type, items))
    if kinds <= {str, int} or (kinds == {float} and all(map(math.isfinite, items))):
        return list(items)
    made = []
    try:
        for item in items:
            made.append(_encoded(item, hooks))
    except Complaint as error:
        raise error.at(f"[{len(made)}]") from None
    return made


@lru_cache(maxsize=64)
def _names(cls: type) -> tuple[str, ...]:
    return tuple(item.name for item in fields(cls))


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


# ---- from JSON values: hints are taken apart once, not for each value


def decoder(hint: Any, hooks: Hooks, *, columns: int = 0) -> Decoder:
    """What makes records of JSON values of one form; it raises `Complaint`."""
    hook = hooks.get(hint)
    if hook is not None:
        return hook
    origin, args = get_origin(hint), get_args(hint)
    if is_dataclass(hint):
        return _record(hint, hooks)
    if origin is np.ndarray:
        dtype = np.dtype(get_args(args[1])[0])
        return lambda value: _array(dtype, value, columns)
    if origin in (Union, UnionType):
        (inner,) = (decoder(arg, hooks, columns=columns) for arg in args if arg is not NoneType)
        return (lambda value: None if value is None else inner(value)) if NoneType in args else inner
    if origin is tuple:
        return _tuple(args, hooks, columns)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return _mapping(decoder(args[1], hooks))
    if origin is Literal:
        return lambda value: _one_of(args, value)
    return lambda value: _scalar(hint, value)


def _record(cls: Any, hooks: Hooks) -> Decoder:
    hints, needed, made_by = _hints(cls), [], {}
    for item in fields(cls):
        columns = COLUMNS.get((cls.__name__, item.name), 0)
        made_by[item.name] = hooks.get((cls, item.name)) or decoder(hints[item.name], hooks, columns=columns)
        if item.default is MISSING and item.default_factory is MISSING:
            needed.append(item.name)

    def made(value: Any) -> Any:
        entries, content, name = _expect(dict, value, "an object"), {}, ""
        try:
            for name, entry in entries.items():
                content[name] = made_by[name](entry)
        except Complaint as error:
            raise error.at(f".{name}") from None
        except KeyError:
            if name in made_by:
                raise
            text = f"has a field '{str(name)[:60]}' that a {cls.__name__} does not have."
            raise Complaint(text) from None
        for name in needed:
            if name not in content:
                raise Complaint("is missing.", f".{name}")
        return cls(**content)

    return made


def _mapping(inner: Decoder) -> Decoder:
    def made(value: Any) -> dict[str, Any]:
        entries, key = {}, ""
        try:
            for key, item in _expect(dict, value, "an object").items():
                entries[key] = inner(item)
        except Complaint as error:
            raise error.at(f".{key}" if key else "") from None
        return entries

    return made


def _tuple(args: tuple[Any, ...], hooks: Hooks, columns: int) -> Decoder:
    each = None if args[-1] is Ellipsis else [decoder(arg, hooks) for arg in args]
    every = decoder(args[0], hooks, columns=columns)
    kind = args[0] if len(set(args) - {Ellipsis}) == 1 else None
    plain = {kind} if kind in (str, float) else None

    def made(value: Any) -> tuple[Any, ...]:
        items = _expect(list, value, "a list")
        if each is not None and len(items) != len(each):
            raise Complaint(f"has {len(items)} entries; expected {len(each)}.")
        if plain is not None and set(map(type, items)) <= plain and (kind is str or all(map(math.isfinite, items))):
            return tuple(items)
        content = []
        try:
            for item in items:
                content.append(every(item) if each is None else each[len(content)](item))
        except Complaint as error:
            raise error.at(f"[{len(content)}]") from None
        return tuple(content)

    return made


def _array(dtype: np.dtype, value: Any, columns: int) -> np.ndarray:
    rows = _expect(list, value, "a list of numbers")
    shape = (len(rows), columns) if columns else (len(rows),)
    try:
        array = np.array(rows, dtype=np.float64 if dtype.kind == "f" else np.int64).reshape(shape)
    except (ValueError, TypeError, OverflowError) as error:
        form = f"rows of {columns} numbers" if columns else "plain numbers"
        raise Complaint(f"does not hold {form}.") from error
    if dtype.kind == "f" and not np.isfinite(array).all():
        raise Complaint("holds a number that is not finite.")
    array = array.astype(dtype, copy=False)
    array.setflags(write=False)
    return array


def _one_of(args: tuple[Any, ...], value: Any) -> Any:
    if value not in args:
        raise Complaint(f"is {_shown(value)}; expected one of {', '.join(map(str, args))}.")
    return value


def _scalar(hint: Any, value: Any) -> Any:
    kind = type(value)
    if hint is float and (kind is float or kind is int):
        if not _is_real(value):
            raise Complaint(f"is {_shown(value)}; expected a real number.")
        return value
    if kind is hint and hint in (int, str, bool):
        return value
    names = {float: "a number", int: "a whole number", str: "text", bool: "true or false"}
    raise Complaint(f"is {_shown(value)}; expected {names.get(hint, hint)}.")


def _is_real(number: float) -> bool:
    try:
        return math.isfinite(number)
    except OverflowError:  # a whole number beyond what real numbers reach
        return False


def _expect(kind: type, value: Any, name: str) -> Any:
    if not isinstance(value, kind):
        raise Complaint(f"is {_shown(value)}; expected {name}.")
    return value


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
