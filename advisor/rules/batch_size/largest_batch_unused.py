"""BS001."""

from advisor.evidence.batch_size import batch_rows, fitting, knee, most_that_fit
from advisor.evidence.evidence import Evidence
from advisor.evidence.round_name import RoundName
from advisor.records.profile import MemoryLimit
from advisor.rules.base import ProbeRule
from advisor.rules.finding import Judgement, detected, inconclusive, not_detected

_WHY = {
    "data": "twice as many are more than there are to train on",
    "cost": "larger ones were too dear to try",
    "error": "a larger one failed with another error",
    "unlimited": "no larger one was tried",
}


class LargestBatchUnused(ProbeRule):
    """A larger batch fits and trains faster than the one in use.

    ## What it reads
    Steps that were really made at several batch sizes: forward, backward, optimizer step and an evaluation of as many
    examples. First sizes are doubled and timed until one did not fit, was no faster or was too dear. Where memory has
    a limit (a GPU, or a process with one) doubling then goes on until it is reached, and the gap between the largest
    size that fits and the smallest that does not is halved to a quarter, with an eighth of what a size takes held
    back. Where examples differ in length, that is done with the longest ones together.

    ## Why it matters
    The batch size sets how fast examples pass. What fits is a limit; what is best for the result is another question
    (BS003, BS008).

    ## Sources
    S-BS1 takes the largest batch that fits; P-BS2 finds it by doubling; P-BS1 and P-BS3 stop where it brings no more
    speed.

    ## Known limits
    Tested sizes only, nothing is extrapolated. Lengths are those of as many examples as a second shows, at most 4096.
    On a CPU without a limit of memory no size is tried that would take more than half of what is free. A long run
    may need more than the eighth that is held back. The pace is of this machine.
    """

    code = "BS001"
    title = "A larger batch fits and is faster"
    passed = "No larger batch that was tried is faster"
    neutral = "Whether a larger batch is faster"
    severity = "info"
    confidence = "medium"
    requires = (RoundName.PREFLIGHT,)
    sources = ("S-BS1", "P-BS2", "P-BS1", "P-BS3")
    counterevidence = "timings on a quiet machine, or an epoch at the largest size"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected if a larger size that was tried passes more examples in a second."""
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
        text = f"{_memory(fit)}; examples a second by batch size {text}"
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
            f"{text}: {best.batch_size} passes {best.examples_per_second / own.examples_per_second:.2g} times as many",
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
