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
    """Parameters that ask for a gradient get none, or are not given to the optimizer.

    ## What it reads
    The gradient of one batch for every parameter with ``requires_grad``, and what ``param_groups`` returns. In a run
    that runs: the gradients of several steps, which parameters the optimizer holds, and which never move.

    ## Why it matters
    Weights without a gradient stay as they were drawn. No learning rate repairs that, and if it concerns
    all of them every other number in a report would be about noise.

    ## Sources
    P-CV5: a bug shows in the training loss before it shows in a setting. K-BATCH: look for it before tuning.

    ## Known limits
    One batch in training mode, before the first step: a branch that is seldom taken, an expert that got no
    example, or what stands before a layer that starts at zero inside the model, looks unused.
    Layers that are never called are left alone. Parameters frozen with ``requires_grad = False`` are taken as meant.
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
        """Detected if any trainable parameter is left out; stops if none is trained."""
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
                f"none of {seen.parameters} weights asks for a gradient",
                values=values,
                advice="Set requires_grad = True on what is to be trained.",
                blocking=True,
            )
        if seen.optimised == 0:
            return detected(
                f"none of {seen.trainable} trainable weights is given to the optimizer",
                values=values,
                advice="Return the model's parameters from param_groups.",
                blocking=True,
            )
        if seen.without_gradient and (did_not_move(seen) or len(seen.without_gradient) == seen.tensors):
            return detected(
                f"no gradient reaches any of {seen.trainable} trainable weights ({names(seen.without_gradient)})",
                values=values,
                advice="Look for .detach(), .item(), torch.no_grad() or an argmax between the model and the loss.",
                blocking=True,
            )
        parts = []
        held_back = seen.input_sensitivity < _STILL and seen.batch_end < _FITTED * seen.batch_start
        if seen.without_gradient and held_back and not seen.not_optimised:
            return not_detected(
                "an output layer that starts at zero holds the gradient back in the first step only: one batch is "
                f"fitted from {seen.batch_start:.3g} to {seen.batch_end:.3g}",
                values=values,
            )
        if seen.without_gradient:
            parts.append(f"no gradient for {len(seen.without_gradient)}: {names(seen.without_gradient)}")
        if seen.not_optimised:
            parts.append(f"not given to the optimizer {len(seen.not_optimised)}: {names(seen.not_optimised)}")
        if not parts:
            return not_detected(f"all {seen.trainable} trainable weights get a gradient", values=values)
        values |= {"without_gradient": list(seen.without_gradient), "not_optimised": list(seen.not_optimised)}
        return detected(
            "trainable parameters left out; " + "; ".join(parts),
            values=values,
            advice="Use or optimise them, or set requires_grad = False if they are meant to stay.",
        )

    def check_live(self, evidence: RunEvidence, vitals: Vitals) -> Judgement:
        """Detected if no gradient was there at three looks, or if weights with one are not given to the optimizer."""
        looks = vitals.looks[-_LIVE_LOOKS:]
        if len(looks) < _LIVE_LOOKS:
            return not_applicable("the gradients were not looked at three times")
        values: dict[str, Any] = {"step": looks[-1].step, "missing": looks[-1].missing, "left_out": looks[-1].left_out}
        if all(look.missing >= 1.0 and not look.moved > 0.0 for look in looks):
            return detected(
                f"no gradient reaches any weight that the optimizer holds, at steps {looks[0].step} to "
                f"{looks[-1].step}",
                values=values,
                advice="Look for .detach(), .item(), torch.no_grad() or an optimizer that was built for another model.",
            )
        if all(look.left_out > _LIVE_LEFT_OUT for look in looks):
            return detected(
                f"{looks[-1].left_out:.0%} of the trainable weights get gradients and are not given to the optimizer "
                f"({names(vitals.left_out)})",
                values=values,
                confidence="medium",
                advice="Give the optimizer all parameters after the model is complete; what is meant to stay as it is "
                "should have requires_grad = False.",
            )
        return not_detected("gradients reach what the optimizer holds", values=values)


def did_not_move(seen: PreflightResult) -> bool:
    """Whether fitting one batch left its loss exactly where it was."""
    tried = seen.batch_steps > 0 and math.isfinite(seen.batch_start) and math.isfinite(seen.batch_end)
    return tried and abs(seen.batch_end - seen.batch_start) <= _STILL * abs(seen.batch_start)
