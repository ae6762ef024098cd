"""FT009."""

import math

from advisor.evidence.evidence import Evidence
from advisor.evidence.queries import longest
from advisor.evidence.round_name import RoundName
from advisor.fits.smoothing import bin_means
from advisor.fits.trend import fell
from advisor.logs.evidence import RunEvidence
from advisor.logs.queries import turned
from advisor.rules.base import LogRule, ProbeRule
from advisor.rules.finding import Judgement, detected, inconclusive, not_detected
from advisor.utils.numbers import number, share

_BINS = 40
_MOST = 0.8
_EARLY = 0.25
_FEWEST = 8
_BY_HEART = 0.01
_APART = 0.25  # of the fall of the training loss: a validation loss that far above it means memorisation


class FastDropThenFlat(ProbeRule, LogRule):
    """Most of the loss is gone early, then the curve is flat: an early sign of settings that end well.

    ## What it reads
    The training loss, averaged in groups, of the best of the longest probes or of the logged run: how much of its
    whole fall came in the first quarter.

    ## Why it matters
    Settings that start like this tend to end well, so similar settings can be compared in short runs. A slow even fall
    would mean that the rate is too small.

    ## Sources
    S-D4: settings that begin well tend to end well; S-R2 aims at the flat part. S-D2 calls a loss that keeps falling
    the opposite sign.

    ## Known limits
    Says nothing about how low the flat part is: a model that is too small also drops fast and then stays flat.
    """

    code = "FT009"
    title = "A fast drop, then flat: a good early sign"
    passed = "The loss falls evenly, without a fast drop at the start"
    neutral = "How early the training loss falls"
    severity = "info"
    confidence = "low"
    requires = (RoundName.LADDER,)
    requires_curves = ("train",)
    sources = ("S-D4", "S-R2", "S-D2")
    counterevidence = "another rate that drops later and ends lower"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected if four fifths of the fall came in the first quarter."""
        arms = longest(evidence)
        if not arms:
            return inconclusive("no probe finished")
        arm = arms[0]
        losses = arm.trace.train_loss
        total = fell(losses)
        if total <= 0.0 or len(losses) < _BINS // 4 or not all(map(math.isfinite, losses)):
            return inconclusive("the training loss does not fall beyond noise")
        places, values = bin_means([float(step) for step in arm.trace.step], list(losses), _BINS)
        limit = arm.trace.step[0] + _EARLY * (arm.trace.step[-1] - arm.trace.step[0])
        start = float(max(losses[:3]))
        early = min(float(value) for place, value in zip(places, values, strict=True) if place <= limit)
        part = (start - early) / (start - float(values.min()))
        found = {"early_share": part, "fall": total}
        text = f"{part:.0%} of the fall by {number(total)} came in the first quarter of a probe of {share(arm.length)}"
        if part < _MOST:
            return not_detected(text, values=found, figures=("curves",))
        return detected(text, values=found, figures=("curves",))

    def check_log(self, evidence: RunEvidence) -> Judgement:
        """Detected if four fifths of the fall came in the first quarter, and the loss did not rise after that."""
        train = evidence.train
        assert train is not None
        fall = train.fall
        if fall == 0.0 or len(train.y) < _FEWEST:
            return inconclusive(f"no fall beyond noise, or fewer than {_FEWEST} values")
        early = (train.y[0] - min(train.part(0.0, _EARLY), default=math.inf)) / fall
        bend, _ = turned(train, evidence)
        text = f"{max(0.0, min(1.0, early)):.0%} of the fall by {number(fall)} came in the first quarter"
        val = evidence.val
        looked = val is not None and len(val.y) >= _FEWEST and evidence.comparable
        past = looked and val is not None and val.final - train.final > _APART * fall
        if past:
            assert val is not None
            return not_detected(
                f"{text}; but {val.name} ends at {number(val.final)}, far above {train.name} at {number(train.final)}",
                values={"early_share": early, "fall": fall},
            )
        by_heart = val is None and evidence.metric is None and train.final < _BY_HEART * train.y[0]
        if by_heart or early < _MOST or (bend is not None and bend.turned):
            return not_detected(text, values={"early_share": early, "fall": fall})
        return detected(
            text,
            values={"early_share": early, "fall": fall},
            advice="Short runs at these settings are a fair guide to long ones.",
        )
