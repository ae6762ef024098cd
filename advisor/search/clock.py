"""The time that is left, where minutes were asked for."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from advisor.records.profile import BatchTrial

_LEAST_CORRECTION, _MOST_CORRECTION = 0.5, 20.0


@dataclass(slots=True)
class Clock:
    """Prices in time: small batches cost more time per example than large ones.

    Attributes:
        deadline: Moment (``now``) at which the minutes are over.
        full_run_seconds: Expected for one full run with the current settings.
        steps: Batch sizes that were timed, and the seconds of a step, ascending in size.
        workers: Probes that run at the same time.
        now: The clock.
    """

    deadline: float
    full_run_seconds: float
    steps: Sequence[tuple[int, float]]
    workers: int = 1
    now: Callable[[], float] = time.monotonic
    _expected: float = field(default=0.0, init=False)
    _took: float = field(default=0.0, init=False)

    @property
    def left(self) -> float:
        """Time until the deadline, in full runs."""
        return (self.deadline - self.now()) / self.full_run_seconds

    def price(self, steps: int, batch_size: int) -> float:
        """Time of a probe, in full runs, corrected by what probes so far took beside what was expected of them."""
        expected = steps * self._step_seconds(batch_size) / self.workers
        correction = min(max(self._took / self._expected, _LEAST_CORRECTION), _MOST_CORRECTION) if self._took else 1.0
        return expected * correction / self.full_run_seconds

    def took(self, seconds: float, steps: int, batch_size: int) -> None:
        """Learns from a probe that was run."""
        if seconds > 0.0:
            self._took += seconds
            self._expected += steps * self._step_seconds(batch_size)

    def _step_seconds(self, batch_size: int) -> float:
        """Interpolated between timed sizes; in proportion above them, and no less than the smallest below."""
        sizes, seconds = [size for size, _ in self.steps], [step for _, step in self.steps]
        return float(np.interp(batch_size, sizes, seconds)) * max(1.0, batch_size / sizes[-1])


def timed(rows: Sequence[BatchTrial]) -> tuple[tuple[int, float], ...]:
    """The batch sizes whose steps were timed, ascending."""
    return tuple(sorted((row.batch_size, row.step_seconds) for row in rows if row.step_seconds > 0.0))
