"""Shared by all readers: errors, names, and assembling a run from raw arrays."""

from __future__ import annotations

import math
from array import array
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from advisor.errors import AdvisorError
from advisor.logs.measures import plain
from advisor.logs.names import AS_COLUMNS, SEEDS, part, setting_name
from advisor.logs.paradigm import paradigm_of
from advisor.logs.readers.axes import filled, known, positions
from advisor.logs.readers.unmeasured import without_unmeasured
from advisor.logs.run import Column, Run, Value, column

Record = dict[str, Any]
"""Logged values of one row by name: numbers, text, lists, nested records."""

_VAGUE = (
    "metrics",
    "log",
    "logs",
    "history",
    "trainer_state",
    "train",
    "training",
    "progress",
    "results",
    "events",
    "train_log",
    "training_log",
    "trainer_log",
    "scalars",
    "loss",
    "training_history",
    "stdout",
    "nohup",
)


_ENDLESS = 1e7  # epochs from which on the number is a placeholder for a limit in steps


class Unreadable(AdvisorError):
    """A log without readable content; the message names the file."""


def run_name(source: Path, root: Path) -> str:
    """The path below the given root; file names that every run has are replaced by their folders."""
    try:
        relative = source.relative_to(root)
    except ValueError:
        relative = Path(source.name)
    name = str(relative.with_suffix("")) if source.is_file() else str(relative)
    parts = [item for item in Path(name).parts if item not in (".", "")]
    if source.is_file() and source.stem.lower() in _VAGUE:
        parts = parts[:-1] or [source.resolve().parent.name]
    return "/".join(parts) or source.resolve().name


def number(cell: Any) -> float:
    """A cell as a number; NaN for text, None and nested values."""
    if isinstance(cell, bool) or cell is None:
        return math.nan
    try:
        return float(cell)
    except (TypeError, ValueError, OverflowError):
        return math.nan


def from_rows(
    source: Path,
    root: Path,
    kind: str,
    raw: Mapping[str, array[float]],
    settings: Mapping[str, Any],
    *,
    names: Sequence[str],
) -> Run:
    """A run from columns of equal length; NaN where a row has no such cell.

    Args:
        source: The file.
        root: The path given by the user.
        kind: Format of the file.
        raw: Cells by column name. Cells that were logged but not finite are infinity.
        settings: Hyper-parameters found besides the columns.
        names: All names in the file, used to detect the kind of training and for messages.

    Raises:
        Unreadable: If no column is a loss or a metric.
    """
    read = {name: np.frombuffer(cells, dtype=np.float64) for name, cells in raw.items() if len(cells)}
    arrays, zeros = without_unmeasured(read)
    rows = max((cells.size for cells in arrays.values()), default=0)
    place = positions(arrays, rows)
    step, epoch, wall = place.columns
    times = filled(arrays[wall]) if wall and plain(wall) != "time" and rows else None
    notes = [*place.notes, *zeros]
    columns = []
    found: dict[str, Value] = _settings(settings)
    for name, cells in arrays.items():
        if name in (step, epoch, wall):
            continue
        there = ~np.isnan(cells)
        if not np.any(there):
            continue
        made, said = column(name, place.x[there], cells[there], times[there] if times is not None else None)
        notes += said if not place.notes else ()
        if made is None:
            continue
        constant = float(np.ptp(cells[there])) == 0.0 if np.all(np.isfinite(cells[there])) else False
        known_as = setting_name(name)
        if constant and known_as in AS_COLUMNS:
            found.setdefault(known_as, float(cells[there][0]))
        columns.append(made)
    curves = [item for item in columns if (role := part(item.name)) is not None and role.role != "lr"]
    paradigm = paradigm_of([*names, *arrays])
    if not curves and paradigm == "supervised":
        raise Unreadable(
            "a column such as train_loss, val_loss or accuracy with numbers in it",
            f"{source}: columns {', '.join(names[:8])[:300] or 'none'}",
            "rename the columns, or name another file",
        )
    last = known(arrays[epoch]) if epoch else np.zeros(0)
    epochs = float(last[-1] - last[0] + 1.0) if last.size and float(last[0]) in (0.0, 1.0) else math.nan
    if last.size and not math.isfinite(epochs):
        epochs = float(last[-1])
    return Run(
        run_name(source, root),
        str(source),
        kind,
        place.axis,
        tuple(columns),
        tuple(sorted(found.items())),
        epochs,
        tuple(notes),
        paradigm,
    )


