"""Tables printed by notebooks, skorch or fastai: a row of names, then rows of numbers."""

from __future__ import annotations

import re
from collections.abc import Sequence

from advisor.logs.names import axis_kind, part
from advisor.logs.readers.base import Record

_RULE = re.compile(r"^[\s\-=+|─━]+$")
_NUMBER = re.compile(r"[-+]?\d[\d,]*\.?\d*(?:[eE][-+]?\d+)?%?|nan|-|None|No log", re.IGNORECASE)
_CELL = re.compile(r"\s*\|\s*|\t+|\s{2,}|\s+(?=[-+]?\d)")
_CLOCK = re.compile(r"\d+:\d\d(:\d\d)?")


class PrintedTable:
    """A printed table, identified by its names; reads the rows that follow."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names = list(names)

    @classmethod
    def of(cls, line: str) -> PrintedTable | None:
        """The table whose header is this line; None if it is not a header."""
        if any(char.isdigit() for char in line.replace("@1", "").replace("f1", "").replace("F1", "")) or ":" in line:
            return None
        names = _cells(line)
        if len(names) == 1:
            names = line.split()
        if len(names) < 2 or not axis_kind(names[0]):
            return None
        return cls(names) if any(part(name) is not None for name in names[1:]) else None

    def row(self, line: str) -> Record | None:
        """The numbers of a row; empty for a ruler; None after the end of the table."""
        if _RULE.match(line):
            return {}
        cells = _cells(line)
        if len(cells) != len(self.names):
            cells = line.replace("|", " ").split()
        if len(cells) < min(len(self.names), 2) or len(cells) > len(self.names) + 2:
            return None
        if not all(_NUMBER.fullmatch(cell) or _CLOCK.fullmatch(cell) or cell in ("+",) for cell in cells):
            return None
        found = {name: _value(cell) for name, cell in zip(self.names, cells, strict=False)}
        return {name: value for name, value in found.items() if value is not None}


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in _CELL.split(line.strip().strip("|")) if cell.strip()]


def _value(cell: str) -> float | None:
    text = cell.replace(",", "")
    try:
        return float(text[:-1]) / 100.0 if text.endswith("%") else float(text)
    except ValueError:
        return None
