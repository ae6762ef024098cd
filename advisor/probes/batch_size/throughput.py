"""How fast and how large: steps at several batch sizes, tested one by one and never extrapolated."""

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
"""One to warm up, two that are timed: the faster one counts, as what delays a step is not its own."""
_ENOUGH_SECONDS = 3.0
_FACTORS = (0.5, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0)
_FASTER = 1.1
"""A doubled batch that is not faster by a tenth ends the doubling."""
_MOST_OF_FREE = 0.5
"""No size is tried on a CPU that would take more of the free memory: a machine that swaps, or kills, tells nothing."""
_FETCHES = 16


def throughput(task: "Task", examples_allowed: int) -> BatchMeasurements:
    """Times training at the present batch size, and at others as far as the allowance goes.

    Each size trains a few steps (forward, backward, optimizer step) on a fresh model and evaluates one batch. Sizes
    double until one does not fit, is no faster, or is too dear. Where memory is limited, further sizes are only tried,
    until the largest that fits is known: on the longest examples together, where examples differ in length.

    Args:
        task: What to train.
        examples_allowed: Training examples that this may cost; the present size is always timed.
    """
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


def _timed(task: "Task", size: int) -> BatchTrial:
    return tried(task, size, _STEPS, _ENOUGH_SECONDS)


def _has_room(task: "Task", row: BatchTrial, size: int) -> bool:
    """Whether a size may be tried on a CPU: the memory that the last one took, in proportion, leaves half of it."""
    if task.device.type != "cpu" or not math.isfinite(row.grown_bytes):
        return True
    return bool(row.grown_bytes * size / row.batch_size < _MOST_OF_FREE * free())


def _at_once(task: "Task", size: int) -> BatchTrial | None:
    """The present batch in one pass, where the settings accumulate it from several; None where they do not."""
    if task.piece is None or task.piece >= size or isinstance(task.train, BatchData):
        return None
    return _timed(replace(task, piece=None), size)


def _fetch_seconds(task: "Task", size: int) -> float:
    """Seconds in which the training data hands out a batch, nothing trained: the usual one after the prefetched."""
    batches = task.train.forever(size, 0)
    next(batches)
    seconds: list[float] = []
    started = time.perf_counter()
    while len(seconds) < _FETCHES and time.perf_counter() - started < _ENOUGH_SECONDS / 3:
        before = time.perf_counter()
        next(batches)
        seconds.append(time.perf_counter() - before)
    return median(seconds[len(seconds) // 2 :])
