"""JSON as it leaves this project: strict (no NaN), stable in key order, written atomically."""

import json
import math
import os
from pathlib import Path
from typing import Any


def clean(value: Any) -> Any:
    """Returns ``value`` with tuples as lists and every non-finite float as ``None``."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {str(key): clean(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [clean(item) for item in value]
    return value


def dumps(value: Any, indent: int | None = None) -> str:
    """Serialises to strict JSON."""
    return json.dumps(clean(value), indent=indent, ensure_ascii=False, allow_nan=False)


def write_atomic(path: Path, text: str) -> None:
    """Writes a whole file or nothing: temporary file beside it, fsync, rename."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def floats(values: Any) -> tuple[float, ...]:
    """Reads a JSON list of numbers back, ``None`` as NaN."""
    return tuple(math.nan if item is None else float(item) for item in values)
