"""All lengths at which learning rates were measured, and the line that extrapolates the best one to the full run."""

import math
from collections.abc import Sequence

import numpy as np

from advisor.evidence.evidence import Arm, Evidence
from advisor.evidence.queries import arms_of, shown
from advisor.evidence.round_name import RoundName
from advisor.evidence.transfer import full_rate
from advisor.fits import fit_drift
from advisor.fits.types import Estimate as Fitted
from advisor.fits.types import FitFailed, Response
from advisor.schema.responses import Drift, Estimate, Line, Point, Rates, RatesAtLength

_GRID = 17


def rates(evidence: Evidence, ids: list[str]) -> Rates | None:
    """Data of the figure of all lengths; None if no two rates were compared.

    Args:
        evidence: The measurements.
        ids: Id of each response, in the same order.
    """
    found = [(id_, r) for id_, r in zip(ids, evidence.responses, strict=True) if r.knob == "lr" and r.points]
    if not found:
        return None
    lengths = [_measured(evidence, id_, response) for id_, response in found]
    singles = [arm for arm in evidence.of_round(RoundName.LENGTH) if arm.spec.kind == "cycle"]
    lengths += [_single(evidence, [a for a in singles if a.length == share]) for share in {a.length for a in singles}]
    lengths.sort(key=lambda item: (item.length, item.response is None))
    drift, reason = _drift(evidence, [response for _, response in found])
    return Rates(lengths=tuple(lengths), drift=drift, reason=reason)


def _measured(evidence: Evidence, id_: str, response: Response) -> RatesAtLength:
    arms = arms_of(evidence, response)
    return RatesAtLength(
        length=response.length,
        batch_size=_batch_size(arms),
        response=id_,
        points=tuple(_point(evidence, point.value, point.loss) for point in response.points),
        curve=line(evidence, response.curve_x, response.curve_y),
        best=estimate(response.best),
        verdict=response.verdict,
        noise=response.noise,
    )


def _single(evidence: Evidence, arms: list[Arm]) -> RatesAtLength:
    """Runs at a length at which only one rate was tried."""
    ordered = sorted(arms, key=lambda arm: arm.spec.lr)
    return RatesAtLength(
        length=arms[0].length,
        batch_size=_batch_size(arms),
        response=None,
        points=tuple(_point(evidence, full_rate(evidence, arm), evidence.cost(arm)) for arm in ordered),
        curve=None,
        best=None,
        verdict="single",
        noise=None,
    )


def _point(evidence: Evidence, rate: float, cost: float) -> Point:
    return Point(value=rate, loss=shown(evidence, cost), diverged=not math.isfinite(cost))


def line(evidence: Evidence, x: Sequence[float], y: Sequence[float]) -> Line | None:
    """A fitted curve in the objective's own numbers; None if nothing was fitted."""
    return Line(x=tuple(x), y=tuple(shown(evidence, value) for value in y)) if len(x) else None


def estimate(best: Fitted | FitFailed) -> Estimate | None:
    """A fitted value with its interval; None if the fit failed."""
    return None if isinstance(best, FitFailed) else Estimate(value=best.value, low=best.low, high=best.high)


def _batch_size(arms: Sequence[Arm]) -> int | None:
    sizes = {arm.spec.batch_size for arm in arms}
    return sizes.pop() if len(sizes) == 1 else None


def _drift(evidence: Evidence, responses: list[Response]) -> tuple[Drift | None, str]:
    """The best rate at every length up to the full run; only optima bounded on both sides count."""
    if evidence.overfits:
        return None, "The full run would overfit: no rate is extrapolated to it; the advised rate is of a shorter run."
    optima: list[tuple[float, Fitted]] = [
        (response.length, response.best)
        for response in responses
        if response.verdict == "resolved" and not isinstance(response.best, FitFailed)
    ]
    trend = fit_drift(optima)
    if isinstance(trend, FitFailed):
        return None, "No best rate was bounded on both sides, so none is extrapolated to the full run."
    start = min(length for length, _ in optima)
    at = [float(value) for value in np.geomspace(start, 1.0, _GRID)] if start < 1.0 else [1.0]
    best = [trend.at(length) for length in at]
    drift = Drift(
        length=tuple(at),
        value=tuple(found.value for found in best),
        low=tuple(found.low for found in best),
        high=tuple(found.high for found in best),
        exponent=Estimate(value=trend.slope.value, low=trend.slope.low, high=trend.slope.high),
        optima=trend.optima,
    )
    return drift, ""
