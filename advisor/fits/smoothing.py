"""Unbiased smoothing, and the noise of a single curve estimated from its differences."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_NORMAL_MAD = 1.4826  # median absolute deviation of a normal distribution, inverted
LARGEST = 1e100  # larger losses count as infinite: their squares would overflow


def finite_prefix(values: Sequence[float]) -> Floats:
    """Returns the values before the first NaN or infinity (or magnitude of 1e100 and above)."""
    array = np.asarray(values, dtype=np.float64).ravel()
    bad = np.flatnonzero(~(np.abs(array) < LARGEST))
    return array[: bad[0]] if bad.size else array


def ema(values: Sequence[float], beta: float) -> tuple[float, ...]:
    """Debiased exponential moving average.

    Equal to ``avg_i / (1 - beta ** i)`` with ``i`` counted from 1, computed as an update with a shrinking
    gain, so that a constant input returns exactly that constant. (Dividing by ``1 - beta ** (i + 1)``, or not
    at all, makes a constant loss rise: Lightning issue 14167.)

    Args:
        values: Losses in order. Smoothing stops before the first one that is not finite.
        beta: Weight of the past, in [0, 1).

    Returns:
        One smoothed value for each value before the first non-finite one.
    """
    smoothed: list[float] = []
    current = 0.0
    decay = 1.0
    for value in finite_prefix(values).tolist():
        decay *= beta
        gain = (1.0 - beta) / (1.0 - decay)
        current = current + (value - current) * gain if smoothed else value
        if not np.isfinite(current):
            break
        smoothed.append(current)
    return tuple(smoothed)


def difference_noise(values: Sequence[float]) -> float:
    """Noise of one value of a smooth curve: median absolute deviation of first differences over sqrt 2.

    Trend and single outliers hardly affect it. Pairs with a non-finite member are left out.

    Returns:
        Standard deviation in the unit of the values; NaN (never measured) with fewer than three differences.
    """
    array = np.asarray(values, dtype=np.float64).ravel()
    with np.errstate(invalid="ignore", over="ignore"):
        steps = np.diff(array)
    steps = steps[np.isfinite(steps)]
    if steps.size < 3:
        return float("nan")
    return float(_NORMAL_MAD * np.median(np.abs(steps - np.median(steps))) / np.sqrt(2.0))


def centred_median(values: Floats, window: int) -> Floats:
    """Running median over ``window`` points around each; fewer at the ends."""
    half = max(window, 1) // 2
    size = values.size
    if size <= 2 * half:
        return np.array([np.median(values[max(0, i - half) : i + half + 1]) for i in range(size)])
    inner = np.median(np.lib.stride_tricks.sliding_window_view(values, 2 * half + 1), axis=1)
    begin = [np.median(values[: i + half + 1]) for i in range(half)]
    end = [np.median(values[i - half :]) for i in range(size - half, size)]
    return np.concatenate([begin, inner, end])


def centred_mean(values: Floats, window: int) -> Floats:
    """Running mean over a symmetric window; it shrinks towards the ends, which keeps a straight line unchanged."""
    half = max(window, 1) // 2
    sides = np.minimum(np.minimum(np.arange(values.size), np.arange(values.size)[::-1]), half)
    return np.array([np.mean(values[i - side : i + side + 1]) for i, side in enumerate(sides)])


def bin_means(x: Sequence[float], y: Sequence[float], bins: int) -> tuple[Floats, Floats]:
    """Means of finite pairs in at most ``bins`` groups of equal count, in the given order.

    Returns:
        Mean x and mean y of each group; the pairs themselves if there are no more than ``bins``.
    """
    size = min(len(x), len(y))
    first = np.asarray(x, dtype=np.float64)[:size]
    second = np.asarray(y, dtype=np.float64)[:size]
    keep = np.isfinite(first) & np.isfinite(second)
    first, second = first[keep], second[keep]
    if first.size <= max(bins, 1):
        return first, second
    parts = np.array_split(np.arange(first.size), max(bins, 1))
    return (
        np.array([np.mean(first[part]) for part in parts]),
        np.array([np.mean(second[part]) for part in parts]),
    )
