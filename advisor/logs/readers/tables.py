"""CSV and TSV files with one header row, including Lightning's CSVLogger."""

from __future__ import annotations

import csv
import math
import re
import warnings
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain, islice
from pathlib import Path

import numpy as np

from advisor.fits.smoothing import Floats
from advisor.logs.names import is_read
from advisor.logs.readers.base import Unreadable, from_rows, number, read_hparams
from advisor.logs.readers.sniff import DELIMITERS
from advisor.logs.readers.text import blocks
from advisor.logs.run import Run

_MONITOR = "monitor.csv"  # Stable Baselines: columns r, l and t
_MOST_COLUMNS = 2000
_GAP = "-1.23456789e-300"
_MISSING = ("", "none", "null", "na", "n/a", "-", "_")
_LOOKED_AT = 500
_DECIMAL_COMMA = re.compile(r"\s*[-+]?\d+,\d+(?:[eE][-+]?\d+)?\s*")


def read(file: Path, root: Path) -> Run:
    """Reads a table: one header row, one row per step or epoch; non-numeric cells count as missing.

    Raises:
        Unreadable: If there is no header with a known name, or the file is binary.
    """
    table = _Table(file)
    if file.name.lower().endswith(_MONITOR):
        table.renamed = {"r": "episode_return", "l": "episode_length"}
    for block in blocks(file):
        table.add(block)
    table.ended()
    run = from_rows(file, root, "csv", table.cells, read_hparams(file.parent), names=table.names)
    return replace(run, notes=(*run.notes, *table.notes()))


class _Table:
    """A table being read block by block: cells of the used columns."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.names: list[str] = []
        self.renamed: dict[str, str] = {}
        self.cells: dict[str, array[float]] = {}
        self._wanted: list[int] = []
        self._delimiter = ","
        self._bad = 0
        self._twice: list[str] = []
        self._gaps = False  # cells are missing, so they are marked before parsing
        self._odd = False  # cells hold text, so rows are read one by one
        self._places: list[int] = []  # index in a row of each name's cell
        self._moved = ""

    def add(self, block: str) -> None:
        """Reads a block of whole lines."""
        lines = block.split("\n")
        if not self.names:
            at = next((i for i, line in enumerate(lines) if line.strip() and not line.startswith("#")), None)
            if at is None:
                return
            self._header(lines[at])
            lines = lines[at + 1 :]
            self._align(lines)
        if not self._wanted:
            return
        if self._gaps:
            lines = _filled(lines, self._delimiter)
        places = [self._places[i] for i in self._wanted]
        values = None if self._odd else _numbers(lines, self._delimiter, places)
        if values is None and not self._gaps:
            self._gaps = True
            lines = _filled(lines, self._delimiter)
            values = _numbers(lines, self._delimiter, places)
        if values is not None:
            for i, column in zip(self._wanted, values.T, strict=True):
                self.cells[self.names[i]].frombytes(np.ascontiguousarray(column).tobytes())
            return
        self._odd = True
        rows = list(_rows(csv.reader(lines, delimiter=self._delimiter), max(self._places) + 1))
        for i in self._wanted:
            values_of_column, wrong = _parsed([row[self._places[i]] for row in rows])
            self.cells[self.names[i]].extend(values_of_column)
            self._bad += wrong

    def _header(self, line: str) -> None:
        self._delimiter = max(DELIMITERS, key=lambda char: (line.count(char), char == ","))
        csv.field_size_limit(10_000_000)
        self.names = [name.strip() for name in next(csv.reader([line], delimiter=self._delimiter), [])]
        self.names = [self.renamed.get(name, name) for name in self.names]
        if len(self.names) > _MOST_COLUMNS:
            raise Unreadable(f"at most {_MOST_COLUMNS} columns", f"{self.file}: {len(self.names)}", "log fewer")
        if all(math.isfinite(number(name)) for name in self.names):
            found = f"{self.file}: no column names in the first row"
            raise Unreadable("a header row with column names", found, "add one, such as step,train_loss")
        for i, name in enumerate(self.names):
            if is_read(name) and name not in self.cells:
                self.cells[name] = array("d")
                self._wanted.append(i)
            elif name in self.cells:
                self._twice.append(name)

    def _align(self, lines: list[str]) -> None:
        """Matches cells to names if rows have more cells than there are names.

        Raises:
            Unreadable: If the match is ambiguous.
        """
        width = len(self.names)
        self._places = list(range(width))
        rows = [row for row in csv.reader(lines[:_LOOKED_AT], delimiter=self._delimiter) if row]
        wide = [row for row in rows if len([*_trimmed(row)]) > width]
        if not wide or len(wide) < 0.5 * len(rows):
            return
        sizes = {len(row) for row in wide}
        size = max(sizes)
        empty = [i for i in range(size) if all(i < len(row) and not row[i].strip() for row in wide)]
        if len(sizes) == 1 and len(empty) == size - width:
            self._places = [i for i in range(size) if i not in empty]
            self._moved = f"rows have {size} cells under {width} names; cells that are empty in every row were left out"
            return
        counts = [row[0].strip() for row in wide]
        if sizes == {width + 1} and counts == [str(i) for i in range(len(counts))]:
            self._places = list(range(1, width + 1))
            return
        found = f"{self.file}: {size} cells in a row under {width} names, so cells cannot be matched to names"
        raise Unreadable("as many cells in each row as there are names", found, "correct the header or the rows")

    def ended(self) -> None:
        """Raises: Unreadable: If there was no header."""
        if not self.names:
            raise Unreadable("a header row with column names", f"{self.file}: no text in it", "check the file")

    def notes(self) -> Iterator[str]:
        """Yields what was left out."""
        if self._bad:
            yield f"{self._bad} non-numeric cell(s) were left out"
        if self._moved:
            yield self._moved
        if self._twice:
            yield f"column(s) {', '.join(self._twice[:5])} occur more than once; the first of each is read"


def _numbers(lines: list[str], delimiter: str, wanted: list[int]) -> Floats | None:
    """A block of numeric rows, parsed at once; logged NaN as infinity. None if some row is not numeric."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            block = np.loadtxt(lines, delimiter=delimiter, usecols=wanted, comments=None, ndmin=2)
    except (ValueError, UserWarning, IndexError):
        return None
    block[np.isnan(block)] = np.inf
    block[block == float(_GAP)] = np.nan
    return np.asarray(block)


