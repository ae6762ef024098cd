"""LR008."""

import math

from advisor.evidence.evidence import Evidence
from advisor.evidence.queries import figures_of, ladder, noise_of, objective_text
from advisor.evidence.round_name import RoundName
from advisor.rules.base import ProbeRule
from advisor.rules.finding import Judgement, detected, inconclusive, not_detected
from advisor.utils.numbers import number, rate, share, times


class RateInsensitive(ProbeRule):
    """The learning rate makes no difference beyond the noise.

    ## What it reads
    The response to the learning rate over the whole ladder, the longer runs around the best one, and the noise
    between seeds.

    ## Why it matters
    Where the curve is flat any optimum from it would be arbitrary: the rate in use can stay, and tuning
    effort belongs elsewhere.

    ## Sources
    P-VAR: a difference counts if it is beyond the variance between repeats.

    ## Known limits
    Flat at a short length need not be flat at the full one. Without measured noise the verdict is never flat.
    """

    code = "LR008"
    title = "The learning rate makes no difference beyond the noise"
    passed = "The learning rate matters"
    neutral = "Whether the learning rate matters beyond the noise"
    severity = "info"
    confidence = "medium"
    requires = (RoundName.LADDER,)
    sources = ("P-VAR",)
    counterevidence = "repeats that reduce the noise, or longer probes"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected if the response is flat."""
        response, latest = ladder(evidence), evidence.response("lr")
        if response is None or latest is None:
            return inconclusive("the learning rate was not compared")
        finite = response.finite
        if response.verdict == "unmeasured" or len(finite) < 2:
            return inconclusive(response.reason or "too few rates finished")
        reach = max(point.loss for point in finite) - min(point.loss for point in finite)
        later = [point.loss for point in latest.finite]
        still = len(later) < 2 or max(later) - min(later) <= 2 * noise_of(evidence)
        values = {"spread": reach, "noise": response.noise, "low": finite[0].value, "high": finite[-1].value}
        text = (
            f"between rates {rate(finite[0].value)} and {rate(finite[-1].value)} the {objective_text(evidence)} "
            f"differs by {number(reach)} at {share(response.length)}"
        )
        if response.verdict == "flat" and (latest is response or still):
            return detected(
                f"{text}, within twice the noise ({number(response.noise)})",
                values=values,
                figures=figures_of(evidence, "lr"),
                advice="Keep a rate inside this range; it is not worth tuning.",
            )
        if not math.isfinite(response.noise):
            return inconclusive(f"{text}; the noise was not measured", values=values, requests_round=RoundName.NOISE)
        factor = f"{times(reach / response.noise)} times the noise" if response.noise > 0 else "and seeds agree exactly"
        return not_detected(f"{text}, {factor}", values=values, figures=figures_of(evidence, "lr"))
