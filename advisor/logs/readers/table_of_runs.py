"""Tables with one run per row (W&B exports, search results), distinguished from logs and read row by row."""

import csv
import math
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from advisor.logs.measures import plain
from advisor.logs.names import SEEDS, axis_kind, part, setting_name
from advisor.logs.readers.base import number, run_name
from advisor.logs.readers.text import encoding_of
from advisor.logs.run import Value
from advisor.logs.run_table import RunRow, RunTable

_NAMES = ("name", "run_name", "run", "display_name", "experiment", "exp", "trial", "trial_id", "model", "model_name",
          "config", "method", "run_id", "id", "variant", "arch", "architecture")  # fmt: skip
_NO_SETTINGS = {
    "state", "status", "notes", "user", "tags", "created", "runtime", "sweep", "date", "timestamp", "duration", "host",
    "hostname", "gpu", "group", "job_type", "updated", "end_time", "start_time", "train_time", "training_time", "time",
    "seconds", "elapsed", "total_time", "path", "checkpoint", "device", "n_params", "params", "parameters",
    "wandb_project", "wandb_log", "description", "runtime_mean", "runtime_std", "num_seeds", "log_dir", "output_dir",
}  # fmt: skip
_LENGTHS = ("step", "epoch")
_LARGEST = 20_000_000
_MOST_ROWS, _MOST_SETTINGS = 5_000, 40


def read(file: Path, root: Path, header: tuple[int, str]) -> RunTable | None:
    """The table if its rows are runs; None if they are steps of one run and small enough for the log reader.

    Args:
        file: The file.
        root: The path given by the user.
        header: Index of the header among the non-empty lines, and the delimiter.
    """
    if file.stat().st_size > _LARGEST:
        return None
    with file.open(encoding=encoding_of(file), errors="replace", newline="") as stream:
        csv.field_size_limit(10_000_000)
        try:
            lines = [row for row in csv.reader(stream, delimiter=header[1]) if any(cell.strip() for cell in row)]
        except csv.Error:
            return None
    names = [cell.strip().strip("#").strip() for cell in lines[header[0]]]
    rows = [row for row in lines[header[0] + 1 :] if len(row) == len(names)]
    if not 2 <= len(rows) <= _MOST_ROWS:
        return None
    columns = {name: [row[index].strip() for row in rows] for index, name in enumerate(names) if name}
    results = [name for name in columns if _is_result(name, columns[name])]
    settings = [name for name in columns if _is_setting(name, columns[name], results)]
    title = next((name for wanted in _NAMES for name in columns if plain(name) == wanted and _tells(columns[name])), "")
    if not results or _is_time(columns) or not (title or _varies_freely(columns, settings)):
        return None
    made = [_row(index, columns, title, settings, results) for index in range(len(rows))]
    return RunTable(run_name(file, root), str(file), tuple(made))


def _is_result(name: str, cells: Sequence[str]) -> bool:
    known = part(name)
    if known is None or known.role == "lr" or plain(name).endswith(("_std", "_stderr", "_step")):
        return False
    return sum(math.isfinite(number(cell)) for cell in cells) >= 2


def _is_setting(name: str, cells: Sequence[str], results: Sequence[str]) -> bool:
    words = plain(name)
    if name in results or words in _NO_SETTINGS or words in _NAMES or axis_kind(name):
        return False
    if part(name) is not None and part(name).role != "lr":  # type: ignore[union-attr]
        return False
    return len(set(cells)) > 1 or setting_name(name) != words


def _tells(cells: Sequence[str]) -> bool:
    """Whether a column identifies its rows: text, almost unique."""
    text = sum(not math.isfinite(number(cell)) for cell in cells)
    return text >= 0.8 * len(cells) and len(set(cells)) >= 0.3 * len(cells)


def _is_time(columns: dict[str, list[str]]) -> bool:
    """Whether an axis increases from row to row."""
    for name, cells in columns.items():
        if axis_kind(name) not in _LENGTHS:
            continue
        values = [value for cell in cells if math.isfinite(value := number(cell))]
        ups = sum(after > before for before, after in pairwise(values))
        downs = sum(after < before for before, after in pairwise(values))
        if len(values) > 2 and ups > 0.3 * (len(values) - 1) and downs < 0.35 * (len(values) - 1):
            return True
    return False


def _varies_freely(columns: dict[str, list[str]], settings: Sequence[str]) -> bool:
    """Whether two or more settings go up and down from row to row, which no schedule of a single run does."""
    free = 0
    for name in settings:
        cells = columns[name]
        values = [number(cell) for cell in cells]
        changes = [after - before for before, after in pairwise(values)]
        text = not any(math.isfinite(value) for value in values)
        turns = min(sum(change > 0 for change in changes), sum(change < 0 for change in changes))
        known = setting_name(name) != plain(name) or plain(name) in ("dropout", "seed", "optimizer", "hidden", "depth")
        free += (len(set(cells)) > 1 and text) or (turns > 0 and len(set(cells)) <= max(12, len(cells) // 2) and known)
    return free >= 2


def _row(
    index: int, columns: dict[str, list[str]], title: str, settings: Sequence[str], results: Sequence[str]
) -> RunRow:
    found: dict[str, Value] = {}
    known = {setting_name(name) for name in settings if plain(name) != "lr"}
    for name in settings[:_MOST_SETTINGS]:
        target = setting_name(name)
        if target in SEEDS or plain(name) == "seed" or (plain(name) == "lr" and "lr" in known):
            continue
        value = number(columns[name][index])
        found[target] = value if math.isfinite(value) else columns[name][index][:60]
    lengths = [number(cells[index]) for name, cells in columns.items() if axis_kind(name) in _LENGTHS]
    length = next((value for value in lengths if math.isfinite(value)), number(found.get("epochs", 0.0)))
    values = {name: number(columns[name][index]) for name in results}
    name = columns[title][index] if title else ""
    return RunRow(
        name or f"row {index + 1}", found, {k: v for k, v in values.items() if math.isfinite(v)},
        length if math.isfinite(length) else 0.0,
    )  # fmt: skip
