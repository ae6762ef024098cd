"""FT010."""

from advisor.evidence.evidence import Evidence
from advisor.fits.trend import Period, period
from advisor.rules.base import Rule
from advisor.rules.finding import Judgement, cannot_tell, detected, not_detected
from advisor.utils.numbers import number

_LOOKS = 48
_CHANCE = 0.005


class ValidationPeriodic(Rule):
    """A validation curve swings with a fixed period.

    ## What it reads
    The second half of the validation losses of a probe with 48 looks or more, less their trend: Fisher's test for one
    periodic component.

    ## Why it matters
    Validation at equal weights should not depend on the time: a period points to looks at different parts of the
    validation data, or to training data that come in a fixed order.

    ## Sources
    P-CV6: periodic validation curves point to overlapping splits or bad shuffling.

    ## Known limits
    Probes look at validation a handful of times, always on the same subset, so that this answers "cannot tell" in a
    diagnosis. Logs of whole runs have enough looks: `advisor read`.
    """

    code = "FT010"
    title = "The validation curve is periodic"
    passed = "The validation curve is not periodic"
    severity = "advice"
    confidence = "medium"
    requires = ("ladder",)
    sources = ("P-CV6",)
    doubt = "the same period gone when every look uses all validation data"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected if one frequency stands out beyond chance."""
        arms = [arm for arm in evidence.cycles if len(arm.trace.val_loss) >= _LOOKS]
        if not arms:
            most = max((len(arm.trace.val_loss) for arm in evidence.cycles), default=0)
            return cannot_tell(f"{most} looks at validation in a probe, at least {_LOOKS} needed")
        found = period(arms[0].trace.val_loss)
        if not isinstance(found, Period) or found.chance > _CHANCE:
            return not_detected("no period beyond chance")
        return detected(
            f"the validation loss swings by {number(found.amplitude)} with a period of {found.points:.3g} looks",
            values={"period": found.points, "amplitude": found.amplitude, "chance": found.chance},
            advice="Validate on all validation data each time, and check that training data are shuffled each epoch.",
        )
