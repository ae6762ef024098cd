"""How an optimum moves with the length of the run: log(best) = a + d log(length)."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from advisor.fits.pooled import Z80, pooled_line
from advisor.fits.types import Estimate, FitFailed

_LEAST_SD = 0.05  # lower bound: optima are never known better than to 5 %


@dataclass(frozen=True, slots=True)
class Drift:
    """Posterior of a straight line in log-log.

    Attributes:
        slope: Exponent d with its 80 % interval; -1 means rate times length is constant.
        intercept: Log of the best value at length 1.
        covariance: Variance of the intercept, covariance, variance of the slope.
        optima: Number of measured optima behind it.
    """

    slope: Estimate
    intercept: float
    covariance: tuple[float, float, float]
    optima: int

    def at(self, length: float) -> Estimate:
        """Best value at a length (fraction of the full run, > 0), with its 80 % interval.

        The interval is that of the optimum itself and widens with distance from the measured lengths.
        """
        x = math.log(length)
        middle = self.intercept + self.slope.value * x
        first, mixed, second = self.covariance
        half = Z80 * math.sqrt(max(first + 2.0 * x * mixed + x * x * second, 0.0))
        return Estimate(math.exp(middle), math.exp(middle - half), math.exp(middle + half))


def fit_drift(
    optima: Sequence[tuple[float, Estimate]], prior_mean: float = 0.0, prior_sd: float = 0.25
) -> Drift | FitFailed:
    """Bayesian weighted least squares: flat prior on a, Student prior on d, intervals as weights.

    Within about one ``prior_sd`` the prior on d acts as a normal prior; where precise optima contradict it, it
    yields (tails of a Student t with three degrees of freedom, by iterative reweighting).

    Args:
        optima: (length as a fraction of the full run, best value with its 80 % interval). Values that are not
            positive (a weight decay of zero) cannot be carried in log and are left out.
        prior_mean: Expected exponent.
        prior_sd: Its standard deviation; with a single optimum this alone carries it to other lengths.

    Returns:
        The fitted drift, or why there is none.
    """
    rows: list[tuple[float, float, float]] = []
    for length, best in optima:
        numbers = (length, best.value, best.low, best.high)
        if not all(math.isfinite(number) for number in numbers) or length <= 0 or best.value <= 0:
            continue
        low = max(min(best.low, best.value), best.value * 1e-3)
        sd = math.log(max(best.high, best.value) / low) / (2.0 * Z80)
        rows.append((math.log(length), math.log(best.value), max(sd, _LEAST_SD)))
    if not rows:
        return FitFailed("no positive optimum at any length")
    x, y, sd_of = (np.array(column) for column in zip(*rows, strict=True))
    fit = pooled_line(x[:, None], y, sd_of, [(prior_mean, prior_sd)])
    line, covariance = fit.line, fit.covariance
    slope = float(line[1])
    half = Z80 * math.sqrt(float(covariance[1, 1]))
    return Drift(
        slope=Estimate(slope, slope - half, slope + half),
        intercept=float(line[0]),
        covariance=(float(covariance[0, 0]), float(covariance[0, 1]), float(covariance[1, 1])),
        optima=len(rows),
    )
