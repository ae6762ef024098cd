"""TL010."""

from advisor.evidence.evidence import Evidence
from advisor.records.loop import LoopFault
from advisor.rules.base import ProbeRule
from advisor.rules.finding import Judgement
from advisor.rules.training_loop._reading import judged


class EvaluatedInTrainingMode(ProbeRule):
    """The script validates without eval(): dropout and batch norm work as in training.

    ## What it reads
    Whether a script that makes dropout or batch norm calls its trained model in a loop without gradients, and holds no
    call of ``eval()`` or ``train(mode)`` anywhere.

    ## Why it matters
    Dropout makes the validation loss worse than the model is, and another one each time; batch norm lets the examples
    of a validation batch look at each other, and takes their statistics into the model.

    ## Sources
    T-EVAL: the mode of dropout and batch norm is set by train() and eval(), not by no_grad().

    ## Known limits
    Modes that are set in other files are not seen. Dropout at evaluation on purpose is recognised by its name only.
    """

    code = "TL010"
    title = "Validation runs in training mode: there is no eval()"
    passed = "Validation runs in evaluation mode"
    neutral = "Whether validation runs in evaluation mode"
    severity = "fault"
    confidence = "high"
    requires = ()
    sources = ("T-EVAL",)
    counterevidence = "a mode that is set in another file"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected if the script was read and does it."""
        return judged(
            evidence,
            LoopFault.EVALUATED_IN_TRAINING,
            "{detail} is called for validation while dropout or batch norm are in training mode",
            "Call model.eval() before the validation loop, and model.train() before training goes on.",
        )
