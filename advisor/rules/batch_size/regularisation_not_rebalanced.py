"""BS006."""

from advisor.evidence.evidence import Evidence
from advisor.evidence.queries import compared
from advisor.evidence.round_name import RoundName
from advisor.rules.base import ProbeRule
from advisor.rules.finding import Judgement, detected, not_applicable, not_detected


class RegularisationNotRebalanced(ProbeRule):
    """The batch size changes, but weight decay was not compared at the new one.

    ## What it reads
    The batch size of the recommendation, and the batch size of the probes that compared weight decay.

    ## Why it matters
    Small batches are noisy, and that noise regularises: a change of batch size shifts the balance with weight
    decay and dropout.

    ## Sources
    S-BS3 rebalances after a change of batch size, P-BS8 adds regularisation with larger batches, and S-R3
    asks for balance as a whole.

    ## Known limits
    Dropout and augmentation are left to the user.
    """

    code = "BS006"
    title = "Regularisation was not rebalanced for the new batch size"
    passed = "Weight decay was compared at the recommended batch size"
    neutral = "Weight decay at the recommended batch size"
    severity = "info"
    confidence = "medium"
    requires = (RoundName.BATCH,)
    sources = ("S-BS3", "P-BS8", "S-R3")
    counterevidence = "weight decay compared at the new batch size"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected if the batch size is changed and no probe compared weight decay there."""
        old, new = evidence.current.batch_size, evidence.choice.batch_size
        if new == old:
            return not_applicable(f"the batch size stays at {old}")
        sizes = {arm.spec.batch_size for arm in compared(evidence, "weight_decay")}
        values = {"from": old, "to": new, "compared_at": sorted(sizes)}
        if new in sizes:
            return not_detected(f"weight decay was compared at batch size {new}", values=values)
        more = "less" if new < old else "more"
        return detected(
            f"the batch size changes from {old} to {new}, which requires {more} regularisation by other means; "
            "weight decay was not compared there",
            values=values,
            advice=f"Compare weight decay and dropout again at batch size {new}.",
            requests_round=None if sizes else RoundName.DECAY,
        )
