"""FT013."""

import math

import numpy as np

from advisor.evidence.evidence import Evidence
from advisor.evidence.learned import finished_runs
from advisor.evidence.round_name import RoundName
from advisor.evidence.runaway import runaway
from advisor.fits.trend import trend
from advisor.logs.evidence import RunEvidence
from advisor.records.vitals import Vitals
from advisor.rules.base import LiveRule, ProbeRule
from advisor.rules.finding import Judgement, detected, inconclusive, not_applicable, not_detected
from advisor.rules.fit.nothing_learned import progress
from advisor.utils.numbers import number, rate, share

_EARLY, _VALUES = 0.1, 8
_FALLEN, _SURE = 0.01, 2.0


class NoBetterThanConstant(ProbeRule, LiveRule):
    """No run within the budget does better than a constant prediction.

    ## What it reads
    The lowest validation loss of all runs, those with the current settings included, against that of the best constant
    prediction, and accuracy against the share of the most frequent class. In a run in progress: from a tenth of it on,
    the training loss against its first values, if no metric improves.

    ## Why it matters
    Shuffled labels look like this, and so does a task that starts to learn late. Which it is decides between checking
    the data and running longer; until then the ranking of settings is noise.

    ## Sources
    P-INIT asks for a result clearly better than chance before tuning. K-BASE compares with a model that sees no inputs.

    ## Known limits
    Short runs only. FT005 confirms it after a run of nearly full length, and in a run in progress past its half. A
    pretrained model begins with a low loss, which may fall by less than the threshold.
    """

    code = "FT013"
    title = "The runs so far do no better than a constant prediction"
    passed = "The runs do better than a constant prediction"
    neutral = "Whether the runs do better than a constant prediction"
    severity = "advice"
    confidence = "medium"
    requires = (RoundName.PREFLIGHT, RoundName.LADDER)
    sources = ("P-INIT", "K-BASE")
    counterevidence = "a longer run that ends below the loss of a constant prediction"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected if no affordable round is left that could show learning."""
        done = finished_runs(evidence)
        if not done:
            return inconclusive("no run finished")
        if runaway(evidence) is not None:
            return not_applicable("the loss falls without end (FT015)")
        state = progress(evidence)
        if state.learned:
            return not_detected(state.text, values=state.values)
        rates = [arm.spec.lr for arm in done]
        return detected(
            f"{state.text}, after {len(done)} runs at rates from {rate(min(rates))} to {rate(max(rates))}, the longest "
            f"{share(max(arm.length for arm in done))}",
            values=state.values,
            advice="Inspect some examples with their labels: shuffled labels look like this. If they are right, run "
            "longer before changing anything else.",
        )

    def check_live(self, evidence: RunEvidence, vitals: Vitals) -> Judgement:
        """Detected if the training loss has not fallen after a tenth of the run."""
        train, metric = evidence.train, evidence.metric
        if train is None or not math.isfinite(vitals.progress) or not math.isfinite(vitals.first_loss):
            return not_applicable("the training loss or the length of the run is unknown")
        if vitals.progress < _EARLY or len(train.raw) < _VALUES:
            return inconclusive("too early")
        if evidence.schedule.varies and evidence.schedule.falling_from >= 1.0:
            return inconclusive("the rate is still rising")
        late = train.raw[-max(3, len(train.raw) // 3) :]
        now, error = float(np.median(late)), 1.25 * float(np.std(late)) / math.sqrt(len(late))
        values = {"first": vitals.first_loss, "now": now, "error": error}
        text = f"{train.name} was {number(vitals.first_loss)} at its start and is {number(now)}"
        if now < vitals.first_loss - max(_SURE * error, _FALLEN * abs(vitals.first_loss)):
            return not_detected(text, values=values)
        if metric is not None and len(metric.cost) >= 4 and trend(metric.cost)[0] < 0.0:
            return not_detected(f"{text}; {metric.name} improves", values=values)
        return detected(
            f"{text}: nothing was learned in {vitals.progress:.0%} of the planned run",
            values=values,
            advice="Inspect some examples with their labels, overfit one batch, then try other rates. Some tasks start "
            "to learn late; this finding is withdrawn if it does.",
        )
