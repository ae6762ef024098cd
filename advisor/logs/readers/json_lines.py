"""JSON lines: one object per line, keys as columns; nested keys are joined with slashes."""

from __future__ import annotations

import json
import math
from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from advisor.fits.smoothing import Floats
from advisor.logs.names import is_read
from advisor.logs.readers.base import Record, Unreadable, flat, from_rows, read_hparams
from advisor.logs.readers.modes import numbers_of, placed
from advisor.logs.readers.numeric_lines import numeric_lines
from advisor.logs.readers.templates import same_lines
from advisor.logs.readers.text import blocks
from advisor.logs.run import Run

_MOST_COLUMNS = 2000
_MOST_CELLS = 200_000_000
_SHOWN = 200
_MOST_SETTINGS = 100
_NOT_FINITE = ("NaN", "nan", "Infinity", "inf", "-Infinity", "-inf")


def read(file: Path, root: Path) -> Run:
    """Reads a file of JSON lines; lines that are not objects (a truncated last one, for example) are left out.

    Raises:
        Unreadable: If no line is an object, or none of its keys is known.
    """
    wrong = 0
    records = Records()
    for block in blocks(file):
        known = numeric_lines(block) or (same_lines(block, named) if records.rows else None)
        if known is not None:
            records.extend(*known)
            continue
        for record in _values([line for line in block.split("\n") if line.strip()]):
            if isinstance(record, dict):
                records.add(record)
            else:
                wrong += 1
    if not records.rows:
        raise Unreadable("JSON objects, one per line", f"{file}: {wrong} line(s), none of them one", "check the file")
    settings = {**read_hparams(file.parent), **records.settings}
    run = from_rows(file, root, "json lines", records.columns(), settings, names=records.names)
    return replace(run, notes=(*run.notes, f"{wrong} line(s) are not JSON objects: left out")) if wrong else run


def _values(lines: list[str]) -> Iterable[Any]:
    """The value of each line, None for invalid JSON; parsed in one call if all are valid, which is faster."""
    try:
        values = json.loads(f"[{','.join(lines)}]")
    except (ValueError, RecursionError):
        return map(_value, lines)
    return values if len(values) == len(lines) else map(_value, lines)


def _value(line: str) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None


def named(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """A record with flat names that include the split."""
    nested = any(type(value) is dict for value in record.values())
    return placed(numbers_of(flat(record) if nested else record))


class Records:
    """Collects records into columns of equal length."""

    def __init__(self, records: Iterable[Mapping[str, Any]] = ()) -> None:
        self.rows = 0
        self.settings: Record = {}
        self.names: list[str] = []
        self._cells: dict[str, array[float]] = {}
        for record in records:
            self.add(record)

    def add(self, record: Mapping[str, Any]) -> None:
        """Appends one row; a logged NaN is stored as infinity, text becomes a setting."""
        for name, value in named(record).items():
            kind = type(value)
            if kind is float or kind is int:
                cells = self._column(name)
                if cells is None:
                    continue
                try:
                    cells.append(value if value == value else math.inf)
                except OverflowError:
                    cells.append(math.inf)
            elif kind is str:
                if value in _NOT_FINITE:
                    cells = self._column(name)
                    if cells is not None:
                        cells.append(math.inf)
                elif self.rows == 0 and len(self.settings) < _MOST_SETTINGS and not name.endswith("/_type"):
                    self.settings[name] = value
        self.rows += 1

    def extend(self, names: Sequence[str], values: Floats) -> None:
        """Appends many rows at once.

        Args:
            names: Keys.
            values: Finite numbers, or infinity, of shape (rows, keys).
        """
        for name, column in zip(names, values.T, strict=True):
            cells = self._column(name)
            if cells is not None:
                cells.frombytes(np.ascontiguousarray(column).tobytes())
        self.rows += len(values)

    def _column(self, name: str) -> array[float] | None:
        """The cells of a key, padded with NaN to the current row; None if the key is not used."""
        cells = self._cells.get(name)
        if cells is None:
            full = len(self._cells) >= _MOST_COLUMNS or self.rows * len(self._cells) > _MOST_CELLS
            if len(self.names) < _SHOWN and name not in self.names:
                self.names.append(name)
            if full or not is_read(name):
                return None
            cells = self._cells[name] = array("d")
        missing = self.rows - len(cells)
        if missing > 0:
            cells.frombytes(_nans(missing))
        return cells

    def columns(self) -> dict[str, array[float]]:
        """The columns, padded with NaN to equal length.

        Raises:
            Unreadable: If the columns are sparse and too large to hold.
        """
        if self.rows * len(self._cells) > _MOST_CELLS:
            found = f"{len(self._cells)} keys in {self.rows} lines"
            raise Unreadable(f"at most {_MOST_CELLS} cells", found, "log fewer keys, or split the file")
        for name in self._cells:
            self._column(name)
        return self._cells


def _nans(count: int) -> bytes:
    return np.full(count, np.nan).tobytes()
