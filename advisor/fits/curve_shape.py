"""The shape of a single training or validation curve: trend, plateau, minimum, gap, divergence."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from advisor.fits.smoothing import (
    Floats,
    bin_means,
    centred_mean,
    centred_median,
    difference_noise,
    finite_prefix,
)
from advisor.fits.types import FitFailed
from advisor.records.trace import Trace
from advisor.utils.lazy_scipy import normal_quantile

_BINS = 50
_AFTER = 0.1  # a plateau lasts for at least this part of the run
DivergenceKind = Literal["none", "non_finite", "exploded"]


@dataclass(frozen=True, slots=True)
class MinimumPassed:
    """Whether a validation curve has turned upwards for good.

    Attributes:
        passed: The rise is beyond noise and persistent (both flags below).
        best_step: Optimizer step of the lowest evaluation.
        best_fraction: The same as a fraction of the last evaluated step.
        best_loss: Lowest validation loss, as measured.
        rise: Median of the last (up to three) evaluations after it, minus the lowest loss corrected for the
            selection of the lowest of several; 0 if nothing comes after.
        beyond_noise: The rise exceeds twice the noise.
        persistent: The last two or more evaluations lie above the minimum by more than the noise, or the rise
            exceeds three times the noise; and the minimum is not an isolated point.
    """

    passed: bool
    best_step: int
    best_fraction: float
    best_loss: float
    rise: float
    beyond_noise: bool
    persistent: bool


@dataclass(frozen=True, slots=True)
class Gap:
    """Validation loss minus smoothed training loss, at each evaluation.

    Attributes:
        step: Optimizer steps.
        gap: Differences in the loss's unit.
        train_loss: The smoothed training loss there.
    """

    step: tuple[int, ...]
    gap: tuple[float, ...]
    train_loss: tuple[float, ...]

    @property
    def final(self) -> float:
        """Gap at the last evaluation."""
        return self.gap[-1]


@dataclass(frozen=True, slots=True)
class Divergence:
    """Where a training loss left the sane range; ``index`` is None if it did not."""

    kind: DivergenceKind
    index: int | None

    @property
    def diverged(self) -> bool:
        """True unless the kind is ``none``."""
        return self.kind != "none"


def _pairs(step: Sequence[float], loss: Sequence[float]) -> tuple[Floats, Floats]:
    """Finite (step, loss) pairs before the first non-finite loss."""
    size = min(len(step), len(loss))
    y = np.asarray(loss, dtype=np.float64)[:size]
    y = finite_prefix(y.tolist())
    return np.asarray(step, dtype=np.float64)[: y.size], y


def _noise(noise: float, loss: Floats) -> float:
    """The given noise; if that is NaN, the curve's own; 0 if neither is known."""
    measured = noise if math.isfinite(noise) else difference_noise(loss.tolist())
    return max(measured, 0.0) if math.isfinite(measured) else 0.0


def plateau(step: Sequence[float], loss: Sequence[float], noise: float) -> int | None:
    """First step after which the loss improves by less than the noise.

    Args:
        step: Increasing positions.
        loss: Losses; long curves are averaged in 50 groups first.
        noise: Standard deviation of one (averaged) loss; NaN to take the curve's own.

    Returns:
        The step; None if the curve still improves, has a non-finite loss, or the plateau would cover less
        than a tenth of the run or fewer than three points.
    """
    x, y = _pairs(step, loss)
    if y.size < min(len(step), len(loss)) or y.size < 4:
        return None
    x, y = bin_means(x.tolist(), y.tolist(), _BINS)
    so_far = np.minimum.accumulate(y)
    first = int(np.argmax(so_far - so_far[-1] <= _noise(noise, y)))
    if y.size - first < 3 or x[-1] - x[first] < _AFTER * (x[-1] - x[0]):
        return None
    return round(float(x[first]))


