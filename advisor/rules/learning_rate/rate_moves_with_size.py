"""LR012."""

from typing import Any

from advisor.evidence.evidence import Evidence
from advisor.evidence.round_name import RoundName
from advisor.evidence.sizes import best_by_size
from advisor.fits.carry import Carried, Size, carry
from advisor.fits.carry_laws import BATCH, RATE, RATE_AT_BATCH, Exponent, carried_beta2
from advisor.fits.types import FitFailed
from advisor.rules.base import ProbeRule
from advisor.rules.finding import Judgement, detected, inconclusive, not_detected
from advisor.utils.numbers import count, number, rate, times

_APART = 1.5
_MORE = 10.0


class RateMovesWithSize(ProbeRule):
    """The best learning rate depends on how many examples a run trains on.

    ## What it reads
    The best rate of each size of run that was probed, copies on a part of the data and shorter runs alike, where it was
    closed in from both sides: rates of other batch sizes are brought to the largest one's by the root. Their exponent
    over the examples is pooled with what is published.

    ## Why it matters
    A rate found on a small run is carried to the full one, and by the same law to a larger one: for ten times the
    examples the finding says what becomes of rate, batch size, total decay and Adam's second beta.

    ## Sources
    While the batch stays the sources disagree: CL-TOKENS finds a rate that falls as examples ** -0.32, CL-STEP one that
    falls at small batches and rises at large ones; so 0 is assumed until it is measured. Where the batch grows as
    the root of the data (CL-CBS, CL-POWER), the rate grows as the root of the batch (CL-SQRT). Rate × decay × steps is
    kept (WD-T), and the half-life of the second moment in examples (CL-BETA2).

    ## Known limits
    Most sources train language models with AdamW in one pass. Sizes a factor of ten apart tell an exponent to about
    0.1; the best rates of copies are a little low for SGD.
    """

    code = "LR012"
    title = "The best rate moves with the number of examples trained on"
    passed = "The best rate holds for more and for fewer examples"
    neutral = "Whether the best rate moves with the number of examples trained on"
    severity = "info"
    confidence = "low"
    requires = (RoundName.LADDER,)
    sources = ("CL-TOKENS", "CL-STEP", "CL-CBS", "CL-POWER", "CL-SQRT", "WD-T", "CL-BETA2")
    counterevidence = "the best rate of a run of another size, closed in from both sides"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected if the interval of the exponent, measured and published together, leaves out 0."""
        optima = best_by_size(evidence)
        sizes = [size.data for size, _ in optima]
        if not optima or max(sizes) < _APART * min(sizes):
            return inconclusive("the best rate was closed in from both sides at fewer than two sizes of run")
        found = carry(optima, Size(_MORE * evidence.full_run_examples), keep_batch=True)
        if isinstance(found, FitFailed):
            return inconclusive(found.reason)
        exponent = found.rate_over_data
        values: dict[str, Any] = {
            "exponent": exponent.value,
            "low": exponent.low,
            "high": exponent.high,
            "published": [RATE_AT_BATCH.over_data.range.low, RATE_AT_BATCH.over_data.range.high],
            "sizes": [[size.data, best.at, best.rate.value] for size, best in optima],
            "rate_at_ten_times": [found.rate.value, found.rate.low, found.rate.high],
        }
        seen = f"from {count(min(sizes))} to {count(max(sizes))} examples at batch size {found.batch.value:.0f}"
        power = f"examples ** {_with_interval(exponent.value, exponent.low, exponent.high)}"
        text = f"{seen} the best rate goes as {power}; published: {_range(RATE_AT_BATCH.over_data)}"
        if exponent.low <= 0.0 <= exponent.high:
            return not_detected(text, values=values)
        return detected(text, values=values, advice=_for_more(evidence, found))


def _with_interval(value: float, low: float, high: float) -> str:
    return f"{number(value, 2)} ({number(low, 2)} to {number(high, 2)})"


def _range(exponent: Exponent) -> str:
    return f"{number(exponent.range.low, 2)} to {number(exponent.range.high, 2)}"


def _for_more(evidence: Evidence, found: Carried) -> str:
    """What becomes of the settings for ten times the examples."""
    batch, faster = BATCH.over_data.factor(_MORE), RATE.over_data.factor(_MORE)
    kept = found.rate
    text = (
        f"For {_MORE:.0f} times the examples at this batch size use a rate of {rate(kept.value)} ({rate(kept.low)} to "
        f"{rate(kept.high)}), and divide weight decay so that rate × decay × steps stays. Published laws instead "
        f"multiply the batch size by {times(batch.value)} ({times(batch.low)} to {times(batch.high)}) and the rate by "
        f"{times(faster.value)} ({times(faster.low)} to {times(faster.high)})"
    )
    beta2 = evidence.choice.extra.get("beta2")
    if beta2 is not None:
        text += f", with a second beta of {number(carried_beta2(beta2, 1.0, batch.value), 4)} for {number(beta2, 4)}"
    return text + ". Check it on a run of intermediate size first."
