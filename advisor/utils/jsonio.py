"""JSON files: strict, with a stable key order, written atomically.

Non-finite numbers are written as ``null`` (``clean``) and read back as NaN (``floats``).
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
    """Parses JSON; the non-standard tokens NaN and Infinity become ``None``.

    Raises:
        ValueError: If the text is not JSON or is nested too deeply.
    """
    try:
        return json.loads(text, parse_constant=lambda _: None)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def write_atomic(path: Path, text: str) -> None:
    """Writes the whole file or nothing: a temporary file in the same folder, fsync, rename."""
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
        ValueError: If it is larger than ``largest`` or not UTF-8.
    """
    with path.open("rb") as file:
        content = file.read(largest + 1)
    if len(content) > largest:
        raise ValueError(f"it is larger than {largest / 2**20:g} MiB")
    return content.decode("utf-8")


def fsync_folder(folder: Path) -> None:
    """Makes new file names in a folder survive a crash, on systems that can sync a folder."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def finite(value: float) -> float | None:
    """Returns the number, or None if it is NaN or infinite."""
    return value if math.isfinite(value) else None


def floats(values: Any) -> tuple[float, ...]:
    """Converts a JSON list of numbers to floats, ``None`` to NaN."""
    return tuple(math.nan if item is None else float(item) for item in values)
