"""FT010."""

from advisor.fits.trend import Period, period
from advisor.logs.evidence import RunEvidence
from advisor.rules.base import LogRule
from advisor.rules.finding import Judgement, detected, inconclusive, not_detected
from advisor.utils.numbers import number

_CHANCE = 0.005
_LOOKS = 48


class ValidationPeriodic(LogRule):
    """A validation curve oscillates with a fixed period.

    ## What it reads
    The second half of the validation loss (of all evaluations, not averaged) and of the validation metric, detrended:
    whether one line of the spectrum stands out from its neighbours.

    ## Why it matters
    Validation at equal weights should not depend on the time: a period points to evaluations on different parts of
    the validation data, or to training data in a fixed order. An evaluation is then off by the amplitude, and the
    best of several is the one on the easiest part. Smith's published ImageNet logs have it: every tenth evaluation is
    on the same part, and the pattern over these ten is the same in independent runs.

    ## Sources
    P-CV6: periodic validation curves point to overlapping splits or bad shuffling.

    ## Known limits
    Needs at least 48 evaluations. Not checked under several cycles of the rate. Periods below three evaluations cannot
    be distinguished from alternation, and a period may be a fraction of the true one (10 may show as 5, 3.33 or 2.5).
    """

    code = "FT010"
    title = "The validation curve is periodic"
    passed = "The validation curve is not periodic"
    neutral = "Whether the validation curve is periodic"
    severity = "advice"
    confidence = "medium"
    requires_curves = ("val",)
    sources = ("P-CV6",)
    counterevidence = "the same period gone when every evaluation uses all validation data"

    def check_log(self, evidence: RunEvidence) -> Judgement:
        """Detected if one frequency stands out beyond chance and no cycle of the rate explains it."""
        schedule = evidence.schedule
        if schedule.kind == "cycles":
            return inconclusive("the rate is cyclic, which makes the curves periodic as well")
        found = None
        for curve in (evidence.val, evidence.metric):
            if curve is None or len(curve.raw) > 5000:
                continue
            hit = period(curve.raw)
            if isinstance(hit, Period) and hit.chance <= _CHANCE:
                found = found or (curve, hit)
        if found is None:
            val = evidence.val
            if val is not None and len(val.raw) < _LOOKS:
                return inconclusive(f"{len(val.raw)} evaluations, at least {_LOOKS} needed")
            return not_detected("no period beyond chance")
        curve, hit = found
        return detected(
            f"{curve.name} oscillates by {number(hit.amplitude)} with a period of {hit.points:.3g} evaluations",
            values={"period": hit.points, "amplitude": hit.amplitude, "chance": hit.chance},
            advice="Validate on the whole validation set each time (some loaders continue where the last one stopped), "
            "compare evaluations a whole period apart, and check that training data are reshuffled each epoch.",
        )
