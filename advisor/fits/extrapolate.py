"""Extrapolation of a learning curve: the median of several continuations, a calibrated interval, or a refusal."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from advisor.fits.families import FAMILIES, fit_family
from advisor.fits.smoothing import Floats, bin_means, difference_noise, finite_prefix
from advisor.fits.types import Estimate, FitFailed

MIN_POINTS = 6
WIDEST = 0.75
"""Half width, in units of the observed range, beyond which no forecast is given."""
WIDTH = (12.5, 0.65, 0.79)
"""Factor, power of the fall, power of the roughness: see ``half_width``."""
_MOST_POINTS = 60
_FARTHEST = 4.0  # times the observed length: the range of the calibration
_LOW = -1.5  # lower bound of a continuation, where the observed range is 0 to 1
LEAST = 2e-3
"""Added to fall and roughness: the forecast of a perfectly smooth, flat curve is uncertain as well."""
_Z80 = 1.2815515655446004


@dataclass(frozen=True, slots=True)
class Forecast:
    """Predicted loss at a point that was not run.

    Attributes:
        at: The point, in the unit of x.
        estimate: Loss with its 80 % interval.
        last: Last measured loss: the forecast of "no further improvement".
    """

    at: float
    estimate: Estimate
    last: float


@dataclass(frozen=True, slots=True)
class Seen:
    """The observed curve, scaled: the last position is 1, the lowest loss 0, the highest 1.

    Attributes:
        x: Positions.
        y: Losses.
        at: Point to predict.
        low: The lowest loss, unscaled.
        reach: Highest minus lowest loss, unscaled.
        noise: Standard deviation of one loss.
        last: Median of the last three losses.
        straight: The straight line in log(x) through the second half, continued to ``at``.
        fall: Change of that line from 1 to ``at``.
        rough: Standard deviation of the second half around it.
    """

    x: Floats
    y: Floats
    at: float
    low: float
    reach: float
    noise: float
    last: float
    straight: float
    fall: float
    rough: float

    def loss(self, scaled: float) -> float:
        """Converts a scaled loss to the curve's own unit."""
        return self.low + self.reach * scaled


def extrapolate(x: Sequence[float], y: Sequence[float], at: float, *, floor: float = -math.inf) -> Forecast | FitFailed:
    """Continues a falling curve by the median of several continuations.

    Only for points under one schedule: no family describes the fall at the end of a cosine or 1cycle schedule.

    Args:
        x: Increasing positive positions (steps, epochs or fractions of the run).
        y: Losses, any real numbers; values after a non-finite one are ignored.
        at: Where to predict, not before the last position.
        floor: Smallest possible loss, if one is known (0 for cross-entropy).

    Returns:
        The forecast; or why there is none: too few points, a curve without a fall or past its minimum, a point
        too far away, an interval nearly as wide as the observed range.
    """
    found = look(x, y, at)
    if isinstance(found, FitFailed):
        return found
    half = half_width(found)
    if half > WIDEST:
        return FitFailed("the interval would be nearly as wide as all the progress observed")
    ways = continuations(found)
    limit = (floor - found.low) / found.reach
    middle = max(float(np.median([value for _, value in ways])), limit)
    return Forecast(
        at=at,
        estimate=Estimate(found.loss(middle), found.loss(max(middle - half, limit)), found.loss(middle + half)),
        last=found.loss(found.last),
    )


def look(x: Sequence[float], y: Sequence[float], at: float) -> Seen | FitFailed:
    """Scales a curve that can be extrapolated; else says why it cannot. Arguments as for ``extrapolate``."""
    loss = finite_prefix(y[: len(x)])
    place = np.asarray(x, dtype=np.float64)[: loss.size]
    ordered = place.size and np.all(np.isfinite(place)) and place[0] > 0 and np.all(np.diff(place) > 0)
    if place.size and (not ordered or not math.isfinite(at) or at < place[-1]):
        return FitFailed("positions must be positive and increasing, and end before the requested point")
    place, loss = bin_means(place.tolist(), loss.tolist(), _MOST_POINTS)
    place, loss = _after_the_rise(place, loss)
    if loss.size < MIN_POINTS:
        return FitFailed(f"{loss.size} finite points since the loss began to fall, at least {MIN_POINTS} needed")
    if at > _FARTHEST * place[-1]:
        return FitFailed(f"{at / place[-1]:.3g} times the observed length; forecasts reach {_FARTHEST:g} times at most")
    low, reach = float(loss.min()), float(np.ptp(loss))
    if not math.isfinite(reach) or reach <= 1e-12 * float(np.max(np.abs(loss))):
        return FitFailed("the curve is flat: there is nothing to extrapolate")
    seen = _observed(place / place[-1], loss, low, reach, at / float(place[-1]))
    if seen.last > max(2.0 * seen.noise, 0.15):
        return FitFailed("the curve is past its minimum: no falling family describes it")
    if float(seen.y[0]) - seen.last <= 2.0 * seen.noise:
        return FitFailed("no fall beyond noise")
    return seen


def _after_the_rise(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """The curve from its highest point on, if that lies in its first half: losses often rise before they fall."""
    top = int(np.argmax(y)) if y.size else 0
    return (x[top:], y[top:]) if top <= y.size // 2 else (x, y)


def _observed(x: Floats, loss: Floats, low: float, reach: float, at: float) -> Seen:
    y = (loss - low) / reach
    noise = difference_noise(y.tolist())
    late_x, late_y = np.log(x[x.size // 2 :]), y[x.size // 2 :]
    slope, start = np.polyfit(late_x, late_y, 1)
    rest = late_y - start - slope * late_x
    return Seen(
        x=x,
        y=y,
        at=at,
        low=low,
        reach=reach,
        noise=noise if math.isfinite(noise) else 0.0,
        last=float(np.median(y[-3:])),
        straight=float(start + slope * math.log(at)),
        fall=abs(float(slope)) * math.log(at),
        rough=math.sqrt(float(np.sum(rest**2)) / max(1, rest.size - 2)),
    )


def continuations(seen: Seen) -> list[tuple[str, float]]:
    """Predictions at ``at`` by each family, the straight line in log(x), and no further change.

    A family that cannot be fitted counts as no further change, so that the other votes keep their weight.
    """
    ways = [("no further change", seen.last), ("straight in log", seen.straight)]
    for family in FAMILIES:
        fit = fit_family(family, seen.x, seen.y, seen.noise)
        there = float(fit.at(np.array([seen.at]))[0]) if fit else seen.last
        ways.append((family.name, min(max(there, _LOW), float(seen.y[0])) if math.isfinite(there) else seen.last))
    return ways


def half_width(seen: Seen, width: tuple[float, float, float] = WIDTH) -> float:
    """Half of the 80 % interval, in units of the observed range.

    The spread between families covers a third to a half of real outcomes. What separates easy curves from hard ones
    on other tasks too is the second half of the curve itself: how fast it still falls there, and how far it
    deviates from that fall, times the logarithm of the ratio of the lengths. Factor and powers are a quantile
    regression of the logarithm of the error on those two, over TaskSet's text classifiers (arXiv 2002.11887);
    ``benchmarks/curves.py`` fits them anew without each task and measures the coverage on it.
    """
    factor, of_fall, of_rough = width
    falling, straying = seen.fall + LEAST, (seen.rough + LEAST) * math.log(seen.at)
    shape = factor * falling**of_fall * straying**of_rough
    return math.hypot(shape, _Z80 * seen.noise)
