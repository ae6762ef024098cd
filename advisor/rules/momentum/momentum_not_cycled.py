"""MO003."""

import math

from advisor.evidence.evidence import Evidence
from advisor.evidence.queries import compared, noise_of, noise_text, objective_text, shown
from advisor.evidence.round_name import RoundName
from advisor.rules.base import ProbeRule
from advisor.rules.finding import Judgement, detected, inconclusive, not_applicable, not_detected
from advisor.utils.numbers import number


class MomentumNotCycled(ProbeRule):
    """Momentum that falls while the rate rises does better than a constant one.

    ## What it reads
    A short run with momentum cycled against the rate, and the best short run with constant momentum.

    ## Why it matters
    Lower momentum while the rate is high keeps training stable, and high momentum at both ends speeds it up.

    ## Sources
    S-M2 cycles it from 0.95 to about 0.85. S-M4 and G-3 find about the same result as with the best
    constant, so the measurement decides and a tie keeps the constant.

    ## Known limits
    One cycle and one seed, at a part of the full length. Deep models gain more than shallow ones.
    """

    code = "MO003"
    title = "Cycled momentum does better"
    passed = "Cycled momentum does not do better beyond the noise"
    neutral = "Cycled against constant momentum"
    severity = "advice"
    confidence = "medium"
    requires = (RoundName.MOMENTUM,)
    sources = ("S-M2", "S-M4", "G-3")
    counterevidence = "repeats with the opposite order"

    def check(self, evidence: Evidence) -> Judgement:
        """Sets the cycle if the rounds chose it."""
        if evidence.choice.momentum is None:
            return not_applicable(f"{evidence.choice.optimizer} has no momentum")
        tried = [arm for arm in evidence.of_round(RoundName.MOMENTUM) if math.isfinite(evidence.cost(arm))]
        cycled = [arm for arm in tried if (arm.spec.schedule or {}).get("cycle_momentum")]
        constant = compared(evidence, "momentum")
        if not cycled or not constant:
            return inconclusive("the cycle and a constant did not both finish")
        best, rival = (min(group, key=evidence.cost) for group in (cycled, constant))
        low = (best.spec.schedule or {}).get("base_momentum", math.nan)
        gain = evidence.cost(rival) - evidence.cost(best)
        values = {
            "cycled": evidence.cost(best),
            "constant": evidence.cost(rival),
            "gain": gain,
            "noise": evidence.noise,
        }
        text = (
            f"{objective_text(evidence)} {number(shown(evidence, evidence.cost(best)))} with momentum cycled from "
            f"{best.spec.momentum:g} to {low:g}, {number(shown(evidence, evidence.cost(rival)))} with a constant "
            f"{rival.spec.momentum:g}"
        )
        noise = noise_of(evidence)
        text += noise_text(evidence)
        settings = {"momentum": evidence.choice.momentum, "cycle_momentum": evidence.choice.cycle_momentum}
        if not evidence.choice.cycle_momentum:
            return not_detected(text, values=values, settings=settings)
        return detected(
            text,
            values=values,
            settings=settings,
            confidence="low" if gain <= noise or not math.isfinite(evidence.noise) else None,
            advice=f"Cycle momentum from {best.spec.momentum:g} to {low:g} against the rate.",
        )
