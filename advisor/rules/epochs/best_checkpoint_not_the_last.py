"""EP005."""

from advisor.evidence.evidence import Evidence
from advisor.evidence.queries import finished, loss_noise
from advisor.evidence.round_name import RoundName
from advisor.logs.evidence import RunEvidence
from advisor.logs.queries import ends, turned
from advisor.rules.base import LogRule, ProbeRule
from advisor.rules.finding import Judgement, detected, inconclusive, not_detected
from advisor.utils.numbers import number

_LOOKS = 3
_BEYOND, _LOG_LOOKS = 5.0, 10


class BestCheckpointNotTheLast(ProbeRule, LogRule):
    """The best weights of a run are not its last.

    ## What it reads
    In probes: where the validation loss was lowest in every probe that was evaluated at least three times. In logs: the
    best validation loss, corrected for being the lowest of many, against the last one.

    ## Why it matters
    Keeping the best checkpoint costs nothing and makes a run that is too long harmless.

    ## Sources
    P-EV keeps the best checkpoints. P-ST3: a longer run then does no harm.

    ## Known limits
    The best of several evaluations on the same validation data is a little too good. Only those that were made or
    logged are compared.
    """

    code = "EP005"
    title = "The best checkpoint is not the last one"
    passed = "The last checkpoint is as good as the best one"
    neutral = "Where the best checkpoint falls"
    severity = "info"
    confidence = "medium"
    requires = (RoundName.LADDER,)
    requires_curves = ("val",)
    sources = ("P-EV", "P-ST3")
    counterevidence = "runs at the advised length that are best at their end"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected if any such probe ended above its lowest loss by more than the noise."""
        arms = [arm for arm in finished(evidence) if len(arm.trace.val_loss) >= _LOOKS]
        if not arms:
            return inconclusive("no probe was validated three times during its run", requests_round=RoundName.LENGTH)
        above = {arm: arm.trace.val_loss[-1] - min(arm.trace.val_loss) for arm in arms}
        late = [arm for arm in arms if above[arm] > max(loss_noise(evidence, arm), 1e-12)]
        values = {"probes": len(arms), "ended_above": len(late)}
        if not late:
            return not_detected(
                f"all {len(arms)} probes with several evaluations were best at their end", values=values
            )
        worst = max(late, key=above.__getitem__)
        return detected(
            f"{len(late)} of {len(arms)} probes ended above their lowest validation loss, by up to "
            f"{number(above[worst])}",
            values=values | {"worst": above[worst]},
            advice="Validate regularly and keep the checkpoint with the lowest validation loss.",
        )

    def check_log(self, evidence: RunEvidence) -> Judgement:
        """Detected if the end lies above the best level beyond noise."""
        val = evidence.val
        assert val is not None
        found, _ = turned(val, evidence)
        if found is None:
            return inconclusive("too few validation losses")
        last = val.y[-1]
        above = last - found.low
        values = {"best_at": val.best[0], "above": above, "noise": found.noise}
        jump = (
            len(val.y) >= _LOG_LOOKS and found.noise > 0 and above > _BEYOND * found.noise and above > 0.03 * val.reach
        )
        if not (found.turned and last > found.low) and not jump:
            return not_detected(ends(val), values=values)
        return detected(
            f"{ends(val)}: {number(above)} above its best level",
            values=values,
            advice="Validate regularly and keep the checkpoint with the lowest validation loss.",
        )
