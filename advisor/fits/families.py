"""Parametric learning-curve families and their robust least-squares fits.

All fall towards an asymptote ``c``. Names and forms follow LCDB (Mohr et al., ECML 2022) and Domhan et al.
(IJCAI 2015), written for a loss. Inputs are normalised: x in (0, 1], y in [0, 1] over the observed part.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from advisor.fits.smoothing import Floats
from advisor.utils.lazy_scipy import least_squares

Curve = Callable[[Floats, Floats], Floats]
_EVALUATIONS = 60
LOG_LIMIT = 5.0  # rates and shifts stay within exp(+-5) of the observed span


@dataclass(frozen=True, slots=True)
class Family:
    """One parametric form of a learning curve.

    Attributes:
        name: Its name in the literature.
        curve: Maps (parameters, x) to y. The first parameter is the asymptote, the second the log amplitude.
        starts: Initial values of the parameters after the first two.
        low: Their lower bounds.
        high: Their upper bounds.
    """

    name: str
    curve: Curve
    starts: tuple[tuple[float, ...], ...]
    low: tuple[float, ...]
    high: tuple[float, ...]


def _pow4(p: Floats, x: Floats) -> Floats:
    """Returns c + a (x + d)^-b."""
    return np.asarray(p[0] + np.exp(p[1] - np.exp(p[2]) * np.log(x + np.exp(p[3]))))


def _wbl4(p: Floats, x: Floats) -> Floats:
    """Returns c + a exp(-b x^d)."""
    return np.asarray(p[0] + np.exp(p[1] - np.exp(p[2]) * x ** np.exp(p[3])))


def _mmf4(p: Floats, x: Floats) -> Floats:
    """Returns c + a / (1 + (b x)^d)."""
    return np.asarray(p[0] + np.exp(p[1]) / (1.0 + np.exp(np.exp(p[3]) * (p[2] + np.log(x)))))


FAMILIES = (
    Family("pow4", _pow4, ((-0.7, -2.0), (0.5, -0.5)), (-LOG_LIMIT, -LOG_LIMIT), (2.0, 2.0)),
    Family("wbl4", _wbl4, ((0.5, -0.5), (1.5, 0.0)), (-LOG_LIMIT, -2.0), (LOG_LIMIT, 1.5)),
    Family("mmf4", _mmf4, ((1.0, 0.0), (2.5, 0.5)), (-LOG_LIMIT, -2.0), (LOG_LIMIT, 1.5)),
)


@dataclass(frozen=True, slots=True)
class FamilyFit:
    """A fitted family; ``rms`` is the weighted residual in normalised units."""

    family: Family
    parameters: tuple[float, ...]
    rms: float

    def at(self, x: Floats) -> Floats:
        """Predicted y."""
        with np.errstate(all="ignore"):
            return self.family.curve(np.array(self.parameters), x)


def rising_weights(size: int) -> Floats:
    """Residual weights rising geometrically from 0.3 to 1 (the last point counts ten times the first)."""
    return np.geomspace(0.3, 1.0, size)


def fit_family(family: Family, x: Floats, y: Floats, noise: float) -> FamilyFit | None:
    """Best of a few deterministic starts under a soft L1 loss; None if none gave finite numbers.

    Args:
        family: The family to fit.
        x: Positions in (0, 1].
        y: Losses, scaled so that the observed range is [0, 1].
        noise: Standard deviation of one y: residuals beyond it count linearly.
    """
    weight = rising_weights(x.size)
    last = float(y[-1])
    low = np.array([-1.5, -8.0, *family.low])
    high = np.array([1.5, 8.0, *family.high])

    def residuals(p: Floats) -> Floats:
        with np.errstate(all="ignore"):
            return np.nan_to_num(weight * (family.curve(p, x) - y), nan=1e6, posinf=1e6, neginf=-1e6)

    best: FamilyFit | None = None
    for asymptote, start in zip((last - 0.05, last - 0.3), family.starts, strict=True):
        shape = family.curve(np.array([0.0, 0.0, *start]), x)
        amplitude = max(float(y[0] - asymptote), 0.05) / max(float(shape[0]), 1e-6)
        begin = np.clip([asymptote, np.log(amplitude), *start], low + 1e-6, high - 1e-6)
        try:
            found = least_squares(
                residuals,
                begin,
                bounds=(low, high),
                loss="soft_l1",
                f_scale=max(noise, 1e-3),
                max_nfev=_EVALUATIONS,
            )
        except (ValueError, np.linalg.LinAlgError):
            continue
        rms = float(np.sqrt(np.sum(residuals(found.x) ** 2) / np.sum(weight**2)))
        if np.all(np.isfinite(found.x)) and (best is None or rms < best.rms):
            best = FamilyFit(family, tuple(found.x.tolist()), rms)
    return best
