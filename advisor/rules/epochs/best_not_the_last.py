"""EP005."""

from advisor.logs.evidence import RunEvidence
from advisor.logs.queries import ends, turned
from advisor.rules.finding import Judgement, cannot_tell, detected, not_detected
from advisor.rules.run_rule import RunRule
from advisor.utils.numbers import number

_BEYOND, _LOOKS = 5.0, 10


class BestNotTheLast(RunRule):
    """The run ended worse than it had been.

    ## What it reads
    The best validation loss, corrected for being the luckiest of many looks, against the last one.

    ## Why it matters
    Keeping the best checkpoint costs nothing and makes a run that is too long do no harm.

    ## Sources
    P-EV keeps the best checkpoints. P-ST3: a longer run then does no harm.

    ## Known limits
    The best of several looks at the same validation data is a little too good. Looks between the logged ones are
    not seen.
    """

    code = "EP005"
    title = "The best checkpoint is not the last one"
    passed = "The last checkpoint is as good as the best one"
    severity = "info"
    confidence = "medium"
    requires = ("val",)
    sources = ("P-EV", "P-ST3")
    doubt = "a repeat that is best at its end"

    def check(self, evidence: RunEvidence) -> Judgement:
        """Detected if the end lies above the best level beyond noise."""
        val = evidence.val
        assert val is not None
        found, _ = turned(val, evidence)
        if found is None:
            return cannot_tell("too few validation losses")
        last = val.y[-1]
        above = last - found.low
        values = {"best_at": val.best[0], "above": above, "noise": found.noise}
        jump = len(val.y) >= _LOOKS and found.noise > 0 and above > _BEYOND * found.noise and above > 0.03 * val.reach
        if not (found.turned and last > found.low) and not jump:
            return not_detected(ends(val), values=values)
        return detected(
            f"{ends(val)}: {number(above)} above its best level",
            values=values,
            advice="Validate regularly and keep the checkpoint with the lowest validation loss.",
        )
