"""A table of finished runs at several sizes: one run per row, with its rate, batch size, data and loss."""

import csv
import math
from pathlib import Path

from advisor.errors import UsageError
from advisor.fits.carry import Size
from advisor.fits.optimum import Measured

_NAMES = {
    "rate": ("lr", "learning_rate", "peak_lr", "max_lr"),
    "batch": ("bs", "batch_size", "batch"),
    "data": ("d", "tokens", "train_tokens", "examples", "train_examples", "data"),
    "model": ("na", "active_parameters", "n", "parameters", "params", "n_params", "model_size"),
    "loss": ("smooth loss", "smooth_loss", "val_loss", "validation_loss", "loss", "train_loss"),
}
_OPTIONAL = "model"
Sweeps = dict[Size, list[Measured]]


def read_sweeps(file: Path) -> Sweeps:
    """Runs by size, smallest first. A loss that is empty or no number counts as diverged.

    Columns are found by name, in any case: ``lr``, ``bs`` or ``batch_size``, ``D`` or ``tokens`` or ``examples``,
    optionally ``N`` or ``parameters`` (active ones first, where experts are routed), and a loss: smoothed first, then
    validation, then any.

    Raises:
        UsageError: If the file is no such table.
    """
    try:
        with file.open(newline="", encoding="utf-8-sig") as lines:
            rows = list(csv.DictReader(lines))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UsageError("a CSV table with one run per row", f"{file}: {error}", "export the runs as CSV") from error
    columns = {name.strip().lower(): name for name in (rows[0] if rows else {}) if name}
    found = {role: next((columns[name] for name in names if name in columns), None) for role, names in _NAMES.items()}
    missing = [role for role, name in found.items() if name is None and role != _OPTIONAL]
    if missing:
        raise UsageError(
            "columns for " + ", ".join(f"{role} ({' or '.join(_NAMES[role])})" for role in missing),
            f"{file} with {', '.join(columns.values()) or 'no rows'}",
            "rename the columns",
        )
    sweeps: Sweeps = {}
    for row in rows:
        value = {role: _number(row[name]) if name is not None else 1.0 for role, name in found.items()}
        size = Size(value["data"], value["model"])
        if math.isfinite(size.data) and math.isfinite(size.model):
            loss = value["loss"] if math.isfinite(value["loss"]) else math.inf
            sweeps.setdefault(size, []).append(Measured(value["rate"], value["batch"], loss))
    return dict(sorted(sweeps.items(), key=lambda item: (item[0].model, item[0].data)))


def _number(text: str | None) -> float:
    try:
        return float(text or "nan")
    except ValueError:
        return math.nan
