"""PF011."""

from advisor.evidence.evidence import Evidence
from advisor.evidence.round_name import RoundName
from advisor.records.looks import LossCall
from advisor.rules.base import ProbeRule
from advisor.rules.finding import Judgement, detected, inconclusive, not_detected
from advisor.utils.numbers import number

_OUTSIDE = 0.01
_SAMPLE = 20
_BINARY = ("binary_cross_entropy", "binary_cross_entropy_with_logits")
_SIGNED = ("cosine_embedding_loss", "hinge_embedding_loss", "margin_ranking_loss", "soft_margin_loss")
_ROUNDING = 1e-3


class TargetsOutOfRange(ProbeRule):
    """Targets are all the same, or outside the range of the model's output or of its loss.

    ## What it reads
    The targets of up to 2,000 training examples, and the module that makes the output: a sigmoid reaches 0 to 1, a
    ReLU nothing below 0. The targets that binary cross-entropy and margin losses are given in
    one training step.

    ## Why it matters
    Constant targets leave nothing to learn. Targets outside the range of the output leave a loss that no setting
    removes. Binary cross-entropy takes targets from 0 to 1; outside, as for class numbers 0, 1, 2, it has no lower
    bound. Margin losses take -1 and 1; with 0 they ignore the example or are wrong.

    ## Sources
    U-INPUT checks the range of the data before training; K-INIT asks for an output that can reach the targets.

    ## Known limits
    A bound computed in ``forward`` without a module is not seen; class labels beyond the outputs end the
    diagnosis before it begins.
    """

    code = "PF011"
    title = "The targets are constant, or outside the output's range"
    passed = "The targets vary and are within the output's range"
    neutral = "Range of the targets"
    severity = "fault"
    confidence = "high"
    requires = (RoundName.PREFLIGHT,)
    sources = ("U-INPUT", "K-INIT")
    counterevidence = "a larger sample of the targets"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected for a single value, or if more than 1 % of the targets are out of range."""
        look = evidence.preflight.target_look if evidence.preflight else None
        calls = evidence.preflight.looks.loss_calls if evidence.preflight else ()
        beyond = [call for call in calls if call.function in _BINARY and _beyond(call)]
        if beyond:
            least, most = beyond[0].target_low, beyond[0].target_high
            return detected(
                f"{beyond[0].function} takes targets from 0 to 1 and is given {number(least)} to {number(most)}: the "
                "loss has no lower bound",
                values={"low": least, "high": most},
                advice="For classes that exclude each other use cross_entropy with one output a class; for several "
                "labels at once, or two classes, targets of 0 and 1.",
                blocking=True,
            )
        unsigned = [call for call in calls if call.function in _SIGNED and call.target_low == 0.0]
        if unsigned:
            return detected(
                f"{unsigned[0].function} takes targets of -1 and 1 and is given 0 to "
                f"{number(unsigned[0].target_high)}: those of 0 teach nothing or the wrong thing",
                values={"low": 0.0, "high": unsigned[0].target_high},
                advice="Give it 2 * target - 1.",
            )
        if look is None:
            return inconclusive("targets that are numbers or classes were not found in a batch")
        values = {"low": look.low, "high": look.high, "distinct": look.distinct, "outside": look.outside}
        reach = f"targets of {look.examples} examples: {number(look.low)} to {number(look.high)}"
        if look.distinct == 1 and look.examples >= _SAMPLE:
            return detected(
                f"all {look.examples} targets checked are {number(look.low)}",
                values=values,
                advice="Check how the targets are computed; only a constant prediction can be learned from these.",
            )
        if look.outside > _OUTSIDE:
            low = "any" if look.output_low != look.output_low else number(look.output_low)
            high = "any" if look.output_high != look.output_high else number(look.output_high)
            return detected(
                f"{reach}; {look.outside:.0%} are beyond what the output can reach ({low} to {high})",
                values=values,
                advice="Remove the last activation, or scale the targets into its range.",
            )
        return not_detected(reach, values=values)


def _beyond(call: LossCall) -> bool:
    return call.target_low < -_ROUNDING or call.target_high > 1.0 + _ROUNDING
