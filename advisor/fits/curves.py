"""Where a learning curve is going: several families, one median, an honest interval, or no answer."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from advisor.fits.families import FAMILIES, FamilyFit, fit_family
from advisor.fits.smoothing import Floats, bin_means, difference_noise, finite_prefix
from advisor.fits.values import Estimate, FitFailed

MIN_POINTS = 4
_MOST_POINTS = 60
_WIDEST = 0.5  # half width, in units of the observed range, beyond which there is no answer
_SPREAD_SCALE = 1.6  # makes the interval cover 80 %; see _half_width
_WEIGHTS = (0.5, 0.5, 0.3)  # of the distances to the last value, the line in log(x), the line in x
_Z80 = 1.2815515655446004


@dataclass(frozen=True, slots=True)
class Forecast:
    """Predicted loss at a point that was not run.

    Attributes:
        at: Where, in the unit of x.
        estimate: Loss with its 80 % interval.
        last: Last measured loss: what "no further improvement" would give.
        families: (name, predicted loss) of each accepted family; empty if none was needed.
    """

    at: float
    estimate: Estimate
    last: float
    families: tuple[tuple[str, float], ...] = ()


def extrapolate(x: Sequence[float], y: Sequence[float], at: float, *, floor: float = -math.inf) -> Forecast | FitFailed:
    """Continues a falling curve by the median of the accepted families.

    Only for points under one schedule: the fall at the end of a cosine or 1cycle schedule is in no family.

    Args:
        x: Increasing positive positions (steps, epochs or fractions of the run).
        y: Losses, any real numbers; what follows a non-finite one is not used.
        at: Where to predict, not before the last position.
        floor: Smallest possible loss, if one is known (0 for cross-entropy).

    Returns:
        The forecast; or why there is none: too few points, a curve without a fall or past its minimum, an
        interval wider than all that was observed.
    """
    loss = finite_prefix(y[: len(x)])
    place = np.asarray(x, dtype=np.float64)[: loss.size]
    if loss.size < MIN_POINTS:
        return FitFailed(f"{loss.size} finite points, at least {MIN_POINTS} needed")
    ordered = np.all(np.isfinite(place)) and place[0] > 0 and np.all(np.diff(place) > 0)
    if not ordered or not math.isfinite(at) or at < place[-1]:
        return FitFailed("positions must be positive and increasing, and end before the place asked for")
    place, loss = bin_means(place.tolist(), loss.tolist(), _MOST_POINTS)
    noise = difference_noise(loss.tolist())
    low, reach = float(loss.min()), float(np.ptp(loss))
    if not math.isfinite(reach) or reach <= 1e-12 * float(np.max(np.abs(loss))):
        return FitFailed("the curve is flat: nothing to continue")
    noise = noise if math.isfinite(noise) else 0.0
    tail = float(np.median(loss[-3:])) if loss.size > MIN_POINTS else float(loss[-1])
    if tail - low > max(2.0 * noise, 0.15 * reach):
        return FitFailed("the curve is past its minimum: no falling family describes it")
    if float(loss[0]) - tail <= 2.0 * noise:
        return FitFailed("no fall beyond noise")

    scaled, target = (loss - low) / reach, at / float(place[-1])
    limit = (floor - low) / reach - 1e-9
    accepted = _accept(place / place[-1], scaled, target, noise / reach, limit)
    last = (tail - low) / reach
    if not accepted:
        return FitFailed("no family fits this curve")
    values = np.array([value for _, value in accepted])
    middle = float(np.median(np.append(values, last) if len(accepted) == 1 else values))
    others = (last, *_lines(place / place[-1], scaled, target))
    half = _half_width(values, middle, others, noise / reach)
    if half > _WIDEST:
        return FitFailed("the interval would be as wide as all the progress observed")
    bottom = max(middle - half, limit)
    return Forecast(
        at=at,
        estimate=Estimate(low + reach * middle, low + reach * bottom, low + reach * (middle + half)),
        last=low + reach * last,
        families=tuple((fit.family.name, low + reach * value) for fit, value in accepted),
    )


def _accept(x: Floats, y: Floats, at: float, noise: float, limit: float) -> list[tuple[FamilyFit, float]]:
    """Fits every family and keeps those with a sane continuation and a residual near the best one's."""
    fits: list[tuple[FamilyFit, float]] = []
    for family in FAMILIES:
        if family.size > x.size:
            continue
        fit = fit_family(family, x, y, noise)
        if fit is None or fit.at_bound():
            continue
        here, there = fit.at(np.array([1.0, at])).tolist()
        if math.isfinite(there) and limit <= there <= here + 1e-9 and abs(there) < 3.0:
            fits.append((fit, there))
    best = min((fit.rms for fit, _ in fits), default=0.0)
    return [(fit, value) for fit, value in fits if fit.rms <= 2.0 * max(best, noise, 0.01)]


def _lines(x: Floats, y: Floats, at: float) -> tuple[float, float]:
    """Continues the second half of the points as a straight line, in log(x) and in x."""
    late = slice(min(x.size // 2, x.size - 2), None)
    log_slope, log_start = np.polyfit(np.log(x[late]), y[late], 1)
    slope, start = np.polyfit(x[late], y[late], 1)
    return float(log_start + log_slope * math.log(at)), float(start + slope * at)


def _half_width(values: Floats, middle: float, others: tuple[float, float, float], noise: float) -> float:
    """Half of the 80 % interval, in units of the observed range.

    The spread between families alone covers a third to a half of real outcomes: it is joined with the
    distances to no further improvement and to two straight lines (in log x and, for curves that keep their
    pace, in x), and with the noise. Weights and scale were set on text classifiers of TaskSet (arXiv
    2002.11887); ``benchmarks/curves.py`` measures the coverage on tasks that had no part in that.
    """
    spread = float(np.ptp(values)) / 2.0
    distances = [weight * (other - middle) for weight, other in zip(_WEIGHTS, others, strict=True)]
    return _SPREAD_SCALE * math.hypot(spread, *distances, _Z80 * noise)
