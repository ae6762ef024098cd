"""PF017."""

import math

from advisor.evidence.evidence import Evidence
from advisor.evidence.round_name import RoundName
from advisor.rules.base import ProbeRule
from advisor.rules.finding import Judgement, detected, inconclusive, not_applicable, not_detected
from advisor.utils.numbers import number

_WIDE, _FAR, _REACHED = 30.0, 30.0, 0.3


class TargetsNotScaled(ProbeRule):
    """Real-valued targets are far from zero mean and unit spread.

    ## What it reads
    Mean and standard deviation of the targets of up to 2,000 training examples.

    ## Why it matters
    An untrained model predicts numbers near zero with a spread near one. Targets in the thousands must be reached by
    the weights of the last layer, in steps of the learning rate, and a squared error of 1e10 explodes at usual rates.

    ## Sources
    E-NORM asks for values of unit variance. K-INIT: begin with a last layer that predicts the mean of the targets.

    ## Known limits
    A loss that takes the logarithm, or a model that rescales its own output, does not need it; hence only advice.
    """

    code = "PF017"
    title = "The targets are not scaled"
    passed = "The targets have a usual scale"
    neutral = "Whether the targets are scaled"
    severity = "advice"
    confidence = "medium"
    requires = (RoundName.PREFLIGHT,)
    sources = ("E-NORM", "K-INIT")
    counterevidence = "a model that multiplies its output by the scale of the targets"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected if the spread, or the mean in spreads, is above 30; not if the outputs have a similar spread."""
        seen = evidence.preflight
        if seen is None:
            return inconclusive("nothing was measured before training")
        mean, std = seen.looks.targets
        if seen.targets != "real" or not (math.isfinite(mean) and math.isfinite(std)):
            return not_applicable("the targets are not real numbers, or were not found")
        values = {"mean": mean, "std": std}
        text = f"targets have mean {number(mean)} and standard deviation {number(std)}"
        fits = any(call.high - call.low > _REACHED * std for call in seen.looks.loss_calls)
        if fits or (std <= _WIDE and abs(mean) <= _FAR * max(std, 1.0)):
            return not_detected(text, values=values)
        return detected(
            text,
            values=values,
            advice=f"Normalise the targets: train on (target - {number(mean)}) / {number(std)}, and scale predictions "
            "back. Scale the inputs as well if they are not.",
        )
