"""WD005."""

import math

from advisor.evidence.evidence import Evidence
from advisor.evidence.queries import figures_of, objective_text
from advisor.evidence.round_name import RoundName
from advisor.rules.base import ProbeRule
from advisor.rules.finding import Judgement, detected, inconclusive, not_detected
from advisor.utils.numbers import number, share


class DecayInsensitive(ProbeRule):
    """Weight decay makes no difference beyond the noise.

    ## What it reads
    The response to weight decay and the noise between seeds.

    ## Why it matters
    Then the value in use can stay, and an optimum would be arbitrary.

    ## Sources
    P-VAR: a difference counts if it is beyond the variance between repeats.

    ## Known limits
    Decay acts slowly: what makes no difference in a short run can make one in a long run.
    """

    code = "WD005"
    title = "Weight decay makes no difference beyond the noise"
    passed = "Weight decay matters"
    neutral = "Whether weight decay matters beyond the noise"
    severity = "info"
    confidence = "low"
    requires = (RoundName.DECAY,)
    sources = ("P-VAR",)
    counterevidence = "longer runs in which the values differ"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected if the response is flat."""
        response = evidence.response("weight_decay")
        finite = response.finite if response else ()
        if response is None or len(finite) < 2:
            return inconclusive("fewer than two weight decays finished")
        reach = max(point.loss for point in finite) - min(point.loss for point in finite)
        values = {"spread": reach, "noise": response.noise}
        text = (
            f"between weight decays {finite[0].value:g} and {finite[-1].value:g} the {objective_text(evidence)} "
            f"differs by {number(reach)} at {share(response.length)}"
        )
        if response.verdict == "flat":
            return detected(
                f"{text}, within twice the noise ({number(response.noise)})",
                values=values,
                figures=figures_of(evidence, "weight_decay"),
                advice="Keep the value in use; compare again at the full length if training overfits there.",
            )
        if not math.isfinite(response.noise):
            return inconclusive(f"{text}; the noise was not measured", values=values, requests_round=RoundName.NOISE)
        return not_detected(f"{text}, beyond twice the noise ({number(response.noise)})", values=values)
