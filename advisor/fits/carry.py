"""Carries the best rate and batch size from runs of small sizes to a larger one."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from advisor.fits.carry_laws import BATCH, RATE, RATE_AT_BATCH, RATE_BY_BATCH, Law
from advisor.fits.optimum import Optimum
from advisor.fits.pooled import Z80, PooledLine, pooled_line
from advisor.fits.smoothing import LARGEST
from advisor.fits.types import Estimate, FitFailed

_SCATTER = 0.2
"""Standard deviation of the logarithm by which the best settings of a size stray from any law in its size."""
_STEEPEST = 2.0
"""An exponent beyond this follows from points that have little to do with each other."""


@dataclass(frozen=True, slots=True)
class Size:
    """What a setting belongs to.

    Attributes:
        data: Examples or tokens that the whole run trains on.
        model: Parameters.
    """

    data: float
    model: float = 1.0


@dataclass(frozen=True, slots=True)
class Carried:
    """Settings for a size that was not run.

    Attributes:
        rate: Peak rate with its 80 % interval.
        batch: Batch size with its 80 % interval.
        rate_over_data: Exponent of the rate that was used: measured and published together.
        batch_over_data: The same of the batch size.
        sizes: Number of optima behind it.
    """

    rate: Estimate
    batch: Estimate
    rate_over_data: Estimate
    batch_over_data: Estimate
    sizes: int


def carry(optima: Sequence[tuple[Size, Optimum]], target: Size, *, keep_batch: bool = False) -> Carried | FitFailed:
    """Rate and batch size for ``target``, from the best of each size that was measured.

    With one size the published law carries it (``carry_laws``). With several their own trend counts as far as it is
    known, pooled toward the published exponent; a trend against a sign on which the sources agree counts as none.

    Args:
        optima: Best settings of each size (``optimum.best_of``). Sizes that are not positive are left out.
        target: Where to.
        keep_batch: Whether the batch size stays at that of the largest size. It also stays where a size has no best
            batch. Rates of other batches are brought to it by ``RATE_BY_BATCH``.

    Returns:
        The settings with intervals that widen with distance; or why there are none.
    """
    known = [(size, best) for size, best in optima if _usable(size)]
    if not known or not _usable(target):
        return FitFailed("no optimum at any positive size")
    largest = max(known, key=lambda item: (item[0].data, item[0].model))[1]
    sizes = [size for size, _ in known]
    rates = [best.rate for _, best in known]
    batches = [best.batch for _, best in known if best.batch is not None]
    if keep_batch or len(batches) < len(known):
        power = RATE_BY_BATCH.range.value
        moved = [_times(best.rate, (largest.at / best.at) ** power) for _, best in known]
        rate = _along(sizes, moved, target, RATE_AT_BATCH)
        batch = Estimate(largest.at, largest.at, largest.at), Estimate(0.0, 0.0, 0.0)
    else:
        rate, batch = _along(sizes, rates, target, RATE), _along(sizes, batches, target, BATCH)
    numbers = [number for item in (*rate, *batch) for number in (item.value, item.low, item.high)]
    if max(abs(rate[1].value), abs(batch[1].value)) > _STEEPEST or not np.all(np.isfinite(numbers)):
        return FitFailed("the best settings of the sizes that were run follow no law")
    return Carried(rate[0], batch[0], rate[1], batch[1], len(known))


def _usable(size: Size) -> bool:
    return 0 < size.data < LARGEST and 0 < size.model < LARGEST


def _times(value: Estimate, factor: float) -> Estimate:
    return Estimate(value.value * factor, value.low * factor, value.high * factor)


def _along(sizes: Sequence[Size], best: Sequence[Estimate], target: Size, law: Law) -> tuple[Estimate, Estimate]:
    """Value at the target, and the exponent over the data that led there."""
    line = _line(sizes, best, law)
    middle, of_line = line.at(_coordinates(target))
    sd = math.hypot(of_line, _SCATTER)
    with np.errstate(over="ignore"):
        value, low, high = np.exp([middle, middle - Z80 * sd, middle + Z80 * sd]).tolist()
    slope, half = float(line.line[1]), Z80 * math.sqrt(max(0.0, float(line.covariance[1, 1])))
    return Estimate(value, low, high), Estimate(slope, slope - half, slope + half)


def _coordinates(size: Size) -> tuple[float, float]:
    return math.log(size.data), math.log(size.model)


def _line(sizes: Sequence[Size], best: Sequence[Estimate], law: Law) -> PooledLine:
    """The line through the optima, without the slopes that would go against their sources."""
    x = np.array([_coordinates(size) for size in sizes])
    y = np.log([item.value for item in best])
    sd = np.hypot(np.log([item.high / item.low for item in best]) / (2.0 * Z80), _SCATTER)
    laws = (law.over_data, law.over_model)
    free = [0, 1]
    while True:
        part = pooled_line(x[:, free], y, sd, [laws[i].prior for i in free])
        agreeing = [i for i, slope in zip(free, part.line[1:], strict=True) if laws[i].sign * slope >= 0]
        if agreeing == free:
            break
        free = agreeing
    places = [0, *(i + 1 for i in free)]
    line, covariance = np.zeros(3), np.zeros((3, 3))
    line[places] = part.line
    covariance[np.ix_(places, places)] = part.covariance
    return PooledLine(line, covariance)
