"""PF022."""

import math

from advisor.evidence.evidence import Evidence
from advisor.evidence.queries import best_trained
from advisor.evidence.round_name import RoundName
from advisor.rules.base import ProbeRule
from advisor.rules.finding import Judgement, detected, inconclusive, not_applicable, not_detected
from advisor.utils.numbers import number, share

_FLAT = 0.02
_NEAR = 0.05


class OneAnswerForAll(ProbeRule):
    """The trained model predicts nearly the same number for every example.

    ## What it reads
    The spread of the outputs over validation examples after the best long run, relative to that of the targets, and its
    loss against that of the best constant.

    ## Why it matters
    A loss that falls from its start to the loss of the best constant looks like learning; only the constant was
    learned. The cause is a loss or model that loses the inputs, or a rate at which nothing more is learned in time.

    ## Sources
    K-BASE compares with a model that sees no inputs. P-INIT asks for a result better than chance.

    ## Known limits
    A task with hardly any signal rightly has outputs with little spread; hence only advice.
    """

    code = "PF022"
    title = "The model predicts the same number for all inputs: the best constant"
    passed = "The outputs of the trained model vary with the inputs"
    neutral = "Whether the outputs vary with the inputs"
    severity = "advice"
    confidence = "medium"
    requires = (RoundName.PREFLIGHT,)
    sources = ("K-BASE", "P-INIT")
    counterevidence = "a longer run whose outputs vary"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected for a spread below 2 % of the targets' and a loss that is not 5 % below that of the constant."""
        seen = evidence.preflight
        if seen is None or seen.targets != "real":
            return not_applicable("the targets are not real numbers")
        arm = best_trained(evidence, lambda arm: math.isfinite(arm.trace.answer_spread))
        if arm is None:
            return inconclusive("the outputs of a trained model were not recorded")
        spread, base, reached = arm.trace.answer_spread, seen.baseline_loss, arm.trace.final_val_loss
        values = {"spread": spread, "loss": reached, "constant": base}
        text = f"after {share(arm.length)} the outputs spread {spread:.2g} times as much as the targets"
        if spread >= _FLAT or (math.isfinite(base) and reached < (1 - _NEAR) * base):
            return not_detected(text, values=values)
        constant = (
            f"; its loss is {number(reached)}, the best constant gives {number(base)}" if math.isfinite(base) else ""
        )
        return detected(
            text + constant,
            values=values,
            advice="Find what loses the inputs on their way to the loss (shapes, a detach, dead units), and try "
            "other "
            "rates before that: the report lists those that were run.",
        )
