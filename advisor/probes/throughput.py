"""How fast and how large: steps at several batch sizes, tested one by one and never extrapolated."""

import time
from dataclasses import replace
from statistics import median
from typing import TYPE_CHECKING, Any

import torch

from advisor.probes.evaluation import evaluate
from advisor.probes.memory import check_device, out_of_memory, release
from advisor.probes.spec import ProbeSpec
from advisor.probes.trainer import Training
from advisor.task.streams import BatchData

if TYPE_CHECKING:
    from advisor.task.task import Task

_STEPS = 3
"""One to warm up, two that are timed: the faster one counts, as what delays a step is not its own."""
_ENOUGH_SECONDS = 3.0
_FACTORS = (0.5, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0)
_FASTER = 1.1
"""A doubled batch that is not faster by a tenth ends the doubling."""
_FETCHES = 16


def throughput(task: "Task", examples_allowed: int) -> dict[str, Any]:
    """Times training at the present batch size, and at others as far as the allowance goes.

    Each size trains a few steps (forward, backward, optimizer step) on a fresh model and evaluates one batch. Sizes
    double until one does not fit, is no faster, or is too dear.

    Args:
        task: What to train.
        examples_allowed: Training examples that this may cost; the present size is always timed.

    Returns:
        ``{"rows": [...], "at_once": ..., "fetch_seconds": float, "train_examples": int}``: one row a size with
        ``batch_size``, ``step_seconds``, ``examples_per_second``, ``peak_bytes`` (on a GPU, else None), ``fits``,
        ``out_of_memory`` and ``error``; ``at_once`` is such a row for the present batch without accumulation, or None;
        ``fetch_seconds`` is what the loader takes for one batch of the present size.
    """
    size = task.current.config.batch_size
    started = time.perf_counter()
    rows = [_row(task, size)]
    spent = rows[0]["steps"] * size
    for factor in _FACTORS:
        other = round(size * factor)
        late = time.perf_counter() - started > _ENOUGH_SECONDS
        if other < 1 or other > task.train.size or late or spent + _STEPS * other > examples_allowed:
            continue
        before = rows[-1]["examples_per_second"]
        rows.append(_row(task, other))
        spent += rows[-1]["steps"] * other
        if factor > 1 and not rows[-1]["examples_per_second"] > _FASTER * before:
            break
        rows.sort(key=lambda row: int(row["batch_size"]))
    rows.sort(key=lambda row: int(row["batch_size"]))
    whole = _at_once(task, size)
    return {
        "rows": rows,
        "at_once": whole,
        "fetch_seconds": _fetch_seconds(task, size),
        "train_examples": spent + (whole["steps"] * size if whole else 0),
    }


def _at_once(task: "Task", size: int) -> dict[str, Any] | None:
    """The present batch in one pass, where the settings accumulate it from several; None where they do not."""
    if task.piece is None or task.piece >= size or isinstance(task.train, BatchData):
        return None
    return _row(replace(task, piece=None), size)


def _row(task: "Task", size: int) -> dict[str, Any]:
    current = task.current.config
    spec = ProbeSpec("cycle", current.optimizer, None, size, _STEPS, 0, (_STEPS,), 1, amp=current.amp)
    cuda = task.device.type == "cuda"
    if cuda:
        torch.cuda.reset_peak_memory_stats(task.device)
    seconds: list[float] = []
    done, error, memory = 0, None, False
    started = time.perf_counter()
    try:
        training = Training(task, spec)
        for done in range(1, _STEPS + 1):
            before = time.perf_counter()
            training.step(done)
            training.recorder.flush(done)
            seconds.append(time.perf_counter() - before)
            if time.perf_counter() - started > _ENOUGH_SECONDS:
                break
        evaluate(task, training.model, task.val, min(size, task.val.size), size)
    except (RuntimeError, ValueError, MemoryError) as problem:
        error = (str(problem).splitlines() or [type(problem).__name__])[0]
        memory = out_of_memory(problem)
        check_device(problem)
    if memory:
        release()
    step_seconds = min(seconds[1:] or seconds, default=float("nan"))
    return {
        "batch_size": size,
        "steps": done,
        "step_seconds": step_seconds,
        "examples_per_second": size / step_seconds if seconds and step_seconds > 0 else float("nan"),
        "peak_bytes": int(torch.cuda.max_memory_allocated(task.device)) if cuda else None,
        "fits": error is None,
        "out_of_memory": memory,
        "error": error,
    }


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
