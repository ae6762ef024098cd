"""PF035."""

from advisor.evidence.evidence import Evidence
from advisor.evidence.round_name import RoundName
from advisor.rules.base import ProbeRule
from advisor.rules.finding import Judgement, detected, inconclusive, not_detected


class HalfNotRead(ProbeRule):
    """One half of each sequence has no effect on the answer.

    ## What it reads
    The outputs for some sequences, in evaluation mode, before and after one half of each is replaced by another
    sequence's; only for models with a recurrent layer or attention and one output per sequence.

    ## Why it matters
    The output is taken at the wrong step: at the first one of a forward layer (``out[:, 0]``), or after states were
    reset. The model cannot learn from what it does not read.

    ## Sources
    K-CHART: change an input, and see which outputs move.

    ## Known limits
    Only a whole half with exactly no effect. Inputs of several tensors (lengths, masks) are not tested.
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
            f"replacing the {looks.unread} half of each sequence leaves all outputs unchanged",
            values={"unread": looks.unread},
            advice=f"The output is taken from the {where} steps alone: take the last output of a forward layer "
            "(out[:, -1] with batch_first, or the state it returns), or a mean over all steps.",
        )
