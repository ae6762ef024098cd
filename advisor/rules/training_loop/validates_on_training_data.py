"""TL008."""

from advisor.evidence.evidence import Evidence
from advisor.records.loop import LoopFault
from advisor.rules.base import ProbeRule
from advisor.rules.finding import Judgement
from advisor.rules.training_loop._reading import judged


class ValidatesOnTrainingData(ProbeRule):
    """The loop without gradients runs over the training loader.

    ## What it reads
    Loops under ``no_grad``, what they iterate over and what they sum up, and whether a loader for held-out data is used
    anywhere.

    ## Why it matters
    The validation loss is then a training loss: it cannot show overfitting, and chooses settings that overfit.

    ## Sources
    P-CV6: overlapping splits make validation misleading.

    ## Known limits
    Loops that compute a training accuracy on purpose are recognised by the names of what they sum up, and by a held-out
    loader that is used.
    """

    code = "TL008"
    title = "Validation runs over the training data"
    passed = "Validation runs over other data"
    neutral = "Whether validation runs over other data"
    severity = "fault"
    confidence = "medium"
    requires = ()
    sources = ("P-CV6",)
    counterevidence = "a second validation elsewhere"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected if the script was read and does it."""
        return judged(
            evidence,
            LoopFault.VALIDATES_ON_TRAINING,
            "the loop without gradients runs over {detail}, which is trained on",
            "Iterate over the held-out loader.",
        )
