"""JSON lines: one object a line, keys as columns; nested keys are joined with slashes."""

from __future__ import annotations

import json
import math
from array import array
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from advisor.read.run import Run
from advisor.read.sources.base import Unreadable, checked, flat, from_rows, read_hparams

_MOST_COLUMNS = 2000


def read(file: Path, root: Path) -> Run:
    """Reads a file of JSON lines; lines that are no object (a cut last one, say) are left out.

    Raises:
        Unreadable: If no line is an object, or none of its keys is known.
    """
    from dataclasses import replace

    wrong = 0
    records = Records()
    with checked(file).open(encoding="utf-8", errors="replace") as stream:
        for line in stream:
            if not line.strip():
                continue
            try:
                record = json.loads(line)
            except (ValueError, RecursionError):
                wrong += 1
                continue
            if isinstance(record, dict):
                records.add(record)
            else:
                wrong += 1
    if not records.rows:
        raise Unreadable("JSON objects, one a line", f"{file}: {wrong} line(s), none of them one", "check the file")
    run = from_rows(file, root, "json lines", records.columns(), {**read_hparams(file.parent), **records.settings})
    return replace(run, notes=(*run.notes, f"{wrong} line(s) that are no JSON object left out")) if wrong else run


class Records:
    """Collects mappings into columns of equal length."""

    def __init__(self, records: Iterable[Mapping[str, Any]] = ()) -> None:
        self.rows = 0
        self.settings: dict[str, Any] = {}
        self._cells: dict[str, array[float]] = {}
        for record in records:
            self.add(record)

    def add(self, record: Mapping[str, Any]) -> None:
        """Appends one row; a logged NaN is kept as infinity, text becomes a setting."""
        nested = any(isinstance(value, dict) for value in record.values())
        for name, value in (flat(record) if nested else record).items():
            kind = type(value)
            if kind is float or kind is int:
                cells = self._cells.get(name)
                if cells is None:
                    if len(self._cells) >= _MOST_COLUMNS:
                        continue
                    cells = self._cells[name] = array("d")
                if len(cells) < self.rows:
                    cells.extend([math.nan] * (self.rows - len(cells)))
                try:
                    cells.append(value if value == value else math.inf)
                except OverflowError:
                    cells.append(math.inf)
            elif kind is str:
                if value in ("NaN", "nan", "Infinity", "inf", "-Infinity", "-inf"):
                    cells = self._cells.setdefault(name, array("d"))
                    cells.extend([math.nan] * (self.rows - len(cells)))
                    cells.append(math.inf)
                elif self.rows == 0 and len(self.settings) < 100:
                    self.settings[name] = value
        self.rows += 1

    def columns(self) -> dict[str, array[float]]:
        """The columns, filled up with NaN to the same length."""
        for cells in self._cells.values():
            cells.extend([math.nan] * (self.rows - len(cells)))
        return self._cells
