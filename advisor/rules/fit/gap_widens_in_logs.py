"""FT007."""

import numpy as np

from advisor.fits.trend import noise_of, trend
from advisor.logs.evidence import RunEvidence
from advisor.logs.queries import place
from advisor.rules.finding import Judgement, cannot_tell, detected, not_detected
from advisor.rules.run_rule import RunRule
from advisor.utils.numbers import number

_FIRST, _ANNEALED = 0.1, 0.85
_GROWTH = 0.1


class GapWidens(RunRule):
    """The gap between validation and training loss grows while the validation loss no longer falls.

    ## What it reads
    Validation less training loss at every look, its trend, and the trend of the validation loss itself. Under an
    annealed rate the last 15 % of the run are left out.

    ## Why it matters
    From there on only the training data are learned better: regularisation is too weak for so long a run.

    ## Sources
    G-6: under 1cycle the gap opens when the rate is annealed, which is no fault. S-R3: total regularisation has to
    be balanced. P-CV1 asks for a rise before it speaks of overfitting: that is FT002.

    ## Known limits
    Training loss is measured with dropout and augmentation on, so the size of the gap is not comparable between
    runs.
    """

    code = "FT007"
    title = "The gap between training and validation loss widens"
    passed = "The gap does not widen at the cost of validation"
    severity = "info"
    confidence = "medium"
    requires = ("train", "val")
    sources = ("G-6", "S-R3", "P-CV1")
    doubt = "stronger regularisation that does not lower the validation loss"

    def check(self, evidence: RunEvidence) -> Judgement:
        """Detected if the gap grows beyond noise while the validation loss does not fall in the same part."""
        train, val = evidence.train, evidence.val
        assert train is not None and val is not None
        end = _ANNEALED if evidence.schedule.annealed else 1.0
        base = np.interp(val.x, train.x, train.y)
        rows = [(v - b, v) for x, v, b in zip(val.x, val.y, base.tolist(), strict=True) if _FIRST - 1e-9 <= x <= end]
        if len(rows) < 6:
            return cannot_tell(f"{len(rows)} values of the gap, at least 6 needed")
        gaps, losses = [row[0] for row in rows], [row[1] for row in rows]
        third = len(rows) // 3
        before, after = float(np.median(gaps[:third])), float(np.median(gaps[-third:]))
        fall = float(np.median(losses[:third]) - np.median(losses[-third:]))
        tau, chance = trend(gaps)
        values = {"before": before, "after": after, "val_fall": fall, "chance": chance}
        text = f"validation less training loss {number(before)} early, {number(after)} up to {place(end)}"
        learned = train.fall or val.fall
        if (
            tau <= 0
            or chance > 0.01
            or after - before <= max(2.0 * noise_of(gaps), _GROWTH * learned)
            or learned == 0.0
        ):
            return not_detected(text, values=values)
        if fall > max(val.noise, 0.02 * val.reach) and fall > 0.25 * (after - before):
            return not_detected(f"{text}; the validation loss still fell by {number(fall)}", values=values)
        if float(np.median(losses[:third])) - val.level(0.9) > max(val.noise, 0.02 * val.reach):
            return not_detected(f"{text}; the validation loss fell later", values=values)
        return detected(text, values=values, advice="Try more weight decay, augmentation or dropout, or a shorter run.")
