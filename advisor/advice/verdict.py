"""The verdict of a report: one sentence for the user."""

import math
from collections.abc import Sequence

from advisor.advice.recommend import Recommendation
from advisor.evidence.evidence import Evidence
from advisor.evidence.learned import learned
from advisor.rules.finding import Finding
from advisor.schema.report import Status
from advisor.utils.numbers import rate, times

_KEPT = "Keep your settings: in the same run they did as well as anything that was tried."
_NOTHING_LEARNED = (
    "Cannot tell: no run within the budget does better than a constant prediction. Your settings are unchanged."
)
_SCHEDULES = {
    "1cycle": "a 1cycle schedule",
    "cosine": "warm-up and a cosine schedule",
    "triangular": "triangular cycles",
    "constant": "a constant rate",
}


def verdict(evidence: Evidence, findings: Sequence[Finding], choice: Recommendation | None, status: Status) -> str:
    """The recommendation in short, or why there is none."""
    if status == "untrainable":
        stops = [finding for finding in findings if finding.judgement.blocking]
        return "This cannot be trained as it is: " + (stops[0].title if stops else "no run finished") + "."
    if choice is None:
        return "Interrupted before anything could be recommended."
    faults = [f for f in findings if f.severity == "fault" and f.judgement.verdict == "detected"]
    if choice.kept:
        head = _KEPT if learned(evidence) else _NOTHING_LEARNED
        return f"First fix: {faults[0].title}. Then: {head[0].lower()}{head[1:]}" if faults else head
    now = evidence.current_settings.peak_lr
    parts = []
    lr = choice.hparams.lr
    if not math.isclose(lr, now, rel_tol=0.2):
        factor = lr / now
        size = f"{times(factor)} times larger" if factor > 1 else f"{times(1 / factor)} times smaller"
        parts.append(f"a learning rate of {rate(lr)} ({size})")
    if choice.config.batch_size != evidence.current.batch_size:
        parts.append(f"batch size {choice.config.batch_size}")
    if choice.config.epochs != evidence.current.epochs:
        parts.append(f"{choice.config.epochs} instead of {evidence.current.epochs} epochs")
    if (choice.config.schedule is None) != (evidence.current.schedule is None):
        parts.append(_SCHEDULES[choice.hparams.schedule])
    head = "Train with " + ", ".join(parts) + "." if parts else "Keep your settings: nothing measured does better."
    if faults:
        head = f"First fix: {_inside(faults[0].title)}. Then: {_inside(head)}"
    return ("Interrupted; preliminary: " + head) if status == "interrupted" else head


def _inside(sentence: str) -> str:
    """A sentence as part of another: without its capital, unless its first word is a name in capitals."""
    return sentence if sentence[1:2].isupper() else sentence[:1].lower() + sentence[1:]
