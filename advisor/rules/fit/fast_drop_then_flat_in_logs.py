"""FT009."""

from advisor.fits.trend import trend
from advisor.logs.evidence import RunEvidence
from advisor.logs.queries import turned
from advisor.rules.finding import Judgement, cannot_tell, detected, not_detected
from advisor.rules.run_rule import RunRule
from advisor.utils.numbers import number

_EARLY, _SHARE = 0.2, 0.8


class FastDropThenFlat(RunRule):
    """The validation loss drops fast and is then nearly flat: an early sign of good settings.

    ## What it reads
    How much of the whole fall of the validation loss happened in the first fifth of the run.

    ## Why it matters
    Settings that start so tend to end well, so that similar settings can be compared in short runs.

    ## Sources
    S-D4: settings that start well end well. S-D2 calls the slowly falling curve the opposite sign.

    ## Known limits
    A sign, no proof: a model that is too small also drops fast and then stays flat.
    """

    code = "FT009"
    title = "Fast drop, then flat: a good early sign"
    passed = "No fast drop with a flat tail"
    severity = "info"
    confidence = "low"
    requires = ("val",)
    sources = ("S-D4", "S-D2")
    doubt = "a slower start that ends lower"

    def check(self, evidence: RunEvidence) -> Judgement:
        """Detected if four fifths of the fall came in the first fifth, and no rise followed."""
        val = evidence.val
        assert val is not None
        fall = val.fall
        if fall == 0.0 or len(val.y) < 8:
            return cannot_tell("no fall beyond noise, or fewer than eight values")
        early = (val.y[0] - val.level(_EARLY - 0.1, _EARLY + 0.05)) / fall
        found, _ = turned(val, evidence)
        _, chance = trend(val.y)
        text = f"{max(0.0, min(1.0, early)):.0%} of the fall of {number(fall)} came in the first fifth"
        if early < _SHARE or (found is not None and found.turned) or chance > 0.02:
            return not_detected(text, values={"early": early})
        return detected(
            text, values={"early": early}, advice="Short runs at these settings are a fair guide to long ones."
        )
