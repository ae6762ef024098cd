"""FT007."""

from advisor.evidence.evidence import Evidence
from advisor.evidence.queries import longest, loss_noise
from advisor.fits.curve_shape import Gap, gap
from advisor.fits.trend import fell
from advisor.rules.base import Rule
from advisor.rules.finding import Judgement, cannot_tell, detected, not_detected
from advisor.utils.numbers import number, share

_ANNEALED = 0.85
_GROWTH = 0.1
_LOOKS = 3


class GapWidens(Rule):
    """The gap between validation and training loss grows before the rate is annealed, and validation gains nothing.

    ## What it reads
    Validation less running training loss at the looks of the longest probe, those of the last 15 % left out.

    ## Why it matters
    From there on only the training data are learned better: regularisation is too weak for so long a run.

    ## Sources
    G-6: under 1cycle the gap opens when the rate is annealed, which is no fault. S-R3: all regularisation has to be
    balanced. P-CV1 asks for a rise before it speaks of overfitting: that is FT002.

    ## Known limits
    Three or four looks. The training loss is taken with dropout and augmentation on.
    """

    code = "FT007"
    title = "The gap between training and validation loss widens"
    passed = "The gap does not widen at the cost of validation"
    severity = "info"
    confidence = "medium"
    requires = ("length",)
    sources = ("G-6", "S-R3", "P-CV1")
    doubt = "stronger regularisation that does not lower the validation loss"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected if the gap grows by a tenth of what was learned, beyond noise, and validation does not fall."""
        arms = [arm for arm in longest(evidence) if len(arm.trace.val_loss) > _LOOKS]
        found = gap(arms[0].trace) if arms else None
        if found is None or not isinstance(found, Gap):
            return cannot_tell("no probe was looked at often enough on its way")
        arm = arms[0]
        end = _ANNEALED * arm.trace.eval_step[-1]
        rows = [(g, g + t) for step, g, t in zip(found.step, found.gap, found.train_loss, strict=True) if step <= end]
        if len(rows) < _LOOKS:
            return cannot_tell(f"{len(rows)} looks before the rate is annealed, at least {_LOOKS} needed")
        noise, learned = loss_noise(evidence, arm), fell(arm.trace.train_loss)
        growth, fall = rows[-1][0] - rows[0][0], rows[0][1] - rows[-1][1]
        values = {"before": rows[0][0], "after": rows[-1][0], "val_fall": fall, "noise": noise}
        text = (
            f"validation less training loss {number(rows[0][0])} early, {number(rows[-1][0])} before annealing, in a "
            f"probe of {share(arm.length)}"
        )
        if growth <= max(2.0 * noise, _GROWTH * learned) or fall > noise:
            more = f"; the validation loss still fell by {number(fall)}" if fall > noise else ""
            return not_detected(text + more, values=values, figures=("curves",))
        return detected(text, values=values, figures=("curves",))
