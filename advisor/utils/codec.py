"""Dataclasses to plain JSON and back, for messages between processes and for the files of a run.

Every dataclass is an object with its class name under ``is``. A float that is not finite is ``"nan"``, ``"inf"`` or
``"-inf"``, so that the text is strict JSON and nothing is lost. Reading follows the type hints and checks them;
``null`` is read as NaN where a float is expected, as earlier versions wrote it. Only report.json, which others read,
has ``null`` for all three (``advisor.utils.jsonio.clean``).
"""

import json
import math
import types
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import MISSING, fields, is_dataclass
from enum import Enum
from functools import cache
from pathlib import PurePath
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

_T = TypeVar("_T")
_CLASS = "is"
_NOT_FINITE = ("nan", "inf", "-inf")
_PLAIN = (int, str, bool, type(None))


def encode(value: Any) -> Any:
    """Converts a value to plain JSON types; equal values give equal JSON."""
    if type(value) in _PLAIN:
        return value
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else str(float(value))
    if isinstance(value, Enum):
        return value.value
    if is_dataclass(value) and not isinstance(value, type):
        found = {field.name: encode(getattr(value, field.name)) for field in fields(value)}
        return {_CLASS: type(value).__name__, **found}
    if isinstance(value, Mapping):
        return {str(key): encode(item) for key, item in value.items()}
    if isinstance(value, (tuple, list)):  # Mostly the columns of a trace, with thousands of numbers.
        return [item if type(item) is float and math.isfinite(item) else encode(item) for item in value]
    return str(value) if isinstance(value, PurePath) else value


def to_text(value: Any) -> str:
    """Strict JSON on one line.

    Raises:
        TypeError: If the value has no JSON form.
    """
    return json.dumps(encode(value), ensure_ascii=False, allow_nan=False)


def decode(cls: type[_T], data: Any) -> _T:
    """Reads the output of ``encode``.

    A field that is missing takes its default; an unknown one is ignored, so that a file of a later version can be read.

    Args:
        cls: A dataclass, or another type hint.
        data: Plain JSON types.

    Raises:
        ValueError: If the data do not match the type; the message names the field.
    """
    found: _T = _decode(cls, data)
    return found


def from_text(cls: type[_T], text: str | bytes) -> _T:
    """Reads the output of ``to_text``.

    Raises:
        ValueError: If the text is not JSON or does not match the type.
    """
    return decode(cls, json.loads(text))


def _decode(hint: Any, data: Any) -> Any:
    if hint is Any:
        return data
    if hint is float:
        return _float(data)
    if isinstance(hint, type) and is_dataclass(hint):
        return _decode_dataclass(hint, data)
    origin, inner = _parts(hint)
    if origin is None:
        return _plain(hint, data)
    if origin in (Union, types.UnionType):
        return _decode_union(inner, data)
    if origin is Literal:
        return _checked(data in inner, data, f"one of {', '.join(map(repr, inner))}")
    if origin is tuple:
        return _decode_tuple(inner, data)
    if issubclass(origin, Mapping):
        _checked(isinstance(data, dict), data, "an object")
        return {key: _decode(inner[1], item) for key, item in data.items()}
    raise TypeError(f"{hint} has no JSON form")


@cache
def _parts(hint: Any) -> tuple[Any, tuple[Any, ...]]:
    return get_origin(hint), get_args(hint)


@cache
def _hints(cls: Any) -> dict[str, Any]:
    return get_type_hints(cls)


def _decode_tuple(inner: tuple[Any, ...], data: Any) -> tuple[Any, ...]:
    _checked(isinstance(data, list), data, "a list")
    if inner[1:] != (...,):
        _checked(len(data) == len(inner), data, f"a list of {len(inner)}")
        return tuple(_decode(kind, item) for kind, item in zip(inner, data, strict=True))
    if inner[0] is float:
        return tuple(item if type(item) is float and math.isfinite(item) else _float(item) for item in data)
    if inner[0] is int and all(type(item) is int for item in data):
        return tuple(data)
    return tuple(_decode(inner[0], item) for item in data)


def _decode_union(kinds: tuple[Any, ...], data: Any) -> Any:
    if data is None and type(None) in kinds:
        return None
    kinds = tuple(kind for kind in kinds if kind is not type(None))
    if isinstance(data, dict) and _CLASS in data:
        kinds = tuple(kind for kind in kinds if getattr(kind, "__name__", "") == data[_CLASS]) or kinds[:1]
    if len(kinds) == 1:
        return _decode(kinds[0], data)
    for kind in kinds:
        try:
            return _decode(kind, data)
        except ValueError:
            continue
    raise ValueError(f"{data!r:.80} is not one of {', '.join(getattr(kind, '__name__', str(kind)) for kind in kinds)}")


def _decode_dataclass(cls: Any, data: Any) -> Any:
    _checked(isinstance(data, dict), data, f"a {cls.__name__}")
    hints = _hints(cls)
    values: dict[str, Any] = {}
    for field in fields(cls):
        if field.name in data:
            try:
                values[field.name] = _decode(hints[field.name], data[field.name])
            except ValueError as error:
                raise ValueError(f"{cls.__name__}.{field.name}: {error}") from None
        elif field.default is MISSING and field.default_factory is MISSING:
            raise ValueError(f"{cls.__name__} without {field.name!r}")
    return cls(**values)


def _plain(hint: Any, data: Any) -> Any:
    if hint is int:
        return _checked(isinstance(data, int) and not isinstance(data, bool), data, "a whole number")
    if hint in (str, bool, type(None)):
        return _checked(isinstance(data, hint), data, {str: "text", bool: "true or false"}.get(hint, "null"))
    if hint is object:
        return data
    if isinstance(hint, type) and issubclass(hint, (Enum, PurePath)):
        return hint(data)
    raise TypeError(f"{hint} has no JSON form")


def _float(data: Any) -> float:
    if data is None:
        return math.nan
    if (isinstance(data, (int, float)) and not isinstance(data, bool)) or data in _NOT_FINITE:
        with suppress(OverflowError):
            value = float(data)
            return math.nan if math.isnan(value) else value  # The same NaN object, so that equal columns compare equal.
    raise ValueError(f"expected a number, found {data!r:.80}")


def _checked(right: bool, data: Any, wanted: str) -> Any:
    if not right:
        raise ValueError(f"expected {wanted}, found {data!r:.80}")
    return data
