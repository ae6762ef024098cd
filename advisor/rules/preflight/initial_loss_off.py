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
    """The loss of the untrained model is far above that of a guess.

    ## What it reads
    The loss of the untrained model on training examples, and the loss of an uninformed answer to the same
    examples: equal scores for all classes (ln K for cross-entropy), or the mean of the targets.

    ## Why it matters
    The first part of training is then spent on unlearning confident nonsense. The usual causes are inputs or
    targets that are not normalised, an output layer with large weights, or outputs that the loss misreads.

    ## Sources
    K-INIT compares the loss at the start with that of a guess. P-INIT asks for a sane start before tuning.

    ## Known limits
    For real targets ten times the loss of their mean is allowed, as a bounded output or a mean off zero takes a few
    steps to unlearn. A model that is trained well from a bad start is no broken one; therefore advice. A loss inside
    the model cannot be asked for the loss of a guess. Pretrained models start below it, which is no fault.
    """

    code = "PF002"
    title = "The untrained model does worse than a guess"
    passed = "The untrained model starts near the loss of a guess"
    neutral = "Loss of the untrained model against a guess"
    severity = "advice"
    confidence = "high"
    requires = (RoundName.PREFLIGHT,)
    sources = ("K-INIT", "P-INIT")
    counterevidence = "a loss whose uninformed value differs from the one computed here"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected 1.5 times above the guess or one nat for classes, ten times for other targets."""
        seen = evidence.preflight
        if seen is None or not math.isfinite(seen.expected_loss):
            return inconclusive("the loss of a guess is not known for this loss")
        if not math.isfinite(seen.initial_loss):
            return inconclusive("the initial loss is not finite (PF004)")
        start, guess = seen.initial_loss, seen.expected_loss
        factor = _CLASSES if seen.targets == "classes" else _REAL
        values = {"initial_loss": start, "expected_loss": guess}
        text = f"initial loss {number(start)}, a guess gives {number(guess)}"
        if guess <= 0 or not (start > factor * guess + 1e-12 or _confident(seen.classes, start / guess)):
            return not_detected(text, values=values)
        what = "inputs" if seen.targets == "classes" else "inputs and targets"
        return detected(
            text + f": {times(start / guess)} times as much",
            values=values,
            advice=f"Normalise {what}, and start the last layer with small weights"
            + ("." if seen.targets == "classes" else " and a bias at the mean of the targets."),
        )


def _confident(classes: int | None, ratio: float) -> bool:
    """Whether a cross-entropy is a nat or more above ln K, whatever factor the loss carries."""
    return classes is not None and classes > 1 and (ratio - 1.0) * math.log(classes) > _NATS
