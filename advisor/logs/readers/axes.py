"""The common axis of a log's rows: steps, epochs, epochs with batches, or row numbers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from advisor.fits.smoothing import Floats
from advisor.logs.names import axis_of

Axis = Literal["step", "epoch", "row"]
_MEET = 0.8  # share of a counter's resets that must coincide with a new epoch for it to count batches


@dataclass(frozen=True, slots=True)
class Positions:
    """Positions of the rows.

    Attributes:
        axis: Unit of ``x``.
        x: One position per row; NaN before the first known one.
        columns: Names of the columns that count steps, epochs and seconds; None where there is none.
        notes: Irregularities.
    """

    axis: Axis
    x: Floats
    columns: tuple[str | None, str | None, str | None]
    notes: tuple[str, ...] = ()


def positions(arrays: Mapping[str, Floats], rows: int) -> Positions:
    """Positions of the rows of a table; NaN cells take the position of the previous row."""
    columns = axis_of(arrays)
    step, epoch = (arrays[name] if name else None for name in columns[:2])
    if step is not None and epoch is not None:
        step = _without_epochs_as_steps(step, epoch)
        within = _within_epochs(step, epoch)
        if within is not None:
            return Positions("epoch", within, columns)
    if step is not None and _varies(step):
        step = _on_one_counter(step, arrays, columns)
        return Positions("step", filled(step), columns, _restarts(step))
    if epoch is not None and _varies(epoch):
        return Positions("epoch", filled(epoch), columns, _restarts(epoch))
    return Positions("row", np.arange(rows, dtype=np.float64), columns)


def filled(values: Floats) -> Floats:
    """Positions with gaps filled by the previous value."""
    there = np.isfinite(values)
    index = np.maximum.accumulate(np.where(there, np.arange(values.size), 0))
    return np.asarray(np.where(np.isfinite(values[index]), values[index], np.nan))


def known(values: Floats) -> Floats:
    """The finite values."""
    return values[np.isfinite(values)]


def _varies(values: Floats) -> bool:
    there = known(values)
    return there.size > 1 and float(np.ptp(there)) > 0.0


def _within_epochs(step: Floats, epoch: Floats) -> Floats | None:
    """Fractional epochs, if the step counter restarts at each epoch; else None."""
    if not _varies(epoch) or not _varies(step):
        return None
    full, batch = filled(epoch), filled(step)
    usable = np.isfinite(full) & np.isfinite(batch)
    falls = np.flatnonzero(np.diff(batch[usable]) < 0)
    rises = np.diff(full[usable]) > 0
    if not falls.size or np.count_nonzero(rises[falls]) < _MEET * falls.size:
        return None
    if np.any(np.diff(full[usable]) > 0) and np.count_nonzero(rises) > 3 * falls.size:
        return None
    low, high = float(np.nanmin(batch)), float(np.nanmax(batch))
    steps = np.diff(np.unique(known(step)))
    size = high - low + (float(np.median(steps)) if steps.size else 1.0)
    return np.asarray(full + (batch - low) / size)


def _without_epochs_as_steps(step: Floats, epoch: Floats) -> Floats:
    """Steps without rows that count epochs in the step column (validation rows of mmengine)."""
    full = filled(epoch)
    highest = np.maximum.accumulate(np.where(np.isfinite(step), step, -np.inf))
    wrong = ~np.isfinite(epoch) & np.isfinite(step) & (step < highest) & (np.abs(step - full) <= 1.0)
    return np.where(wrong, np.nan, step) if np.any(wrong) else step


def _on_one_counter(
    step: Floats, arrays: Mapping[str, Floats], columns: tuple[str | None, str | None, str | None]
) -> Floats:
    """Steps without rows that have a separate counter, if the others then never decrease."""
    there = np.isfinite(step)
    falls = int(np.count_nonzero(np.diff(step[there]) < 0))
    if falls < 2:
        return step
    others = [cells for name, cells in arrays.items() if name not in columns]
    if len(others) < 2:
        return step
    main: NDArray[np.bool_] = np.isfinite(max(others, key=lambda cells: int(np.count_nonzero(np.isfinite(cells)))))
    rest = step[there & main]
    mine = np.count_nonzero(np.diff(rest) < 0)
    alone = int(np.count_nonzero(there & ~main))
    return np.where(main, step, np.nan) if alone >= 2 and mine == 0 else step


def _restarts(values: Floats) -> tuple[str, ...]:
    """A note if a counter restarted: several runs in one file."""
    there = known(values)
    falls = np.flatnonzero(np.diff(there) < 0)
    low, span = float(there.min()), float(np.ptp(there))
    again = int(np.count_nonzero(there[falls + 1] <= low + 0.02 * span))
    if not again or again < falls.size:
        return ()
    return (f"the file contains {again + 1} runs one after the other; the last one is judged",)
