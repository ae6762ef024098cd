"""PF002."""

import math

from advisor.evidence.evidence import Evidence
from advisor.evidence.round_name import RoundName
from advisor.rules.base import ProbeRule
from advisor.rules.finding import Judgement, detected, inconclusive, not_detected
from advisor.utils.numbers import number, times

_CLASSES, _REAL = 1.5, 10.0
_NATS = 1.0


class InitialLossOff(ProbeRule):
    """The loss of the untrained model is far above that of a constant prediction.

    ## What it reads
    The loss of the untrained model on training examples, and the loss of an uninformed prediction for the same
    examples: equal scores for all classes (ln K for cross-entropy), or the mean of the targets.

    ## Why it matters
    The first part of training is then spent on unlearning confident errors. The usual causes are inputs or
    targets that are not normalised, an output layer with large weights, or outputs that the loss misreads.

    ## Sources
    K-INIT compares the initial loss with that of a constant prediction. P-INIT asks for a sane start before tuning.

    ## Known limits
    For real targets ten times the loss of their mean is allowed, because a bounded output or a mean far from zero takes
    a few steps to unlearn. Models often train well from a bad start; hence only advice. If the model computes the loss
    itself, the loss of a constant prediction is unknown. Pretrained models start below it, which is no fault.
    """

    code = "PF002"
    title = "The untrained model does worse than a constant prediction"
    passed = "The untrained model starts near the loss of a constant prediction"
    neutral = "Initial loss against a constant prediction"
    severity = "advice"
    confidence = "high"
    requires = (RoundName.PREFLIGHT,)
    sources = ("K-INIT", "P-INIT")
    counterevidence = "a loss whose uninformed value differs from the one computed here"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected 1.5 times above the constant prediction or one nat for classes, ten times for other targets."""
        seen = evidence.preflight
        if seen is None or not math.isfinite(seen.expected_loss):
            return inconclusive("the loss of a constant prediction is not known for this loss")
        if not math.isfinite(seen.initial_loss):
            return inconclusive("the initial loss is not finite (PF004)")
        start, baseline = seen.initial_loss, seen.expected_loss
        factor = _CLASSES if seen.targets == "classes" else _REAL
        values = {"initial_loss": start, "expected_loss": baseline}
        text = f"initial loss {number(start)}, a constant prediction gives {number(baseline)}"
        if baseline <= 0 or not (start > factor * baseline + 1e-12 or _confident(seen.classes, start / baseline)):
            return not_detected(text, values=values)
        what = "inputs" if seen.targets == "classes" else "inputs and targets"
        return detected(
            text + f": {times(start / baseline)} times as much",
            values=values,
            advice=f"Normalise {what}, and initialise the last layer with small weights"
            + ("." if seen.targets == "classes" else " and a bias at the mean of the targets."),
        )


def _confident(classes: int | None, ratio: float) -> bool:
    """Whether a cross-entropy is a nat or more above ln K, up to a constant factor of the loss."""
    return classes is not None and classes > 1 and (ratio - 1.0) * math.log(classes) > _NATS
