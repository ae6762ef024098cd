"""The largest batch that fits into one forward and backward pass: found by trial, never extrapolated."""

import math
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from advisor.probes.batch_size.trial import tried
from advisor.records.profile import BatchTrial, LongestExamples, MemoryLimit, SearchEnd
from advisor.runtime.memory import is_limited
from advisor.runtime.oom import release
from advisor.task.data.longest import Lengths, Longest, measure_lengths
from advisor.task.data.streams import BatchData

if TYPE_CHECKING:
    from advisor.task.task import Task

_STEPS = 2
"""Two, because the second step has the optimizer's state in memory besides the activations."""
_ENOUGH_SECONDS = 20.0
_CLOSE = 4
"""The search ends when the smallest size that fails is within a quarter of the largest that fits."""
_HELD_BACK = 8
"""Share of a size's memory that is reserved while it is tried, because memory fragments in a long run."""
_SAME = Lengths((), 1, 1)


def largest_that_fits(task: "Task", rows: Sequence[BatchTrial], examples_allowed: int) -> MemoryLimit | None:
    """Doubles the batch until memory runs out, then bisects.

    Without a memory limit (``is_limited``) only the timed sizes count. Otherwise a trial is two training steps and
    an evaluation of as many examples in one batch, with an eighth of its memory reserved; if examples differ
    in length, with the longest ones.

    Args:
        task: The task.
        rows: Sizes that were timed already, ascending.
        examples_allowed: Training examples that the search may cost.

    Returns:
        The limit, or None for ready-made batches.
    """
    if isinstance(task.train, BatchData):
        return None
    fits = [row for row in rows if row.fits and task.piece is None]
    if not is_limited(task.device):
        largest = max((row.batch_size for row in fits), default=None)
        return MemoryLimit(largest, None, "unlimited")
    lengths = measure_lengths(task.train)
    search = _Search(task, lengths, rows)
    stopped = search.run(examples_allowed)
    longest = LongestExamples(len(lengths.order), task.train.size, lengths.least, lengths.most)
    return MemoryLimit(
        largest=search.low or None,
        too_large=int(search.high) if math.isfinite(search.high) else None,
        stopped=stopped,
        longest=longest if lengths.differ else None,
        train_examples=search.spent,
    )


class _Search:
    """Bisection between a size that fits and one that does not."""

    def __init__(self, task: "Task", lengths: Lengths, rows: Sequence[BatchTrial]) -> None:
        self.low, self.high, self.spent = 0, math.inf, 0
        self.first = task.piece or task.current.config.batch_size
        self.bytes_each = min((row.grown_bytes / row.batch_size for row in rows if row.fits), default=0.0)
        self.task = replace(task, piece=None)
        if lengths.differ:
            self.task = replace(self.task, train=Longest(task.train, lengths))
            if (of_val := measure_lengths(task.val)).differ:
                self.task = replace(self.task, val=Longest(task.val, of_val))
        elif task.piece is None:
            self.first = max((row.batch_size for row in rows if row.fits), default=self.first)
            self.high = min((float(row.batch_size) for row in rows if row.out_of_memory), default=math.inf)

    def run(self, allowed: int) -> SearchEnd:
        """Tries one size after the other; returns why the search ended."""
        until = time.perf_counter() + _ENOUGH_SECONDS
        size = self.first
        while size:
            if size > self.task.train.size:
                return "data"
            if self.spent + _STEPS * size > allowed or time.perf_counter() > until:
                return "cost"
            release()
            each = self.bytes_each if math.isfinite(self.bytes_each) else 0.0
            row = tried(self.task, size, _STEPS, held_bytes=int(each * size / _HELD_BACK))
            self.spent += row.steps * size
            if row.fits:
                self.low, self.bytes_each = size, row.grown_bytes / size
            elif row.out_of_memory:
                self.high = size
            else:
                return "error"
            size = self._next()
        return "memory"

    def _next(self) -> int:
        """The next size to try; 0 if the bounds are close enough."""
        if self.high == math.inf:
            return 2 * self.low
        high = int(self.high)
        return (self.low + high) // 2 if high - self.low > max(1, self.low // _CLOSE) else 0
