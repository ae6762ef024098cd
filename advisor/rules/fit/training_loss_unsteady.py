"""FT012."""

import math

from advisor.evidence.evidence import Evidence
from advisor.evidence.queries import longest
from advisor.evidence.round_name import RoundName
from advisor.fits.trend import fell, scatter
from advisor.rules.base import ProbeRule
from advisor.rules.finding import Judgement, detected, inconclusive, not_detected
from advisor.utils.numbers import number, share

_LATE = 0.8
_LARGE = 0.15
_POINTS = 8
_NATURAL = 2.0


class TrainingLossUnsteady(ProbeRule):
    """The training loss scatters from step to step late in the run, when it should have settled.

    ## What it reads
    The scatter of the training losses of the last fifth around their trend, as a share of the improvement: of the
    current settings in their short run, else of the longest probe. Compared with the natural scatter of single batches:
    the standard error of the validation loss, scaled from its examples to a batch.

    ## Why it matters
    The result then depends on where the run happens to stop.

    ## Sources
    P-CV2 names the causes: small batches, few validation data, or a rate that is high late in training. P-DEC: some
    decay of the rate, always. P-EV: keep the best checkpoint.

    ## Known limits
    Losses of single batches scatter naturally, the more the smaller they are: only twice that counts. The natural
    scatter is itself estimated from few chunks of validation data.
    """

    code = "FT012"
    title = "The training loss is unsteady late in the run"
    passed = "The training loss is steady late in the run"
    neutral = "Steadiness of the training loss late in the run"
    severity = "info"
    confidence = "low"
    requires = (RoundName.LADDER,)
    sources = ("P-CV2", "P-DEC", "P-EV")
    counterevidence = "a run with a larger batch, or a lower rate at its end, that scatters as much"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected if the late scatter is at least 15 % of the improvement and twice that of single batches."""
        own = [arm for arm in evidence.of_round(RoundName.CONFIRM) if arm.trace.status == "finished"]
        arms = [*own, *longest(evidence)]
        if not arms:
            return inconclusive("no probe finished")
        arm = arms[0]
        losses = arm.trace.train_loss
        late = losses[round(_LATE * len(losses)) :]
        learned = fell(losses)
        if len(late) < _POINTS or learned <= 0.0:
            return inconclusive("too few late losses, or no improvement to compare them with")
        size = scatter(late)
        part = size / learned
        if not math.isfinite(part):
            return inconclusive("the late losses are not finite")
        whose = "the current settings" if arm.round == RoundName.CONFIRM else f"a probe of {share(arm.length)}"
        natural = arm.trace.val_loss_se * math.sqrt(arm.spec.eval_examples / arm.spec.batch_size)
        values = {"scatter": size, "share": part, "learned": learned, "natural": natural}
        text = (
            f"in the last fifth of {whose} the training loss scatters by {number(size)}, {part:.0%} of the improvement"
        )
        if part < _LARGE:
            return not_detected(text, values=values, figures=("curves",))
        if size <= _NATURAL * natural:
            said = f"{text}, which is natural for batches of {arm.spec.batch_size} ({number(natural)})"
            return not_detected(said, values=values, figures=("curves",))
        constant = arm.round == RoundName.CONFIRM and arm.spec.schedule is None
        return detected(
            text + (", under a constant rate" if constant else ""),
            values=values,
            figures=("curves",),
            advice="Lower the rate towards the end, or use larger batches, and keep the best checkpoint.",
        )
