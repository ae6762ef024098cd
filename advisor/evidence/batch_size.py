"""Queries of the batch-size rules: timed steps at several sizes, and the gradient noise scale."""

import math

from advisor.evidence.evidence import Evidence
from advisor.records.profile import BatchTrial, MemoryLimit

KNEE = 1.25
"""Throughput within this factor of the highest counts as equally fast."""

_MOVING = 3.0
"""Typical error factor of an estimate from steps that move the weights (``benchmarks/batch.py``)."""


def batch_rows(evidence: Evidence) -> tuple[BatchTrial, ...]:
    """One row for each batch size that was tried, ascending; empty if none was."""
    return evidence.profile.batch.rows if evidence.profile.batch else ()


def present_row(evidence: Evidence) -> BatchTrial:
    """The row of the current batch size."""
    return next(row for row in batch_rows(evidence) if row.batch_size == evidence.current.batch_size)


def fitting(evidence: Evidence) -> list[BatchTrial]:
    """Rows of the sizes that trained and evaluated, with a speed."""
    return [row for row in batch_rows(evidence) if row.fits and math.isfinite(row.examples_per_second)]


def knee(evidence: Evidence) -> int | None:
    """Smallest size that is about as fast as the fastest; None if that is the largest one, or only one was tried."""
    rows = fitting(evidence)
    if len(rows) < 2:
        return None
    top = max(row.examples_per_second for row in rows)
    first = next(row for row in rows if row.examples_per_second >= top / KNEE)
    return None if first is rows[-1] else first.batch_size


def most_that_fit(evidence: Evidence) -> MemoryLimit:
    """The memory limit. Where it was not searched for, it is derived from the timed sizes."""
    batch = evidence.profile.batch
    if batch is not None and batch.fit is not None:
        return batch.fit
    rows = batch_rows(evidence)
    fits = [row.batch_size for row in rows if row.fits]
    full = [row.batch_size for row in rows if row.out_of_memory]
    return MemoryLimit(max(fits, default=None), min(full, default=None), "unlimited")


def noise_scale(evidence: Evidence) -> tuple[float, float, float] | None:
    """Gradient noise scale in examples (value, low, high) at the end of a short run at the best rate.

    Where no run measured it at its final weights, the estimate from the last steps is used, with an interval
    widened by the typical error of such estimates.
    """
    arms = [arm for arm in evidence.cycles if arm.trace.status == "finished" and len(arm.trace.noise_scale) == 3]
    frozen = [arm for arm in arms if arm.spec.noise_examples]
    if not arms:
        return None
    length = min(arm.length for arm in frozen or arms)
    best = min((arm for arm in frozen or arms if abs(arm.length - length) <= 0.1 * length), key=evidence.cost)
    value, low, high = best.trace.noise_scale
    return (value, low, high) if frozen else (value, low / _MOVING, high * _MOVING)
