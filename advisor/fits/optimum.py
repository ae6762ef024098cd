"""Best rate and batch size among runs of one size: the minimum of a paraboloid fitted around the lowest losses."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from advisor.fits.pooled import Z80
from advisor.fits.smoothing import LARGEST, Floats
from advisor.fits.types import Estimate, FitFailed

_NEAR, _LEAST_NEAR = 1 / 6, 12
"""Share of the runs, by lowest loss, that sets the width of the fit; and how many at least."""
_REACH = 4.0
"""Runs further above the lowest loss than this many widths are left out."""
_SPARE = 2
"""Runs beyond the number of coefficients that a paraboloid needs."""
_ROBUST, _ROUNDS = 1.5, 10
_LEAST_SD = 0.1
_EDGE_SD = 0.7


@dataclass(frozen=True, slots=True)
class Measured:
    """One run.

    Attributes:
        rate: Peak learning rate.
        batch: Batch size, in any unit.
        loss: Its result; infinity if it diverged.
    """

    rate: float
    batch: float
    loss: float


@dataclass(frozen=True, slots=True)
class Optimum:
    """Best settings at one size.

    Attributes:
        rate: Best peak rate with its 80 % interval.
        batch: Best batch size; None if fewer than three were tried, so that none can be said to be best.
        at: The batch size that ``rate`` belongs to.
        runs: Number of runs behind the fit.
    """

    rate: Estimate
    batch: Estimate | None
    at: float
    runs: int


def best_of(runs: Sequence[Measured]) -> Optimum | FitFailed:
    """Fits a paraboloid to the loss over log rate and log batch, by the runs with the lowest losses.

    Weights fall by e for each width above the lowest loss; the width is the median of the lowest sixth, so that no
    unit of the loss is assumed. Single runs off the surface count less. Where fewer than three batch sizes were
    tried it is a parabola over the rate at the one with the lowest loss; where no minimum lies within the grid, the
    run with the lowest loss stands, known to a factor of 2.5.

    Args:
        runs: Of one data and model size. Those without a finite loss or with settings that are not positive are left
            out.

    Returns:
        The optimum, or why there is none.
    """
    known = [run for run in runs if abs(run.loss) < LARGEST and 0 < run.rate < LARGEST and 0 < run.batch < LARGEST]
    if not known:
        return FitFailed("no run with a finite loss")
    lowest = min(known, key=lambda run: run.loss)
    if len({run.batch for run in known}) < 3:
        known = [run for run in known if run.batch == lowest.batch]
        places = np.log([[run.rate] for run in known])
    else:
        places = np.log([[run.rate, run.batch] for run in known])
    middle, sd = _minimum(places, np.array([run.loss for run in known]))
    rate, *batch = (_estimate(value, width) for value, width in zip(middle, sd, strict=True))
    at = batch[0].value if batch else lowest.batch
    return Optimum(rate, batch[0] if batch else None, at, len(known))


def _estimate(middle: float, sd: float) -> Estimate:
    return Estimate(math.exp(middle), math.exp(middle - Z80 * sd), math.exp(middle + Z80 * sd))


def _minimum(places: Floats, loss: Floats) -> tuple[list[float], list[float]]:
    """Place of the minimum on each axis and its standard deviation."""
    start = places[int(np.argmin(loss))]
    above = loss - loss.min()
    width = max(
        float(np.median(np.sort(above)[: max(_LEAST_NEAR, round(_NEAR * above.size))])),
        1e-12 * float(np.max(np.abs(loss))),
        1e-300,
    )
    near = above <= _REACH * width
    x, y = places[near] - start, above[near] / width
    count = x.shape[1]
    pairs = [(i, j) for i in range(count) for j in range(i, count)]
    design = np.column_stack([np.ones(y.size), x, *(x[:, i] * x[:, j] for i, j in pairs)])
    unknown = start.tolist(), [_EDGE_SD] * count
    if y.size < design.shape[1] + _SPARE or np.linalg.matrix_rank(design) < design.shape[1]:
        return unknown
    closeness = np.exp(-y)
    weight = closeness
    for _ in range(_ROUNDS):
        normal = design.T @ (design * weight[:, None])
        found = np.linalg.solve(normal, design.T @ (weight * y))
        rest = y - design @ found
        noise = max(1.4826 * float(np.median(np.abs(rest))), 1e-9)
        weight = closeness / np.maximum(1.0, np.abs(rest) / (_ROBUST * noise))
    hessian = np.zeros((count, count))
    for (i, j), value in zip(pairs, found[1 + count :], strict=True):
        hessian[i, j] += value
        hessian[j, i] += value
    if np.linalg.eigvalsh(hessian)[0] <= 0:
        return unknown
    inverse = np.linalg.inv(hessian)
    shift = -inverse @ found[1 : 1 + count]
    if np.any(shift < x.min(axis=0)) or np.any(shift > x.max(axis=0)):
        return unknown
    moves = [*np.eye(count)]
    for i, j in pairs:
        move = np.zeros(count)
        move[i] += shift[j]
        move[j] += shift[i]
        moves.append(move)
    jacobian = -inverse @ np.array(moves).T
    spread = np.linalg.inv(normal)
    of_found = noise**2 * spread @ (design.T @ (design * (weight**2)[:, None])) @ spread
    covariance = jacobian @ of_found[1:, 1:] @ jacobian.T
    sd = np.clip(np.sqrt(np.maximum(np.diag(covariance), 0.0)), _LEAST_SD, _EDGE_SD)
    return (start + shift).tolist(), sd.tolist()
