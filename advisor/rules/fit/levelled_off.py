"""FT004."""

from advisor.fits.curve_shape import plateau
from advisor.fits.trend import still_falls
from advisor.logs.evidence import RunEvidence
from advisor.logs.queries import held, place, turned
from advisor.rules.finding import Judgement, cannot_tell, detected, not_detected
from advisor.rules.run_rule import RunRule
from advisor.utils.numbers import number

_SHORTEST = 0.2


class LevelledOff(RunRule):
    """The curve that is judged by has become horizontal.

    ## What it reads
    The first place after which the validation loss (else the training loss) improves by no more than its noise.

    ## Why it matters
    The horizontal part is the aim of tuning: more steps under these settings bring nothing.

    ## Sources
    S-R2 aims at a horizontal test loss. P-CV4: a plateau long before the end asks for fewer steps.

    ## Known limits
    Some runs improve again after a long plateau, and always when the rate is lowered: under a rate that is still
    high a plateau says nothing about the end of the schedule.
    """

    code = "FT004"
    title = "A plateau is reached"
    passed = "No plateau is reached"
    severity = "info"
    confidence = "medium"
    requires = ("train",)
    sources = ("S-R2", "P-CV4")
    doubt = "a lower rate, or a longer run, that improves beyond the noise"

    def check(self, evidence: RunEvidence) -> Judgement:
        """Detected if the last fifth of the run or more brought nothing beyond noise."""
        curve = evidence.val or evidence.train
        assert curve is not None
        if curve.fall == 0.0:
            return cannot_tell(f"{curve.name} does not fall beyond noise")
        found, _ = turned(curve, evidence)
        if found is not None and found.turned:
            return not_detected(f"{curve.name} is past its minimum")
        start = plateau([1e4 * x for x in curve.x], curve.y, curve.noise)
        if (
            start is None
            or still_falls(curve.y, 0.4)[0]
            or start / 1e4 > 1.0 - _SHORTEST
            or not held(curve, start / 1e4)
        ):
            return not_detected(f"{curve.name} still changed in the last fifth of the run")
        text = f"{curve.name} is level at {number(curve.final)} from {place(start / 1e4)} on"
        if evidence.schedule.unfinished:
            return cannot_tell(f"{text}, but the rate was still high")
        return detected(
            text,
            values={"from": start / 1e4, "noise": curve.noise},
            advice="A shorter run should do as well (EP003), or a lower rate from there on may do better.",
        )
