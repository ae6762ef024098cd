"""BS005."""

from advisor.evidence.batch_size import present_row
from advisor.evidence.evidence import Evidence
from advisor.evidence.round_name import RoundName
from advisor.rules.base import ProbeRule
from advisor.rules.finding import Judgement, detected, not_applicable, not_detected
from advisor.utils.numbers import number


class AccumulationWithoutNeed(ProbeRule):
    """Gradients are accumulated although the whole batch fits at once.

    ## What it reads
    Whether the current settings accumulate gradients, and a few steps of the same batch in one pass, including
    evaluation.

    ## Why it matters
    Accumulation saves memory, never time: each part still passes forward and backward. If the whole batch fits, one
    pass over it is at least as fast.

    ## Sources
    P-BS7: accumulation gives no throughput; avoid it unless memory forces it.

    ## Known limits
    Batch normalisation sees smaller batches when gradients are accumulated, which some rely on.
    """

    code = "BS005"
    title = "Gradient accumulation without need"
    passed = "Gradient accumulation is needed for this batch"
    neutral = "Whether gradient accumulation is needed"
    severity = "advice"
    confidence = "high"
    requires = (RoundName.PREFLIGHT,)
    sources = ("P-BS7",)
    counterevidence = "the time of an epoch with and without accumulation"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected if the whole batch trains in one pass."""
        once = evidence.profile.batch.at_once if evidence.profile.batch else None
        if once is None:
            return not_applicable("the current settings do not accumulate gradients")
        total, pieces = evidence.current.batch_size, present_row(evidence)
        values = {
            "batch_size": total,
            "fits": once.fits,
            "seconds": once.step_seconds,
            "seconds_accumulated": pieces.step_seconds,
        }
        text = f"{total} examples per step are accumulated from several batches"
        if not once.fits:
            return not_detected(f"{text}; in one pass they do not fit", values=values)
        return detected(
            f"{text} in {number(1e3 * pieces.step_seconds)} ms; in one pass they fit, in "
            f"{number(1e3 * once.step_seconds)} ms",
            values=values,
            advice=f"Train on batches of {total} without accumulation.",
        )
