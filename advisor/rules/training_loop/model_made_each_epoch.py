"""TL011."""

from advisor.evidence.evidence import Evidence
from advisor.records.loop import LoopFault
from advisor.rules.base import ProbeRule
from advisor.rules.finding import Judgement
from advisor.rules.training_loop._reading import judged


class ModelMadeEachEpoch(ProbeRule):
    """The model and its optimizer are created inside the epoch loop.

    ## What it reads
    Assignments of new objects directly in the epoch loop whose ``parameters()`` are used there.

    ## Why it matters
    Each epoch starts from new random weights: what the epochs before have learned is lost.

    ## Sources
    T-GRAPH: weights belong to the module they were created in.

    ## Known limits
    Only loops whose variable or range names epochs; a loop over folds or settings creates models on purpose.
    """

    code = "TL011"
    title = "The model is created anew in every epoch"
    passed = "The model is created once"
    neutral = "Whether the model is created once"
    severity = "fault"
    confidence = "high"
    requires = ()
    sources = ("T-GRAPH",)
    counterevidence = "weights that are loaded into the new model"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected if the script was read and does it."""
        return judged(
            evidence,
            LoopFault.MADE_EACH_EPOCH,
            "{detail} is created inside the epoch loop, so each epoch starts from new weights",
            "Create model and optimizer before the epoch loop.",
        )
