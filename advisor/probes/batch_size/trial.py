"""Trial of one batch size: a few steps on a fresh model and an evaluation, timed, with memory use."""

import math
import time
from typing import TYPE_CHECKING

import torch

from advisor.records.profile import BatchTrial
from advisor.records.spec import ProbeSpec
from advisor.runtime.memory import peak, start_peak
from advisor.runtime.oom import check_device, out_of_memory, release
from advisor.training.evaluation import evaluate, evaluate_whole
from advisor.training.trainer import Training

if TYPE_CHECKING:
    from advisor.task.task import Task


def tried(task: "Task", size: int, steps: int, enough_seconds: float = math.inf, held_bytes: int = 0) -> BatchTrial:
    """Trains a fresh model for a few steps of ``size`` examples and evaluates as many.

    The evaluation uses one batch, except at the current size, which is evaluated as in probes: in several batches
    if necessary.

    Args:
        task: The task.
        size: Examples per step.
        steps: Number of steps; the first is a warm-up.
        enough_seconds: Seconds after which no further step is made.
        held_bytes: Bytes that are reserved meanwhile.
    """
    current = task.current.config
    spec = ProbeSpec("cycle", current.optimizer, None, size, steps, 0, (steps,), 1, amp=current.amp)
    used = start_peak(task.device)
    seconds: list[float] = []
    done, error, memory = 0, None, False
    started = time.perf_counter()
    try:
        held = torch.empty(held_bytes, dtype=torch.uint8, device=task.device)
        training = Training(task, spec)
        for done in range(1, steps + 1):
            before = time.perf_counter()
            training.step(done)
            training.recorder.flush(done)
            seconds.append(time.perf_counter() - before)
            if time.perf_counter() - started > enough_seconds:
                break
        count = min(size, task.val.size)
        if size == current.batch_size:
            evaluate(task, training.model, task.val, count, size)
        else:
            evaluate_whole(task, training.model, task.val, count)
        del held
    except (RuntimeError, ValueError, MemoryError) as problem:
        error = (str(problem).splitlines() or [type(problem).__name__])[0]
        memory = out_of_memory(problem)
        check_device(problem)
    if memory:
        release()
    highest = peak(task.device)
    grown = highest - used - (held_bytes if task.device.type == "cuda" else 0)
    step_seconds = min(seconds[1:] or seconds, default=math.nan)
    return BatchTrial(
        batch_size=size,
        steps=done,
        step_seconds=step_seconds,
        examples_per_second=size / step_seconds if seconds and step_seconds > 0 else math.nan,
        peak_bytes=int(highest) if task.device.type == "cuda" else None,
        grown_bytes=grown if math.isnan(grown) else max(0.0, grown),  # The kernel counts pages late, so it can be < 0.
        fits=error is None,
        out_of_memory=memory,
        error=error,
    )
