"""FT008."""

from advisor.logs.evidence import RunEvidence
from advisor.logs.queries import ends, place, turned
from advisor.rules.finding import Judgement, cannot_tell, detected, not_detected
from advisor.rules.run_rule import RunRule
from advisor.utils.numbers import number


class TrainingLossRises(RunRule):
    """The training loss passes a minimum and rises again for good.

    ## What it reads
    The turn of the training loss, with the same test as FT002, and the learning rate where it was logged.

    ## Why it matters
    Optimisation itself has become worse: overfitting cannot do that. The usual causes are a rate beyond the stable
    range, or a bug in the data pipeline.

    ## Sources
    P-CV5: a rising training loss usually comes from a bug. S-D3: a sharp rise asks for a lower largest rate.

    ## Known limits
    A rise while a cycle raises the rate is expected to come back; it counts with low confidence, and only where the
    run ended before it did.
    """

    code = "FT008"
    title = "The training loss rises"
    passed = "The training loss does not rise"
    severity = "fault"
    confidence = "medium"
    requires = ("train",)
    sources = ("P-CV5", "S-D3")
    doubt = "a training loss that comes down again under the same rate"

    def check(self, evidence: RunEvidence) -> Judgement:
        """Detected if the training loss turned upwards beyond noise and stayed there."""
        train = evidence.train
        assert train is not None
        found, at = turned(train, evidence)
        if found is None or train.fall == 0.0:
            return cannot_tell("the training loss does not fall beyond noise")
        values = {"minimum": found.low, "at": at, "final": found.end, "chance": found.chance}
        if not found.turned:
            return not_detected(ends(train), values=values)
        cyclic = evidence.schedule.unfinished or (evidence.schedule.varies and evidence.schedule.falling_from > at)
        return detected(
            f"{train.name} about {number(found.low)} around {place(at)}, {number(found.end)} at the end"
            + ("; the rate went up in between" if cyclic else ""),
            values=values,
            confidence="low" if cyclic else None,
            advice="Lower the largest rate or the weight decay, or let the cycle come to its end."
            if cyclic
            else "Look for a bug in the data order or the schedule; then lower the rate or clip gradients.",
        )
