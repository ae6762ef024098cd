"""EX001."""

import math

from advisor.evidence.evidence import Evidence
from advisor.evidence.round_name import RoundName
from advisor.rules.base import ProbeRule
from advisor.rules.finding import Judgement, detected, inconclusive, not_detected
from advisor.utils.numbers import number

_KNOBS = {
    "lr": "learning rate",
    "momentum": "momentum",
    "weight_decay": "weight decay",
    "batch_size": "batch size",
}


class DifferenceInsideNoise(ProbeRule):
    """Some of the compared values differ no more than repeats of one value.

    ## What it reads
    The standard deviation between seeds, and the spread of every response at its greatest length.

    ## Why it matters
    A winner within the noise is arbitrary; such a setting should stay unchanged.

    ## Sources
    P-VAR repeats the best trial to learn the variance between trials, and requires a change to exceed it.

    ## Known limits
    The noise comes from one or two repeats of one probe. Paired arms vary less than that, so a small
    difference called noise here may be real.
    """

    code = "EX001"
    title = "Some differences are within the noise"
    passed = "All differences that decide are beyond the noise"
    neutral = "Differences against the noise between seeds"
    severity = "info"
    confidence = "medium"
    requires = (RoundName.LADDER, RoundName.NOISE)
    sources = ("P-VAR",)
    counterevidence = "more repeats"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected if any knob's whole spread is within twice the noise."""
        if not math.isfinite(evidence.noise):
            return inconclusive("repeats did not finish, so the noise is unknown")
        spreads: dict[str, float] = {}
        for knob in _KNOBS:
            response = evidence.response(knob)
            finite = [point.loss for point in response.finite] if response else []
            if len(finite) > 1:
                spreads[knob] = max(finite) - min(finite)
        inside = [knob for knob, spread in spreads.items() if spread <= 2 * evidence.noise]
        values = {"noise": evidence.noise, "spreads": spreads, "inside": [knob.replace("_", " ") for knob in inside]}
        table = ", ".join(f"{_KNOBS[knob]} {number(spread)}" for knob, spread in spreads.items())
        text = f"standard deviation between seeds {number(evidence.noise)}; spread over the tried values: {table}"
        if not inside:
            return not_detected(text, values=values)
        return detected(
            text,
            values=values,
            advice=f"Do not rank values of {', '.join(_KNOBS[knob] for knob in inside)}.",
        )