def assemble(
    folder: Path,
    root: Path,
    kind: str,
    points: Mapping[str, tuple[array[float], array[float], array[float]]],
    settings: Mapping[str, Any],
    name: str,
) -> Run:
    """A run from series that each have their own positions, values and wall-clock seconds.

    Raises:
        Unreadable: If none of them is a loss, a metric or a return.
    """
    columns: list[Column] = []
    notes: list[str] = []
    for tag, (x, y, wall) in points.items():
        made, said = column(tag, np.frombuffer(x), np.frombuffer(y), np.frombuffer(wall))
        notes += said
        if made is not None:
            columns.append(made)
    paradigm = paradigm_of(points)
    if not any(part(item.name) for item in columns) and paradigm == "supervised":
        found = f"{folder}: {len(columns)} series, none of them a loss or metric ({', '.join(list(points)[:5])[:200]})"
        raise Unreadable("scalars such as train/loss", found, "check the folder")
    known_settings = _settings(settings)
    epochs = known_settings.get("epochs", math.nan)
    last = max((item.x[-1] for item in columns), default=math.nan)
    return Run(
        name or run_name(folder, root),
        str(folder),
        kind,
        "epoch" if isinstance(epochs, float) and last in (epochs, epochs - 1) else "step",
        tuple(columns),
        tuple(sorted(known_settings.items())),
        float(epochs) if isinstance(epochs, float) else math.nan,
        tuple(notes),
        paradigm,
    )


def _settings(given: Mapping[str, Any]) -> dict[str, Value]:
    """Settings under their canonical names; nested ones by their last key, text shortened."""
    found: dict[str, Value] = {}
    for name, value in flat(given).items():
        known = setting_name(name)
        if isinstance(value, bool):
            found[known] = value
        elif isinstance(value, (int, float)) and not math.isnan(size := number(value)):
            found[known] = size if known != "epochs" or size < _ENDLESS else "no fixed number"
        elif isinstance(value, str) and value and known not in SEEDS:
            found[known] = _parsed(value)
    return found


def _parsed(text: str) -> Value:
    value = number(text)
    return value if math.isfinite(value) else text[:80]


def flat(nested: Mapping[str, Any], prefix: str = "", depth: int = 6) -> Record:
    """A nested mapping with its keys joined by slashes."""
    result: Record = {}
    for key, value in nested.items():
        name = f"{prefix}{key}"
        if type(value) is dict and depth > 0:
            result.update(flat(value, f"{name}/", depth - 1))
        else:
            result[name] = value
    return result


def read_hparams(folder: Path) -> Record:
    """Contents of Lightning's ``hparams.yaml`` in the same folder; empty if missing or unreadable."""
    import yaml

    file = folder / "hparams.yaml"
    try:
        if not file.is_file() or file.stat().st_size > 1_000_000:
            return {}
        data = yaml.safe_load(file.read_text(encoding="utf-8", errors="replace"))
    except (OSError, yaml.YAMLError, RecursionError, ValueError):
        return {}
    return dict(data) if isinstance(data, dict) else {}


def checked(file: Path) -> Path:
    """The file itself if it is a non-empty regular file.

    Raises:
        Unreadable: If it is not.
    """
    if not file.is_file():
        raise Unreadable("a regular file", f"{file}: something else", "name a log file")
    if file.stat().st_size == 0:
        raise Unreadable("a log", f"{file}: an empty file", "remove it, or wait until the run has written something")
    return file
