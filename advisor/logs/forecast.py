"""Forecast of the final loss of a run of twice the length."""

import math

import numpy as np

from advisor.fits import Forecast, extrapolate
from advisor.fits.types import FitFailed
from advisor.logs.evidence import RunEvidence
from advisor.logs.queries import turned
from advisor.logs.visible import blew_up

_MANY_TIMES = 20.0  # times the median of the curve
LONGER = 2.0
"""Length of the forecast, in lengths of the run."""


def forecast(evidence: RunEvidence) -> Forecast | FitFailed:
    """Extrapolates the validation loss (else the training loss) to ``LONGER`` times the length of the run.

    Several curve families are fitted from the highest early value on; the forecast is their median, with an interval
    calibrated on other real runs to 80 % coverage. A loss that was never negative is bounded below by zero; a temporary
    blow-up is excluded. Only for a constant or unlogged rate: no family describes the fall at the end of a
    schedule.
    """
    if evidence.schedule.varies:
        return FitFailed(f"{evidence.schedule.words()}: no curve family describes its end")
    curve = evidence.val or evidence.train
    if curve is None:
        return FitFailed("no loss was logged")
    found, _ = turned(curve, evidence)
    if curve.fall == 0.0 or (found is not None and found.turned):
        return FitFailed(f"{curve.name} does not fall beyond noise, or rises again: nothing to extrapolate")
    usual = _MANY_TIMES * float(np.median(np.abs(curve.y))) if blew_up(evidence) else math.inf
    rows = [(x, y) for x, y in zip(curve.x, curve.y, strict=True) if x > 0.0 and y <= usual]
    losses = [y for _, y in rows]
    floor = 0.0 if min(losses, default=-1.0) >= 0.0 else -math.inf
    return extrapolate([x for x, _ in rows], losses, LONGER, floor=floor)
