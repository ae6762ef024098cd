"""FT015."""

from advisor.evidence.evidence import Evidence
from advisor.evidence.learned import finished_runs
from advisor.evidence.round_name import RoundName
from advisor.evidence.runaway import runaway
from advisor.rules.base import ProbeRule
from advisor.rules.finding import Judgement, detected, inconclusive, not_detected
from advisor.utils.numbers import number, rate


class LossWithoutLowerBound(ProbeRule):
    """The loss is negative and falls without end: a wrong sign, or a loss that its targets do not suit.

    ## What it reads
    The training losses of all runs: whether at least two lie ten times their size at the start below zero, one of
    them a hundred times, and whether these fall faster in their second half than in their first.

    ## Why it matters
    Such a loss rewards outputs that grow, not outputs that are right, and every larger rate does "better": no setting
    means anything. A bound that is minimised in place of its negative, an error with a minus before it, and binary
    cross-entropy with class numbers are the usual causes.

    ## Sources
    K-INIT asks for a loss that is known at its start and at its best. P-SS2: look for a bug before trusting a search.

    ## Known limits
    Negative log-likelihoods turn negative as well, and come to rest; one that falls this far is not told apart by its
    numbers alone, only by falling faster and faster. Losses that stay within a hundred times their start are not named.
    """

    code = "FT015"
    title = "The loss has no lower bound: a wrong sign, or targets that it does not suit"
    passed = "The loss does not fall without end"
    neutral = "Whether the loss has a lower bound"
    severity = "fault"
    confidence = "high"
    requires = (RoundName.LADDER,)
    sources = ("K-INIT", "P-SS2")
    counterevidence = "a longer run in which the loss comes to rest"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected where two runs are below zero and fall ever faster, one of them far below."""
        found = runaway(evidence)
        if found is None:
            done = finished_runs(evidence)
            if not done:
                return inconclusive("no run finished")
            lowest = min(arm.trace.final_val_loss for arm in done)
            return not_detected(f"lowest validation loss {number(lowest)}", values={"lowest": lowest})
        return detected(
            f"training loss {number(found.first)} at the start and {number(found.last)} after "
            f"{found.arm.spec.steps} steps at a rate of {rate(found.arm.spec.lr)}, falling ever faster; "
            f"{found.runs} runs do",
            values={"first": found.first, "last": found.last, "runs": found.runs},
            advice="Look at the sign of each term of the loss (a likelihood or a bound is to be maximised: minimise "
            "its negative), and at targets outside of what the loss takes.",
            blocking=True,
        )
