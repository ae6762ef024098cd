"""EP003."""

from advisor.fits.curve_shape import plateau
from advisor.fits.trend import still_falls
from advisor.logs.evidence import RunEvidence
from advisor.logs.queries import ends, held, metric_after, place, turned
from advisor.rules.finding import Judgement, cannot_tell, detected, not_detected
from advisor.rules.run_rule import RunRule

_LONG = 0.6
_FAR = 0.2


class PlateauLongBeforeTheEnd(RunRule):
    """The best result, within noise, is reached long before the end.

    ## What it reads
    The first place after which the validation loss (else the training loss) improves by no more than its noise, or
    its minimum where it rises again.

    ## Why it matters
    Epochs after it cost time, and where the model overfits they cost quality too.

    ## Sources
    P-CV4: a plateau long before the end asks for fewer steps. S-R4: the least computing for the best result. P-ST3:
    with the best checkpoint kept, the extra length only costs time.

    ## Known limits
    Below a fifth of the run, and rising after that, it is EP001. Where the rate was still high the plateau may be
    the rate's.
    """

    code = "EP003"
    title = "The run is longer than it needs to be"
    passed = "The run is not longer than it needs to be"
    severity = "advice"
    confidence = "medium"
    requires = ("train",)
    sources = ("P-CV4", "S-R4", "P-ST3")
    doubt = "a shorter run, with its schedule squeezed, that ends worse"

    def check(self, evidence: RunEvidence) -> Judgement:
        """Detected if nothing was gained in the last 40 % of the run or more."""
        curve = evidence.val or evidence.train
        assert curve is not None
        found, at = turned(curve, evidence)
        if curve.fall == 0.0 and not (found is not None and found.turned):
            return cannot_tell(f"{curve.name} does not fall beyond noise")
        if found is not None and found.turned:
            start: float | None = at
            if at <= _FAR + 1e-9:
                return not_detected(f"{ends(curve)}; far too long, which is EP001", values={"from": at})
        else:
            step = plateau([1e4 * x for x in curve.x], curve.y, curve.noise)
            start = None if step is None or still_falls(curve.y, 0.4)[0] or not held(curve, step / 1e4) else step / 1e4
        if start is None or start > _LONG:
            return not_detected(ends(curve), values={"from": start})
        if metric_after(evidence, start) == "improves":
            return not_detected(
                f"{ends(curve)}; the metric still improves after {place(start)}", values={"from": start}
            )
        if evidence.schedule.unfinished:
            return cannot_tell(f"{ends(curve)}; the rate was still high at the end", values={"from": start})
        return detected(
            f"{ends(curve)}; nothing beyond noise after {place(start)}",
            values={"from": start},
            advice=f"About {place(min(1.0, 1.15 * start))} should do as well, with the schedule squeezed into it.",
        )
