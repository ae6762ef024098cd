"""FT009."""

import math

from advisor.evidence.evidence import Evidence
from advisor.evidence.queries import longest
from advisor.fits.smoothing import bin_means
from advisor.fits.trend import fell
from advisor.rules.base import Rule
from advisor.rules.finding import Judgement, cannot_tell, detected, not_detected
from advisor.utils.numbers import number, share

_BINS = 40
_MOST = 0.8
_EARLY = 0.25


class FastDropThenFlat(Rule):
    """Most of the loss is gone early, then the curve is flat: the early sign of settings that end well.

    ## What it reads
    The training loss of the best of the longest probes, averaged in 40 groups: how much of its whole fall came in the
    first quarter.

    ## Why it matters
    It supports the choice of the rate from a short run. A slow even fall would say that the rate is too small.

    ## Sources
    S-D4: settings that begin well tend to end well; S-R2 aims at the flat part.

    ## Known limits
    Says nothing about how low the flat part is.
    """

    code = "FT009"
    title = "A fast drop, then flat: a good early sign"
    passed = "The loss falls evenly, without a fast drop at the start"
    severity = "info"
    confidence = "low"
    requires = ("ladder",)
    sources = ("S-D4", "S-R2")
    doubt = "another rate that drops later and ends lower"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected if four fifths of the fall came in the first quarter."""
        arms = longest(evidence)
        if not arms:
            return cannot_tell("no probe finished")
        arm = arms[0]
        losses = arm.trace.train_loss
        total = fell(losses)
        if total <= 0.0 or len(losses) < _BINS // 4 or not all(map(math.isfinite, losses)):
            return cannot_tell("the training loss does not fall beyond noise")
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
