"""EX005."""

import math

from advisor.evidence.evidence import Evidence
from advisor.evidence.queries import present_momentum, was_run
from advisor.fits import RangeBracket
from advisor.fits.types import FitFailed
from advisor.rules.base import Rule
from advisor.rules.finding import Judgement, detected
from advisor.utils.numbers import rate


class SourcesDisagree(Rule):
    """The sources advise different things for a setting that was decided here.

    ## What it reads
    Which settings were measured, and what two schools say about each.

    ## Why it matters
    Advice that hides a disagreement looks surer than it is.

    ## Sources
    Batch size: S-BS1 against P-BS1. Rate: S-LR1 against G-1. Schedule: S-LR4 against P-DEC. Momentum: S-M2
    against G-3.

    ## Known limits
    A list of known disagreements; the measurement of this task decides each, at the lengths that were run.
    """

    code = "EX005"
    title = "Sources disagree; the measurement decided"
    passed = "No disagreement between sources matters here"
    severity = "info"
    confidence = "high"
    requires = ("ladder",)
    sources = ("S-BS1", "P-BS1", "S-LR1", "G-1", "S-LR4", "P-DEC", "S-M2", "G-3")
    doubt = "a full-length comparison of the two sides"

    def check(self, evidence: Evidence) -> Judgement:
        """Names each disagreement with what was measured."""
        parts = [part for part in (_rate(evidence), _schedule(evidence), _batch(evidence), _momentum(evidence)) if part]
        return detected("; ".join(parts), values={"settings": len(parts)})


def _rate(evidence: Evidence) -> str:
    bracket, response = evidence.bracket, evidence.response("lr")
    if not isinstance(bracket, RangeBracket) or response is None or isinstance(response.best, FitFailed):
        return "rate: the end of the range test (Smith) or a tenth of it (Gugger): short runs did not decide"
    top, best = bracket.best.value, response.best.value
    nearer = "Smith's" if best > top / math.sqrt(10) else "Gugger's"
    return (
        f"rate: the minimum of the range test (Smith, {rate(top)}) or a tenth of it (Gugger, {rate(top / 10)}): "
        f"short runs found {rate(best)}, nearer to {nearer}"
    )


def _schedule(evidence: Evidence) -> str:
    chosen = evidence.choice.schedule
    return f"schedule: a long rise (Smith) or a short warm-up and cosine (Playbook): not compared, {chosen} was used"


def _batch(evidence: Evidence) -> str:
    if not was_run(evidence, "batch"):
        return ""
    old, new = evidence.current.batch_size, evidence.choice.batch_size
    found = f"{new} did better than {old}" if new != old else f"{old} was not beaten"
    return f"batch size: the largest (Smith) or only a matter of speed (Playbook): at equal examples {found}"


def _momentum(evidence: Evidence) -> str:
    if not was_run(evidence, "momentum") or present_momentum(evidence) is None:
        return ""
    what = "the cycle won" if evidence.choice.cycle_momentum else "the cycle did not win beyond the noise"
    return f"momentum: cycled (Smith) or constant (Gugger found little gain): {what}"
