"""LR002."""

from advisor.evidence.evidence import Evidence
from advisor.evidence.queries import (
    arms_of,
    figures_of,
    ladder,
    noise_of,
    objective_text,
    present_rate,
    present_rate_text,
)
from advisor.fits import at_stake
from advisor.fits.types import FitFailed, Response
from advisor.rules.base import Rule
from advisor.rules.finding import Judgement, cannot_tell, detected, not_applicable, not_detected
from advisor.utils.numbers import number, rate, share, times

_DRIFT = 1 / 3
"""Exponent of the length by which the best rate of short runs is at most taken to fall (ADR 0005, method.md)."""


class RateTooSmall(Rule):
    """The learning rate in use is below the interval of the best measured one.

    ## What it reads
    The user's peak rate, at the probes' momentum, against the response to the learning rate at the longest
    length measured, and the loss that lies between the two.

    ## Why it matters
    A rate that is too small wastes the run, and gives up the regularisation that a large rate brings.

    ## Sources
    S-D1 reads overfitting at low rates from a range test; P-CV1 warns that a low rate can also hide
    overfitting. The measured loss decides here. P-TR: the rate carries over from short to long runs only in
    part.

    ## Known limits
    Short runs prefer larger rates than long ones. The response at the longest length is used, and its interval is
    carried to the full length as where overfitting is likely (rate times the cube root of the length stays), so that a
    rate that a long run may well prefer is not called too small. What lies between is left to LR010.
    """

    code = "LR002"
    title = "The learning rate in use is too small"
    passed = "The learning rate in use is not too small"
    severity = "advice"
    confidence = "medium"
    requires = ("ladder",)
    sources = ("S-D1", "P-CV1", "P-TR")
    doubt = "longer probes whose best rate is lower"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected below the interval as carried to the full length, with more than the noise at stake."""
        if not evidence.current_given:
            return not_applicable("no learning rate is in use: the settings were assumed")
        response = evidence.response("lr")
        if response is None or isinstance(response.best, FitFailed):
            return cannot_tell(response.reason if response else "the learning rate was not compared")
        best = response.best
        equivalent = present_rate(evidence, arms_of(evidence, response))
        mine = present_rate_text(evidence, equivalent)
        worth, bound = _cost(evidence, response, equivalent)
        values = {
            "current": equivalent,
            "best": best.value,
            "low": best.low,
            "high": best.high,
            "at_stake": worth,
        }
        between = f"{rate(best.value)} ({rate(best.low)} to {rate(best.high)}) is best at {share(response.length)}"
        if equivalent >= best.low * response.length**_DRIFT or equivalent > 0.5 * best.value:
            return not_detected(f"{between}; {mine} is in use", values=values)
        if worth <= noise_of(evidence) or worth <= 0:
            return cannot_tell(
                f"{between}; {mine} is in use, but the {number(worth)} between them is inside the noise",
                values=values,
            )
        return detected(
            f"{between}, and {mine} is {times(best.value / equivalent)} times lower; it costs "
            f"{bound}{number(worth)} of {objective_text(evidence)}",
            values=values,
            figures=figures_of(evidence, "lr"),
            advice=f"Raise the peak rate from {mine} to {rate(evidence.choice.lr)}, under the recommended schedule.",
        )


def _cost(evidence: Evidence, response: Response, equivalent: float) -> tuple[float, str]:
    """Loss between the rate in use and the best one; a lower bound if that rate is below all that was tried.

    Read from the ladder where the longer response does not reach as far down.
    """
    cost, bound = 0.0, ""
    for item in (response, ladder(evidence)):
        finite = item.finite if item else ()
        if item is None or not finite:
            continue
        best = min(finite, key=lambda point: point.loss)
        worth = at_stake(item, equivalent, best.value)
        if worth is not None:
            return worth, ""
        if finite[0].value > equivalent:
            cost, bound = finite[0].loss - best.loss, "at least "
    return cost, bound
