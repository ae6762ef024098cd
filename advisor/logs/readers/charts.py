"""Charts exported as tables: one column per run (W&B), or one series in ``Wall time,Step,Value`` (TensorBoard)."""

from __future__ import annotations

import csv
import re
from array import array
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

from advisor.logs.measures import plain
from advisor.logs.names import axis_kind, part
from advisor.logs.readers.base import from_rows, number, read_hparams
from advisor.logs.readers.text import encoding_of
from advisor.logs.run import Run

_COLUMN = re.compile(r"^(?P<run>.+?) - (?P<measure>.+?)(?:__(?:MIN|MAX))?$")
_TAGGED = re.compile(r"^run-(?P<run>.+?)-tag-(?P<tag>.+)$")
_ONE_SERIES = {"wall_time", "step", "value"}
_LARGEST = 50_000_000


def is_chart(names: list[str]) -> bool:
    """Whether a header is that of an exported chart."""
    return {plain(name) for name in names} == _ONE_SERIES or bool(_measures(names))


def read(file: Path, root: Path, header: tuple[int, str]) -> list[Run]:
    """The runs of an exported chart, one for each column that holds a measure."""
    rows = _rows(file, header[1])
    names = [name.strip() for name in rows[header[0]]]
    cells = {name: array("d", (number(row[i]) if i < len(row) else float("nan") for row in rows[header[0] + 1 :]))
             for i, name in enumerate(names)}  # fmt: skip
    if {plain(name) for name in names} == _ONE_SERIES:
        return [_one_series(file, root, cells)]
    axes = {name: values for name, values in cells.items() if axis_kind(name) in ("step", "epoch")}
    by_run: dict[str, dict[str, array[float]]] = defaultdict(dict)
    for name, (run, measure) in _measures(names).items():
        by_run[run][measure] = cells[name]
    made = []
    for run, series in by_run.items():
        one = from_rows(file, root, "chart", {**axes, **series}, {}, names=names)
        made.append(one.named(run))
    return made


def _rows(file: Path, mark: str) -> list[list[str]]:
    with file.open(encoding=encoding_of(file), errors="replace", newline="") as stream:
        text = stream.read(_LARGEST)
    return [row for row in csv.reader(text.splitlines(), delimiter=mark) if row]


def _measures(names: list[str]) -> dict[str, tuple[str, str]]:
    """Columns with the run and the measure in their names, without minimum and maximum columns."""
    columns = [name for name in names if not name.endswith(("__MIN", "__MAX"))]
    found = {}
    for name in columns:
        match = _COLUMN.match(name)
        if match and part(match["measure"]):
            found[name] = (match["run"], match["measure"])
    all_of_runs = all(name in found or axis_kind(name) for name in columns)
    return found if all_of_runs or any(f"{name}__MIN" in names for name in found) else {}


def _one_series(file: Path, root: Path, cells: dict[str, array[float]]) -> Run:
    tagged = _TAGGED.match(file.stem)
    measure = tagged["tag"] if tagged else file.stem
    if part(measure) is None:
        measure = next((word for word in reversed(file.parent.parts) if part(word) is not None), measure)
    renamed = {(measure if plain(name) == "value" else name): values for name, values in cells.items()}
    run = from_rows(file, root, "chart", renamed, read_hparams(file.parent), names=list(renamed))
    return replace(run, name=tagged["run"]) if tagged else run
