"""LR001."""

from typing import Any

from advisor.logs.evidence import RunEvidence
from advisor.logs.queries import ends, place, rate_rises_after, train_fell_after, turned
from advisor.logs.scatter import late_scatter, trains_calmly
from advisor.rules.finding import Judgement, cannot_tell, detected, not_detected
from advisor.rules.run_rule import RunRule
from advisor.utils.numbers import number

_VIOLENT = 0.25


class RateTooHigh(RunRule):
    """The validation loss bounces late in the run while the rate is still high.

    ## What it reads
    The late scatter that FT006 reads, where the rate was constant, not logged, or not yet lowered, and the training
    loss, which must have fallen. In a run that ended inside a cycle: whether both losses rose with the rate and
    stayed up.

    ## Why it matters
    Each step throws the weights from one side of the valley to the other; a lower rate, or one that decays, would
    settle.

    ## Sources
    P-CV2 counts a late rate that is too high among the causes of late variance. C-3: a rate at which the curve
    becomes ragged is beyond the best one. S-D3: a sharp rise of the loss with the rate is no overfitting and asks
    for a lower largest rate.

    ## Known limits
    Few validation data look the same from one run; but scatter by a quarter of all that was learned is seldom
    sampling alone. Under a schedule that ended low it is not asked.
    """

    code = "LR001"
    title = "The learning rate in use is above the stable range"
    passed = "The learning rate in use does not make the run bounce"
    severity = "fault"
    confidence = "low"
    requires = ("val",)
    sources = ("P-CV2", "C-3", "S-D3")
    doubt = "a run at a third of the rate that bounces as much"

    def check(self, evidence: RunEvidence) -> Judgement:
        """Detected if the late scatter is a quarter of what was learned or more, under a rate that was not low."""
        schedule, val = evidence.schedule, evidence.val
        assert val is not None
        if schedule.annealed:
            return not_detected(f"{schedule.words()}: it ended low")
        bend, low = turned(val, evidence)
        if bend is not None and bend.turned and rate_rises_after(evidence, low) and not train_fell_after(evidence, low):
            return detected(
                f"{ends(val)}; training and validation loss rose together while the rate "
                "went up, and have not come back",
                values={"at": low, "minimum": bend.low, "final": bend.end},
                confidence="medium",
                advice="Lower the largest rate, or the weight decay, which limits the rate that is stable.",
            )
        found = late_scatter(evidence)
        if isinstance(found, str):
            return cannot_tell(found)
        rate = evidence.run.setting("lr")
        at = f" at rate {rate:g}" if isinstance(rate, float) else ""
        values: dict[str, Any] = {"share": found.share, "from": found.since, "lr": rate}
        text = (
            f"validation loss scatters by {number(found.size)}{at}, {found.share:.0%} of "
            f"what was learned, after {place(found.since)}"
        )
        if found.share < _VIOLENT:
            return not_detected(text, values=values)
        if not trains_calmly(evidence):
            return cannot_tell(f"{text}; the training loss did not fall, so it may be something else", values=values)
        return detected(
            text,
            values=values,
            confidence="medium" if found.share > 2 * _VIOLENT else None,
            advice="Try a third and a tenth of this rate, or let it decay to zero by the end.",
        )
