"""The learning-rate range test (Smith, arXiv 1506.01186): bracket and ceiling, but no recommendation.

No rate is recommended from this curve alone: published one-curve rules land anywhere from far below the tuned
rate to the edge of divergence. The curve brackets the ladder of short cycles, which decides.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from advisor.fits.smoothing import (
    Floats,
    centred_mean,
    centred_median,
    difference_noise,
    finite_prefix,
)
from advisor.fits.types import FitFailed
from advisor.utils.lazy_scipy import kendalltau

RangeVerdict = Literal["usable", "flat", "never_fell"]

MIN_POINTS = 10
RISE = 0.5  # divergence: half of the improvement over the initial loss is lost again
FALL = 0.1  # descent: a tenth of the whole drop
SIGMAS = 4.5  # a rise of the smoothed curve is real beyond this many of its standard deviations
EVIDENCE = 6.0  # drop in standard deviations plus trend (Kendall's z): 0.5 % of flat noisy sweeps reach it


@dataclass(frozen=True, slots=True)
class RangeFit:
    """One sweep of rising learning rate. Rates are absolute, losses in the loss's own unit.

    Attributes:
        verdict: ``usable`` (the loss fell beyond noise), ``flat`` (neither fell nor diverged) or
            ``never_fell`` (it diverged, or rose, without having fallen: already trained, or started too high).
        lr: Rates of the smoothed points, increasing.
        smoothed: Smoothed training loss; clipped where it explodes, so that the explosion does not leak back.
        initial_loss: Median of the first few losses.
        descent_lr: Where the loss has clearly begun to fall; None unless usable.
        best_lr: Minimum of the smoothed loss; None unless usable.
        steepest_lr: Steepest descent in log rate, between the two; None unless usable.
        ceiling_lr: Last rate before divergence; None if it never diverged.
        diverged: Whether the loss lost its improvement again, or became non-finite.
        reason: Why the verdict is not ``usable``; empty if it is.
    """

    verdict: RangeVerdict
    lr: tuple[float, ...]
    smoothed: tuple[float, ...]
    initial_loss: float
    descent_lr: float | None
    best_lr: float | None
    steepest_lr: float | None
    ceiling_lr: float | None
    diverged: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class _Curve:
    """A smoothed sweep; ``noise`` is the standard deviation of one smoothed loss relative to the initial loss."""

    initial: float
    smoothed: Floats
    noise: float
    raw_noise: float


def _smooth(loss: Floats) -> _Curve:
    """Running median, then a running mean after clipping the explosion."""
    window = max(3, (loss.size // 20) | 1)
    head = min(max(5, loss.size // 20), 10)
    initial = float(np.median(loss[:head]))
    smoothed = centred_median(loss, window)
    raw = difference_noise(loss[: max(int(np.argmin(smoothed)) + 1, 2 * loss.size // 3)].tolist())
    rounding = 1e-12 * float(np.max(np.abs(loss[: max(head, loss.size // 2)])))
    raw = max(0.0 if math.isnan(raw) else raw, rounding)
    drop = max(initial - float(np.min(smoothed)), 0.0)
    smoothed = np.minimum(smoothed, initial + 2.0 * drop + 20.0 * raw)
    smoothed = centred_mean(smoothed, window)
    noise = 1.25 * raw * math.sqrt(1.0 / window + 1.0 / head)
    return _Curve(initial, smoothed, noise, raw)


def _minimum(loss: Floats, curve: _Curve) -> tuple[int, int | None]:
    """Index of the minimum, and the first one after it at which half of the drop is lost, beyond noise.

    The last few raw losses count too: a sweep stopped at its first explosion has no smoothed trace of it.
    """
    low = float(curve.smoothed.min())
    lost = max(RISE * (curve.initial - low), 0.0)
    calm = np.flatnonzero(loss <= low + lost + 8.0 * curve.raw_noise)
    tail = int(calm[-1]) + 1 if calm.size else loss.size
    best = int(np.argmin(curve.smoothed[:tail]))
    high = curve.smoothed > low + max(lost, SIGMAS * curve.noise)
    later = np.flatnonzero(high[best + 1 : tail])
    first = best + 1 + int(later[0]) if later.size else tail
    return best, first if first < loss.size else None


def fit_range_test(
    lr: Sequence[float],
    train_loss: Sequence[float],
    *,
    cut_off: bool = False,
) -> RangeFit | FitFailed:
    """Reads a range test. The rates do not depend on the scale or offset of the loss.

    Args:
        lr: Learning rate of each step, increasing.
        train_loss: Loss of each step; everything from the first non-finite one on counts as divergence.
        cut_off: Whether the run was stopped as diverged right after its last point.

    Returns:
        The fit, or why the curve cannot be read.
    """
    size = min(len(lr), len(train_loss))
    rates = np.asarray(lr, dtype=np.float64)[:size]
    loss = finite_prefix(train_loss[:size])
    broke = loss.size < size or cut_off
    if loss.size < MIN_POINTS:
        ending = " before the first non-finite loss" if loss.size < size else ""
        return FitFailed(f"{loss.size} points{ending}, at least {MIN_POINTS} needed")
    rates = rates[: loss.size]
    if not np.all(np.isfinite(rates)) or np.any(rates <= 0) or np.any(np.diff(rates) < 0):
        return FitFailed("learning rates are not positive and increasing")
    if np.any(np.diff(rates) == 0):
        rates, groups = np.unique(rates, return_inverse=True)
        loss = np.bincount(groups, weights=loss) / np.bincount(groups)
        if rates.size < MIN_POINTS:
            return FitFailed(f"{rates.size} different learning rates, at least {MIN_POINTS} needed")

    with np.errstate(all="ignore"):
        curve = _smooth(loss)
    if not np.all(np.isfinite(curve.smoothed)):
        return FitFailed("losses too large to be averaged")
    best, first = _minimum(loss, curve)
    diverged = broke or first is not None
    ceiling = float(rates[-1 if first is None else first - 1]) if diverged else None
    drop = curve.initial - float(curve.smoothed[best])
    evidence = drop / curve.noise + _trend(loss[: best + 1]) if curve.noise > 0 else 0.0
    if evidence <= EVIDENCE or drop <= 0.0:
        fell_by = f"the loss fell by {max(drop, 0.0):.3g}, which is within its noise ({curve.noise:.2g})"
        return RangeFit(
            verdict="never_fell" if diverged else "flat",
            lr=tuple(rates.tolist()),
            smoothed=tuple(curve.smoothed.tolist()),
            initial_loss=curve.initial,
            descent_lr=None,
            best_lr=None,
            steepest_lr=None,
            ceiling_lr=ceiling,
            diverged=diverged,
            reason=fell_by + (" before it diverged" if diverged else ""),
        )
    least = min(max(2.0 * curve.noise, FALL * drop), 0.5 * drop)
    above = np.flatnonzero(curve.initial - curve.smoothed[: best + 1] <= least)
    descent = min(int(above[-1]) + 1, best) if above.size else 0
    return RangeFit(
        verdict="usable",
        lr=tuple(rates.tolist()),
        smoothed=tuple(curve.smoothed.tolist()),
        initial_loss=curve.initial,
        descent_lr=float(rates[descent]),
        best_lr=float(rates[best]),
        steepest_lr=float(rates[_steepest(rates, curve.smoothed, descent, best)]),
        ceiling_lr=ceiling,
        diverged=diverged,
    )


def _trend(loss: Floats) -> float:
    """Kendall's statistic for a falling trend, in standard deviations; 0 if it does not fall."""
    if loss.size < 5:
        return 0.0
    tau = float(kendalltau(np.arange(loss.size), loss).statistic)
    spread = math.sqrt(2.0 * (2.0 * loss.size + 5.0) / (9.0 * loss.size * (loss.size - 1.0)))
    return max(-tau / spread, 0.0) if math.isfinite(tau) else 0.0


def _steepest(rates: Floats, smoothed: Floats, descent: int, best: int) -> int:
    """Index of the steepest fall per unit of log rate, from the start of the descent to the minimum."""
    slope = np.gradient(smoothed, np.log(rates))
    return descent + int(np.argmin(slope[descent : best + 1]))
