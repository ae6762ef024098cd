"""EP004."""

import math

from advisor.fits import Forecast, extrapolate
from advisor.logs.evidence import RunEvidence
from advisor.logs.queries import turned
from advisor.rules.finding import Judgement, cannot_tell, detected, not_applicable
from advisor.rules.run_rule import RunRule
from advisor.utils.numbers import number

_LONGER = 2.0


class ResultContinued(RunRule):
    """Says what a run of twice the length should end with.

    ## What it reads
    The validation loss (else the training loss) from its highest early value on, continued by several families of
    curves; their median, and an interval whose width was calibrated on other real runs. A loss that was never below
    zero is taken to have its floor there.

    ## Why it matters
    It shows what more epochs are worth before they are paid for, and a longer run that misses the interval shows
    that something else has changed.

    ## Sources
    S-D4: settings that start well end well. P-ST4 warns of the risk in going from short runs to long ones.

    ## Known limits
    Only under a rate that is constant or was not logged: no family knows the fall at the end of a schedule. The
    interval is meant to hold four times in five.
    """

    code = "EP004"
    title = "The result of a longer run is predicted"
    passed = "The result of a longer run is not predicted"
    severity = "info"
    confidence = "low"
    requires = ("train",)
    sources = ("S-D4", "P-ST4")
    doubt = "the longer run itself"

    def check(self, evidence: RunEvidence) -> Judgement:
        """Reports the forecast for twice the length, if there is an honest one."""
        if evidence.schedule.varies:
            return not_applicable(f"{evidence.schedule.words()}: no family of curves knows how that ends")
        curve = evidence.val or evidence.train
        assert curve is not None
        found, _ = turned(curve, evidence)
        if curve.fall == 0.0 or (found is not None and found.turned):
            return cannot_tell(f"{curve.name} does not fall beyond noise, or rises again: nothing to continue")
        rows = [(x, y) for x, y in zip(curve.x, curve.y, strict=True) if x > 0.0]
        losses = [y for _, y in rows]
        floor = 0.0 if min(losses, default=-1.0) >= 0.0 else -math.inf
        made = extrapolate([x for x, _ in rows], losses, _LONGER, floor=floor)
        if not isinstance(made, Forecast):
            return cannot_tell(made.reason)
        value, low, high = made.estimate.value, made.estimate.low, made.estimate.high
        worth = "beyond the interval" if high < made.last else "not more than the interval is wide"
        return detected(
            f"{curve.name} {number(value)} ({number(low)} to {number(high)}, 80 %) at twice the length, now "
            f"{number(made.last)}; the gain is {worth}",
            values={"value": value, "low": low, "high": high, "last": made.last, "length": _LONGER},
        )
