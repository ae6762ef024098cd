"""EP005."""

from advisor.evidence.evidence import Evidence
from advisor.evidence.queries import finished, loss_noise
from advisor.rules.base import Rule
from advisor.rules.finding import Judgement, cannot_tell, detected, not_detected
from advisor.utils.numbers import number

_LOOKS = 3


class BestCheckpointNotTheLast(Rule):
    """The best weights of a run are not its last.

    ## What it reads
    Where the validation loss was lowest in every probe that was looked at three times or more.

    ## Why it matters
    Keeping the best checkpoint costs nothing and makes a run that is too long do no harm.

    ## Sources
    P-EV keeps the best checkpoints. P-ST3: a longer run then does no harm.

    ## Known limits
    The best of several looks at the same validation data is a little too good. Only the looks that were
    taken are compared.
    """

    code = "EP005"
    title = "The best checkpoint is not the last one"
    passed = "The last checkpoint is the best one"
    severity = "info"
    confidence = "medium"
    requires = ("ladder",)
    sources = ("P-EV", "P-ST3")
    doubt = "runs at the advised length that are best at their end"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected if any such probe ended above its lowest loss by more than the noise."""
        arms = [arm for arm in finished(evidence) if len(arm.trace.val_loss) >= _LOOKS]
        if not arms:
            return cannot_tell("no probe was validated three times on its way", wants="length")
        above = {arm: arm.trace.val_loss[-1] - min(arm.trace.val_loss) for arm in arms}
        late = [arm for arm in arms if above[arm] > max(loss_noise(evidence, arm), 1e-12)]
        values = {"probes": len(arms), "ended_above": len(late)}
        if not late:
            return not_detected(f"all {len(arms)} probes with several looks were best at their end", values=values)
        worst = max(late, key=above.__getitem__)
        return detected(
            f"{len(late)} of {len(arms)} probes ended above their lowest validation loss, by up to "
            f"{number(above[worst])}",
            values=values | {"worst": above[worst]},
            advice="Validate regularly and keep the checkpoint with the lowest validation loss.",
        )
