"""EX004."""

from advisor.evidence.evidence import Evidence
from advisor.evidence.queries import compared
from advisor.evidence.round_name import RoundName
from advisor.rules.base import ProbeRule
from advisor.rules.finding import Judgement, detected, not_applicable, not_detected
from advisor.utils.numbers import names

_REST = {"lr": "learning rate", "momentum": "momentum", "weight_decay": "weight decay"}


class RestNotRetunedWithBatch(ProbeRule):
    """The batch size changes: settings that were not re-tuned at the new size are only carried over.

    ## What it reads
    The recommended batch size, and at which batch sizes the other settings were compared.

    ## Why it matters
    The best learning rate, momentum and regularisation all depend on the batch size.

    ## Sources
    P-BS6 re-tunes optimizer settings and regularisation after a change of batch size; S-BS3 rebalances; P-HP treats
    them as nuisance parameters of that comparison.

    ## Known limits
    Compared means in short runs.
    """

    code = "EX004"
    title = "Not everything was re-tuned for the new batch size"
    passed = "The other settings were compared at the recommended batch size"
    neutral = "Other settings at the recommended batch size"
    severity = "info"
    confidence = "high"
    requires = (RoundName.BATCH,)
    sources = ("P-BS6", "S-BS3", "P-HP")
    counterevidence = "the missing settings compared at the recommended batch size"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected if a setting of the optimizer was not compared at the recommended batch size."""
        old, new = evidence.current.batch_size, evidence.choice.batch_size
        if old == new:
            return not_applicable(f"the batch size stays at {old}")
        knobs = [knob for knob in _REST if knob != "momentum" or evidence.choice.momentum is not None]
        done = [knob for knob in knobs if new in {arm.spec.batch_size for arm in compared(evidence, knob)}]
        rest = [_REST[knob] for knob in knobs if knob not in done]
        values = {
            "from": old,
            "to": new,
            "compared": done,
            "carried_over": [knob for knob in knobs if knob not in done],
        }
        text = f"batch size {old} to {new}; compared there: {names(_REST[knob] for knob in done) or 'nothing'}"
        if not rest:
            return not_detected(text, values=values)
        return detected(f"{text}; carried over: {names(rest)}", values=values)
