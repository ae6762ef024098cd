"""BS004."""

import math

from advisor.evidence.evidence import Evidence
from advisor.evidence.queries import arms_of, compared
from advisor.evidence.round_name import RoundName
from advisor.fits.types import FitFailed
from advisor.rules.base import ProbeRule
from advisor.rules.finding import Judgement, detected, inconclusive, not_detected
from advisor.utils.numbers import rate, times


class RateNotRescaledWithBatch(ProbeRule):
    """The batch size changes, so the learning rate must be tuned again.

    ## What it reads
    The best rate measured at each batch size, against the two usual rules: proportional to the batch, and to
    its square root.

    ## Why it matters
    A rate that suits one batch size is too large or too small for another, and a comparison of batch sizes at
    one rate only shows whose rate it was.

    ## Sources
    B-6 scales proportionally, B-2 with a law that levels off, and B-5 finds that no rule holds everywhere;
    P-BS6 re-tunes. The measured ratio is reported with both rules.

    ## Known limits
    Few rates at the second batch size, so the ratio is known only to about a factor of 1.6; if rates were
    compared at one size only, the ratio is a choice and not a measurement.
    """

    code = "BS004"
    title = "The learning rate moves with the batch size"
    passed = "The learning rate need not move with the batch size"
    neutral = "Whether the learning rate moves with the batch size"
    severity = "info"
    confidence = "low"
    requires = (RoundName.BATCH,)
    sources = ("B-2", "B-5", "B-6", "P-BS6")
    counterevidence = "a finer ladder at the new batch size"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected if the batch size is changed."""
        old, new = evidence.current.batch_size, evidence.choice.batch_size
        tried = {arm.spec.batch_size: arm.spec.lr for arm in reversed(compared(evidence, "batch_size"))}
        if len(tried) < 2 or old not in tried:
            return inconclusive("fewer than two batch sizes finished")
        other = next(size for size in tried if size != old) if new == old else new
        tuned = _tuned(evidence)
        measured = old in tuned and other in tuned
        best = tuned if measured else tried
        ratio, share = best[other] / best[old], other / old
        values = {"ratio": ratio, "linear": share, "sqrt": math.sqrt(share), "from": old, "to": other}
        rules = f"in proportion it would be {rate(share)}, by the square root {rate(math.sqrt(share))}"
        if measured:
            found = f"the best rate went from {rate(best[old])} to {rate(best[other])}, times {times(ratio)}"
        else:
            found = f"{rate(best[old])} was tried at one and {rate(best[other])} at the other, times {times(ratio)}"
        text = f"from batch size {old} to {other} {found}; {rules}"
        values["measured"] = measured
        if new == old:
            return not_detected(f"the batch size stays; {text}", values=values)
        return detected(
            text,
            values=values,
            advice="Change both together: the advised rate belongs to the advised batch size.",
        )


def _tuned(evidence: Evidence) -> dict[int, float]:
    """The best rate at each batch size at which rates were compared, from the longest probes."""
    found: dict[int, float] = {}
    for response in sorted(evidence.responses, key=lambda item: item.length):
        arms = arms_of(evidence, response)
        if response.knob == "lr" and arms and not isinstance(response.best, FitFailed):
            found[arms[0].spec.batch_size] = response.best.value
    return found
