"""PF008."""

import math
from typing import Any

from advisor.evidence.evidence import Evidence
from advisor.evidence.round_name import RoundName
from advisor.logs.evidence import RunEvidence
from advisor.records.vitals import Vitals
from advisor.rules.base import LiveRule, ProbeRule
from advisor.rules.finding import Judgement, detected, inconclusive, not_applicable, not_detected
from advisor.utils.numbers import names, number

_DEAD = 0.5
_SATURATED = 0.5
_FADED = 1e-4
_LAYERS = 4
_VANISHED = 1e-6
_LIVE_LOOKS, _LIVE_FIRST = 3, 4
_LIVE_ZERO = 0.5
_LIVE_LEARNED = 0.1  # relative fall of the loss from which on the model counts as learning


class LayersDeadOrFading(ProbeRule, LiveRule):
    """Layers whose units never fire, whose outputs are saturated, or that the gradient hardly reaches.

    ## What it reads
    One batch through the untrained model: for each ReLU the share of units that are zero for every example, for each
    sigmoid or tanh the share of outputs at a bound, for each weighted layer its gradient over its weights and the
    spread of its outputs between examples. In a run in progress: the gradient of every weight at several steps, if the
    loss is not lower than at first.

    ## Why it matters
    A dead unit learns nothing, a saturated one almost nothing, and a layer whose gradient is a ten-thousandth of
    another's keeps its initial weights at any learning rate. If the differences between examples shrink from layer to
    layer, as under initial weights that are too small, all examples look the same to the last layers.

    ## Sources
    K-DEAD looks at dead units and saturation before training; E-NORM keeps activations out of their flat parts.
    P-FX puts residual connections and normalisation before a lower rate.

    ## Known limits
    One batch, before the first step: units that die later are only seen in a watched run. Activations that
    are modules are checked, not calls of ``torch.nn.functional``. Attention and recurrent layers are not checked.
    """

    code = "PF008"
    title = "Some layers are dead, saturated or hardly reached by the gradient"
    passed = "No layer is dead, saturated or cut off from the gradient"
    neutral = "State of the layers before training"
    severity = "fault"
    confidence = "medium"
    requires = (RoundName.PREFLIGHT,)
    sources = ("K-DEAD", "E-NORM", "P-FX")
    counterevidence = "another batch, or another seed, on which these layers work"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected for half of a layer's units, or a first layer with a ten-thousandth of the gradient."""
        seen = evidence.preflight
        looks = seen.layers if seen else ()
        if not looks:
            return inconclusive("no layer that is a module of a known kind was reached")
        parts, hints = [], []
        dead = [look for look in looks if look.dead > _DEAD]
        stuck = [look for look in looks if look.saturated > _SATURATED]
        reached = [look for look in looks if math.isfinite(look.gradient) and look.gradient > 0]
        values: dict[str, Any] = {"dead": {}, "saturated": {}, "first_over_largest": math.nan}
        if dead:
            values["dead"] = {look.name: look.dead for look in dead}
            parts.append("units that are zero for every example: " + _shares((x.name, x.dead) for x in dead))
            hints.append("Normalise the inputs, use the default initialisation, or LeakyReLU.")
        if stuck:
            values["saturated"] = {look.name: look.saturated for look in stuck}
            parts.append("outputs at a bound: " + _shares((x.name, x.saturated) for x in stuck))
            hints.append("Normalise the inputs or put a normalisation layer before these activations.")
        if len(reached) >= _LAYERS:
            ratio = reached[0].gradient / max(look.gradient for look in reached)
            values["first_over_largest"] = ratio
            if ratio < _FADED:
                parts.append(
                    f"the gradient of {reached[0].name}, relative to its weights, is {ratio:.1e} of the largest"
                )
                hints.append("Use ReLU-like activations, residual connections or normalisation layers.")
        told = [look for look in looks if math.isfinite(look.varies)]
        if len(told) >= _LAYERS and told[0].varies > 0:
            left = max(look.varies for look in told[-2:]) / told[0].varies
            values["last_over_first_signal"] = left
            if left < _VANISHED:
                parts.append(
                    f"the differences between examples vanish: {left:.1e} of their spread after {told[0].name} is left "
                    f"after {told[-1].name}"
                )
                hints.append(
                    "The weights start too small for this depth: use the usual initialisation (kaiming_normal_), "
                    "normalisation layers or residual connections."
                )
        if not parts:
            return not_detected(f"{len(looks)} layers checked, none with half of its units dead", values=values)
        return detected("; ".join(parts), values=values, advice=" ".join(hints))

    def check_live(self, evidence: RunEvidence, vitals: Vitals) -> Judgement:
        """Detected if, with nothing learned, most gradients are exactly zero or the first layer's has vanished."""
        looks = vitals.looks[-_LIVE_LOOKS:]
        if len(looks) < _LIVE_LOOKS or looks[0].step < _LIVE_FIRST:
            return not_applicable("the gradients were not sampled three times after the first steps")
        values = {"zero": looks[-1].zero, "first_over_largest": looks[-1].first_over_largest, "step": looks[-1].step}
        train = evidence.train
        if train is None or not math.isfinite(vitals.first_loss):
            return not_applicable("no training loss was given")
        now = train.final
        if now < vitals.first_loss - _LIVE_LEARNED * abs(vitals.first_loss):
            return not_detected(f"{train.name} fell from {number(vitals.first_loss)} to {number(now)}", values=values)
        stands = f"{train.name} {number(vitals.first_loss)} at first, {number(now)} now"
        if all(look.zero >= _LIVE_ZERO for look in looks):
            return detected(
                f"{looks[-1].zero:.0%} of the weights have a gradient of exactly zero, at steps {looks[0].step} to "
                f"{looks[-1].step}; {stands}",
                values=values,
                confidence="high",
                advice="Units have died, or a part of the model is cut off. A rate that is too high is the usual "
                "cause: restart with a tenth of it; else normalise the inputs and use the default initialisation.",
            )
        if all(look.first_over_largest < _FADED for look in looks):
            return detected(
                f"the gradient of the first layer, relative to its weights, is {looks[-1].first_over_largest:.1e} of "
                f"the largest; {stands}",
                values=values,
                advice="Use ReLU-like activations, residual connections or normalisation layers.",
            )
        return not_detected(f"gradients reach most weights; {stands}", values=values)


def _shares(pairs: Any) -> str:
    return names(f"{name} {share:.0%}" for name, share in pairs)
