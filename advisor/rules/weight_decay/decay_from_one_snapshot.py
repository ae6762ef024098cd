"""WD007."""

from advisor.evidence.evidence import Evidence
from advisor.rules.base import Rule
from advisor.rules.finding import Judgement, not_applicable


class DecayFromOneSnapshot(Rule):
    """Weight decays could be compared from one snapshot instead of from the start.

    ## What it reads
    Nothing: it says why this comparison is not run.

    ## Why it matters
    Training once to a plateau and going on from there with several weight decays saves the common part. But the runs
    then share a history under one decay and a rate that has already fallen, while the advice is for a whole schedule
    from fresh weights.

    ## Sources
    S-WD6 goes on from a snapshot with several weight decays; S-WD5 asks for the schedule that will be used, which a
    snapshot does not have; P-TR counts regularisation among what may not carry over.

    ## Known limits
    On runs of many hours the saving may be worth that difference.
    """

    code = "WD007"
    title = "Weight decays compared from one snapshot"
    passed = "Weight decays are compared by whole schedules, not from one snapshot"
    severity = "info"
    confidence = "medium"
    requires = ("preflight",)
    sources = ("S-WD6", "S-WD5", "P-TR")
    doubt = "a grid from a snapshot that chooses the same value at a lower price"

    def check(self, evidence: Evidence) -> Judgement:
        """Never applies."""
        return not_applicable("each weight decay trains a whole short schedule from the same fresh weights")
