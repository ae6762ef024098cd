"""FT006."""

from advisor.logs.evidence import RunEvidence
from advisor.logs.queries import place
from advisor.logs.scatter import late_scatter
from advisor.rules.base import LogRule
from advisor.rules.finding import Judgement, detected, inconclusive, not_detected
from advisor.utils.numbers import number

_LARGE = 0.15


class LateVariance(LogRule):
    """The validation loss scatters late in the run, when it should have settled.

    ## What it reads
    The scatter of the last validation losses around their trend, as a share of the improvement. Under a known
    schedule only the part where the rate is low counts.

    ## Why it matters
    The result then depends on where the run happens to stop.

    ## Sources
    P-CV2 names the causes: small batches, few validation data, or a rate that is high late in training. P-EV: keep
    the best checkpoint.

    ## Known limits
    Cannot tell the three causes apart from one run; other runs on the same validation data can (see the
    comparison). Single spikes do not count. A run that ends inside a cycle is not judged.
    """

    code = "FT006"
    title = "The validation loss is unsteady late in the run"
    passed = "The validation loss is steady late in the run"
    neutral = "Steadiness of the validation loss late in the run"
    severity = "advice"
    confidence = "medium"
    requires_curves = ("val",)
    sources = ("P-CV2", "P-EV")
    counterevidence = "a run with a lower late rate, or more validation data, that is as unsteady"

    def check_log(self, evidence: RunEvidence) -> Judgement:
        """Detected if the late scatter is at least 15 % of the improvement."""
        found = late_scatter(evidence)
        if isinstance(found, str):
            return inconclusive(found)
        values = {"scatter": found.size, "share": found.share, "from": found.since}
        text = (
            f"validation loss scatters by {number(found.size)} after "
            f"{place(found.since)}, {found.share:.0%} of the improvement"
        )
        if found.share < _LARGE:
            return not_detected(text, values=values)
        lower = "" if evidence.schedule.annealed else "Lower the rate towards the end (decay it); "
        return detected(
            text,
            values=values,
            advice=f"{lower}keep the best checkpoint, validate on more data, or use larger batches.",
        )
