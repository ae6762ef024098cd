"""WD002."""

from advisor.evidence.evidence import Evidence
from advisor.evidence.round_name import RoundName
from advisor.rules.base import ProbeRule
from advisor.rules.finding import Judgement, not_applicable
from advisor.rules.weight_decay._compare import better_beside


class DecayTooSmall(ProbeRule):
    """Too little weight decay: a larger one ends lower on validation data.

    ## What it reads
    The grid of weight decays in short runs: the loss at the current one, and the lowest among larger ones.

    ## Why it matters
    Too little leaves the regularisation to the learning rate alone, and the longer the run the more it overfits.

    ## Sources
    S-D3: a validation loss that rises gradually asks for more decay; S-R6 calls decay the knob that balances the rate;
    P-CV1 counts it among the first remedies of overfitting.

    ## Known limits
    Short runs overfit less than long ones, so they miss some of the benefit of a larger decay.
    """

    code = "WD002"
    title = "Weight decay is too small"
    passed = "Weight decay is not too small"
    neutral = "Whether weight decay is too small"
    severity = "advice"
    confidence = "medium"
    requires = (RoundName.DECAY,)
    sources = ("S-D3", "S-R6", "P-CV1")
    counterevidence = "longer runs in which the current value does as well"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected if a larger value on the grid ends lower beyond the noise."""
        if not evidence.current_given:
            return not_applicable("no current settings to judge")
        return better_beside(evidence, smaller=False)
