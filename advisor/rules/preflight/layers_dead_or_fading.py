"""PF008."""

import math
from typing import Any

from advisor.evidence.evidence import Evidence
from advisor.evidence.round_name import RoundName
from advisor.rules.base import ProbeRule
from advisor.rules.finding import Judgement, detected, inconclusive, not_detected
from advisor.utils.numbers import names

_DEAD = 0.5
_SATURATED = 0.5
_FADED = 1e-4
_LAYERS = 4


class LayersDeadOrFading(ProbeRule):
    """Layers whose units never fire, whose outputs sit at their bounds, or that the gradient hardly reaches.

    ## What it reads
    One batch through the untrained model: for each ReLU the share of units that are zero for every example, for each
    sigmoid or tanh the share of outputs at a bound, for each weighted layer its gradient over its weights.

    ## Why it matters
    A dead unit learns nothing, a saturated one next to nothing, and a layer whose gradient is a ten-thousandth of
    another's stays where it was drawn, whatever the learning rate.

    ## Sources
    K-DEAD looks at dead units and saturation before training; E-NORM keeps activations out of their flat parts.
    P-FX puts residual connections and normalisation before a lower rate.

    ## Known limits
    One batch, before the first step: units that die later are not seen. Only activations that are modules are watched,
    not calls of ``torch.nn.functional``. Attention and recurrent layers are not looked into.
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
        """Detected by half of a layer's units, or by a first layer that gets a ten-thousandth of the gradient."""
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
            hints.append("Normalise the inputs, use the usual initialisation, or LeakyReLU.")
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
        if not parts:
            return not_detected(f"{len(looks)} layers looked at, none with half of its units dead", values=values)
        return detected("; ".join(parts), values=values, advice=" ".join(hints))


def _shares(pairs: Any) -> str:
    return names(f"{name} {share:.0%}" for name, share in pairs)
