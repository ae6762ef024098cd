"""Evidence as plain JSON and back, complete: what fixtures, and a run that goes on later, are read from."""

import math
import types
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from enum import StrEnum
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from advisor.evidence.evidence import Evidence

_VERSION = 1
_known_hints: dict[type[Any], dict[str, Any]] = {}


def to_json(evidence: Evidence) -> dict[str, Any]:
    """Plain JSON types only; a float that is not finite becomes ``"nan"``, ``"inf"`` or ``"-inf"``."""
    return {"version": _VERSION, "evidence": _encode(evidence)}


def from_json(data: Mapping[str, Any]) -> Evidence:
    """Reads what ``to_json`` wrote. A field that is missing takes its default; an unknown one is passed over.

    Raises:
        ValueError: If it was written in another version of this form.
    """
    if data.get("version") != _VERSION:
        raise ValueError(f"evidence of version {_VERSION} expected, found {data.get('version')!r}")
    evidence = _decode(Evidence, data["evidence"])
    assert isinstance(evidence, Evidence)
    return evidence


def _encode(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {"is": type(value).__name__} | {
            field.name: _encode(getattr(value, field.name)) for field in fields(value)
        }
    if isinstance(value, Mapping):
        return {str(key): _encode(item) for key, item in value.items()}
    if isinstance(value, (tuple, list)):
        return [_encode(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value


def _decode(hint: Any, data: Any) -> Any:
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return _decode_union(inner, data)
    if origin is tuple:
        kinds = (inner[0],) * len(data) if inner[1:] == (...,) else inner
        return tuple(_decode(kind, item) for kind, item in zip(kinds, data, strict=True))
    if origin is not None and _below(origin, Mapping):
        return {key: _decode(inner[1], item) for key, item in data.items()}
    if isinstance(hint, type) and is_dataclass(hint):
        return _decode_dataclass(hint, data)
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return hint(data)
    return float(data) if hint is float else data


def _decode_union(kinds: tuple[Any, ...], data: Any) -> Any:
    if data is None:
        return None
    kinds = tuple(kind for kind in kinds if kind is not type(None))
    if isinstance(data, dict) and "is" in data:
        kinds = tuple(kind for kind in kinds if getattr(kind, "__name__", "") == data["is"])
    return _decode(kinds[0], data)


def _decode_dataclass(cls: type[Any], data: Mapping[str, Any]) -> Any:
    hints = _hints(cls)
    values: dict[str, Any] = {}
    for field in fields(cls):
        if field.name in data:
            values[field.name] = _decode(hints[field.name], data[field.name])
        elif field.default is MISSING and field.default_factory is MISSING:
            raise ValueError(f"{cls.__name__} without {field.name!r}")
    return cls(**values)


def _hints(cls: type[Any]) -> dict[str, Any]:
    """Resolved type hints, looked up once for each class: recordings hold thousands of values."""
    if cls not in _known_hints:
        _known_hints[cls] = get_type_hints(cls)
    return _known_hints[cls]


def _below(origin: Any, parent: type[Any]) -> bool:
    """Whether a generic's origin is a class below ``parent``; ``Literal`` and its like are none."""
    return origin is not Literal and isinstance(origin, type) and issubclass(origin, parent)
