"""LR002."""

import math

from advisor.fits.trend import trend
from advisor.logs.evidence import RunEvidence
from advisor.logs.queries import place
from advisor.rules.finding import Judgement, cannot_tell, detected, not_applicable, not_detected
from advisor.rules.run_rule import RunRule
from advisor.utils.numbers import number

_STRAIGHT, _LEAST = 0.4, 6


class RateTooLow(RunRule):
    """The training loss falls in a straight line from the start to the end: the run is simply too slow.

    ## What it reads
    How much of the whole fall of the training loss the second half of the run brought, and whether that fall is
    beyond chance. Only under a rate that is constant or was not logged.

    ## Why it matters
    A run at a fitting rate falls fast and then ever more slowly. One that has not begun to slow down is still at
    its beginning, and the rate or the length is far too small.

    ## Sources
    S-D2: a low rate underfits and its loss keeps falling. P-CV3: such a run is limited by computing.

    ## Known limits
    A log that begins after the first fast drop, or a loss on a long plateau before it falls, can look alike.
    """

    code = "LR002"
    title = "The learning rate in use is too small"
    passed = "The learning rate in use is not too small"
    severity = "advice"
    confidence = "medium"
    requires = ("train",)
    sources = ("S-D2", "P-CV3")
    doubt = "a run at ten times the rate that does no better"

    def check(self, evidence: RunEvidence) -> Judgement:
        """Detected if the second half of the run brought two fifths of the fall or more, in a steady trend."""
        train, schedule = evidence.train, evidence.schedule
        assert train is not None
        if schedule.varies:
            return not_applicable(f"{schedule.words()}: the pace follows the schedule")
        if len(train.y) < _LEAST:
            return cannot_tell(f"{len(train.y)} training losses, at least {_LEAST} needed")
        if train.fall == 0.0:
            return cannot_tell("the training loss does not fall beyond noise; see FT005")
        half = len(train.y) // 2
        late, whole = train.y[half] - train.y[-1], train.y[0] - train.y[-1]
        tau, chance = trend(train.y[half:])
        middle = math.nan if whole <= 0 else late / whole * (len(train.y) - 1) / (len(train.y) - 1 - half) / 2.0
        rate = evidence.run.setting("lr")
        values = {"late_share": middle, "chance": chance, "lr": rate}
        text = f"{train.name} {number(train.y[0])} to {number(train.y[-1])}; its last half brought {middle:.0%} of that"
        if not middle >= _STRAIGHT or middle > 1.0 or tau > -0.8 or trend(train.y)[0] > -0.8:
            return not_detected(text, values=values)
        now = f" from {rate:g}" if isinstance(rate, float) else ""
        return detected(
            f"{text}: it has not begun to slow down at {place(1.0)}",
            values=values,
            advice=f"Raise the rate{now} by a factor of ten, and again while it helps; "
            "longer training alone would take long.",
        )
