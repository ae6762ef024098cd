"""Reading results from disk: validated once, with one clear error if a file is damaged."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar

import msgspec

from advisor.errors import UsageError
from advisor.schema.base import Part
from advisor.schema.comparison import ComparisonReport
from advisor.schema.report import SCHEMA, Report
from advisor.schema.watching import WatchReport
from advisor.utils.jsonio import clean, loads, read_text

WATCH = "watch.json"
_LARGEST = 64 * 2**20
P = TypeVar("P", bound=Part)


def read_report(path: Path) -> Report:
    """Reads a report.json of this or the earlier schema.

    Raises:
        UsageError: If it cannot be read or is not a report.
    """
    return _read(path, Report, f"a report.json of schema 1 or {SCHEMA}")


def read_comparison(path: Path) -> ComparisonReport:
    """Reads a compare.json.

    Raises:
        UsageError: If it cannot be read or is not a comparison.
    """
    return _read(path, ComparisonReport, "a compare.json of schema 1")


def read_watch(folder: Path) -> WatchReport:
    """Reads the watch.json of a folder, or the given file.

    Raises:
        UsageError: If it cannot be read or is not a watch.json.
    """
    path = folder / WATCH if folder.is_dir() else folder
    return _read(path, WatchReport, "a watch.json of schema 1", "name the folder that advisor.watch writes to")


def report_from(data: Any) -> Report:
    """Converts plain JSON values of any schema version to a report.

    Raises:
        msgspec.ValidationError: If it is damaged; the message names the place.
    """
    return msgspec.convert(clean(_upgraded(data)), Report)


def _read(path: Path, kind: type[P], expected: str, do: str = "name the folder of a run below reports/") -> P:
    try:
        data = loads(read_text(path, _LARGEST))
        return msgspec.convert(clean(_upgraded(data) if kind is Report else data), kind)
    except (OSError, ValueError) as error:
        said = error.strerror or type(error).__name__ if isinstance(error, OSError) else str(error)
        raise UsageError(expected, f"{path}: {said}", do) from error


def _upgraded(data: Any) -> Any:
    """Converts a report of schema 1 to schema 2, in which columns that belong together have equal lengths."""
    if not isinstance(data, dict) or data.get("schema") != 1:
        return data
    series = data.get("series")
    if isinstance(series, dict) and isinstance(series.get("range_tests"), list):
        series = {**series, "range_tests": [_cut(test) for test in series["range_tests"]]}
    return {**data, "schema": SCHEMA, "series": series}


def _cut(test: Any) -> Any:
    if not isinstance(test, dict):
        return test
    for names in (("lr", "train_loss", "smoothed"), ("val_lr", "val_loss")):
        columns = {name: column for name in names if isinstance(column := test.get(name), list)}
        shortest = min(map(len, columns.values()), default=0)
        test = {**test, **{name: column[:shortest] for name, column in columns.items()}}
    return test
