"""FT013."""

import math

import numpy as np

from advisor.evidence.evidence import Evidence
from advisor.evidence.learned import finished_runs
from advisor.evidence.round_name import RoundName
from advisor.fits.trend import trend
from advisor.logs.evidence import RunEvidence
from advisor.records.vitals import Vitals
from advisor.rules.base import LiveRule, ProbeRule
from advisor.rules.finding import Judgement, detected, inconclusive, not_applicable, not_detected
from advisor.rules.fit.nothing_learned import progress
from advisor.utils.numbers import number, rate, share

_EARLY, _VALUES = 0.1, 8
_FALLEN, _SURE = 0.01, 2.0


class NoBetterThanAGuess(ProbeRule, LiveRule):
    """No run that the budget allowed for predicts better than a guess that ignores the inputs.

    ## What it reads
    The lowest validation loss of all runs, those with the current settings included, against that of the best constant
    prediction, and accuracy against the share of the most frequent class. In a run that runs: from a tenth of it on,
    the training loss against its first values, where no metric gets better.

    ## Why it matters
    Labels that belong to other inputs look like this, and so does a task that starts to learn late. Which it is decides
    between looking at the data and running longer; the ranking of settings is noise until then.

    ## Sources
    P-INIT asks for a result clearly better than chance before tuning. K-BASE compares with a model that sees no inputs.

    ## Known limits
    Short runs only. FT005 says so for good after a run of nearly full length, and in a run that runs past its half. A
    model that was trained before begins with a low loss, and may fall by less than is looked for.
    """

    code = "FT013"
    title = "The runs so far predict no better than a guess"
    passed = "The runs predict better than a guess"
    neutral = "Whether the runs predict better than a guess"
    severity = "advice"
    confidence = "medium"
    requires = (RoundName.PREFLIGHT, RoundName.LADDER)
    sources = ("P-INIT", "K-BASE")
    counterevidence = "a longer run that ends below the loss of a guess"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected where no affordable round that could show learning is left."""
        done = finished_runs(evidence)
        if not done:
            return inconclusive("no run finished")
        state = progress(evidence)
        if state.learned:
            return not_detected(state.text, values=state.values)
        rates = [arm.spec.lr for arm in done]
        return detected(
            f"{state.text}, after {len(done)} runs at rates from {rate(min(rates))} to {rate(max(rates))}, the longest "
            f"{share(max(arm.length for arm in done))}",
            values=state.values,
            advice="Look at some examples with their labels: labels that were shuffled apart from their inputs look "
            "like "
            "this. If they are right, run longer before anything else is changed.",
        )

    def check_live(self, evidence: RunEvidence, vitals: Vitals) -> Judgement:
        """Detected if the training loss stands where it began, beyond a tenth of the run."""
        train, metric = evidence.train, evidence.metric
        if train is None or not math.isfinite(vitals.progress) or not math.isfinite(vitals.first_loss):
            return not_applicable("the training loss or the length of the run is not known")
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
            return not_detected(f"{text}; {metric.name} gets better", values=values)
        return detected(
            f"{text}: nothing was learned in {vitals.progress:.0%} of what is planned",
            values=values,
            advice="Look at some examples with their labels, overfit one batch, then try other rates. Some tasks start "
            "to learn late; this is taken back if it does.",
        )
