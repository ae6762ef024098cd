"""PF015."""

from advisor.evidence.evidence import Evidence
from advisor.evidence.round_name import RoundName
from advisor.records.looks import LossCall
from advisor.rules.base import ProbeRule
from advisor.rules.finding import Judgement, detected, inconclusive, not_applicable, not_detected

_LOG = "log_probabilities"
_TAKES_LOGS = ("nll_loss", "kl_div")
_ABOVE = 1e-3


class LossMisreadsOutputs(ProbeRule):
    """The loss expects log-probabilities, and the model returns something else.

    ## What it reads
    The inputs of nll_loss and kl_div in one training step, and whether the loss of class scores is linear in
    the scores.

    ## Why it matters
    Such a loss is minus the score of the correct class. On raw scores it has no minimum: it falls without bound
    while the scores grow. On probabilities it stays between -1 and 0 and has almost no gradient where it is wrong.

    ## Sources
    T-NLL says what the loss expects. K-INIT: compare the loss at the start with that of a constant prediction.

    ## Known limits
    A custom loss that is linear in its inputs on purpose (a critic's) is not checked, as it has no classes.
    """

    code = "PF015"
    title = "The loss expects other outputs than the model returns"
    passed = "The model returns what its loss expects"
    neutral = "Whether the model returns what its loss expects"
    severity = "fault"
    confidence = "high"
    requires = (RoundName.PREFLIGHT,)
    sources = ("T-NLL", "K-INIT")
    counterevidence = "outputs that are bounded in a way that was not seen"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected for nll_loss or kl_div on other values than log-probabilities, or a loss linear in free scores."""
        seen = evidence.preflight
        if seen is None:
            return inconclusive("nothing was measured before training")
        looks = seen.looks
        wrong = [call for call in looks.loss_calls if call.function in _TAKES_LOGS and _no_log(call)]
        values = {"linear": looks.linear_loss, "output_kind": seen.output_kind}
        if looks.scrambled:
            outputs, scores = (f"(B, {', '.join(map(str, shape[1:]))})" for shape in looks.scrambled)
            return detected(
                f"the outputs of shape {outputs} are reshaped to {scores} for the loss (view or reshape), which mixes "
                "classes and positions",
                values={"outputs": list(looks.scrambled[0]), "scores": list(looks.scrambled[1])},
                advice="Move the axis of the classes with transpose, permute or movedim; view and reshape keep the "
                "order of the numbers.",
                blocking=True,
            )
        if wrong:
            what = "probabilities" if wrong[0].total == "one" or wrong[0].made_by == "softmax" else "raw scores"
            return detected(
                f"{wrong[0].function} expects log-probabilities and gets {what} (from {wrong[0].low:.3g} to "
                f"{wrong[0].high:.3g}): the loss can be negative",
                values=values,
                advice="End the model in log_softmax instead of softmax, or return raw scores and use cross_entropy.",
                blocking=what == "raw scores",
            )
        if looks.linear_loss and seen.output_kind not in (_LOG, "unknown"):
            bounded = seen.output_kind == "probabilities"
            return detected(
                "the loss is proportional to the outputs of the correct classes: it turns negative and "
                + ("stays between -1 and 0" if bounded else "falls without bound as the scores grow"),
                values=values,
                advice="Take the logarithm of the probabilities (log_softmax), or use cross_entropy on raw scores.",
                blocking=not bounded,
            )
        if not looks.loss_calls and seen.output_kind == "unknown":
            return not_applicable("the loss and its inputs could not be observed")
        return not_detected(f"the model returns {seen.output_kind.replace('_', ' ')}", values=values)


def _no_log(call: LossCall) -> bool:
    """Whether it is not a log-probability: not normalised over the classes, or above zero."""
    if call.function == "nll_loss":
        return call.total != "log" and call.classes > 1
    return call.high > _ABOVE
