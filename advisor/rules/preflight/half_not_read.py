"""PF035."""

from advisor.evidence.evidence import Evidence
from advisor.evidence.round_name import RoundName
from advisor.rules.base import ProbeRule
from advisor.rules.finding import Judgement, detected, inconclusive, not_detected


class HalfNotRead(ProbeRule):
    """One half of each sequence has no effect on the answer.

    ## What it reads
    The outputs for some sequences, in evaluation mode, before and after one half of each is exchanged for another
    sequence's: only of models with a recurrent layer or attention, and one answer a sequence.

    ## Why it matters
    The answer is read at the wrong place: at the first step of a layer that reads forwards (``out[:, 0]``), or after
    states were cut. What is not read cannot be learned from.

    ## Sources
    K-CHART: change an input, and see which outputs move.

    ## Known limits
    Exact silence only, of a whole half. Inputs of several tensors (lengths, masks) are not asked.
    """

    code = "PF035"
    title = "One half of each sequence has no effect on the answer"
    passed = "Both halves of the sequences have an effect on the answer"
    neutral = "Whether the whole sequence is read"
    severity = "fault"
    confidence = "medium"
    requires = (RoundName.PREFLIGHT,)
    sources = ("K-CHART",)
    counterevidence = "longer sequences of which only a part is meant to be read"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected where exactly one half has no effect at all."""
        looks = evidence.preflight.looks if evidence.preflight else None
        if looks is None:
            return inconclusive("nothing was measured before training")
        if not looks.unread:
            return not_detected("no half of a sequence was found without effect")
        where = "first" if looks.unread == "later" else "last"
        return detected(
            f"exchanging the {looks.unread} half of each sequence leaves all outputs as they are",
            values={"unread": looks.unread},
            advice=f"The answer is read from the {where} steps alone: take the last output of a layer that reads "
            "forwards (out[:, -1] with batch_first, or the state it returns), or a mean over all steps.",
        )
