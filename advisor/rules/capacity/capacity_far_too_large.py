"""CA002."""

from advisor.evidence.evidence import Evidence
from advisor.evidence.length import long_probe, lost_share
from advisor.evidence.round_name import RoundName
from advisor.rules.base import ProbeRule
from advisor.rules.finding import Judgement, detected, inconclusive, not_detected
from advisor.utils.numbers import times

_MANY = 10.0


class CapacityFarTooLarge(ProbeRule):
    """Many more weights than training targets, and the full run would overfit: regularise or shrink.

    ## What it reads
    Trainable weights per training target, and whether a longer probe lost much of its improvement to the gap.

    ## Why it matters
    A model of that size can memorise the training data. That is a problem only if it does.

    ## Sources
    S-R3: total regularisation must be balanced for data and architecture. P-CV1: overfitting counts where the
    validation error rises, whatever the size.

    ## Known limits
    The number of weights alone says little: many large models generalise. Hence both conditions.
    """

    code = "CA002"
    title = "Far more capacity than the data need, and it overfits"
    passed = "The model's size does no harm at this length"
    neutral = "Whether the model is too large for the data"
    severity = "advice"
    confidence = "medium"
    requires = (RoundName.LENGTH,)
    sources = ("S-R3", "P-CV1")
    counterevidence = "a smaller model that overfits as much"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected for at least ten weights per target and a run that overfits."""
        ratio = evidence.capacity_ratio
        arm = long_probe(evidence)
        if arm is None or ratio <= 0:
            return inconclusive("the long probe did not finish, or the number of weights is unknown")
        lost = lost_share(evidence, arm)
        values = {"weights_per_target": ratio, "lost_share": lost, "overfits": evidence.overfits}
        text = f"{times(ratio)} weights per training target"
        if ratio < _MANY or not evidence.overfits:
            return not_detected(text + ("; the full run overfits" if evidence.overfits else ""), values=values)
        return detected(
            f"{text}, and the full run would overfit",
            values=values,
            figures=("curves",),
            advice="Regularise more (dropout, augmentation, weight decay), shrink it, or stop early (EP001, EP003).",
        )
