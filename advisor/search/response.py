"""Fits of the objective over one setting, from probes that differ in it."""

import math
from collections.abc import Callable, Sequence

from advisor.evidence.evidence import Arm, Evidence
from advisor.fits import fit_response
from advisor.fits.types import FitFailed, Point, Response, Scale


def respond(
    evidence: Evidence,
    knob: str,
    scale: Scale,
    arms: Sequence[Arm],
    value_of: Callable[[Arm], float],
    context: str,
) -> Response:
    """Fits the response of a knob to finished or diverged arms; repeats of a value are merged."""
    usable = [arm for arm in arms if arm.trace.status != "failed"]
    points = [Point(value_of(arm), (evidence.cost(arm),), (arm.spec.key,)) for arm in usable]
    length = sum(arm.length for arm in usable) / len(usable) if usable else math.nan
    return fit_response(knob, scale, length, context, points, evidence.noise)


def best_value(response: Response, fallback: float) -> float:
    """The fitted optimum, else the best measured value, else ``fallback``."""
    if not isinstance(response.best, FitFailed):
        return response.best.value
    finite = response.finite
    return min(finite, key=lambda point: point.loss).value if finite else fallback


def significant(value: float) -> float:
    """Rounds to three significant digits, so that all files agree."""
    return float(f"{value:.3g}")
