"""TL006."""

from advisor.evidence.evidence import Evidence
from advisor.records.loop import LoopFault
from advisor.rules.base import ProbeRule
from advisor.rules.finding import Judgement
from advisor.rules.training_loop._reading import judged


class EvalNeverUndone(ProbeRule):
    """The model is set to evaluation mode in the epoch loop, and never back.

    ## What it reads
    Calls of ``eval`` and ``train`` in the epoch loop and in functions that it calls; only for scripts that mention
    dropout, batch norm or a pretrained model.

    ## Why it matters
    From the second epoch on dropout is off and batch norm uses fixed statistics: training continues without
    regularisation, and unlike the first epoch.

    ## Sources
    T-EVAL: the mode stays until it is set again.

    ## Known limits
    Modes that are set in other files are not seen.
    """

    code = "TL006"
    title = "eval() is never undone"
    passed = "The model is set to training mode again"
    neutral = "Whether the model is set to training mode again"
    severity = "fault"
    confidence = "high"
    requires = ()
    sources = ("T-EVAL",)
    counterevidence = "a model that sets its own mode"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected if the script was read and does it."""
        return judged(
            evidence,
            LoopFault.EVAL_NOT_UNDONE,
            "{detail} is set to evaluation mode in each epoch, and never back to training mode",
            "Call model.train() at the start of each epoch.",
        )
