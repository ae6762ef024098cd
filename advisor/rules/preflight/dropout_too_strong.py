"""PF032."""

from advisor.evidence.evidence import Evidence
from advisor.evidence.round_name import RoundName
from advisor.rules.base import ProbeRule
from advisor.rules.finding import Judgement, detected, inconclusive, not_detected

_MOST = 0.8


class DropoutTooStrong(ProbeRule):
    """A dropout layer drops nearly everything.

    ## What it reads
    The probability of every dropout module.

    ## Why it matters
    In PyTorch it is the share that is dropped. If it was meant as the share to keep, 0.9 leaves a tenth of the signal.

    ## Sources
    N-DROP: 0.5 for hidden units is usual.

    ## Known limits
    Functional dropout is not seen.
    """

    code = "PF032"
    title = "Dropout drops nearly everything"
    passed = "Dropout rates are common"
    neutral = "Whether dropout rates are common"
    severity = "advice"
    confidence = "medium"
    requires = (RoundName.PREFLIGHT,)
    sources = ("N-DROP",)
    counterevidence = "a search that found this rate to be best"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected above 0.8."""
        seen = evidence.preflight
        if seen is None:
            return inconclusive("nothing was measured before training")
        rate, name = seen.looks.dropout_share, seen.looks.dropout
        text = f"the largest dropout rate is {rate:g}" + (f" ({name})" if name else "")
        if rate <= _MOST:
            return not_detected(text, values={"rate": rate})
        return detected(text, values={"rate": rate}, advice="p is the share that is dropped: 0.1 to 0.5 is common.")
