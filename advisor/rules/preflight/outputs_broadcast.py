"""PF014."""

from advisor.evidence.evidence import Evidence
from advisor.evidence.round_name import RoundName
from advisor.rules.base import ProbeRule
from advisor.rules.finding import Judgement, detected, inconclusive, not_detected


class OutputsBroadcast(ProbeRule):
    """Outputs and targets have different shapes and are broadcast against each other.

    ## What it reads
    The shapes of the operands of torch's losses and arithmetic in one training step: a row of B numbers against a
    column of B, one of the two with a gradient; or several outputs against a column of class numbers, in a squared
    error or a similar loss.

    ## Why it matters
    The loss then compares every output with every target. Its optimum is the mean of the batch, so the model
    learns a constant; at most there is a warning. Class numbers broadcast over all outputs pull each output to the
    class number.

    ## Sources
    T-CAST describes broadcasting. K-BASE: such a model does no better than one that sees no inputs.

    ## Known limits
    Only these two cases count. Outputs against outputs (a ranking loss) are intended and not reported; nor are
    broadcasts inside code other than PyTorch's.
    """

    code = "PF014"
    title = "Outputs and targets are broadcast against each other"
    passed = "Outputs and targets have matching shapes"
    neutral = "Whether outputs and targets have matching shapes"
    severity = "fault"
    confidence = "high"
    requires = (RoundName.PREFLIGHT,)
    sources = ("T-CAST", "K-BASE")
    counterevidence = "a loss that compares every output with every target on purpose"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected for a row against a column, and for class numbers against all outputs."""
        seen = evidence.preflight
        if seen is None:
            return inconclusive("nothing was measured before training")
        if not seen.looks.broadcasts:
            return not_detected("no outputs were broadcast against targets in one training step")
        found = seen.looks.broadcasts[0]
        outputs, targets = (_shape(shape) for shape in (found.outputs, found.targets))
        if len(found.outputs) > 1 and found.outputs[1] > 1:
            return detected(
                f"{found.function} compares each of the {found.outputs[1]} outputs of shape {outputs} with the class "
                f"number, targets of shape {targets}",
                values={"outputs": list(found.outputs), "targets": list(found.targets)},
                advice="Use cross_entropy with targets.squeeze(1), or one-hot targets.",
            )
        return detected(
            f"{found.function} broadcasts outputs of shape {outputs} against targets of shape {targets} to a square",
            values={"outputs": list(found.outputs), "targets": list(found.targets)},
            advice="Give both the same shape: squeeze the column (outputs.squeeze(1) or targets.squeeze(1)). Where the "
            "loss is PyTorch's own, the probes here were run with matching shapes.",
        )


def _shape(shape: tuple[int, ...]) -> str:
    sizes = ["B", *map(str, shape[1:])]
    return f"({', '.join(sizes)}{',' if len(sizes) == 1 else ''})"
