"""LR007."""

import math

from advisor.evidence.evidence import Arm, Evidence
from advisor.evidence.queries import finished, noise_of, present_rate, present_rate_text
from advisor.evidence.round_name import RoundName
from advisor.fits import difference_noise
from advisor.rules.base import ProbeRule
from advisor.rules.finding import Judgement, detected, inconclusive, not_applicable, not_detected
from advisor.utils.numbers import number, rate

_EARLY = 0.2
_NEAR = 0.7
_RISE = 0.1
_SIGMAS = 4.0
_RAMPED = ("OneCycleLR", "CyclicLR")


class EarlyInstability(ProbeRule):
    """The current rate destabilises the first steps, and the same rate with a ramp does not: warm up.

    ## What it reads
    The first fifth of the short run with the current settings, which have no ramp, and whether short runs that were
    ramped up to about that rate ended lower.

    ## Why it matters
    Some models diverge at full rate only while their weights are fresh. A ramp over the first steps prevents that; a
    lower rate would slow down the whole run.

    ## Sources
    P-UN2 tests the first steps at a raised rate, P-WU1 adds warm-up until they hold, and P-FX puts it before a lower
    rate.

    ## Known limits
    One seed, and a run of a sixteenth: an instability that builds up slowly is not seen.
    """

    code = "LR007"
    title = "Training is unstable in its first steps: warm up"
    passed = "The first steps are stable at the current rate"
    neutral = "Stability of the first steps"
    severity = "advice"
    confidence = "medium"
    requires = (RoundName.CONFIRM,)
    sources = ("P-UN2", "P-WU1", "P-FX")
    counterevidence = "the current settings under other seeds, without a rise in the first steps"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected if the loss rises early without a ramp and not with one."""
        if (evidence.current.schedule or {}).get("name") in _RAMPED:
            return not_applicable("the current schedule already ramps the rate up")
        present = evidence.of_round(RoundName.CONFIRM)
        if not present:
            return inconclusive("the current settings were not run")
        arm = present[0]
        rise, noise = _early_rise(arm)
        if not math.isfinite(rise):
            return inconclusive("the run with the current settings has too few losses")
        equivalent = present_rate(evidence, finished(evidence))
        limit = evidence.cost(arm) - noise_of(evidence)
        ramped = [
            other
            for other in finished(evidence)
            if other.spec.lr >= _NEAR * equivalent and evidence.cost(other) < limit
        ]
        values = {"rise": rise, "noise": noise, "lr": equivalent, "ramped_lr": [item.spec.lr for item in ramped]}
        name = present_rate_text(evidence, equivalent)
        start = arm.trace.train_loss[0]
        text = f"at rate {name} the loss rises by {number(max(0.0, rise))} in the first fifth, from {number(start)}"
        if rise <= max(_SIGMAS * noise, _RISE * abs(start)):
            return not_detected(text, values=values)
        if not ramped:
            return not_detected(f"{text}; ramped up to such a rate it is no better (LR001)", values=values)
        best = max(ramped, key=lambda item: item.spec.lr)
        return detected(
            f"{text}; ramped up to {rate(best.spec.lr)} it ends lower",
            values=values,
            figures=("comparison",),
            advice="Use a schedule that ramps up, as the recommended one does, or warm up over a tenth of the steps.",
        )


def _early_rise(arm: Arm) -> tuple[float, float]:
    """Highest running median of the first fifth over the very first loss, and the step-to-step noise."""
    losses = arm.trace.train_loss
    head = losses[: max(6, round(_EARLY * len(losses)))]
    if len(losses) < 6:
        return math.nan, math.nan
    if not all(map(math.isfinite, head)):
        return math.inf, 0.0
    middles = [sorted(head[i - 1 : i + 2])[1] for i in range(1, len(head) - 1)]
    noise = difference_noise(list(losses[len(losses) // 2 :]))
    return max(middles) - losses[0], noise if math.isfinite(noise) else 0.0
