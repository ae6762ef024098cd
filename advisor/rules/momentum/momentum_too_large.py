"""MO001."""

import math

from advisor.evidence.comparison import confirmed
from advisor.evidence.evidence import Arm, Evidence
from advisor.evidence.queries import noise_of, noise_text, objective_text, shown
from advisor.evidence.round_name import RoundName
from advisor.rules.base import ProbeRule
from advisor.rules.finding import Judgement, detected, inconclusive, not_applicable, not_detected
from advisor.utils.numbers import number

_LARGER = 1.02


class MomentumTooLarge(ProbeRule):
    """The current momentum is larger than the best one, and shows it: a run whose loss slants upwards or diverges.

    ## What it reads
    The current settings in a short run beside the best one with a smaller momentum, and, if the momentum round ran,
    the larger constant beside the smaller at equal rate / (1 - momentum).

    ## Why it matters
    Too much momentum overshoots: the loss slants upwards before it diverges, much like overfitting, and early.

    ## Sources
    S-D5 shows that slant; S-M6 sets momentum as large as is stable, not larger. SC-4: the larger the rate, the
    smaller the best momentum.

    ## Known limits
    The current settings differ in more than momentum; only if their rate / (1 - momentum) is
    near the recommended one is the difference attributed to momentum alone.
    """

    code = "MO001"
    title = "Momentum is too large"
    passed = "Momentum is not too large"
    neutral = "Whether momentum is too large"
    severity = "advice"
    confidence = "medium"
    requires = (RoundName.LADDER,)
    sources = ("S-D5", "S-M6", "SC-4")
    counterevidence = "a run at the current momentum and a re-tuned rate that does as well"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected if the larger momentum diverges or costs more than the noise."""
        present, advised = evidence.current_settings.momentum, evidence.choice.momentum
        if present is None or advised is None:
            return not_applicable("the optimizer has no momentum")
        if not evidence.current_given or 1 - present > (1 - advised) / _LARGER:
            return not_detected(f"momentum {present:g} in use, {advised:g} advised", values={"momentum": present})
        pair = confirmed(evidence)
        if pair is None:
            return inconclusive(
                "the current settings were not run",
                requests_round=None if evidence.of_round(RoundName.CONFIRM) else RoundName.CONFIRM,
            )
        own, best = pair
        scaled = own.spec.lr * (1 - advised) / (1 - present)
        alike = 1 / 3 <= scaled / best.spec.lr <= 3.0
        costs = [evidence.cost(arm) for arm in pair]
        values = {"momentum": present, "advised": advised, "lr": own.spec.lr, "lr_at_advised_momentum": scaled}
        text = _text(evidence, own, best)
        worse = own.trace.diverged or costs[0] > costs[1] + max(noise_of(evidence), 1e-12)
        if not worse:
            return not_detected(f"{text}{noise_text(evidence)}", values=values, figures=("comparison",))
        if not alike:
            return inconclusive(f"{text}, but the rates differ too much to attribute it to momentum", values=values)
        return detected(
            f"{text}{noise_text(evidence)}, at an equivalent rate",
            values=values,
            figures=("comparison",),
            advice=f"Lower momentum from {present:g} to {advised:g}.",
        )


def _text(evidence: Evidence, own: Arm, best: Arm) -> str:
    def result(arm: Arm) -> str:
        cost = evidence.cost(arm)
        return f"{objective_text(evidence)} {number(shown(evidence, cost))}" if math.isfinite(cost) else "diverged"

    return f"momentum {own.spec.momentum or 0:g}: {result(own)}; {best.spec.momentum or 0:g}: {result(best)}"
