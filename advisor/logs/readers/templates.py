"""Blocks of JSON lines that differ only in their numbers, nested or with text in them, parsed at once."""

import json
import re
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from advisor.fits.smoothing import Floats

_NUMBER = re.compile(r"(?<=:)( ?)-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?(?=\s*[,}])")
_VALUE = re.compile(r": ?(-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)(?=\s*[,}])")
Named = Callable[[Mapping[str, Any]], Mapping[str, Any]]


def same_lines(block: str, named: Named) -> tuple[Sequence[str], Floats] | None:
    """Names and an array (lines, names) of the numbers; None if a line has another form and must be read separately.

    Args:
        block: Whole lines.
        named: Converts a record to flat names, as when it is read separately.
    """
    text = block.strip("\n")
    first = text[: text.find("\n")] if "\n" in text else text
    places = _places(first, named)
    if places is None:
        return None
    lines = text.count("\n") + 1
    count = len(_VALUE.findall(first))
    if _NUMBER.sub(r"\1#", text) != "\n".join([_NUMBER.sub(r"\1#", first)] * lines):
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            values = np.fromstring(" ".join(_VALUE.findall(text)), dtype=np.float64, sep=" ")
        except (DeprecationWarning, ValueError):
            return None
    if values.size != lines * count:
        return None
    table = values.reshape(lines, count)
    return list(places), table[:, list(places.values())]


def _places(line: str, named: Named) -> dict[str, int] | None:
    """Index of the number behind each name; None if the numbers cannot be told apart."""
    marks = iter(range(10**6))
    try:
        record = json.loads(_NUMBER.sub(lambda found: f"{found[1]}{next(marks)}.5", line))
    except (ValueError, RecursionError):
        return None
    total = next(marks)
    if not isinstance(record, dict) or not 0 < total <= 200:
        return None
    found = {name: value for name, value in named(record).items() if type(value) in (int, float)}
    places = {name: int(value) for name, value in found.items() if type(value) is float and value % 1.0 == 0.5}
    return places if len(places) == len(found) and len(set(places.values())) == len(places) else None
