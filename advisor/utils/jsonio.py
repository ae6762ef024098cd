"""JSON as it leaves this project: strict, stable in key order, written atomically.

Non-finite numbers have one form: ``null``. ``clean`` writes it, ``floats`` reads it back as NaN.
"""

import json
import math
import os
from contextlib import suppress
from pathlib import Path
from typing import Any


def clean(value: Any) -> Any:
    """Returns ``value`` with tuples as lists, every non-finite float as ``None``, and lone surrogates as ``?``."""
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, float):
        return finite(value)
    if isinstance(value, dict):
        return {clean(str(key)): clean(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [clean(item) for item in value]
    return value


def dumps(value: Any, indent: int | None = None) -> str:
    """Serialises to strict JSON."""
    return json.dumps(clean(value), indent=indent, ensure_ascii=False, allow_nan=False)


def loads(text: str) -> Any:
    """Reads JSON; NaN and Infinity, which are none, as ``None``.

    Raises:
        ValueError: If it is no JSON, or nested too deeply.
    """
    try:
        return json.loads(text, parse_constant=lambda _: None)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


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
    fsync_folder(path.parent)


def read_text(path: Path, largest: int) -> str:
    """Reads a text file of at most ``largest`` bytes.

    Raises:
        OSError: If it cannot be read.
        ValueError: If it is larger, or not UTF-8.
    """
    with path.open("rb") as file:
        content = file.read(largest + 1)
    if len(content) > largest:
        raise ValueError(f"it is larger than {largest / 2**20:g} MiB")
    return content.decode("utf-8")


def fsync_folder(folder: Path) -> None:
    """Makes new names in a folder outlast a crash of the machine, where the system can do that."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def finite(value: float) -> float | None:
    """The number; None if it is NaN or infinite."""
    return value if math.isfinite(value) else None


def floats(values: Any) -> tuple[float, ...]:
    """Reads a JSON list of numbers back, ``None`` as NaN."""
    return tuple(math.nan if item is None else float(item) for item in values)
