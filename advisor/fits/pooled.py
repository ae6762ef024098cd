"""Exponents of a power law in one or more sizes, pooled toward what is published where few points were measured."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from advisor.fits.smoothing import Floats

Z80 = 1.2815515655446004
"""Half width of an 80 % interval in standard deviations."""
_FREEDOM = 3.0
_ROUNDS = 30


@dataclass(frozen=True, slots=True)
class PooledLine:
    """Posterior of ``y = a + slopes · x``.

    Attributes:
        line: Intercept, then slopes.
        covariance: Of the same, square.
    """

    line: Floats
    covariance: Floats

    def at(self, x: Sequence[float]) -> tuple[float, float]:
        """Value at ``x`` and its standard deviation."""
        place = np.array([1.0, *x])
        return float(place @ self.line), float(np.sqrt(max(0.0, place @ self.covariance @ place)))


def pooled_line(x: Floats, y: Floats, sd: Floats, prior: Sequence[tuple[float, float]]) -> PooledLine:
    """Bayesian weighted least squares: flat prior on the intercept, Student priors on the slopes.

    Within about one standard deviation a prior acts as a normal one; where precise points contradict it, it gives way
    (tails of a Student t with three degrees of freedom, by iterative reweighting). Points further from a line than
    their own intervals allow widen the posterior, never narrow it.

    Args:
        x: Coordinates, points × slopes.
        y: Values.
        sd: Their standard deviations, positive.
        prior: Mean and positive standard deviation of each slope.
    """
    design = np.column_stack([np.ones(y.size), x])
    weight = 1.0 / sd**2
    data = design.T @ (design * weight[:, None])
    gram = design.T @ (weight * y)
    mean = np.array([0.0, *(item[0] for item in prior)])
    width = np.array([np.inf, *(max(item[1], 1e-6) for item in prior)])
    slopes = mean.copy()
    if np.linalg.matrix_rank(design, tol=1e-8) == design.shape[1]:
        slopes = np.linalg.solve(data, gram)
    for _ in range(_ROUNDS):
        distance = (slopes - mean) / width
        hold = 1.0 / (width**2 * np.maximum(1.0, (_FREEDOM + distance**2) / (_FREEDOM + 1.0)))
        covariance = np.linalg.inv(data + np.diag(hold))
        slopes = covariance @ (gram + hold * mean)
    if y.size > 2:
        scatter = float(np.sum(weight * (y - design @ slopes) ** 2)) / (y.size - 1)
        covariance = covariance * max(1.0, scatter)
    return PooledLine(slopes, np.asarray(covariance, dtype=np.float64))
