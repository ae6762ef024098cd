"""TL005."""

from advisor.evidence.evidence import Evidence
from advisor.records.loop import LoopFault
from advisor.rules.base import ProbeRule
from advisor.rules.finding import Judgement
from advisor.rules.training_loop._reading import judged


class OptimizerBuiltTooEarly(ProbeRule):
    """A layer, or the model, is replaced after its parameters were passed to the optimizer.

    ## What it reads
    Assignments to the model or to one of its layers between the optimizer and the training loop.

    ## Why it matters
    The optimizer keeps updating the replaced weights. The new layer is never trained.

    ## Sources
    T-LIST: what counts as a parameter of a module. P-CV5: a bug, not a setting.

    ## Known limits
    Layers that are replaced inside functions are not followed. Moving a model to a device keeps its parameters, and is
    not reported.
    """

    code = "TL005"
    title = "The optimizer is built before the layers that it should train"
    passed = "The optimizer is built after the model"
    neutral = "Whether the optimizer is built after the model"
    severity = "fault"
    confidence = "high"
    requires = ()
    sources = ("T-LIST", "P-CV5")
    counterevidence = "an optimizer that gets the new parameters elsewhere"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected if the script was read and does it."""
        return judged(
            evidence,
            LoopFault.OPTIMIZER_TOO_EARLY,
            "the layer is created after {detail} got the parameters, and is never trained",
            "Create the optimizer after the last change of the model, or call add_param_group for the new layer.",
        )