def _filled(lines: list[str], delimiter: str) -> list[str]:
    """Lines with a marker value in each empty cell."""
    twice, between = 2 * delimiter, f"{delimiter}{_GAP}{delimiter}"
    filled = []
    for line in lines:
        if twice in line:
            line = line.replace(twice, between).replace(twice, between)
        if line.startswith(delimiter):
            line = _GAP + line
        filled.append(line + _GAP if line.endswith(delimiter) else line)
    return filled


def _parsed(cells: Sequence[str]) -> tuple[array[float], int]:
    """Cells as numbers (missing ones NaN, logged NaN infinity), and the number of text cells."""
    values, wrong = array("d"), 0
    for cell in cells:
        try:
            value = float(cell)
            values.append(math.inf if math.isnan(value) else math.nan if cell == _GAP else value)
        except ValueError:
            value = _written_otherwise(cell)
            values.append(value)
            wrong += math.isnan(value) and cell.strip().lower() not in _MISSING
    return values, wrong


def _written_otherwise(cell: str) -> float:
    """A number with a decimal comma or a percent sign; NaN for anything else."""
    text, unit = (cell.strip()[:-1], 0.01) if cell.rstrip().endswith("%") else (cell, 1.0)
    if _DECIMAL_COMMA.fullmatch(text):
        text = text.replace(",", ".")
    return unit * number(text)


def _trimmed(row: Sequence[str]) -> Sequence[str]:
    """A row without the empty cells of a trailing delimiter."""
    size = len(row)
    while size and not row[size - 1].strip():
        size -= 1
    return row[:size]


def _rows(rows: Iterator[list[str]], width: int) -> Iterator[list[str]]:
    """Rows of at least the header's width; rows that the CSV reader rejects are left out."""
    padding = [""] * width
    while True:
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error:
            continue
        if row:
            yield row if len(row) >= width else list(islice(chain(row, padding), width))