def minimum_passed(eval_step: Sequence[int], val_loss: Sequence[float], noise: float) -> MinimumPassed | FitFailed:
    """Finds the minimum of a validation curve and judges the rise after it.

    The lowest of several equally good noisy evaluations is low by selection; the expected bias is added back
    before the rise is judged, so that a flat noisy curve does not look like overfitting. A minimum inside the curve
    whose neighbours on both sides are not lower than the end is isolated: it counts as scatter, whatever its size.

    Args:
        eval_step: Optimizer steps of the evaluations.
        val_loss: Validation losses; nothing after a non-finite one is used.
        noise: Standard deviation of one evaluation; NaN to take the curve's own.
    """
    x, y = _pairs(eval_step, val_loss)
    if y.size < 3:
        return FitFailed(f"{y.size} finite evaluation(s), at least 3 needed")
    sigma = _noise(noise, y)
    best = int(np.argmin(y))
    rivals = int(np.count_nonzero(y - y[best] <= 3.0 * sigma))
    luck = -normal_quantile((1.0 - 0.375) / (rivals + 0.25)) * sigma
    level = float(y[best]) + luck
    after = y[best + 1 :]
    rise = float(np.median(after[-3:])) - level if after.size else 0.0
    beyond = rise > max(2.0 * sigma, 1e-12 * abs(level))
    high = after > level + sigma
    trailing = int(after.size if np.all(high) else np.argmin(high[::-1]))
    persistent = beyond and (trailing >= 2 or rise > 3.0 * sigma > 0.0) and not _stands_alone(y, best)
    return MinimumPassed(
        passed=beyond and persistent,
        best_step=int(x[best]),
        best_fraction=float(x[best] / x[-1]) if x[-1] > 0 else 0.0,
        best_loss=float(y[best]),
        rise=rise,
        beyond_noise=beyond,
        persistent=persistent,
    )


def _stands_alone(y: Floats, best: int) -> bool:
    """Whether the evaluations on both sides of the lowest are at least as high as the last three."""
    after = y[best + 1 :]
    return bool(best > 0 and after.size > 1 and min(y[best - 1], y[best + 1]) >= np.median(after[-3:]))


def gap(trace: Trace) -> Gap | FitFailed:
    """Validation loss minus training loss (running mean over a twentieth of the run) at the evaluations.

    The training loss is taken in training mode: with dropout or augmentation the gap may be negative.
    """
    x, y = _pairs(trace.step, trace.train_loss)
    at, val = _pairs(trace.eval_step, trace.val_loss)
    if not y.size or not val.size:
        return FitFailed("no finite training loss" if not y.size else "no finite validation loss")
    inside = (at >= x[0]) & (at <= x[-1] + 1)
    if not np.any(inside):
        return FitFailed("no evaluation within the steps that have a training loss")
    train = np.interp(at[inside], x, centred_mean(y, max(3, y.size // 20)))
    return Gap(
        step=tuple(int(item) for item in at[inside]),
        gap=tuple((val[inside] - train).tolist()),
        train_loss=tuple(train.tolist()),
    )


def divergence(train_loss: Sequence[float]) -> Divergence:
    """Finds where a loss became non-finite, or rose above its start for good.

    Exploded means: the end of the curve lies above the initial loss by more than half of the largest drop
    reached and ten times the noise. ``index`` is the first point from which it stays above the initial loss.
    """
    array = np.asarray(train_loss, dtype=np.float64)
    finite = finite_prefix(train_loss).size
    if finite < array.size:
        return Divergence("non_finite", finite)
    if array.size < 6:
        return Divergence("none", None)
    window = max(3, (array.size // 20) | 1)
    smooth = centred_median(array, window)
    initial = float(np.median(array[: min(max(3, array.size // 20), 10)]))
    limit = initial + max(0.5 * (initial - float(smooth.min())), 10.0 * _noise(math.nan, array))
    if float(smooth[-1]) <= limit or smooth[-1] <= initial + 1e-9 * abs(initial):
        return Divergence("none", None)
    below = np.flatnonzero(smooth <= initial)
    return Divergence("exploded", int(below[-1]) + 1 if below.size else 0)
