"""Schedules gradient samples and judgements so that watching stays within its share of the run's time."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

GROWTH = 1.08
"""The run must grow by this factor before the next judgement."""
FIRST = 8
_EAGER = 32  # up to this step losses are read at every power of two; afterwards in groups of this size


class Pace:
    """Measures the time that watching takes.

    Args:
        share: Maximum share of the run's time for watching.
    """

    def __init__(self, share: float) -> None:
        self.share = share
        self.began = time.perf_counter()
        self.spent = 0.0
        self._dearest: dict[str, float] = {}
        self._judge_at = float(FIRST)
        self._look_at = 1

    @property
    def seconds(self) -> float:
        """Seconds since the start of the run."""
        return time.perf_counter() - self.began

    @property
    def overhead(self) -> float:
        """Share of the elapsed time spent on watching."""
        return self.spent / max(self.seconds, 1e-9)

    @contextmanager
    def counted(self, what: str) -> Iterator[None]:
        """Measures the time of a piece of work; used as the estimate for the next of its kind."""
        start = time.perf_counter()
        try:
            yield
        finally:
            took = time.perf_counter() - start
            self.spent += took
            before = self._dearest.get(what)
            self._dearest[what] = took if before is None else 0.7 * before + 0.3 * took

    def affordable(self, what: str, unknown: float = 0.02) -> bool:
        """Whether a piece of work of this kind fits into the share now."""
        return self.spent + self._dearest.get(what, unknown) <= self.share * self.seconds

    def read_after(self, step: int) -> int:
        """The step at which losses are read next."""
        return 2 * step if step < _EAGER else step + _EAGER

    def look_due(self, step: int) -> bool:
        """Whether the gradients should be sampled before this step."""
        if step < self._look_at or (step > 1 and not self.affordable("look", 0.001)):
            return False
        self._look_at = max(step + 1, 2 * step if step < _EAGER else int(GROWTH * step))
        return True

    def judge_due(self, step: int, validated: bool = False) -> bool:
        """Whether the run should be judged now; a new validation brings it forward."""
        due = self._judge_at / GROWTH + 1e-9 < step if validated else step >= self._judge_at
        return due and self.affordable("judge")

    def judged(self, step: int) -> None:
        """Defers the next judgement until the run has grown."""
        self._judge_at = max(step + 1.0, GROWTH * step)
