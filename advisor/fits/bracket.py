"""Range tests of several seeds, combined into the bracket of the learning-rate ladder."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from advisor.fits.range_test import RangeFit
from advisor.fits.types import Estimate, FitFailed

_ONE_SEED = 2.0  # a single sweep places the ceiling within this factor
_LEAST_SPAN = 10.0  # a ladder spans at least one decade


@dataclass(frozen=True, slots=True)
class RangeBracket:
    """Where the learning-rate ladder begins and ends.

    Attributes:
        low: Lowest rate at which any seed's loss began to fall, and at most a tenth of ``high``.
        high: Highest ceiling of any seed; the largest rate tried if some seed never diverged.
        ceiling: Divergence rate (geometric median) with its interval over seeds; None if no seed diverged.
        best: Minimum of the smoothed loss (geometric median) with its range over seeds.
        spread: Largest over smallest ceiling (best rate, where none diverged) between seeds; 1 with one seed.
        seeds: Sweeps used.
        diverged: Of these, how many diverged.
    """

    low: float
    high: float
    ceiling: Estimate | None
    best: Estimate
    spread: float
    seeds: int
    diverged: int


def _over_seeds(rates: Sequence[float]) -> Estimate:
    """Geometric median; the range between seeds, and never narrower than the square root of a lone seed's."""
    logs = np.log(np.asarray(rates, dtype=np.float64))
    middle = float(np.median(logs))
    least = math.log(_ONE_SEED) / math.sqrt(len(rates))
    low, high = min(float(logs.min()), middle - least), max(float(logs.max()), middle + least)
    return Estimate(math.exp(middle), math.exp(low), math.exp(high))


def combine_range_tests(fits: Sequence[RangeFit | FitFailed]) -> RangeBracket | FitFailed:
    """Combines repeats of one range test.

    Args:
        fits: One per seed. Unusable fits are left out, but their ceilings still count.

    Returns:
        The bracket, or why there is none (every sweep was flat, failed or never fell).
    """
    read = [fit for fit in fits if isinstance(fit, RangeFit)]
    usable = [fit for fit in read if fit.verdict == "usable"]
    if not usable:
        reasons = sorted({fit.reason for fit in fits if fit.reason})
        return FitFailed("no usable range test: " + ("; ".join(reasons) or "none was run"))
    ceilings = [fit.ceiling_lr for fit in read if fit.ceiling_lr is not None]
    bests = [fit.best_lr for fit in usable if fit.best_lr is not None]
    descents = [fit.descent_lr for fit in usable if fit.descent_lr is not None]
    tops = [fit.lr[-1] if fit.ceiling_lr is None else fit.ceiling_lr for fit in usable]
    high = max(tops)
    compared = ceilings or bests
    return RangeBracket(
        low=min(min(descents), high / _LEAST_SPAN),
        high=high,
        ceiling=_over_seeds(ceilings) if ceilings else None,
        best=_over_seeds(bests),
        spread=max(compared) / min(compared),
        seeds=len(usable),
        diverged=sum(fit.diverged for fit in usable),
    )
