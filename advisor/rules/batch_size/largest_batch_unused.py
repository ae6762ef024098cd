"""BS001."""

from advisor.evidence.batch_size import batch_rows, fitting, knee, most_that_fit
from advisor.evidence.evidence import Evidence
from advisor.evidence.round_name import RoundName
from advisor.records.profile import MemoryLimit
from advisor.rules.base import ProbeRule
from advisor.rules.finding import Judgement, detected, inconclusive, not_detected

_WHY = {
    "data": "twice as many would exceed the training data",
    "cost": "larger ones were too expensive to try",
    "error": "a larger one failed with another error",
    "unlimited": "no larger one was tried",
}


class LargestBatchUnused(ProbeRule):
    """A larger batch fits and trains faster than the one in use.

    ## What it reads
    Real steps at several batch sizes: forward, backward, optimizer step and an evaluation of as many
    examples. First sizes are doubled and timed until one does not fit, is not faster or is too expensive. If memory has
    a limit (a GPU, or a process with one) doubling continues until it is reached, and the gap between the largest
    size that fits and the smallest that does not is bisected to a quarter, with an eighth of a size's memory
    reserved. If examples differ in length, that is done with the longest ones.

    ## Why it matters
    The batch size determines the throughput. What fits is a limit; what gives the best result is another question
    (BS003, BS008).

    ## Sources
    S-BS1 takes the largest batch that fits; P-BS2 finds it by doubling; P-BS1 and P-BS3 stop where speed no longer
    increases.

    ## Known limits
    Tested sizes only, no extrapolation. Lengths are measured for as many examples as fit in a second, up to 4096.
    On a CPU without a memory limit no size is tried that would take more than half of the free memory. A long run
    may need more than the eighth that is reserved. Speed is that of this machine.
    """

    code = "BS001"
    title = "A larger batch fits and is faster"
    passed = "No larger batch that was tried is faster"
    neutral = "Whether a larger batch is faster"
    severity = "info"
    confidence = "medium"
    requires = (RoundName.PREFLIGHT,)
    sources = ("S-BS1", "P-BS2", "P-BS1", "P-BS3")
    counterevidence = "timings on an idle machine, or an epoch at the largest size"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected if a larger size that was tried has a higher throughput."""
        rows = fitting(evidence)
        present = evidence.current.batch_size
        own = next((row for row in rows if row.batch_size == present), None)
        larger = [row for row in rows if row.batch_size > present]
        broken = [row for row in batch_rows(evidence) if row.out_of_memory]
        fit = most_that_fit(evidence)
        if own is None or not (larger or broken or fit.too_large or (fit.largest or 0) > present):
            return inconclusive(f"no batch size above {present} was affordable to try")
        best = max((own, *larger), key=lambda row: row.examples_per_second)
        at = knee(evidence)
        text = ", ".join(f"{row.batch_size}: {row.examples_per_second:.3g}" for row in (own, *larger))
        text = f"{_memory(fit)}; examples per second by batch size {text}"
        values = {
            "largest": fit.largest,
            "too_large": fit.too_large,
            "stopped": fit.stopped,
            "fastest": best.batch_size,
            "knee": at,
        }
        if best is own or (at is not None and at <= present):
            return not_detected(text, values=values, figures=("batch",))
        return detected(
            f"{text}: {best.batch_size} is {best.examples_per_second / own.examples_per_second:.2g} times as fast",
            values=values,
            figures=("batch",),
        )


def _memory(fit: MemoryLimit) -> str:
    """What fits into memory, as far as it was tried."""
    longest = fit.longest
    of = "" if longest is None else f" of the longest examples ({longest.measured} of {longest.of} were measured)"
    if fit.largest is None:
        return f"no batch{of} fits"
    if fit.too_large:
        return f"a batch of {fit.largest}{of} fits in memory, {fit.too_large} does not"
    return f"a batch of {fit.largest}{of} fits in memory ({_WHY[fit.stopped]})"
