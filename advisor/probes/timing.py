"""How long one training step takes, so that the plan can say what it costs."""

import time
from statistics import median
from typing import TYPE_CHECKING

from advisor.probes.spec import ProbeSpec
from advisor.probes.trainer import Training

if TYPE_CHECKING:
    from advisor.task.task import Task

_STEPS = 6
_ENOUGH_SECONDS = 3.0


def step_seconds(task: "Task") -> float:
    """Median over a few steps after the first, fewer if they are slow. Takes a look, leaves nothing."""
    current = task.current.config
    spec = ProbeSpec("cycle", current.optimizer, None, current.batch_size, _STEPS, 0, (_STEPS,), 1, amp=current.amp)
    training = Training(task, spec)
    seconds: list[float] = []
    started = time.perf_counter()
    for step in range(1, _STEPS + 1):
        before = time.perf_counter()
        training.step(step)
        training.recorder.flush(step)
        seconds.append(time.perf_counter() - before)
        if time.perf_counter() - started > _ENOUGH_SECONDS:
            break
    return median(seconds[1:] or seconds)
