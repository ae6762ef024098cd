"""Scatter of the validation loss late in a run, read by FT006 and LR001."""

from dataclasses import dataclass

import numpy as np

from advisor.fits.trend import scatter
from advisor.logs.evidence import RunEvidence

_LATE, _LEAST = 0.5, 5


@dataclass(frozen=True, slots=True)
class Scatter:
    """Standard deviation around the late trend, as a share of the improvement, and the start of the late part."""

    size: float
    share: float
    since: float


def late_scatter(evidence: RunEvidence) -> Scatter | str:
    """The late scatter of single evaluations; or why it is unknown."""
    val, schedule = evidence.val, evidence.schedule
    if val is None or len(val.raw) < _LEAST:
        return "too few validation losses"
    if schedule.unfinished or (schedule.varies and schedule.kind in ("cycle", "cycles") and not schedule.annealed):
        return "the run ended inside a cycle of the rate: no calm part to judge"
    since = max(_LATE, schedule.low_from) if schedule.annealed else _LATE
    values = [value for place, value in zip(val.at, val.raw, strict=True) if place >= since - 1e-9]
    if len(values) < _LEAST:
        values = list(val.raw[-_LEAST:])
        since = val.at[-_LEAST]
    learned = val.fall or (evidence.train.fall if evidence.train else 0.0)
    if learned <= 0.0:
        return "neither loss fell beyond noise, so there is no scale for the scatter"
    if len(values) > 400:
        values = [float(part[0]) for part in np.array_split(values, 400)]
    size = scatter(values)
    return Scatter(size, size / learned, since)


def trains_calmly(evidence: RunEvidence) -> bool:
    """Whether the training loss fell beyond noise; False if there is none."""
    return evidence.train is not None and evidence.train.fall > 0.0
