"""PF009."""

import math

from advisor.evidence.evidence import Evidence
from advisor.evidence.round_name import RoundName
from advisor.rules.base import ProbeRule
from advisor.rules.finding import Judgement, detected, inconclusive, not_applicable, not_detected

_MANY = 50
_FEW = 0.5
_OVERLAP = 0.01


class DataNotShuffled(ProbeRule):
    """Training data are sorted by class, or validation examples are also trained on.

    ## What it reads
    Distinct labels among the first examples in file order, whether the loader shuffles, and the share of
    validation inputs that occur byte for byte in the training data.

    ## Why it matters
    Batches of one class make the loss oscillate and the model forget; a split by position then tests on classes
    that were never trained. Overlap makes the validation loss too optimistic for choosing settings.

    ## Sources
    P-CV6 names overlapping splits and bad shuffling as the cause of odd validation curves.

    ## Known limits
    Probes always shuffle, so order shows only here. Near-duplicates are not found,
    and few distinct inputs (small grids, short texts) repeat by chance.
    """

    code = "PF009"
    title = "Training data are sorted, or overlap with the validation data"
    passed = "Labels are mixed and the splits do not overlap"
    neutral = "Order of the training data, and overlap of the splits"
    severity = "fault"
    confidence = "medium"
    requires = (RoundName.PREFLIGHT,)
    sources = ("P-CV6",)
    counterevidence = "intended duplicates, or a loader that shuffles elsewhere"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected for sorted labels in a loader that does not shuffle, or an overlap above 1 %."""
        seen = evidence.preflight
        if seen is None:
            return inconclusive("nothing was measured before training")
        found, looked = seen.first_labels
        classes = seen.classes or 0
        values = {"first_labels": [found, looked], "shuffled": seen.shuffled, "overlap": seen.overlap}
        few = looked >= _MANY and classes > 1 and found <= max(1, _FEW * min(classes, looked // 10))
        overlap = math.isfinite(seen.overlap) and seen.overlap > _OVERLAP
        parts, todo = [], []
        if few:
            parts.append(f"the first {looked} training examples have {found} of {classes} classes")
            if seen.shuffled is False:
                todo.append("Shuffle the training data in every epoch (DataLoader(..., shuffle=True)).")
        if overlap:
            parts.append(f"{seen.overlap:.1%} of the validation inputs are also training inputs")
            todo.append("Remove them from one of the splits.")
        if overlap or (few and seen.shuffled is False):
            return detected("; ".join(parts), values=values, advice=" ".join(todo))
        if parts:
            text = "; ".join(parts) + ", but the probes shuffle them; make sure that your loop does"
            return not_detected(text, values=values)
        if not looked and math.isnan(seen.overlap):
            return not_applicable("neither class labels nor comparable tensors")
        text = f"{found} of {classes} classes among the first {looked} examples" if looked else "no class labels"
        text += "" if math.isnan(seen.overlap) else f"; overlap {seen.overlap:.1%}"
        return not_detected(text, values=values)
