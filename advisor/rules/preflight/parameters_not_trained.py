"""PF001."""

import math
from typing import Any

from advisor.evidence.evidence import Evidence
from advisor.evidence.round_name import RoundName
from advisor.logs.evidence import RunEvidence
from advisor.records.preflight import PreflightResult
from advisor.records.vitals import Vitals
from advisor.rules.base import LiveRule, ProbeRule
from advisor.rules.finding import Judgement, detected, inconclusive, not_applicable, not_detected
from advisor.utils.numbers import names

_STILL = 1e-6
_FITTED = 0.5
_LIVE_LOOKS = 3
_LIVE_LEFT_OUT = 0.02  # of the trainable weights


class ParametersNotTrained(ProbeRule, LiveRule):
    """Parameters that require a gradient get none, or are not in the optimizer.

    ## What it reads
    The gradient of one batch for every parameter with ``requires_grad``, and what ``param_groups`` returns. In a run
    in progress: the gradients of several steps, which parameters the optimizer holds, and which never move.

    ## Why it matters
    Weights without a gradient keep their initial values. No learning rate repairs that, and if it concerns
    all of them every other number in a report would be noise.

    ## Sources
    P-CV5: a bug shows in the training loss before it shows in a setting. K-BATCH: check for it before tuning.

    ## Known limits
    One batch in training mode, before the first step: a branch that is seldom taken, an expert without
    examples, or a part of the model before a layer initialised at zero, looks unused.
    Layers that are never called are not reported. Parameters frozen with ``requires_grad = False`` count as intended.
    """

    code = "PF001"
    title = "Some parameters are not trained"
    passed = "Every trainable parameter gets a gradient and is optimised"
    neutral = "Whether every parameter is trained"
    severity = "fault"
    confidence = "high"
    requires = (RoundName.PREFLIGHT,)
    sources = ("P-CV5", "K-BATCH")
    counterevidence = "another batch that gives these parameters a gradient"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected if any trainable parameter is left out; blocking if none is trained."""
        seen = evidence.preflight
        if seen is None:
            return inconclusive("nothing was measured before training")
        values: dict[str, Any] = {
            "trainable": seen.trainable,
            "optimised": seen.optimised,
            "parameters": seen.parameters,
        }
        if seen.trainable == 0:
            return detected(
                f"none of {seen.parameters} weights requires a gradient",
                values=values,
                advice="Set requires_grad = True on the parameters to train.",
                blocking=True,
            )
        if seen.optimised == 0:
            return detected(
                f"none of {seen.trainable} trainable weights is in the optimizer",
                values=values,
                advice="Return the model's parameters from param_groups.",
                blocking=True,
            )
        if seen.without_gradient and (did_not_move(seen) or len(seen.without_gradient) == seen.tensors):
            return detected(
                f"none of {seen.trainable} trainable weights gets a gradient ({names(seen.without_gradient)})",
                values=values,
                advice="Look for .detach(), .item(), torch.no_grad() or an argmax between the model and the loss.",
                blocking=True,
            )
        parts = []
        held_back = seen.input_sensitivity < _STILL and seen.batch_end < _FITTED * seen.batch_start
        if seen.without_gradient and held_back and not seen.not_optimised:
            return not_detected(
                "an output layer initialised at zero holds the gradient back only in the first step: one batch is "
                f"fitted from {seen.batch_start:.3g} to {seen.batch_end:.3g}",
                values=values,
            )
        if seen.without_gradient:
            parts.append(f"no gradient for {len(seen.without_gradient)}: {names(seen.without_gradient)}")
        if seen.not_optimised:
            parts.append(f"not in the optimizer {len(seen.not_optimised)}: {names(seen.not_optimised)}")
        if not parts:
            return not_detected(f"all {seen.trainable} trainable weights get a gradient", values=values)
        values |= {"without_gradient": list(seen.without_gradient), "not_optimised": list(seen.not_optimised)}
        return detected(
            "trainable parameters left out; " + "; ".join(parts),
            values=values,
            advice="Use or optimise them, or set requires_grad = False if they should not be trained.",
        )

    def check_live(self, evidence: RunEvidence, vitals: Vitals) -> Judgement:
        """Detected if there was no gradient in three samples, or if weights with one are not in the optimizer."""
        looks = vitals.looks[-_LIVE_LOOKS:]
        if len(looks) < _LIVE_LOOKS:
            return not_applicable("the gradients were not sampled three times")
        values: dict[str, Any] = {"step": looks[-1].step, "missing": looks[-1].missing, "left_out": looks[-1].left_out}
        if all(look.missing >= 1.0 and not look.moved > 0.0 for look in looks):
            return detected(
                f"no weight in the optimizer gets a gradient, at steps {looks[0].step} to {looks[-1].step}",
                values=values,
                advice="Look for .detach(), .item(), torch.no_grad() or an optimizer that was built for another model.",
            )
        if all(look.left_out > _LIVE_LEFT_OUT for look in looks):
            return detected(
                f"{looks[-1].left_out:.0%} of the trainable weights get gradients and are not in the optimizer "
                f"({names(vitals.left_out)})",
                values=values,
                confidence="medium",
                advice="Pass all parameters to the optimizer once the model is complete; those not to be trained "
                "should have requires_grad = False.",
            )
        return not_detected("the weights in the optimizer get gradients", values=values)


def did_not_move(seen: PreflightResult) -> bool:
    """Whether training on one batch left its loss unchanged."""
    tried = seen.batch_steps > 0 and math.isfinite(seen.batch_start) and math.isfinite(seen.batch_end)
    return tried and abs(seen.batch_end - seen.batch_start) <= _STILL * abs(seen.batch_start)
