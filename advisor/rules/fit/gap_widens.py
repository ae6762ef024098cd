"""FT007."""

import numpy as np

from advisor.evidence.evidence import Evidence
from advisor.evidence.queries import longest, loss_noise
from advisor.evidence.round_name import RoundName
from advisor.fits.curve_shape import Gap, gap
from advisor.fits.trend import fell, noise_of, still_falls, trend
from advisor.logs.evidence import RunEvidence
from advisor.logs.queries import place
from advisor.rules.base import LogRule, ProbeRule
from advisor.rules.finding import Judgement, detected, inconclusive, not_detected
from advisor.utils.numbers import number, share

_ANNEALED = 0.85
_GROWTH = 0.1
_LOOKS = 3
_FIRST, _LOG_ANNEALED = 0.1, 0.85
_LOG_GROWTH = 0.1
_FAR = 0.5  # of the improvement: a gap this wide at the end is overfitting, even if it grew early


class GapWidens(ProbeRule, LogRule):
    """The gap between validation and training loss grows, and validation does not improve.

    ## What it reads
    Validation minus training loss over the longest probe or the logged run, and the validation loss itself. Under an
    annealed rate the last 15 % are left out.

    ## Why it matters
    From there on only the fit to the training data improves: regularisation is too weak for so long a run.

    ## Sources
    G-6: under 1cycle the gap opens when the rate is annealed, which is no fault. S-R3: all regularisation has to be
    balanced. P-CV1 requires a rise before it calls it overfitting: that is FT002.

    ## Known limits
    A probe has three or four such values. The training loss is taken with dropout and augmentation on, so the size of
    the gap is not comparable between tasks.
    """

    code = "FT007"
    title = "The gap between training and validation loss widens"
    passed = "The gap does not widen at the cost of validation"
    neutral = "Gap between training and validation loss"
    severity = "info"
    confidence = "medium"
    requires = (RoundName.LENGTH,)
    requires_curves = ("train", "val")
    while_running = "any_time"
    sources = ("G-6", "S-R3", "P-CV1")
    counterevidence = "stronger regularisation that does not lower the validation loss"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected if the gap grows by a tenth of the improvement, beyond noise, and validation does not fall."""
        arms = [arm for arm in longest(evidence) if len(arm.trace.val_loss) > _LOOKS]
        found = gap(arms[0].trace) if arms else None
        if found is None or not isinstance(found, Gap):
            return inconclusive("no probe was evaluated often enough during its run")
        arm = arms[0]
        end = _ANNEALED * arm.trace.eval_step[-1]
        rows = [(g, g + t) for step, g, t in zip(found.step, found.gap, found.train_loss, strict=True) if step <= end]
        if len(rows) < _LOOKS:
            return inconclusive(f"{len(rows)} evaluations before the rate is annealed, at least {_LOOKS} needed")
        noise, learned = loss_noise(evidence, arm), fell(arm.trace.train_loss)
        growth, fall = rows[-1][0] - rows[0][0], rows[0][1] - rows[-1][1]
        values = {"before": rows[0][0], "after": rows[-1][0], "val_fall": fall, "noise": noise}
        text = (
            f"validation minus training loss {number(rows[0][0])} early, {number(rows[-1][0])} before annealing, in a "
            f"probe of {share(arm.length)}"
        )
        if growth <= max(2.0 * noise, _GROWTH * learned) or fall > noise:
            more = f"; the validation loss still fell by {number(fall)}" if fall > noise else ""
            return not_detected(text + more, values=values, figures=("curves",))
        return detected(text, values=values, figures=("curves",))

    def check_log(self, evidence: RunEvidence) -> Judgement:
        """Detected if the gap grows beyond noise while the validation loss does not fall in the same part."""
        train, val = evidence.train, evidence.val
        assert train is not None and val is not None
        if not evidence.comparable:
            return inconclusive(
                f"{train.name} begins at {number(train.y[0])} and {val.name} at {number(val.y[0])}: one is a sum, or "
                "they are not the same loss, so there is no gap to read"
            )
        end = _LOG_ANNEALED if evidence.schedule.annealed else 1.0
        base = np.interp(val.x, train.x, train.y)
        rows = [(v - b, v) for x, v, b in zip(val.x, val.y, base.tolist(), strict=True) if _FIRST - 1e-9 <= x <= end]
        if len(rows) < 6:
            return inconclusive(f"{len(rows)} values of the gap, at least 6 needed")
        gaps, losses = [row[0] for row in rows], [row[1] for row in rows]
        third = len(rows) // 3
        before, after = float(np.median(gaps[:third])), float(np.median(gaps[-third:]))
        fall = float(np.median(losses[:third]) - np.median(losses[-third:]))
        tau, chance = trend(gaps)
        values = {"before": before, "after": after, "val_fall": fall, "chance": chance}
        text = f"validation minus training loss {number(before)} early, {number(after)} up to {place(end)}"
        learned = train.fall or val.fall
        if (
            tau <= 0
            or chance > 0.01
            or after - before <= max(2.0 * noise_of(gaps), _LOG_GROWTH * learned)
            or learned == 0.0
        ):
            return not_detected(text, values=values)
        if after > _FAR * learned and not still_falls(val.y, 0.4)[0]:
            return detected(
                f"{text}; {val.name} stays at {number(val.final)} where {train.name} reached {number(train.final)}: "
                "the training data are fitted far better, it overfits",
                values=values,
                advice="Try more weight decay, augmentation, dropout or data.",
            )
        if fall > max(val.noise, 0.02 * val.reach) and fall > 0.25 * (after - before):
            return not_detected(f"{text}; the validation loss still fell by {number(fall)}", values=values)
        if float(np.median(losses[:third])) - val.level(0.9) > max(val.noise, 0.02 * val.reach):
            return not_detected(f"{text}; the validation loss fell later", values=values)
        return detected(text, values=values, advice="Try more weight decay, augmentation or dropout, or a shorter run.")
