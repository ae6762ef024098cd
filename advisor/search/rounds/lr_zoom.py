"""Closer around the winner, at twice the length or more: does the best rate hold as runs grow?"""

import math

import numpy as np

from advisor.evidence.evidence import Evidence
from advisor.evidence.queries import ladder, noise_of
from advisor.evidence.round_name import RoundName
from advisor.fits.types import Estimate, FitFailed, Point, Response
from advisor.records.spec import ProbeSpec
from advisor.search.rounds.base import close, held, respond, significant
from advisor.search.runner import Lab
from advisor.utils.numbers import rate as rate_text

LENGTH = 1 / 8
STEP = 1.6
_LOOKS = (0.5, 0.75, 1.0)
_CURVATURE = 0.02
_LARGEST_MOVE = math.log(2.25)
_DRAWN = 33


class ZoomRound:
    """Two rates, one on each side of the winner."""

    name = RoundName.ZOOM
    purpose = "closer around the best rate, at an eighth of the run"
    typical = (2, 1 / 8)

    def specs(self, evidence: Evidence, lab: Lab) -> list[ProbeSpec]:
        """The two sides, unless they were run."""
        if evidence.of_round(self.name) or evidence.overfits or not evidence.of_round(RoundName.LADDER):
            return []
        rates = [significant(evidence.choice.lr * factor) for factor in (1 / STEP, STEP)]
        return [
            lab.cycle(evidence.choice.with_(lr=rate), LENGTH, label=f"lr={rate_text(rate)}", looks=_LOOKS)
            for rate in rates
        ]

    def run(self, evidence: Evidence, lab: Lab) -> Evidence:
        """Runs both sides and places the optimum by their slope and the ladder's curvature."""
        before = lab.full_runs
        arms = lab.run(self.name, self.specs(evidence, lab))
        context = held(evidence, "batch_size", "weight_decay", "momentum")
        response = respond(evidence, "lr", "log", arms, lambda arm: arm.spec.lr, context)
        best = newton(evidence, response)
        if best is not None:
            response = _with_best(response, best)
        rate = best.value if best is not None else evidence.choice.lr
        known = evidence.with_(
            responses=(*evidence.responses, response), choice=evidence.choice.with_(lr=significant(rate))
        )
        return close(
            known,
            lab,
            arms,
            before,
            name=self.name,
            goal="see whether the best rate holds at an eighth of the run",
            scientific="learning rate",
            nuisance="none",
            fixed=held(evidence, "batch_size", "weight_decay", "momentum", "schedule"),
            outcome=f"best near {rate_text(rate)} at this length" if best else "the sides could not be compared",
        )


def newton(evidence: Evidence, response: Response) -> Estimate | None:
    """Optimum between (or just beside) two rates from their difference, given the curvature of the ladder.

    The relative loss is taken as a parabola in log rate; its curvature comes from the ladder's fit, and the step
    is kept within a factor of 2.25. A diverged upper side moves the optimum to the lower one.
    """
    if len(response.points) != 2:
        return None if isinstance(response.best, FitFailed) else response.best
    low, high = response.points
    if not math.isfinite(low.loss):
        return None
    if not math.isfinite(high.loss):
        return Estimate(low.value, low.value / STEP, low.value * math.sqrt(STEP))
    slope, curvature, middle, width = _shape(evidence, low, high)
    move = float(np.clip(-slope / (2 * curvature), -_LARGEST_MOVE, _LARGEST_MOVE))
    noise = noise_of(evidence)
    half = max(0.25, math.sqrt(noise / curvature) if curvature > 0 else 1.0, noise / (width * 2 * curvature))
    half = min(half, 1.5)
    value = middle + move
    return Estimate(math.exp(value), math.exp(value - half), math.exp(value + half))


def parabola(evidence: Evidence, response: Response) -> tuple[list[float], list[float]]:
    """The curve behind ``newton``, for drawing: rates, and costs through both points; empty if it was not used."""
    if len(response.points) != 2 or not all(math.isfinite(point.loss) for point in response.points):
        return [], []
    low, high = response.points
    slope, curvature, middle, width = _shape(evidence, low, high)
    best = response.best.value if isinstance(response.best, Estimate) else math.exp(middle)
    ends = [math.log(value) for value in (min(low.value, best), max(high.value, best))]
    z = np.linspace(ends[0], ends[1], _DRAWN)
    foot = 0.5 * (low.loss + high.loss) - curvature * width**2 / 4
    return np.exp(z).tolist(), (foot + slope * (z - middle) + curvature * (z - middle) ** 2).tolist()


def _shape(evidence: Evidence, low: Point, high: Point) -> tuple[float, float, float, float]:
    """Slope and curvature in natural log rate, middle of the two rates and their distance in it."""
    width = math.log(high.value / low.value)
    slope = (high.loss - low.loss) / width
    curvature = max(_curvature(evidence), _CURVATURE * abs(min(low.loss, high.loss)))
    return slope, curvature, 0.5 * (math.log(high.value) + math.log(low.value)), width


def _curvature(evidence: Evidence) -> float:
    """Second-order coefficient of the ladder's parabola in natural log rate; 0 if there is none."""
    rungs = ladder(evidence)
    if rungs is None or len(rungs.curve_x) < 3:
        return 0.0
    x, y = np.log(np.asarray(rungs.curve_x)), np.asarray(rungs.curve_y)
    good = np.isfinite(x) & np.isfinite(y)
    return float(np.polyfit(x[good], y[good], 2)[0]) if good.sum() >= 3 else 0.0


def _with_best(response: Response, best: Estimate) -> Response:
    return Response(
        response.knob, response.scale, response.length, response.context, response.points, response.noise, best,
        "resolved", response.curve_x, response.curve_y,
    )  # fmt: skip
