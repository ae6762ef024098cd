"""BS003."""

import math

from advisor.evidence.batch_size import noise_scale
from advisor.evidence.evidence import Evidence
from advisor.evidence.round_name import RoundName
from advisor.rules.base import ProbeRule
from advisor.rules.finding import Judgement, detected, inconclusive, not_detected
from advisor.utils.numbers import times


class BatchBeyondCritical(ProbeRule):
    """The batch is larger than the gradient noise scale: most of it is redundant averaging.

    ## What it reads
    Squared norms of the gradients of single batches, and products of different batches' gradients, at the final weights
    of the repeat of the best short run: disjoint batches, until the interval is narrow or 0.6
    of a short run is spent. Each is averaged before their ratio is taken. If the budget left no repeat, the last
    steps of the best short run are used, with an interval three times as wide at either end, as the weights move.

    ## Why it matters
    Below the critical batch size doubling the batch nearly halves the steps; above it the steps hardly fall, and the
    wasted.

    ## Sources
    B-1 defines the noise scale, B-3 reads the critical batch from it, B-5 finds that it differs by orders of magnitude
    between workloads. P-BS4: beyond it returns diminish.

    ## Known limits
    At the end of a short run; the scale grows as the loss falls, so the full run tolerates larger batches at its
    end. It is that of the gradient on the training examples, and can overstate the critical batch.
    """

    code = "BS003"
    title = "The batch is beyond the critical size"
    passed = "The batch is below the critical size"
    neutral = "Batch size against the gradient noise scale"
    severity = "info"
    confidence = "low"
    requires = (RoundName.LADDER,)
    sources = ("B-1", "B-3", "B-5", "P-BS4")
    counterevidence = "the steps that two batch sizes need to reach one loss"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected if even the upper end of the interval is below the batch size."""
        scale = noise_scale(evidence)
        if scale is None:
            return inconclusive("no probe measured gradients of enough batches", requests_round=None)
        value, low, high = scale
        size = evidence.current.batch_size
        values = {"noise_scale": value, "low": low, "high": high, "batch_size": size}
        if not math.isfinite(high):
            text = f"the noise scale is {times(low)} examples or more; the batch has {size}"
            if low < size:
                return inconclusive(text + ": its upper end is unknown", values=values)
            return not_detected(text, values=values, figures=("batch",))
        text = f"noise scale {times(value)} examples ({times(low)} to {times(high)}), batch {size}"
        if high < size:
            return detected(text, values=values, figures=("batch",))
        if low < size:
            return inconclusive(text + ": within the interval", values=values)
        return not_detected(text, values=values, figures=("batch",))
