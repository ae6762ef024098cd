"""BS002."""

from advisor.evidence.batch_size import KNEE, fitting, knee
from advisor.evidence.evidence import Evidence
from advisor.evidence.round_name import RoundName
from advisor.rules.base import ProbeRule
from advisor.rules.finding import Judgement, detected, inconclusive, not_detected


class BatchPastTheKnee(ProbeRule):
    """The batch size in use is beyond the point from which doubling it gives no more speed.

    ## What it reads
    Examples per second at each batch size that was timed, and the smallest size that is less than
    a quarter slower than the fastest.

    ## Why it matters
    Beyond the knee a larger batch makes fewer updates in the same time.

    ## Sources
    P-BS3: cap the batch size where the throughput stops rising. P-BS4: only a measurement shows where that is.

    ## Known limits
    A few steps of each size on this machine; other programs shift the knee.
    """

    code = "BS002"
    title = "The batch is larger than the hardware needs"
    passed = "The throughput still rises up to the batch size in use"
    neutral = "Where the throughput levels off"
    severity = "info"
    confidence = "medium"
    requires = (RoundName.PREFLIGHT,)
    sources = ("P-BS3", "P-BS4")
    counterevidence = "timings on an idle machine"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected if the knee is below the batch size in use."""
        rows = fitting(evidence)
        if len(rows) < 2:
            return inconclusive("only one batch size was timed, which shows no knee")
        at, present = knee(evidence), evidence.current.batch_size
        table = ", ".join(f"{row.batch_size}: {row.examples_per_second:.3g}" for row in rows)
        text = f"examples per second by batch size {table}"
        values = {
            "knee": at,
            "batch_size": present,
            "rows": {str(row.batch_size): row.examples_per_second for row in rows},
        }
        if at is None:
            return not_detected(f"{text}: the largest is the fastest", values=values, figures=("batch",))
        if at >= present:
            return not_detected(f"{text}: the knee is at {at}", values=values, figures=("batch",))
        return detected(
            f"{text}: {at} is as fast as the fastest within a factor of {KNEE}", values=values, figures=("batch",)
        )
