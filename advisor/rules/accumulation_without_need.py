"""BS005."""

from advisor.rules.base import Rule
from advisor.rules.batch_reading import batch_rows
from advisor.rules.evidence import Evidence
from advisor.rules.finding import Judgement, detected, not_applicable, not_detected


class AccumulationWithoutNeed(Rule):
    """Gradients are accumulated although the whole batch fits at once.

    ## What it reads
    How many batches the present settings accumulate for one step, and whether a batch of that total size was trained
    and evaluated without running out of memory.

    ## Why it matters
    Accumulating saves memory, never time: each part still passes forward and backward. Where the whole batch fits, one
    pass over it is at least as fast.

    ## Sources
    P-BS7: accumulation gives no throughput; avoid it unless memory forces it.

    ## Known limits
    Batch normalisation sees smaller batches when gradients are accumulated, which some rely on.
    """

    code = "BS005"
    title = "Gradient accumulation without need"
    passed = "Gradient accumulation is needed for this batch"
    severity = "advice"
    confidence = "high"
    requires = ("preflight",)
    sources = ("P-BS7",)
    doubt = "the time of an epoch with and without accumulation"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected if the total batch was tried and fits."""
        parts = int(evidence.facts.get("accumulate") or 1)
        if parts < 2:
            return not_applicable("the present settings do not accumulate gradients")
        total = evidence.current.batch_size
        row = next((row for row in batch_rows(evidence) if row["batch_size"] == total), None)
        values = {"accumulate": parts, "batch_size": total, "fits": bool(row and row["fits"])}
        text = f"{parts} batches are accumulated to {total} examples a step"
        if row is None or not row["fits"]:
            return not_detected(f"{text}; at once they do not fit", values=values)
        return detected(
            f"{text}, and {total} examples fit at once",
            values=values,
            advice=f"Train on batches of {total} without accumulation.",
        )
