"""Blocks of JSON lines with identical keys and plain numbers, parsed at once instead of line by line."""

import json
import re
import warnings
from collections.abc import Sequence

import numpy as np

from advisor.fits.smoothing import Floats

_KEY = re.compile(r'"([^"\\]+)"\s*:')
_MOST_KEYS = 100
_MARKS = bytes(range(0x80, 0x80 + _MOST_KEYS))  # one per key: bytes that no ASCII text contains
_IN_NUMBERS = b"0123456789+-.eE \t\r"
_TO_SPACES = bytes.maketrans(b"{},\r" + _MARKS, b" " * (4 + _MOST_KEYS))


def numeric_lines(block: str) -> tuple[Sequence[str], Floats] | None:
    """Keys and an array (lines, keys) of the values; None if a line has another form and must be read separately."""
    keys = _keys(block[: block.find("\n") + 1]) if block.isascii() else None
    if keys is None:
        return None
    text = block.strip().encode("ascii")
    marks = [_MARKS[index : index + 1] for index in range(len(keys))]
    for (written, _), mark in zip(keys, marks, strict=True):
        text = text.replace(written.encode("ascii"), mark)
    lines = text.count(b"\n") + 1
    line = b"{" + b",".join(marks) + b"}"
    if text.translate(None, _IN_NUMBERS) != b"\n".join([line] * lines):
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            values = np.fromstring(text.translate(_TO_SPACES), dtype=np.float64, sep=" ")
        except (DeprecationWarning, ValueError):
            return None
    if values.size != lines * len(keys):
        return None
    return [name for _, name in keys], values.reshape(lines, len(keys))


def _keys(line: str) -> list[tuple[str, str]] | None:
    """Keys of the first line as written (with quotes and colon) and parsed; None if a value is not a plain number."""
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(record, dict) or not 0 < len(record) <= _MOST_KEYS:
        return None
    if any(type(value) not in (int, float) for value in record.values()):
        return None
    found = [(match[0], match[1]) for match in _KEY.finditer(line)]
    return found if [name for _, name in found] == list(record) else None
