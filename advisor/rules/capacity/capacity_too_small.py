"""CA001."""

import math

from advisor.evidence.evidence import Evidence
from advisor.evidence.learned import baseline
from advisor.evidence.queries import gap_of, longest, loss_noise
from advisor.evidence.round_name import RoundName
from advisor.fits.curve_shape import plateau
from advisor.rules.base import ProbeRule
from advisor.rules.finding import Judgement, detected, inconclusive, not_detected
from advisor.utils.numbers import number, share

_HIGH = 0.4
_NOTHING = 0.95
_GAP = 0.1


class CapacityTooSmall(ProbeRule):
    """The training loss ends high, with no gap to validation, and a simple method does better: the model is small.

    ## What it reads
    The training loss of the longest probe against that of a constant prediction, its plateau, the gap to validation,
    and how well nearest neighbours or a linear probe do on the raw inputs.

    ## Why it matters
    No optimizer setting lets a model learn what it cannot represent. A larger one can.

    ## Sources
    S-D2 reads underfitting from a loss that stays high, and lists a bigger net among the remedies; P-ST2 begins with a
    model that can fit the training data at all; K-BATCH separates that from a bug.

    ## Known limits
    Labels that are partly random look the same: the loss of the best possible model is unknown. Hence a simple method
    has to do better on the same inputs; if none does, or for other targets than classes, the verdict is inconclusive.
    """

    code = "CA001"
    title = "The model looks too small for the data"
    passed = "The training loss does not level off high"
    neutral = "Whether the model is large enough"
    severity = "advice"
    confidence = "medium"
    requires = (RoundName.LENGTH,)
    sources = ("S-D2", "P-ST2", "K-BATCH")
    counterevidence = "a larger model that levels off just as high"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected if training ends above 40 % of a constant's loss, near validation, and a simple method errs less."""
        if evidence.preflight and evidence.preflight.doubled_activation:
            return inconclusive("an output activation that the loss applies again keeps the loss high (PF006)")
        arms = longest(evidence)
        constant = baseline(evidence, arms[0]) if arms else math.nan
        if not arms or not math.isfinite(constant) or constant <= 0:
            return inconclusive("the loss of a constant prediction is unknown, so a high loss cannot be recognised")
        arm = arms[0]
        level = arm.trace.final_train_loss
        rest = level / constant
        simple = _simple_error(evidence)
        own = 1.0 - arm.trace.final_metric if arm.trace.val_metric and _is_accuracy(evidence) else math.nan
        values = {"train_loss": level, "guess": constant, "gap": gap_of(arm), "simple_error": simple, "own_error": own}
        text = f"training loss {number(level)} at {share(arm.length)}, {rest:.0%} of a constant prediction's"
        close = gap_of(arm) < max(_GAP * constant, 2.0 * loss_noise(evidence, arm))
        flat = plateau(arm.trace.step, arm.trace.train_loss, math.nan) is not None
        if rest > _NOTHING:
            return inconclusive(f"{text}: almost nothing was learned (FT005, PF008)", values=values)
        if rest < _HIGH or not close:
            return not_detected(text, values=values, figures=("curves",))
        beaten = math.isfinite(simple) and math.isfinite(own) and own > 1.2 * simple
        if not beaten:
            why = "which noise in the labels would explain as well" if flat else "and it still falls (FT001)"
            return inconclusive(f"{text}, {why}", values=values)
        return detected(
            f"{text}, no gap to validation; a simple method on the raw inputs errs {simple:.0%}, the model {own:.0%}",
            values=values,
            figures=("curves",),
            advice="Try a wider or deeper model.",
        )


def _simple_error(evidence: Evidence) -> float:
    """Error of the better of a linear probe and nearest neighbours; NaN if not measured for classes."""
    data = evidence.profile.data
    if data is None or data.error_kind != "share misclassified":
        return math.nan
    found = [error for error in (data.linear_probe_error, data.nearest_neighbour_error) if error is not None]
    return min(found, default=math.nan)


def _is_accuracy(evidence: Evidence) -> bool:
    metric = evidence.facts.metric
    return metric is not None and metric.name == "accuracy"
