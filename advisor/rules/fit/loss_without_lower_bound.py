"""FT015."""

from advisor.evidence.evidence import Evidence
from advisor.evidence.learned import finished_runs
from advisor.evidence.round_name import RoundName
from advisor.evidence.runaway import runaway
from advisor.rules.base import ProbeRule
from advisor.rules.finding import Judgement, detected, inconclusive, not_detected
from advisor.utils.numbers import number, rate


class LossWithoutLowerBound(ProbeRule):
    """The loss is negative and falls without limit: a wrong sign, or targets the loss is not defined for.

    ## What it reads
    The training losses of all runs: whether at least two end below zero by ten times their initial size, one of them
    by a hundred times, and whether these fall faster in their second half than in their first.

    ## Why it matters
    Such a loss rewards larger outputs, not correct ones, and every larger rate does "better": no setting means
    anything. The usual causes are a lower bound that is minimised instead of its negative, an error with a minus sign,
    and binary cross-entropy with class numbers.

    ## Sources
    K-INIT asks for a loss that is known at its start and at its best. P-SS2: look for a bug before trusting a search.

    ## Known limits
    Negative log-likelihoods can become negative as well, but level off. Losses that stay within a hundred times their
    initial size are not reported.
    """

    code = "FT015"
    title = "The loss has no lower bound: a wrong sign, or targets it is not defined for"
    passed = "The loss does not fall without limit"
    neutral = "Whether the loss has a lower bound"
    severity = "fault"
    confidence = "high"
    requires = (RoundName.LADDER,)
    sources = ("K-INIT", "P-SS2")
    counterevidence = "a longer run in which the loss levels off"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected if two runs fall faster and faster below zero, one of them far below."""
        found = runaway(evidence)
        if found is None:
            done = finished_runs(evidence)
            if not done:
                return inconclusive("no run finished")
            lowest = min(arm.trace.final_val_loss for arm in done)
            return not_detected(f"lowest validation loss {number(lowest)}", values={"lowest": lowest})
        return detected(
            f"training loss {number(found.first)} at the start and {number(found.last)} after "
            f"{found.arm.spec.steps} steps at a rate of {rate(found.arm.spec.lr)}, falling faster and faster; "
            f"{found.runs} runs do",
            values={"first": found.first, "last": found.last, "runs": found.runs},
            advice="Look at the sign of each term of the loss (a likelihood or a bound is to be maximised: minimise "
            "its negative), and at targets outside of what the loss takes.",
            blocking=True,
        )
