"""What a longer run would reach, from the best loss at two to five probe lengths."""

import math
from collections.abc import Sequence

import numpy as np

from advisor.fits.curves import Forecast
from advisor.fits.smoothing import Floats
from advisor.fits.values import Estimate, FitFailed

_EXPONENTS = np.linspace(0.0, 2.0, 21)  # 0 is the straight line in log(length)
_LEAST_NOISE = 0.02  # of the range, where no noise was measured
_DRAWS = np.array([-1.2816, -0.5244, 0.0, 0.5244, 1.2816])


def forecast_length(
    lengths: Sequence[float], losses: Sequence[float], noise: float, at: float = 1.0
) -> Forecast | FitFailed:
    """Averages power laws with a floor, ``c + a length^-b``, over all exponents b that the points allow.

    Two points allow every exponent, so the answer then lies between the straight line in log(length) and
    nearly no further improvement. The interval always contains both, widened by the noise.

    Args:
        lengths: Fractions of the full run, positive, in any order.
        losses: Best loss at each; any real numbers. Pairs with a non-finite member are left out.
        noise: Standard deviation of one loss; NaN if never measured.
        at: Length to predict, at least the longest measured.

    Returns:
        The forecast with its 80 % interval, or why there is none.
    """
    pairs = sorted(
        (length, loss)
        for length, loss in zip(lengths, losses, strict=False)
        if math.isfinite(length) and math.isfinite(loss) and length > 0
    )
    if len({length for length, _ in pairs}) < 2:
        return FitFailed(f"{len(pairs)} finite loss(es) at {len({x for x, _ in pairs})} length(s), 2 lengths needed")
    x = np.log([length for length, _ in pairs])
    y = np.array([loss for _, loss in pairs])
    if not math.isfinite(at) or at <= 0 or math.log(at) < x[-1] - 1e-9:
        return FitFailed(f"length {at:g} is not beyond the longest probe")
    x, target = x - x[-1], math.log(at) - float(x[-1])
    reach = float(np.ptp(y))
    sigma = noise if math.isfinite(noise) and noise > 0 else _LEAST_NOISE * reach
    sigma = max(sigma, 1e-12 * float(np.max(np.abs(y))), 1e-300)

    middles, spreads, scores = zip(*(_fit(x, y, sigma, float(b), target) for b in _EXPONENTS), strict=True)
    weight = np.exp(np.array(scores) - max(scores))
    draws = np.add.outer(np.array(middles), np.zeros(_DRAWS.size)) + np.outer(spreads, _DRAWS)
    low, value, high = _quantiles(draws.ravel(), np.repeat(weight, _DRAWS.size), (0.1, 0.5, 0.9))

    last = float(np.mean(y[x == x[-1]]))
    before = x < x[-1]
    nearest = float(x[before].max())
    slope = (last - float(np.mean(y[x == nearest]))) / -nearest
    line = last + slope * target
    low, high = min(low, line, last) - sigma, max(high, line, last) + sigma
    return Forecast(at, Estimate(float(np.clip(value, low, high)), low, high), last)


def _fit(x: Floats, y: Floats, sigma: float, exponent: float, target: float) -> tuple[float, float, float]:
    """Least squares for one exponent: prediction, its standard deviation, log likelihood."""

    def shape(place: Floats) -> Floats:
        return np.asarray(-place if exponent == 0.0 else np.expm1(-exponent * place) / exponent)

    design = np.column_stack([np.ones_like(x), shape(x)])
    inverse = np.linalg.pinv(design.T @ design)
    line = inverse @ (design.T @ y)
    row = np.array([1.0, float(shape(np.array([target]))[0])])
    score = -0.5 * float(np.sum(((y - design @ line) / sigma) ** 2))
    return float(row @ line), sigma * math.sqrt(max(float(row @ inverse @ row), 0.0)), score


def _quantiles(values: Floats, weights: Floats, shares: Sequence[float]) -> tuple[float, ...]:
    """Weighted quantiles."""
    order = np.argsort(values)
    mass = np.cumsum(weights[order]) - 0.5 * weights[order]
    return tuple(float(np.interp(share * float(weights.sum()), mass, values[order])) for share in shares)
