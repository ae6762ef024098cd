"""Tests for a trend, a turn, scatter or a period in one short noisy curve, against chance.

All results are invariant under a positive scale and an offset of the curve.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from advisor.fits.smoothing import Floats, centred_median, difference_noise
from advisor.fits.types import FitFailed
from advisor.utils.lazy_scipy import kendalltau, normal_quantile, theilslopes

_ALPHA = 0.01  # one-sided false-positive rate of a trend test on exchangeable values
_FEW = 5  # fewest points at which a trend test has power
_MANY = 20
_LEAST = 8
_FAR = 5.0  # with too few points for a trend test: multiples of the noise above the minimum
_NEAR = 8  # neighbours on each side of a line of the spectrum
_ALIKE, _WANDER = 0.2, 4.0
_CYCLES = 6  # how many times a period must fit into the tested part
_NO_DRIFT = 0.4  # a rise by this share of the range is not drift, however correlated neighbours are
_HIGH, _RISEN, _SURE = 0.1, 0.25, 6.0
_EFFECT = 0.03  # smallest rise that counts, as a share of the range of the curve


@dataclass(frozen=True, slots=True)
class Turn:
    """Whether a falling curve has turned upwards for good.

    Attributes:
        turned: The rise is large enough, beyond noise, and lasts to the end.
        at: Index of the lowest (smoothed) value.
        low: Level there.
        end: Level at the end: median of the last third of what follows the minimum, at most nine values.
        noise: Standard deviation of one value.
        chance: Probability of such a trend by chance; NaN where there are too few values to test.
    """

    turned: bool
    at: int
    low: float
    end: float
    noise: float
    chance: float


@dataclass(frozen=True, slots=True)
class Period:
    """A period in a curve: its length in points, its amplitude, and its probability under noise."""

    points: float
    amplitude: float
    chance: float


def trend(values: Sequence[float]) -> tuple[float, float]:
    """Kendall's tau against the order, and its one-sided probability; (0, 1) for fewer than four values."""
    y = np.asarray(values, dtype=np.float64)
    if y.size < 4 or np.ptp(y) == 0.0:
        return 0.0, 1.0
    side = "greater" if float(np.median(y[y.size // 2 :])) >= float(np.median(y[: y.size // 2])) else "less"
    found = kendalltau(np.arange(y.size), y, alternative=side)
    tau, chance = float(found.statistic), float(found.pvalue)
    return (tau, min(1.0, 2.0 * chance)) if math.isfinite(tau) else (0.0, 1.0)


def noise_of(values: Sequence[float]) -> float:
    """Noise of one value of a curve; 0 where there are too few values."""
    found = difference_noise(values)
    return found if math.isfinite(found) else 0.0


def smooth(values: Sequence[float]) -> Floats:
    """A running median of three (five from thirty values on), which removes single spikes."""
    y = np.asarray(values, dtype=np.float64)
    return centred_median(y, 1 if y.size < 8 else 3 if y.size < 30 else 5)


def turn(values: Sequence[float]) -> Turn | FitFailed:
    """Finds the minimum of a curve and tests whether the values after it rise.

    Values after a minimum are exchangeable where only noise is left, so that a rank test on them keeps its level
    under any noise distribution; the minimum itself, low by selection, is excluded from that test.
    """
    y = np.asarray(values, dtype=np.float64)
    if y.size < 4:
        return FitFailed(f"{y.size} values, at least 4 needed")
    soft = smooth(values)
    at = int(np.argmin(soft)) if y.size >= 8 else int(np.argmin(y))
    sigma = noise_of(values)
    rivals = max(1, int(np.count_nonzero(soft - soft[at] <= 2.0 * sigma)))
    luck = -normal_quantile((1.0 - 0.375) / (rivals + 0.25)) * sigma / (1.0 if y.size < 8 else 1.4)
    low = float(soft[at]) + luck
    after = y[at + 1 :]
    end = float(np.median(after[-min(9, max(2, math.ceil(after.size / 3))) :])) if after.size >= 2 else low
    rise, reach = end - low, float(np.ptp(soft))
    chance, turned = math.nan, False
    least = max(_EFFECT * reach, min(_drift(after), _NO_DRIFT * reach))
    if after.size >= _FEW:
        tau, chance = trend(after.tolist())
        turned = tau > 0 and chance <= 2.0 * _ALPHA and rise > max(sigma, least)
    if not turned and after.size >= 2 and y.size >= _LEAST:
        turned = bool(np.all(after > low + 2.0 * sigma)) and rise > max(_FAR * sigma, 2.0 * least)
    if not turned and after.size >= _LEAST:
        turned = _left_for_good(after, low, reach)
    return Turn(turned, at, low, end, sigma, chance)


def _left_for_good(after: Floats, low: float, reach: float) -> bool:
    """Whether values with growing scatter all lie far above the minimum, so that growing noise hides no rise."""
    late = after[after.size // 2 :]
    middle = float(np.median(late))
    away = 1.4826 * float(np.median(np.abs(late - middle))) * 1.25 / math.sqrt(late.size)
    high = np.count_nonzero(late > low + _HIGH * reach) >= 0.9 * late.size
    tau, chance = trend(after.tolist())
    return bool(high and middle - low > max(_SURE * away, _RISEN * reach) and tau > 0 and chance <= 2.0 * _ALPHA)


def _drift(values: Floats) -> float:
    """How far correlated values may drift by chance, as a rank test assumes that they are independent.

    Four times the scatter around a straight line if its residuals are autocorrelated; else 0.
    """
    if values.size < _FEW + 1:
        return 0.0
    slope, start, *_ = theilslopes(values)
    rest = values - float(start) - float(slope) * np.arange(values.size)
    rest = rest - rest.mean()
    size = float(np.sum(rest**2))
    alike = float(np.sum(rest[1:] * rest[:-1])) / size if size > 0.0 else 0.0
    return _WANDER * math.sqrt(size / values.size) if alike > _ALIKE else 0.0


def still_falls(values: Sequence[float], share: float = 0.5) -> tuple[bool, float]:
    """Whether the last ``share`` of a curve (six values at least) falls significantly.

    Returns:
        The answer, and the fall over that part by its Theil-Sen line as a share of the range of the curve.
    """
    y = np.asarray(values, dtype=np.float64)
    tail = y[-min(y.size, max(6, round(share * y.size))) :]
    reach = float(np.ptp(smooth(values))) if y.size else 0.0
    if tail.size < 5 or reach == 0.0:
        return False, 0.0
    tau, chance = trend(tail.tolist())
    slope = float(theilslopes(tail)[0])
    drop = -slope * (tail.size - 1) / reach
    late, _ = trend(tail[-max(4, tail.size // 2) :].tolist())
    return bool(tau < 0 and chance <= 2.0 * _ALPHA and drop > 0 and late < 0), drop


def fell(values: Sequence[float]) -> float:
    """Fall of a curve from its start to its best part, minus what noise alone would give; 0 if it did not fall."""
    y = np.asarray(values, dtype=np.float64)
    if y.size < 3:
        return 0.0
    sigma = noise_of(values)
    start = float(np.max(y[: max(1, min(3, y.size // 4))]))
    best = float(np.min(smooth(values)))
    drop = start - best
    tau, chance = trend(values)
    clear = drop > 10.0 * sigma
    return drop if clear or (drop > 4.0 * sigma and tau < 0 and chance <= 0.01) else 0.0


def scatter(values: Sequence[float]) -> float:
    """Robust standard deviation around the straight line through the values; NaN for fewer than four.

    The median deviation from twenty values on; below that the root mean square without the largest tenth (one
    value at least), because with few values the median deviation misses every second jump.
    """
    y = np.asarray(values, dtype=np.float64)
    if y.size < 4:
        return math.nan
    slope, start, *_ = theilslopes(y)
    rest = y - (float(start) + float(slope) * np.arange(y.size))
    away = np.sort(np.abs(rest - np.median(rest)))
    if y.size >= _MANY:
        return float(1.4826 * np.median(away))
    return float(np.sqrt(np.mean(away[: -max(1, y.size // 10)] ** 2)))


def period(values: Sequence[float]) -> Period | FitFailed:
    """Tests for one periodic component in the second half of a curve, after detrending.

    Each line of the spectrum is compared with its neighbours and not with all others, so that red noise
    (most of its power lies at long periods) does not look periodic. Periods that fit fewer than six times are
    excluded: they belong to the trend.
    """
    y = np.asarray(values, dtype=np.float64)
    y = y[y.size // 2 :]
    if y.size < 24:
        return FitFailed(f"{y.size} values in the second half, at least 24 needed")
    line = np.polynomial.polynomial.Polynomial.fit(np.arange(y.size), y, 2)
    rest = y - line(np.arange(y.size))
    edge = 6.0 * 1.4826 * float(np.median(np.abs(rest - np.median(rest))))
    rest = np.clip(rest, -edge, edge)
    power = np.abs(np.fft.rfft(rest))[: (y.size - 1) // 2 + 1] ** 2
    if power.size < _CYCLES + 4 or float(power.sum()) <= 1e-20 * max(1.0, float(np.max(np.abs(y))) ** 2):
        return FitFailed("nothing is left after detrending")
    chances = [_chance(power, place) for place in range(_CYCLES, power.size)]
    peak = int(np.argmin(chances)) + _CYCLES
    amplitude = 2.0 * math.sqrt(float(power[peak])) / y.size
    return Period(y.size / peak, amplitude, min(1.0, len(chances) * min(chances)))


def _chance(power: Floats, place: int) -> float:
    """Probability of so high a line in a spectrum, compared with its neighbours on the side where they are higher."""
    sides = (power[max(1, place - 1 - _NEAR) : place - 1], power[place + 2 : place + 2 + _NEAR])
    size, mean = max(((side.size, float(side.mean())) for side in sides if side.size >= 3), key=lambda side: side[1])
    return float((1.0 + power[place] / mean / size) ** -size) if mean > 0.0 else 0.0
