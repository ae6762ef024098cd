"""CSV and TSV files with one header row, Lightning's CSVLogger among them."""

from __future__ import annotations

import csv
import math
import warnings
from array import array
from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path
from typing import TextIO

import numpy as np

from advisor.fits.smoothing import Floats
from advisor.read.names import axis_of, part, setting_name
from advisor.read.run import Run
from advisor.read.sources.base import Unreadable, checked, from_rows, number, read_hparams

_DELIMITERS = ",\t;|"
_MOST_COLUMNS = 2000
_CHUNK = 65_536


def read(file: Path, root: Path) -> Run:
    """Reads a table: one header row, one row per step or epoch; cells that are no number count as missing.

    Raises:
        Unreadable: If there is no header with a known name, or nothing but binary data.
    """
    with checked(file).open(encoding="utf-8-sig", errors="replace", newline="") as stream:
        raw, bad = _columns(file, stream)
    run = from_rows(file, root, "csv", raw, read_hparams(file.parent))
    if not bad:
        return run
    from dataclasses import replace

    return replace(run, notes=(*run.notes, f"{bad} cell(s) that are no number were left out"))


def _columns(file: Path, stream: TextIO) -> tuple[dict[str, array[float]], int]:
    head = next((line for line in stream if line.strip() and not line.startswith("#")), "")
    if "\0" in head or "\ufffd" in head[:1000]:
        raise Unreadable("text with a header row", f"{file}: binary data", "name a CSV file")
    delimiter = max(_DELIMITERS, key=lambda char: (head.count(char), char == ","))
    csv.field_size_limit(10_000_000)
    names = [name.strip() for name in next(csv.reader([head], delimiter=delimiter), [])]
    if not names or len(names) > _MOST_COLUMNS or all(math.isfinite(number(name)) for name in names):
        found = "no column names in the first row" if names else "no header"
        raise Unreadable("a header row with column names", f"{file}: {found}", "add one, such as step,train_loss")
    axes = axis_of(names)
    wanted = [i for i, name in enumerate(names) if name in axes or part(name) or _is_setting(name)]
    raw = {names[i]: array("d") for i in wanted}
    if not wanted:
        return raw, 0
    bad = 0
    fast = 0
    while lines := list(islice(stream, _CHUNK)):
        numbers = _numbers(lines, delimiter, wanted) if fast >= 0 else None
        if numbers is not None:
            for place, i in enumerate(wanted):
                raw[names[i]].frombytes(np.ascontiguousarray(numbers[:, place]).tobytes())
            continue
        fast -= 1
        chunk = list(_rows(csv.reader(lines, delimiter=delimiter), len(names)))
        for i in wanted:
            cells = [row[i] for row in chunk]
            try:
                values = array("d", map(float, cells))
            except ValueError:
                values, wrong = _mended(cells)
                bad += wrong
            else:
                if any(map(math.isnan, values)):
                    values = array("d", (math.inf if math.isnan(value) else value for value in values))
            raw[names[i]].extend(values)
    return raw, bad


def _numbers(lines: list[str], delimiter: str, wanted: list[int]) -> Floats | None:
    """A block of rows without missing cells, read at once; NaN that was logged as infinity. None if it is not so."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            block = np.loadtxt(lines, delimiter=delimiter, usecols=wanted, comments=None, ndmin=2)
    except (ValueError, UserWarning, IndexError):
        return None
    block[np.isnan(block)] = np.inf
    return np.asarray(block)


def _mended(cells: list[str]) -> tuple[array[float], int]:
    """Missing cells as NaN, NaN that was logged as infinity; and how many cells were text."""
    values, wrong = array("d"), 0
    for cell in cells:
        try:
            value = float(cell)
            values.append(math.inf if math.isnan(value) else value)
        except ValueError:
            values.append(math.nan)
            wrong += cell.strip().lower() not in ("", "none", "null", "na", "n/a", "-")
    return values, wrong


def _rows(rows: Iterator[list[str]], width: int) -> Iterator[list[str]]:
    """Rows of at least the header's width; a row that the reader rejects is left out."""
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


def _is_setting(name: str) -> bool:
    return setting_name(name) in ("weight_decay", "batch_size", "momentum", "lr", "base_lr")
