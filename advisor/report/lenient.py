"""Reading a report that may lack parts: every helper returns something empty instead of raising."""

import math
from collections.abc import Mapping, Sequence
from typing import Any


def mapping(value: Any) -> dict[str, Any]:
    """``value`` if it is a mapping, else an empty one."""
    return {str(key): item for key, item in value.items()} if isinstance(value, Mapping) else {}


def sequence(value: Any) -> list[Any]:
    """``value`` as a list if it is a list or tuple, else an empty list."""
    return list(value) if isinstance(value, Sequence) and not isinstance(value, (str, bytes)) else []


def mappings(value: Any) -> list[dict[str, Any]]:
    """The mappings in a list, whatever else it holds."""
    return [mapping(item) for item in sequence(value) if isinstance(item, Mapping)]


def finite(value: Any) -> float | None:
    """A finite number, or None."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def column(value: Any) -> list[float]:
    """A list of numbers, NaN where one is missing."""
    return [math.nan if (number := finite(item)) is None else number for item in sequence(value)]


def paired(first: Any, second: Any) -> tuple[list[float], list[float]]:
    """Two columns cut to the shorter one, without the rows whose first entry is missing."""
    rows = [(x, y) for x, y in zip(column(first), column(second), strict=False) if math.isfinite(x)]
    return [x for x, _ in rows], [y for _, y in rows]


def text(value: Any, default: str = "") -> str:
    """A string that is one, or the default."""
    return value if isinstance(value, str) and value.strip() else default
