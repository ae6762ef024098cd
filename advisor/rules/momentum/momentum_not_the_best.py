"""MO002."""

import math

from advisor.evidence.evidence import Evidence
from advisor.evidence.queries import figures_of, noise_of, objective_text, shown
from advisor.evidence.round_name import RoundName
from advisor.fits.types import FitFailed
from advisor.rules.base import ProbeRule
from advisor.rules.finding import Judgement, detected, inconclusive, not_applicable, not_detected
from advisor.utils.numbers import number, share


class MomentumNotTheBest(ProbeRule):
    """Another constant momentum does better, with the rate adjusted to match.

    ## What it reads
    Short runs at several constant momenta with constant rate / (1 - momentum), and the momentum in use.

    ## Why it matters
    Momentum and rate act together. Compared at one rate, a larger momentum would only act as a larger
    rate.

    ## Sources
    S-M1 finds the momentum from short runs at a few values. SC-4: with very large rates a smaller one is
    better.

    ## Known limits
    Few values and one seed, at a part of the full length. For optimizers with betas the first one is meant,
    and the rate is adjusted in the same way, which is only roughly right there.
    """

    code = "MO002"
    title = "Another momentum does better"
    passed = "No other constant momentum does better beyond the noise"
    neutral = "Constant momentum in use against others"
    severity = "advice"
    confidence = "medium"
    requires = (RoundName.MOMENTUM,)
    sources = ("S-M1", "SC-4")
    counterevidence = "repeats, or full runs, with another order of the momenta"

    def check(self, evidence: Evidence) -> Judgement:
        """Sets the momentum that the rounds chose."""
        if evidence.choice.momentum is None:
            return not_applicable(f"{evidence.choice.optimizer} has no momentum")
        response = evidence.response("momentum")
        finite = response.finite if response else ()
        if response is None or len(finite) < 2:
            return inconclusive("fewer than two momenta finished")
        chosen, present = evidence.choice.momentum, evidence.current_settings.momentum
        best = min(finite, key=lambda point: point.loss)
        reach = max(point.loss for point in finite) - best.loss
        table = ", ".join(f"{point.value:g}: {number(shown(evidence, point.loss))}" for point in finite)
        values = {
            "best": best.value,
            "chosen": chosen,
            "current": present,
            "spread": reach,
            "noise": evidence.noise,
            "resolved": not isinstance(response.best, FitFailed),
        }
        text = f"{objective_text(evidence)} at {share(response.length)} by momentum {table}"
        noise = noise_of(evidence)
        inside = math.isfinite(evidence.noise) and reach <= noise
        text += f"; the difference is within the noise ({number(noise)})" if inside else ""
        figures = figures_of(evidence, "momentum")
        settings = {"momentum": chosen}
        if present is not None and math.isclose(chosen, present, abs_tol=0.004):
            return not_detected(f"{text}; {chosen:g} is in use", values=values, figures=figures, settings=settings)
        return detected(
            f"{text}; {present:g} is {'in use' if evidence.current_given else 'assumed'}",
            values=values,
            figures=figures,
            settings=settings,
            confidence="low" if inside or not math.isfinite(evidence.noise) else None,
            advice=f"Change momentum from {present:g} to {chosen:g}, together with the rate that was measured with it.",
        )
