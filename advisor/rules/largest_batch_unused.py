"""BS001."""

from advisor.rules.base import Rule
from advisor.rules.batch_reading import batch_rows, fitting, knee
from advisor.rules.evidence import Evidence
from advisor.rules.finding import Judgement, cannot_tell, detected, not_detected


class LargestBatchUnused(Rule):
    """A larger batch fits and trains faster than the one in use.

    ## What it reads
    Steps that were really made at several batch sizes, doubled until one did not fit, was no faster or was too dear:
    forward, backward, optimizer step and an evaluation of as many examples.

    ## Why it matters
    The batch size sets how fast examples pass. What fits is a limit; what is best for the result is another question
    (BS003, BS008).

    ## Sources
    S-BS1 takes the largest batch that fits; P-BS2 finds it by doubling; P-BS1 and P-BS3 stop where it brings no more
    speed.

    ## Known limits
    Tested sizes only, nothing is extrapolated; a sample of ordinary examples, where unusually long ones may need more
    memory. The pace is of this machine.
    """

    code = "BS001"
    title = "A larger batch fits and is faster"
    passed = "No larger batch that was tried is faster"
    severity = "info"
    confidence = "medium"
    requires = ("preflight",)
    sources = ("S-BS1", "P-BS2", "P-BS1", "P-BS3")
    doubt = "timings on a quiet machine, or a batch of the longest examples"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected if a larger size that was tried passes more examples in a second."""
        rows = fitting(evidence)
        present = evidence.current.batch_size
        own = next((row for row in rows if row["batch_size"] == present), None)
        larger = [row for row in rows if row["batch_size"] > present]
        broken = [row for row in batch_rows(evidence) if row.get("out_of_memory")]
        if own is None or not (larger or broken):
            return cannot_tell(f"no batch size above {present} was affordable to try")
        best = max((own, *larger), key=lambda row: row["examples_per_second"])
        at = knee(evidence)
        limit = f"; {broken[0]['batch_size']} does not fit in memory" if broken else ""
        text = ", ".join(f"{row['batch_size']}: {row['examples_per_second']:.3g}" for row in (own, *larger))
        text = f"examples a second by batch size {text}{limit}"
        values = {"largest_tried": rows[-1]["batch_size"], "fastest": best["batch_size"], "knee": at}
        if best is own or (at is not None and at <= present):
            return not_detected(text, values=values, figures=("batch",))
        return detected(
            f"{text}: {best['batch_size']} passes {best['examples_per_second'] / own['examples_per_second']:.2g} times "
            "as many",
            values=values,
            figures=("batch",),
        )
