"""EX003."""

from advisor.evidence.evidence import Evidence
from advisor.evidence.round_name import RoundName
from advisor.rules.base import ProbeRule
from advisor.rules.finding import Judgement, detected, inconclusive, not_detected
from advisor.utils.numbers import rate

_SHARE = 0.5
_FEWEST = 4


class ManyInfeasibleTrials(ProbeRule):
    """At least half of the probes diverged.

    ## What it reads
    How many cycles diverged, and the rates at which they did.

    ## Why it matters
    A ladder that begins at the ceiling is expected to lose its top rung. If half of the runs diverge, the
    stable range is narrow: something limits the rate, and removing that is worth more than tuning.

    ## Sources
    P-SS2: many infeasible trials ask for another search space, or hide a bug. P-FX orders the remedies.

    ## Known limits
    The share depends on where the ladder began.
    """

    code = "EX003"
    title = "At least half of the probes diverged"
    passed = "Few probes diverged"
    neutral = "Share of the probes that diverged"
    severity = "advice"
    confidence = "medium"
    requires = (RoundName.LADDER,)
    sources = ("P-SS2", "P-FX")
    counterevidence = "a ladder that starts lower and loses no rung"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected for half of at least four cycles."""
        cycles = evidence.cycles
        broke = [arm for arm in cycles if arm.trace.diverged]
        values = {"cycles": len(cycles), "diverged": len(broke)}
        text = f"{len(broke)} of {len(cycles)} runs diverged"
        if len(cycles) < _FEWEST:
            return inconclusive(f"{text}; fewer than {_FEWEST} runs", values=values)
        if broke:
            text += f", the lowest at a rate of {rate(min(arm.spec.lr for arm in broke))}"
        if len(broke) < _SHARE * len(cycles):
            return not_detected(text, values=values)
        return detected(
            text,
            values=values,
            advice="Before lowering the rate further: a warm-up, gradient clipping, normalisation layers, smaller "
            "initial weights.",
        )
