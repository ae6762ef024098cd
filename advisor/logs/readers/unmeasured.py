"""Zeros that loggers write where nothing was measured: gaps, not values."""

from collections.abc import Mapping

import numpy as np

from advisor.fits.smoothing import Floats
from advisor.logs.names import part


def without_unmeasured(arrays: Mapping[str, Floats]) -> tuple[dict[str, Floats], tuple[str, ...]]:
    """Removes cells of rows in which every held-out loss and metric is exactly zero.

    Several losses and metrics that are all zero were not computed (Ultralytics with ``val=False``);
    a single column of zeros is kept and judged.

    Returns:
        The columns, and a note if anything was removed.
    """
    roles = {name: found.role for name in arrays if (found := part(name)) is not None}
    held = [name for name, role in roles.items() if role in ("val_loss", "val_metric")]
    if len(held) < 2 or not any(roles[name] == "val_loss" for name in held):
        return dict(arrays), ()
    cells = np.array([arrays[name] for name in held])
    there = np.isfinite(cells)
    empty = np.all((cells == 0.0) | ~there, axis=0) & (np.count_nonzero(there, axis=0) >= 2)
    losses = np.array([arrays[name] for name in held if roles[name] == "val_loss"])
    empty &= np.any(losses == 0.0, axis=0)
    if not np.any(empty):
        return dict(arrays), ()
    kept = {name: np.where(empty, np.nan, values) if name in held else values for name, values in arrays.items()}
    rows = int(np.count_nonzero(empty))
    return kept, (f"{rows} row(s) with nothing but zeros in {', '.join(held[:3])}: not measured there",)
