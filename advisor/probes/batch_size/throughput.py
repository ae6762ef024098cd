"""Throughput and memory at several batch sizes: measured one by one, never extrapolated."""

import math
import time
from dataclasses import replace
from statistics import median
from typing import TYPE_CHECKING

from advisor.probes.batch_size.largest import largest_that_fits
from advisor.probes.batch_size.trial import tried
from advisor.records.profile import BatchMeasurements, BatchTrial
from advisor.runtime.memory import free
from advisor.task.data.streams import BatchData

if TYPE_CHECKING:
    from advisor.task.task import Task

_STEPS = 3
"""One warm-up step and two timed ones, of which the faster counts: delays have other causes."""
_ENOUGH_SECONDS = 3.0
_FACTORS = (0.5, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0)
_FASTER = 1.1
"""Doubling ends when a doubled batch is not at least 10 % faster."""
_MOST_OF_FREE = 0.5
"""Largest share of the free CPU memory for a trial: a machine that swaps gives no useful result."""
_FETCHES = 16


def throughput(task: "Task", examples_allowed: int, processes: int = 1) -> BatchMeasurements:
    """Times training at the current batch size, and at others as far as the allowance goes.

    Each size trains a few steps (forward, backward, optimizer step) on a fresh model and evaluates one batch. Sizes
    double until one does not fit, is not faster, or is too expensive. If memory is limited, further sizes are tried
    without timing until the largest that fits is known; if examples differ in length, with the longest ones.

    Args:
        task: The task.
        examples_allowed: Training examples that this may cost; the current size is always timed.
        processes: Processes that share each training: one of them is timed, with its part of the batch, and the others
            are taken to do as much meanwhile. What they exchange is not in it.
    """
    if processes > 1:
        return _of_all(throughput(_part(task, processes), examples_allowed), task, processes)
    size = task.current.config.batch_size
    started = time.perf_counter()
    rows = [_timed(task, size)]
    spent = rows[0].steps * size
    for factor in _FACTORS:
        other = round(size * factor)
        late = time.perf_counter() - started > _ENOUGH_SECONDS
        dear = spent + _STEPS * other > examples_allowed
        if other < 1 or other > task.train.size or late or dear or not _has_room(task, rows[-1], other):
            continue
        before = rows[-1].examples_per_second
        rows.append(_timed(task, other))
        spent += rows[-1].steps * other
        if factor > 1 and not rows[-1].examples_per_second > _FASTER * before:
            break
        rows.sort(key=lambda row: row.batch_size)
    rows.sort(key=lambda row: row.batch_size)
    whole = _at_once(task, size)
    spent += whole.steps * size if whole else 0
    fit = largest_that_fits(task, rows, examples_allowed - spent)
    return BatchMeasurements(
        rows=tuple(rows),
        at_once=whole,
        fit=fit,
        fetch_seconds=_fetch_seconds(task, size),
        train_examples=spent + (fit.train_examples if fit else 0),
    )


def _part(task: "Task", processes: int) -> "Task":
    """The task with what one of several processes computes of each step."""
    current = task.current
    each = max(1, current.config.batch_size // processes)
    piece = None if task.piece is None else max(1, min(each, task.piece // processes))
    return replace(task, current=replace(current, config=current.config.with_(batch_size=each)), piece=piece)


def _of_all(found: BatchMeasurements, task: "Task", processes: int) -> BatchMeasurements:
    """What one process measured, as batches of all of them, as far as the training data go."""
    current = task.current.config.batch_size
    each = max(1, current // processes)

    def size(own: int) -> int:
        return current if own == each else own * processes

    def whole(row: BatchTrial) -> BatchTrial:
        total = size(row.batch_size)
        return replace(row, batch_size=total, examples_per_second=row.examples_per_second * total / row.batch_size)

    fit = found.fit
    if fit is not None:
        most = max(current, task.train.size)
        largest = None if fit.largest is None else min(most, size(fit.largest))
        fit = replace(fit, largest=largest, too_large=None if fit.too_large is None else size(fit.too_large))
    rows = tuple(row for row in map(whole, found.rows) if row.batch_size <= max(current, task.train.size))
    return replace(found, rows=rows, at_once=found.at_once and whole(found.at_once), fit=fit)


def _timed(task: "Task", size: int) -> BatchTrial:
    return tried(task, size, _STEPS, _ENOUGH_SECONDS)


def _has_room(task: "Task", row: BatchTrial, size: int) -> bool:
    """Whether a size may be tried on a CPU: its estimated memory leaves half of the free memory."""
    if task.device.type != "cpu" or not math.isfinite(row.grown_bytes):
        return True
    return bool(row.grown_bytes * size / row.batch_size < _MOST_OF_FREE * free())


def _at_once(task: "Task", size: int) -> BatchTrial | None:
    """The current batch in one pass, if the settings accumulate it; else None."""
    if task.piece is None or task.piece >= size or isinstance(task.train, BatchData):
        return None
    return _timed(replace(task, piece=None), size)


def _fetch_seconds(task: "Task", size: int) -> float:
    """Median seconds to load a batch without training, after the prefetched ones."""
    batches = task.train.forever(size, 0)
    next(batches)
    seconds: list[float] = []
    started = time.perf_counter()
    while len(seconds) < _FETCHES and time.perf_counter() - started < _ENOUGH_SECONDS / 3:
        before = time.perf_counter()
        next(batches)
        seconds.append(time.perf_counter() - before)
    return median(seconds[len(seconds) // 2 :])
