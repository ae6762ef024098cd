"""Where a long learning curve is going under a schedule that is known to its end: the Multi-Power Law.

Own code, after the public description (Luo and others 2025, arXiv 2503.12811). With the rate scaled to a peak of 1 and
``s`` the sum of rates so far (the warm-up counts),

    loss = floor + A s ** -alpha - B sum_k (e_(k-1) - e_k) (1 - (1 + C e_k ** -gamma s_k) ** -beta)

where the sum goes over the falls of the rate ``e`` and ``s_k`` is the sum of rates since the fall. The first two terms
are a power law in the sum of rates; the third is what each fall of the rate takes off, sooner or later.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from advisor.fits.extrapolate import Forecast
from advisor.fits.pooled import Z80
from advisor.fits.smoothing import Floats, bin_means, difference_noise, finite_prefix
from advisor.fits.types import Estimate, FitFailed

UNIT = 1e4
"""``s`` is counted in so many steps at the peak rate."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What the falls of the rate take off, in numbers that one short curve does not tell.

    Attributes:
        share: B / A.
        speed: C for one step at the peak rate.
        beta: How slowly the last of it comes.
        gamma: How much slower it comes at a low rate.
    """

    share: float
    speed: float
    beta: float
    gamma: float


SHAPE = Shape(share=0.42, speed=0.0049, beta=1.02, gamma=0.53)
"""Fitted on the published curves of 25M and 100M; ``benchmarks/multipower.py`` fits it anew on each, for the other."""
_MIN_POINTS, _LEAST_REACH = 40, 4.0
"""Points since the rate reached its peak; how much larger the sum of rates must be at the last than at the first."""
_PLACES = 400
_LATE = 0.25
"""A squared residual counts as the sum of rates to this power: a point late in a run stands for more of it."""
_AT_PEAK, _LOW, _SLOWEST = 0.98, 0.3, 1e-3
_ALPHA = (math.log(0.48), 0.3)
_SHARE, _SPEED = 0.5, 0.7
"""Priors: mean and standard deviation of log alpha; standard deviations of log share and log speed around the shape."""
_ALPHAS = np.geomspace(0.12, 2.0, 80)
_SPEEDS = (0.18, 0.35, 0.6, 1.0, 1.7, 2.8, 5.6)
_INDEPENDENT = 20.0
"""A curve tells as much as so many points with errors of their own."""
_PARTS, _MISFIT = 10, 0.005
"""Where the means of so many parts of the residuals reach this share of what was learned, another law holds."""
_WIDTH, _BIAS = 0.2, 0.01
"""Standard deviation of the forecast: part of the change that is predicted, and part of what was learned."""


@dataclass(frozen=True, slots=True)
class Rates:
    """A schedule in places of the run.

    Attributes:
        step: Increasing places, in optimizer steps.
        rate: Peak-scaled rate there.
        total: Sum of rates up to there, in ``UNIT``.
    """

    step: Floats
    rate: Floats
    total: Floats

    @property
    def peak(self) -> float:
        """Place at which the rate first reaches its peak."""
        return float(self.step[int(np.argmax(self.rate >= _AT_PEAK))])

    def stretched(self, times: float) -> "Rates":
        """The same schedule, warm-up included, over a run that is so many times as long."""
        return Rates(self.step * times, self.rate, self.total * times)


def rates_of(step: Sequence[float], rate: Sequence[float]) -> Rates | FitFailed:
    """A schedule by its logged or planned rates.

    Args:
        step: Increasing places from the first known to the end, none negative. What lies before the first is taken
            for a linear warm-up.
        rate: Rates there, none negative.
    """
    place, value = np.asarray(step, dtype=np.float64), np.asarray(rate, dtype=np.float64)
    if place.size < 2 or place.size != value.size or not np.all(np.isfinite(place)) or not np.all(np.isfinite(value)):
        return FitFailed("no schedule of finite rates")
    if place[0] < 0 or np.any(np.diff(place) <= 0) or np.any(value < 0) or float(value.max()) <= 0:
        return FitFailed("a schedule has increasing places and rates of which none is negative")
    scaled = value / float(value.max())
    before = 0.5 * float(place[0] * scaled[0])
    mean = 0.5 * (scaled[1:] + scaled[:-1])
    total = before + np.concatenate([[0.0], np.cumsum(mean * np.diff(place))])
    return Rates(place, scaled, total / UNIT)


def taken_off(rates: Rates, at: Floats, shape: Shape) -> Floats:
    """The sum over the falls of the rate, at places of the run: what B multiplies."""
    falls = -np.diff(rates.rate)
    k = np.flatnonzero(np.abs(falls) > 1e-9)
    since = np.interp(at, rates.step, rates.total)[:, None] - rates.total[None, k]
    slowed = np.maximum(rates.rate[k + 1], _SLOWEST) ** -shape.gamma
    grown = 1.0 + shape.speed * UNIT * np.maximum(since, 0.0) * slowed
    return np.asarray((1.0 - grown**-shape.beta) @ falls[k])


@dataclass(frozen=True, slots=True)
class Law:
    """The law with one set of exponents, its linear coefficients fitted to the points seen.

    Attributes:
        floor: Loss that is never reached.
        scale: A.
        taken: B.
        alpha: Exponent of the sum of rates.
        shape: With the speed that was fitted.
        score: Half the squared distance, points and priors together: lower is better.
    """

    floor: float
    scale: float
    taken: float
    alpha: float
    shape: Shape
    score: float

    def at(self, rates: Rates, place: Floats) -> Floats:
        """Losses at places of a schedule."""
        total = np.interp(place, rates.step, rates.total)
        return np.asarray(
            self.floor + self.scale * total**-self.alpha - self.taken * taken_off(rates, place, self.shape)
        )


def forecast_scheduled(
    step: Sequence[float],
    loss: Sequence[float],
    seen: Rates,
    planned: Rates,
    *,
    floor: float = -math.inf,
    shape: Shape = SHAPE,
) -> Forecast | FitFailed:
    """The loss at the end of a schedule, from a curve under the beginning of it or under another one.

    Args:
        step: Increasing places of the losses, in optimizer steps: the shape was measured in them.
        loss: Losses; what follows a non-finite one is not used.
        seen: Schedule that the losses were measured under.
        planned: Schedule to the end of which the loss is predicted, with the same peak.
        floor: Smallest possible loss, if one is known.
        shape: What a curve that has not seen the rate fall is taken to do when it does.

    Returns:
        The forecast with its 80 % interval; or why there is none: a curve that is too short since its rate reached
        the peak, does not fall, or follows another law.
    """
    y = finite_prefix(loss[: len(step)])
    x = np.asarray(step, dtype=np.float64)[: y.size]
    keep = (x >= max(seen.peak, float(seen.step[0]))) & (x <= float(seen.step[-1]) * (1 + 1e-9))
    places, values = bin_means(x[keep].tolist(), y[keep].tolist(), _PLACES)
    if places.size < _MIN_POINTS:
        return FitFailed(f"{places.size} losses since the rate reached its peak, at least {_MIN_POINTS} needed")
    total = np.interp(places, seen.step, seen.total)
    if total[0] <= 0 or total[-1] < _LEAST_REACH * total[0]:
        return FitFailed("the curve is too short since its rate reached the peak")
    fall = float(np.median(values[:3]) - np.median(values[-3:]))
    noise = difference_noise(values.tolist())
    if not fall > 3.0 * noise:
        return FitFailed("no fall beyond noise")
    laws = [law for law in _laws(places, values, seen, shape) if law.floor >= floor]
    if not laws:
        return FitFailed("no falling power law describes the curve")
    best = min(laws, key=lambda law: law.score)
    rest = [float(part.mean()) for part in np.array_split(values - best.at(seen, places), _PARTS)]
    if math.hypot(*rest) / math.sqrt(_PARTS) > max(2.0 * noise * math.sqrt(_PARTS / values.size), _MISFIT * fall):
        return FitFailed("the curve follows another law")
    end = planned.step[-1:]
    value, last = float(best.at(planned, end)[0]), float(np.median(values[-3:]))
    if value > last + 2.0 * noise:
        return FitFailed("the law ends above the last losses, so another one holds")
    weight = np.exp([best.score - law.score for law in laws])
    ends = np.array([float(law.at(planned, end)[0]) for law in laws])
    spread = math.sqrt(float(np.sum(weight * (ends - value) ** 2) / np.sum(weight)))
    half = Z80 * math.hypot(spread, _WIDTH * (last - value), _BIAS * fall, noise)
    return Forecast(float(end[0]), Estimate(max(value, floor), max(value - half, floor), value + half), last)


def _laws(places: Floats, values: Floats, seen: Rates, shape: Shape) -> list[Law]:
    """The law over a grid of exponents; where the rate was seen to fall, over a grid of speeds too."""
    total = np.interp(places, seen.step, seen.total)
    fell = float(seen.rate[(seen.step >= seen.peak) & (seen.step <= places[-1])].min()) <= _LOW
    weight = total**_LATE
    weight *= _INDEPENDENT / float(np.sum(weight))
    power = np.exp(-np.log(total) * _ALPHAS[:, None])
    found: list[Law] = []
    for factor in _SPEEDS if fell else (1.0,):
        now = replace(shape, speed=shape.speed * factor)
        off = np.broadcast_to(taken_off(seen, places, now), power.shape)
        columns = [power, -off] if fell else [power - shape.share * off]
        design = np.stack([np.ones_like(power), *columns], axis=2)
        weighted = np.swapaxes(design, 1, 2) * weight
        ridge = 1e-12 * np.eye(design.shape[2])
        line = np.linalg.solve(weighted @ design + ridge, (weighted @ values)[..., None])
        rest = (np.square((design @ line)[..., 0] - values) * weight).sum(axis=1)
        for alpha, (start, scale, *taken), squares in zip(_ALPHAS, line[..., 0].tolist(), rest.tolist(), strict=True):
            taken_in_all = taken[0] if taken else shape.share * scale
            if scale <= 0 or taken_in_all <= 0:
                continue
            far = [
                (math.log(alpha) - _ALPHA[0]) / _ALPHA[1],
                math.log(taken_in_all / scale / shape.share) / _SHARE,
                math.log(factor) / _SPEED,
            ]
            score = 0.5 * (_INDEPENDENT * math.log(max(squares, 1e-300)) + sum(value**2 for value in far))
            found.append(Law(start, scale, taken_in_all, float(alpha), now, score))
    return found
