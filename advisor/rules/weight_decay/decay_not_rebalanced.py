"""WD006."""

from advisor.evidence.evidence import Evidence
from advisor.evidence.queries import finished, present_rate
from advisor.evidence.round_name import RoundName
from advisor.evidence.weight_decay import decay_costs
from advisor.rules.base import ProbeRule
from advisor.rules.finding import Judgement, detected, inconclusive, not_applicable, not_detected
from advisor.utils.numbers import rate, times

_MOVED = 2.0


class DecayNotRebalanced(ProbeRule):
    """The learning rate changes much, but weight decay was not compared at the new one.

    ## What it reads
    The current and the recommended rate, and the rate at which the grid of weight decays was run.

    ## Why it matters
    A large rate is a regulariser of its own. After a change of rate the old weight decay may be too much or too little.

    ## Sources
    S-R6 and S-R3: balance weight decay against the regularisation of the rate. S-WD4 searches both together; P-HP
    re-tunes one for each value of the other.

    ## Known limits
    A factor of two in the rate counts as no change.
    """

    code = "WD006"
    title = "Weight decay was not rebalanced for the new learning rate"
    passed = "Weight decay was compared at the recommended learning rate"
    neutral = "Weight decay at the recommended learning rate"
    severity = "info"
    confidence = "medium"
    requires = (RoundName.LADDER,)
    sources = ("S-R6", "S-R3", "S-WD4", "P-HP")
    counterevidence = "weight decay compared at the recommended rate"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected if the rate changes by more than a factor of two and decay was not compared near the new one."""
        if not evidence.current_given:
            return not_applicable("no current settings to rebalance")
        old, new = present_rate(evidence, finished(evidence)), evidence.choice.lr
        moved = max(old / new, new / old)
        found = decay_costs(evidence)
        values = {"from": old, "to": new, "compared_at": found.lr if found else None}
        text = f"the rate moves from {rate(old)} to {rate(new)}"
        if moved < _MOVED:
            return not_applicable(f"{text}, which keeps the balance")
        if found is None and evidence.of_round(RoundName.DECAY):
            return inconclusive("fewer than two weight decays finished")
        if found is None:
            return detected(
                f"{text}, {times(moved)} times; weight decay was not compared",
                values=values,
                requests_round=RoundName.DECAY,
                advice="Compare weight decay again at the new rate.",
            )
        return not_detected(f"{text}; weight decay was compared at {rate(found.lr)}", values=values)
