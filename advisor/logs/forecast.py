"""Forecast of the final loss of a run of twice the length."""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from advisor.fits import Forecast, extrapolate
from advisor.fits.scheduled import forecast_scheduled, rates_of
from advisor.fits.types import FitFailed
from advisor.logs.evidence import Curve, RunEvidence
from advisor.logs.queries import turned
from advisor.logs.roles import pick
from advisor.logs.visible import blew_up

_MANY_TIMES = 20.0  # times the median of the curve
LONGER = 2.0
"""Length of the forecast, in lengths of the run."""


_LEAST_STEPS = 5000
"""The law was tested on runs of 8,000 steps and more."""
_APART = 0.05
"""Held-out less training loss, as a share of the training loss's fall, from which on a run counts as memorising."""
_MOST_EPOCHS = 4.0
"""Over many passes training losses also fall by memorisation, which the law does not describe."""


def forecast(evidence: RunEvidence) -> Forecast | FitFailed:
    """Extrapolates the validation loss (else the training loss) to ``LONGER`` times the length of the run.

    Long runs with a logged rate follow the law of ``fits.scheduled``, their schedule stretched to the new length. For
    others several curve families are fitted from the highest early value on; the forecast is their median, with an
    interval calibrated on other real runs to 80 % coverage. A loss that was never negative is bounded below by zero; a
    temporary blow-up is excluded. The families apply only to a constant or unlogged rate: none describes the fall at
    the end of a schedule.
    """
    curve = evidence.val or evidence.train
    if curve is None:
        return FitFailed("no loss was logged")
    found, _ = turned(curve, evidence)
    if curve.fall == 0.0 or (found is not None and found.turned):
        return FitFailed(f"{curve.name} does not fall beyond noise, or rises again: nothing to extrapolate")
    by_law = _scheduled(evidence, curve)
    if isinstance(by_law, Forecast):
        return by_law
    if evidence.schedule.varies:
        return FitFailed(f"{evidence.schedule.words()}: no curve family describes its end, and {by_law.reason}")
    usual = _MANY_TIMES * float(np.median(np.abs(curve.y))) if blew_up(evidence) else math.inf
    rows = [(x, y) for x, y in zip(curve.x, curve.y, strict=True) if x > 0.0 and y <= usual]
    losses = [y for _, y in rows]
    return extrapolate([x for x, _ in rows], losses, LONGER, floor=_floor(losses))


def _floor(losses: Sequence[float]) -> float:
    return 0.0 if min(losses, default=-1.0) >= 0.0 else -math.inf


def _memorises(evidence: RunEvidence) -> bool:
    """Whether held-out loss lies well above training loss, as it does not in a single pass over the data."""
    train, val = evidence.train, evidence.val
    if train is None or val is None or not evidence.comparable:
        return False
    return val.final - train.final > max(_APART * train.fall, 2.0 * train.noise)


def _scheduled(evidence: RunEvidence, curve: Curve) -> Forecast | FitFailed:
    """By the law of long runs, under the same schedule stretched to ``LONGER`` times the length."""
    run, logged = evidence.run, pick(evidence.run.columns, "lr")
    if logged is None or evidence.schedule.kind not in ("constant", "decay", "steps"):
        return FitFailed("the law of long runs was tested on constant and falling rates only")
    x, rate = logged[0].finite
    end = max(item.x[-1] for item in run.columns if len(item.x) > 1)
    if run.axis != "step" or end < _LEAST_STEPS:
        return FitFailed(f"it has fewer than {_LEAST_STEPS} steps, or none were logged")
    if run.epochs > _MOST_EPOCHS or _memorises(evidence) or blew_up(evidence):
        return FitFailed("it has many passes over the data, or its loss blew up")
    seen = rates_of(x.tolist(), rate.tolist())
    if isinstance(seen, FitFailed):
        return seen
    places = [place * end for place in curve.at]
    found = forecast_scheduled(places, curve.raw, seen, seen.stretched(LONGER), floor=_floor(curve.raw))
    return found if isinstance(found, FitFailed) else replace(found, at=LONGER)
